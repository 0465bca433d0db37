/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes of a picture: one turn of the plane by rotation, zoom, shift and flip, read with
 * bilinear weights; then its values. */
#include "train/train_batch.h"

typedef struct picture {
    int32_t height;
    int32_t width;
    int32_t channels;
} picture;

/* Where the pixel at (x, y) comes from: x' = xx x + xy y + x0, and so for y. */
typedef struct plane {
    double xx, xy, x0;
    double yx, yy, y0;
} plane;

/* From -1 to 1. */
static double both_ways(uint64_t stream, uint64_t place)
{
    return 2 * mg_random_unit(stream, place) - 1;
}

bool mg_train_augments(const midge_augmentation *how)
{
    return how->shift_x != 0 || how->shift_y != 0 || how->rotate != 0 || how->zoom != 0 ||
           how->flip_x || how->flip_y || how->brightness != 0 || how->contrast != 0 ||
           how->noise != 0;
}

static plane draw_plane(const midge_augmentation *how, uint64_t stream, const picture *size)
{
    double middle_x = ((double)size->width - 1) / 2, middle_y = ((double)size->height - 1) / 2;
    double angle = how->rotate * both_ways(stream, 0) * 3.14159265358979324 / 180;
    double scale = 1 / (1 + how->zoom * both_ways(stream, 1));
    double mirror_x = how->flip_x && mg_random_unit(stream, 2) < 0.5 ? -1 : 1;
    double mirror_y = how->flip_y && mg_random_unit(stream, 3) < 0.5 ? -1 : 1;
    double shift_x = how->shift_x * both_ways(stream, 4) * (double)size->width;
    double shift_y = how->shift_y * both_ways(stream, 5) * (double)size->height;
    plane at = {.xx = mirror_x * scale * cos(angle),
                .xy = mirror_x * scale * -sin(angle),
                .yx = mirror_y * scale * sin(angle),
                .yy = mirror_y * scale * cos(angle)};
    at.x0 = middle_x - at.xx * (middle_x + shift_x) - at.xy * (middle_y + shift_y);
    at.y0 = middle_y - at.yx * (middle_x + shift_x) - at.yy * (middle_y + shift_y);
    return at;
}

static double held(double value, int32_t count)
{
    return value < 0 ? 0 : value > (double)count - 1 ? (double)count - 1 : value;
}

static void turn(const plane *at, const picture *size, const float *from, float *to)
{
    size_t channels = (size_t)size->channels, row = (size_t)size->width * channels;
    for (int32_t y = 0; y < size->height; ++y)
        for (int32_t x = 0; x < size->width; ++x, to += channels) {
            double from_x = held(at->xx * x + at->xy * y + at->x0, size->width);
            double from_y = held(at->yx * x + at->yy * y + at->y0, size->height);
            int32_t left = (int32_t)from_x, top = (int32_t)from_y;
            float right_share = (float)(from_x - left), lower_share = (float)(from_y - top);
            size_t right = left + 1 < size->width ? channels : 0;
            size_t lower = top + 1 < size->height ? row : 0;
            const float *corner = from + (size_t)top * row + (size_t)left * channels;
            for (size_t c = 0; c < channels; ++c) {
                float upper = corner[c] + (corner[right + c] - corner[c]) * right_share;
                float under = corner[lower + c] +
                              (corner[lower + right + c] - corner[lower + c]) * right_share;
                to[c] = upper + (under - upper) * lower_share;
            }
        }
}

void mg_train_augment(const midge_augmentation *how, uint64_t stream, int32_t rank,
                      const int32_t *shape, float *sample, float *scratch)
{
    const picture size = {shape[0], shape[1], rank > 2 ? shape[2] : 1};
    size_t count = (size_t)size.height * (size_t)size.width * (size_t)size.channels;
    bool moves = how->shift_x != 0 || how->shift_y != 0 || how->rotate != 0 || how->zoom != 0 ||
                 how->flip_x || how->flip_y;
    if (moves) {
        plane at = draw_plane(how, stream, &size);
        memcpy(scratch, sample, count * sizeof(float));
        turn(&at, &size, scratch, sample);
    }
    if (how->contrast != 0 || how->brightness != 0) {
        float factor = (float)(1 + how->contrast * both_ways(stream, 6));
        float addend = (float)(how->brightness * both_ways(stream, 7));
        double mean = 0;
        for (size_t i = 0; i < count; ++i) mean += (double)sample[i];
        float middle = (float)(mean / (double)count);
        for (size_t i = 0; i < count; ++i)
            sample[i] = (sample[i] - middle) * factor + middle + addend;
    }
    for (size_t i = 0; how->noise != 0 && i < count; ++i)
        sample[i] += (float)(how->noise * mg_random_bell(stream, 8 + i));
}
