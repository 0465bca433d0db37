/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only definition of requantisation: a real factor as a 31-bit multiplier and a power of two,
 * and the roundings with which integer results are scaled by it. Freestanding C99.
 *
 * A factor f >= 0 is multiplier * 2^(shift - 31) with multiplier in [2^30, 2^31), or 0. Results
 * equal those of TensorFlow Lite's reference kernels for all inputs.
 */
#ifndef MG_FIXED_POINT_H
#define MG_FIXED_POINT_H

#include <math.h>
#include <stdint.h>

typedef struct mg_multiplier {
    int32_t multiplier;
    int32_t shift; /* positive: to the left */
} mg_multiplier;

/* Factors below 2^-32 become 0; the factor must be finite. Factors of 2^31 and more, which files
 * with broken scales have, shift by the exponent modulo 32, as the reference does where it was
 * measured. */
static inline mg_multiplier mg_quantize_multiplier(double factor)
{
    mg_multiplier result = {0, 0};
    if (factor == 0.0) return result;
    int exponent = 0;
    const double fraction = frexp(factor, &exponent);
    int64_t fixed = (int64_t)round(fraction * 2147483648.0);
    if (fixed == (int64_t)1 << 31) {
        fixed /= 2;
        exponent++;
    }
    if (exponent < -31) return result;
    result.multiplier = (int32_t)fixed;
    result.shift = exponent > 31 ? exponent % 32 : exponent;
    return result;
}

/* x * 2^n modulo 2^32, 0 <= n <= 31. */
static inline int32_t mg_shift_left(int32_t x, int n)
{
    return (int32_t)((uint32_t)x << n);
}

/* floor(a * b / 2^31 + 1/2), the one overflow saturated. */
static inline int32_t mg_saturating_doubling_high_multiply(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* The same in 16 bits. */
static inline int16_t mg_saturating_doubling_high_multiply_16(int16_t a, int16_t b)
{
    if (a == INT16_MIN && b == INT16_MIN) return INT16_MAX;
    return (int16_t)(((int32_t)a * b + (1 << 14)) >> 15);
}

/* x / 2^n, ties away from zero, 0 <= n <= 31. */
static inline int32_t mg_rounding_shift_right(int32_t x, int n)
{
    const int32_t mask = (int32_t)(((int64_t)1 << n) - 1);
    const int32_t remainder = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> n) + (remainder > threshold);
}

static inline int64_t mg_rounding_shift_right_64(int64_t x, int n)
{
    const int64_t mask = (int64_t)(((uint64_t)1 << n) - 1);
    const int64_t remainder = x & mask;
    const int64_t threshold = (mask >> 1) + (x < 0);
    return (x >> n) + (remainder > threshold);
}

/* x * 2^n, saturated, n >= 0. */
static inline int32_t mg_saturating_shift_left(int32_t x, int n)
{
    const int64_t wide = (int64_t)x * ((int64_t)1 << n);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

static inline int16_t mg_saturating_shift_left_16(int16_t x, int n)
{
    const int32_t wide = mg_saturating_shift_left(x, n);
    return (int16_t)(wide > INT16_MAX ? INT16_MAX : wide < INT16_MIN ? INT16_MIN : wide);
}

/* x * factor for shift <= 0. */
static inline int32_t mg_multiply_below_one(int32_t x, mg_multiplier factor)
{
    return mg_rounding_shift_right(mg_saturating_doubling_high_multiply(x, factor.multiplier),
                                   -factor.shift);
}

/* x * factor for shift >= 0; the shifted x wraps. */
static inline int32_t mg_multiply_above_one(int32_t x, mg_multiplier factor)
{
    return mg_saturating_doubling_high_multiply(mg_shift_left(x, factor.shift), factor.multiplier);
}

/* x * factor: rounded twice, once to a multiple of 2^-shift (ties up), once to an integer (ties
 * away from zero). The shifted x wraps. */
static inline int32_t mg_multiply_by_quantized(int32_t x, mg_multiplier factor)
{
    const int left = factor.shift > 0 ? factor.shift : 0;
    const int right = factor.shift > 0 ? 0 : -factor.shift;
    return mg_rounding_shift_right(
        mg_saturating_doubling_high_multiply(mg_shift_left(x, left), factor.multiplier), right);
}

/* The form for 64-bit sums, |x| < 2^47, shift in [-31, 7]: the multiplier is cut to 16 bits and the
 * result rounded once, ties up. */
static inline int32_t mg_multiply_by_quantized_64(int64_t x, mg_multiplier factor)
{
    const int32_t narrow =
        factor.multiplier < 0x7FFF0000 ? (factor.multiplier + (1 << 15)) >> 16 : 0x7FFF;
    const int shift = 15 - factor.shift;
    const uint64_t half = (uint64_t)1 << (shift - 1);
    /* Sums beyond 2^47, which only a made-up bias gives, wrap. */
    return (int32_t)((int64_t)((uint64_t)x * (uint64_t)(int64_t)narrow + half) >> shift);
}

/* x * factor in double, rounded once, ties away from zero; cut to int32. */
static inline int32_t mg_multiply_by_real(int64_t x, double factor)
{
    const double product = round((double)x * factor);
    return product >= 2147483647.0    ? INT32_MAX
           : product <= -2147483648.0 ? INT32_MIN
                                      : (int32_t)product;
}

/* Rounds half away from zero. */
static inline float mg_round_half_away(float x)
{
    return roundf(x);
}

static inline int32_t mg_clamp(int32_t x, int32_t minimum, int32_t maximum)
{
    return x < minimum ? minimum : x > maximum ? maximum : x;
}

#endif
