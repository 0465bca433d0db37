/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pointwise_int with NEON, 8 sums or products at a time. The doubling multiplication of NEON is the
 * first rounding of requantisation; the second, ties away from zero, is its rounding shift after
 * one is taken from negative values. Rows that compilers vectorise well are the plain ones; so is
 * what is left of a row.
 */
#include <arm_neon.h>

#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/ref/cell.h"
#include "kernel/ref/lookup.h"
#include "kernel/ref/quantized_rows.h"
#include "kernel/ref/requantize.h"
#include "kernel/rows.h"

enum { LANES = 8 };

typedef enum pair_function { SUM, DIFFERENCE, PRODUCT } pair_function;

typedef struct factor_neon {
    int32x4_t multiplier;
    int32x4_t left;
    int32x4_t right; /* negative: to the right */
} factor_neon;

static factor_neon factor_of(mg_multiplier factor, int32_t more_left)
{
    const int32_t left = factor.shift > 0 ? factor.shift : 0;
    const factor_neon result = {vdupq_n_s32(factor.multiplier), vdupq_n_s32(left + more_left),
                                vdupq_n_s32(factor.shift < 0 ? factor.shift : 0)};
    return result;
}

static MG_ALWAYS_INLINE int32x4_t scaled(int32x4_t x, const factor_neon *factor)
{
    const int32x4_t v = vqrdmulhq_s32(vshlq_s32(x, factor->left), factor->multiplier);
    const int32x4_t away = vshrq_n_s32(vandq_s32(v, factor->right), 31);
    return vrshlq_s32(vqaddq_s32(v, away), factor->right);
}

typedef struct pair_row {
    factor_neon a;
    factor_neon b;
    factor_neon out;
    int16x8_t zero_a;
    int16x8_t zero_b;
    int32x4_t zero_out;
    int16x8_t least;
    int16x8_t most;
} pair_row;

static MG_ALWAYS_INLINE int16x8_t load(mg_cell cell, const void *from, size_t i)
{
    if (cell == MG_CELL_I16) return vld1q_s16((const int16_t *)from + i);
    if (cell == MG_CELL_I8) return vmovl_s8(vld1_s8((const int8_t *)from + i));
    return vreinterpretq_s16_u16(vmovl_u8(vld1_u8((const uint8_t *)from + i)));
}

static MG_ALWAYS_INLINE void store(mg_cell cell, int16x8_t words, void *to, size_t i)
{
    if (cell == MG_CELL_I16)
        vst1q_s16((int16_t *)to + i, words);
    else if (cell == MG_CELL_I8)
        vst1_s8((int8_t *)to + i, vmovn_s16(words));
    else
        vst1_u8((uint8_t *)to + i, vmovn_u16(vreinterpretq_u16_s16(words)));
}

static MG_ALWAYS_INLINE int32x4_t combined(const pair_row *row, pair_function function, int16x4_t a,
                                           int16x4_t b)
{
    if (function == PRODUCT) return vmull_s16(a, b);
    const int32x4_t x = scaled(vmovl_s16(a), &row->a);
    const int32x4_t y = scaled(vmovl_s16(b), &row->b);
    return function == SUM ? vaddq_s32(x, y) : vsubq_s32(x, y);
}

static MG_ALWAYS_INLINE int16x8_t finished(const pair_row *row, int32x4_t low, int32x4_t high)
{
    low = vqaddq_s32(scaled(low, &row->out), row->zero_out);
    high = vqaddq_s32(scaled(high, &row->out), row->zero_out);
    const int16x8_t words = vcombine_s16(vqmovn_s32(low), vqmovn_s32(high));
    return vminq_s16(vmaxq_s16(words, row->least), row->most);
}

