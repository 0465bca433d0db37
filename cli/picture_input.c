/* SPDX-License-Identifier: Apache-2.0 */
#include "picture_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "element.h"
#include "model_file.h"
#include "npy.h"

midge_status cli_range_read(const char *option, const char *text, double range[2],
                            midge_error *error)
{
    char *end = NULL;
    range[0] = strtod(text, &end);
    bool good = end != text && *end == ':';
    const char *second = good ? end + 1 : end;
    range[1] = strtod(second, &end);
    if (good && end != second && *end == '\0' && isfinite(range[0]) && isfinite(range[1]) &&
        range[0] != range[1]) {
        return MIDGE_OK;
    }
    return cli_usage(error, "%s takes two numbers such as 0:1, not '%s'", option, text);
}

static midge_status refuse_shape(const cli_picture_input *input, midge_error *error)
{
    char shape[CLI_SHAPE_TEXT];
    const midge_tensor *tensor = midge_session_input(input->session, 0);
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: its input is %s, but classify needs a picture of 1 or 3 channels; use "
                    "'midge run'",
                    input->model,
                    cli_shape_text(midge_tensor_rank(tensor), midge_tensor_shape(tensor), shape));
}

static bool is_channels(int32_t size)
{
    return size == 1 || size == 3;
}

/* Sets the axes of a shape, or returns false. */
static bool find_axes(cli_picture_input *input, int rank, const int32_t *shape)
{
    input->batch_axis = rank >= 3 ? 0 : -1;
    input->channel_axis = -1;
    input->channels = 1;
    input->height_axis = rank - 2;
    input->width_axis = rank - 1;
    if (rank == 2 && shape[0] == 1 && shape[1] > 1) {
        int32_t side = (int32_t)lround(sqrt((double)shape[1]));
        input->batch_axis = 0;
        input->height_axis = input->width_axis = -1;
        input->height = input->width = side;
        return (int64_t)side * side == shape[1];
    }
    if (rank == 3 && is_channels(shape[2]) && shape[0] > 1) {
        input->batch_axis = -1;
        input->channel_axis = 2;
        input->height_axis = 0;
        input->width_axis = 1;
    } else if (rank == 4 && is_channels(shape[3])) {
        input->channel_axis = 3;
        input->height_axis = 1;
        input->width_axis = 2;
    } else if (rank == 4 && is_channels(shape[1])) {
        input->channel_axis = 1;
    } else if (rank != 2 && rank != 3) {
        return false;
    }
    if (input->channel_axis >= 0) input->channels = shape[input->channel_axis];
    input->height = shape[input->height_axis];
    input->width = shape[input->width_axis];
    return true;
}

/* Sizes that the file leaves open are those of the picture. */
static void open_sizes(cli_picture_input *input, const midge_tensor *tensor)
{
    int rank = 0;
    const int32_t *signature = midge_tensor_shape_signature(tensor, &rank);
    if (input->height_axis < 0 || rank != midge_tensor_rank(tensor)) return;
    if (signature[input->height_axis] < 0 && input->height <= 1) input->height = 0;
    if (signature[input->width_axis] < 0 && input->width <= 1) input->width = 0;
}

/* How pixels become what the input takes. */
typedef struct scaling {
    bool as_stored; /* without any arithmetic */
    float mean[3];
    float deviation[3];
    midge_type type;
    midge_quantization quantization;
} scaling;

static scaling find_scaling(const midge_tensor *tensor, const midge_metadata *metadata,
                            const double range[2])
{
    scaling result = {.type = midge_tensor_type(tensor),
                      .quantization = midge_tensor_quantization(tensor)};
    midge_tensor_metadata about = {0};
    double low = range != NULL ? range[0] : -1.0;
    double high = range != NULL ? range[1] : 1.0;
    bool stated = metadata != NULL && midge_metadata_tensor(metadata, false, 0, &about) &&
                  about.mean_count > 0 && about.deviation_count > 0;
    result.as_stored =
        result.type == MIDGE_UINT8 || (result.type == MIDGE_INT8 && range == NULL && !stated);
    for (size_t i = 0; i < 3; ++i) {
        if (range == NULL && stated) {
            result.mean[i] = about.mean[about.mean_count > i ? i : 0];
            result.deviation[i] = about.deviation[about.deviation_count > i ? i : 0];
        } else {
            result.deviation[i] = (float)(255.0 / (high - low));
            result.mean[i] = (float)(-low * 255.0 / (high - low));
        }
    }
    return result;
}

