/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/lstm_f32.h"

#include <string.h>

#include "kernel/ref/scratch.h"

typedef struct workspace {
    float *gates[MG_GATE_COUNT]; /* cell_size each */
    mg_product_scratch product;
    int8_t *input, *aux, *state, *hidden; /* quantised; NULL when no matrix is int8 */
} workspace;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static workspace cut(const mg_lstm_f32 *lstm, mg_scratch *scratch)
{
    workspace work;
    memset(&work, 0, sizeof work);
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        work.gates[gate] = mg_scratch_take(scratch, lstm->cell_size, sizeof(float));
    }
    size_t rows = larger(lstm->cell_size, lstm->output_size);
    size_t depth = larger(larger(lstm->input_size, lstm->aux_size), rows);
    work.product.sums = mg_scratch_take(scratch, rows, sizeof(int32_t));
    work.product.dot = mg_scratch_take(scratch, mg_dot_scratch_bytes(depth), 1);
    if (lstm->hybrid) {
        work.input = mg_scratch_take(scratch, lstm->input_size, 1);
        work.aux = mg_scratch_take(scratch, lstm->aux_size, 1);
        work.state = mg_scratch_take(scratch, lstm->output_size, 1);
        work.hidden = mg_scratch_take(scratch, lstm->cell_size, 1);
    }
    return work;
}

size_t mg_lstm_f32_scratch(const mg_lstm_f32 *lstm)
{
    mg_scratch measure = {NULL, 0};
    cut(lstm, &measure);
    return measure.used;
}

typedef struct step_inputs {
    mg_product_vector input, aux, state, cell;
    const mg_input_sums *sums; /* instead of the input; may be NULL */
} step_inputs;

static void add_sums(const mg_lstm_f32 *lstm, int index, const mg_input_sums *sums, float *result)
{
    size_t cells = lstm->cell_size, first = (size_t)index * cells;
    if (!lstm->hybrid) {
        for (size_t i = 0; i < cells; i++) result[i] += sums->f32[first + i];
        return;
    }
    float scale = sums->scale * lstm->gates[index].input.scale;
    for (size_t i = 0; i < cells; i++) result[i] += (float)sums->s32[first + i] * scale;
}

static void compute_gate(const mg_lstm_f32 *lstm, int index, const step_inputs *in,
                         const mg_product_scratch *scratch, float *result)
{
    const mg_lstm_gate_f32 *gate = &lstm->gates[index];
    size_t cells = lstm->cell_size;
    if (gate->norm != NULL)
        memset(result, 0, cells * sizeof(float));
    else
        memcpy(result, gate->bias, cells * sizeof(float));
    if (in->sums != NULL)
        add_sums(lstm, index, in->sums, result);
    else
        mg_add_product(&lstm->kernels, &gate->input, &in->input, scratch, result);
    mg_add_product(&lstm->kernels, &gate->aux, &in->aux, scratch, result);
    mg_add_product(&lstm->kernels, &gate->recurrent, &in->state, scratch, result);
    mg_add_product(&lstm->kernels, &gate->peephole, &in->cell, scratch, result);
    if (gate->norm != NULL) {
        mg_normalize_f32(result, cells);
        for (size_t i = 0; i < cells; i++) result[i] = result[i] * gate->norm[i] + gate->bias[i];
    }
    mg_activate kind = index == MG_GATE_MODULATION ? lstm->activation : MG_ACTIVATE_LOGISTIC;
    mg_activate_f32(lstm->kernels.pointwise_f32, kind, result, cells, result);
}

static void update_cell(const mg_lstm_f32 *lstm, float *const *gates, float *cell_state)
{
    const float *input = gates[MG_GATE_INPUT], *forget = gates[MG_GATE_FORGET];
    const float *modulation = gates[MG_GATE_MODULATION];
    bool has_input_gate = lstm->gates[MG_GATE_INPUT].input.weights != NULL;
    for (size_t i = 0; i < lstm->cell_size; i++) {
        float share = has_input_gate ? input[i] : 1.0f - forget[i];
        cell_state[i] = forget[i] * cell_state[i] + modulation[i] * share;
    }
    mg_clip_f32(cell_state, lstm->cell_size, lstm->cell_clip);
}

static void update_output(const mg_lstm_f32 *lstm, const workspace *work, const float *cell_state,
                          float *output_state)
{
    float *hidden = work->gates[MG_GATE_MODULATION];
    const float *gate = work->gates[MG_GATE_OUTPUT];
    mg_activate_f32(lstm->kernels.pointwise_f32, lstm->activation, cell_state, lstm->cell_size,
                    hidden);
    for (size_t i = 0; i < lstm->cell_size; i++) hidden[i] *= gate[i];
    size_t bytes = lstm->output_size * sizeof(float);
    if (lstm->projection.weights == NULL) {
        memcpy(output_state, hidden, bytes);
        return;
    }
    if (lstm->projection_bias != NULL)
        memcpy(output_state, lstm->projection_bias, bytes);
    else
        memset(output_state, 0, bytes);
    mg_product_vector vector =
        mg_product_vector_of(hidden, lstm->cell_size, work->hidden, lstm->asymmetric);
    mg_add_product(&lstm->kernels, &lstm->projection, &vector, &work->product, output_state);
    mg_clip_f32(output_state, lstm->output_size, lstm->projection_clip);
}

void mg_lstm_f32_step(const mg_lstm_f32 *lstm, const float *input, const float *aux,
                      const mg_input_sums *sums, float *output_state, float *cell_state,
                      void *scratch)
{
    mg_scratch memory = {scratch, 0};
    workspace work = cut(lstm, &memory);
    step_inputs in = {
        .state =
            mg_product_vector_of(output_state, lstm->output_size, work.state, lstm->asymmetric),
        .cell = {.values = cell_state},
        .sums = sums,
    };
    if (sums == NULL) {
        in.input = mg_product_vector_of(input, lstm->input_size, work.input, lstm->asymmetric);
    }
    if (lstm->gates[MG_GATE_OUTPUT].aux.weights != NULL) {
        in.aux = mg_product_vector_of(aux, lstm->aux_size, work.aux, lstm->asymmetric);
    }
    if (lstm->gates[MG_GATE_INPUT].input.weights != NULL) {
        compute_gate(lstm, MG_GATE_INPUT, &in, &work.product, work.gates[MG_GATE_INPUT]);
    }
    compute_gate(lstm, MG_GATE_FORGET, &in, &work.product, work.gates[MG_GATE_FORGET]);
    compute_gate(lstm, MG_GATE_MODULATION, &in, &work.product, work.gates[MG_GATE_MODULATION]);
    update_cell(lstm, work.gates, cell_state);
    compute_gate(lstm, MG_GATE_OUTPUT, &in, &work.product, work.gates[MG_GATE_OUTPUT]);
    update_output(lstm, &work, cell_state, output_state);
}
