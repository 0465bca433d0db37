/* SPDX-License-Identifier: Apache-2.0 */
/* Element-by-element operators against answers of the reference runtime, and what they refuse. */
#include "model_builder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const op_model goldens[] = {
#include "elementwise_goldens.inc"
};

static midge_session_options options_with(const char *kernels, int threads)
{
    midge_session_options options = midge_session_options_default();
    options.kernels = kernels;
    options.threads = threads;
    return options;
}

static void check_golden(const op_model *model, const char *kernels, size_t number)
{
    midge_session_options options = options_with(kernels, 1);
    op_running running;
    midge_status status = op_start(model, &options, &running);
    if (status != MIDGE_OK) fail_msg("case %zu: %s", number, running.error.message);
    midge_tensor *output = midge_session_output(running.session, 0);
    size_t expected = op_elements(&model->outputs[0]) * midge_type_bits(model->outputs[0].type) / 8;
    assert_int_equal(midge_tensor_bytes(output), expected);
    if (memcmp(midge_tensor_data(output), model->outputs[0].data, expected) != 0)
        fail_msg("case %zu, operator %d, kernels %s: other values", number, (int)model->op,
                 kernels);
    op_stop(&running);
}

static void integers_equal_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; ++i) {
        check_golden(&goldens[i], "ref", i);
        check_golden(&goldens[i], "auto", i);
    }
}

/* One operand of floats with a known answer. */
typedef struct float_case {
    int32_t op;
    float input[6];
    float expected[6];
} float_case;

