/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/softmax_bounds.h"

#include <math.h>

#include "quantize/scales.h"

static const float visible = 14.0f;
/* Rows below this throughout are masked as a whole: they give equal shares with any bound. */
static const float masked_row = -1000.0f;

midge_status mg_softmax_floors_want(mg_network *network, float **floors)
{
    const mg_network_graph *graph = &network->graphs[0];
    void *memory = NULL;
    TRY(mg_network_memory(network, graph->tensor_count * sizeof(float), &memory));
    *floors = memory;
    for (size_t i = 0; i < graph->tensor_count; ++i) (*floors)[i] = -INFINITY;
    for (size_t n = 0; n < graph->node_count; ++n)
        if (graph->nodes[n].op == MG_BUILTIN_SOFTMAX && graph->nodes[n].inputs[0] >= 0)
            (*floors)[graph->nodes[n].inputs[0]] = INFINITY;
    return MIDGE_OK;
}

void mg_softmax_floor_look(float *floor, const float *values, size_t elements, size_t depth)
{
    if (*floor == -INFINITY || depth == 0) return;
    for (size_t row = 0; row + depth <= elements; row += depth) {
        float largest = values[row];
        for (size_t i = 1; i < depth; ++i) largest = fmaxf(largest, values[row + i]);
        if (largest > masked_row) *floor = fminf(*floor, largest);
    }
}

mg_range mg_range_above(mg_range range, float bound)
{
    range.low = fmaxf(range.low, bound);
    range.high = fmaxf(range.high, bound);
    return range;
}

static mg_range range_of(const mg_network_graph *graph, const mg_range *ranges, int32_t tensor)
{
    const mg_network_tensor *source = &graph->tensors[tensor];
    return source->data != NULL ? mg_range_of_constant(source) : ranges[tensor];
}

static float softmax_bound(const mg_network_node *node, const float *floors)
{
    float beta = node->options != NULL ? ((mg_SoftmaxOptions *)node->options)->beta : 0;
    float floor = floors[node->inputs[0]];
    return beta > 0 && isfinite(floor) ? floor - visible / beta : -INFINITY;
}

/* A sum is below the bound when one side is below it by more than the other can make up for. */
static float sum_bound(const mg_network_graph *graph, const mg_network_node *node, size_t side,
                       const mg_range *ranges, float bound)
{
    const mg_AddOptions *options = node->options;
    if (options != NULL && options->fused_activation_function != MG_ACTIVATION_NONE)
        return -INFINITY;
    mg_range other = range_of(graph, ranges, node->inputs[1 - side]);
    return other.seen ? bound - other.high : -INFINITY;
}

/* The bound of input k of a node, from those of its outputs. */
static float input_bound(const mg_network_graph *graph, const mg_network_node *node, size_t k,
                         const mg_range *ranges, const float *floors, const float *bounds)
{
    switch (node->op) {
    case MG_BUILTIN_SOFTMAX: return softmax_bound(node, floors);
    case MG_BUILTIN_ADD: return sum_bound(graph, node, k, ranges, bounds[node->outputs[0]]);
    case MG_BUILTIN_RESHAPE:
    case MG_BUILTIN_SQUEEZE:
    case MG_BUILTIN_EXPAND_DIMS:
    case MG_BUILTIN_TRANSPOSE:
    case MG_BUILTIN_BROADCAST_TO:
    case MG_BUILTIN_TILE:
    case MG_BUILTIN_SELECT:
    case MG_BUILTIN_SELECT_V2: return bounds[node->outputs[0]];
    default: return -INFINITY;
    }
}

midge_status mg_softmax_bounds(mg_network *network, const mg_scheme *const *schemes,
                               const mg_range *ranges, const float *floors, float **made)
{
    const mg_network_graph *graph = &network->graphs[0];
    void *memory = NULL;
    TRY(mg_network_memory(network, graph->tensor_count * sizeof(float), &memory));
    float *bounds = *made = memory;
    for (size_t i = 0; i < graph->tensor_count; ++i) bounds[i] = INFINITY;
    for (size_t k = 0; k < graph->output_count; ++k) bounds[graph->outputs[k]] = -INFINITY;
    for (size_t n = graph->node_count; n-- > 0;) {
        const mg_network_node *node = &graph->nodes[n];
        for (size_t k = 0; k < node->input_count && !node->removed; ++k) {
            int32_t input = node->inputs[k];
            if (input < 0) continue;
            float bound = schemes[n] != NULL && node->output_count == 1
                              ? input_bound(graph, node, k, ranges, floors, bounds)
                              : -INFINITY;
            bounds[input] = fminf(bounds[input], bound);
        }
    }
    for (size_t i = 0; i < graph->tensor_count; ++i)
        if (!isfinite(bounds[i])) bounds[i] = -INFINITY;
    return MIDGE_OK;
}
