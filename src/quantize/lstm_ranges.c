/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/lstm_ranges.h"

#include <math.h>
#include <string.h>

#include "kernel/ref/activate.h"
#include "quantize/constants.h"

enum { FORGET = 1, MODULATION = 2, OUTPUT = 3 };

/* ---- Which nodes ---- */

const mg_network_tensor *mg_lstm_tensor(const mg_network_graph *graph, const mg_network_node *node,
                                        size_t index)
{
    return index < node->input_count && node->inputs[index] >= 0
               ? &graph->tensors[node->inputs[index]]
               : NULL;
}

static bool is_float_state(const mg_network_graph *graph, const mg_network_node *node, size_t index)
{
    const mg_network_tensor *state = mg_lstm_tensor(graph, node, index);
    return state != NULL && state->is_variable && state->type == MIDGE_FLOAT32 &&
           mg_network_uses(graph, node->inputs[index]) == 1;
}

static bool is_matrix(const mg_network_tensor *tensor, int32_t rows, int32_t columns)
{
    return tensor != NULL && tensor->rank == 2 && tensor->shape[0] == rows &&
           tensor->shape[1] == columns;
}

/* Parts that no gate may lack, of the sizes that the output weights have. */
static bool gates_fit(const mg_network_graph *graph, const mg_network_node *node)
{
    const mg_network_tensor *wide = mg_lstm_tensor(graph, node, MG_LSTM_INPUT_WEIGHTS + OUTPUT);
    const mg_network_tensor *deep = mg_lstm_tensor(graph, node, MG_LSTM_STATE_WEIGHTS + OUTPUT);
    if (wide == NULL || deep == NULL || wide->rank != 2 || deep->rank != 2) return false;
    for (size_t gate = 0; gate < MG_LSTM_GATES; ++gate) {
        const mg_network_tensor *input = mg_lstm_tensor(graph, node, MG_LSTM_INPUT_WEIGHTS + gate);
        const mg_network_tensor *bias = mg_lstm_tensor(graph, node, MG_LSTM_BIASES + gate);
        if (input == NULL && gate == 0) continue;
        if (!is_matrix(input, wide->shape[0], wide->shape[1]) || bias == NULL) return false;
        if (!is_matrix(mg_lstm_tensor(graph, node, MG_LSTM_STATE_WEIGHTS + gate), wide->shape[0],
                       deep->shape[1]))
            return false;
    }
    const mg_network_tensor *projection = mg_lstm_tensor(graph, node, MG_LSTM_PROJECTION);
    const mg_network_tensor *peephole =
        mg_lstm_tensor(graph, node, MG_LSTM_PEEPHOLES + MG_LSTM_PEEPHOLE_COUNT - 1);
    /* Reference kernels give peepholes to as many cells as there are outputs, not to all. */
    if (peephole != NULL && deep->shape[1] != wide->shape[0]) return false;
    return projection == NULL ? deep->shape[1] == wide->shape[0]
                              : is_matrix(projection, deep->shape[1], wide->shape[0]);
}

bool mg_lstm_has_integer_form(const mg_network_graph *graph, const mg_network_node *node)
{
    const mg_UnidirectionalSequenceLSTMOptions *options = node->options;
    if (node->op != MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM || options == NULL ||
        options->fused_activation_function != MG_ACTIVATION_TANH)
        return false;
    for (size_t k = MG_LSTM_INPUT_WEIGHTS; k < node->input_count; ++k) {
        const mg_network_tensor *tensor = mg_lstm_tensor(graph, node, k);
        if (tensor == NULL || k == MG_LSTM_OUTPUT_STATE || k == MG_LSTM_CELL_STATE) continue;
        if (!mg_is_float_constant(tensor) || !mg_all_finite(tensor)) return false;
    }
    const mg_network_tensor *input = mg_lstm_tensor(graph, node, 0);
    return input != NULL && input->rank == 3 && input->data == NULL &&
           is_float_state(graph, node, MG_LSTM_OUTPUT_STATE) &&
           is_float_state(graph, node, MG_LSTM_CELL_STATE) && gates_fit(graph, node);
}

/* ---- The cell ---- */

static const float *values_at(const mg_network_graph *graph, const mg_network_node *node,
                              size_t index)
{
    const mg_network_tensor *tensor = mg_lstm_tensor(graph, node, index);
    return tensor != NULL ? tensor->data : NULL;
}

