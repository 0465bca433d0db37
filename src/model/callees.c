/* SPDX-License-Identifier: Apache-2.0 */
#include "model/callees.h"

static bool pick(size_t k, size_t count, const int32_t *graphs, int32_t *graph)
{
    if (k >= count) return false;
    *graph = graphs[k];
    return true;
}

static bool option_callee(const mg_node *node, size_t k, int32_t *graph)
{
    switch (node->options_type) {
    case MG_OPTIONS_IfOptions: {
        const mg_IfOptions *options = node->options;
        return pick(k, 2, (int32_t[]){options->then_subgraph_index, options->else_subgraph_index},
                    graph);
    }
    case MG_OPTIONS_WhileOptions: {
        const mg_WhileOptions *options = node->options;
        return pick(k, 2, (int32_t[]){options->cond_subgraph_index, options->body_subgraph_index},
                    graph);
    }
    case MG_OPTIONS_CallOnceOptions: {
        const mg_CallOnceOptions *options = node->options;
        return pick(k, 1, &options->init_subgraph_index, graph);
    }
    default: return false;
    }
}

static bool option_2_callee(const mg_node *node, size_t k, int32_t *graph)
{
    switch (node->options_2_type) {
    case MG_OPTIONS_StablehloCaseOptions: {
        const mg_StablehloCaseOptions *options = node->options_2;
        return pick(k, options->branch_subgraph_indices.count,
                    options->branch_subgraph_indices.items, graph);
    }
    case MG_OPTIONS_StableHLOCompositeOptions: {
        const mg_StableHLOCompositeOptions *options = node->options_2;
        return pick(k, 1, &options->decomposition_subgraph_index, graph);
    }
    case MG_OPTIONS_StablehloReduceWindowOptions: {
        const mg_StablehloReduceWindowOptions *options = node->options_2;
        return pick(k, 1, &options->body_subgraph_index, graph);
    }
    case MG_OPTIONS_StablehloScatterOptions: {
        const mg_StablehloScatterOptions *options = node->options_2;
        return pick(k, 1, &options->update_computation_subgraph_index, graph);
    }
    case MG_OPTIONS_StablehloWhileOptions: {
        const mg_StablehloWhileOptions *options = node->options_2;
        return pick(k, 2, (int32_t[]){options->cond_subgraph_index, options->body_subgraph_index},
                    graph);
    }
    default: return false;
    }
}

bool mg_node_callee(const mg_node *node, size_t k, int32_t *graph)
{
    return node->options_type != 0 ? option_callee(node, k, graph)
                                   : option_2_callee(node, k, graph);
}
