/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "network/passes.h"

static bool same_shape(const mg_network_tensor *a, const mg_network_tensor *b)
{
    return a->rank == b->rank && a->type == b->type &&
           memcmp(a->shape, b->shape, (size_t)a->rank * sizeof a->shape[0]) == 0 &&
           memcmp(a->open, b->open, (size_t)a->rank * sizeof a->open[0]) == 0;
}

static bool is_boundary(const mg_network_graph *graph, int32_t tensor)
{
    for (size_t k = 0; k < graph->output_count; ++k)
        if (graph->outputs[k] == tensor) return true;
    return false;
}

/* With constant shapes a RESHAPE looks only at the elements, which the one before does not change.
 */
static midge_status fold_in_graph(mg_network *network, mg_network_graph *graph)
{
    mg_links links;
    TRY(mg_links_find(network, graph, &links));
    for (size_t n = 0; n < graph->node_count; ++n) {
        mg_network_node *node = &graph->nodes[n];
        if (node->removed || node->op != MG_BUILTIN_RESHAPE || node->input_count != 2 ||
            node->inputs[1] < 0 || graph->tensors[node->inputs[1]].data == NULL)
            continue;
        int32_t maker = links.producer[node->inputs[0]];
        if (maker >= 0 && graph->nodes[maker].op == MG_BUILTIN_RESHAPE)
            node->inputs[0] = graph->nodes[maker].inputs[0];
        if (is_boundary(graph, node->outputs[0]) ||
            !same_shape(&graph->tensors[node->inputs[0]], &graph->tensors[node->outputs[0]]))
            continue;
        mg_network_replace(graph, node->outputs[0], node->inputs[0]);
        node->removed = true;
    }
    return MIDGE_OK;
}

midge_status mg_fold_reshape(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g)
        TRY(fold_in_graph(network, &network->graphs[g]));
    return MIDGE_OK;
}
