/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM with int16 activations against the same cell in floats, and models that recurrent operators
 * refuse. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "graph_builder.h"

enum { BATCH = 2, TIME = 5, INPUTS = 7, CELLS = 6, GATES = 4, ABSENT = -1 };
enum { LSTM_INPUTS = 24, INPUT_WEIGHTS = 1, RECURRENT_WEIGHTS = 5, BIASES = 12, STATES = 18 };

static const float weight_scale = 1.0f / 128, input_scale = 1.0f / 8192, state_scale = 1.0f / 32768;

static mg_UnidirectionalSequenceLSTMOptions options = {.fused_activation_function =
                                                           MG_ACTIVATION_TANH};

/* Small numbers that look arbitrary, the same in every run. */
static int32_t arbitrary(uint32_t *seed, int32_t most)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return (int32_t)(*seed >> 8) % (2 * most + 1) - most;
}

/* A matrix of weights, stored as int8 or as the floats they stand for. */
static int32_t add_weights(graph_builder *builder, bool quantized, int32_t rows, int32_t columns,
                           uint32_t *seed)
{
    const int32_t shape[] = {rows, columns};
    int8_t stored[CELLS * (INPUTS + CELLS)];
    float real[CELLS * (INPUTS + CELLS)];
    size_t count = (size_t)(rows * columns);
    for (size_t i = 0; i < count; i++) {
        stored[i] = (int8_t)arbitrary(seed, 100);
        real[i] = (float)stored[i] * weight_scale;
    }
    if (!quantized) {
        return builder_constant(builder, MIDGE_FLOAT32, 2, shape, real, count * sizeof(float));
    }
    int32_t tensor = builder_constant(builder, MIDGE_INT8, 2, shape, stored, count);
    builder_quantize(builder, tensor, weight_scale, 0);
    return tensor;
}

static int32_t add_bias(graph_builder *builder, bool quantized, uint32_t *seed)
{
    const int32_t shape[] = {CELLS};
    const float scale = weight_scale * input_scale;
    int64_t stored[CELLS];
    float real[CELLS];
    for (size_t i = 0; i < CELLS; i++) {
        stored[i] = arbitrary(seed, 500000);
        real[i] = (float)stored[i] * scale;
    }
    if (!quantized) return builder_constant(builder, MIDGE_FLOAT32, 1, shape, real, sizeof real);
    int32_t tensor = builder_constant(builder, MIDGE_INT64, 1, shape, stored, sizeof stored);
    builder_quantize(builder, tensor, scale, 0);
    return tensor;
}

/* The node's 24 inputs go to `tensors`. */
static mg_Operator *build(graph_builder *builder, bool quantized, int32_t tensors[LSTM_INPUTS])
{
    midge_type type = quantized ? MIDGE_INT16 : MIDGE_FLOAT32;
    const int32_t input_shape[] = {BATCH, TIME, INPUTS}, output_shape[] = {BATCH, TIME, CELLS};
    const int32_t state_shape[] = {BATCH, CELLS};
    uint32_t seed = 1;
    builder_begin(builder);
    for (int i = 0; i < LSTM_INPUTS; i++) tensors[i] = ABSENT;
    tensors[0] = builder_input(builder, type, 3, input_shape);
    for (int gate = 0; gate < GATES; gate++) {
        tensors[INPUT_WEIGHTS + gate] = add_weights(builder, quantized, CELLS, INPUTS, &seed);
        tensors[RECURRENT_WEIGHTS + gate] = add_weights(builder, quantized, CELLS, CELLS, &seed);
        tensors[BIASES + gate] = add_bias(builder, quantized, &seed);
    }
    for (int i = 0; i < 2; i++) {
        tensors[STATES + i] = builder_variable(builder, type, 2, state_shape);
    }
    int32_t output = builder_output(builder, type, 3, output_shape);
    if (quantized) {
        builder_quantize(builder, tensors[0], input_scale, 0);
        builder_quantize(builder, tensors[STATES], state_scale, 0);
        builder_quantize(builder, tensors[STATES + 1], 1.0f / 2048, 0);
        builder_quantize(builder, output, state_scale, 0);
    }
    mg_Operator *node = builder_node(builder, MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM, LSTM_INPUTS,
                                     tensors, 1, &output);
    builder_options(node, MG_OPTIONS_UnidirectionalSequenceLSTMOptions, &options);
    return node;
}

