/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/scales.h"

#include <math.h>

#include "quantize/constants.h"
#include "quantize/softmax_bounds.h"

/* ---- Ranges and scales ---- */

mg_range mg_range_of_constant(const mg_network_tensor *tensor)
{
    const float *values = tensor->data;
    mg_range range = {0, 0, false};
    for (size_t i = 0; i < tensor->bytes / sizeof *values; ++i) mg_range_add(&range, values[i]);
    return range;
}

/* The smallest scale that kernels can divide by without trouble. */
#define LEAST_SCALE 1e-20

mg_scale mg_scale_of_range(midge_type type, mg_range range)
{
    double low = fmin(0, (double)range.low), high = fmax(0, (double)range.high);
    if (type == MIDGE_INT16) {
        double scale = fmax(-low, high) / 32767;
        return (mg_scale){scale > LEAST_SCALE ? (float)scale : 1.0f, 0};
    }
    double scale = (high - low) / 255;
    if (!(scale > LEAST_SCALE)) return (mg_scale){1.0f, 0};
    double zero_point = fmax(-128, fmin(127, round(-128 - low / scale)));
    return (mg_scale){(float)scale, (int32_t)zero_point};
}

/* ---- Groups ---- */

static int32_t find(const mg_scales *scales, int32_t tensor)
{
    while (scales->groups[tensor].parent != tensor) tensor = scales->groups[tensor].parent;
    return tensor;
}

mg_scale mg_scales_of(const mg_scales *scales, int32_t tensor)
{
    return scales->groups[find(scales, tensor)].scale;
}

mg_range mg_scales_of_constant_range(const mg_scales *scales, int32_t tensor)
{
    mg_range range = mg_range_of_constant(&scales->network->graphs[0].tensors[tensor]);
    return mg_range_above(range, scales->bounds[tensor]);
}

/* Do the numbers of the range, up to a step, have integers under this scale? */
static bool covers(const mg_scales *scales, mg_scale scale, mg_range range)
{
    float least = scales->type == MIDGE_INT8 ? -128.0f : -32767.0f;
    float most = scales->type == MIDGE_INT8 ? 127.0f : 32767.0f;
    float zero_point = (float)scale.zero_point;
    return !range.seen || (range.low >= (least - zero_point - 1.0f) * scale.scale &&
                           range.high <= (most - zero_point + 1.0f) * scale.scale);
}

/* Joins two groups unless a fixed scale would clip the other's numbers; where that is so, the
 * rewriting puts a QUANTIZE between the two scales. */
static void join(mg_scales *scales, int32_t a, int32_t b)
{
    a = find(scales, a);
    b = find(scales, b);
    if (a == b) return;
    mg_scale_group *kept = &scales->groups[a], *joined = &scales->groups[b];
    if (joined->fixed && !kept->fixed) {
        mg_scale_group *swap = kept;
        kept = joined;
        joined = swap;
    }
    bool same = kept->scale.scale == joined->scale.scale &&
                kept->scale.zero_point == joined->scale.zero_point;
    if (joined->fixed && !same) return;
    if (kept->fixed && !joined->fixed && !covers(scales, kept->scale, joined->range)) return;
    mg_range_widen(&kept->range, joined->range);
    joined->parent = kept->parent;
}

static bool is_activation(const mg_network_graph *graph, const mg_network_node *node,
                          const mg_scheme *scheme, size_t k)
{
    return mg_scheme_activation(scheme, k) && k < node->input_count && node->inputs[k] >= 0 &&
           graph->tensors[node->inputs[k]].type == MIDGE_FLOAT32;
}

static void tie_node(mg_scales *scales, const mg_network_graph *graph, const mg_network_node *node,
                     const mg_scheme *scheme)
{
    int32_t first = node->outputs[0];
    if (scheme->rule == MG_SCALES_FIXED) {
        scales->groups[first].fixed = true;
        scales->groups[first].scale = mg_scheme_fixed(scheme, scales->type);
    }
    if (scheme->rule != MG_SCALES_SAME) return;
    for (size_t k = 1; k < node->output_count; ++k)
        if (graph->tensors[node->outputs[k]].type == MIDGE_FLOAT32)
            join(scales, first, node->outputs[k]);
    for (size_t k = 0; k < node->input_count; ++k) {
        if (!is_activation(graph, node, scheme, k)) continue;
        const mg_network_tensor *input = &graph->tensors[node->inputs[k]];
        if (input->data == NULL)
            join(scales, first, node->inputs[k]);
        else
            mg_range_widen(&scales->groups[find(scales, first)].range,
                           mg_scales_of_constant_range(scales, node->inputs[k]));
    }
}

