/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The narrow floating-point formats and their way to and from float.
 *
 *   format        sign, exponent, mantissa   bias   largest     infinity   NaN
 *   float16       1, 5, 10                   15     65504       yes        many
 *   bfloat16      1, 8, 7                    127    3.4e38      yes        many
 *   float8_e5m2   1, 5, 2                    15     57344       yes        many
 *   float8_e4m3fn 1, 4, 3                    7      448         no         0x7f and 0xff
 *
 * Narrowing rounds to nearest, ties to even. What is too large becomes infinity, or NaN where the
 * format has none. Widening is exact.
 */
#ifndef MG_HALF_H
#define MG_HALF_H

#include <stdint.h>
#include <string.h>

static inline uint32_t mg_float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float mg_float_from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/*
 * Exponent and mantissa of a finite |value| in a narrow format, rounded; the caller deals with the
 * sign and with results beyond the format's range. Below the format's normal numbers the rounding
 * is left to the addition of a number whose last place is the format's smallest.
 */
static inline uint32_t mg_narrow_magnitude(uint32_t bits, int mantissa_bits, int bias)
{
    uint32_t magnitude = bits & 0x7fffffffu;
    int dropped = 23 - mantissa_bits;
    if (bias < 127 && magnitude < (uint32_t)(128 - bias) << 23) {
        uint32_t last_place = (uint32_t)(127 + 1 - bias + dropped) << 23;
        float rounded = mg_float_from_bits(magnitude) + mg_float_from_bits(last_place);
        return mg_float_bits(rounded) - last_place;
    }
    magnitude += (UINT32_C(1) << (dropped - 1)) - 1 + (magnitude >> dropped & 1);
    return (magnitude >> dropped) - ((uint32_t)(127 - bias) << mantissa_bits);
}

/* The float that a finite narrow magnitude stands for. */
static inline float mg_widen_magnitude(uint32_t magnitude, int mantissa_bits, int bias)
{
    int dropped = 23 - mantissa_bits;
    if (bias < 127 && magnitude >> mantissa_bits == 0)
        return (float)magnitude *
               mg_float_from_bits((uint32_t)(127 + 1 - bias - mantissa_bits) << 23);
    return mg_float_from_bits((magnitude << dropped) + ((uint32_t)(127 - bias) << 23));
}

/* value with the top bit of `sign`. */
static inline float mg_with_sign(float value, uint32_t sign)
{
    return mg_float_from_bits(mg_float_bits(value) | (sign & 0x80000000u));
}

/* Narrowing to a format with infinity: `infinity` is its code. */
static inline uint32_t mg_narrow(float value, int mantissa_bits, int bias, uint32_t infinity,
                                 int sign_shift)
{
    uint32_t bits = mg_float_bits(value);
    uint32_t sign = bits >> 31 << sign_shift;
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return sign | infinity | UINT32_C(1) << (mantissa_bits - 1);
    if ((bits & 0x7fffffffu) == 0x7f800000u) return sign | infinity;
    uint32_t magnitude = mg_narrow_magnitude(bits, mantissa_bits, bias);
    return sign | (magnitude > infinity ? infinity : magnitude);
}

static inline float mg_widen(uint32_t code, int mantissa_bits, int bias, uint32_t infinity,
                             int sign_shift)
{
    uint32_t magnitude = code & ((UINT32_C(1) << sign_shift) - 1);
    uint32_t sign = code << (31 - sign_shift);
    if (magnitude >= infinity)
        return mg_float_from_bits((sign & 0x80000000u) | 0x7f800000u |
                                  (magnitude - infinity) << (23 - mantissa_bits));
    return mg_with_sign(mg_widen_magnitude(magnitude, mantissa_bits, bias), sign);
}

static inline uint16_t mg_float_to_half(float value)
{
    return (uint16_t)mg_narrow(value, 10, 15, 0x7c00, 15);
}

static inline float mg_half_to_float(uint16_t code)
{
    return mg_widen(code, 10, 15, 0x7c00, 15);
}

static inline uint16_t mg_float_to_bfloat16(float value)
{
    return (uint16_t)mg_narrow(value, 7, 127, 0x7f80, 15);
}

static inline float mg_bfloat16_to_float(uint16_t code)
{
    return mg_float_from_bits((uint32_t)code << 16);
}

static inline uint8_t mg_float_to_float8_e5m2(float value)
{
    return (uint8_t)mg_narrow(value, 2, 15, 0x7c, 7);
}

static inline float mg_float8_e5m2_to_float(uint8_t code)
{
    return mg_widen(code, 2, 15, 0x7c, 7);
}

static inline uint8_t mg_float_to_float8_e4m3fn(float value)
{
    uint32_t bits = mg_float_bits(value);
    uint32_t sign = bits >> 31 << 7;
    if ((bits & 0x7fffffffu) >= 0x7f800000u) return (uint8_t)(sign | 0x7f);
    uint32_t magnitude = mg_narrow_magnitude(bits, 3, 7);
    return (uint8_t)(sign | (magnitude > 0x7f ? 0x7f : magnitude));
}

static inline float mg_float8_e4m3fn_to_float(uint8_t code)
{
    uint32_t sign = (uint32_t)code << 24;
    if ((code & 0x7f) == 0x7f) return mg_float_from_bits((sign & 0x80000000u) | 0x7fc00000u);
    return mg_with_sign(mg_widen_magnitude(code & 0x7f, 3, 7), sign);
}

#endif