static void int16_follows_the_float_cell(void **state)
{
    (void)state;
    graph_builder in_floats, in_integers;
    int32_t tensors[LSTM_INPUTS];
    build(&in_floats, false, tensors);
    build(&in_integers, true, tensors);
    float real[BATCH * TIME * INPUTS];
    int16_t stored[BATCH * TIME * INPUTS];
    uint32_t seed = 77;
    for (size_t i = 0; i < sizeof stored / sizeof stored[0]; i++) {
        stored[i] = (int16_t)arbitrary(&seed, 12000);
        real[i] = (float)stored[i] * input_scale;
    }
    builder_run(&in_floats, (const void *[]){real});
    builder_run(&in_integers, (const void *[]){stored});
    const float *expected = builder_data(&in_floats, 0);
    const int16_t *got = builder_data(&in_integers, 0);
    float largest = 0;
    for (size_t i = 0; i < BATCH * TIME * CELLS; i++) {
        float difference = fabsf((float)got[i] * state_scale - expected[i]);
        if (!(difference < 2e-3f)) fail_msg("element %zu is off by %g", i, (double)difference);
        largest = fmaxf(largest, fabsf(expected[i]));
    }
    assert_true(largest > 0.3f);
    builder_end(&in_floats);
    builder_end(&in_integers);
}

/* Changes one thing in a sound model. */
typedef struct damage {
    const char *message; /* part of what must be said */
    int input;           /* which input */
    int32_t rank;        /* 0: the input is taken away */
    int32_t shape[2];
    midge_type type;
    bool not_variable;
} damage;

static void expect_refused(const damage *d)
{
    graph_builder builder;
    int32_t tensors[LSTM_INPUTS];
    mg_Operator *node = build(&builder, false, tensors);
    int32_t *inputs = (int32_t *)(uintptr_t)node->inputs.items;
    if (d->not_variable) {
        builder_at(&builder, inputs[d->input])->is_variable = false;
        builder.graphs[0]->inputs[builder.subgraphs[0].inputs.count++] = inputs[d->input];
    } else if (d->rank == 0) {
        inputs[d->input] = ABSENT;
    } else {
        bool is_state = d->input >= STATES && d->input < STATES + 2;
        static const float zeros[CELLS * CELLS * 4];
        size_t elements = (size_t)d->shape[0] * (size_t)(d->rank == 2 ? d->shape[1] : 1);
        size_t bytes = elements * midge_type_bits(d->type) / 8;
        inputs[d->input] =
            is_state ? builder_variable(&builder, d->type, d->rank, d->shape)
                     : builder_constant(&builder, d->type, d->rank, d->shape, zeros, bytes);
    }
    midge_status status = builder_session(&builder, NULL);
    if (status != MIDGE_INVALID_MODEL && status != MIDGE_UNSUPPORTED) {
        fail_msg("status %d for input %d", (int)status, d->input);
    }
    if (strstr(builder.error.message, d->message) == NULL) {
        fail_msg("\"%s\" does not speak of \"%s\"", builder.error.message, d->message);
    }
    builder_end(&builder);
}