/* ---- Which nodes ---- */

static bool options_fit(const mg_network_graph *graph, const mg_network_node *node)
{
    const mg_FullyConnectedOptions *full = node->options;
    const mg_ConcatenationOptions *joined = node->options;
    const mg_L2NormOptions *normal = node->options;
    switch (node->op) {
    case MG_BUILTIN_FULLY_CONNECTED: return full == NULL || full->weights_format == 0;
    case MG_BUILTIN_CONCATENATION:
        return joined == NULL || joined->fused_activation_function == MG_ACTIVATION_NONE;
    case MG_BUILTIN_L2_NORMALIZATION:
        return normal == NULL || normal->fused_activation_function == MG_ACTIVATION_NONE;
    case MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM: return mg_lstm_has_integer_form(graph, node);
    default: return true;
    }
}

static bool is_usable(const mg_network_tensor *tensor, mg_range range)
{
    if (tensor->type != MIDGE_FLOAT32 || tensor->is_variable) return false;
    if (tensor->data == NULL) return range.seen;
    return mg_is_float_constant(tensor) && mg_all_finite(tensor);
}

static bool weights_fit(const mg_network_graph *graph, const mg_network_node *node,
                        const mg_scheme *scheme)
{
    if (scheme->weights < 0) return true;
    const mg_network_tensor *weights = &graph->tensors[node->inputs[scheme->weights]];
    if (!mg_is_float_constant(weights) || !mg_all_finite(weights)) return false;
    if (weights->rank <= scheme->axis) return false;
    size_t bias = (size_t)scheme->bias;
    if (bias >= node->input_count || node->inputs[bias] < 0) return true;
    const mg_network_tensor *added = &graph->tensors[node->inputs[bias]];
    return mg_is_float_constant(added) && mg_all_finite(added) &&
           added->bytes / sizeof(float) == (size_t)weights->shape[scheme->axis];
}

static bool tensors_fit(const mg_network_graph *graph, const mg_network_node *node,
                        const mg_scheme *scheme, const mg_range *ranges)
{
    size_t activations = 0;
    for (size_t k = 0; k < node->input_count; ++k) {
        if (!mg_scheme_activation(scheme, k) || node->inputs[k] < 0) continue;
        const mg_network_tensor *input = &graph->tensors[node->inputs[k]];
        if (!is_usable(input, ranges[node->inputs[k]])) return false;
        activations += input->data == NULL || node->op == MG_BUILTIN_GATHER;
    }
    if (activations == 0) return false;
    bool index_only = node->op == MG_BUILTIN_ARG_MAX || node->op == MG_BUILTIN_ARG_MIN;
    size_t integers = index_only || node->op == MG_BUILTIN_TOPK_V2 ? 1 : 0;
    for (size_t k = 0; k + integers < node->output_count; ++k)
        if (!is_usable(&graph->tensors[node->outputs[k]], ranges[node->outputs[k]])) return false;
    return true;
}

/* Does the node get integers from one that computes in them, or give them to one? */
static bool is_anchored(const mg_scales *scales, const mg_network_graph *graph, size_t n,
                        const bool *anchored)
{
    const mg_network_node *node = &graph->nodes[n];
    for (size_t k = 0; k < node->input_count; ++k) {
        if (!is_activation(graph, node, scales->schemes[n], k)) continue;
        int32_t maker = mg_network_producer(graph, node->inputs[k]);
        if (maker >= 0 && anchored[maker]) return true;
    }
    for (size_t m = n + 1; m < graph->node_count; ++m) {
        if (!anchored[m]) continue;
        for (size_t k = 0; k < graph->nodes[m].input_count; ++k)
            for (size_t j = 0; j < node->output_count; ++j)
                if (graph->nodes[m].inputs[k] == node->outputs[j]) return true;
    }
    return false;
}

