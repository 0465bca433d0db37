/* SPDX-License-Identifier: Apache-2.0 */
/*
 * (W x + b) * s + t = (s W) x + (b s + t), with s and t one value an output channel. The weights
 * are those of [out, …] (CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV) or [1, h, w, out] (depthwise).
 */
#include <math.h>
#include <string.h>

#include "network/passes.h"

/* The parts of a node that scaling changes. */
typedef struct linear {
    mg_network_node *node;
    size_t weights, bias; /* which inputs */
    size_t channels;
    bool last; /* channels are the last dimension of the weights, else the first */
} linear;

static bool has_activation(const mg_network_node *node)
{
    switch (node->op) {
    case MG_BUILTIN_CONV_2D:
        return ((mg_Conv2DOptions *)node->options)->fused_activation_function != 0;
    case MG_BUILTIN_DEPTHWISE_CONV_2D:
        return ((mg_DepthwiseConv2DOptions *)node->options)->fused_activation_function != 0;
    case MG_BUILTIN_FULLY_CONNECTED:
        return ((mg_FullyConnectedOptions *)node->options)->fused_activation_function != 0 ||
               ((mg_FullyConnectedOptions *)node->options)->weights_format != 0;
    case MG_BUILTIN_TRANSPOSE_CONV:
        return ((mg_TransposeConvOptions *)node->options)->fused_activation_function != 0;
    default: return true;
    }
}

static bool find_linear(const mg_network_graph *graph, mg_network_node *node, linear *made)
{
    if (node->op != MG_BUILTIN_CONV_2D && node->op != MG_BUILTIN_DEPTHWISE_CONV_2D &&
        node->op != MG_BUILTIN_FULLY_CONNECTED && node->op != MG_BUILTIN_TRANSPOSE_CONV)
        return false;
    if (node->options == NULL || has_activation(node)) return false;
    bool transposed = node->op == MG_BUILTIN_TRANSPOSE_CONV;
    *made = (linear){node, 1, transposed ? 3 : 2, 0, node->op == MG_BUILTIN_DEPTHWISE_CONV_2D};
    if (node->input_count < 2 || !mg_holds_floats(graph, node->inputs[1])) return false;
    const mg_network_tensor *weights = &graph->tensors[node->inputs[1]];
    if (weights->rank < 1) return false;
    made->channels = (size_t)weights->shape[made->last ? weights->rank - 1 : 0];
    if (node->input_count <= made->bias || node->inputs[made->bias] < 0) return true;
    const mg_network_tensor *bias = &graph->tensors[node->inputs[made->bias]];
    return mg_holds_floats(graph, node->inputs[made->bias]) &&
           bias->bytes == made->channels * sizeof(float);
}

/* Value c of a constant that has one value, or one for each channel. */
static bool is_by_channel(const mg_network_tensor *constant, size_t channels)
{
    size_t count = constant->bytes / sizeof(float);
    if (count == 1) return true;
    return count == channels && constant->rank >= 1 &&
           constant->shape[constant->rank - 1] == (int32_t)channels;
}

static float value_at(const mg_network_tensor *constant, size_t channel)
{
    const float *values = constant->data;
    return values[constant->bytes == sizeof(float) ? 0 : channel];
}

static midge_status copy_constant(mg_network *network, mg_network_graph *graph, int32_t *tensor,
                                  float **values)
{
    const mg_network_tensor source = graph->tensors[*tensor];
    void *memory = NULL;
    TRY(mg_network_memory(network, source.bytes, &memory));
    memcpy(memory, source.data, source.bytes);
    *values = memory;
    return mg_network_add_constant(network, graph, source.name, MIDGE_FLOAT32, source.rank,
                                   source.shape, memory, tensor);
}

/* The bias of a node as memory that may be changed; zeros where it had none. */
static midge_status open_bias(mg_network *network, mg_network_graph *graph, const linear *at,
                              float **bias)
{
    mg_network_node *node = at->node;
    if (node->input_count > at->bias && node->inputs[at->bias] >= 0)
        return copy_constant(network, graph, &node->inputs[at->bias], bias);
    void *memory = NULL;
    int32_t shape = (int32_t)at->channels, *inputs;
    TRY(mg_network_memory(network, at->channels * sizeof(float), &memory));
    *bias = memory;
    TRY(mg_network_memory(network, (at->bias + 1) * sizeof(int32_t), &memory));
    inputs = memory;
    memcpy(inputs, node->inputs, at->bias * sizeof(int32_t));
    TRY(mg_network_add_constant(network, graph, "bias", MIDGE_FLOAT32, 1, &shape, *bias,
                                &inputs[at->bias]));
    node->inputs = inputs;
    node->input_count = at->bias + 1;
    return MIDGE_OK;
}

