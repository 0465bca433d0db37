/* SPDX-License-Identifier: Apache-2.0 */
/* requantise in plain C. */
#include "kernel/fixed_point.h"
#include "kernel/gemm.h"
#include "kernel/ref/cell.h"

static int32_t offset_and_clamp(const mg_requantisation *how, int64_t value)
{
    value += how->zero_point;
    const int64_t low = value < how->minimum ? how->minimum : value;
    return (int32_t)(low > how->maximum ? how->maximum : low);
}

static void requantise_rows(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                            size_t rows, size_t columns, void *out, size_t out_stride)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            const mg_multiplier factor = {how->multiplier[c], how->shift[c]};
            mg_cell_put(
                how->cell, out, r * out_stride + c,
                offset_and_clamp(how, mg_multiply_by_quantized(in[r * in_stride + c], factor)));
        }
}

static void real_rows(const mg_requantisation *how, const double *factors, const int32_t *in,
                      size_t in_stride, size_t rows, size_t columns, void *out, size_t out_stride)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            mg_cell_put(
                how->cell, out, r * out_stride + c,
                offset_and_clamp(how, mg_multiply_by_real(in[r * in_stride + c], factors[c])));
}

static void scale(const mg_scaling *how, const int32_t *in, size_t in_stride, size_t rows,
                  size_t columns, float *out, size_t out_stride)
{
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride)
        for (size_t c = 0; c < columns; c++) {
            float value =
                (float)in[c] * how->column_scale[c * how->column_scale_step] * how->row_scale;
            if (how->bias) value += how->bias[c];
            const float low = value < how->minimum ? how->minimum : value;
            out[c] = low > how->maximum ? how->maximum : low;
        }
}

const mg_requantise_kernel mg_requantise_ref = {requantise_rows, real_rows, scale};