midge_status mg_lstm_watch_make(mg_network *network, const mg_network_graph *graph,
                                const mg_network_node *node, mg_lstm_watch *watch)
{
    static const size_t peephole_of[MG_LSTM_PEEPHOLE_COUNT] = {0, FORGET, OUTPUT};
    const mg_UnidirectionalSequenceLSTMOptions *options = node->options;
    const mg_network_tensor *wide = mg_lstm_tensor(graph, node, MG_LSTM_INPUT_WEIGHTS + OUTPUT);
    const mg_network_tensor *deep = mg_lstm_tensor(graph, node, MG_LSTM_STATE_WEIGHTS + OUTPUT);
    *watch = (mg_lstm_watch){
        .projection = values_at(graph, node, MG_LSTM_PROJECTION),
        .projection_bias = values_at(graph, node, MG_LSTM_PROJECTION_BIAS),
        .inputs = (size_t)wide->shape[1],
        .cells = (size_t)wide->shape[0],
        .outputs = (size_t)deep->shape[1],
        .cell_clip = options->cell_clip,
        .projection_clip = options->proj_clip,
        .time_major = options->time_major,
        .input = node->inputs[0],
        .ranges.output = node->outputs[0],
    };
    for (size_t gate = 0; gate < MG_LSTM_GATES; ++gate) {
        watch->input_weights[gate] = values_at(graph, node, MG_LSTM_INPUT_WEIGHTS + gate);
        watch->state_weights[gate] = values_at(graph, node, MG_LSTM_STATE_WEIGHTS + gate);
        watch->biases[gate] = values_at(graph, node, MG_LSTM_BIASES + gate);
        watch->norms[gate] = values_at(graph, node, MG_LSTM_NORMS + gate);
    }
    for (size_t k = 0; k < MG_LSTM_PEEPHOLE_COUNT; ++k)
        watch->peepholes[peephole_of[k]] = values_at(graph, node, MG_LSTM_PEEPHOLES + k);
    size_t numbers = watch->outputs + (1 + MG_LSTM_GATES) * watch->cells;
    void *memory = NULL;
    TRY(mg_network_memory(network, numbers * sizeof(float), &memory));
    watch->state = memory;
    return MIDGE_OK;
}

static float product(const float *a, const float *b, size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

static float logistic(float value)
{
    return 1.0f / (1.0f + expf(-value));
}

static float clipped(float value, float clip)
{
    return clip > 0 ? fmaxf(-clip, fminf(clip, value)) : value;
}

static void compute_gate(mg_lstm_watch *at, size_t gate, const float *input, const float *cell,
                         float *sums)
{
    const float *norm = at->norms[gate];
    for (size_t i = 0; i < at->cells; ++i) {
        sums[i] = product(at->input_weights[gate] + i * at->inputs, input, at->inputs) +
                  product(at->state_weights[gate] + i * at->outputs, at->state, at->outputs);
        if (at->peepholes[gate] != NULL) sums[i] += at->peepholes[gate][i] * cell[i];
        if (norm == NULL) sums[i] += at->biases[gate][i];
        mg_range_add(&at->ranges.sums[gate], sums[i]);
    }
    if (norm == NULL) return;
    mg_normalize_f32(sums, at->cells);
    for (size_t i = 0; i < at->cells; ++i) sums[i] = sums[i] * norm[i] + at->biases[gate][i];
}

static void step(mg_lstm_watch *at, const float *input)
{
    float *cell = at->state + at->outputs;
    float *gates[MG_LSTM_GATES];
    for (size_t gate = 0; gate < MG_LSTM_GATES; ++gate) gates[gate] = cell + (1 + gate) * at->cells;
    for (size_t gate = 0; gate < OUTPUT; ++gate)
        if (at->input_weights[gate] != NULL) compute_gate(at, gate, input, cell, gates[gate]);
    for (size_t i = 0; i < at->cells; ++i) {
        float forget = logistic(gates[FORGET][i]);
        float share = at->input_weights[0] != NULL ? logistic(gates[0][i]) : 1.0f - forget;
        cell[i] = clipped(forget * cell[i] + share * tanhf(gates[MODULATION][i]), at->cell_clip);
        mg_range_add(&at->ranges.cell, cell[i]);
    }
    compute_gate(at, OUTPUT, input, cell, gates[OUTPUT]);
    float *hidden = gates[OUTPUT];
    for (size_t i = 0; i < at->cells; ++i) {
        hidden[i] = logistic(hidden[i]) * tanhf(cell[i]);
        mg_range_add(&at->ranges.hidden, hidden[i]);
    }
    for (size_t i = 0; i < at->outputs; ++i) {
        float sum = hidden[i < at->cells ? i : 0];
        if (at->projection != NULL)
            sum = product(at->projection + i * at->cells, hidden, at->cells) +
                  (at->projection_bias != NULL ? at->projection_bias[i] : 0);
        at->state[i] = at->projection != NULL ? clipped(sum, at->projection_clip) : sum;
    }
}

void mg_lstm_watch_look(mg_lstm_watch *at, const float *input, const int32_t *shape)
{
    size_t steps = (size_t)shape[at->time_major ? 0 : 1];
    size_t batch = (size_t)shape[at->time_major ? 1 : 0];
    for (size_t b = 0; b < batch; ++b) {
        memset(at->state, 0, (at->outputs + at->cells) * sizeof(float));
        for (size_t t = 0; t < steps; ++t)
            step(at, input + (at->time_major ? t * batch + b : b * steps + t) * at->inputs);
    }
}
