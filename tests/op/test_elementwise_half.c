/* SPDX-License-Identifier: Apache-2.0 */
/* The narrow float formats: every code is widened to its definition and narrowed back to itself; a
 * float narrows to the nearest code, ties to the even one. */
#include "kernel/ref/half.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

static float widen_half(uint32_t code)
{
    return mg_half_to_float((uint16_t)code);
}
static uint32_t narrow_half(float value)
{
    return mg_float_to_half(value);
}
static float widen_bfloat16(uint32_t code)
{
    return mg_bfloat16_to_float((uint16_t)code);
}
static uint32_t narrow_bfloat16(float value)
{
    return mg_float_to_bfloat16(value);
}
static float widen_e5m2(uint32_t code)
{
    return mg_float8_e5m2_to_float((uint8_t)code);
}
static uint32_t narrow_e5m2(float value)
{
    return mg_float_to_float8_e5m2(value);
}
static float widen_e4m3fn(uint32_t code)
{
    return mg_float8_e4m3fn_to_float((uint8_t)code);
}
static uint32_t narrow_e4m3fn(float value)
{
    return mg_float_to_float8_e4m3fn(value);
}

typedef struct narrow_format {
    int bits, mantissa_bits, bias;
    bool has_infinity;
    float (*widen)(uint32_t code);
    uint32_t (*narrow)(float value);
} narrow_format;

static const narrow_format formats[] = {
    {16, 10, 15, true, widen_half, narrow_half},
    {16, 7, 127, true, widen_bfloat16, narrow_bfloat16},
    {8, 2, 15, true, widen_e5m2, narrow_e5m2},
    {8, 3, 7, false, widen_e4m3fn, narrow_e4m3fn},
};

/* The value of a code by the definition of the format; NaN and infinity where it says so. */
static double defined(const narrow_format *format, uint32_t code)
{
    uint32_t magnitude = code & ((1u << (format->bits - 1)) - 1);
    double sign = code >> (format->bits - 1) ? -1 : 1;
    uint32_t mantissa = magnitude & ((1u << format->mantissa_bits) - 1);
    int exponent = (int)(magnitude >> format->mantissa_bits);
    int top = (1 << (format->bits - 1 - format->mantissa_bits)) - 1;
    if (format->has_infinity && exponent == top) return mantissa != 0 ? NAN : sign * INFINITY;
    if (!format->has_infinity && magnitude == 0x7f) return NAN;
    double fraction = ldexp(mantissa, -format->mantissa_bits);
    return sign * (exponent == 0 ? ldexp(fraction, 1 - format->bias)
                                 : ldexp(1 + fraction, exponent - format->bias));
}

static void codes_widen_and_come_back(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; ++f) {
        const narrow_format *format = &formats[f];
        for (uint32_t code = 0; code < 1u << format->bits; ++code) {
            double expected = defined(format, code);
            float value = format->widen(code);
            if (isnan(expected)) {
                assert_true(isnan(value));
                assert_true(isnan(format->widen(format->narrow(value))));
                continue;
            }
            assert_true((double)value == expected && !signbit(value) == !signbit(expected));
            assert_int_equal(format->narrow(value), code);
        }
    }
}

/* Between two neighbours: the middle goes to the even code, what is beside it to the nearer. */
static void floats_narrow_to_the_nearest(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; ++f) {
        const narrow_format *format = &formats[f];
        uint32_t sign = 1u << (format->bits - 1);
        for (uint32_t code = 0;
             !isnan(defined(format, code + 1)) && !isinf(defined(format, code + 1)); ++code) {
            double low = defined(format, code), high = defined(format, code + 1);
            float middle = (float)((low + high) / 2);
            uint32_t even = code & 1 ? code + 1 : code;
            assert_int_equal(format->narrow(middle), even);
            assert_int_equal(format->narrow(-middle), even | sign);
            assert_int_equal(format->narrow(nextafterf(middle, -INFINITY)), code);
            assert_int_equal(format->narrow(nextafterf(middle, INFINITY)), code + 1);
        }
    }
}

static void what_is_too_large_overflows(void **state)
{
    (void)state;
    assert_int_equal(mg_float_to_half(65519.99f), 0x7bff);
    assert_int_equal(mg_float_to_half(65520.0f), 0x7c00);
    assert_int_equal(mg_float_to_half(-1e30f), 0xfc00);
    assert_int_equal(mg_float_to_bfloat16(3.4e38f), 0x7f80);
    assert_int_equal(mg_float_to_float8_e5m2(61439.0f), 0x7b);
    assert_int_equal(mg_float_to_float8_e5m2(61440.0f), 0x7c);
    assert_int_equal(mg_float_to_float8_e4m3fn(464.0f), 0x7e);
    assert_int_equal(mg_float_to_float8_e4m3fn(465.0f), 0x7f);
    assert_int_equal(mg_float_to_float8_e4m3fn(-INFINITY), 0xff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_widen_and_come_back),
        cmocka_unit_test(floats_narrow_to_the_nearest),
        cmocka_unit_test(what_is_too_large_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
