/* SPDX-License-Identifier: Apache-2.0 */
#include "network/passes.h"

/* What a window needs to know of its operator. */
typedef struct window {
    int8_t *padding;
    int32_t stride[2], dilation[2], filter[2];
} window;

static bool find_window(const mg_network_graph *graph, const mg_network_node *node, window *made)
{
    if (node->options == NULL || node->input_count < 2 || node->inputs[1] < 0 ||
        graph->tensors[node->inputs[1]].rank != 4)
        return false;
    const mg_network_tensor *weights = &graph->tensors[node->inputs[1]];
    if (node->op == MG_BUILTIN_CONV_2D) {
        mg_Conv2DOptions *o = node->options;
        *made = (window){&o->padding,
                         {o->stride_h, o->stride_w},
                         {o->dilation_h_factor, o->dilation_w_factor},
                         {weights->shape[1], weights->shape[2]}};
        return true;
    }
    if (node->op == MG_BUILTIN_DEPTHWISE_CONV_2D) {
        mg_DepthwiseConv2DOptions *o = node->options;
        *made = (window){&o->padding,
                         {o->stride_h, o->stride_w},
                         {o->dilation_h_factor, o->dilation_w_factor},
                         {weights->shape[1], weights->shape[2]}};
        return true;
    }
    return false;
}

/* SAME pads as much as makes ceil(size / stride) steps, the smaller half in front. */
static bool pads_as_same(int64_t size, int64_t stride, int64_t reach, const int32_t *amounts)
{
    if (size < 1 || stride < 1) return false;
    int64_t steps = (size + stride - 1) / stride;
    int64_t total = (steps - 1) * stride + reach - size;
    if (total < 0) total = 0;
    return amounts[0] == total / 2 && amounts[1] == total - total / 2;
}

static bool fits(const mg_network_tensor *input, const mg_network_tensor *paddings,
                 const window *at)
{
    const int32_t *amounts = paddings->data;
    if (input->rank != 4 || paddings->type != MIDGE_INT32 ||
        paddings->bytes != 8 * sizeof(int32_t) || input->open[1] || input->open[2])
        return false;
    if (amounts[0] != 0 || amounts[1] != 0 || amounts[6] != 0 || amounts[7] != 0) return false;
    for (int i = 0; i < 2; ++i) {
        int64_t reach = (int64_t)(at->filter[i] - 1) * at->dilation[i] + 1;
        if (!pads_as_same(input->shape[1 + i], at->stride[i], reach, amounts + 2 * (1 + i)))
            return false;
    }
    return true;
}

static midge_status fold_in_graph(mg_network *network, mg_network_graph *graph)
{
    mg_links links;
    window at;
    TRY(mg_links_find(network, graph, &links));
    for (size_t n = 0; n < graph->node_count; ++n) {
        mg_network_node *node = &graph->nodes[n];
        if (node->removed || !find_window(graph, node, &at) || *at.padding != MG_PADDING_VALID)
            continue;
        int32_t maker = node->inputs[0] >= 0 ? links.producer[node->inputs[0]] : -1;
        const mg_network_node *pad = maker >= 0 ? &graph->nodes[maker] : NULL;
        if (pad == NULL || pad->op != MG_BUILTIN_PAD || pad->input_count != 2 ||
            graph->tensors[pad->inputs[1]].data == NULL ||
            !fits(&graph->tensors[pad->inputs[0]], &graph->tensors[pad->inputs[1]], &at))
            continue;
        *at.padding = MG_PADDING_SAME;
        node->inputs[0] = pad->inputs[0];
    }
    return MIDGE_OK;
}

midge_status mg_fold_padding(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g)
        TRY(fold_in_graph(network, &network->graphs[g]));
    return MIDGE_OK;
}
