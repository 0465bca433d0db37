/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNIDIRECTIONAL_SEQUENCE_RNN written out step by step, since no integer kernel computes it: the
 * input's products with all steps at once, then for each step
 *
 *   state = activation(product of the input + FULLY_CONNECTED(state))
 *
 * beginning with a state of 0, which is where every call of the new nodes begins.
 */
#include <string.h>

#include "quantize/constants.h"
#include "quantize/quantize.h"

/* Each step takes three nodes. */
enum { MOST_STEPS = 1024 };

enum { INPUT, INPUT_WEIGHTS, STATE_WEIGHTS, BIAS, STATE, INPUT_COUNT };

typedef struct sequence {
    mg_network *network;
    mg_network_graph *graph;
    int32_t before; /* where the next node goes; behind them is the old node */
    const char *name;
    int32_t inputs[INPUT_COUNT];
    int32_t output;
    int32_t batch, steps, units;
    bool time_major;
    int8_t activation;
} sequence;

/* ---- Which nodes ---- */

static bool is_constant_floats(const mg_network_graph *graph, int32_t tensor)
{
    return tensor >= 0 && mg_is_float_constant(&graph->tensors[tensor]) &&
           mg_all_finite(&graph->tensors[tensor]);
}

/* Activations that an operator of its own computes, or that ADD has in it. */
static bool knows_activation(int8_t activation)
{
    return activation == MG_ACTIVATION_NONE || activation == MG_ACTIVATION_RELU ||
           activation == MG_ACTIVATION_RELU_N1_TO_1 || activation == MG_ACTIVATION_RELU6 ||
           activation == MG_ACTIVATION_TANH;
}

static bool has_plain_state(const mg_network_graph *graph, int32_t tensor)
{
    return tensor >= 0 && graph->tensors[tensor].is_variable &&
           graph->tensors[tensor].type == MIDGE_FLOAT32 && mg_network_uses(graph, tensor) == 1;
}

static bool read_sequence(mg_network *network, size_t n, sequence *at)
{
    mg_network_graph *graph = &network->graphs[0];
    const mg_network_node *node = &graph->nodes[n];
    const mg_SequenceRNNOptions *options = node->options;
    if (node->removed || node->op != MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_RNN || options == NULL ||
        node->input_count != INPUT_COUNT || !knows_activation(options->fused_activation_function))
        return false;
    for (size_t k = INPUT_WEIGHTS; k <= BIAS; ++k)
        if (!is_constant_floats(graph, node->inputs[k])) return false;
    const mg_network_tensor *input = &graph->tensors[node->inputs[INPUT]];
    if (!has_plain_state(graph, node->inputs[STATE]) || input->type != MIDGE_FLOAT32 ||
        input->rank != 3 || input->data != NULL || input->open[0] || input->open[1])
        return false;
    *at = (sequence){
        .network = network,
        .graph = graph,
        .before = (int32_t)n,
        .name = graph->tensors[node->outputs[0]].name,
        .output = node->outputs[0],
        .steps = input->shape[options->time_major ? 0 : 1],
        .batch = input->shape[options->time_major ? 1 : 0],
        .units = graph->tensors[node->inputs[INPUT_WEIGHTS]].shape[0],
        .time_major = options->time_major,
        .activation = options->fused_activation_function,
    };
    memcpy(at->inputs, node->inputs, sizeof at->inputs);
    return at->steps >= 1 && at->steps <= MOST_STEPS;
}

/* ---- Nodes ---- */

static midge_status add_tensor(sequence *at, const char *part, int32_t step, int32_t *made)
{
    const char *name = NULL;
    TRY(mg_network_text(at->network, &name, "%s_%s_%d", at->name, part, (int)step));
    return mg_network_add(at->network, at->graph, name, MIDGE_FLOAT32, 2,
                          (int32_t[]){at->batch, at->units}, made);
}

static midge_status add_node(sequence *at, int32_t op, size_t input_count, const int32_t *inputs,
                             size_t output_count, const int32_t *outputs, mg_network_node **node)
{
    return mg_network_add_node(at->network, at->graph, at->before++, op, "", input_count, inputs,
                               output_count, outputs, node);
}

