/* SPDX-License-Identifier: Apache-2.0 */
/* Which products LSTM cells make ahead, and how their steps find them. */
#include <string.h>

#include "kernel/ref/hybrid.h"
#include "op/recurrent_lstm_cells.h"

static bool is_hybrid(const mg_lstm_tensors *tensors)
{
    return tensors->output_state->type == MIDGE_FLOAT32 &&
           tensors->gates[MG_GATE_OUTPUT].input->type != MIDGE_FLOAT32;
}

bool mg_lstm_has_row_sums(const mg_lstm_tensors *tensors, bool asymmetric)
{
    if (!asymmetric || !is_hybrid(tensors)) return false;
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        const midge_tensor *weights = tensors->gates[gate].input;
        if (weights != NULL && !weights->constant) return false;
    }
    return true;
}

size_t mg_lstm_row_sums_bytes(const mg_lstm_tensors *tensors)
{
    size_t bytes;
    bool fits =
        mg_size_multiply((size_t)tensors->cell_size, MG_AHEAD_GATES * sizeof(int32_t), &bytes);
    return fits ? bytes : SIZE_MAX;
}

mg_ahead mg_lstm_plan_ahead(const midge_op_context *context, const mg_lstm_tensors *tensors,
                            bool asymmetric, size_t batch, size_t time, int32_t *row_sums,
                            bool fresh)
{
    const midge_tensor *input = mg_input(context, 0);
    bool hybrid = is_hybrid(tensors), integer = input->type == MIDGE_INT8;
    mg_ahead ahead = {
        .depth = (size_t)tensors->input_size,
        .cells = (size_t)tensors->cell_size,
        .quantized_weights = hybrid || integer,
        .quantized_inputs = integer,
        .asymmetric = hybrid && asymmetric,
        .zero_point = integer ? (int32_t)input->quantization.zero_point[0] : 0,
    };
    if (ahead.asymmetric && row_sums == NULL) return ahead;
    mg_ahead_plan(&ahead, batch, time);
    for (size_t gate = 0; row_sums != NULL && fresh && gate < MG_GATE_COUNT; gate++) {
        const midge_tensor *weights = tensors->gates[gate].input;
        if (weights == NULL) continue;
        mg_row_sums_s8(weights->data, ahead.cells, ahead.depth, row_sums + gate * ahead.cells);
    }
    return ahead;
}

void mg_lstm_bind_ahead(const mg_lstm_tensors *tensors, const int32_t *row_sums, mg_ahead *ahead)
{
    bool biased = ahead->quantized_inputs && tensors->gates[MG_GATE_FORGET].norm == NULL;
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        const mg_lstm_gate_tensors *from = &tensors->gates[gate];
        ahead->weights[gate] = mg_data_of(from->input);
        ahead->biases[gate] = biased ? mg_data_of(from->bias) : NULL;
    }
    ahead->row_sums = ahead->asymmetric ? row_sums : NULL;
}

void mg_lstm_step_f32(const void *cell, const mg_step *step)
{
    if (step->sums == NULL) {
        mg_lstm_f32_step(cell, step->input, step->aux, NULL, step->hidden, step->state,
                         step->scratch);
        return;
    }
    const char *row = step->sums;
    mg_input_sums sums;
    memcpy(&sums.scale, row, sizeof sums.scale);
    row += MG_AHEAD_HEADER * sizeof(float);
    sums.f32 = (const float *)(const void *)row;
    sums.s32 = (const int32_t *)(const void *)row;
    mg_lstm_f32_step(cell, step->input, step->aux, &sums, step->hidden, step->state, step->scratch);
}
