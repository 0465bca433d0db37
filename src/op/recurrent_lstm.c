/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNIDIRECTIONAL_SEQUENCE_LSTM, and LSTM, which is one step of it or the basic cell.
 *
 * Input 0 with its weights decides which cell runs: floats, floats with int8 weights, int8 with 5
 * or 12 intermediates, int16.
 */
#include "op/recurrent_lstm_basic.h"
#include "op/recurrent_lstm_cells.h"
#include "op/recurrent_sequence.h"
#include "op/require.h"

typedef enum cell_kind { CELL_F32, CELL_INTEGER, CELL_NARROW, CELL_INT16 } cell_kind;

typedef struct prepared_lstm {
    cell_kind kind;
    size_t step_bytes;
    mg_lstm_settings settings;
    size_t batch, time;
    bool time_major;
    mg_ahead ahead;
    union {
        mg_lstm_integer integer;
        mg_lstm_narrow narrow;
        mg_lstm_int16 int16;
    } cell;
} prepared_lstm;

static midge_status choose_kind(midge_op_context *context, cell_kind *kind)
{
    const midge_tensor *input = mg_input(context, 0);
    TRY(mg_require_type(context, input, "input",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_INT16)));
    *kind = input->type == MIDGE_FLOAT32 ? CELL_F32
            : input->type == MIDGE_INT16 ? CELL_INT16
                                         : CELL_INTEGER;
    if (*kind != CELL_INTEGER || context->intermediate_count == 5) return MIDGE_OK;
    *kind = CELL_NARROW;
    if (context->intermediate_count == 12) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu intermediates, need 5 or 12",
                      context->intermediate_count);
}

static mg_lstm_types types_of(midge_op_context *context, cell_kind kind,
                              const mg_lstm_tensors *tensors)
{
    mg_lstm_types types = {
        .weights = MG_TYPES(MIDGE_INT8),
        .peephole_or_weights = MIDGE_INT16,
        .bias = MIDGE_INT32,
        .norm = MIDGE_INT16,
        .output_state = mg_input(context, 0)->type,
        .cell_state = MIDGE_INT16,
    };
    if (kind == CELL_F32) {
        types.weights = MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8);
        types.peephole_or_weights = types.bias = types.norm = types.cell_state = MIDGE_FLOAT32;
        types.diagonal = context->node->op == MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM;
    }
    const midge_tensor *bias = tensors->gates[MG_GATE_OUTPUT].bias;
    if (kind == CELL_INT16 && bias != NULL && bias->type == MIDGE_INT64) types.bias = MIDGE_INT64;
    return types;
}

static midge_status plan_ahead(midge_op_context *context, const mg_lstm_tensors *tensors,
                               prepared_lstm *lstm)
{
    bool asymmetric = lstm->settings.asymmetric, fresh = false;
    void *row_sums = NULL;
    if (mg_lstm_has_row_sums(tensors, asymmetric)) {
        TRY(mg_packed(context, mg_lstm_row_sums_bytes(tensors), &row_sums, &fresh));
    }
    lstm->ahead =
        mg_lstm_plan_ahead(context, tensors, asymmetric, lstm->batch, lstm->time, row_sums, fresh);
    return MIDGE_OK;
}

static midge_status prepare_cell(midge_op_context *context, const mg_lstm_tensors *tensors,
                                 prepared_lstm *lstm)
{
    const mg_lstm_settings *settings = &lstm->settings;
    switch (lstm->kind) {
    case CELL_F32: {
        TRY(mg_lstm_check_hybrid(context, tensors));
        mg_lstm_f32 cell = mg_lstm_cell_f32(context, tensors, settings);
        lstm->step_bytes = mg_lstm_f32_scratch(&cell);
        break;
    }
    case CELL_INTEGER:
        TRY(mg_lstm_prepare_integer(context, tensors, settings, &lstm->cell.integer));
        lstm->step_bytes = mg_lstm_integer_scratch(&lstm->cell.integer);
        break;
    case CELL_NARROW:
        TRY(mg_lstm_prepare_narrow(context, tensors, settings, &lstm->cell.narrow));
        lstm->step_bytes = mg_lstm_narrow_scratch(&lstm->cell.narrow);
        break;
    case CELL_INT16:
        TRY(mg_lstm_prepare_int16(context, tensors, settings, &lstm->cell.int16));
        lstm->step_bytes = mg_lstm_int16_scratch(&lstm->cell.int16);
        break;
    }
    if (lstm->kind == CELL_F32 || lstm->kind == CELL_INTEGER) {
        TRY(plan_ahead(context, tensors, lstm));
    }
    return mg_recurrence_scratch(context, lstm->step_bytes, &lstm->ahead, lstm->batch);
}

static void count_work(midge_op_context *context, const mg_lstm_tensors *t, size_t vectors)
{
    uint64_t gates = t->gates[MG_GATE_INPUT].input != NULL ? 4 : 3;
    uint64_t step = gates * (uint64_t)t->cell_size * (uint64_t)(t->input_size + t->output_size);
    if (t->projection != NULL) step += (uint64_t)t->cell_size * (uint64_t)t->output_size;
    context->multiply_accumulates = step * vectors;
}

