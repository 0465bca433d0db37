/* SPDX-License-Identifier: Apache-2.0 */
/* depthwise_int in plain C. Packed filter: biases, then the taps freed of their zero point, all as
 * int32. */
#include "kernel/depthwise.h"
#include "kernel/fixed_point.h"
#include "kernel/ref/cell.h"

static size_t filter_bytes(size_t taps, size_t channels)
{
    return (taps + 1) * channels * sizeof(int32_t);
}

static void pack(const mg_gemm_int_form *form, const void *filter, const int32_t *bias,
                 size_t channels, void *packed)
{
    int32_t *out = packed;
    for (size_t c = 0; c < channels; c++) *out++ = bias ? bias[c] : 0;
    for (size_t i = 0; i < form->depth * channels; i++)
        *out++ = mg_cell_at(form->right, filter, i) - form->right_zero;
}

static int32_t sum_of_taps(const mg_gemm_int_form *form, const mg_depthwise_window *window,
                           const int32_t *packed, ptrdiff_t first_x, size_t channel)
{
    const size_t channels = window->channels;
    const int32_t *weights = packed + channels + channel;
    uint32_t sum = (uint32_t)packed[channel];
    for (size_t y = 0; y < window->filter_height; y++)
        for (size_t tap = 0; tap < window->filter_width; tap++, weights += channels) {
            const ptrdiff_t x = first_x + (ptrdiff_t)(tap * window->dilation);
            if (!window->rows[y] || x < 0 || x >= (ptrdiff_t)window->width) continue;
            const int32_t left =
                mg_cell_at(form->left, window->rows[y], (size_t)x * channels + channel) -
                form->left_zero;
            sum += (uint32_t)left * (uint32_t)*weights;
        }
    return (int32_t)sum;
}

static void run(const mg_gemm_int_form *form, const mg_depthwise_window *window, const void *packed,
                const mg_requantisation *how, void *out)
{
    for (size_t p = 0; p < window->pixels; p++) {
        const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(p * window->stride);
        for (size_t c = 0; c < window->channels; c++) {
            const mg_multiplier factor = {how->multiplier[c], how->shift[c]};
            const int32_t sum = sum_of_taps(form, window, packed, first_x, c);
            const int64_t y = (int64_t)mg_multiply_by_quantized(sum, factor) + how->zero_point;
            const int64_t low = y < how->minimum ? how->minimum : y;
            mg_cell_put(how->cell, out, p * window->channels + c,
                        (int32_t)(low > how->maximum ? how->maximum : low));
        }
    }
}

const mg_depthwise_int_kernel mg_depthwise_int_ref = {filter_bytes, pack, run};
