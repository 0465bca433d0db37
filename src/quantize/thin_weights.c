/* SPDX-License-Identifier: Apache-2.0 */
/* Pruned and clustered weights of a network, before it is calibrated. */
#include <string.h>

#include "quantize/cluster_weights.h"
#include "quantize/constants.h"
#include "quantize/prune_weights.h"
#include "quantize/quantize.h"

enum {
    /* As TensorFlow's tools: smaller ones hold little and cost accuracy. */
    LEAST_WEIGHTS = 1024
};

/* A copy, since other nodes may read the constant and files must not change. */
static midge_status thin(mg_network *network, mg_network_graph *graph, int32_t tensor,
                         const midge_optimize_options *options)
{
    mg_network_tensor *weights = &graph->tensors[tensor];
    size_t count = weights->bytes / sizeof(float);
    void *copy = NULL;
    TRY(mg_network_memory(network, weights->bytes, &copy));
    memcpy(copy, weights->data, weights->bytes);
    TRY(mg_prune_weights(network->heap, copy, count, options->sparsity, network->error));
    if (options->clusters > 0)
        TRY(mg_cluster_weights(network->heap, copy, count, (size_t)options->clusters,
                               network->error));
    weights->data = copy;
    return MIDGE_OK;
}

/* Depthwise filters are few and matter much: they stay. */
static bool is_thinned(const mg_network_graph *graph, const mg_network_node *node, size_t k)
{
    if (node->op == MG_BUILTIN_DEPTHWISE_CONV_2D || node->inputs[k] < 0 ||
        !mg_is_weight_input(node->op, k))
        return false;
    const mg_network_tensor *weights = &graph->tensors[node->inputs[k]];
    return mg_is_float_constant(weights) && mg_all_finite(weights) &&
           weights->bytes / sizeof(float) >= LEAST_WEIGHTS;
}

midge_status mg_thin_weights(mg_network *network, const midge_optimize_options *options)
{
    for (size_t g = 0; g < network->graph_count; ++g) {
        mg_network_graph *graph = &network->graphs[g];
        void *memory = NULL;
        TRY(mg_network_memory(network, graph->tensor_count * sizeof(bool), &memory));
        bool *done = memory;
        for (size_t n = 0; n < graph->node_count; ++n) {
            const mg_network_node *node = &graph->nodes[n];
            if (node->removed || mg_is_kept_float(network, graph, n, options)) continue;
            for (size_t k = 0; k < node->input_count; ++k) {
                if (!is_thinned(graph, node, k) || done[node->inputs[k]]) continue;
                done[node->inputs[k]] = true;
                TRY(thin(network, graph, node->inputs[k], options));
            }
        }
    }
    return MIDGE_OK;
}
