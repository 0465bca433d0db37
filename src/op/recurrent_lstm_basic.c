/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs: input, previous h, weights, bias, previous c. Outputs: h, c, and two that only hold
 * intermediate values: the input beside the previous h, and the sums of the gates. After a run h
 * and c are copied to where the previous ones were, for the next run.
 */
#include "op/recurrent_lstm_basic.h"

#include <math.h>
#include <string.h>

#include "kernel/ref/lstm_basic.h"
#include "op/recurrent_lstm_cells.h"
#include "op/recurrent_sequence.h"
#include "op/require.h"

enum { INPUT, PREVIOUS_H, WEIGHTS, BIAS, PREVIOUS_CELL, INPUT_COUNT };
enum { OUTPUT_H, OUTPUT_CELL, OUTPUT_JOINED, OUTPUT_SUMS, OUTPUT_COUNT };

static midge_status check_types(midge_op_context *context)
{
    const midge_tensor *input = mg_input(context, INPUT);
    TRY(mg_require_type(context, input, "input", MG_TYPES_2(MIDGE_FLOAT32, MIDGE_UINT8)));
    bool is_float = input->type == MIDGE_FLOAT32;
    midge_type narrow = input->type, wide = is_float ? MIDGE_FLOAT32 : MIDGE_INT16;
    TRY(mg_require_type(context, mg_input(context, PREVIOUS_H), "previous output",
                        MG_TYPES(narrow)));
    TRY(mg_require_type(context, mg_input(context, PREVIOUS_CELL), "previous state",
                        MG_TYPES(wide)));
    TRY(mg_require_type(context, mg_output(context, OUTPUT_H), "output", MG_TYPES(narrow)));
    TRY(mg_require_type(context, mg_output(context, OUTPUT_CELL), "state", MG_TYPES(wide)));
    TRY(mg_require_type(context, mg_output(context, OUTPUT_JOINED), "joined", MG_TYPES(narrow)));
    return mg_require_type(context, mg_output(context, OUTPUT_SUMS), "sums", MG_TYPES(wide));
}

static midge_status check_shapes(midge_op_context *context)
{
    const midge_tensor *input = mg_input(context, INPUT), *h = mg_input(context, PREVIOUS_H);
    TRY(mg_require_rank(context, input, "input", 2, 2));
    TRY(mg_require_rank(context, h, "previous output", 2, 2));
    int32_t depth, rows, cells = h->shape[1];
    if (cells < 1 || input->shape[1] < 1 || input->shape[0] != h->shape[0] ||
        !mg_int32_add(input->shape[1], cells, &depth) || !mg_int32_multiply(4, cells, &rows)) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "input [%d,%d] and output [%d,%d]",
                          (int)input->shape[0], (int)input->shape[1], (int)h->shape[0], (int)cells);
    }
    bool is_float = input->type == MIDGE_FLOAT32;
    TRY(mg_require_matrix(context, mg_input(context, WEIGHTS), "weights", MG_TYPES(input->type),
                          rows, depth));
    TRY(mg_require_vector(context, mg_input(context, BIAS), "bias",
                          is_float ? MIDGE_FLOAT32 : MIDGE_INT32, rows));
    TRY(mg_require_same_shape(context, mg_input(context, PREVIOUS_CELL), "previous state", h,
                              "previous output"));
    TRY(mg_set_output_like(context, OUTPUT_H, h));
    TRY(mg_set_output_like(context, OUTPUT_CELL, h));
    TRY(mg_set_output_shape(context, OUTPUT_JOINED, 2, (int32_t[]){input->shape[0], depth}));
    return mg_set_output_shape(context, OUTPUT_SUMS, 2, (int32_t[]){input->shape[0], rows});
}

static mg_lstm_basic cell_of(const midge_op_context *context)
{
    return (mg_lstm_basic){
        .input_size = (size_t)mg_input(context, INPUT)->shape[1],
        .cell_size = (size_t)mg_input(context, PREVIOUS_H)->shape[1],
        .weights = mg_input(context, WEIGHTS)->data,
        .bias = mg_input(context, BIAS)->data,
        .kernels = mg_cell_kernels_of(context),
    };
}

