/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of real_functions.h, eight floats at a time, with the same polynomials and error
 * bounds. Compilers make four instructions of a bound that is one here, which is a third of the
 * time.
 */
#ifndef MG_REAL_FUNCTIONS_AVX2_H
#define MG_REAL_FUNCTIONS_AVX2_H

#include <immintrin.h>

#include "kernel/compiler.h"

#define MG_SPREAD(x) _mm256_set1_ps(x)

/* The second operand of minimum and maximum is the result where one is not a number. */
static MG_ALWAYS_INLINE __m256 mg_within_avx2(__m256 x, float least, float most)
{
    return _mm256_min_ps(MG_SPREAD(most), _mm256_max_ps(MG_SPREAD(least), x));
}

/* exp(x) as fraction * 2^n; the lowest bits of *shifted are n. */
static MG_ALWAYS_INLINE __m256 mg_exp_fraction_avx2(__m256 x, __m256 *shifted)
{
    const __m256 shifter = MG_SPREAD(12582912.0f);
    *shifted = _mm256_fmadd_ps(x, MG_SPREAD(1.44269504f), shifter);
    const __m256 n = _mm256_sub_ps(*shifted, shifter);
    __m256 r = _mm256_fmadd_ps(n, MG_SPREAD(-0.693359375f), x);
    r = _mm256_fmadd_ps(n, MG_SPREAD(2.12194440e-4f), r);
    __m256 q = MG_SPREAD(0.0013814596459f);
    q = _mm256_fmadd_ps(q, r, MG_SPREAD(0.0083687175065f));
    q = _mm256_fmadd_ps(q, r, MG_SPREAD(0.0416683889925f));
    q = _mm256_fmadd_ps(q, r, MG_SPREAD(0.1666652113199f));
    q = _mm256_fmadd_ps(q, r, MG_SPREAD(0.4999999403954f));
    return _mm256_add_ps(MG_SPREAD(1.0f), _mm256_fmadd_ps(_mm256_mul_ps(r, r), q, r));
}

/* For |x| <= 87. */
static MG_ALWAYS_INLINE __m256 mg_exp_within_avx2(__m256 x)
{
    __m256 shifted;
    const __m256 fraction = mg_exp_fraction_avx2(x, &shifted);
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(fraction), exponent));
}

static MG_ALWAYS_INLINE __m256 mg_power_of_two_avx2(__m256i power)
{
    return _mm256_castsi256_ps(
        _mm256_slli_epi32(_mm256_add_epi32(power, _mm256_set1_epi32(127)), 23));
}

static MG_ALWAYS_INLINE __m256 mg_exp_avx2(__m256 x)
{
    __m256 shifted;
    const __m256 fraction = mg_exp_fraction_avx2(mg_within_avx2(x, -104.0f, 89.0f), &shifted);
    const __m256i power =
        _mm256_sub_epi32(_mm256_castps_si256(shifted), _mm256_castps_si256(MG_SPREAD(12582912.0f)));
    const __m256i half = _mm256_srai_epi32(power, 1);
    return _mm256_mul_ps(_mm256_mul_ps(fraction, mg_power_of_two_avx2(half)),
                         mg_power_of_two_avx2(_mm256_sub_epi32(power, half)));
}

static MG_ALWAYS_INLINE __m256 mg_logistic_avx2(__m256 x)
{
    const __m256 minus = _mm256_xor_ps(mg_within_avx2(x, -87.0f, 87.0f), MG_SPREAD(-0.0f));
    return _mm256_div_ps(MG_SPREAD(1.0f),
                         _mm256_add_ps(MG_SPREAD(1.0f), mg_exp_within_avx2(minus)));
}

static MG_ALWAYS_INLINE __m256 mg_swish_avx2(__m256 x)
{
    return _mm256_mul_ps(x, mg_logistic_avx2(x));
}

static MG_ALWAYS_INLINE __m256 mg_tanh_avx2(__m256 x)
{
    const __m256 sign = MG_SPREAD(-0.0f), one = MG_SPREAD(1.0f);
    const __m256 size = _mm256_andnot_ps(sign, x), square = _mm256_mul_ps(size, size);
    __m256 p = MG_SPREAD(-0.0062742293814f);
    p = _mm256_fmadd_ps(p, square, MG_SPREAD(0.0210716724396f));
    p = _mm256_fmadd_ps(p, square, MG_SPREAD(-0.0538523085415f));
    p = _mm256_fmadd_ps(p, square, MG_SPREAD(0.1333258599043f));
    p = _mm256_fmadd_ps(p, square, MG_SPREAD(-0.3333331644535f));
    const __m256 near_zero = _mm256_fmadd_ps(_mm256_mul_ps(size, square), p, size);
    const __m256 e =
        mg_exp_within_avx2(_mm256_max_ps(MG_SPREAD(-87.0f), _mm256_mul_ps(size, MG_SPREAD(-2.0f))));
    const __m256 far = _mm256_div_ps(_mm256_sub_ps(one, e), _mm256_add_ps(one, e));
    const __m256 is_near = _mm256_cmp_ps(size, MG_SPREAD(0.55f), _CMP_LT_OQ);
    return _mm256_or_ps(_mm256_blendv_ps(far, near_zero, is_near), _mm256_and_ps(sign, x));
}

#endif
