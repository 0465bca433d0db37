/* SPDX-License-Identifier: Apache-2.0 */
/* RNN, UNIDIRECTIONAL_SEQUENCE_RNN and BIDIRECTIONAL_SEQUENCE_RNN: floats, or floats with int8
 * weights. */
#include "kernel/ref/rnn.h"
#include "op/recurrent_bidirectional.h"
#include "op/recurrent_lstm_cells.h"
#include "op/require.h"

/* Inputs of a cell: input weights, recurrent weights, bias and hidden state from `first` on. */
typedef struct rnn_tensors {
    const midge_tensor *input_weights;
    const midge_tensor *recurrent_weights;
    const midge_tensor *bias;
    midge_tensor *hidden;
    const midge_tensor *aux_weights;
} rnn_tensors;

typedef struct rnn_settings {
    int activation;
    bool asymmetric;
} rnn_settings;

static rnn_tensors tensors_at(const midge_op_context *context, size_t first, size_t aux_weights)
{
    return (rnn_tensors){
        .input_weights = mg_input(context, first),
        .recurrent_weights = mg_input(context, first + 1),
        .bias = mg_input(context, first + 2),
        .hidden = mg_input(context, first + 3),
        .aux_weights = aux_weights != 0 ? mg_input(context, aux_weights) : NULL,
    };
}

static midge_status check_matrix(midge_op_context *context, const midge_tensor *tensor,
                                 const char *role, midge_type type, int32_t rows, int32_t columns)
{
    TRY(mg_require_matrix(context, tensor, role, MG_TYPES(type), rows, columns));
    return type == MIDGE_FLOAT32 ? MIDGE_OK : mg_require_quantized(context, tensor, role);
}

static midge_status check(midge_op_context *context, const rnn_tensors *t, int32_t input_size,
                          int32_t aux_size, int32_t batch, rnn_settings settings)
{
    TRY(mg_require_type(context, t->input_weights, "weights",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8)));
    TRY(mg_require_rank(context, t->input_weights, "weights", 2, 2));
    int32_t units = t->input_weights->shape[0];
    midge_type type = t->input_weights->type;
    if (units < 1 || input_size < 1) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d units of %d inputs", (int)units,
                          (int)input_size);
    }
    TRY(check_matrix(context, t->input_weights, "weights", type, units, input_size));
    TRY(check_matrix(context, t->recurrent_weights, "recurrent weights", type, units, units));
    TRY(mg_require_vector(context, t->bias, "bias", MIDGE_FLOAT32, units));
    if (t->aux_weights != NULL) {
        TRY(check_matrix(context, t->aux_weights, "auxiliary weights", type, units, aux_size));
    }
    TRY(mg_require_state(context, t->hidden, "hidden state", MIDGE_FLOAT32,
                         (size_t)batch * (size_t)units));
    if (settings.activation < MG_ACTIVATE_NONE || settings.activation > MG_ACTIVATE_SIGN_BIT) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "activation %d", settings.activation);
    }
    return MIDGE_OK;
}

static mg_rnn cell_of(const midge_op_context *context, const rnn_tensors *t, rnn_settings settings)
{
    mg_rnn cell = {
        .input = mg_matrix_of(t->input_weights),
        .aux = mg_matrix_of(t->aux_weights),
        .recurrent = mg_matrix_of(t->recurrent_weights),
        .bias = t->bias->data,
        .activation = (mg_activate)settings.activation,
        .hybrid = t->input_weights->type != MIDGE_FLOAT32,
        .asymmetric = settings.asymmetric,
        .kernels = mg_cell_kernels_of(context),
    };
    cell.input_size = cell.input.depth;
    cell.aux_size = cell.aux.depth;
    cell.units = cell.input.rows;
    return cell;
}

static void step(const void *cell, const mg_step *at)
{
    mg_rnn_step(cell, at->input, at->aux, at->hidden, at->scratch);
}

/* ---- RNN and UNIDIRECTIONAL_SEQUENCE_RNN */

static midge_status prepare_one_way(midge_op_context *context, rnn_settings settings, bool sequence,
                                    bool time_major)
{
    const midge_tensor *input = mg_input(context, 0);
    int32_t rank = sequence ? 3 : 2;
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, input, "input", rank, rank));
    TRY(mg_require_type(context, mg_output(context, 0), "output", MG_TYPES(MIDGE_FLOAT32)));
    rnn_tensors tensors = tensors_at(context, 1, 0);
    int32_t batch = input->shape[sequence && time_major ? 1 : 0];
    TRY(check(context, &tensors, input->shape[rank - 1], 0, batch, settings));
    mg_rnn cell = cell_of(context, &tensors, settings);
    TRY(mg_recurrence_scratch(context, mg_rnn_scratch(&cell), NULL, 0));
    int32_t shape[3] = {input->shape[0], input->shape[1], 0};
    shape[rank - 1] = tensors.input_weights->shape[0];
    return mg_set_output_shape(context, 0, rank, shape);
}

