/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was learned goes before what samples show: the weights have come to terms with it. Nodes
 * that only move numbers share one scale, so what is known of some of their tensors holds for the
 * others, and no sample widens it; where an operator fixes its result's scale, that is the range.
 */
#include "quantize/learned_ranges.h"

#include "quantize/scheme.h"

bool mg_has_learned_ranges(const mg_network_graph *graph)
{
    for (size_t i = 0; i < graph->tensor_count; ++i)
        if (graph->tensors[i].ranged) return true;
    return false;
}

/* Of a node that moves numbers: all that its inputs hold; not seen where one is not known. */
static mg_range range_of_inputs(const mg_network_graph *graph, const mg_network_node *node,
                                const mg_scheme *scheme, const bool *learned,
                                const mg_range *ranges)
{
    mg_range all = {0, 0, false};
    for (size_t k = 0; k < node->input_count; ++k) {
        int32_t input = node->inputs[k];
        if (input < 0 || !mg_scheme_activation(scheme, k)) continue;
        if (graph->tensors[input].data != NULL || !learned[input]) return (mg_range){0, 0, false};
        mg_range_widen(&all, ranges[input]);
    }
    return all;
}

static mg_range range_of_scale(mg_scale scale)
{
    return (mg_range){scale.scale * (float)(-128 - scale.zero_point),
                      scale.scale * (float)(127 - scale.zero_point), true};
}

/* What shares the scale of a result that was learned has its range. */
static void hand_back(const mg_network_graph *graph, const mg_network_node *node, bool *learned,
                      mg_range *ranges)
{
    const mg_scheme *scheme = mg_scheme_find(node->op, MIDGE_INT8);
    if (node->removed || scheme == NULL || scheme->rule != MG_SCALES_SAME) return;
    if (node->output_count != 1 || !learned[node->outputs[0]]) return;
    for (size_t k = 0; k < node->input_count; ++k) {
        int32_t input = node->inputs[k];
        if (input < 0 || !mg_scheme_activation(scheme, k)) continue;
        if (graph->tensors[input].data != NULL || learned[input]) continue;
        ranges[input] = ranges[node->outputs[0]];
        learned[input] = true;
    }
}

static void hand_on(const mg_network_graph *graph, const mg_network_node *node, bool *learned,
                    mg_range *ranges)
{
    const mg_scheme *scheme = mg_scheme_find(node->op, MIDGE_INT8);
    if (node->removed || scheme == NULL || scheme->rule == MG_SCALES_FREE) return;
    mg_range range = scheme->rule == MG_SCALES_SAME
                         ? range_of_inputs(graph, node, scheme, learned, ranges)
                         : range_of_scale(mg_scheme_fixed(scheme, MIDGE_INT8));
    for (size_t k = 0; k < node->output_count; ++k) {
        int32_t output = node->outputs[k];
        if (learned[output] || !range.seen) continue;
        if (scheme->rule == MG_SCALES_FIXED && ranges[output].seen) continue;
        ranges[output] = range;
        learned[output] = true;
    }
}

midge_status mg_take_learned_ranges(mg_network *network, mg_range *ranges)
{
    const mg_network_graph *graph = &network->graphs[0];
    void *memory = NULL;
    TRY(mg_network_memory(network, graph->tensor_count * sizeof(bool), &memory));
    bool *learned = memory;
    for (size_t i = 0; i < graph->tensor_count; ++i) {
        mg_network_tensor *tensor = &graph->tensors[i];
        learned[i] = tensor->ranged;
        if (tensor->ranged) ranges[i] = (mg_range){tensor->least, tensor->most, true};
        tensor->ranged = false;
    }
    for (size_t n = graph->node_count; n-- > 0;)
        hand_back(graph, &graph->nodes[n], learned, ranges);
    for (size_t n = 0; n < graph->node_count; ++n)
        hand_on(graph, &graph->nodes[n], learned, ranges);
    return MIDGE_OK;
}