/* Moving floats about is no reason to quantise them: nodes that do nothing else become integer only
 * next to one that computes, or in a chain of such nodes that leads to one. */
static void drop_movers(mg_scales *scales, const mg_network_graph *graph, bool *anchored)
{
    for (size_t n = 0; n < graph->node_count; ++n)
        anchored[n] = scales->schemes[n] != NULL && scales->schemes[n]->rule != MG_SCALES_SAME;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t n = 0; n < graph->node_count; ++n) {
            if (anchored[n] || scales->schemes[n] == NULL) continue;
            anchored[n] = is_anchored(scales, graph, n, anchored);
            changed = changed || anchored[n];
        }
    }
    for (size_t n = 0; n < graph->node_count; ++n)
        if (!anchored[n]) scales->schemes[n] = NULL;
}

static void choose_nodes(mg_scales *scales, const mg_network_graph *graph,
                         const midge_optimize_options *options, const mg_range *ranges)
{
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        const mg_scheme *scheme = mg_scheme_find(node->op, scales->type);
        if (node->removed || scheme == NULL || mg_is_kept_float(scales->network, graph, n, options))
            continue;
        if (options_fit(graph, node) && weights_fit(graph, node, scheme) &&
            tensors_fit(graph, node, scheme, ranges))
            scales->schemes[n] = scheme;
    }
}

/* ---- Saturation ---- */

/* Beyond this an operator's int8 result no longer changes by more than half a step; infinite for
 * one that does not saturate. */
static float saturation(const mg_scheme *scheme)
{
    if (scheme == NULL) return INFINITY;
    if (scheme->op == MG_BUILTIN_TANH) return 3.12f;     /* atanh(1 - 1/256) */
    if (scheme->op == MG_BUILTIN_LOGISTIC) return 6.24f; /* ln(511) */
    return INFINITY;
}

/* What nobody tells apart needs no integers of its own: a tensor that only saturating operators
 * read has the range in which they do not saturate, with finer steps. */
static midge_status clip_saturated(mg_scales *scales, const mg_network_graph *graph)
{
    void *memory = NULL;
    TRY(mg_network_memory(scales->network, graph->tensor_count * sizeof(float), &memory));
    float *limits = memory; /* 0: nobody reads it */
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        float limit = saturation(scales->schemes[n]);
        for (size_t k = 0; k < node->input_count && !node->removed; ++k)
            if (node->inputs[k] >= 0)
                limits[node->inputs[k]] = fmaxf(limits[node->inputs[k]], limit);
    }
    for (size_t k = 0; k < graph->output_count; ++k) limits[graph->outputs[k]] = INFINITY;
    for (size_t i = 0; i < graph->tensor_count; ++i) {
        mg_range *range = &scales->groups[i].range;
        if (limits[i] == 0 || !range->seen) continue;
        range->low = fmaxf(range->low, -limits[i]);
        range->high = fminf(range->high, limits[i]);
    }
    return MIDGE_OK;
}

static float magnitude(const mg_scales *scales, const mg_network_graph *graph, int32_t tensor)
{
    if (graph->tensors[tensor].data != NULL)
        return mg_range_magnitude(mg_scales_of_constant_range(scales, tensor));
    return mg_range_magnitude(scales->groups[tensor].range);
}

/* Takes from ranges what softmax does not see. Products whose factors reach far beyond what is left
 * of their range, such as (1 - mask) * -1e9, stay float: kernels cannot scale them up so far. */
