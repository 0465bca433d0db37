/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate with AVX2: 16 lanes of int16.
 *
 * The rounding multiplication of 16-bit fixed point is one instruction here; it differs from the
 * reference only for -1 * -1, which the functions below never multiply. Lanes past `count` are
 * computed on a padded copy of the rest.
 */
#include "kernel/gate.h"
#include "kernel/ref/fixed_point_functions.h"
#include "kernel/x86/requantise_avx2.h"

enum { LANES = 16 };

static MG_ALWAYS_INLINE __m256i load(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

static MG_ALWAYS_INLINE void store(void *to, __m256i value)
{
    _mm256_storeu_si256((__m256i *)to, value);
}

static MG_ALWAYS_INLINE __m256i words(int value)
{
    return _mm256_set1_epi16((short)value);
}

static MG_ALWAYS_INLINE __m256i constant(int32_t raw)
{
    return words(mg_fixed_constant(16, raw));
}

/* x / 2^n, ties away from zero. */
static MG_ALWAYS_INLINE __m256i round_words(__m256i x, int n)
{
    const __m256i mask = words((1 << n) - 1);
    const __m256i threshold =
        _mm256_sub_epi16(words(((1 << n) - 1) >> 1), _mm256_srai_epi16(x, 15));
    const __m256i up = _mm256_cmpgt_epi16(_mm256_and_si256(x, mask), threshold);
    return _mm256_sub_epi16(_mm256_srai_epi16(x, n), up);
}

static MG_ALWAYS_INLINE __m256i double_words(__m256i x)
{
    return _mm256_adds_epi16(x, x);
}

static MG_ALWAYS_INLINE __m256i exp_near_zero(__m256i a)
{
    const __m256i exp_of_minus_eighth = constant(1895147668);
    const __m256i x = _mm256_add_epi16(a, words(1 << 12));
    const __m256i x2 = _mm256_mulhrs_epi16(x, x), x3 = _mm256_mulhrs_epi16(x2, x);
    const __m256i x4 = _mm256_mulhrs_epi16(x2, x2);
    const __m256i cubic = _mm256_add_epi16(round_words(x4, 2), x3);
    const __m256i high = _mm256_add_epi16(_mm256_mulhrs_epi16(cubic, constant(715827883)), x2);
    const __m256i series = _mm256_add_epi16(x, round_words(high, 1));
    return _mm256_adds_epi16(exp_of_minus_eighth, _mm256_mulhrs_epi16(exp_of_minus_eighth, series));
}

/* exp(a) for a <= 0; see mg_fixed_exp_on_negative_values. */
static MG_ALWAYS_INLINE __m256i exp_of(int integer_bits, __m256i a)
{
    static const int32_t exp_of_minus_powers[] = {
        1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242,
    };
    const int fraction_bits = 15 - integer_bits;
    const __m256i quarter = words(1 << (fraction_bits - 2));
    const __m256i low = _mm256_and_si256(a, words((1 << (fraction_bits - 2)) - 1));
    const __m256i near_zero = _mm256_sub_epi16(low, quarter);
    const __m256i remainder = _mm256_sub_epi16(near_zero, a);
    __m256i result = exp_near_zero(_mm256_slli_epi16(near_zero, integer_bits));
    for (int power = -2; power <= 4 && power < integer_bits; power++) {
        const __m256i factor = constant(exp_of_minus_powers[power + 2]);
        const __m256i bit = words(1 << (fraction_bits + power));
        const __m256i is_set = _mm256_cmpeq_epi16(_mm256_and_si256(remainder, bit), bit);
        result = _mm256_blendv_epi8(result, _mm256_mulhrs_epi16(result, factor), is_set);
    }
    if (integer_bits > 5) {
        const __m256i least = words(-(1 << (fraction_bits + 5)));
        result = _mm256_andnot_si256(_mm256_cmpgt_epi16(least, a), result);
    }
    const __m256i is_zero = _mm256_cmpeq_epi16(a, _mm256_setzero_si256());
    return _mm256_blendv_epi8(result, words(INT16_MAX), is_zero);
}

/* 2 / (1 + a) for 0 <= a <= 1, two integer bits. (a + 2^15) / 2 is half of a, and half of one. */
static MG_ALWAYS_INLINE __m256i two_over_one_plus(__m256i a)
{
    const __m256i one = words(1 << 13);
    const __m256i denominator = _mm256_add_epi16(_mm256_srli_epi16(a, 1), words(1 << 14));
    __m256i x = _mm256_add_epi16(constant(1515870810),
                                 _mm256_mulhrs_epi16(denominator, constant(-1010580540)));
    for (int step = 0; step < 3; step++) {
        const __m256i error = _mm256_sub_epi16(one, _mm256_mulhrs_epi16(denominator, x));
        const __m256i change = double_words(double_words(_mm256_mulhrs_epi16(x, error)));
        x = _mm256_add_epi16(x, change);
    }
    return x;
}

/* -|a|, which exists for every a. */
static MG_ALWAYS_INLINE __m256i negative_of(__m256i a)
{
    const __m256i positive = _mm256_cmpgt_epi16(a, _mm256_setzero_si256());
    return _mm256_sub_epi16(_mm256_xor_si256(a, positive), positive);
}

static MG_ALWAYS_INLINE __m256i logistic_of(int integer_bits, __m256i a)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i exp = exp_of(integer_bits, negative_of(a));
    const __m256i upper = double_words(two_over_one_plus(exp));
    const __m256i lower = _mm256_sub_epi16(words(INT16_MAX), upper);
    const __m256i value = _mm256_blendv_epi8(lower, upper, _mm256_cmpgt_epi16(a, zero));
    return _mm256_blendv_epi8(value, words(1 << 14), _mm256_cmpeq_epi16(a, zero));
}