/* `prepared` is the factor from the sums to the gates. */
static midge_status prepare_scales(midge_op_context *context)
{
    const midge_tensor *bias = mg_input(context, BIAS), *state = mg_output(context, OUTPUT_CELL);
    TRY(mg_require_quantized(context, mg_input(context, WEIGHTS), "weights"));
    TRY(mg_require_quantized(context, bias, "bias"));
    TRY(mg_require_quantized(context, state, "state"));
    float logarithm = log2f(mg_scale(state));
    if (!(fabsf(logarithm - MG_LSTM_BASIC_CELL_SCALE) < 1e-3f)) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "the state has scale %g, need 2^%d",
                          (double)mg_scale(state), MG_LSTM_BASIC_CELL_SCALE);
    }
    void *factor;
    TRY(mg_prepared(context, sizeof(mg_multiplier), &factor));
    TRY(mg_require_factor(context, "sums", 4096.0 * (double)mg_scale(bias), 1073741824.0, factor));
    mg_lstm_basic cell = cell_of(context);
    return mg_recurrence_scratch(context, mg_lstm_basic_scratch(&cell), NULL, 0);
}

midge_status mg_prepare_lstm_basic(midge_op_context *context)
{
    if (context->input_count != INPUT_COUNT || context->output_count != OUTPUT_COUNT) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu inputs and %zu outputs, need 5 and 4",
                          context->input_count, context->output_count);
    }
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        if (mg_input(context, i) == NULL) {
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "input %zu is absent", i);
        }
    }
    for (size_t i = 0; i < OUTPUT_COUNT; i++) {
        if (mg_output(context, i) == NULL) {
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "output %zu is absent", i);
        }
    }
    TRY(check_types(context));
    TRY(check_shapes(context));
    return mg_input(context, INPUT)->type == MIDGE_UINT8 ? prepare_scales(context) : MIDGE_OK;
}

static void run_f32(const midge_op_context *context, const mg_lstm_basic *cell, size_t batch)
{
    size_t cells = cell->cell_size, depth = cell->input_size + cells;
    const float *input = mg_input(context, INPUT)->data, *h = mg_input(context, PREVIOUS_H)->data;
    const float *state = mg_input(context, PREVIOUS_CELL)->data;
    float *joined = mg_output(context, OUTPUT_JOINED)->data;
    float *sums = mg_output(context, OUTPUT_SUMS)->data;
    float *new_state = mg_output(context, OUTPUT_CELL)->data;
    float *new_h = mg_output(context, OUTPUT_H)->data;
    for (size_t b = 0; b < batch; b++) {
        mg_lstm_basic_f32(cell, input + b * cell->input_size, h + b * cells, state + b * cells,
                          joined + b * depth, sums + b * 4 * cells, new_state + b * cells,
                          new_h + b * cells);
    }
}

static void run_u8(const midge_op_context *context, const mg_lstm_basic *cell, size_t batch)
{
    size_t cells = cell->cell_size, depth = cell->input_size + cells;
    const uint8_t *input = mg_input(context, INPUT)->data;
    const uint8_t *h = mg_input(context, PREVIOUS_H)->data;
    const int16_t *state = mg_input(context, PREVIOUS_CELL)->data;
    uint8_t *joined = mg_output(context, OUTPUT_JOINED)->data;
    int16_t *sums = mg_output(context, OUTPUT_SUMS)->data;
    int16_t *new_state = mg_output(context, OUTPUT_CELL)->data;
    uint8_t *new_h = mg_output(context, OUTPUT_H)->data;
    for (size_t b = 0; b < batch; b++) {
        mg_lstm_basic_u8(cell, input + b * cell->input_size, h + b * cells, state + b * cells,
                         joined + b * depth, sums + b * 4 * cells, new_state + b * cells,
                         new_h + b * cells, context->scratch);
    }
}

static void carry_over(midge_op_context *context, size_t output, size_t input)
{
    midge_tensor *to = mg_input(context, input);
    if (!to->constant) memcpy(to->data, mg_output(context, output)->data, to->bytes);
}

midge_status mg_run_lstm_basic(midge_op_context *context)
{
    mg_lstm_basic cell = cell_of(context);
    size_t batch = (size_t)mg_input(context, INPUT)->shape[0];
    if (mg_input(context, INPUT)->type == MIDGE_FLOAT32) {
        run_f32(context, &cell, batch);
    } else {
        cell.weights_zero_point = mg_zero_point(mg_input(context, WEIGHTS));
        cell.factor = *(const mg_multiplier *)context->prepared;
        run_u8(context, &cell, batch);
    }
    carry_over(context, OUTPUT_H, PREVIOUS_H);
    carry_over(context, OUTPUT_CELL, PREVIOUS_CELL);
    return MIDGE_OK;
}
