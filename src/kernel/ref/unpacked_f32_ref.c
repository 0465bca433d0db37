/* SPDX-License-Identifier: Apache-2.0 */
/* unpacked_f32 in plain C, summed in ascending depth, starting from the bias. Never the faster way:
 * most_rows is 0. */
#include "kernel/gemm.h"

static void multiply(const mg_rows *rows, const mg_columns *columns, const float *bias,
                     float minimum, float maximum, float *scratch, float *out, size_t out_stride)
{
    (void)scratch;
    for (size_t r = 0; r < rows->count; r++)
        for (size_t c = 0; c < columns->count; c++) {
            const float *right = (const float *)columns->weights + c * columns->column_step;
            float sum = bias ? bias[c] : 0.0f;
            for (size_t s = 0; s < rows->segments; s++) {
                const float *left = rows->start[s * rows->stride + r];
                for (size_t d = 0; d < rows->length; d++) sum += left[d] * *right++;
            }
            const float low = sum < minimum ? minimum : sum;
            out[r * out_stride + c] = low > maximum ? maximum : low;
        }
}

const mg_unpacked_f32_kernel mg_unpacked_f32_ref = {0, 0, 1, multiply};
