/* SPDX-License-Identifier: Apache-2.0 */
/* depthwise_f32 in plain C. Packed filter: biases, then the taps as they were. Sums start from the
 * bias and take the taps in order, without those outside the input. */
#include "kernel/depthwise.h"

#include <string.h>

static size_t filter_floats(size_t taps, size_t channels)
{
    return (taps + 1) * channels;
}

static void pack(const float *filter, const float *bias, size_t taps, size_t channels,
                 float *packed)
{
    for (size_t c = 0; c < channels; c++) packed[c] = bias ? bias[c] : 0.0f;
    memcpy(packed + channels, filter, taps * channels * sizeof(float));
}

static void add_row(const mg_depthwise_window *window, const float *row, ptrdiff_t first_x,
                    const float *weights, float *out)
{
    const size_t channels = window->channels;
    for (size_t tap = 0; tap < window->filter_width; tap++, weights += channels) {
        const ptrdiff_t x = first_x + (ptrdiff_t)(tap * window->dilation);
        if (x < 0 || x >= (ptrdiff_t)window->width) continue;
        const float *in = row + (size_t)x * channels;
        for (size_t c = 0; c < channels; c++) out[c] += in[c] * weights[c];
    }
}

static void run(const mg_depthwise_window *window, const float *packed, float minimum,
                float maximum, float *out)
{
    const size_t channels = window->channels;
    for (size_t p = 0; p < window->pixels; p++, out += channels) {
        const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(p * window->stride);
        const float *weights = packed + channels;
        memcpy(out, packed, channels * sizeof(float));
        for (size_t y = 0; y < window->filter_height; y++) {
            const float *row = window->rows[y];
            if (row) add_row(window, row, first_x, weights, out);
            weights += window->filter_width * channels;
        }
        for (size_t c = 0; c < channels; c++) {
            const float low = out[c] < minimum ? minimum : out[c];
            out[c] = low > maximum ? maximum : low;
        }
    }
}

const mg_depthwise_f32_kernel mg_depthwise_f32_ref = {filter_floats, pack, run};
