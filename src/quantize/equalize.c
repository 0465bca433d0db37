/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cross-layer equalisation: between two layers a and b, channel c of the tensor t can be multiplied
 * by g[c] >= 1 when the weights of a are multiplied and those of b divided by it. Channels that use
 * a small part of t's range then use more of it, so that its integers tell more apart.
 *
 * t is what activations NONE, RELU and RELU6 make of a; pooling and flattening may follow. With
 * RELU6, g[c] must not lift what samples show in a channel above 6.
 *
 * Full use of the range, g[c] = largest of t / largest of t[c], costs nothing where b is depthwise:
 * its weights have a scale for each channel. Elsewhere rows of b span all channels, and the larger
 * t[c] multiply the errors of b's weights. A power of the full g is taken, the one of least noise:
 *
 *   of t's integers      sum over o, c of (b[o][c] / g[c])^2 * step(t)^2 / 12
 *   of b's integers      sum over o, c of g[c]^2 * mean(t[c]^2) * step(b[o] / g)^2 / 12
 */
#include <math.h>
#include <string.h>

#include "quantize/calibrate.h"
#include "quantize/constants.h"
#include "quantize/learned_ranges.h"
#include "quantize/quantize.h"

enum { POWERS = 3 };
static const float powers[POWERS] = {0.0f, 0.25f, 0.5f};

/* More than this would make weights of a too large to be added up with others. */
#define MOST_GAIN 64.0f

typedef struct pair {
    int32_t first, second; /* nodes */
    int32_t between;       /* what the first makes */
    size_t channels;
    float *largest;  /* of each channel */
    double *squares; /* sums of them */
    double count;    /* of values in each channel */
} pair;

typedef struct pairs {
    size_t count;
    pair *items;
} pairs;

/* ---- Which pairs ---- */

static bool has_weights(const mg_network_graph *graph, const mg_network_node *node)
{
    if (node->op != MG_BUILTIN_CONV_2D && node->op != MG_BUILTIN_DEPTHWISE_CONV_2D &&
        node->op != MG_BUILTIN_FULLY_CONNECTED)
        return false;
    const mg_network_tensor *weights = &graph->tensors[node->inputs[1]];
    if (!mg_is_float_constant(weights) || !mg_all_finite(weights) || weights->rank < 2)
        return false;
    if (node->input_count < 3 || node->inputs[2] < 0) return true;
    return mg_is_float_constant(&graph->tensors[node->inputs[2]]);
}

static int8_t activation_of(const mg_network_node *node)
{
    const mg_Conv2DOptions *convolution = node->options;
    const mg_DepthwiseConv2DOptions *depthwise = node->options;
    const mg_FullyConnectedOptions *product = node->options;
    if (node->options == NULL) return MG_ACTIVATION_NONE;
    if (node->op == MG_BUILTIN_CONV_2D) return convolution->fused_activation_function;
    if (node->op == MG_BUILTIN_DEPTHWISE_CONV_2D) return depthwise->fused_activation_function;
    return product->fused_activation_function;
}

/* Gives every channel what it gets, whatever the channel was multiplied by; flattening leaves
 * channel c in elements c, c + channels, … */
static bool passes_channels(const mg_network_node *node)
{
    const mg_Pool2DOptions *pool = node->options;
    switch (node->op) {
    case MG_BUILTIN_AVERAGE_POOL_2D:
    case MG_BUILTIN_MAX_POOL_2D:
        return pool != NULL && pool->fused_activation_function == MG_ACTIVATION_NONE;
    case MG_BUILTIN_RESHAPE: return true;
    default: return false;
    }
}

static size_t outputs_of(const mg_network_graph *graph, const mg_network_node *node)
{
    const mg_network_tensor *weights = &graph->tensors[node->inputs[1]];
    bool depthwise = node->op == MG_BUILTIN_DEPTHWISE_CONV_2D;
    return (size_t)weights->shape[depthwise ? weights->rank - 1 : 0];
}

/* Does the second node take channels as the first gives them? */
static bool channels_fit(const mg_network_graph *graph, const mg_network_node *second,
                         size_t channels, bool reshaped)
{
    const mg_network_tensor *weights = &graph->tensors[second->inputs[1]];
    size_t last = (size_t)weights->shape[weights->rank - 1];
    switch (second->op) {
    case MG_BUILTIN_CONV_2D: return !reshaped && last == channels;
    case MG_BUILTIN_DEPTHWISE_CONV_2D: return !reshaped && last % channels == 0;
    default: return last % channels == 0;
    }
}

