/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pointwise_int with AVX2: 16 elements at a time, freed of their zero points as int16, then two
 * vectors of 8 int32 whose elements 0 … 3 and 8 … 11, 4 … 7 and 12 … 15 are in order again once
 * they are packed. What is left of a row, and parameters that are not common, go to the plain rows.
 */
#include "kernel/ref/lookup.h"
#include "kernel/ref/quantized_rows.h"
#include "kernel/ref/requantize.h"
#include "kernel/rows.h"
#include "kernel/x86/requantise_avx2.h"
#include "kernel/x86/widen_avx2.h"

enum { LANES = 16 };

typedef enum pair_function { SUM, DIFFERENCE, PRODUCT } pair_function;

static mg_factors_avx2 factors_of(mg_multiplier factor, int32_t zero, int32_t least, int32_t most)
{
    const int32_t right = factor.shift < 0 ? -factor.shift : 0;
    mg_factors_avx2 factors;
    factors.multiplier = _mm256_set1_epi32(factor.multiplier);
    factors.multiplier_odd = factors.multiplier;
    factors.left = _mm256_set1_epi32(factor.shift > 0 ? factor.shift : 0);
    factors.right = _mm256_set1_epi32(right);
    factors.right_less_one = _mm256_set1_epi32(right - 1);
    factors.addend = _mm256_set1_epi32(1 + 2 * zero);
    factors.zero_point = _mm256_set1_epi32(zero);
    factors.least = _mm256_set1_epi32(least - zero);
    factors.most = _mm256_set1_epi32(most - zero);
    return factors;
}

/* An operand of a sum: x * 2^20, or 2^15 for int16, * factor, rounded twice; factor is 1/2 for the
 * larger scale. */
typedef struct addend {
    mg_factors_avx2 factors;
    __m256i right_half; /* half of what is shifted out */
    bool is_half;
    bool is_less; /* than 1/2, so that something is shifted out */
} addend;

static addend addend_of(mg_multiplier factor)
{
    addend result;
    result.factors = factors_of(factor, 0, 0, 0);
    result.right_half = _mm256_set1_epi32(factor.shift < 0 ? 1 << (-factor.shift - 1) : 0);
    result.is_half = factor.multiplier == 1 << 30 && factor.shift == 0;
    result.is_less = factor.shift < 0;
    return result;
}

/* `high` has x in the upper half of each lane: x * 2^16. */
static MG_ALWAYS_INLINE __m256i scaled(const addend *how, mg_cell cell, __m256i high, bool is_half)
{
    if (is_half)
        return cell == MG_CELL_I16 ? _mm256_srai_epi32(high, 2) : _mm256_slli_epi32(high, 3);
    const __m256i x = cell == MG_CELL_I16 ? _mm256_srai_epi32(high, 1) : _mm256_slli_epi32(high, 4);
    __m256i v = mg_high_multiply_avx2(x, &how->factors);
    v = _mm256_add_epi32(_mm256_add_epi32(v, _mm256_srai_epi32(v, 31)), how->right_half);
    return _mm256_srav_epi32(v, how->factors.right);
}

typedef struct pair_row {
    const mg_quantized_pair *pair;
    addend a;
    addend b;
    mg_factors_avx2 out;
    mg_result_range_avx2 range;
} pair_row;

static MG_ALWAYS_INLINE __m256i finished(const pair_row *row, __m256i value, bool small)
{
    return small ? mg_scale_small_avx2(value, &row->out) : mg_scale_avx2(value, &row->out);
}

static MG_ALWAYS_INLINE __m256i combined(const pair_row *row, mg_cell cell, pair_function function,
                                         __m256i a, __m256i b, bool a_is_half, bool b_is_half)
{
    __m256i x = scaled(&row->a, cell, a, a_is_half);
    __m256i y = scaled(&row->b, cell, b, b_is_half);
    return function == SUM ? _mm256_add_epi32(x, y) : _mm256_sub_epi32(x, y);
}

/* 16 results as int16. */
static MG_ALWAYS_INLINE __m256i sixteen(const pair_row *row, mg_cell cell, pair_function function,
                                        const void *first, const void *second, size_t i,
                                        bool a_is_half, bool b_is_half, bool small)
{
    const __m256i a = mg_load_sixteen_avx2(cell, first, i, row->pair->zero_a);
    const __m256i b = mg_load_sixteen_avx2(cell, second, i, row->pair->zero_b);
    __m256i low, high;
    if (function == PRODUCT) {
        const __m256i low_halves = _mm256_mullo_epi16(a, b);
        const __m256i high_halves = _mm256_mulhi_epi16(a, b);
        low = _mm256_unpacklo_epi16(low_halves, high_halves);
        high = _mm256_unpackhi_epi16(low_halves, high_halves);
    } else {
        const __m256i zero = _mm256_setzero_si256();
        low = combined(row, cell, function, _mm256_unpacklo_epi16(zero, a),
                       _mm256_unpacklo_epi16(zero, b), a_is_half, b_is_half);
        high = combined(row, cell, function, _mm256_unpackhi_epi16(zero, a),
                        _mm256_unpackhi_epi16(zero, b), a_is_half, b_is_half);
    }
    __m256i words = _mm256_packs_epi32(finished(row, low, small), finished(row, high, small));
    words = _mm256_max_epi16(words, row->range.minimum);
    words = _mm256_min_epi16(words, row->range.maximum);
    return words;
}

