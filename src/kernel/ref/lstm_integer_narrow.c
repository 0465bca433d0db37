/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/lstm_integer_narrow.h"

#include <math.h>
#include <string.h>

#include "kernel/ref/scratch.h"

typedef struct workspace {
    int16_t *gates[MG_GATE_COUNT];
    int32_t *products[2]; /* of input and of output state */
    void *dot;
} workspace;

static workspace cut(const mg_lstm_narrow *lstm, mg_scratch *scratch)
{
    workspace work;
    memset(&work, 0, sizeof work);
    for (int gate = MG_GATE_FORGET; gate < MG_GATE_COUNT; gate++) {
        work.gates[gate] = mg_scratch_take(scratch, lstm->cell_size, sizeof(int16_t));
    }
    size_t depth = lstm->input_size > lstm->output_size ? lstm->input_size : lstm->output_size;
    for (int i = 0; i < 2; i++) {
        work.products[i] = mg_scratch_take(scratch, lstm->cell_size, sizeof(int32_t));
    }
    work.dot = mg_scratch_take(scratch, mg_dot_scratch_bytes(depth), 1);
    return work;
}

size_t mg_lstm_narrow_scratch(const mg_lstm_narrow *lstm)
{
    mg_scratch measure = {NULL, 0};
    cut(lstm, &measure);
    return measure.used;
}

static void multiply(const mg_lstm_narrow *lstm, const mg_narrow_product *product,
                     const int8_t *vector, size_t depth, int32_t vector_zero_point, void *dot,
                     int32_t *result)
{
    mg_integer_product(&lstm->kernels, product->weights, lstm->cell_size, depth, MG_CELL_I8, vector,
                       vector_zero_point, NULL, dot, result);
    for (size_t i = 0; i < lstm->cell_size; i++) {
        int64_t value = mg_multiply_by_quantized(result[i], product->factor);
        value += product->zero_point;
        value = value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value;
        int32_t centred = (int32_t)value - product->zero_point;
        result[i] = mg_multiply_by_quantized(centred, product->to_gate);
    }
}

static void normalize(const mg_narrow_gate *g, size_t count, int16_t *gate)
{
    float scale = (float)(g->norm_factor.multiplier * pow(2.0, g->norm_factor.shift - 31));
    float bias_scale = (float)pow(2.0, -10.0) * scale;
    float sum = 0.0f, squares = 0.0f;
    for (size_t i = 0; i < count; i++) {
        float value = (float)gate[i];
        sum += value;
        squares += value * value;
    }
    float mean = sum / (float)count;
    float variance = squares / (float)count - mean * mean;
    float inverse = 1.0f / sqrtf(variance == 0.0f ? 1e-8f : variance);
    for (size_t i = 0; i < count; i++) {
        float normal = ((float)gate[i] - mean) * inverse;
        float weighted = normal * (float)g->norm[i] * scale + (float)g->bias[i] * bias_scale;
        float stored = roundf(weighted * 4096.0f);
        gate[i] = (int16_t)(!(stored > -32768.0f) ? -32768.0f
                            : stored > 32767.0f   ? 32767.0f
                                                  : stored);
    }
}

/* Towards zero, unlike everything else. */
static int16_t to_int16(float value)
{
    float stored = value * 32768.0f;
    return (int16_t)(stored > 32767.0f ? 32767.0f : stored < -32768.0f ? -32768.0f : stored);
}

static void squash(int index, size_t count, int16_t *gate)
{
    for (size_t i = 0; i < count; i++) {
        float value = (float)gate[i] / 4096.0f;
        gate[i] = index == MG_GATE_MODULATION ? to_int16(tanhf(value))
                                              : to_int16(1.0f / (1.0f + expf(-value)));
    }
}

static void compute_gate(const mg_lstm_narrow *lstm, int index, const int8_t *input,
                         const int8_t *output_state, const workspace *work)
{
    const mg_narrow_gate *g = &lstm->gates[index];
    int16_t *gate = work->gates[index];
    const int32_t *a = work->products[0], *b = work->products[1];
    multiply(lstm, &g->input, input, lstm->input_size, lstm->input_zero_point, work->dot,
             work->products[0]);
    multiply(lstm, &g->recurrent, output_state, lstm->output_size, lstm->state_zero_point,
             work->dot, work->products[1]);
    for (size_t i = 0; i < lstm->cell_size; i++) {
        int64_t sum = (int64_t)a[i] + b[i];
        gate[i] = (int16_t)(sum < INT16_MIN ? INT16_MIN : sum > INT16_MAX ? INT16_MAX : sum);
    }
    normalize(g, lstm->cell_size, gate);
    squash(index, lstm->cell_size, gate);
}

/* Sums in 64 bits: the hidden values have 16. */
static void project(const mg_lstm_narrow *lstm, const int16_t *hidden, int8_t *output_state)
{
    for (size_t row = 0; row < lstm->output_size; row++) {
        const int8_t *weights = lstm->projection + row * lstm->cell_size;
        int64_t sum = lstm->projection_bias != NULL ? lstm->projection_bias[row] : 0;
        for (size_t i = 0; i < lstm->cell_size; i++) sum += (int32_t)hidden[i] * weights[i];
        int64_t value = mg_multiply_by_quantized_64(sum, lstm->projection_factor);
        value += lstm->state_zero_point;
        output_state[row] = (int8_t)(value < INT8_MIN   ? INT8_MIN
                                     : value > INT8_MAX ? INT8_MAX
                                                        : value);
    }
    mg_clip_s8(output_state, lstm->output_size, lstm->projection_clip);
}

void mg_lstm_narrow_step(const mg_lstm_narrow *lstm, const int8_t *input, int8_t *output_state,
                         int16_t *cell_state, void *scratch)
{
    mg_scratch memory = {scratch, 0};
    workspace work = cut(lstm, &memory);
    compute_gate(lstm, MG_GATE_FORGET, input, output_state, &work);
    compute_gate(lstm, MG_GATE_MODULATION, input, output_state, &work);
    lstm->kernels.gate->advance(-15, lstm->cell_clip, NULL, work.gates[MG_GATE_FORGET],
                                work.gates[MG_GATE_MODULATION], lstm->cell_size, cell_state);
    compute_gate(lstm, MG_GATE_OUTPUT, input, output_state, &work);
    int16_t *hidden = work.gates[MG_GATE_MODULATION];
    const int16_t *gate = work.gates[MG_GATE_OUTPUT];
    for (size_t i = 0; i < lstm->cell_size; i++) {
        int32_t squashed = to_int16(tanhf((float)cell_state[i] / 32768.0f));
        hidden[i] = (int16_t)mg_rounding_shift_right(gate[i] * squashed, 15);
    }
    project(lstm, hidden, output_state);
}