static double clamped(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Encodes one pixel value; returns the bytes it takes. */
static size_t encode(const scaling *how, size_t channel, int pixel, unsigned char to[4])
{
    float real = ((float)pixel - how->mean[channel]) / how->deviation[channel];
    double value = (double)real;
    if (how->quantization.count > 0) {
        value = rint(value / (double)how->quantization.scale[0]) +
                (double)how->quantization.zero_point[0];
    }
    if (how->type == MIDGE_UINT8 || how->type == MIDGE_INT8) {
        double byte = clamped(rint(value), -128, 127);
        if (how->as_stored) byte = how->type == MIDGE_UINT8 ? pixel : pixel - 128;
        to[0] = (unsigned char)(int)byte;
        return 1;
    }
    float single = (float)value;
    uint16_t half = cli_float_to_half(single);
    int16_t number = (int16_t)clamped(rint(value), -32768, 32767);
    if (how->type == MIDGE_FLOAT32) {
        memcpy(to, &single, 4);
        return 4;
    }
    memcpy(to, how->type == MIDGE_FLOAT16 ? (void *)&half : (void *)&number, 2);
    return 2;
}

static midge_status set_encoding(cli_picture_input *input, const scaling *how, midge_error *error)
{
    for (size_t channel = 0; channel < 3; ++channel) {
        if (!isfinite(how->mean[channel]) || !isfinite(how->deviation[channel]) ||
            how->deviation[channel] == 0.0f) {
            return cli_fail(
                error, MIDGE_INVALID_MODEL,
                "%s: its metadata states a normalisation of mean %g, deviation %g; give "
                "--range instead",
                input->model, (double)how->mean[channel], (double)how->deviation[channel]);
        }
        for (int pixel = 0; pixel < 256; ++pixel) {
            input->element_bytes = encode(how, channel, pixel, input->encoded[channel][pixel]);
        }
    }
    return MIDGE_OK;
}

midge_status cli_picture_input_find(const char *model, midge_session *session,
                                    const midge_metadata *metadata, const double range[2],
                                    cli_filter filter, cli_picture_input *input, midge_error *error)
{
    *input = (cli_picture_input){.model = model, .session = session, .filter = filter};
    if (midge_session_input_count(session) != 1) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: has %zu inputs, but classify gives one picture; use 'midge run'",
                        model, midge_session_input_count(session));
    }
    const midge_tensor *tensor = midge_session_input(session, 0);
    midge_type type = midge_tensor_type(tensor);
    if (type != MIDGE_UINT8 && type != MIDGE_INT8 && type != MIDGE_INT16 && type != MIDGE_FLOAT32 &&
        type != MIDGE_FLOAT16) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: its input is of type %s, which is none for pictures; use 'midge run'",
                        model, midge_type_name(type));
    }
    if (!find_axes(input, midge_tensor_rank(tensor), midge_tensor_shape(tensor))) {
        return refuse_shape(input, error);
    }
    open_sizes(input, tensor);
    scaling how = find_scaling(tensor, metadata, range);
    return set_encoding(input, &how, error);
}

/* Gives the session's input the sizes of the picture to be written. */
static midge_status fit_session(const cli_picture_input *input, int32_t height, int32_t width,
                                midge_error *error)
{
    const midge_tensor *tensor = midge_session_input(input->session, 0);
    int32_t shape[MIDGE_MAX_RANK];
    int rank = midge_tensor_rank(tensor);
    memcpy(shape, midge_tensor_shape(tensor), (size_t)rank * sizeof *shape);
    if (input->batch_axis >= 0) shape[input->batch_axis] = 1;
    if (input->height_axis >= 0) {
        shape[input->height_axis] = height;
        shape[input->width_axis] = width;
    }
    if (memcmp(shape, midge_tensor_shape(tensor), (size_t)rank * sizeof *shape) == 0) {
        return MIDGE_OK;
    }
    midge_status status = midge_session_resize_input(input->session, 0, rank, shape);
    if (status == MIDGE_OK) status = midge_session_prepare(input->session);
    if (status == MIDGE_OK) return MIDGE_OK;
    return cli_session_failed(input->model, input->session, status, error);
}

static midge_status write_pixels(const cli_picture_input *input, const cli_image *image,
                                 midge_error *error)
{
    size_t bytes = midge_tensor_bytes(midge_session_input(input->session, 0));
    size_t channels = (size_t)image->channels;
    size_t area = (size_t)image->width * (size_t)image->height;
    size_t step = input->element_bytes;
    bool planes = input->channel_axis == 1;
    if (area * channels * step != bytes) return refuse_shape(input, error);
    unsigned char *data = malloc(bytes);
    if (data == NULL) return cli_fail_memory(error, input->model, bytes);
    for (size_t i = 0; i < area * channels; ++i) {
        size_t channel = i % channels;
        size_t place = planes ? channel * area + i / channels : i;
        memcpy(data + place * step, input->encoded[channel][image->pixels[i]], step);
    }
    midge_status status = midge_session_write_input(input->session, 0, data, bytes);
    free(data);
    if (status == MIDGE_OK) return MIDGE_OK;
    return cli_session_failed(input->model, input->session, status, error);
}

midge_status cli_picture_input_write(const cli_picture_input *input, const char *name,
                                     cli_image *image, midge_error *error)
{
    cli_image scaled = {0};
    int32_t height = input->height > 0 ? input->height : image->height;
    int32_t width = input->width > 0 ? input->width : image->width;
    if (input->channels == 1) cli_image_to_grey(image);
    TRY(cli_image_resize(name, image, width, height, input->filter, &scaled, error));
    midge_status status = fit_session(input, height, width, error);
    if (status == MIDGE_OK) status = write_pixels(input, &scaled, error);
    cli_image_free(&scaled);
    return status;
}
