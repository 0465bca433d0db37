/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/resample.h"

#include <math.h>

#include "kernel/blend.h"

enum { UNIT = 1 << 10 };

void mg_resample_init(mg_resample_axis *axis)
{
    int64_t input = axis->input, output = axis->output;
    if (axis->align_corners && output > 1) {
        --input;
        --output;
    }
    axis->scale = (float)input / (float)output;
    axis->scale_10 = (UNIT * input + output / 2) / output;
}

int32_t mg_nearest(const mg_resample_axis *axis, int32_t index)
{
    float offset = axis->half_pixel_centers ? 0.5f : 0.0f;
    float position = ((float)index + offset) * axis->scale;
    int32_t nearest = (int32_t)(axis->align_corners ? roundf(position) : floorf(position));
    nearest = nearest < axis->input - 1 ? nearest : axis->input - 1;
    return nearest < 0 ? 0 : nearest;
}

static int32_t within(int64_t position, int32_t size)
{
    return (int32_t)(position < 0 ? 0 : position >= size ? size - 1 : position);
}

mg_blend_step mg_blend_step_float(const mg_resample_axis *axis, int32_t index)
{
    float position = axis->half_pixel_centers ? ((float)index + 0.5f) * axis->scale - 0.5f
                                              : (float)index * axis->scale;
    mg_blend_step step = {within((int64_t)floorf(position), axis->input),
                          within((int64_t)ceilf(position), axis->input), 0.0f, 0};
    step.fraction = position - (float)step.first;
    return step;
}

mg_blend_step mg_blend_step_fixed(const mg_resample_axis *axis, int32_t index)
{
    int64_t position = index * axis->scale_10;
    if (axis->half_pixel_centers) position += axis->scale_10 / 2 - UNIT / 2;
    mg_blend_step step = {within(position / UNIT, axis->input),
                          within((position + UNIT - 1) / UNIT, axis->input), 0.0f, 0};
    if (step.first != step.second)
        step.fraction_10 = (int32_t)(position - (int64_t)UNIT * step.first);
    return step;
}

static float blend_float(float top_left, float bottom_left, float top_right, float bottom_right,
                         float y, float x)
{
    float sum = top_left * (1.0f - y) * (1.0f - x);
    sum += bottom_left * y * (1.0f - x);
    sum += top_right * (1.0f - y) * x;
    sum += bottom_right * y * x;
    return sum;
}

static int64_t blend_fixed(int64_t top_left, int64_t bottom_left, int64_t top_right,
                           int64_t bottom_right, int32_t y, int32_t x)
{
    int64_t sum = top_left * (UNIT - y) * (UNIT - x) + bottom_left * y * (UNIT - x) +
                  top_right * (UNIT - y) * x + bottom_right * y * x;
    int64_t half = (int64_t)UNIT * UNIT / 2;
    return (sum + (sum > 0 ? half : -half)) / ((int64_t)UNIT * UNIT);
}

#define BLEND_ROW(suffix, type, fraction_type, member, blend, offset)                        \
    void mg_blend_row_##suffix(const type *above, const type *below, fraction_type y,        \
                               const mg_blend_step *steps, size_t columns, size_t channels,  \
                               type *output)                                                 \
    {                                                                                        \
        for (size_t i = 0; i < columns; i++, output += channels) {                           \
            size_t left = (size_t)steps[i].first * channels;                                 \
            size_t right = (size_t)steps[i].second * channels;                               \
            for (size_t c = 0; c < channels; c++)                                            \
                output[c] = (type)(blend(above[left + c], below[left + c], above[right + c], \
                                         below[right + c], y, steps[i].member) +             \
                                   (offset));                                                \
        }                                                                                    \
    }

BLEND_ROW(f32, float, float, fraction, blend_float, 0.0f)
BLEND_ROW(u8, uint8_t, float, fraction, blend_float, 0.5f)
BLEND_ROW(s8, int8_t, int32_t, fraction_10, blend_fixed, 0)
BLEND_ROW(s16, int16_t, int32_t, fraction_10, blend_fixed, 0)

const mg_blend_kernel mg_blend_ref = {mg_blend_row_f32, mg_blend_row_u8, mg_blend_row_s8};
