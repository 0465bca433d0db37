/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernels that multiply bytes directly (dotprod, i8mm) share: packed rows, and the signs
 * and zero points.
 *
 * uint8 values are shifted by 128 to int8 on both sides. The zero point of the rows is taken from
 * the biases; that of the weights, when it is not 0 after the shift, times the sum of a row, is the
 * term of the row.
 *
 * Packed row: depth int8, padded with zeros to a multiple of 8, then the term as int32, padded
 * to 8.
 */
#ifndef MG_BYTES_ARM_H
#define MG_BYTES_ARM_H

#include "kernel/gemm.h"

#include <arm_neon.h>
#include <string.h>

static inline size_t mg_bytes_padded(size_t depth)
{
    return (depth + 7) & ~(size_t)7;
}

static inline size_t mg_bytes_row_bytes(const mg_gemm_int_form *form)
{
    return mg_bytes_padded(form->depth) + 8;
}

/* The zero points that are left after the shift. */
static inline int32_t mg_bytes_left_zero(const mg_gemm_int_form *form)
{
    return form->left == MG_CELL_U8 ? form->left_zero - 128 : form->left_zero;
}

static inline int32_t mg_bytes_right_zero(const mg_gemm_int_form *form)
{
    return form->right == MG_CELL_U8 ? form->right_zero - 128 : form->right_zero;
}

static inline uint8_t mg_bytes_flip(mg_cell cell)
{
    return cell == MG_CELL_U8 ? 0x80 : 0;
}

static inline void mg_bytes_copy(const uint8_t *from, size_t count, uint8_t flip, uint8_t *to)
{
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        vst1q_u8(to + i, veorq_u8(vld1q_u8(from + i), vdupq_n_u8(flip)));
    for (; i < count; i++) to[i] = from[i] ^ flip;
}

static inline int32_t mg_bytes_sum(const int8_t *bytes, size_t count)
{
    int32x4_t sums = vdupq_n_s32(0);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) sums = vpadalq_s16(sums, vpaddlq_s8(vld1q_s8(bytes + i)));
    int32_t sum = vaddvq_s32(sums);
    for (; i < count; i++) sum += bytes[i];
    return sum;
}

static inline void mg_bytes_pack_rows(const mg_gemm_int_form *form, const mg_rows *rows,
                                      void *packed)
{
    const size_t padded = mg_bytes_padded(form->depth), row_bytes = mg_bytes_row_bytes(form);
    const uint32_t zero = (uint32_t)mg_bytes_right_zero(form);
    uint8_t *out = packed;
    for (size_t r = 0; r < rows->count; r++, out += row_bytes) {
        uint8_t *to = out;
        for (size_t s = 0; s < rows->segments; s++, to += rows->length)
            mg_bytes_copy(rows->start[s * rows->stride + r], rows->length,
                          mg_bytes_flip(form->left), to);
        memset(to, 0, (size_t)(out + row_bytes - to));
        const uint32_t term =
            zero != 0 ? zero * (uint32_t)mg_bytes_sum((const int8_t *)out, form->depth) : 0;
        memcpy(out + padded, &term, sizeof term);
    }
}

/* Weight of a column at a depth, as int8; 0 beyond the matrix. */
static inline int8_t mg_bytes_weight(const mg_gemm_int_form *form, const mg_columns *columns,
                                     size_t column, size_t depth)
{
    if (column >= columns->count || depth >= columns->depth) return 0;
    const uint8_t *weights = columns->weights;
    const size_t at = column * columns->column_step + depth * columns->depth_step;
    return (int8_t)(weights[at] ^ mg_bytes_flip(form->right));
}

/* The bias of a column less the share of the rows' zero point; `sum` of the column's weights. */
static inline int32_t mg_bytes_bias(const mg_gemm_int_form *form, const mg_columns *columns,
                                    const int32_t *bias, size_t column, int32_t sum)
{
    if (column >= columns->count) return 0;
    const uint32_t freed =
        (uint32_t)sum - (uint32_t)columns->depth * (uint32_t)mg_bytes_right_zero(form);
    const uint32_t given = (uint32_t)(bias ? bias[column] : 0);
    return (int32_t)(given - (uint32_t)mg_bytes_left_zero(form) * freed);
}

#endif
