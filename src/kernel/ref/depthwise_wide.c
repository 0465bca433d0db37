/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/depthwise_wide.h"

#include "kernel/fixed_point.h"

static int64_t sum_of_taps(const mg_depthwise_wide *wide, ptrdiff_t first_x, size_t output)
{
    const mg_depthwise_window *window = wide->window;
    const size_t outputs = window->channels * wide->multiplier;
    const size_t channel = output / wide->multiplier;
    const int8_t *weights = wide->weights + output;
    int64_t sum = 0;
    for (size_t y = 0; y < window->filter_height; y++) {
        const int16_t *row = window->rows[y];
        for (size_t tap = 0; tap < window->filter_width; tap++, weights += outputs) {
            const ptrdiff_t x = first_x + (ptrdiff_t)(tap * window->dilation);
            if (row && x >= 0 && x < (ptrdiff_t)window->width)
                sum += (int32_t)row[(size_t)x * window->channels + channel] * *weights;
        }
    }
    return sum;
}

void mg_depthwise_row_wide(const mg_depthwise_wide *wide, const int64_t *bias,
                           const mg_requantisation *how, int16_t *out)
{
    const mg_depthwise_window *window = wide->window;
    const size_t outputs = window->channels * wide->multiplier;
    for (size_t p = 0; p < window->pixels; p++) {
        const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(p * window->stride);
        for (size_t c = 0; c < outputs; c++) {
            const mg_multiplier factor = {how->multiplier[c], how->shift[c]};
            const uint64_t start = bias ? (uint64_t)bias[c] : 0;
            const int64_t sum = (int64_t)(start + (uint64_t)sum_of_taps(wide, first_x, c));
            const int64_t y = (int64_t)mg_multiply_by_quantized_64(sum, factor) + how->zero_point;
            const int64_t low = y < how->minimum ? how->minimum : y;
            *out++ = (int16_t)(low > how->maximum ? how->maximum : low);
        }
    }
}

void mg_depthwise_row_scaled(const mg_depthwise_wide *wide, const float *bias,
                             const mg_depthwise_scales *scales, float *out)
{
    const mg_depthwise_window *window = wide->window;
    const size_t outputs = window->channels * wide->multiplier;
    for (size_t p = 0; p < window->pixels; p++) {
        const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(p * window->stride);
        for (size_t c = 0; c < outputs; c++) {
            float y = (float)sum_of_taps(wide, first_x, c) * scales->scale[c * scales->scale_step] *
                      scales->input_scale;
            if (bias) y += bias[c];
            const float low = y < scales->minimum ? scales->minimum : y;
            *out++ = low > scales->maximum ? scales->maximum : low;
        }
    }
}