static void floats_follow_the_formula(void **state)
{
    static const float_case cases[] = {
        {MG_BUILTIN_ABS, {-1.5f, 0, 2, -3, 4, -0.25f}, {1.5f, 0, 2, 3, 4, 0.25f}},
        {MG_BUILTIN_NEG, {-1.5f, 1, 2, -3, 4, 5}, {1.5f, -1, -2, 3, -4, -5}},
        {MG_BUILTIN_ROUND, {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 2.4f}, {0, 2, 2, 0, -2, 2}},
        {MG_BUILTIN_FLOOR, {0.5f, -0.5f, 2, -2, 8388609, -7.1f}, {0, -1, 2, -2, 8388609, -8}},
        {MG_BUILTIN_CEIL, {0.5f, -0.5f, 2, -2, 8388609, -7.1f}, {1, 0, 2, -2, 8388609, -7}},
        {MG_BUILTIN_SIGN, {0.5f, -0.5f, 0, 100, -100, 1}, {1, -1, 0, 1, -1, 1}},
        {MG_BUILTIN_SQUARE, {0.5f, -3, 0, 1, 2, 4}, {0.25f, 9, 0, 1, 4, 16}},
        {MG_BUILTIN_SQRT, {0, 0.25f, 1, 4, 2, 9}, {0, 0.5f, 1, 2, 1.41421356f, 3}},
        {MG_BUILTIN_RSQRT, {0.25f, 1, 4, 2, 16, 100}, {2, 1, 0.5f, 0.70710678f, 0.25f, 0.1f}},
        {MG_BUILTIN_EXP,
         {0, 1, -1, 2, -87, 0.5f},
         {1, 2.71828183f, 0.36787944f, 7.3890561f, 1.64581145e-38f, 1.64872127f}},
        {MG_BUILTIN_LOG,
         {1, 2.71828183f, 0.5f, 100, 1e-3f, 8},
         {0, 1, -0.69314718f, 4.60517019f, -6.90775528f, 2.07944154f}},
        {MG_BUILTIN_LOGISTIC,
         {0, 1, -1, 100, -100, 5},
         {0.5f, 0.73105858f, 0.26894142f, 1, 3.7835e-44f, 0.99330715f}},
        {MG_BUILTIN_TANH,
         {0, 1, -1, 20, -20, 0.5f},
         {0, 0.76159416f, -0.76159416f, 1, -1, 0.46211716f}},
        {MG_BUILTIN_ELU, {0, 1, -1, -20, 3, -0.5f}, {0, 1, -0.63212056f, -1, 3, -0.39346934f}},
        {MG_BUILTIN_HARD_SWISH, {0, 3, -3, 1, -1, 7}, {0, 3, 0, 0.66666667f, -0.33333333f, 7}},
        {MG_BUILTIN_RELU, {0, 3, -3, 1, -1, 7}, {0, 3, 0, 1, 0, 7}},
        {MG_BUILTIN_RELU6, {0, 3, -3, 1, -1, 7}, {0, 3, 0, 1, 0, 6}},
        {MG_BUILTIN_RELU_N1_TO_1, {0, 3, -3, 1, -0.5f, 7}, {0, 1, -1, 1, -0.5f, 1}},
        {MG_BUILTIN_RELU_0_TO_1, {0, 3, -3, 1, 0.5f, 7}, {0, 1, 0, 1, 0.5f, 1}},
        {MG_BUILTIN_GELU,
         {0, 1, -1, 3, -3, 0.5f},
         {0, 0.84134475f, -0.15865525f, 2.99595031f, -0.00404969f, 0.34573123f}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        op_model model = {
            .op = cases[i].op,
            .input_count = 1,
            .inputs = {{.type = MIDGE_FLOAT32, .rank = 2, .shape = {2, 3}, .data = cases[i].input}},
            .output_count = 1,
            .outputs = {{.type = MIDGE_FLOAT32, .rank = 2, .shape = {2, 3}}}};
        op_running running;
        midge_status status = op_start(&model, NULL, &running);
        if (status != MIDGE_OK) fail_msg("case %zu: %s", i, running.error.message);
        const float *out = midge_tensor_data(midge_session_output(running.session, 0));
        for (int k = 0; k < 6; ++k) {
            float expected = cases[i].expected[k];
            if (!(fabsf(out[k] - expected) <= 2e-6f * fabsf(expected) + 1e-7f))
                fail_msg("operator %d of %g is %g, not %g", (int)cases[i].op,
                         (double)cases[i].input[k], (double)out[k], (double)expected);
        }
        op_stop(&running);
    }
}

static void floats_become_integers_within_range(void **state)
{
    static const float in[] = {3.9f, -3.9f, 300, -300, INFINITY, -INFINITY, NAN, 0.5f};
    static const int8_t as_int8[] = {3, -3, 127, -128, 127, -128, 127, 0};
    static const uint8_t as_uint4[] = {0x03, 0x0f, 0x0f, 0x0f};
    static const uint16_t as_half[] = {0x43cd, 0xc3cd, 0x5cb0, 0xdcb0,
                                       0x7c00, 0xfc00, 0x7e00, 0x3800};
    const struct {
        midge_type type;
        const void *expected;
        size_t bytes;
    } cases[] = {{MIDGE_INT8, as_int8, sizeof as_int8},
                 {MIDGE_UINT4, as_uint4, sizeof as_uint4},
                 {MIDGE_FLOAT16, as_half, sizeof as_half}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        op_model model = {.op = MG_BUILTIN_CAST,
                          .version = 9,
                          .input_count = 1,
                          .inputs = {{.type = MIDGE_FLOAT32, .rank = 1, .shape = {8}, .data = in}},
                          .output_count = 1,
                          .outputs = {{.type = cases[i].type, .rank = 1, .shape = {8}}}};
        op_running running;
        assert_int_equal(op_start(&model, NULL, &running), MIDGE_OK);
        midge_tensor *output = midge_session_output(running.session, 0);
        assert_int_equal(midge_tensor_bytes(output), cases[i].bytes);
        assert_memory_equal(midge_tensor_data(output), cases[i].expected, cases[i].bytes);
        op_stop(&running);
    }
}

/* Two int32 operands of four elements and what the operator must answer. */
static void check_refusal(int32_t op, int32_t version, midge_type type, const void *a,
                          const void *b, midge_status expected)
{
    op_model model = {.op = op,
                      .version = version,
                      .input_count = 2,
                      .inputs = {{.type = type, .rank = 1, .shape = {4}, .data = a},
                                 {.type = type, .rank = 1, .shape = {4}, .data = b}},
                      .output_count = 1,
                      .outputs = {{.type = type, .rank = 1, .shape = {4}}}};
    op_running running;
    midge_status status = op_start(&model, NULL, &running);
    assert_int_equal(status, expected);
    assert_true(running.error.message[0] != '\0');
    op_stop(&running);
}

static void data_and_models_are_refused(void **state)
{
    static const int32_t ones[] = {1, 1, 1, 1};
    static const int32_t some_zero[] = {1, 2, 0, 4};
    static const int32_t negative[] = {1, 2, -1, 4};
    (void)state;
    check_refusal(MG_BUILTIN_DIV, 1, MIDGE_INT32, ones, some_zero, MIDGE_RUN_ERROR);
    check_refusal(MG_BUILTIN_FLOOR_DIV, 1, MIDGE_INT32, ones, some_zero, MIDGE_RUN_ERROR);
    check_refusal(MG_BUILTIN_FLOOR_MOD, 1, MIDGE_INT32, ones, some_zero, MIDGE_RUN_ERROR);
    check_refusal(MG_BUILTIN_POW, 1, MIDGE_INT32, ones, negative, MIDGE_RUN_ERROR);
    check_refusal(MG_BUILTIN_ADD, 1, MIDGE_INT8, ones, ones, MIDGE_INVALID_MODEL);
    check_refusal(MG_BUILTIN_LOGICAL_AND, 1, MIDGE_INT32, ones, ones, MIDGE_UNSUPPORTED);
    check_refusal(MG_BUILTIN_ADD, 1, MIDGE_COMPLEX64, ones, ones, MIDGE_UNSUPPORTED);
}

/* The extremes at which C leaves integer arithmetic undefined. */
static void integer_extremes_wrap(void **state)
{
    static const int32_t a[] = {INT32_MIN, INT32_MAX, INT32_MIN, -7};
    static const int32_t b[] = {-1, 2, 1, 2};
    static const struct {
        int32_t op;
        int32_t expected[4];
    } cases[] = {
        {MG_BUILTIN_ADD, {INT32_MAX, INT32_MIN + 1, INT32_MIN + 1, -5}},
        {MG_BUILTIN_SUB, {INT32_MIN + 1, INT32_MAX - 2, INT32_MAX, -9}},
        {MG_BUILTIN_MUL, {INT32_MIN, -2, INT32_MIN, -14}},
        {MG_BUILTIN_DIV, {INT32_MIN, INT32_MAX / 2, INT32_MIN, -3}},
        {MG_BUILTIN_FLOOR_DIV, {INT32_MIN, INT32_MAX / 2, INT32_MIN, -4}},
        {MG_BUILTIN_FLOOR_MOD, {0, 1, 0, 1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        op_model model = {.op = cases[i].op,
                          .input_count = 2,
                          .inputs = {{.type = MIDGE_INT32, .rank = 1, .shape = {4}, .data = a},
                                     {.type = MIDGE_INT32, .rank = 1, .shape = {4}, .data = b}},
                          .output_count = 1,
                          .outputs = {{.type = MIDGE_INT32, .rank = 1, .shape = {4}}}};
        op_running running;
        assert_int_equal(op_start(&model, NULL, &running), MIDGE_OK);
        assert_memory_equal(midge_tensor_data(midge_session_output(running.session, 0)),
                            cases[i].expected, sizeof cases[i].expected);
        op_stop(&running);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_equal_the_reference),
        cmocka_unit_test(floats_follow_the_formula),
        cmocka_unit_test(floats_become_integers_within_range),
        cmocka_unit_test(data_and_models_are_refused),
        cmocka_unit_test(integer_extremes_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
