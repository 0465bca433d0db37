/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/lstm_integer.h"

#include <string.h>

#include "kernel/ref/fixed_point_functions.h"
#include "kernel/ref/requantize.h"
#include "kernel/ref/scratch.h"

typedef struct workspace {
    int16_t *gates[MG_GATE_COUNT]; /* cell_size each */
    int8_t *hidden;                /* cell_size */
    int32_t *sums;                 /* of the input */
    int32_t *recurrent;            /* of the output state */
    void *dot;
} workspace;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static workspace cut(const mg_lstm_integer *lstm, mg_scratch *scratch)
{
    workspace work;
    memset(&work, 0, sizeof work);
    for (int gate = 0; gate < MG_GATE_COUNT; gate++) {
        work.gates[gate] = mg_scratch_take(scratch, lstm->cell_size, sizeof(int16_t));
    }
    size_t rows = larger(lstm->cell_size, lstm->output_size);
    size_t depth = larger(lstm->input_size, rows);
    work.hidden = mg_scratch_take(scratch, lstm->cell_size, 1);
    work.sums = mg_scratch_take(scratch, rows, sizeof(int32_t));
    work.recurrent = mg_scratch_take(scratch, lstm->cell_size, sizeof(int32_t));
    work.dot = mg_scratch_take(scratch, mg_dot_scratch_bytes(depth), 1);
    return work;
}

size_t mg_lstm_integer_scratch(const mg_lstm_integer *lstm)
{
    mg_scratch measure = {NULL, 0};
    cut(lstm, &measure);
    return measure.used;
}

static int16_t saturate(int32_t value)
{
    return (int16_t)mg_clamp(value, INT16_MIN, INT16_MAX);
}

static int32_t add_wrapping(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* TensorFlow Lite multiplies 16 cells at once, with ties up, and the rest one by one, with ties
 * away from zero. */
static void add_peephole(const mg_lstm_gate_integer *g, size_t count, const int16_t *cell_state,
                         int16_t *gate)
{
    const size_t whole = count - count % 16;
    for (size_t i = 0; i < count; i++) {
        int32_t product = (int32_t)g->peephole[i] * cell_state[i];
        int32_t scaled = i < whole ? mg_multiply_ties_up(product, g->peephole_factor)
                                   : mg_multiply_by_quantized(product, g->peephole_factor);
        gate[i] = saturate(add_wrapping(scaled, gate[i]));
    }
}

/* Mean and 1 / deviation of 1024 times the values; the mean of squares uses 2^20 / count cut to an
 * integer. */
static void normalize(const mg_lstm_gate_integer *g, size_t count, int16_t *gate)
{
    enum { ONE = 1 << 10, ONE_SQUARED = 1 << 20 };
    int64_t sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += gate[i];
        squares += (int32_t)gate[i] * gate[i];
    }
    int32_t mean = (int32_t)(sum * ONE / (int64_t)count);
    int32_t share = (int32_t)(ONE_SQUARED / count);
    int32_t variance = (int32_t)((squares * share - (int64_t)mean * mean) / ONE_SQUARED);
    if (variance < 1) variance = g->least_variance;
    mg_multiplier inverse = mg_inverse_square_root(variance);
    mg_multiplier factor = g->norm_factor;
    factor.shift += 12;
    for (size_t i = 0; i < count; i++) {
        int32_t centred = mg_multiply_by_quantized(ONE * gate[i] - mean, inverse);
        uint32_t weighted = (uint32_t)centred * (uint32_t)(int32_t)g->norm[i];
        int64_t value = (int32_t)(weighted + (uint32_t)g->bias[i]);
        int32_t rounded = (int32_t)((value > 0 ? value + ONE / 2 : value - ONE / 2) / ONE);
        gate[i] = saturate(mg_multiply_by_quantized(rounded, factor));
    }
}

