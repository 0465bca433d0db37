/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

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

/* ---- Past functions of each element, to meet another TRANSPOSE and to let them be fused ---- */

static bool is_elementwise(int32_t op)
{
    switch (op) {
    case MG_BUILTIN_ADD:
    case MG_BUILTIN_SUB:
    case MG_BUILTIN_MUL:
    case MG_BUILTIN_DIV:
    case MG_BUILTIN_RELU:
    case MG_BUILTIN_RELU6:
    case MG_BUILTIN_RELU_N1_TO_1:
    case MG_BUILTIN_LEAKY_RELU:
    case MG_BUILTIN_ELU:
    case MG_BUILTIN_HARD_SWISH:
    case MG_BUILTIN_GELU:
    case MG_BUILTIN_LOGISTIC:
    case MG_BUILTIN_TANH: return true;
    default: return false;
    }
}

/* Shape of a constant with at most one size other than 1, for the tensor before the TRANSPOSE. */
static bool turn_shape(const mg_network_tensor *constant, const int32_t *order, int32_t rank,
                       int32_t *shape)
{
    int32_t wide = 0;
    if (constant->rank > rank) return false;
    for (int32_t i = 0; i < rank; ++i) {
        int32_t place = i - (rank - constant->rank), size = place < 0 ? 1 : constant->shape[place];
        shape[order[i]] = size;
        wide += size != 1;
    }
    return wide <= 1;
}

/* The node takes what the TRANSPOSE before it took; the TRANSPOSE comes after it. */
static midge_status sink(mg_network *network, mg_network_graph *graph, const mg_links *links,
                         int32_t number)
{
    mg_network_node *node = &graph->nodes[number];
    int32_t side = node->input_count == 2 && mg_holds_floats(graph, node->inputs[0]) ? 1 : 0;
    int32_t shape[MIDGE_MAX_RANK], constant = -1;
    if (node->removed || !is_elementwise(node->op) || node->input_count > 2 ||
        !mg_links_private(links, node->inputs[side]))
        return MIDGE_OK;
    mg_network_node *before = &graph->nodes[links->producer[node->inputs[side]]];
    const int32_t *order = order_of(graph, before);
    int32_t between = node->inputs[side];
    const mg_network_tensor source = graph->tensors[order != NULL ? before->inputs[0] : between];
    if (order == NULL || source.type != MIDGE_FLOAT32) return MIDGE_OK;
    if (node->input_count == 2) {
        const mg_network_tensor other = graph->tensors[node->inputs[1 - side]];
        if (!mg_holds_floats(graph, node->inputs[1 - side]) ||
            !turn_shape(&other, order, source.rank, shape))
            return MIDGE_OK;
        TRY(mg_network_add_constant(network, graph, other.name, other.type, source.rank, shape,
                                    other.data, &constant));
        node->inputs[1 - side] = constant;
    }
    memcpy(graph->tensors[between].shape, source.shape, sizeof source.shape);
    memcpy(graph->tensors[between].open, source.open, sizeof source.open);
    node->inputs[side] = before->inputs[0];
    before->inputs[0] = between;
    int32_t *output = node->outputs;
    node->outputs = before->outputs;
    before->outputs = output;
    const mg_network_node moved = *node;
    *node = *before;
    *before = moved;
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
        TRY(sink(network, graph, &links, (int32_t)n));
    }
    return MIDGE_OK;
}

midge_status mg_fold_transpose(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g)
        TRY(fold_in_graph(network, &network->graphs[g]));
    return MIDGE_OK;
}