static MG_ALWAYS_INLINE __m256i tanh_of(int integer_bits, __m256i a)
{
    const __m256i exp = exp_of(integer_bits + 1, negative_of(a));
    const __m256i above_one = _mm256_sub_epi16(two_over_one_plus(exp), words(1 << 13));
    return _mm256_sign_epi16(double_words(double_words(above_one)), a);
}

/* The functions of `values` with constant bits, so that each form is straight code. */
#define SQUASH(name, of, bits)                                                                \
    static void name(const int16_t *values, size_t count, int16_t *result)                    \
    {                                                                                         \
        size_t i = 0;                                                                         \
        for (; i + LANES <= count; i += LANES) store(result + i, of(bits, load(values + i))); \
        if (i == count) return;                                                               \
        int16_t rest[LANES] = {0};                                                            \
        memcpy(rest, values + i, (count - i) * sizeof *rest);                                 \
        store(rest, of(bits, load(rest)));                                                    \
        memcpy(result + i, rest, (count - i) * sizeof *rest);                                 \
    }
SQUASH(logistic_3, logistic_of, 3)
SQUASH(tanh_0, tanh_of, 0)
SQUASH(tanh_1, tanh_of, 1)
SQUASH(tanh_2, tanh_of, 2)
SQUASH(tanh_3, tanh_of, 3)
SQUASH(tanh_4, tanh_of, 4)
SQUASH(tanh_5, tanh_of, 5)
SQUASH(tanh_6, tanh_of, 6)

static void tanh_any(int integer_bits, const int16_t *values, size_t count, int16_t *result)
{
    static void (*const forms[])(const int16_t *, size_t, int16_t *) = {
        tanh_0, tanh_1, tanh_2, tanh_3, tanh_4, tanh_5, tanh_6,
    };
    forms[integer_bits](values, count, result);
}

/* All factors alike; results cut to least … most. */
static MG_ALWAYS_INLINE mg_factors_avx2 same_factors(mg_multiplier factor, int32_t zero_point,
                                                     int32_t least, int32_t most)
{
    const mg_requantisation how = {
        .zero_point = zero_point, .minimum = least, .maximum = most, .cell = MG_CELL_I16};
    return mg_factors_of_avx2(&how, _mm256_set1_epi32(factor.multiplier),
                              _mm256_set1_epi32(factor.shift));
}

/* What is cut off the second product lies outside int16 whatever is added. */
static MG_ALWAYS_INLINE __m256i join_lanes(const int32_t *input, const mg_factors_avx2 *first,
                                           const int32_t *recurrent, const mg_factors_avx2 *second)
{
    __m256i sums[2];
    for (int half = 0; half < 2; half++) {
        sums[half] = _mm256_add_epi32(mg_scale_avx2(load(input + 8 * half), first),
                                      mg_scale_avx2(load(recurrent + 8 * half), second));
    }
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(sums[0], sums[1]), 0xD8);
}

static void join(const int32_t *input, mg_multiplier input_factor, const int32_t *recurrent,
                 mg_multiplier recurrent_factor, size_t count, int16_t *result)
{
    const mg_factors_avx2 first = same_factors(input_factor, 0, INT16_MIN, INT16_MAX);
    const mg_factors_avx2 second =
        same_factors(recurrent_factor, 0, 2 * INT16_MIN, 2 * INT16_MAX + 1);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        store(result + i, join_lanes(input + i, &first, recurrent + i, &second));
    }
    if (i == count) return;
    int32_t a[LANES] = {0}, b[LANES] = {0};
    int16_t rest[LANES];
    memcpy(a, input + i, (count - i) * sizeof *a);
    memcpy(b, recurrent + i, (count - i) * sizeof *b);
    store(rest, join_lanes(a, &first, b, &second));
    memcpy(result + i, rest, (count - i) * sizeof *rest);
}