/* The products of all steps, [batch, units] each. */
static midge_status add_products(sequence *at, int32_t *products)
{
    const char *name = NULL;
    int32_t shape[] = {at->batch, at->steps, at->units}, all;
    mg_network_node *node = NULL;
    if (at->time_major) {
        shape[0] = at->steps;
        shape[1] = at->batch;
    }
    TRY(mg_network_text(at->network, &name, "%s_products", at->name));
    TRY(mg_network_add(at->network, at->graph, name, MIDGE_FLOAT32, 3, shape, &all));
    TRY(add_node(at, MG_BUILTIN_FULLY_CONNECTED, 3,
                 (int32_t[]){at->inputs[INPUT], at->inputs[INPUT_WEIGHTS], at->inputs[BIAS]}, 1,
                 &all, &node));
    ((mg_FullyConnectedOptions *)node->options)->keep_num_dims = true;
    for (int32_t t = 0; t < at->steps; ++t) TRY(add_tensor(at, "product", t, &products[t]));
    TRY(add_node(at, MG_BUILTIN_UNPACK, 1, &all, (size_t)at->steps, products, &node));
    mg_UnpackOptions *options = node->options;
    options->num = at->steps;
    options->axis = at->time_major ? 0 : 1;
    return MIDGE_OK;
}

static int32_t operator_of(int8_t activation)
{
    switch (activation) {
    case MG_ACTIVATION_RELU: return MG_BUILTIN_RELU;
    case MG_ACTIVATION_RELU6: return MG_BUILTIN_RELU6;
    case MG_ACTIVATION_RELU_N1_TO_1: return MG_BUILTIN_RELU_N1_TO_1;
    default: return MG_BUILTIN_TANH;
    }
}

/* The state after step `t`; `state` is the one before, -1 in front of the first. */
static midge_status add_step(sequence *at, int32_t t, int32_t product, int32_t *state)
{
    int32_t sum = product, part;
    bool activated = at->activation == MG_ACTIVATION_NONE;
    mg_network_node *node = NULL;
    if (t > 0) {
        TRY(add_tensor(at, "recurrent", t, &part));
        TRY(add_node(at, MG_BUILTIN_FULLY_CONNECTED, 3,
                     (int32_t[]){*state, at->inputs[STATE_WEIGHTS], -1}, 1, &part, NULL));
        TRY(add_tensor(at, "sum", t, &sum));
        TRY(add_node(at, MG_BUILTIN_ADD, 2, (int32_t[]){product, part}, 1, &sum, &node));
        if (at->activation != MG_ACTIVATION_TANH) {
            ((mg_AddOptions *)node->options)->fused_activation_function = at->activation;
            activated = true;
        }
    }
    *state = sum;
    if (activated) return MIDGE_OK;
    TRY(add_tensor(at, "state", t, state));
    return add_node(at, operator_of(at->activation), 1, &sum, 1, state, NULL);
}

static midge_status unroll(sequence *at)
{
    void *memory = NULL;
    TRY(mg_network_memory(at->network, 2 * (size_t)at->steps * sizeof(int32_t), &memory));
    int32_t *products = memory, *states = products + at->steps, state = -1;
    mg_network_node *node = NULL;
    TRY(add_products(at, products));
    for (int32_t t = 0; t < at->steps; ++t) {
        TRY(add_step(at, t, products[t], &state));
        states[t] = state;
    }
    TRY(add_node(at, MG_BUILTIN_PACK, (size_t)at->steps, states, 1, &at->output, &node));
    mg_PackOptions *options = node->options;
    options->values_count = at->steps;
    options->axis = at->time_major ? 0 : 1;
    at->graph->nodes[at->before].removed = true;
    return MIDGE_OK;
}

midge_status mg_unroll_recurrent(mg_network *network, const midge_optimize_options *options,
                                 bool *changed)
{
    const mg_network_graph *graph = &network->graphs[0];
    sequence at;
    for (size_t n = graph->node_count; n-- > 0;) {
        if (mg_is_kept_float(network, graph, n, options) || !read_sequence(network, n, &at))
            continue;
        TRY(unroll(&at));
        *changed = true;
    }
    return MIDGE_OK;
}
