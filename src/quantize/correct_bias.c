/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bias correction: what rounding the weights adds to each channel of a layer on average is taken
 * off its bias. Layers are corrected from the first to the last, each seeing the work of those
 * before, so the samples run once for each layer: through the float model and the integer one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quantize/calibrate.h"
#include "quantize/constants.h"
#include "quantize/integer_graph.h"

/* A node with weights whose bias may be corrected. */
typedef struct layer {
    int32_t made;       /* output in the integer network */
    int32_t float_made; /* the same in the float model */
    int32_t bias;
} layer;

typedef struct correction {
    layer at;
    midge_session *integers;
    int32_t number; /* of `made` in the file */
    size_t channels;
    double *sums; /* of float - integer, by channel */
    double count; /* of values in each */
} correction;

static bool find_layer(const mg_network_graph *graph, const mg_scales *scales,
                       const mg_network_node *node, layer *found)
{
    const mg_scheme *scheme = mg_scheme_find(node->op, scales->type);
    if (node->removed || scheme == NULL || scheme->weights < 0) return false;
    size_t slot = (size_t)scheme->bias;
    if (slot >= node->input_count || node->inputs[slot] < 0) return false;
    *found = (layer){node->outputs[0], -1, node->inputs[slot]};
    for (size_t t = 0; t < scales->tensor_count; ++t)
        if (scales->twins[t] == found->made) found->float_made = (int32_t)t;
    midge_type type = graph->tensors[found->bias].type;
    return found->float_made >= 0 && (type == MIDGE_INT32 || type == MIDGE_INT64);
}

/* The number that the file gives the output of network node `n`; the writer has marked the nodes
 * that it left out. */
static int32_t number_in_file(const mg_network_graph *graph, size_t n, const midge_model *model)
{
    midge_node_info node;
    size_t place = 0;
    for (size_t k = 0; k < n; ++k) place += !graph->nodes[k].removed;
    return midge_inspect_node(model, 0, place, &node) ? node.outputs[0] : -1;
}

/* ---- One layer ---- */

static void copy_inputs(const midge_session *from, const midge_session *to)
{
    for (size_t i = 0; i < midge_session_input_count(from); ++i) {
        const midge_tensor *source = midge_session_input(from, i);
        midge_tensor *target = midge_session_input(to, i);
        midge_quantization of = midge_tensor_quantization(target);
        size_t bytes = midge_tensor_bytes(source);
        if (midge_tensor_type(target) == midge_tensor_type(source)) {
            if (bytes == midge_tensor_bytes(target))
                memcpy(midge_tensor_data(target), midge_tensor_data(source), bytes);
            continue;
        }
        mg_store_integers(midge_tensor_data(source), midge_tensor_elements(source),
                          midge_tensor_type(target), of.scale[0], of.zero_point[0],
                          midge_tensor_data(target));
    }
}

static midge_status add_differences(void *context, const midge_session *session, size_t sample,
                                    midge_error *error)
{
    correction *at = context;
    copy_inputs(session, at->integers);
    (void)midge_session_reset(at->integers);
    midge_status status = midge_session_invoke(at->integers);
    if (status != MIDGE_OK)
        return mg_fail(error, status, "sample %zu: %s", sample,
                       midge_session_message(at->integers));
    const midge_tensor *wanted = midge_session_tensor(session, (size_t)at->at.float_made);
    const midge_tensor *made = midge_session_tensor(at->integers, (size_t)at->number);
    const float *values = midge_tensor_data(wanted);
    midge_quantization of = midge_tensor_quantization(made);
    size_t elements = midge_tensor_elements(wanted);
    if (midge_tensor_elements(made) != elements) return MIDGE_OK;
    for (size_t i = 0; i < elements; ++i) {
        int32_t stored = midge_tensor_type(made) == MIDGE_INT8
                             ? ((const int8_t *)midge_tensor_data(made))[i]
                             : ((const int16_t *)midge_tensor_data(made))[i];
        double integer = (double)(stored - of.zero_point[0]) * (double)of.scale[0];
        at->sums[i % at->channels] += (double)values[i] - integer;
    }
    at->count += (double)(elements / at->channels);
    return MIDGE_OK;
}

static void move_bias(const correction *at, const mg_network_tensor *bias)
{
    for (size_t c = 0; at->count > 0 && c < at->channels; ++c) {
        double scale = (double)bias->quantization.scale[bias->quantization.count > 1 ? c : 0];
        double step = round(at->sums[c] / at->count / scale);
        if (!(fabs(step) < 1073741824.0)) continue;
        if (bias->type == MIDGE_INT64)
            ((int64_t *)bias->data)[c] += (int64_t)step;
        else if (llabs(((const int32_t *)bias->data)[c] + (long long)step) < INT32_MAX)
            ((int32_t *)bias->data)[c] += (int32_t)step;
    }
}

static midge_status correct_layer(mg_network *network, midge_model *model,
                                  const midge_optimize_options *options, size_t node, layer of,
                                  size_t done, size_t total)
{
    midge_session_options wanted = midge_session_options_default();
    midge_model_options loading = midge_model_options_default();
    mg_network_graph *graph = &network->graphs[0];
    const mg_network_tensor *bias = &graph->tensors[of.bias];
    correction at = {.at = of, .channels = (size_t)bias->shape[bias->rank - 1]};
    midge_model *integers = NULL;
    void *bytes = NULL, *memory = NULL;
    size_t size = 0;
    loading.allocator = wanted.allocator = options->allocator;
    wanted.threads = options->threads;
    wanted.preserve_all_tensors = true;
    TRY(mg_network_memory(network, at.channels * sizeof(double), &memory));
    at.sums = memory;
    TRY(mg_network_write(network, &bytes, &size));
    midge_status status = midge_model_load_memory(bytes, size, &loading, &integers, network->error);
    if (status == MIDGE_OK)
        status = midge_session_create(integers, &wanted, &at.integers, network->error);
    if (status == MIDGE_OK) {
        at.number = number_in_file(graph, node, integers);
        if (at.number >= 0)
            status =
                mg_run_samples(model, options, done, total, add_differences, &at, network->error);
    }
    if (status == MIDGE_OK) move_bias(&at, bias);
    midge_session_free(at.integers);
    midge_model_free(integers);
    mg_heap_release(network->heap, bytes);
    return status;
}

midge_status mg_correct_biases(mg_network *network, midge_model *model,
                               const midge_optimize_options *options, const mg_scales *scales)
{
    mg_network_graph *graph = &network->graphs[0];
    size_t layers = 0, done = 0;
    layer of;
    for (size_t n = 0; n < graph->node_count; ++n)
        layers += find_layer(graph, scales, &graph->nodes[n], &of);
    for (size_t n = 0; n < graph->node_count; ++n) {
        if (!find_layer(graph, scales, &graph->nodes[n], &of)) continue;
        TRY(correct_layer(network, model, options, n, of, done, layers * options->sample_count));
        done += options->sample_count;
    }
    return MIDGE_OK;
}