static void damaged_lstms_are_refused(void **state)
{
    (void)state;
    static const damage cases[] = {
        {.message = "input weights", .input = 2, .rank = 2, .shape = {CELLS, INPUTS + 1}},
        {.message = "input weights", .input = 4, .rank = 1, .shape = {CELLS}},
        {.message = "input weights",
         .input = 3,
         .rank = 2,
         .shape = {CELLS, INPUTS},
         .type = MIDGE_INT8},
        {.message = "inputs of size 7", .input = 4, .rank = 2, .shape = {CELLS, INPUTS - 1}},
        {.message = "recurrent weights", .input = 6, .rank = 2, .shape = {CELLS + 1, CELLS}},
        {.message = "projection", .input = 8, .rank = 2, .shape = {CELLS, CELLS - 1}},
        {.message = "input gate is incomplete", .input = 1},
        {.message = "recurrent weights", .input = 5},
        {.message = "bias", .input = 12},
        {.message = "bias", .input = 13, .rank = 1, .shape = {CELLS - 1}},
        {.message = "bias", .input = 14, .rank = 1, .shape = {CELLS}, .type = MIDGE_INT32},
        {.message = "peephole", .input = 11, .rank = 1, .shape = {CELLS}},
        {.message = "only some gates", .input = 20, .rank = 1, .shape = {CELLS}},
        {.message = "only some gates", .input = 9, .rank = 1, .shape = {CELLS}},
        {.message = "projection", .input = 16, .rank = 2, .shape = {CELLS, CELLS + 1}},
        {.message = "projection bias", .input = 17, .rank = 1, .shape = {CELLS}},
        {.message = "norm", .input = 21, .rank = 1, .shape = {CELLS}},
        {.message = "output state", .input = 18, .rank = 2, .shape = {BATCH + 1, CELLS}},
        {.message = "cell state",
         .input = 19,
         .rank = 2,
         .shape = {BATCH, CELLS},
         .type = MIDGE_INT16},
        {.message = "not a variable", .input = 18, .not_variable = true},
        {.message = "not a variable", .input = 19, .not_variable = true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) expect_refused(&cases[i]);
}

static void negative_clips_are_refused(void **state)
{
    (void)state;
    graph_builder builder;
    int32_t tensors[LSTM_INPUTS];
    mg_UnidirectionalSequenceLSTMOptions negative = options;
    const float clips[] = {-1, NAN};
    for (size_t i = 0; i < 2; i++) {
        negative.cell_clip = clips[i];
        mg_Operator *node = build(&builder, false, tensors);
        builder_options(node, MG_OPTIONS_UnidirectionalSequenceLSTMOptions, &negative);
        assert_int_equal(builder_session(&builder, NULL), MIDGE_INVALID_MODEL);
        builder_end(&builder);
    }
}

/* features [4, 3], time [4, 2]; rank and shape of the state vary. */
static midge_status svdf_status(int32_t rank, int32_t filters, int32_t memory, int32_t state_size)
{
    static const float values[64];
    graph_builder builder;
    builder_begin(&builder);
    mg_SVDFOptions svdf = {.rank = rank};
    int32_t x = builder_input(&builder, MIDGE_FLOAT32, 2, (int32_t[]){1, 3});
    int32_t features = builder_constant(&builder, MIDGE_FLOAT32, 2, (int32_t[]){filters, 3}, values,
                                        (size_t)filters * 3 * sizeof(float));
    int32_t time = builder_constant(&builder, MIDGE_FLOAT32, 2, (int32_t[]){filters, memory},
                                    values, (size_t)(filters * memory) * sizeof(float));
    int32_t history = builder_variable(&builder, MIDGE_FLOAT32, 2, (int32_t[]){1, state_size});
    int32_t y = builder_output(&builder, MIDGE_FLOAT32, 2, (int32_t[]){1, 2});
    mg_Operator *node = builder_node(&builder, MG_BUILTIN_SVDF, 5,
                                     (int32_t[]){x, features, time, ABSENT, history}, 1, &y);
    builder_options(node, MG_OPTIONS_SVDFOptions, &svdf);
    midge_status status = builder_session(&builder, NULL);
    builder_end(&builder);
    return status;
}

static void ranks_of_svdf_are_checked(void **state)
{
    (void)state;
    assert_int_equal(svdf_status(2, 4, 2, 8), MIDGE_OK);
    assert_int_equal(svdf_status(0, 4, 2, 8), MIDGE_INVALID_MODEL);
    assert_int_equal(svdf_status(-2, 4, 2, 8), MIDGE_INVALID_MODEL);
    assert_int_equal(svdf_status(3, 4, 2, 8), MIDGE_INVALID_MODEL);
    assert_int_equal(svdf_status(2, 4, 2, 7), MIDGE_INVALID_MODEL);
    assert_int_equal(svdf_status(INT32_MIN, 4, 2, 8), MIDGE_INVALID_MODEL);
    assert_int_equal(svdf_status(2, 4, 0, 0), MIDGE_INVALID_MODEL);
    assert_int_equal(svdf_status(2, 0, 2, 0), MIDGE_INVALID_MODEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int16_follows_the_float_cell),
        cmocka_unit_test(damaged_lstms_are_refused),
        cmocka_unit_test(negative_clips_are_refused),
        cmocka_unit_test(ranks_of_svdf_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
