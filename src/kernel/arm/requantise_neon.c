/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requantise with NEON, 8 columns at a time. SQRDMULH is the first rounding of fixed_point.h; SRSHL
 * rounds ties up, so negative values are taken one lower first, which turns that into ties away
 * from zero.
 */
#include "kernel/arm/lanes_neon.h"
#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/ref/cell.h"

#include <stdbool.h>

extern const mg_requantise_kernel mg_requantise_ref;

typedef struct factors {
    int32x4_t multiplier;
    int32x4_t left;
    int32x4_t right; /* negative: to the right */
} factors;

typedef struct result_range {
    int32x4_t zero_point;
    int32x4_t minimum;
    int32x4_t maximum;
    mg_cell cell;
} result_range;

static MG_ALWAYS_INLINE factors load_factors(const mg_requantisation *how, size_t column)
{
    const int32x4_t zero = vdupq_n_s32(0), shift = vld1q_s32(how->shift + column);
    const factors result = {vld1q_s32(how->multiplier + column), vmaxq_s32(shift, zero),
                            vminq_s32(shift, zero)};
    return result;
}

static MG_ALWAYS_INLINE int16x4_t scale_four(int32x4_t x, const factors *by,
                                             const result_range *range)
{
    x = vqrdmulhq_s32(vshlq_s32(x, by->left), by->multiplier);
    const int32x4_t lower = vshrq_n_s32(vandq_s32(x, by->right), 31);
    x = vrshlq_s32(vqaddq_s32(x, lower), by->right);
    x = vqaddq_s32(x, range->zero_point);
    return vqmovn_s32(vminq_s32(vmaxq_s32(x, range->minimum), range->maximum));
}

static MG_ALWAYS_INLINE void store_eight(mg_cell cell, int16x8_t words, void *out)
{
    if (cell == MG_CELL_I16)
        vst1q_s16(out, words);
    else if (cell == MG_CELL_U8)
        vst1_u8(out, vqmovun_s16(words));
    else
        vst1_s8(out, vqmovn_s16(words));
}

/* 8 columns, all rows. */
static void rows_of_eight(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                          size_t rows, char *out, size_t out_bytes)
{
    const factors low = load_factors(how, 0), high = load_factors(how, 4);
    const result_range range = {vdupq_n_s32(how->zero_point), vdupq_n_s32(how->minimum),
                                vdupq_n_s32(how->maximum), how->cell};
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_bytes)
        store_eight(range.cell,
                    vcombine_s16(scale_four(vld1q_s32(in), &low, &range),
                                 scale_four(vld1q_s32(in + 4), &high, &range)),
                    out);
}

/* The last 1 to 7 columns, through copies of 8. */
static void rows_of_rest(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                         size_t rows, size_t columns, char *out, size_t out_bytes)
{
    int32_t multiplier[8] = {0}, shift[8] = {0}, sums[8] = {0};
    int16_t results[8];
    mg_requantisation part = *how;
    memcpy(multiplier, how->multiplier, columns * sizeof(int32_t));
    memcpy(shift, how->shift, columns * sizeof(int32_t));
    part.multiplier = multiplier;
    part.shift = shift;
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_bytes) {
        memcpy(sums, in, columns * sizeof(int32_t));
        rows_of_eight(&part, sums, 8, 1, (char *)results, sizeof results);
        memcpy(out, results, columns * mg_cell_bytes(how->cell));
    }
}

static void requantise_rows(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                            size_t rows, size_t columns, void *out, size_t out_stride)
{
    const size_t cell_bytes = mg_cell_bytes(how->cell), out_bytes = out_stride * cell_bytes;
    char *to = out;
    for (size_t c = 0; c < columns; c += 8) {
        const mg_requantisation here = mg_requantisation_from(how, c);
        if (columns - c >= 8)
            rows_of_eight(&here, in + c, in_stride, rows, to + c * cell_bytes, out_bytes);
        else
            rows_of_rest(&here, in + c, in_stride, rows, columns - c, to + c * cell_bytes,
                         out_bytes);
    }
}

/* In plain C: 32-bit ARM has no vectors of double. */
static void real_rows(const mg_requantisation *how, const double *real, const int32_t *in,
                      size_t in_stride, size_t rows, size_t columns, void *out, size_t out_stride)
{
    mg_requantise_ref.real_rows(how, real, in, in_stride, rows, columns, out, out_stride);
}

static MG_ALWAYS_INLINE float32x4_t scaled(const mg_scaling *how, int32x4_t sums,
                                           float32x4_t scales, float32x4_t bias)
{
    const float32x4_t products =
        vmulq_f32(vmulq_f32(vcvtq_f32_s32(sums), scales), vdupq_n_f32(how->row_scale));
    return mg_clamp_neon(how->bias ? vaddq_f32(products, bias) : products,
                         vdupq_n_f32(how->minimum), vdupq_n_f32(how->maximum));
}

static void scale_rest(const mg_scaling *how, const int32_t *in, size_t columns, float32x4_t scales,
                       float32x4_t bias, float *out)
{
    int32_t sums[4] = {0};
    memcpy(sums, in, columns * sizeof(int32_t));
    mg_store_part_f32_neon(out, scaled(how, vld1q_s32(sums), scales, bias), columns);
}

static void scale(const mg_scaling *how, const int32_t *in, size_t in_stride, size_t rows,
                  size_t columns, float *out, size_t out_stride)
{
    const float32x4_t all = vdupq_n_f32(how->column_scale[0]), none = vdupq_n_f32(0.0f);
    const bool apart = how->column_scale_step != 0;
    size_t c = 0;
    for (; c + 4 <= columns; c += 4) {
        const float32x4_t scales = apart ? vld1q_f32(how->column_scale + c) : all;
        const float32x4_t bias = how->bias ? vld1q_f32(how->bias + c) : none;
        for (size_t r = 0; r < rows; r++)
            vst1q_f32(out + r * out_stride + c,
                      scaled(how, vld1q_s32(in + r * in_stride + c), scales, bias));
    }
    if (c == columns) return;
    const size_t left = columns - c;
    const float32x4_t scales = apart ? mg_load_part_f32_neon(how->column_scale + c, left) : all;
    const float32x4_t bias = how->bias ? mg_load_part_f32_neon(how->bias + c, left) : none;
    for (size_t r = 0; r < rows; r++)
        scale_rest(how, in + r * in_stride + c, left, scales, bias, out + r * out_stride + c);
}

const mg_requantise_kernel mg_requantise_neon = {requantise_rows, real_rows, scale};