static midge_status clip_masked(mg_scales *scales, const mg_network_graph *graph,
                                const mg_calibration *calibration)
{
    float steps = scales->type == MIDGE_INT8 ? 255.0f : 32767.0f;
    TRY(mg_softmax_bounds(scales->network, scales->schemes, calibration->ranges,
                          calibration->floors, &scales->bounds));
    for (size_t i = 0; i < graph->tensor_count; ++i)
        if (scales->groups[i].range.seen)
            scales->groups[i].range = mg_range_above(scales->groups[i].range, scales->bounds[i]);
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        if (scales->schemes[n] == NULL || node->op != MG_BUILTIN_MUL) continue;
        mg_range made = scales->groups[node->outputs[0]].range;
        if (made.low == calibration->ranges[node->outputs[0]].low) continue;
        if (magnitude(scales, graph, node->inputs[0]) * magnitude(scales, graph, node->inputs[1]) >
            steps * mg_range_magnitude(made))
            scales->schemes[n] = NULL;
    }
    return MIDGE_OK;
}

/* ---- Limits of kernels ---- */

/* Kernels that bring two inputs to a common scale shift them up by so many bits first, and their
 * way down must shrink: the output's scale has a lower bound. */
static float least_output_scale(const mg_scales *scales, const mg_network_graph *graph,
                                const mg_network_node *node)
{
    float largest = 0;
    for (size_t k = 0; k < node->input_count && k < 2; ++k) {
        if (node->inputs[k] < 0) continue;
        const mg_network_tensor *input = &graph->tensors[node->inputs[k]];
        mg_scale scale =
            input->data != NULL
                ? mg_scale_of_range(scales->type,
                                    mg_scales_of_constant_range(scales, node->inputs[k]))
                : mg_scales_of(scales, node->inputs[k]);
        largest = fmaxf(largest, scale.scale);
    }
    switch (node->op) {
    case MG_BUILTIN_ADD:
    case MG_BUILTIN_SUB: return largest / (scales->type == MIDGE_INT8 ? 262144.0f : 8192.0f);
    case MG_BUILTIN_SQUARED_DIFFERENCE: return largest * largest / 2048.0f;
    default: return 0;
    }
}

static void set_scales(mg_scales *scales, const mg_network_graph *graph)
{
    for (size_t i = 0; i < scales->tensor_count; ++i) {
        mg_scale_group *group = &scales->groups[i];
        if (group->parent == (int32_t)i && !group->fixed)
            group->scale = mg_scale_of_range(scales->type, group->range);
    }
    for (size_t n = 0; n < graph->node_count; ++n) {
        if (scales->schemes[n] == NULL) continue;
        float least = least_output_scale(scales, graph, &graph->nodes[n]);
        mg_scale_group *group = &scales->groups[find(scales, graph->nodes[n].outputs[0])];
        if (group->scale.scale < least && !group->fixed) group->scale.scale = least;
    }
}

midge_status mg_scales_choose(mg_network *network, const midge_optimize_options *options,
                              const mg_calibration *calibration, mg_scales *scales)
{
    const mg_network_graph *graph = &network->graphs[0];
    void *memory = NULL;
    *scales = (mg_scales){
        .network = network,
        .type = options->mode == MIDGE_OPTIMIZE_INT8 ? MIDGE_INT8 : MIDGE_INT16,
        .node_count = graph->node_count,
        .tensor_count = graph->tensor_count,
        .means = calibration->means,
        .lstm_count = calibration->lstm_count,
        .lstms = calibration->lstms,
    };
    TRY(mg_network_memory(network, graph->node_count * sizeof(mg_scheme *), &memory));
    scales->schemes = memory;
    TRY(mg_network_memory(network, graph->tensor_count * sizeof(mg_scale_group), &memory));
    scales->groups = memory;
    for (size_t i = 0; i < graph->tensor_count; ++i)
        scales->groups[i] = (mg_scale_group){.parent = (int32_t)i, .range = calibration->ranges[i]};
    choose_nodes(scales, graph, options, calibration->ranges);
    TRY(mg_network_memory(network, graph->node_count * sizeof(bool), &memory));
    drop_movers(scales, graph, memory);
    if (scales->type == MIDGE_INT8) TRY(clip_saturated(scales, graph));
    TRY(clip_masked(scales, graph, calibration));
    for (size_t n = 0; n < graph->node_count; ++n)
        if (scales->schemes[n] != NULL)
            tie_node(scales, graph, &graph->nodes[n], scales->schemes[n]);
    set_scales(scales, graph);
    return MIDGE_OK;
}