/* The 16 products in two halves, in the order that packing them restores. */
typedef struct products {
    __m256i low, high;
} products;

static MG_ALWAYS_INLINE products multiply_words(__m256i a, __m256i b)
{
    const __m256i lower = _mm256_mullo_epi16(a, b), upper = _mm256_mulhi_epi16(a, b);
    return (products){_mm256_unpacklo_epi16(lower, upper), _mm256_unpackhi_epi16(lower, upper)};
}

/* x / 2^n, ties away from zero, n >= 1. */
static MG_ALWAYS_INLINE __m256i round_lanes(__m256i x, int n)
{
    const __m128i shift = _mm_cvtsi32_si128(n);
    const __m256i mask = _mm256_set1_epi32((int32_t)((UINT32_C(1) << n) - 1));
    const __m256i threshold =
        _mm256_sub_epi32(_mm256_srli_epi32(mask, 1), _mm256_srai_epi32(x, 31));
    const __m256i up = _mm256_cmpgt_epi32(_mm256_and_si256(x, mask), threshold);
    return _mm256_sub_epi32(_mm256_sra_epi32(x, shift), up);
}

static MG_ALWAYS_INLINE __m256i advance_lanes(int shift, __m256i share, __m256i forget,
                                              __m256i modulation, __m256i cell)
{
    const products kept = multiply_words(forget, cell), added = multiply_words(share, modulation);
    const __m256i low = _mm256_add_epi32(round_lanes(kept.low, 15), round_lanes(added.low, shift));
    const __m256i high =
        _mm256_add_epi32(round_lanes(kept.high, 15), round_lanes(added.high, shift));
    return _mm256_packs_epi32(low, high);
}

static void advance(int32_t cell_scale, int16_t clip, const int16_t *input, const int16_t *forget,
                    const int16_t *modulation, size_t count, int16_t *cell)
{
    const int shift = 30 + cell_scale;
    const __m256i most = words(clip > 0 ? clip : INT16_MAX);
    const __m256i least = words(clip > 0 ? -clip : INT16_MIN);
    for (size_t i = 0; i < count; i += LANES) {
        const size_t lanes = count - i < LANES ? count - i : LANES;
        int16_t rest[4][LANES] = {{0}};
        const int16_t *from[4] = {input ? input + i : NULL, forget + i, modulation + i, cell + i};
        for (int k = 0; k < 4 && lanes < LANES; k++) {
            if (from[k] == NULL) continue;
            memcpy(rest[k], from[k], lanes * sizeof *cell);
            from[k] = rest[k];
        }
        const __m256i kept = load(from[1]);
        const __m256i share = input ? load(from[0]) : _mm256_sub_epi16(words(INT16_MAX), kept);
        __m256i next = advance_lanes(shift, share, kept, load(from[2]), load(from[3]));
        next = _mm256_max_epi16(_mm256_min_epi16(next, most), least);
        if (lanes == LANES) {
            store(cell + i, next);
        } else {
            store(rest[0], next);
            memcpy(cell + i, rest[0], lanes * sizeof *cell);
        }
    }
}

static MG_ALWAYS_INLINE __m128i multiply_lanes(const int16_t *a, const int16_t *b,
                                               const mg_factors_avx2 *factors)
{
    const products product = multiply_words(load(a), load(b));
    const __m256i result = _mm256_packs_epi32(mg_scale_avx2(product.low, factors),
                                              mg_scale_avx2(product.high, factors));
    return _mm_packs_epi16(_mm256_castsi256_si128(result), _mm256_extracti128_si256(result, 1));
}

static void multiply(const int16_t *a, const int16_t *b, mg_multiplier factor, int32_t zero_point,
                     size_t count, int8_t *result)
{
    const mg_factors_avx2 factors = same_factors(factor, zero_point, INT8_MIN, INT8_MAX);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        _mm_storeu_si128((__m128i *)(void *)(result + i), multiply_lanes(a + i, b + i, &factors));
    }
    if (i == count) return;
    int16_t left[LANES] = {0}, right[LANES] = {0};
    int8_t rest[LANES];
    memcpy(left, a + i, (count - i) * sizeof *left);
    memcpy(right, b + i, (count - i) * sizeof *right);
    _mm_storeu_si128((__m128i *)(void *)rest, multiply_lanes(left, right, &factors));
    memcpy(result + i, rest, count - i);
}

const mg_gate_kernel mg_gate_avx2 = {join, logistic_3, tanh_any, advance, multiply};
