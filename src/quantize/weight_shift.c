/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Element i of the weights belongs to one channel of the output and one of the input:
 *
 *   CONV_2D            [out, rows, columns, in / groups]
 *   DEPTHWISE_CONV_2D  [1, rows, columns, out]
 *   FULLY_CONNECTED    [out, in]
 *
 * Where a filter reaches over the border, its weights count as elsewhere: the shift there is taken
 * to be that of the inside.
 */
#include "quantize/weight_shift.h"

#include "quantize/constants.h"

static bool has_shift(int32_t op)
{
    return op == MG_BUILTIN_CONV_2D || op == MG_BUILTIN_DEPTHWISE_CONV_2D ||
           op == MG_BUILTIN_FULLY_CONNECTED;
}

midge_status mg_channel_means_want(mg_network *network, const mg_network_graph *graph,
                                   mg_channel_means *means)
{
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        if (node->removed || !has_shift(node->op) || node->inputs[0] < 0) continue;
        const mg_network_tensor *weights = &graph->tensors[node->inputs[1]];
        const mg_network_tensor *input = &graph->tensors[node->inputs[0]];
        if (weights->rank < 2 || input->rank < 1) continue;
        bool product = node->op == MG_BUILTIN_FULLY_CONNECTED;
        int32_t channels = product ? weights->shape[1] : input->shape[input->rank - 1];
        mg_channel_means *of = &means[node->inputs[0]];
        if (channels < 1 || of->channels != 0) continue;
        void *memory = NULL;
        TRY(mg_network_memory(network, (size_t)channels * sizeof(double), &memory));
        *of = (mg_channel_means){(size_t)channels, memory, 0};
    }
    return MIDGE_OK;
}

void mg_channel_means_add(mg_channel_means *means, const float *values, size_t elements)
{
    if (means->channels == 0 || elements % means->channels != 0) return;
    for (size_t i = 0; i < elements; i += means->channels)
        for (size_t c = 0; c < means->channels; ++c) means->sums[c] += (double)values[i + c];
    means->count += (double)(elements / means->channels);
}

/* How the elements of weights lie in channels. */
typedef struct lie {
    size_t outputs, inputs, inner, groups;
} lie;

static bool find_lie(int32_t op, const mg_network_tensor *weights, const mg_channel_means *means,
                     lie *at)
{
    int32_t last = weights->shape[weights->rank - 1];
    bool depthwise = op == MG_BUILTIN_DEPTHWISE_CONV_2D;
    if (weights->rank < 2 || last < 1 || weights->shape[0] < 1 || means->channels == 0)
        return false;
    at->outputs = (size_t)(depthwise ? last : weights->shape[0]);
    at->inputs = depthwise ? 1 : (size_t)last;
    at->inner = depthwise ? 1 : weights->bytes / sizeof(float) / at->outputs;
    at->groups = means->channels / at->inputs;
    return means->count > 0 && means->channels % at->inputs == 0 && at->outputs % at->groups == 0;
}

midge_status mg_without_shift(mg_network *network, mg_network_graph *graph, int32_t op,
                              const mg_channel_means *means, int32_t weights, int32_t rounded,
                              int32_t *bias)
{
    const mg_network_tensor floats = graph->tensors[weights], integers = graph->tensors[rounded];
    const mg_network_tensor old = graph->tensors[*bias];
    const midge_quantization *of = &integers.quantization;
    lie at = {0};
    void *memory = NULL;
    if (!has_shift(op) || !find_lie(op, &floats, means, &at) ||
        old.bytes / sizeof(float) != at.outputs)
        return MIDGE_OK;
    TRY(mg_network_memory(network, at.outputs * sizeof(double), &memory));
    double *shifts = memory;
    for (size_t i = 0; i < floats.bytes / sizeof(float); ++i) {
        size_t output = i / at.inner % at.outputs;
        size_t group = output / (at.outputs / at.groups);
        double scale = (double)of->scale[of->count > 1 ? output : 0];
        double error =
            ((const int8_t *)integers.data)[i] * scale - (double)((const float *)floats.data)[i];
        shifts[output] += error * means->sums[group * at.inputs + i % at.inputs] / means->count;
    }
    TRY(mg_network_memory(network, old.bytes, &memory));
    float *values = memory;
    for (size_t c = 0; c < at.outputs; ++c)
        values[c] = (float)((double)((const float *)old.data)[c] - shifts[c]);
    return mg_network_add_constant(network, graph, old.name, MIDGE_FLOAT32, old.rank, old.shape,
                                   values, bias);
}
