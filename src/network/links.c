/* SPDX-License-Identifier: Apache-2.0 */
#include "network/passes.h"

midge_status mg_links_find(mg_network *network, const mg_network_graph *graph, mg_links *links)
{
    size_t count = graph->tensor_count;
    void *memory = NULL;
    TRY(mg_region_get_array(&network->region, count, 3 * sizeof(int32_t), &memory, network->error));
    *links = (mg_links){memory, (int32_t *)memory + count, (uint32_t *)memory + 2 * count, count};
    for (size_t i = 0; i < count; ++i) links->producer[i] = links->reader[i] = -1;
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        if (node->removed) continue;
        for (size_t k = 0; k < node->output_count; ++k)
            if (node->outputs[k] >= 0) links->producer[node->outputs[k]] = (int32_t)n;
        for (size_t k = 0; k < node->input_count; ++k) {
            if (node->inputs[k] < 0) continue;
            links->reader[node->inputs[k]] = (int32_t)n;
            ++links->uses[node->inputs[k]];
        }
    }
    for (size_t k = 0; k < graph->output_count; ++k) ++links->uses[graph->outputs[k]];
    return MIDGE_OK;
}

bool mg_links_private(const mg_links *links, int32_t tensor)
{
    return tensor >= 0 && links->producer[tensor] >= 0 && links->uses[tensor] == 1 &&
           links->reader[tensor] >= 0;
}

bool mg_holds_floats(const mg_network_graph *graph, int32_t tensor)
{
    return tensor >= 0 && graph->tensors[tensor].data != NULL &&
           graph->tensors[tensor].type == MIDGE_FLOAT32 && graph->tensors[tensor].sparsity == NULL;
}

midge_status mg_network_simplify(mg_network *network)
{
    TRY(mg_fold_reshape(network));
    TRY(mg_fold_transpose(network));
    TRY(mg_fold_batch_normalization(network));
    TRY(mg_fuse_l2_normalization(network));
    TRY(mg_fuse_activation(network));
    return mg_fold_padding(network);
}
