/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax with AVX2, 8 elements at a time, the last ones masked.
 *
 * exp(x) for x <= 0: x = n * log(2) + r with |r| <= log(2) / 2, n to nearest. exp(r) is a
 * polynomial of degree 6 (its Taylor series, whose next term is below 2^-25 of the result), and 2^n
 * goes into the exponent. Results below 2^-126 are 0.
 */
#include <float.h>

#include "kernel/softmax.h"
#include "kernel/x86/columns_avx2.h"

static inline __m256 exp_of_negative(__m256 x)
{
    const __m256 least = _mm256_set1_ps(-87.33654f);
    const __m256 nothing = _mm256_cmp_ps(x, least, _CMP_LT_OQ);
    x = _mm256_max_ps(least, x);
    const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504088896341f)),
                                     _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    /* log(2) in two parts, of which the first has few enough bits for n times it to be exact */
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
    __m256 p = _mm256_set1_ps(1.0f / 720);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 120));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 24));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 6));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(0.5f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
    const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    const __m256 scaled = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), power));
    return _mm256_andnot_ps(nothing, scaled);
}

static inline float largest_lane(__m256 values)
{
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(values), _mm256_extractf128_ps(values, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

static inline float sum_of_lanes(__m256 values)
{
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(values), _mm256_extractf128_ps(values, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

/* NaN is never the largest. */
static float largest(const float *input, size_t depth)
{
    __m256 most = _mm256_set1_ps(-FLT_MAX);
    for (size_t i = 0; i < depth; i += 8) {
        const __m256i mask = mg_lane_mask_avx2(depth - i);
        const __m256 x =
            _mm256_blendv_ps(most, _mm256_maskload_ps(input + i, mask), _mm256_castsi256_ps(mask));
        most = _mm256_max_ps(x, most);
    }
    return largest_lane(most);
}

static void one_row(const float *input, size_t depth, float beta, float *output)
{
    const __m256 most = _mm256_set1_ps(largest(input, depth));
    const __m256 factor = _mm256_set1_ps(beta);
    __m256 sums = _mm256_setzero_ps();
    for (size_t i = 0; i < depth; i += 8) {
        const __m256i mask = mg_lane_mask_avx2(depth - i);
        const __m256 x = _mm256_sub_ps(_mm256_maskload_ps(input + i, mask), most);
        const __m256 e =
            _mm256_and_ps(exp_of_negative(_mm256_mul_ps(x, factor)), _mm256_castsi256_ps(mask));
        sums = _mm256_add_ps(sums, e);
        mg_store_columns_avx2(output + i, e, depth - i);
    }
    const __m256 sum = _mm256_set1_ps(sum_of_lanes(sums));
    for (size_t i = 0; i < depth; i += 8) {
        const __m256 e = _mm256_maskload_ps(output + i, mg_lane_mask_avx2(depth - i));
        mg_store_columns_avx2(output + i, _mm256_div_ps(e, sum), depth - i);
    }
}

static void rows(const float *input, size_t count, size_t depth, float beta, float *output)
{
    if (!(beta >= 0.0f)) { /* exponents above 0 */
        mg_softmax_f32(input, count, depth, beta, output);
        return;
    }
    for (size_t row = 0; row < count; row++)
        one_row(input + row * depth, depth, beta, output + row * depth);
}

const mg_softmax_f32_kernel mg_softmax_f32_avx2 = {rows};
