/* SPDX-License-Identifier: Apache-2.0 */
#include "op/recurrent_lstm_tensors.h"

#include <string.h>

#include "op/recurrent_sequence.h"
#include "op/require.h"

const mg_lstm_places mg_lstm_places_full = {
    .input_weights = 1,
    .recurrent_weights = 5,
    .peepholes = 9,
    .biases = 12,
    .projection = 16,
    .output_state = 18,
    .norms = 20,
    .aux_weights = MG_LSTM_NOWHERE,
};

static midge_tensor *member(const midge_op_context *context, int first, int index)
{
    return first == MG_LSTM_NOWHERE ? NULL : mg_input(context, (size_t)(first + index));
}

static void find_gates(const midge_op_context *context, const mg_lstm_places *places,
                       mg_lstm_tensors *tensors)
{
    static const int peephole[MG_GATE_COUNT] = {0, 1, -1, 2};
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        tensors->gates[gate] = (mg_lstm_gate_tensors){
            .input = member(context, places->input_weights, gate),
            .aux = member(context, places->aux_weights, gate),
            .recurrent = member(context, places->recurrent_weights, gate),
            .peephole =
                peephole[gate] < 0 ? NULL : member(context, places->peepholes, peephole[gate]),
            .bias = member(context, places->biases, gate),
            .norm = member(context, places->norms, gate),
        };
    }
}

midge_status mg_lstm_find(midge_op_context *context, const mg_lstm_places *places,
                          mg_lstm_tensors *tensors)
{
    memset(tensors, 0, sizeof *tensors);
    find_gates(context, places, tensors);
    tensors->projection = member(context, places->projection, 0);
    tensors->projection_bias = member(context, places->projection, 1);
    tensors->output_state = member(context, places->output_state, 0);
    tensors->cell_state = member(context, places->output_state, 1);

    const mg_lstm_gate_tensors *output = &tensors->gates[MG_GATE_OUTPUT];
    if (output->input == NULL || output->recurrent == NULL || tensors->output_state == NULL ||
        tensors->cell_state == NULL) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "weights of the output gate or a state are absent");
    }
    TRY(mg_require_rank(context, output->input, "input weights", 2, 2));
    TRY(mg_require_rank(context, output->recurrent, "recurrent weights", 1, 2));
    tensors->cell_size = output->input->shape[0];
    tensors->input_size = output->input->shape[1];
    tensors->output_size = output->recurrent->shape[output->recurrent->rank - 1];
    if (output->aux != NULL) {
        TRY(mg_require_rank(context, output->aux, "auxiliary weights", 2, 2));
        tensors->aux_size = output->aux->shape[1];
    }
    if (tensors->cell_size < 1 || tensors->input_size < 1 || tensors->output_size < 1) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d inputs, %d cells and %d outputs",
                          (int)tensors->input_size, (int)tensors->cell_size,
                          (int)tensors->output_size);
    }
    return MIDGE_OK;
}

/* One gate decides for all whether they have auxiliary weights, peepholes and norm coefficients. */
static midge_status check_spare(midge_op_context *context, const mg_lstm_tensors *t, int index)
{
    const mg_lstm_gate_tensors *gate = &t->gates[index];
    const mg_lstm_gate_tensors *output = &t->gates[MG_GATE_OUTPUT];
    if ((gate->aux != NULL && output->aux == NULL) ||
        (gate->peephole != NULL && output->peephole == NULL) ||
        (gate->norm != NULL && t->gates[MG_GATE_FORGET].norm == NULL)) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "only some gates have auxiliary weights, peepholes or norms");
    }
    return MIDGE_OK;
}

static midge_status check_gate(midge_op_context *context, const mg_lstm_tensors *t, int index,
                               const mg_lstm_types *types)
{
    const mg_lstm_gate_tensors *gate = &t->gates[index];
    midge_type weights = t->gates[MG_GATE_OUTPUT].input->type;
    int32_t cells = t->cell_size;
    TRY(check_spare(context, t, index));
    TRY(mg_require_matrix(context, gate->input, "input weights", MG_TYPES(weights), cells,
                          t->input_size));
    if (types->diagonal && gate->recurrent != NULL && gate->recurrent->rank == 1) {
        TRY(mg_require_vector(context, gate->recurrent, "recurrent weights", MIDGE_FLOAT32, cells));
    } else {
        TRY(mg_require_matrix(context, gate->recurrent, "recurrent weights", MG_TYPES(weights),
                              cells, t->output_size));
    }
    TRY(mg_require_vector(context, gate->bias, "bias", types->bias, cells));
    if (t->gates[MG_GATE_OUTPUT].aux != NULL) {
        TRY(mg_require_matrix(context, gate->aux, "auxiliary weights", MG_TYPES(weights), cells,
                              t->aux_size));
    }
    if (t->gates[MG_GATE_OUTPUT].peephole != NULL && index != MG_GATE_MODULATION) {
        midge_type type =
            types->peephole_or_weights == MIDGE_FLOAT32 ? weights : types->peephole_or_weights;
        TRY(mg_require_vector(context, gate->peephole, "peephole weights", type, cells));
    }
    if (t->gates[MG_GATE_FORGET].norm != NULL) {
        TRY(mg_require_vector(context, gate->norm, "norm coefficients", types->norm, cells));
    }
    return MIDGE_OK;
}

/* Without an input gate none of its tensors may be there, but auxiliary weights, which nobody reads
 * then. */
static midge_status check_absent(midge_op_context *context, const mg_lstm_tensors *t)
{
    const mg_lstm_gate_tensors *input = &t->gates[MG_GATE_INPUT];
    bool any = input->recurrent != NULL || input->bias != NULL || input->norm != NULL ||
               input->peephole != NULL;
    if (input->input == NULL && any) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "the input gate is incomplete");
    }
    if (t->projection == NULL && t->projection_bias != NULL) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "a projection bias without projection");
    }
    if (t->projection == NULL && t->output_size != t->cell_size) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d cells and %d outputs need a projection",
                          (int)t->cell_size, (int)t->output_size);
    }
    return MIDGE_OK;
}

midge_status mg_lstm_check(midge_op_context *context, const mg_lstm_tensors *tensors,
                           const mg_lstm_types *types, int32_t batch)
{
    midge_type weights = tensors->gates[MG_GATE_OUTPUT].input->type;
    TRY(mg_require_type(context, tensors->gates[MG_GATE_OUTPUT].input, "input weights",
                        types->weights));
    TRY(check_absent(context, tensors));
    bool has_input_gate = tensors->gates[MG_GATE_INPUT].input != NULL;
    int first = has_input_gate ? MG_GATE_INPUT : MG_GATE_FORGET;
    for (int gate = first; gate < MG_GATE_COUNT; gate++) {
        TRY(check_gate(context, tensors, gate, types));
    }
    if (tensors->projection != NULL) {
        TRY(mg_require_matrix(context, tensors->projection, "projection", MG_TYPES(weights),
                              tensors->output_size, tensors->cell_size));
    }
    if (tensors->projection_bias != NULL) {
        TRY(mg_require_vector(context, tensors->projection_bias, "projection bias", types->bias,
                              tensors->output_size));
    }
    TRY(mg_require_state(context, tensors->output_state, "output state", types->output_state,
                         (size_t)batch * (size_t)tensors->output_size));
    return mg_require_state(context, tensors->cell_state, "cell state", types->cell_state,
                            (size_t)batch * (size_t)tensors->cell_size);
}
