/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each axis is scaled by itself, with the picture rounded to bytes in between, which makes the
 * order matter: along the rows first, unless the picture loses many more rows than columns. An
 * output position is a weighted mean of a window of input positions around it. When the axis
 * shrinks, the window grows with the factor, so that every input pixel counts. Weights are computed
 * in double precision, divided by their sum and rounded to fixed point with 22 fractional bits; a
 * sum of products starts at one half and is cut, which rounds it.
 */
#include "resize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_BITS 22

/* How one axis is scaled: for each output position a window and its weights. */
typedef struct axis {
    size_t window; /* weights kept for each output position */
    int32_t *first;
    int32_t *count;
    int32_t *weights;
} axis;

static double triangle(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

/* Keys' cubic with a = -1/2. */
static double cubic(double x)
{
    static const double a = -0.5;
    x = fabs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
    return 0.0;
}

static void free_axis(axis *scaling)
{
    free(scaling->first);
    free(scaling->count);
    free(scaling->weights);
    *scaling = (axis){0};
}

/* Fills the window of output position `out`; `scale` is input positions per output position. */
static void set_window(axis *scaling, size_t out, int32_t from, double scale, cli_filter filter,
                       double *exact)
{
    double stretch = scale < 1.0 ? 1.0 : scale;
    double reach = (filter == CLI_BICUBIC ? 2.0 : 1.0) * stretch;
    double center = ((double)out + 0.5) * scale;
    double inverse = 1.0 / stretch;
    double sum = 0.0;
    int32_t first = (int32_t)(center - reach + 0.5);
    int32_t end = (int32_t)(center + reach + 0.5);
    int32_t *weights = scaling->weights + out * scaling->window;
    if (first < 0) first = 0;
    if (end > from) end = from;
    int32_t count = end - first;
    for (int32_t i = 0; i < count; ++i) {
        double x = (i + first - center + 0.5) * inverse;
        exact[i] = filter == CLI_BICUBIC ? cubic(x) : triangle(x);
        sum += exact[i];
    }
    for (int32_t i = 0; i < count; ++i) {
        double weight = sum != 0.0 ? exact[i] / sum : exact[i];
        double half = weight < 0.0 ? -0.5 : 0.5;
        weights[i] = (int32_t)(half + weight * (double)(1 << WEIGHT_BITS));
    }
    scaling->first[out] = first;
    scaling->count[out] = count;
}

static midge_status make_axis(const char *name, int32_t from, int32_t to, cli_filter filter,
                              axis *scaling, midge_error *error)
{
    double scale = (double)from / to;
    double reach = (filter == CLI_BICUBIC ? 2.0 : 1.0) * (scale < 1.0 ? 1.0 : scale);
    size_t outputs = (size_t)to;
    scaling->window = (size_t)ceil(reach) * 2 + 1;
    if (outputs > SIZE_MAX / sizeof(double) / scaling->window) {
        return cli_fail_memory(error, name, SIZE_MAX);
    }
    double *exact = malloc(scaling->window * sizeof *exact);
    scaling->first = malloc(outputs * sizeof *scaling->first);
    scaling->count = malloc(outputs * sizeof *scaling->count);
    scaling->weights = malloc(outputs * scaling->window * sizeof *scaling->weights);
    bool complete = exact != NULL && scaling->first != NULL && scaling->count != NULL &&
                    scaling->weights != NULL;
    for (size_t out = 0; complete && out < outputs; ++out) {
        set_window(scaling, out, from, scale, filter, exact);
    }
    free(exact);
    if (complete) return MIDGE_OK;
    free_axis(scaling);
    return cli_fail_memory(error, name, outputs * scaling->window * sizeof(int32_t));
}

/* One output value from `count` input values that lie `step` bytes apart. */
static inline unsigned char weighted(const unsigned char *from, size_t step, const int32_t *weights,
                                     int32_t count)
{
    int32_t sum = 1 << (WEIGHT_BITS - 1);
    for (int32_t i = 0; i < count; ++i) sum += from[(size_t)i * step] * weights[i];
    if (sum < 0) return 0;
    return sum >> WEIGHT_BITS > 255 ? 255 : (unsigned char)(sum >> WEIGHT_BITS);
}

static void scale_row(const axis *scaling, const unsigned char *from, size_t width, size_t channels,
                      unsigned char *to)
{
    for (size_t x = 0; x < width; ++x) {
        const unsigned char *window = from + (size_t)scaling->first[x] * channels;
        const int32_t *weights = scaling->weights + x * scaling->window;
        for (size_t c = 0; c < channels; ++c) {
            *to++ = weighted(window + c, channels, weights, scaling->count[x]);
        }
    }
}

/* The cheaper order, by Pillow's measure since version 13. */
static bool columns_first(const cli_image *image, int32_t width, int32_t height)
{
    int64_t fewer_rows = (int64_t)image->height - height;
    return fewer_rows > 0 && fewer_rows > 2 * ((int64_t)image->width - width);
}

static midge_status allocate(const char *name, int32_t width, int32_t height, int channels,
                             cli_image *image, midge_error *error)
{
    uint64_t bytes = (uint64_t)width * (uint64_t)height;
    if (bytes > CLI_IMAGE_MAX_PIXELS) {
        return cli_fail(error, MIDGE_LIMIT_EXCEEDED,
                        "%s: scaling it to %d x %d passes %d megapixels", name, width, height,
                        CLI_IMAGE_MAX_PIXELS / 1000000);
    }
    bytes *= (uint64_t)channels;
    *image = (cli_image){width, height, channels, malloc((size_t)bytes), ""};
    if (image->pixels == NULL) return cli_fail_memory(error, name, (size_t)bytes);
    return MIDGE_OK;
}

/* Scales the rows first_row … first_row + rows - 1, which are all that the columns need. */
static midge_status scale_rows(const char *name, const cli_image *image, int32_t width,
                               int32_t first_row, int32_t rows, cli_filter filter,
                               cli_image *result, midge_error *error)
{
    axis scaling = {0};
    size_t channels = (size_t)image->channels;
    TRY(make_axis(name, image->width, width, filter, &scaling, error));
    midge_status status = allocate(name, width, rows, image->channels, result, error);
    for (int32_t y = 0; status == MIDGE_OK && y < rows; ++y) {
        size_t from = (size_t)(first_row + y) * (size_t)image->width * channels;
        size_t to = (size_t)y * (size_t)width * channels;
        scale_row(&scaling, image->pixels + from, (size_t)width, channels, result->pixels + to);
    }
    free_axis(&scaling);
    return status;
}

/* `image` begins with row first_row of what the axis was made for. */
static midge_status scale_columns(const char *name, const axis *scaling, const cli_image *image,
                                  int32_t first_row, int32_t height, cli_image *result,
                                  midge_error *error)
{
    size_t row_bytes = (size_t)image->width * (size_t)image->channels;
    TRY(allocate(name, image->width, height, image->channels, result, error));
    for (size_t y = 0; y < (size_t)height; ++y) {
        const unsigned char *window =
            image->pixels + (size_t)(scaling->first[y] - first_row) * row_bytes;
        const int32_t *weights = scaling->weights + y * scaling->window;
        unsigned char *to = result->pixels + y * row_bytes;
        for (size_t i = 0; i < row_bytes; ++i) {
            to[i] = weighted(window + i, row_bytes, weights, scaling->count[y]);
        }
    }
    return MIDGE_OK;
}

static midge_status scale_both(const char *name, const axis *columns, const cli_image *image,
                               cli_filter filter, cli_image *resized, midge_error *error)
{
    int32_t width = resized->width, height = resized->height;
    cli_image half = {0};
    midge_status status;
    if (columns_first(image, width, height)) {
        status = scale_columns(name, columns, image, 0, height, &half, error);
        if (status == MIDGE_OK) {
            status = scale_rows(name, &half, width, 0, height, filter, resized, error);
        }
    } else {
        int32_t first = columns->first[0];
        int32_t end = columns->first[height - 1] + columns->count[height - 1];
        status = scale_rows(name, image, width, first, end - first, filter, &half, error);
        if (status == MIDGE_OK) {
            status = scale_columns(name, columns, &half, first, height, resized, error);
        }
    }
    cli_image_free(&half);
    return status;
}

static midge_status resample(const char *name, const cli_image *image, cli_filter filter,
                             cli_image *resized, midge_error *error)
{
    axis columns = {0};
    midge_status status;
    if (resized->height == image->height) {
        return scale_rows(name, image, resized->width, 0, image->height, filter, resized, error);
    }
    TRY(make_axis(name, image->height, resized->height, filter, &columns, error));
    if (resized->width == image->width) {
        status = scale_columns(name, &columns, image, 0, resized->height, resized, error);
    } else {
        status = scale_both(name, &columns, image, filter, resized, error);
    }
    free_axis(&columns);
    return status;
}

/* The input position of each output position: the one whose area contains its centre. Stepping by
 * addition, as Pillow does, decides ties the same way. */
static void nearest_positions(int32_t from, int32_t to, int32_t *positions)
{
    double step = (double)from / to;
    double place = step * 0.5;
    for (int32_t i = 0; i < to; ++i, place += step) {
        positions[i] = (int32_t)place < from ? (int32_t)place : from - 1;
    }
}

static midge_status pick_nearest(const char *name, const cli_image *image, cli_image *resized,
                                 midge_error *error)
{
    size_t width = (size_t)resized->width, height = (size_t)resized->height;
    size_t channels = (size_t)image->channels;
    int32_t *columns = malloc((width + height) * sizeof *columns);
    if (columns == NULL) return cli_fail_memory(error, name, (width + height) * sizeof *columns);
    int32_t *rows = columns + width;
    nearest_positions(image->width, resized->width, columns);
    nearest_positions(image->height, resized->height, rows);
    midge_status status =
        allocate(name, resized->width, resized->height, image->channels, resized, error);
    for (size_t i = 0; status == MIDGE_OK && i < width * height; ++i) {
        size_t row = (size_t)rows[i / width], column = (size_t)columns[i % width];
        memcpy(resized->pixels + i * channels,
               image->pixels + (row * (size_t)image->width + column) * channels, channels);
    }
    free(columns);
    return status;
}

midge_status cli_image_resize(const char *name, const cli_image *image, int32_t width,
                              int32_t height, cli_filter filter, cli_image *resized,
                              midge_error *error)
{
    cli_image result = {.width = width, .height = height};
    midge_status status;
    if (width < 1 || height < 1) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: cannot be scaled to %d x %d", name,
                        width, height);
    }
    if (width == image->width && height == image->height) {
        status = allocate(name, width, height, image->channels, &result, error);
        if (status == MIDGE_OK) {
            memcpy(result.pixels, image->pixels,
                   (size_t)width * (size_t)height * (size_t)image->channels);
        }
    } else if (filter == CLI_NEAREST) {
        status = pick_nearest(name, image, &result, error);
    } else {
        status = resample(name, image, filter, &result, error);
    }
    if (status == MIDGE_OK) {
        *resized = result;
    } else {
        cli_image_free(&result);
    }
    return status;
}