static MG_ALWAYS_INLINE void run_row(mg_cell cell, pair_function function, mg_elementwise_row plain,
                                     const void *const *operands, void *result, size_t count,
                                     const void *parameters)
{
    const mg_quantized_pair *pair = parameters;
    const pair_row row = {factor_of(pair->factor_a, pair->left_shift),
                          factor_of(pair->factor_b, pair->left_shift),
                          factor_of(pair->factor_out, 0),
                          vdupq_n_s16((int16_t)pair->zero_a),
                          vdupq_n_s16((int16_t)pair->zero_b),
                          vdupq_n_s32(pair->zero_out),
                          vdupq_n_s16((int16_t)pair->least),
                          vdupq_n_s16((int16_t)pair->most)};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        const int16x8_t a = vsubq_s16(load(cell, operands[0], i), row.zero_a);
        const int16x8_t b = vsubq_s16(load(cell, operands[1], i), row.zero_b);
        const int32x4_t low = combined(&row, function, vget_low_s16(a), vget_low_s16(b));
        const int32x4_t high = combined(&row, function, vget_high_s16(a), vget_high_s16(b));
        store(cell, finished(&row, low, high), result, i);
    }
    if (i == count) return;
    const size_t bytes = i * mg_cell_bytes(cell);
    const void *rest[2] = {(const uint8_t *)operands[0] + bytes,
                           (const uint8_t *)operands[1] + bytes};
    plain(rest, (uint8_t *)result + bytes, count - i, parameters);
}

#define PAIR_ROW(name, cell, function)                                               \
    static void name##_neon(const void *const *operands, void *result, size_t count, \
                            const void *pair)                                        \
    {                                                                                \
        run_row(cell, function, mg_row_##name, operands, result, count, pair);       \
    }
PAIR_ROW(quantized_add_u8, MG_CELL_U8, SUM)
PAIR_ROW(quantized_add_i8, MG_CELL_I8, SUM)
PAIR_ROW(quantized_add_i16, MG_CELL_I16, SUM)
PAIR_ROW(quantized_subtract_u8, MG_CELL_U8, DIFFERENCE)
PAIR_ROW(quantized_subtract_i8, MG_CELL_I8, DIFFERENCE)
PAIR_ROW(quantized_subtract_i16, MG_CELL_I16, DIFFERENCE)
PAIR_ROW(quantized_multiply_u8, MG_CELL_U8, PRODUCT)
PAIR_ROW(quantized_multiply_i8, MG_CELL_I8, PRODUCT)
PAIR_ROW(quantized_multiply_i16, MG_CELL_I16, PRODUCT)

/* Four tables of 64 entries; an index that is not a table's own leaves what was found before. */
static void lookup_8_neon(const void *const *operands, void *result, size_t count,
                          const void *table)
{
    const uint8_t *in = operands[0];
    const uint8_t *entries = table;
    uint8_t *out = result;
    const uint8x16x4_t first = vld1q_u8_x4(entries), second = vld1q_u8_x4(entries + 64);
    const uint8x16x4_t third = vld1q_u8_x4(entries + 128), fourth = vld1q_u8_x4(entries + 192);
    const uint8x16_t step = vdupq_n_u8(64);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        uint8x16_t index = vld1q_u8(in + i);
        uint8x16_t found = vqtbl4q_u8(first, index);
        index = vsubq_u8(index, step);
        found = vqtbx4q_u8(found, second, index);
        index = vsubq_u8(index, step);
        found = vqtbx4q_u8(found, third, index);
        index = vsubq_u8(index, step);
        found = vqtbx4q_u8(found, fourth, index);
        vst1q_u8(out + i, found);
    }
    if (i == count) return;
    const void *rest[1] = {in + i};
    mg_row_lookup_8(rest, out + i, count - i, table);
}

/* Compilers turn these into vectors themselves. */
#define quantize_u8_neon mg_row_quantize_u8
#define quantize_i8_neon mg_row_quantize_i8
#define dequantize_u8_neon mg_row_dequantize_u8
#define dequantize_i8_neon mg_row_dequantize_i8

const mg_pointwise_int_kernel mg_pointwise_int_neon = {{
#define ROW(name) name##_neon,
    MG_INT_ROWS(ROW)
#undef ROW
}};
