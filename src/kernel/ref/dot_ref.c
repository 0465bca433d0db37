/* SPDX-License-Identifier: Apache-2.0 */
/* dot_f32 and dot_int in plain C, summed in ascending depth. */
#include "kernel/gemm.h"
#include "kernel/ref/cell.h"

static void multiply_f32(const float *row, const mg_columns *columns, const float *bias,
                         float minimum, float maximum, float *out)
{
    for (size_t c = 0; c < columns->count; c++) {
        const float *weights = (const float *)columns->weights + c * columns->column_step;
        float sum = bias ? bias[c] : 0.0f;
        for (size_t d = 0; d < columns->depth; d++) sum += row[d] * weights[d];
        const float low = sum < minimum ? minimum : sum;
        out[c] = low > maximum ? maximum : low;
    }
}

static void multiply_int(const mg_gemm_int_form *form, const void *row, const mg_columns *columns,
                         const int32_t *bias, void *scratch, int32_t *out)
{
    (void)scratch;
    for (size_t c = 0; c < columns->count; c++) {
        uint32_t sum = bias ? (uint32_t)bias[c] : 0;
        for (size_t d = 0; d < columns->depth; d++) {
            const int32_t left = mg_cell_at(form->left, row, d) - form->left_zero;
            const int32_t right =
                mg_cell_at(form->right, columns->weights, c * columns->column_step + d) -
                form->right_zero;
            sum += (uint32_t)left * (uint32_t)right;
        }
        out[c] = (int32_t)sum;
    }
}

const mg_dot_f32_kernel mg_dot_f32_ref = {multiply_f32};
const mg_dot_int_kernel mg_dot_int_ref = {multiply_int};
