/* SPDX-License-Identifier: Apache-2.0 */
#include "network/passes.h"
#include "schema/schema.h"

static int8_t activation_of(int32_t op)
{
    switch (op) {
    case MG_BUILTIN_RELU: return MG_ACTIVATION_RELU;
    case MG_BUILTIN_RELU6: return MG_ACTIVATION_RELU6;
    case MG_BUILTIN_RELU_N1_TO_1: return MG_ACTIVATION_RELU_N1_TO_1;
    default: return MG_ACTIVATION_NONE;
    }
}

/* The field for a fused activation in the options of a node; NULL where there is none. */
static int8_t *activation_field(const mg_network_node *node)
{
    if (node->options == NULL) return NULL;
    switch (node->op) {
    case MG_BUILTIN_CONV_2D: return &((mg_Conv2DOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_DEPTHWISE_CONV_2D:
        return &((mg_DepthwiseConv2DOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_FULLY_CONNECTED:
        return &((mg_FullyConnectedOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_ADD: return &((mg_AddOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_SUB: return &((mg_SubOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_MUL: return &((mg_MulOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_DIV: return &((mg_DivOptions *)node->options)->fused_activation_function;
    case MG_BUILTIN_AVERAGE_POOL_2D:
    case MG_BUILTIN_MAX_POOL_2D:
        return &((mg_Pool2DOptions *)node->options)->fused_activation_function;
    default: return NULL;
    }
}

static midge_status fuse_in_graph(mg_network *network, mg_network_graph *graph)
{
    mg_links links;
    TRY(mg_links_find(network, graph, &links));
    for (size_t n = 0; n < graph->node_count; ++n) {
        mg_network_node *node = &graph->nodes[n];
        int8_t activation = activation_of(node->op);
        if (node->removed || activation == MG_ACTIVATION_NONE || node->input_count != 1) continue;
        if (!mg_links_private(&links, node->inputs[0])) continue;
        mg_network_node *before = &graph->nodes[links.producer[node->inputs[0]]];
        int8_t *field = before->output_count == 1 ? activation_field(before) : NULL;
        /* Quantised results are rounded and clamped between the two. */
        if (field == NULL || *field != MG_ACTIVATION_NONE ||
            graph->tensors[node->outputs[0]].type != MIDGE_FLOAT32 ||
            graph->tensors[node->inputs[0]].type != MIDGE_FLOAT32)
            continue;
        *field = activation;
        before->outputs[0] = node->outputs[0];
        links.producer[node->outputs[0]] = links.producer[node->inputs[0]];
        node->removed = true;
    }
    return MIDGE_OK;
}

midge_status mg_fuse_activation(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g)
        TRY(fuse_in_graph(network, &network->graphs[g]));
    return MIDGE_OK;
}