static MG_ALWAYS_INLINE void store_sixteen(const pair_row *row, mg_cell cell, __m256i words,
                                           uint8_t *out, size_t i)
{
    if (cell == MG_CELL_I16)
        _mm256_storeu_si256((__m256i *)(void *)(out + 2 * i), words);
    else
        _mm_storeu_si128((__m128i *)(void *)(out + i), mg_result_bytes_avx2(&row->range, words));
}

static MG_ALWAYS_INLINE size_t run_pairs(const pair_row *row, mg_cell cell, pair_function function,
                                         const void *first, const void *second, uint8_t *out,
                                         size_t count, bool a_is_half, bool b_is_half, bool small)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        const __m256i words =
            sixteen(row, cell, function, first, second, i, a_is_half, b_is_half, small);
        store_sixteen(row, cell, words, out, i);
    }
    return i;
}

/* Sums where the larger scale is that of a, of b, or of both; how many elements were done. */
static MG_ALWAYS_INLINE size_t run_sums(const pair_row *row, mg_cell cell, pair_function function,
                                        const void *a, const void *b, uint8_t *out, size_t count)
{
    if (row->pair->factor_out.shift > -2) return 0;
    if (row->a.is_half && row->b.is_half)
        return run_pairs(row, cell, function, a, b, out, count, true, true, true);
    if (row->a.is_half && row->b.is_less)
        return run_pairs(row, cell, function, a, b, out, count, true, false, true);
    if (row->b.is_half && row->a.is_less)
        return run_pairs(row, cell, function, a, b, out, count, false, true, true);
    return 0;
}

static MG_ALWAYS_INLINE size_t run_products(const pair_row *row, mg_cell cell, const void *a,
                                            const void *b, uint8_t *out, size_t count)
{
    if (row->pair->factor_out.shift <= -2)
        return run_pairs(row, cell, PRODUCT, a, b, out, count, false, false, true);
    return run_pairs(row, cell, PRODUCT, a, b, out, count, false, false, false);
}

static MG_ALWAYS_INLINE void run_row(mg_cell cell, pair_function function, mg_elementwise_row plain,
                                     const void *const *operands, void *result, size_t count,
                                     const void *parameters)
{
    const mg_quantized_pair *pair = parameters;
    size_t done = 0;
    if (count >= LANES) {
        pair_row row = {.pair = pair};
        row.out = factors_of(pair->factor_out, pair->zero_out, pair->least, pair->most);
        row.range.cell = cell;
        row.range.minimum = _mm256_set1_epi16((short)pair->least);
        row.range.maximum = _mm256_set1_epi16((short)pair->most);
        if (function == PRODUCT) {
            done = run_products(&row, cell, operands[0], operands[1], result, count);
        } else {
            row.a = addend_of(pair->factor_a);
            row.b = addend_of(pair->factor_b);
            done = run_sums(&row, cell, function, operands[0], operands[1], result, count);
        }
    }
    if (done == count) return;
    const size_t bytes = done * mg_cell_bytes(cell);
    const void *rest[2] = {(const uint8_t *)operands[0] + bytes,
                           (const uint8_t *)operands[1] + bytes};
    plain(rest, (uint8_t *)result + bytes, count - done, parameters);
}

#define PAIR_ROW(name, cell, function)                                               \
    static void name##_avx2(const void *const *operands, void *result, size_t count, \
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

/* ---- Between real and stored values */

