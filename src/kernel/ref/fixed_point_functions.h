/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exp, logistic and tanh in fixed point, bit-exact to the gemmlowp functions that the integer
 * kernels of TensorFlow Lite are defined by.
 *
 * A number is a raw signed integer of `width` bits (16 or 32), held in an int32_t. With i integer
 * bits it stands for raw / 2^(width - 1 - i), so its range is -2^i … 2^i. Products add the integer
 * bits of their factors. `width` and `integer_bits` are meant to be constants at the call: then
 * everything folds into straight code.
 */
#ifndef MG_FIXED_POINT_FUNCTIONS_H
#define MG_FIXED_POINT_FUNCTIONS_H

#include <stdint.h>

#include "kernel/fixed_point.h"

static inline int32_t mg_fixed_most(int width)
{
    return width == 16 ? INT16_MAX : INT32_MAX;
}

/* Brings a sum back to `width` bits as two's complement hardware does. */
static inline int32_t mg_fixed_wrap(int width, int64_t value)
{
    return width == 16 ? (int16_t)(uint16_t)(uint64_t)value : (int32_t)(uint32_t)(uint64_t)value;
}

static inline int32_t mg_fixed_saturate(int width, int64_t value)
{
    int64_t most = mg_fixed_most(width);
    return (int32_t)(value > most ? most : value < -most - 1 ? -most - 1 : value);
}

/* a * b / 2^(width - 1), ties towards +infinity; -1 * -1 saturates. */
static inline int32_t mg_fixed_multiply(int width, int32_t a, int32_t b)
{
    if (width == 16) return mg_saturating_doubling_high_multiply_16((int16_t)a, (int16_t)b);
    return mg_saturating_doubling_high_multiply(a, b);
}

/* x * 2^exponent, saturating; for changing to `exponent` fewer integer bits. */
static inline int32_t mg_fixed_shift_left(int width, int32_t x, int exponent)
{
    return mg_fixed_saturate(width, (int64_t)x * (INT64_C(1) << exponent));
}

/* x * factor as mg_multiply_by_quantized, but with ties of the second rounding towards +infinity:
 * the form that vector instructions have. */
static inline int32_t mg_multiply_ties_up(int32_t x, mg_multiplier factor)
{
    int left = factor.shift > 0 ? factor.shift : 0, right = left - factor.shift;
    int64_t value = mg_saturating_doubling_high_multiply(mg_shift_left(x, left), factor.multiplier);
    int64_t half = right > 0 ? INT64_C(1) << (right - 1) : 0;
    return (int32_t)((value + half) >> right);
}

/* A constant given with 32 bits. */
static inline int32_t mg_fixed_constant(int width, int32_t raw)
{
    return mg_rounding_shift_right(raw, 32 - width);
}

/* exp(a) for -1/4 <= a < 0; no integer bits in and out. A polynomial about -1/8. */
static inline int32_t mg_fixed_exp_near_zero(int width, int32_t a)
{
    int32_t exp_of_minus_eighth = mg_fixed_constant(width, 1895147668);
    int32_t third = mg_fixed_constant(width, 715827883);
    int32_t x = a + (INT32_C(1) << (width - 4));
    int32_t x2 = mg_fixed_multiply(width, x, x);
    int32_t x3 = mg_fixed_multiply(width, x2, x);
    int32_t x4 = mg_fixed_multiply(width, x2, x2);
    int32_t high = mg_fixed_multiply(width, mg_rounding_shift_right(x4, 2) + x3, third) + x2;
    int32_t series = x + mg_rounding_shift_right(high, 1);
    int64_t sum =
        (int64_t)exp_of_minus_eighth + mg_fixed_multiply(width, exp_of_minus_eighth, series);
    return mg_fixed_saturate(width, sum);
}

/*
 * exp(a) for a <= 0 with `integer_bits` (0 … 13 for 16 bits, to 29 for 32); the result has none.
 * a is split into a part within -1/4 … 0 and powers of two, each with a constant factor.
 */
static inline int32_t mg_fixed_exp_on_negative_values(int width, int integer_bits, int32_t a)
{
    static const int32_t exp_of_minus_powers[] = {
        1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242,
    };
    int fraction_bits = width - 1 - integer_bits;
    int32_t quarter = INT32_C(1) << (fraction_bits - 2);
    int32_t near_zero = (a & (quarter - 1)) - quarter;
    int32_t result =
        mg_fixed_exp_near_zero(width, mg_fixed_shift_left(width, near_zero, integer_bits));
    int32_t remainder = mg_fixed_wrap(width, (int64_t)near_zero - a);
    for (int power = -2; power <= 4 && power < integer_bits; power++) {
        if ((remainder >> (fraction_bits + power)) & 1) {
            int32_t factor = mg_fixed_constant(width, exp_of_minus_powers[power + 2]);
            result = mg_fixed_multiply(width, result, factor);
        }
    }
    if (integer_bits > 5 && a < -(INT32_C(1) << (fraction_bits + 5))) result = 0;
    return a == 0 ? mg_fixed_most(width) : result;
}

/* 2 / (1 + a) for 0 <= a <= 1, by three Newton steps; no integer bits in, 2 out. */
static inline int32_t mg_fixed_two_over_one_plus(int width, int32_t a)
{
    int32_t half_denominator = (int32_t)(((int64_t)a + mg_fixed_most(width) + 1) / 2);
    int32_t one = INT32_C(1) << (width - 3);
    int32_t x = mg_fixed_constant(width, 1515870810) +
                mg_fixed_multiply(width, half_denominator, mg_fixed_constant(width, -1010580540));
    for (int step = 0; step < 3; step++) {
        int32_t error = one - mg_fixed_multiply(width, half_denominator, x);
        x += mg_fixed_shift_left(width, mg_fixed_multiply(width, x, error), 2);
    }
    return x;
}

/* 1 / (1 + a) for 0 <= a <= 1; no integer bits in and out. */
static inline int32_t mg_fixed_one_over_one_plus(int width, int32_t a)
{
    return mg_fixed_shift_left(width, mg_fixed_two_over_one_plus(width, a), 1);
}

/* (1 - a) / (1 + a) for 0 <= a <= 1; no integer bits in and out. */
static inline int32_t mg_fixed_one_minus_over_one_plus(int width, int32_t a)
{
    int32_t one = INT32_C(1) << (width - 3);
    return mg_fixed_shift_left(width, mg_fixed_two_over_one_plus(width, a) - one, 2);
}

/* 1 / (1 + exp(-a)); the result has no integer bits. */
static inline int32_t mg_fixed_logistic(int width, int integer_bits, int32_t a)
{
    if (a == 0) return INT32_C(1) << (width - 2);
    int32_t negative = a > 0 ? -a : a;
    int32_t exp = mg_fixed_exp_on_negative_values(width, integer_bits, negative);
    int32_t upper = mg_fixed_one_over_one_plus(width, exp);
    return a > 0 ? upper : mg_fixed_most(width) - upper;
}

/* tanh(a); the result has no integer bits. */
static inline int32_t mg_fixed_tanh(int width, int integer_bits, int32_t a)
{
    if (a == 0) return 0;
    int32_t negative = a > 0 ? -a : a;
    int32_t exp = mg_fixed_exp_on_negative_values(width, integer_bits + 1, negative);
    int32_t magnitude = mg_fixed_one_minus_over_one_plus(width, exp);
    return a > 0 ? magnitude : -magnitude;
}

#endif