/* The input is [batch, size] or, with `time_rank`, [time, batch, size] in either order. */
static midge_status prepare_full(midge_op_context *context, const mg_lstm_settings *settings,
                                 bool sequence, bool time_major)
{
    const midge_tensor *input = mg_input(context, 0);
    void *memory;
    TRY(mg_prepared(context, sizeof(prepared_lstm), &memory));
    prepared_lstm *lstm = memory;
    lstm->settings = *settings;
    lstm->time_major = time_major;
    if (context->input_count != 20 && context->input_count != 24) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu inputs, need 20 or 24",
                          context->input_count);
    }
    TRY(choose_kind(context, &lstm->kind));
    TRY(mg_lstm_check_settings(context, settings));
    TRY(mg_require_same_type(context, input, "input", mg_output(context, 0), "output"));
    int32_t rank = sequence ? 3 : 2;
    TRY(mg_require_rank(context, input, "input", rank, rank));

    mg_lstm_tensors tensors;
    TRY(mg_lstm_find(context, &mg_lstm_places_full, &tensors));
    if (input->shape[rank - 1] != tensors.input_size) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "inputs of size %d, weights for %d",
                          (int)input->shape[rank - 1], (int)tensors.input_size);
    }
    int32_t batch = input->shape[sequence && time_major ? 1 : 0];
    lstm->batch = (size_t)batch;
    lstm->time = sequence ? (size_t)input->shape[time_major ? 0 : 1] : 1;
    mg_lstm_types types = types_of(context, lstm->kind, &tensors);
    TRY(mg_lstm_check(context, &tensors, &types, batch));
    TRY(prepare_cell(context, &tensors, lstm));
    count_work(context, &tensors, lstm->batch * lstm->time);

    int32_t shape[3] = {input->shape[0], input->shape[1], 0};
    shape[rank - 1] = tensors.output_size;
    return mg_set_output_shape(context, 0, rank, shape);
}

static void step_integer(const void *cell, const mg_step *step)
{
    const int32_t *sums = step->sums;
    mg_lstm_integer_step(cell, step->input, sums != NULL ? sums + MG_AHEAD_HEADER : NULL,
                         step->hidden, step->state, step->scratch);
}

static void step_narrow(const void *cell, const mg_step *step)
{
    mg_lstm_narrow_step(cell, step->input, step->hidden, step->state, step->scratch);
}

static void step_int16(const void *cell, const mg_step *step)
{
    mg_lstm_int16_step(cell, step->input, step->hidden, step->state, step->scratch);
}

static midge_status run_full(midge_op_context *context)
{
    prepared_lstm *lstm = context->prepared;
    mg_lstm_tensors tensors;
    TRY(mg_lstm_find(context, &mg_lstm_places_full, &tensors));
    size_t element = lstm->kind == CELL_F32 ? sizeof(float) : lstm->kind == CELL_INT16 ? 2 : 1;
    size_t cell_element = lstm->kind == CELL_F32 ? sizeof(float) : 2;
    mg_recurrence recurrence = {
        .batch = lstm->batch,
        .time = lstm->time,
        .time_major = lstm->time_major,
        .input = mg_input(context, 0)->data,
        .input_bytes = (size_t)tensors.input_size * element,
        .hidden = tensors.output_state->data,
        .hidden_bytes = (size_t)tensors.output_size * element,
        .state = tensors.cell_state->data,
        .state_bytes = (size_t)tensors.cell_size * cell_element,
        .output = mg_output(context, 0)->data,
        .output_row_bytes = (size_t)tensors.output_size * element,
        .cell = &lstm->cell,
        .ahead = &lstm->ahead,
    };
    mg_lstm_f32 cell_f32;
    mg_lstm_bind_ahead(&tensors, context->packed, &lstm->ahead);
    switch (lstm->kind) {
    case CELL_F32:
        cell_f32 = mg_lstm_cell_f32(context, &tensors, &lstm->settings);
        recurrence.cell = &cell_f32;
        recurrence.step = mg_lstm_step_f32;
        break;
    case CELL_INTEGER:
        mg_lstm_bind_integer(context, &tensors, &lstm->cell.integer);
        recurrence.step = step_integer;
        break;
    case CELL_NARROW:
        mg_lstm_bind_narrow(context, &tensors, &lstm->cell.narrow);
        recurrence.step = step_narrow;
        break;
    case CELL_INT16:
        mg_lstm_bind_int16(context, &tensors, &lstm->cell.int16);
        recurrence.step = step_int16;
        break;
    }
    mg_run_recurrence(context, &recurrence, lstm->step_bytes);
    return MIDGE_OK;
}

midge_status mg_prepare_unidirectional_sequence_lstm(midge_op_context *context)
{
    const mg_UnidirectionalSequenceLSTMOptions *options =
        MG_OPTIONS(context, UnidirectionalSequenceLSTMOptions);
    mg_lstm_settings settings = {
        .activation = options->fused_activation_function,
        .cell_clip = options->cell_clip,
        .projection_clip = options->proj_clip,
        .asymmetric = options->asymmetric_quantize_inputs,
    };
    return prepare_full(context, &settings, true, options->time_major);
}

midge_status mg_run_unidirectional_sequence_lstm(midge_op_context *context)
{
    return run_full(context);
}

midge_status mg_prepare_lstm(midge_op_context *context)
{
    const mg_LSTMOptions *options = MG_OPTIONS(context, LSTMOptions);
    if (options->kernel_type == MG_LSTM_KERNEL_BASIC) return mg_prepare_lstm_basic(context);
    mg_lstm_settings settings = {
        .activation = options->fused_activation_function,
        .cell_clip = options->cell_clip,
        .projection_clip = options->proj_clip,
        .asymmetric = options->asymmetric_quantize_inputs,
    };
    return prepare_full(context, &settings, false, false);
}

midge_status mg_run_lstm(midge_op_context *context)
{
    bool basic = MG_OPTIONS(context, LSTMOptions)->kernel_type == MG_LSTM_KERNEL_BASIC;
    return basic ? mg_run_lstm_basic(context) : run_full(context);
}
