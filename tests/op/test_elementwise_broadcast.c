/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Broadcasting against index arithmetic: random shapes to rank 8, rows of every kind (equal shapes,
 * scalars, vectors short and long, stretched on either side), three operands, narrow floats, and
 * results that do not depend on the number of threads.
 */
#include "model_builder.h"

#include "kernel/ref/half.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t seed = 1;

static uint32_t next(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* An operand's element for element `index` of the result. */
static size_t source(const op_tensor *operand, const op_tensor *result, size_t index)
{
    size_t offset = 0, step = 1;
    for (int32_t i = result->rank - 1; i >= 0; --i) {
        size_t at = index % (size_t)result->shape[i];
        int32_t own = i - (result->rank - operand->rank);
        index /= (size_t)result->shape[i];
        if (own < 0) continue;
        if (operand->shape[own] != 1) offset += at * step;
        step *= (size_t)operand->shape[own];
    }
    return offset;
}

static void *filled(size_t elements, size_t element_bytes)
{
    unsigned char *bytes = malloc(elements * element_bytes + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < elements * element_bytes; ++i) bytes[i] = (unsigned char)next(256);
    return bytes;
}

/* Makes an operand that broadcasts to the result: each dimension kept or 1, leading ones cut. */
static void shrink(const op_tensor *result, op_tensor *operand)
{
    int32_t cut = next(3) == 0 ? (int32_t)next((uint32_t)result->rank + 1) : 0;
    operand->rank = result->rank - cut;
    for (int32_t i = 0; i < operand->rank; ++i)
        operand->shape[i] = next(3) == 0 ? 1 : result->shape[i + cut];
}

/* The result's shape, once the operands are drawn. */
static void join(const op_tensor *operand, op_tensor *result)
{
    for (int32_t i = 0; i < operand->rank; ++i) {
        int32_t *size = &result->shape[result->rank - operand->rank + i];
        if (operand->shape[i] != 1) *size = operand->shape[i];
    }
}

static void check_subtraction(const op_model *model, int threads)
{
    midge_session_options options = midge_session_options_default();
    options.threads = threads;
    op_running running;
    if (op_start(model, &options, &running) != MIDGE_OK) fail_msg("%s", running.error.message);
    const op_tensor *a = &model->inputs[0], *b = &model->inputs[1], *y = &model->outputs[0];
    midge_tensor *output = midge_session_output(running.session, 0);
    assert_int_equal(midge_tensor_elements(output), op_elements(y));
    const uint32_t *out = midge_tensor_data(output);
    for (size_t i = 0; i < op_elements(y); ++i) {
        uint32_t expected = ((const uint32_t *)a->data)[source(a, y, i)] -
                            ((const uint32_t *)b->data)[source(b, y, i)];
        if (out[i] != expected) fail_msg("element %zu of %zu", i, op_elements(y));
    }
    op_stop(&running);
}

static op_model subtraction(void)
{
    return (op_model){.op = MG_BUILTIN_SUB,
                      .input_count = 2,
                      .inputs = {{.type = MIDGE_INT32}, {.type = MIDGE_INT32}},
                      .output_count = 1,
                      .outputs = {{.type = MIDGE_INT32}}};
}

static void random_shapes(void **state)
{
    (void)state;
    for (int round = 0; round < 400; ++round) {
        op_model model = subtraction();
        op_tensor *result = &model.outputs[0];
        op_tensor full = {.rank = 1 + (int32_t)next(8)};
        for (int32_t i = 0; i < full.rank; ++i)
            full.shape[i] = 1 + (int32_t)next(full.rank > 4 ? 4 : full.rank > 2 ? 9 : 90);
        for (int k = 0; k < 2; ++k) {
            shrink(&full, &model.inputs[k]);
            if (model.inputs[k].rank > result->rank) result->rank = model.inputs[k].rank;
        }
        for (int32_t i = 0; i < result->rank; ++i) result->shape[i] = 1;
        for (int k = 0; k < 2; ++k) {
            join(&model.inputs[k], result);
            model.inputs[k].data = filled(op_elements(&model.inputs[k]), 4);
        }
        check_subtraction(&model, 1);
        for (int k = 0; k < 2; ++k) free((void *)(uintptr_t)model.inputs[k].data);
    }
}

/* Shapes large enough to be split, whose parts begin in the middle of rows and of periods. */
static void large_shapes_on_threads(void **state)
{
    static const struct {
        int32_t rank;
        int32_t a[4], b[4], result[4];
    } cases[] = {
        {1, {300001}, {300001}, {300001}},
        {1, {300001}, {1}, {300001}},
        {2, {100003, 3}, {1, 3}, {100003, 3}},
        {2, {100003, 3}, {100003, 1}, {100003, 3}},
        {3, {7, 1, 211}, {1, 223, 211}, {7, 223, 211}},
        {4, {5, 1, 31, 1}, {1, 61, 1, 37}, {5, 61, 31, 37}},
        {4, {5, 61, 31, 37}, {1, 1, 1, 37}, {5, 61, 31, 37}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        op_model model = subtraction();
        op_tensor *tensors[] = {&model.inputs[0], &model.inputs[1], &model.outputs[0]};
        const int32_t *shapes[] = {cases[i].a, cases[i].b, cases[i].result};
        for (int k = 0; k < 3; ++k) {
            tensors[k]->rank = cases[i].rank;
            memcpy(tensors[k]->shape, shapes[k], (size_t)cases[i].rank * sizeof(int32_t));
            if (k < 2) tensors[k]->data = filled(op_elements(tensors[k]), 4);
        }
        for (int threads = 1; threads <= 3; ++threads) check_subtraction(&model, threads);
        for (int k = 0; k < 2; ++k) free((void *)(uintptr_t)model.inputs[k].data);
    }
}

static void three_operands(void **state)
{
    (void)state;
    for (int round = 0; round < 200; ++round) {
        midge_type type = (midge_type[]){MIDGE_INT8, MIDGE_FLOAT16, MIDGE_FLOAT32, MIDGE_INT64,
                                         MIDGE_COMPLEX128}[round % 5];
        size_t bytes = midge_type_bits(type) / 8;
        op_model model = {.op = MG_BUILTIN_SELECT_V2,
                          .input_count = 3,
                          .inputs = {{.type = MIDGE_BOOL}, {.type = type}, {.type = type}},
                          .output_count = 1,
                          .outputs = {{.type = type, .rank = 1 + (int32_t)next(4)}}};
        op_tensor *result = &model.outputs[0];
        for (int32_t i = 0; i < result->rank; ++i) result->shape[i] = 1 + (int32_t)next(12);
        for (int k = 0; k < 3; ++k) {
            shrink(result, &model.inputs[k]);
            if (k == 2) { /* the last one gives the result its shape */
                model.inputs[k].rank = result->rank;
                memcpy(model.inputs[k].shape, result->shape, sizeof result->shape);
            }
            size_t elements = op_elements(&model.inputs[k]);
            unsigned char *data = filled(elements, k == 0 ? 1 : bytes);
            for (size_t i = 0; k == 0 && i < elements; ++i) data[i] &= 1;
            model.inputs[k].data = data;
        }
        op_running running;
        if (op_start(&model, NULL, &running) != MIDGE_OK) fail_msg("%s", running.error.message);
        const unsigned char *out = midge_tensor_data(midge_session_output(running.session, 0));
        for (size_t i = 0; i < op_elements(result); ++i) {
            const uint8_t *condition = model.inputs[0].data;
            const op_tensor *chosen =
                &model.inputs[condition[source(&model.inputs[0], result, i)] != 0 ? 1 : 2];
            const unsigned char *expected =
                (const unsigned char *)chosen->data + source(chosen, result, i) * bytes;
            assert_memory_equal(out + i * bytes, expected, bytes);
        }
        op_stop(&running);
        for (int k = 0; k < 3; ++k) free((void *)(uintptr_t)model.inputs[k].data);
    }
}

/* Sums of narrow floats are those of floats, rounded; lengths around what is widened at a time. */
static void narrow_floats(void **state)
{
    (void)state;
    for (int32_t length = 1; length < 200; length += 7) {
        for (int is_half = 0; is_half < 2; ++is_half) {
            midge_type type = is_half ? MIDGE_FLOAT16 : MIDGE_BFLOAT16;
            uint16_t a[200], b = is_half ? 0x3555 : 0x3eab; /* about a third */
            for (int32_t i = 0; i < length; ++i)
                a[i] = is_half ? mg_float_to_half((float)i * 0.37f - 20)
                               : mg_float_to_bfloat16((float)i * 0.37f - 20);
            op_model model = {.op = MG_BUILTIN_ADD,
                              .version = 6,
                              .input_count = 2,
                              .inputs = {{.type = type, .rank = 1, .shape = {length}, .data = a},
                                         {.type = type, .rank = 0, .data = &b, .constant = true}},
                              .output_count = 1,
                              .outputs = {{.type = type, .rank = 1, .shape = {length}}}};
            op_running running;
            if (op_start(&model, NULL, &running) != MIDGE_OK) fail_msg("%s", running.error.message);
            const uint16_t *out = midge_tensor_data(midge_session_output(running.session, 0));
            for (int32_t i = 0; i < length; ++i)
                assert_int_equal(
                    out[i], is_half ? mg_float_to_half(mg_half_to_float(a[i]) + mg_half_to_float(b))
                                    : mg_float_to_bfloat16(mg_bfloat16_to_float(a[i]) +
                                                           mg_bfloat16_to_float(b)));
            op_stop(&running);
        }
    }
}

static void shapes_that_do_not_fit_are_refused(void **state)
{
    static const int32_t data[12] = {0};
    (void)state;
    op_model model = subtraction();
    model.inputs[0] = (op_tensor){MIDGE_INT32, .rank = 2, .shape = {3, 4}, .data = data};
    model.inputs[1] = (op_tensor){MIDGE_INT32, .rank = 1, .shape = {3}, .data = data};
    op_running running;
    assert_int_equal(op_start(&model, NULL, &running), MIDGE_INVALID_MODEL);
    op_stop(&running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_shapes),
        cmocka_unit_test(large_shapes_on_threads),
        cmocka_unit_test(three_operands),
        cmocka_unit_test(narrow_floats),
        cmocka_unit_test(shapes_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