static bool find_pair(const mg_network *network, size_t n, const midge_optimize_options *options,
                      pair *found)
{
    const mg_network_graph *graph = &network->graphs[0];
    const mg_network_node *node = &graph->nodes[n];
    if (node->removed || !has_weights(graph, node) || mg_is_kept_float(network, graph, n, options))
        return false;
    int8_t activation = activation_of(node);
    if (activation != MG_ACTIVATION_NONE && activation != MG_ACTIVATION_RELU &&
        activation != MG_ACTIVATION_RELU6)
        return false;
    bool reshaped = false;
    int32_t tensor = node->outputs[0], reader = mg_network_only_reader(graph, tensor);
    while (reader >= 0 && passes_channels(&graph->nodes[reader])) {
        reshaped = reshaped || graph->nodes[reader].op == MG_BUILTIN_RESHAPE;
        tensor = graph->nodes[reader].outputs[0];
        reader = mg_network_only_reader(graph, tensor);
    }
    if (reader < 0 || graph->nodes[reader].inputs[0] != tensor ||
        !has_weights(graph, &graph->nodes[reader]) ||
        mg_is_kept_float(network, graph, (size_t)reader, options))
        return false;
    *found = (pair){.first = (int32_t)n,
                    .second = reader,
                    .between = node->outputs[0],
                    .channels = outputs_of(graph, node)};
    return found->channels > 1 &&
           channels_fit(graph, &graph->nodes[reader], found->channels, reshaped);
}

static midge_status find_pairs(mg_network *network, const midge_optimize_options *options,
                               pairs *all)
{
    void *memory = NULL;
    size_t nodes = network->graphs[0].node_count;
    TRY(mg_network_memory(network, nodes * sizeof(pair), &memory));
    *all = (pairs){0, memory};
    for (size_t n = 0; n < nodes; ++n) {
        pair *at = &all->items[all->count];
        if (!find_pair(network, n, options, at)) continue;
        TRY(mg_network_memory(network, at->channels * sizeof(float), &memory));
        at->largest = memory;
        TRY(mg_network_memory(network, at->channels * sizeof(double), &memory));
        at->squares = memory;
        ++all->count;
    }
    return MIDGE_OK;
}

/* ---- What the samples show ---- */

static midge_status look(void *context, const midge_session *session, size_t sample,
                         midge_error *error)
{
    const pairs *all = context;
    (void)sample;
    (void)error;
    for (size_t k = 0; k < all->count; ++k) {
        pair *at = &all->items[k];
        const midge_tensor *tensor = midge_session_tensor(session, (size_t)at->between);
        const float *values = midge_tensor_data(tensor);
        size_t elements = midge_tensor_elements(tensor);
        if (values == NULL || elements % at->channels != 0) continue;
        for (size_t i = 0; i < elements; ++i) {
            size_t c = i % at->channels;
            at->largest[c] = fmaxf(at->largest[c], fabsf(values[i]));
            at->squares[c] += (double)values[i] * (double)values[i];
        }
        at->count += (double)(elements / at->channels);
    }
    return MIDGE_OK;
}

/* ---- Gains ---- */

static void set_gains(const pair *at, float power, float *gains)
{
    float most = 0;
    for (size_t c = 0; c < at->channels; ++c) most = fmaxf(most, at->largest[c]);
    for (size_t c = 0; c < at->channels; ++c) {
        float full = at->largest[c] > 0 ? most / at->largest[c] : 1.0f;
        gains[c] = powf(fminf(full, MOST_GAIN), power);
    }
}