static midge_status scale(mg_network *network, mg_network_graph *graph, const linear *at,
                          const mg_network_tensor *factors, bool divide)
{
    float *weights, *bias;
    TRY(copy_constant(network, graph, &at->node->inputs[at->weights], &weights));
    size_t count = graph->tensors[at->node->inputs[at->weights]].bytes / sizeof(float);
    size_t run = at->last ? 1 : count / at->channels;
    for (size_t i = 0; i < count; ++i) {
        float factor = value_at(factors, i / run % at->channels);
        weights[i] = divide ? weights[i] / factor : weights[i] * factor;
    }
    if (at->node->input_count <= at->bias || at->node->inputs[at->bias] < 0) return MIDGE_OK;
    TRY(open_bias(network, graph, at, &bias));
    for (size_t c = 0; c < at->channels; ++c) {
        float factor = value_at(factors, c);
        bias[c] = divide ? bias[c] / factor : bias[c] * factor;
    }
    return MIDGE_OK;
}

static midge_status shift(mg_network *network, mg_network_graph *graph, const linear *at,
                          const mg_network_tensor *terms, bool subtract)
{
    float *bias;
    TRY(open_bias(network, graph, at, &bias));
    for (size_t c = 0; c < at->channels; ++c)
        bias[c] += subtract ? -value_at(terms, c) : value_at(terms, c);
    return MIDGE_OK;
}

static int8_t activation_after(const mg_network_node *node)
{
    switch (node->op) {
    case MG_BUILTIN_MUL: return ((mg_MulOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_DIV: return ((mg_DivOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_ADD: return ((mg_AddOptions *)node->options)->fused_activation_function;
    default: return ((mg_SubOptions *)node->options)->fused_activation_function;
    }
}

/* Which input of the node is its constant; -1 when it is not one that may be folded. */
static int constant_side(const mg_network_graph *graph, const mg_network_node *node)
{
    bool commutes = node->op == MG_BUILTIN_MUL || node->op == MG_BUILTIN_ADD;
    bool linear_op = commutes || node->op == MG_BUILTIN_SUB || node->op == MG_BUILTIN_DIV;
    if (!linear_op || node->input_count != 2 || node->options == NULL ||
        activation_after(node) != 0)
        return -1;
    if (mg_holds_floats(graph, node->inputs[1])) return 1;
    return commutes && mg_holds_floats(graph, node->inputs[0]) ? 0 : -1;
}

static midge_status fold_node(mg_network *network, mg_network_graph *graph, mg_links *links,
                              mg_network_node *node)
{
    linear at;
    int side = node->removed ? -1 : constant_side(graph, node);
    if (side < 0 || !mg_links_private(links, node->inputs[1 - side])) return MIDGE_OK;
    int32_t middle = node->inputs[1 - side], maker = links->producer[middle];
    if (!find_linear(graph, &graph->nodes[maker], &at)) return MIDGE_OK;
    const mg_network_tensor constant = graph->tensors[node->inputs[side]];
    const mg_network_tensor *before = &graph->tensors[middle];
    const mg_network_tensor *after = &graph->tensors[node->outputs[0]];
    if (!is_by_channel(&constant, at.channels) || constant.rank > before->rank ||
        before->rank != after->rank || before->rank < 1 ||
        before->shape[before->rank - 1] != (int32_t)at.channels ||
        after->shape[after->rank - 1] != (int32_t)at.channels)
        return MIDGE_OK;
    bool scales = node->op == MG_BUILTIN_MUL || node->op == MG_BUILTIN_DIV;
    TRY(scales ? scale(network, graph, &at, &constant, node->op == MG_BUILTIN_DIV)
               : shift(network, graph, &at, &constant, node->op == MG_BUILTIN_SUB));
    at.node->outputs[0] = node->outputs[0];
    links->producer[node->outputs[0]] = maker;
    node->removed = true;
    return MIDGE_OK;
}

midge_status mg_fold_batch_normalization(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g) {
        mg_network_graph *graph = &network->graphs[g];
        mg_links links;
        TRY(mg_links_find(network, graph, &links));
        for (size_t n = 0; n < graph->node_count; ++n)
            TRY(fold_node(network, graph, &links, &graph->nodes[n]));
    }
    return MIDGE_OK;
}
