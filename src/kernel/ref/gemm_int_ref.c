/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_int in plain C. A packed row is its depth as int16, freed of the zero point; a panel is 4
 * int32 biases, then 4 columns side by side for each depth, likewise. */
#include "kernel/gemm.h"
#include "kernel/ref/cell.h"

enum { COLUMNS = 4 };

static size_t row_bytes(const mg_gemm_int_form *form)
{
    return (form->depth + (form->depth & 1)) * sizeof(int16_t);
}

static size_t panel_bytes(const mg_gemm_int_form *form)
{
    return COLUMNS * (sizeof(int32_t) + form->depth * sizeof(int16_t));
}

static void pack_rows(const mg_gemm_int_form *form, const mg_rows *rows, void *packed)
{
    int16_t *out = packed;
    for (size_t r = 0; r < rows->count; r++) {
        for (size_t s = 0; s < rows->segments; s++) {
            const void *start = rows->start[s * rows->stride + r];
            for (size_t d = 0; d < rows->length; d++)
                *out++ = (int16_t)(mg_cell_at(form->left, start, d) - form->left_zero);
        }
        if (form->depth % 2 != 0) *out++ = 0;
    }
}

static void pack(const mg_gemm_int_form *form, const mg_columns *columns, const int32_t *bias,
                 void *panel)
{
    int32_t *biases = panel;
    for (size_t c = 0; c < COLUMNS; c++) biases[c] = bias && c < columns->count ? bias[c] : 0;
    int16_t *out = (int16_t *)(void *)(biases + COLUMNS);
    for (size_t d = 0; d < columns->depth; d++)
        for (size_t c = 0; c < COLUMNS; c++) {
            const size_t at = c * columns->column_step + d * columns->depth_step;
            *out++ =
                c < columns->count
                    ? (int16_t)(mg_cell_at(form->right, columns->weights, at) - form->right_zero)
                    : 0;
        }
}

static void multiply(const mg_gemm_int_form *form, const void *packed, size_t rows,
                     const void *panel, int32_t *out)
{
    const int16_t *left = packed;
    const int32_t *biases = panel;
    for (size_t r = 0; r < rows; r++, left += form->depth + (form->depth & 1)) {
        uint32_t sums[COLUMNS];
        const int16_t *right = (const int16_t *)(const void *)(biases + COLUMNS);
        for (size_t c = 0; c < COLUMNS; c++) sums[c] = (uint32_t)biases[c];
        for (size_t d = 0; d < form->depth; d++, right += COLUMNS)
            for (size_t c = 0; c < COLUMNS; c++) sums[c] += (uint32_t)(left[d] * right[c]);
        for (size_t c = 0; c < COLUMNS; c++) *out++ = (int32_t)sums[c];
    }
}

const mg_gemm_int_kernel mg_gemm_int_ref = {
    COLUMNS, 1, COLUMNS * sizeof(int32_t), 1, row_bytes, panel_bytes, pack_rows, pack, multiply};
