/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_f32 in plain C. Panel: 8 biases, then 8 columns side by side for each depth, zeros where the
 * panel has no column. Each result is summed in ascending depth, starting from the bias. */
#include "kernel/gemm.h"

enum { COLUMNS = 8 };

static void pack(const mg_columns *columns, const float *bias, float *panel)
{
    const float *weights = columns->weights;
    for (size_t c = 0; c < COLUMNS; c++) panel[c] = bias && c < columns->count ? bias[c] : 0.0f;
    panel += COLUMNS;
    for (size_t d = 0; d < columns->depth; d++)
        for (size_t c = 0; c < COLUMNS; c++)
            *panel++ = c < columns->count
                           ? weights[c * columns->column_step + d * columns->depth_step]
                           : 0.0f;
}

static void multiply(const mg_rows *rows, const float *panel, size_t columns, float minimum,
                     float maximum, float *out, size_t out_stride)
{
    for (size_t r = 0; r < rows->count; r++) {
        float sums[COLUMNS];
        const float *right = panel;
        for (size_t c = 0; c < COLUMNS; c++) sums[c] = *right++;
        for (size_t s = 0; s < rows->segments; s++) {
            const float *left = rows->start[s * rows->stride + r];
            for (size_t d = 0; d < rows->length; d++, right += COLUMNS)
                for (size_t c = 0; c < COLUMNS; c++) sums[c] += left[d] * right[c];
        }
        for (size_t c = 0; c < columns; c++) {
            const float low = sums[c] < minimum ? minimum : sums[c];
            out[r * out_stride + c] = low > maximum ? maximum : low;
        }
    }
}

const mg_gemm_f32_kernel mg_gemm_f32_ref = {COLUMNS, 1, pack, multiply};
