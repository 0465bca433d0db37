/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of a float without branches or tables, which compilers turn into vector code. A tier
 * that multiplies and adds in one step defines MG_FUSE so before it includes this; its bits differ
 * then from those of others, within the errors, in units of the last place of the result:
 *
 *   mg_exp_f32       2        inf and 0 beyond the range, NaN stays, in all of them
 *   mg_logistic_f32  3        below -87: as at -87, 1.6e-38
 *   mg_tanh_f32      3
 *   mg_elu_f32       3
 *   mg_gelu_f32      8, and t^2 of the result's size below t = -1
 *   mg_gelu_approximate_f32   as the formula with float32 steps
 *
 * Roundings are exact.
 */
#ifndef MG_REAL_FUNCTIONS_H
#define MG_REAL_FUNCTIONS_H

#include <math.h>

#include "kernel/ref/half.h"

#ifndef MG_FUSE
#define MG_FUSE(a, b, c) ((a) * (b) + (c))
#endif

/* ---- Roundings: adding and taking away 2^23 rounds |x| < 2^23 to nearest, ties to even */

static inline float mg_round_half_even_f32(float x)
{
    const float big = 8388608.0f;
    float size = fabsf(x);
    float rounded = (size + big) - big;
    return copysignf(size < big ? rounded : size, x);
}

static inline float mg_round_half_away_f32(float x)
{
    const float big = 8388608.0f;
    float size = fabsf(x);
    float rounded = (size + big) - big;
    rounded += size - rounded == 0.5f ? 1.0f : 0.0f;
    return copysignf(size < big ? rounded : size, x);
}

static inline float mg_floor_f32(float x)
{
    float rounded = mg_round_half_even_f32(x);
    float less = rounded - 1.0f;
    return rounded > x ? less : rounded;
}

static inline float mg_ceil_f32(float x)
{
    float rounded = mg_round_half_even_f32(x);
    float more = copysignf(rounded + 1.0f, x);
    return rounded < x ? more : rounded;
}

/* ---- exp and what is made of it */

/* x = n * log(2) + r with |r| <= log(2) / 2; the lowest bits of *shifted are n, the result is
 * (exp(r) - 1 - r) / r^2. */
static inline float mg_split_exponent(float x, float *r, float *shifted)
{
    const float shifter = 12582912.0f; /* 1.5 * 2^23 leaves the integer in the low bits */
    *shifted = MG_FUSE(x, 1.44269504f, shifter);
    float n = *shifted - shifter;
    /* log(2) in two parts, the first of few bits so that its multiples are exact. */
    float rest = MG_FUSE(n, 2.12194440e-4f, MG_FUSE(n, -0.693359375f, x));
    *r = rest;
    float q = 0.0013814596459f;
    q = MG_FUSE(q, rest, 0.0083687175065f);
    q = MG_FUSE(q, rest, 0.0416683889925f);
    q = MG_FUSE(q, rest, 0.1666652113199f);
    return MG_FUSE(q, rest, 0.4999999403954f);
}

/* The n of mg_split_exponent. */
static inline int32_t mg_power_of(float shifted)
{
    return (int32_t)(mg_float_bits(shifted) - mg_float_bits(12582912.0f));
}

/* 2^power for -126 <= power <= 127. */
static inline float mg_power_of_two(int32_t power)
{
    return mg_float_from_bits((uint32_t)(power + 127) << 23);
}

static inline float mg_exp_f32(float x)
{
    float r, shifted;
    float bounded = x < -104.0f ? -104.0f : x;
    bounded = bounded > 89.0f ? 89.0f : bounded;
    float q = mg_split_exponent(bounded, &r, &shifted);
    float fraction = 1.0f + MG_FUSE(r * r, q, r);
    int32_t power = mg_power_of(shifted);
    /* In two steps, for results below the smallest normal number and beyond the largest. */
    int32_t half = power >> 1;
    return fraction * mg_power_of_two(half) * mg_power_of_two(power - half);
}