/* Half away from zero: a fraction of a half or more, which is exact, moves on. */
static MG_ALWAYS_INLINE __m256i quantized_eight(const float *in, __m256 scale, __m256 least,
                                                __m256 most)
{
    const __m256 sign_bit = _mm256_set1_ps(-0.0f);
    const __m256 half = _mm256_set1_ps(0.5f);
    const __m256 one = _mm256_set1_ps(1.0f);
    __m256 steps = _mm256_div_ps(_mm256_loadu_ps(in), scale);
    steps = _mm256_and_ps(steps, _mm256_cmp_ps(steps, steps, _CMP_ORD_Q));
    const __m256 whole = _mm256_round_ps(steps, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    const __m256 rest = _mm256_andnot_ps(sign_bit, _mm256_sub_ps(steps, whole));
    const __m256 on = _mm256_and_ps(_mm256_cmp_ps(rest, half, _CMP_GE_OQ), one);
    steps = _mm256_add_ps(whole, _mm256_or_ps(on, _mm256_and_ps(steps, sign_bit)));
    steps = _mm256_min_ps(_mm256_max_ps(steps, least), most);
    return _mm256_cvtps_epi32(steps);
}

static MG_ALWAYS_INLINE void quantize_row(mg_cell cell, mg_elementwise_row plain,
                                          const void *const *operands, void *result, size_t count,
                                          const void *parameters)
{
    const mg_requantization *p = parameters;
    const float *in = operands[0];
    uint8_t *out = result;
    const __m256 scale = _mm256_set1_ps(p->scale_out);
    const __m256 least = _mm256_set1_ps((float)(p->least - p->zero_out));
    const __m256 most = _mm256_set1_ps((float)(p->most - p->zero_out));
    const __m256i zero = _mm256_set1_epi16((short)p->zero_out);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        const __m256i low = quantized_eight(in + i, scale, least, most);
        const __m256i high = quantized_eight(in + i + 8, scale, least, most);
        const __m256i words =
            _mm256_add_epi16(_mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8), zero);
        const __m128i first = _mm256_castsi256_si128(words);
        const __m128i second = _mm256_extracti128_si256(words, 1);
        _mm_storeu_si128((__m128i *)(void *)(out + i), cell == MG_CELL_U8
                                                           ? _mm_packus_epi16(first, second)
                                                           : _mm_packs_epi16(first, second));
    }
    if (i == count) return;
    const void *rest[1] = {in + i};
    plain(rest, out + i, count - i, parameters);
}

static MG_ALWAYS_INLINE void dequantize_row(mg_cell cell, mg_elementwise_row plain,
                                            const void *const *operands, void *result, size_t count,
                                            const void *parameters)
{
    const mg_requantization *p = parameters;
    const uint8_t *in = operands[0];
    float *out = result;
    const __m256 scale = _mm256_set1_ps(p->scale_in);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        const __m256i words = mg_load_sixteen_avx2(cell, in, i, p->zero_in);
        const __m256i low = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(words));
        const __m256i high = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(words, 1));
        _mm256_storeu_ps(out + i, _mm256_mul_ps(scale, _mm256_cvtepi32_ps(low)));
        _mm256_storeu_ps(out + i + 8, _mm256_mul_ps(scale, _mm256_cvtepi32_ps(high)));
    }
    if (i == count) return;
    const void *rest[1] = {in + i};
    plain(rest, out + i, count - i, parameters);
}

#define SINGLE_ROW(name, cell, function)                                             \
    static void name##_avx2(const void *const *operands, void *result, size_t count, \
                            const void *parameters)                                  \
    {                                                                                \
        function(cell, mg_row_##name, operands, result, count, parameters);          \
    }
SINGLE_ROW(quantize_u8, MG_CELL_U8, quantize_row)
SINGLE_ROW(quantize_i8, MG_CELL_I8, quantize_row)
SINGLE_ROW(dequantize_u8, MG_CELL_U8, dequantize_row)
SINGLE_ROW(dequantize_i8, MG_CELL_I8, dequantize_row)

/*
 * 32 table entries at a time: 16 shuffles, each of which knows 16 entries and answers 0 for indices
 * that are not its own.
 */
static void lookup_8_avx2(const void *const *operands, void *result, size_t count,
                          const void *table)
{
    const uint8_t *in = operands[0];
    uint8_t *out = result;
    size_t i = 0;
    if (count >= 256) {
        __m256i entries[16];
        for (int k = 0; k < 16; ++k)
            entries[k] = _mm256_broadcastsi128_si256(
                _mm_loadu_si128((const __m128i *)(const void *)((const uint8_t *)table + 16 * k)));
        for (; i + 32 <= count; i += 32) {
            const __m256i index = _mm256_loadu_si256((const __m256i *)(const void *)(in + i));
            __m256i found = _mm256_setzero_si256();
            for (int k = 0; k < 16; ++k) {
                __m256i own = _mm256_xor_si256(index, _mm256_set1_epi8((char)(16 * k)));
                own = _mm256_adds_epu8(own, _mm256_set1_epi8(0x70));
                found = _mm256_or_si256(found, _mm256_shuffle_epi8(entries[k], own));
            }
            _mm256_storeu_si256((__m256i *)(void *)(out + i), found);
        }
    }
    if (i == count) return;
    const void *rest[1] = {in + i};
    mg_row_lookup_8(rest, out + i, count - i, table);
}

const mg_pointwise_int_kernel mg_pointwise_int_avx2 = {{
#define ROW(name) name##_avx2,
    MG_INT_ROWS(ROW)
#undef ROW
}};
