/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/lstm_int16.h"

#include <string.h>

#include "kernel/ref/lookup.h"
#include "kernel/ref/scratch.h"

typedef struct workspace {
    int16_t *gates[MG_GATE_COUNT]; /* cell_size each */
} workspace;

static workspace cut(const mg_lstm_int16 *lstm, mg_scratch *scratch)
{
    workspace work;
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        work.gates[gate] = mg_scratch_take(scratch, lstm->cell_size, sizeof(int16_t));
    }
    return work;
}

size_t mg_lstm_int16_scratch(const mg_lstm_int16 *lstm)
{
    mg_scratch measure = {NULL, 0};
    cut(lstm, &measure);
    return measure.used;
}

static int32_t saturate(int64_t value)
{
    return (int32_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

static int64_t dot(const int8_t *weights, const int16_t *vector, size_t depth, int32_t zero_point)
{
    int64_t sum = 0;
    for (size_t i = 0; i < depth; i++) sum += weights[i] * (vector[i] - zero_point);
    return sum;
}

static void compute_gate(const mg_lstm_int16 *lstm, int index, const int16_t *input,
                         const int16_t *output_state, int16_t *gate)
{
    static const mg_sigmoid_16 from_gate_scale = {3, 0};
    const mg_lstm_gate_int16 *g = &lstm->gates[index];
    size_t cells = lstm->cell_size;
    for (size_t i = 0; i < cells; i++) {
        int64_t bias =
            lstm->wide_bias ? ((const int64_t *)g->bias)[i] : ((const int32_t *)g->bias)[i];
        int64_t first = bias + dot(g->input + i * lstm->input_size, input, lstm->input_size,
                                   lstm->input_zero_point);
        int64_t second = dot(g->recurrent + i * cells, output_state, cells, lstm->state_zero_point);
        int32_t sum = saturate(mg_multiply_by_quantized_64(first, g->input_factor)) +
                      saturate(mg_multiply_by_quantized_64(second, g->recurrent_factor));
        gate[i] = (int16_t)saturate(sum);
    }
    const void *operands[] = {gate};
    if (index == MG_GATE_MODULATION) {
        mg_row_tanh_i16(operands, gate, cells, &from_gate_scale);
    } else {
        mg_row_logistic_i16(operands, gate, cells, &from_gate_scale);
    }
}

static int32_t product(int16_t a, int16_t b, mg_multiplier factor, int32_t zero_point)
{
    return saturate((int64_t)mg_multiply_by_quantized((int32_t)a * b, factor) + zero_point);
}

static void update_cell(const mg_lstm_int16 *lstm, const workspace *work, int16_t *cell_state)
{
    for (size_t i = 0; i < lstm->cell_size; i++) {
        int32_t kept = product(work->gates[MG_GATE_FORGET][i], cell_state[i], lstm->keep_factor, 0);
        int32_t added = product(work->gates[MG_GATE_INPUT][i], work->gates[MG_GATE_MODULATION][i],
                                lstm->add_factor, 0);
        int32_t cell = saturate(kept + added);
        if (lstm->cell_clip > 0) cell = mg_clamp(cell, -lstm->cell_clip, lstm->cell_clip);
        cell_state[i] = (int16_t)cell;
    }
}

void mg_lstm_int16_step(const mg_lstm_int16 *lstm, const int16_t *input, int16_t *output_state,
                        int16_t *cell_state, void *scratch)
{
    mg_scratch memory = {scratch, 0};
    workspace work = cut(lstm, &memory);
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        compute_gate(lstm, gate, input, output_state, work.gates[gate]);
    }
    update_cell(lstm, &work, cell_state);
    int left = 15 + lstm->cell_scale - 3;
    mg_sigmoid_16 from_cell_scale = {left > 0 ? 3 << left : 3, left > 0 ? 0 : -left};
    int16_t *squashed = work.gates[MG_GATE_MODULATION];
    const void *operands[] = {cell_state};
    mg_row_tanh_i16(operands, squashed, lstm->cell_size, &from_cell_scale);
    for (size_t i = 0; i < lstm->cell_size; i++) {
        output_state[i] = (int16_t)product(work.gates[MG_GATE_OUTPUT][i], squashed[i],
                                           lstm->output_factor, lstm->state_zero_point);
    }
}
