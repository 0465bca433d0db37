/* SPDX-License-Identifier: Apache-2.0 */
/* depthwise_int in plain C. Packed filter: biases, then the taps freed of their zero point, all as
 * int32. Taps outside the input add nothing. */
#include "kernel/depthwise.h"
#include "kernel/ref/cell.h"

#include <string.h>

static size_t filter_bytes(size_t height, size_t width, size_t channels)
{
    return (height * width + 1) * channels * sizeof(int32_t);
}

static void pack(const mg_gemm_int_form *form, size_t height, size_t width, size_t channels,
                 const void *filter, const int32_t *bias, void *packed)
{
    int32_t *out = packed;
    for (size_t c = 0; c < channels; c++) *out++ = bias ? bias[c] : 0;
    for (size_t i = 0; i < height * width * channels; i++)
        *out++ = mg_cell_at(form->right, filter, i) - form->right_zero;
}

#define DEFINE_ADD_TAP(name, type)                                                             \
    static void name(const void *pixel, int32_t zero, const int32_t *weights, size_t channels, \
                     int32_t *out)                                                             \
    {                                                                                          \
        const type *in = pixel;                                                                \
        for (size_t c = 0; c < channels; c++)                                                  \
            out[c] =                                                                           \
                (int32_t)((uint32_t)out[c] + (uint32_t)(in[c] - zero) * (uint32_t)weights[c]); \
    }

DEFINE_ADD_TAP(add_tap_i8, int8_t)
DEFINE_ADD_TAP(add_tap_u8, uint8_t)
DEFINE_ADD_TAP(add_tap_i16, int16_t)

static void sums(const mg_gemm_int_form *form, const mg_depthwise_window *window,
                 const void *packed, int32_t *out)
{
    const size_t channels = window->channels, cell_bytes = mg_cell_bytes(form->left);
    for (size_t p = 0; p < window->pixels; p++, out += channels) {
        const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(p * window->stride);
        const int32_t *weights = (const int32_t *)packed + channels;
        memcpy(out, packed, channels * sizeof(int32_t));
        for (size_t t = 0; t < form->depth; t++, weights += channels) {
            const char *row = window->rows[t / window->filter_width];
            const ptrdiff_t x = first_x + (ptrdiff_t)(t % window->filter_width * window->dilation);
            if (row == NULL || x < 0 || x >= (ptrdiff_t)window->width) continue;
            row += (size_t)x * channels * cell_bytes;
            switch (form->left) {
            case MG_CELL_I8: add_tap_i8(row, form->left_zero, weights, channels, out); break;
            case MG_CELL_U8: add_tap_u8(row, form->left_zero, weights, channels, out); break;
            default: add_tap_i16(row, form->left_zero, weights, channels, out); break;
            }
        }
    }
}

const mg_depthwise_int_kernel mg_depthwise_int_ref = {filter_bytes, pack, sums};