static void compute_gate(const mg_lstm_integer *lstm, int index, const int8_t *input,
                         const int32_t *sums, const int8_t *output_state, const int16_t *cell_state,
                         const workspace *work)
{
    const mg_lstm_gate_integer *g = &lstm->gates[index];
    size_t cells = lstm->cell_size;
    int16_t *gate = work->gates[index];
    if (sums == NULL) {
        mg_integer_product(&lstm->kernels, g->input, cells, lstm->input_size, MG_CELL_I8, input,
                           lstm->input_zero_point, g->norm != NULL ? NULL : g->bias, work->dot,
                           work->sums);
    }
    mg_integer_product(&lstm->kernels, g->recurrent, cells, lstm->output_size, MG_CELL_I8,
                       output_state, lstm->state_zero_point, NULL, work->dot, work->recurrent);
    lstm->kernels.gate->join(sums != NULL ? sums + (size_t)index * cells : work->sums,
                             g->input_factor, work->recurrent, g->recurrent_factor, cells, gate);
    if (g->peephole != NULL) add_peephole(g, cells, cell_state, gate);
    if (g->norm != NULL) normalize(g, cells, gate);
    if (index == MG_GATE_MODULATION)
        lstm->kernels.gate->tanh(3, gate, cells, gate);
    else
        lstm->kernels.gate->logistic(gate, cells, gate);
}

void mg_clip_s8(int8_t *values, size_t count, int8_t limit)
{
    if (limit <= 0) return;
    for (size_t i = 0; i < count; i++) values[i] = (int8_t)mg_clamp(values[i], -limit, limit);
}

/* The reference keeps the values before a projection with the negated zero point. */
static void project(const mg_lstm_integer *lstm, const workspace *work, const int16_t *squashed,
                    int8_t *output_state)
{
    lstm->kernels.gate->multiply(work->gates[MG_GATE_OUTPUT], squashed, lstm->hidden_factor,
                                 -lstm->hidden_zero_point, lstm->cell_size, work->hidden);
    mg_integer_product(&lstm->kernels, lstm->projection, lstm->output_size, lstm->cell_size,
                       MG_CELL_I8, work->hidden, -lstm->hidden_zero_point, lstm->projection_bias,
                       work->dot, work->sums);
    for (size_t i = 0; i < lstm->output_size; i++) {
        int64_t value = mg_multiply_by_quantized(work->sums[i], lstm->projection_factor);
        value += lstm->state_zero_point;
        output_state[i] = (int8_t)(value < INT8_MIN   ? INT8_MIN
                                   : value > INT8_MAX ? INT8_MAX
                                                      : value);
    }
    mg_clip_s8(output_state, lstm->output_size, lstm->projection_clip);
}

void mg_lstm_integer_step(const mg_lstm_integer *lstm, const int8_t *input, const int32_t *sums,
                          int8_t *output_state, int16_t *cell_state, void *scratch)
{
    mg_scratch memory = {scratch, 0};
    workspace work = cut(lstm, &memory);
    size_t cells = lstm->cell_size;
    bool has_input_gate = lstm->gates[MG_GATE_INPUT].input != NULL;
    int first = has_input_gate ? MG_GATE_INPUT : MG_GATE_FORGET;
    for (int gate = first; gate < MG_GATE_OUTPUT; gate++) {
        compute_gate(lstm, gate, input, sums, output_state, cell_state, &work);
    }
    lstm->kernels.gate->advance(
        lstm->cell_scale, lstm->cell_clip, has_input_gate ? work.gates[MG_GATE_INPUT] : NULL,
        work.gates[MG_GATE_FORGET], work.gates[MG_GATE_MODULATION], cells, cell_state);
    compute_gate(lstm, MG_GATE_OUTPUT, input, sums, output_state, cell_state, &work);
    int16_t *squashed = work.gates[MG_GATE_MODULATION];
    lstm->kernels.gate->tanh(15 + lstm->cell_scale, cell_state, cells, squashed);
    if (lstm->projection != NULL) {
        project(lstm, &work, squashed, output_state);
    } else {
        lstm->kernels.gate->multiply(work.gates[MG_GATE_OUTPUT], squashed, lstm->hidden_factor,
                                     lstm->hidden_zero_point, cells, output_state);
    }
}