static midge_status run_one_way(midge_op_context *context, rnn_settings settings, bool sequence,
                                bool time_major)
{
    const midge_tensor *input = mg_input(context, 0);
    rnn_tensors tensors = tensors_at(context, 1, 0);
    mg_rnn cell = cell_of(context, &tensors, settings);
    size_t batch = (size_t)input->shape[sequence && time_major ? 1 : 0];
    mg_recurrence recurrence = {
        .step = step,
        .cell = &cell,
        .batch = batch,
        .time = sequence ? (size_t)input->shape[time_major ? 0 : 1] : 1,
        .time_major = time_major,
        .input = input->data,
        .input_bytes = cell.input_size * sizeof(float),
        .hidden = tensors.hidden->data,
        .hidden_bytes = cell.units * sizeof(float),
        .output = mg_output(context, 0)->data,
        .output_row_bytes = cell.units * sizeof(float),
    };
    mg_run_recurrence(context, &recurrence, mg_rnn_scratch(&cell));
    return MIDGE_OK;
}

static rnn_settings rnn_settings_of(const midge_op_context *context)
{
    const mg_RNNOptions *options = MG_OPTIONS(context, RNNOptions);
    return (rnn_settings){options->fused_activation_function, options->asymmetric_quantize_inputs};
}

midge_status mg_prepare_rnn(midge_op_context *context)
{
    return prepare_one_way(context, rnn_settings_of(context), false, false);
}

midge_status mg_run_rnn(midge_op_context *context)
{
    return run_one_way(context, rnn_settings_of(context), false, false);
}

static rnn_settings sequence_settings_of(const midge_op_context *context)
{
    const mg_SequenceRNNOptions *options = MG_OPTIONS(context, SequenceRNNOptions);
    return (rnn_settings){options->fused_activation_function, options->asymmetric_quantize_inputs};
}

midge_status mg_prepare_unidirectional_sequence_rnn(midge_op_context *context)
{
    return prepare_one_way(context, sequence_settings_of(context), true,
                           MG_OPTIONS(context, SequenceRNNOptions)->time_major);
}

midge_status mg_run_unidirectional_sequence_rnn(midge_op_context *context)
{
    return run_one_way(context, sequence_settings_of(context), true,
                       MG_OPTIONS(context, SequenceRNNOptions)->time_major);
}

/* ---- BIDIRECTIONAL_SEQUENCE_RNN */

enum { FORWARD = 1, BACKWARD = 5, AUX_INPUT = 9, FORWARD_AUX = 10, BACKWARD_AUX = 11 };

static rnn_settings both_settings_of(const midge_op_context *context)
{
    const mg_BidirectionalSequenceRNNOptions *options =
        MG_OPTIONS(context, BidirectionalSequenceRNNOptions);
    return (rnn_settings){options->fused_activation_function, options->asymmetric_quantize_inputs};
}

static midge_status find_both(midge_op_context *context, rnn_tensors tensors[2],
                              mg_bidirectional *b)
{
    const mg_BidirectionalSequenceRNNOptions *options =
        MG_OPTIONS(context, BidirectionalSequenceRNNOptions);
    tensors[0] = tensors_at(context, FORWARD, FORWARD_AUX);
    tensors[1] = tensors_at(context, BACKWARD, BACKWARD_AUX);
    bool aux = tensors[0].aux_weights != NULL;
    if (aux != (tensors[1].aux_weights != NULL)) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "only one direction has weights for the auxiliary input");
    }
    return mg_bidirectional_find(context, AUX_INPUT, aux, options->time_major,
                                 options->merge_outputs, b);
}

midge_status mg_prepare_bidirectional_sequence_rnn(midge_op_context *context)
{
    rnn_tensors tensors[2];
    mg_bidirectional b;
    rnn_settings settings = both_settings_of(context);
    TRY(find_both(context, tensors, &b));
    size_t step_bytes = 0;
    for (int i = 0; i < 2; i++) {
        TRY(check(context, &tensors[i], b.input->shape[2], b.aux != NULL ? b.aux->shape[2] : 0,
                  (int32_t)b.batch, settings));
        b.output_sizes[i] = tensors[i].input_weights->shape[0];
        mg_rnn cell = cell_of(context, &tensors[i], settings);
        size_t bytes = mg_rnn_scratch(&cell);
        if (bytes > step_bytes) step_bytes = bytes;
    }
    TRY(mg_recurrence_scratch(context, step_bytes, NULL, 0));
    return mg_bidirectional_set_outputs(context, &b);
}

midge_status mg_run_bidirectional_sequence_rnn(midge_op_context *context)
{
    rnn_tensors tensors[2];
    mg_bidirectional b;
    TRY(find_both(context, tensors, &b));
    for (int i = 0; i < 2; i++) b.output_sizes[i] = tensors[i].input_weights->shape[0];
    for (int i = 0; i < 2; i++) {
        mg_rnn cell = cell_of(context, &tensors[i], both_settings_of(context));
        mg_recurrence recurrence = mg_bidirectional_recurrence(context, &b, i);
        recurrence.step = step;
        recurrence.cell = &cell;
        recurrence.hidden = tensors[i].hidden->data;
        mg_run_recurrence(context, &recurrence, mg_rnn_scratch(&cell));
    }
    return MIDGE_OK;
}
