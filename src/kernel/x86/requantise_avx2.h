/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requantisation of 8 lanes, bit-equal to fixed_point.h.
 *
 * The first rounding needs 64-bit products: even lanes and odd lanes are multiplied apart. The
 * second, ties away from zero, is floor((((v + s) >> (n - 1)) + 1) / 2) with s = -1 for negative v,
 * else 0; it cannot overflow, since |v| < 2^31 - 1 after the first. With n >= 2 ("small" factors,
 * below 1/4) the zero point fits into the same sum, as 2 * zero_point.
 */
#ifndef MG_REQUANTISE_AVX2_H
#define MG_REQUANTISE_AVX2_H

#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/ref/cell.h"
#include "kernel/x86/columns_avx2.h"

#include <stdbool.h>
#include <string.h>

/* As of mg_requantise_kernel. */
void mg_requantise_real_avx2(const mg_requantisation *how, const double *factors, const int32_t *in,
                             size_t in_stride, size_t rows, size_t columns, void *out,
                             size_t out_stride);

typedef struct mg_factors_avx2 {
    __m256i multiplier;
    __m256i multiplier_odd;
    __m256i left;
    __m256i right;
    __m256i right_less_one;
    __m256i addend; /* of the small form: 1 + 2 * zero point */
    __m256i zero_point;
    __m256i least; /* of the value before the zero point is added */
    __m256i most;
} mg_factors_avx2;

/* Odd lanes moved to even places. Compilers that see more in a product of such lanes than vpmuldq
 * build it of three. */
static MG_ALWAYS_INLINE __m256i mg_odd_lanes_avx2(__m256i x)
{
    __m256i odd = _mm256_srli_epi64(x, 32);
    MG_KEEP_VECTOR(odd);
    return odd;
}

static MG_ALWAYS_INLINE mg_factors_avx2 mg_factors_of_avx2(const mg_requantisation *how,
                                                           __m256i multiplier, __m256i shift)
{
    const __m256i zero = _mm256_setzero_si256();
    mg_factors_avx2 factors;
    factors.multiplier = multiplier;
    factors.multiplier_odd = mg_odd_lanes_avx2(multiplier);
    factors.left = _mm256_max_epi32(shift, zero);
    factors.right = _mm256_max_epi32(_mm256_sub_epi32(zero, shift), zero);
    factors.right_less_one = _mm256_sub_epi32(factors.right, _mm256_set1_epi32(1));
    factors.addend = _mm256_set1_epi32(1 + 2 * how->zero_point);
    factors.zero_point = _mm256_set1_epi32(how->zero_point);
    factors.least = _mm256_set1_epi32(how->minimum - how->zero_point);
    factors.most = _mm256_set1_epi32(how->maximum - how->zero_point);
    return factors;
}

static MG_ALWAYS_INLINE mg_factors_avx2 mg_load_factors_avx2(const mg_requantisation *how,
                                                             size_t first, __m256i mask)
{
    return mg_factors_of_avx2(how, _mm256_maskload_epi32(how->multiplier + first, mask),
                              _mm256_maskload_epi32(how->shift + first, mask));
}

/* floor(x * multiplier / 2^31 + 1/2) */
static MG_ALWAYS_INLINE __m256i mg_high_multiply_avx2(__m256i x, const mg_factors_avx2 *factors)
{
    const __m256i half = _mm256_set1_epi64x((long long)1 << 30);
    const __m256i x_odd = mg_odd_lanes_avx2(x);
    __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, factors->multiplier), half);
    __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(x_odd, factors->multiplier_odd), half);
    even = _mm256_srli_epi64(even, 31);
    odd = _mm256_add_epi64(odd, odd);
    return _mm256_blend_epi32(even, odd, 0xAA);
}

/* Includes the zero point, but no clamping. All shifts <= -2. */
static MG_ALWAYS_INLINE __m256i mg_scale_small_avx2(__m256i x, const mg_factors_avx2 *factors)
{
    const __m256i v = mg_high_multiply_avx2(x, factors);
    const __m256i v_toward_zero = _mm256_add_epi32(v, _mm256_srai_epi32(v, 31));
    const __m256i halves = _mm256_srav_epi32(v_toward_zero, factors->right_less_one);
    return _mm256_srai_epi32(_mm256_add_epi32(halves, factors->addend), 1);
}

/* Includes the zero point and the clamping. Any shift. */
static MG_ALWAYS_INLINE __m256i mg_scale_avx2(__m256i x, const mg_factors_avx2 *factors)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i one = _mm256_set1_epi32(1);
    const __m256i v = mg_high_multiply_avx2(_mm256_sllv_epi32(x, factors->left), factors);
    const __m256i mask = _mm256_sub_epi32(_mm256_sllv_epi32(one, factors->right), one);
    const __m256i remainder = _mm256_and_si256(v, mask);
    const __m256i threshold =
        _mm256_sub_epi32(_mm256_srai_epi32(mask, 1), _mm256_cmpgt_epi32(zero, v));
    const __m256i floor = _mm256_srav_epi32(v, factors->right);
    __m256i y = _mm256_sub_epi32(floor, _mm256_cmpgt_epi32(remainder, threshold));
    y = _mm256_min_epi32(_mm256_max_epi32(y, factors->least), factors->most);
    return _mm256_add_epi32(y, factors->zero_point);
}

typedef struct mg_result_range_avx2 {
    mg_cell cell;
    bool open;       /* the range is that of the cell, so saturation is enough */
    __m256i minimum; /* int16 */
    __m256i maximum;
} mg_result_range_avx2;

static MG_ALWAYS_INLINE mg_result_range_avx2 mg_result_range_of_avx2(const mg_requantisation *how)
{
    const int32_t span = how->maximum - how->minimum;
    const mg_result_range_avx2 range = {how->cell, span == (how->cell == MG_CELL_I16 ? 65535 : 255),
                                        _mm256_set1_epi16((short)how->minimum),
                                        _mm256_set1_epi16((short)how->maximum)};
    return range;
}

static MG_ALWAYS_INLINE __m256i mg_clamp_words_avx2(const mg_result_range_avx2 *range,
                                                    __m256i words)
{
    return _mm256_min_epi16(_mm256_max_epi16(words, range->minimum), range->maximum);
}

static MG_ALWAYS_INLINE __m128i mg_result_bytes_avx2(const mg_result_range_avx2 *range,
                                                     __m256i words)
{
    const __m128i low = _mm256_castsi256_si128(words);
    const __m128i high = _mm256_extracti128_si256(words, 1);
    return range->cell == MG_CELL_U8 ? _mm_packus_epi16(low, high) : _mm_packs_epi16(low, high);
}

#endif
