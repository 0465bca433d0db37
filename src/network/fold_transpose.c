/* SPDX-License-Identifier: Apache-2.0 */
#include "network/passes.h"

/* The constant order of a TRANSPOSE; NULL for other nodes. */
static const int32_t *order_of(const mg_network_graph *graph, const mg_network_node *node)
{
    if (node->removed || node->op != MG_BUILTIN_TRANSPOSE || node->inputs[1] < 0) return NULL;
    const mg_network_tensor *order = &graph->tensors[node->inputs[1]];
    int32_t rank = graph->tensors[node->inputs[0]].rank;
    bool fits = order->type == MIDGE_INT32 && order->rank == 1 && order->shape[0] == rank;
    if (order->data == NULL || !fits) return NULL;
    for (int32_t i = 0; i < rank; ++i)
        if (((const int32_t *)order->data)[i] < 0 || ((const int32_t *)order->data)[i] >= rank)
            return NULL;
    return order->data;
}

static bool is_output(const mg_network_graph *graph, int32_t tensor)
{
    for (size_t k = 0; k < graph->output_count; ++k)
        if (graph->outputs[k] == tensor) return true;
    return false;
}

/* first, then second, in one. */
static midge_status join(mg_network *network, mg_network_graph *graph, int32_t number,
                         const mg_network_node *before, const int32_t *first, const int32_t *second)
{
    mg_network_node *node = &graph->nodes[number];
    int32_t order[MIDGE_MAX_RANK], rank = graph->tensors[node->inputs[0]].rank, list;
    bool moves = false;
    for (int32_t i = 0; i < rank; ++i) {
        order[i] = first[second[i]];
        moves = moves || order[i] != i;
    }
    node->inputs[0] = before->inputs[0];
    if (!moves && !is_output(graph, node->outputs[0])) {
        mg_network_replace(graph, node->outputs[0], node->inputs[0]);
        node->removed = true;
        return MIDGE_OK;
    }
    TRY(mg_network_add_int32s(network, graph, "constant", (size_t)rank, order, &list));
    node->inputs[1] = list;
    return MIDGE_OK;
}

static midge_status fold_in_graph(mg_network *network, mg_network_graph *graph)
{
    mg_links links;
    TRY(mg_links_find(network, graph, &links));
    for (size_t n = 0; n < graph->node_count; ++n) {
        const int32_t *second = order_of(graph, &graph->nodes[n]);
        int32_t input = graph->nodes[n].input_count > 0 ? graph->nodes[n].inputs[0] : -1;
        int32_t maker = input >= 0 && (size_t)input < links.count ? links.producer[input] : -1;
        const int32_t *first = maker >= 0 ? order_of(graph, &graph->nodes[maker]) : NULL;
        if (second != NULL && first != NULL)
            TRY(join(network, graph, (int32_t)n, &graph->nodes[maker], first, second));
    }
    return MIDGE_OK;
}

midge_status mg_fold_transpose(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g)
        TRY(fold_in_graph(network, &network->graphs[g]));
    return MIDGE_OK;
}
