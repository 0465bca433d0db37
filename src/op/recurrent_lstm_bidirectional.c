/* SPDX-License-Identifier: Apache-2.0 */
/* BIDIRECTIONAL_SEQUENCE_LSTM: floats, or floats with int8 weights. */
#include "op/recurrent_bidirectional.h"
#include "op/recurrent_lstm_cells.h"
#include "op/require.h"

enum { AUX_INPUT = 39 };

static const mg_lstm_places places[2] = {
    {
        .input_weights = 1,
        .recurrent_weights = 5,
        .peepholes = 9,
        .biases = 12,
        .projection = 16,
        .output_state = 35,
        .norms = MG_LSTM_NOWHERE,
        .aux_weights = 40,
    },
    {
        .input_weights = 18,
        .recurrent_weights = 22,
        .peepholes = 26,
        .biases = 29,
        .projection = 33,
        .output_state = 37,
        .norms = MG_LSTM_NOWHERE,
        .aux_weights = 44,
    },
};

static mg_lstm_settings settings_of(const midge_op_context *context)
{
    const mg_BidirectionalSequenceLSTMOptions *options =
        MG_OPTIONS(context, BidirectionalSequenceLSTMOptions);
    return (mg_lstm_settings){
        .activation = options->fused_activation_function,
        .cell_clip = options->cell_clip,
        .projection_clip = options->proj_clip,
        .asymmetric = options->asymmetric_quantize_inputs,
    };
}

static midge_status find(midge_op_context *context, mg_lstm_tensors tensors[2], mg_bidirectional *b)
{
    const mg_BidirectionalSequenceLSTMOptions *options =
        MG_OPTIONS(context, BidirectionalSequenceLSTMOptions);
    for (int i = 0; i < 2; i++) TRY(mg_lstm_find(context, &places[i], &tensors[i]));
    bool aux[2];
    for (int i = 0; i < 2; i++) aux[i] = tensors[i].gates[MG_GATE_OUTPUT].aux != NULL;
    if (aux[0] != aux[1]) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "only one direction has weights for the auxiliary input");
    }
    TRY(mg_bidirectional_find(context, AUX_INPUT, aux[0], options->time_major,
                              options->merge_outputs, b));
    for (int i = 0; i < 2; i++) b->output_sizes[i] = tensors[i].output_size;
    return MIDGE_OK;
}

static midge_status check(midge_op_context *context, const mg_lstm_tensors *tensors,
                          const mg_bidirectional *b)
{
    static const mg_lstm_types types = {
        .weights = MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8),
        .peephole_or_weights = MIDGE_FLOAT32,
        .bias = MIDGE_FLOAT32,
        .norm = MIDGE_FLOAT32,
        .output_state = MIDGE_FLOAT32,
        .cell_state = MIDGE_FLOAT32,
    };
    TRY(mg_lstm_check(context, tensors, &types, (int32_t)b->batch));
    if (tensors->input_size != b->input->shape[2] ||
        (b->aux != NULL && tensors->aux_size != b->aux->shape[2])) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "the weights do not fit the inputs");
    }
    return mg_lstm_check_hybrid(context, tensors);
}

typedef struct prepared_directions {
    size_t step_bytes; /* of the larger cell */
    mg_ahead ahead[2];
    const int32_t *row_sums[2];
} prepared_directions;

static midge_status plan_ahead(midge_op_context *context, const mg_lstm_tensors tensors[2],
                               const mg_bidirectional *b, bool asymmetric,
                               prepared_directions *prepared)
{
    int32_t *row_sums[2] = {NULL, NULL};
    bool fresh = false;
    if (mg_lstm_has_row_sums(&tensors[0], asymmetric) &&
        mg_lstm_has_row_sums(&tensors[1], asymmetric)) {
        size_t first = mg_lstm_row_sums_bytes(&tensors[0]), bytes;
        if (!mg_size_add(first, mg_lstm_row_sums_bytes(&tensors[1]), &bytes)) bytes = SIZE_MAX;
        void *memory;
        TRY(mg_packed(context, bytes, &memory, &fresh));
        row_sums[0] = memory;
        row_sums[1] = row_sums[0] + first / sizeof(int32_t);
    }
    for (int i = 0; i < 2; i++) {
        prepared->row_sums[i] = row_sums[i];
        prepared->ahead[i] = mg_lstm_plan_ahead(context, &tensors[i], asymmetric, b->batch, b->time,
                                                row_sums[i], fresh);
    }
    return MIDGE_OK;
}

midge_status mg_prepare_bidirectional_sequence_lstm(midge_op_context *context)
{
    mg_lstm_tensors tensors[2];
    mg_bidirectional b;
    mg_lstm_settings settings = settings_of(context);
    TRY(find(context, tensors, &b));
    TRY(mg_lstm_check_settings(context, &settings));
    void *memory;
    TRY(mg_prepared(context, sizeof(prepared_directions), &memory));
    prepared_directions *prepared = memory;
    for (int i = 0; i < 2; i++) {
        TRY(check(context, &tensors[i], &b));
        mg_lstm_f32 cell = mg_lstm_cell_f32(context, &tensors[i], &settings);
        size_t bytes = mg_lstm_f32_scratch(&cell);
        if (bytes > prepared->step_bytes) prepared->step_bytes = bytes;
    }
    TRY(plan_ahead(context, tensors, &b, settings.asymmetric, prepared));
    const mg_ahead *widest = &prepared->ahead[0];
    if (tensors[1].cell_size > tensors[0].cell_size) widest = &prepared->ahead[1];
    TRY(mg_recurrence_scratch(context, prepared->step_bytes, widest, b.batch));
    return mg_bidirectional_set_outputs(context, &b);
}

midge_status mg_run_bidirectional_sequence_lstm(midge_op_context *context)
{
    mg_lstm_tensors tensors[2];
    mg_bidirectional b;
    mg_lstm_settings settings = settings_of(context);
    prepared_directions *prepared = context->prepared;
    TRY(find(context, tensors, &b));
    for (int i = 0; i < 2; i++) {
        mg_lstm_f32 cell = mg_lstm_cell_f32(context, &tensors[i], &settings);
        mg_lstm_bind_ahead(&tensors[i], prepared->row_sums[i], &prepared->ahead[i]);
        mg_recurrence recurrence = mg_bidirectional_recurrence(context, &b, i);
        recurrence.step = mg_lstm_step_f32;
        recurrence.ahead = &prepared->ahead[i];
        recurrence.cell = &cell;
        recurrence.hidden = tensors[i].output_state->data;
        recurrence.state = tensors[i].cell_state->data;
        recurrence.state_bytes = (size_t)tensors[i].cell_size * sizeof(float);
        mg_run_recurrence(context, &recurrence, prepared->step_bytes);
    }
    return MIDGE_OK;
}