/* What both roundings make of the second node's outputs, up to a factor. */
static double noise(const pair *at, const mg_network_tensor *weights, const float *gains)
{
    const float *values = weights->data;
    size_t rows = (size_t)weights->shape[0], row = weights->bytes / sizeof(float) / rows;
    double most = 0, total = 0, lifted = 0;
    for (size_t c = 0; c < at->channels; ++c) {
        most = fmax(most, (double)at->largest[c] * (double)gains[c]);
        lifted += at->squares[c] / at->count * (double)gains[c] * (double)gains[c];
    }
    lifted *= (double)row / (double)at->channels;
    for (size_t o = 0; o < rows; ++o) {
        double squares = 0, largest = 0;
        for (size_t i = 0; i < row; ++i) {
            double value = (double)values[o * row + i] / (double)gains[i % at->channels];
            squares += value * value;
            largest = fmax(largest, fabs(value));
        }
        double step = most / 255, weight_step = largest / MG_WEIGHT_LIMIT;
        total += squares * step * step + lifted * weight_step * weight_step;
    }
    return total;
}

static void choose_gains(const pair *at, const mg_network_graph *graph, float *gains)
{
    const mg_network_node *second = &graph->nodes[at->second];
    const mg_network_tensor *weights = &graph->tensors[second->inputs[1]];
    size_t best = 0;
    double least = INFINITY;
    for (size_t k = 0; k < POWERS; ++k) {
        set_gains(at, powers[k], gains);
        bool free = second->op == MG_BUILTIN_DEPTHWISE_CONV_2D;
        double made = free ? -(double)powers[k] : noise(at, weights, gains);
        if (!(made < least)) continue;
        best = k;
        least = made;
    }
    set_gains(at, powers[best], gains);
}

/* ---- Weights ---- */

/* A copy of input `slot` of a node, element i multiplied by factors[i / inner % channels]. */
static midge_status multiply(mg_network *network, int32_t node, size_t slot, const float *factors,
                             size_t channels, size_t inner)
{
    mg_network_graph *graph = &network->graphs[0];
    int32_t *place = &graph->nodes[node].inputs[slot];
    const mg_network_tensor old = graph->tensors[*place];
    void *memory = NULL;
    TRY(mg_network_memory(network, old.bytes, &memory));
    float *values = memory;
    for (size_t i = 0; i < old.bytes / sizeof(float); ++i)
        values[i] = ((const float *)old.data)[i] * factors[i / inner % channels];
    return mg_network_add_constant(network, graph, old.name, MIDGE_FLOAT32, old.rank, old.shape,
                                   values, place);
}

static midge_status equalize_pair(mg_network *network, const pair *at)
{
    const mg_network_graph *graph = &network->graphs[0];
    const mg_network_node *first = &graph->nodes[at->first], *second = &graph->nodes[at->second];
    const mg_network_tensor *weights = &graph->tensors[first->inputs[1]];
    void *memory = NULL;
    TRY(mg_network_memory(network, 2 * at->channels * sizeof(float), &memory));
    float *gains = memory, *inverse = gains + at->channels;
    choose_gains(at, graph, gains);
    for (size_t c = 0; c < at->channels; ++c) inverse[c] = 1.0f / gains[c];
    bool depthwise = first->op == MG_BUILTIN_DEPTHWISE_CONV_2D;
    size_t row = depthwise ? 1 : weights->bytes / sizeof(float) / at->channels;
    TRY(multiply(network, at->first, 1, gains, at->channels, row));
    if (first->input_count > 2 && first->inputs[2] >= 0)
        TRY(multiply(network, at->first, 2, gains, at->channels, 1));
    size_t last =
        (size_t)graph->tensors[second->inputs[1]].shape[graph->tensors[second->inputs[1]].rank - 1];
    size_t apart = second->op == MG_BUILTIN_DEPTHWISE_CONV_2D ? last / at->channels : 1;
    return multiply(network, at->second, 1, inverse, at->channels, apart);
}

midge_status mg_equalize(mg_network *network, midge_model *model,
                         const midge_optimize_options *options, bool *changed)
{
    pairs all;
    /* Ranges that a model has learned are those of its channels as they are. */
    if (options->sample == NULL || mg_has_learned_ranges(&network->graphs[0])) return MIDGE_OK;
    TRY(find_pairs(network, options, &all));
    if (all.count == 0) return MIDGE_OK;
    TRY(mg_run_samples(model, options, 0, mg_passes(options) * options->sample_count, look, &all,
                       network->error));
    for (size_t k = 0; k < all.count; ++k)
        if (all.items[k].count > 0) TRY(equalize_pair(network, &all.items[k]));
    *changed = true;
    return MIDGE_OK;
}