/* exp(x) for |x| <= 87: the power of two is added to the exponent of the fraction. */
static inline float mg_exp_within_f32(float x)
{
    float r, shifted;
    float q = mg_split_exponent(x, &r, &shifted);
    float fraction = 1.0f + MG_FUSE(r * r, q, r);
    return mg_float_from_bits(mg_float_bits(fraction) + (mg_float_bits(shifted) << 23));
}

/* exp(x) for x <= 0; 0 where the result would be below the smallest normal number. */
static inline float mg_exp_of_negative_f32(float x)
{
    float bounded = x < -87.0f ? -87.0f : x;
    float result = mg_exp_within_f32(bounded);
    return x < -87.0f ? 0.0f : result;
}

static inline float mg_logistic_f32(float x)
{
    float size = fabsf(x);
    float bounded = size > 87.0f ? 87.0f : size;
    return 1.0f / (1.0f + mg_exp_within_f32(copysignf(bounded, -x)));
}

static inline float mg_tanh_f32(float x)
{
    float size = fabsf(x);
    float square = size * size;
    float p = -0.0062742293814f;
    p = MG_FUSE(p, square, 0.0210716724396f);
    p = MG_FUSE(p, square, -0.0538523085415f);
    p = MG_FUSE(p, square, 0.1333258599043f);
    p = MG_FUSE(p, square, -0.3333331644535f);
    float near_zero = MG_FUSE(size * square, p, size);
    float e = mg_exp_of_negative_f32(-2.0f * size);
    float far = (1.0f - e) / (1.0f + e);
    return copysignf(size < 0.55f ? near_zero : far, x);
}

/* exp(x) - 1 for negative x: (2^n - 1) + 2^n * (exp(r) - 1). */
static inline float mg_elu_f32(float x)
{
    float r, shifted;
    float bounded = x < -20.0f ? -20.0f : x;
    bounded = bounded > 0.0f ? 0.0f : bounded;
    float q = mg_split_exponent(bounded, &r, &shifted);
    float scale = mg_power_of_two(mg_power_of(shifted));
    float negative = MG_FUSE(scale, MG_FUSE(r * r, q, r), scale - 1.0f);
    return x > 0.0f ? x : negative;
}

/* x * Phi(x), where Phi(-t) = exp(-t^2 / 2) * R(t) and R is a polynomial in 1 / (1 + 0.4 t). */
static inline float mg_gelu_f32(float x)
{
    float t = fabsf(x);
    float bounded = t > 14.2f ? 14.2f : t;
    float u = 1.0f / (1.0f + 0.4f * bounded);
    float p = -0.0394470952451f;
    p = MG_FUSE(p, u, 0.1999364346266f);
    p = MG_FUSE(p, u, -0.3724769055843f);
    p = MG_FUSE(p, u, 0.2497770637274f);
    p = MG_FUSE(p, u, -0.0116793969646f);
    p = MG_FUSE(p, u, 0.1581632494926f);
    p = MG_FUSE(p, u, 0.1558403223753f);
    p = MG_FUSE(p, u, 0.1598980426788f);
    p = MG_FUSE(p, u, -0.0000116979273f);
    float tail = copysignf(bounded, x) * (mg_exp_of_negative_f32(t * t * -0.5f) * p);
    float rest = x - tail;
    return x > 0.0f ? rest : tail;
}

static inline float mg_gelu_approximate_f32(float x)
{
    const float sqrt_of_2_over_pi = 0.79788456080286536f;
    return 0.5f * x * (1.0f + mg_tanh_f32(sqrt_of_2_over_pi * (x + 0.044715f * x * x * x)));
}

static inline float mg_hard_swish_f32(float x)
{
    float relu6 = x + 3.0f;
    relu6 = relu6 < 0.0f ? 0.0f : relu6;
    relu6 = relu6 > 6.0f ? 6.0f : relu6;
    return x * relu6 / 6.0f;
}

#endif
