/* SPDX-License-Identifier: Apache-2.0 */
/* How float activations become int8 as they come: scales and zero points are those that LiteRT's
 * reference kernels choose, to the bit, because values that lie on a half follow them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/dynamic.h"
#include "kernel/ref/hybrid.h"

typedef struct choice {
    float least, most; /* values that occur */
    float scale;       /* what LiteRT's CONV_2D makes of them */
    int32_t zero_point;
} choice;

/* Drawn so that a width in double precision would give another scale (the first three) or another
 * zero point (the others). */
static const choice choices[] = {
    {-0x1.6dd366p+0f, 0x1.569bbep+1f, 0x1.07ca82p-6f, -39},
    {-0x1.cf9e34p-3f, 0x1.12390cp+1f, 0x1.306354p-7f, -104},
    {-0x1.3b88e4p+1f, 0x1.07f062p+1f, 0x1.22df84p-6f, 11},
    {-0x1.9a14b4p-1f, 0x1.9db5bcp-2f, 0x1.35ad76p-8f, 41},
    {-0x1.551466p+1f, 0x1.1cd40cp+2f, 0x1.c92768p-6f, -33},
    {-0x1.4af508p+1f, 0x1.3c9156p+0f, 0x1.eb28dcp-7f, 45},
};

static void asymmetric_scales_are_those_of_litert(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; ++i) {
        const choice *at = &choices[i];
        float scale, factor;
        int32_t zero_point;
        mg_asymmetric_scale(at->least, at->most, &scale, &factor, &zero_point);
        assert_memory_equal(&scale, &at->scale, sizeof scale);
        assert_int_equal(zero_point, at->zero_point);
    }
}

static void vectors_are_quantised_by_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; ++i) {
        const choice *at = &choices[i];
        const float values[3] = {at->most, 0.0f, at->least};
        int8_t quantized[3];
        float scale;
        int32_t zero_point;
        mg_quantize_asymmetric_f32(values, 3, quantized, &scale, &zero_point);
        assert_memory_equal(&scale, &at->scale, sizeof scale);
        assert_int_equal(zero_point, at->zero_point);
        assert_int_equal(quantized[1], at->zero_point);
        assert_true(quantized[0] >= 126);
        assert_true(quantized[2] <= -127);
    }
}

static void zeros_have_a_scale(void **state)
{
    (void)state;
    const float values[5] = {0};
    int8_t quantized[5] = {1, 1, 1, 1, 1};
    const int8_t expected[5] = {0};
    float scale;
    int32_t zero_point;
    mg_quantize_asymmetric_f32(values, 5, quantized, &scale, &zero_point);
    assert_true(scale == 1.0f);
    assert_int_equal(zero_point, 0);
    assert_memory_equal(quantized, expected, sizeof quantized);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asymmetric_scales_are_those_of_litert),
        cmocka_unit_test(vectors_are_quantised_by_them),
        cmocka_unit_test(zeros_have_a_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
