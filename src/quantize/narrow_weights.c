/* SPDX-License-Identifier: Apache-2.0 */
/* Modes that make weights smaller and leave activations float. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/ref/half.h"
#include "op/op.h"
#include "quantize/constants.h"
#include "quantize/lstm_ranges.h"
#include "quantize/quantize.h"
#include "quantize/scheme.h"

enum {
    /* A DEQUANTIZE and its tensor take about 200 bytes of the file; fewer elements than this would
     * not save them. */
    LEAST_HALVES = 128,
    /* As TensorFlow Lite's converter has it: smaller ones cost accuracy and save nothing. */
    LEAST_WEIGHTS = 1024
};

/* ---- Which nodes to leave alone ---- */

bool mg_is_kept_float(const mg_network *network, const mg_network_graph *graph, size_t node,
                      const midge_optimize_options *options)
{
    const mg_network_node *at = &graph->nodes[node];
    const mg_op *row = mg_op_find(at->op, at->custom_name);
    for (size_t i = 0; i < options->keep_float_count; ++i) {
        const char *name = options->keep_float[i];
        char *end = NULL;
        unsigned long long number = strtoull(name, &end, 10);
        if (end != name && *end == '\0' && number == node && graph == network->graphs) return true;
        if (row != NULL && strcmp(row->name, name) == 0) return true;
        for (size_t k = 0; k < at->output_count; ++k)
            if (strcmp(graph->tensors[at->outputs[k]].name, name) == 0) return true;
    }
    return false;
}

/* ---- float16 ---- */

midge_status mg_widen_constants(mg_network *network)
{
    for (size_t g = 0; g < network->graph_count; ++g) {
        mg_network_graph *graph = &network->graphs[g];
        for (size_t n = 0; n < graph->node_count; ++n) {
            mg_network_node *node = &graph->nodes[n];
            if (node->op != MG_BUILTIN_DEQUANTIZE || node->removed) continue;
            const mg_network_tensor *half = &graph->tensors[node->inputs[0]];
            mg_network_tensor *wide = &graph->tensors[node->outputs[0]];
            if (half->type != MIDGE_FLOAT16 || half->data == NULL || half->sparsity != NULL)
                continue;
            size_t elements = half->bytes / sizeof(uint16_t);
            void *data = NULL;
            TRY(mg_network_memory(network, elements * sizeof(float), &data));
            for (size_t i = 0; i < elements; ++i)
                ((float *)data)[i] = mg_half_to_float(((const uint16_t *)half->data)[i]);
            wide->data = data;
            wide->bytes = elements * sizeof(float);
            node->removed = true;
        }
    }
    return MIDGE_OK;
}

/* Worth it, and every number within the range of float16? */
static bool fits_half(const mg_network_tensor *tensor)
{
    if (!mg_is_float_constant(tensor) || tensor->bytes / sizeof(float) < LEAST_HALVES) return false;
    const float *values = tensor->data;
    for (size_t i = 0; i < tensor->bytes / sizeof *values; ++i)
        if (!(fabsf(values[i]) <= 65504.0f)) return false;
    return true;
}

/* A constant that is to be float16: what widens it goes to the front of the graph. */
static midge_status halve(mg_network *network, mg_network_graph *graph, int32_t source,
                          int32_t *wide)
{
    const char *name = NULL;
    int32_t half;
    TRY(mg_add_halves(network, graph, source, &half));
    TRY(mg_network_text(network, &name, "%s_float16", graph->tensors[source].name));
    graph->tensors[half].name = name;
    TRY(mg_network_add(network, graph, graph->tensors[source].name, MIDGE_FLOAT32,
                       graph->tensors[source].rank, graph->tensors[source].shape, wide));
    return mg_network_add_node(network, graph, 0, MG_BUILTIN_DEQUANTIZE, "", 1, &half, 1, wide,
                               NULL);
}

/* Marks the constants that nodes not kept float read. */
static void mark_halves(const mg_network *network, const mg_network_graph *graph,
                        const midge_optimize_options *options, bool *chosen)
{
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        if (node->removed || mg_is_kept_float(network, graph, n, options)) continue;
        for (size_t k = 0; k < node->input_count; ++k)
            if (node->inputs[k] >= 0 && fits_half(&graph->tensors[node->inputs[k]]))
                chosen[node->inputs[k]] = true;
    }
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        if (node->removed || !mg_is_kept_float(network, graph, n, options)) continue;
        for (size_t k = 0; k < node->input_count; ++k)
            if (node->inputs[k] >= 0) chosen[node->inputs[k]] = false;
    }
    for (size_t k = 0; k < graph->output_count; ++k) chosen[graph->outputs[k]] = false;
}

midge_status mg_narrow_to_float16(mg_network *network, const midge_optimize_options *options)
{
    for (size_t g = 0; g < network->graph_count; ++g) {
        mg_network_graph *graph = &network->graphs[g];
        size_t count = graph->tensor_count;
        void *chosen = NULL;
        TRY(mg_network_memory(network, count * sizeof(bool), &chosen));
        mark_halves(network, graph, options, chosen);
        for (size_t i = count; i-- > 0;) {
            int32_t wide;
            if (!((const bool *)chosen)[i]) continue;
            TRY(halve(network, graph, (int32_t)i, &wide));
            for (size_t n = 1; n < graph->node_count; ++n)
                for (size_t k = 0; k < graph->nodes[n].input_count; ++k)
                    if (graph->nodes[n].inputs[k] == (int32_t)i) graph->nodes[n].inputs[k] = wide;
        }
    }
    return MIDGE_OK;
}

/* ---- Dynamic range ---- */

/* Inputs of an operator that may be int8 while its activations are float. All of them change
 * together: the kernels tell the form by one of them. */
typedef struct dynamic_form {
    int32_t op;
    uint64_t inputs; /* bit i: input i is weights */
    int32_t axis;    /* of the scales, -1: one scale */
} dynamic_form;

#define BITS(from, to) (((UINT64_C(2) << (to)) - 1) & ~((UINT64_C(1) << (from)) - 1))

static const dynamic_form dynamic_forms[] = {
    {MG_BUILTIN_CONV_2D, BITS(1, 1), 0},
    {MG_BUILTIN_DEPTHWISE_CONV_2D, BITS(1, 1), 3},
    {MG_BUILTIN_FULLY_CONNECTED, BITS(1, 1), 0},
    {MG_BUILTIN_TRANSPOSE_CONV, BITS(1, 1), 0},
    {MG_BUILTIN_BATCH_MATMUL, BITS(1, 1), -1},
    {MG_BUILTIN_EMBEDDING_LOOKUP, BITS(1, 1), -1},
    {MG_BUILTIN_RNN, BITS(1, 2), -1},
    {MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_RNN, BITS(1, 2), -1},
    {MG_BUILTIN_BIDIRECTIONAL_SEQUENCE_RNN, BITS(1, 2) | BITS(5, 6) | BITS(10, 11), -1},
    {MG_BUILTIN_SVDF, BITS(1, 2), -1},
    {MG_BUILTIN_LSTM, BITS(1, 11) | BITS(16, 16), -1},
    {MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM, BITS(1, 11) | BITS(16, 16), -1},
    {MG_BUILTIN_BIDIRECTIONAL_SEQUENCE_LSTM,
     BITS(1, 11) | BITS(16, 16) | BITS(18, 28) | BITS(33, 33) | BITS(40, 47), -1},
};

static const dynamic_form *find_form(int32_t op)
{
    for (size_t i = 0; i < sizeof dynamic_forms / sizeof dynamic_forms[0]; ++i)
        if (dynamic_forms[i].op == op) return &dynamic_forms[i];
    return NULL;
}

bool mg_is_weight_input(int32_t op, size_t index)
{
    const dynamic_form *form = find_form(op);
    return form != NULL && index < 64 && (form->inputs >> index & 1) != 0;
}

static bool is_weight(const dynamic_form *form, const mg_network_node *node, size_t k)
{
    return k < 64 && (form->inputs >> k & 1) != 0 && node->inputs[k] >= 0;
}

/* The hybrid convolution takes whole channels only. */
static bool is_grouped(const mg_network_graph *graph, const mg_network_node *node)
{
    if (node->op != MG_BUILTIN_CONV_2D) return false;
    const mg_network_tensor *input = &graph->tensors[node->inputs[0]];
    const mg_network_tensor *filter = &graph->tensors[node->inputs[1]];
    return input->rank != 4 || filter->rank != 4 || input->shape[3] != filter->shape[3];
}

static bool can_be_dynamic(const mg_network_graph *graph, const mg_network_node *node,
                           const dynamic_form *form)
{
    size_t elements = 0;
    for (size_t k = 0; k < node->input_count; ++k) {
        if (!is_weight(form, node, k)) continue;
        const mg_network_tensor *weights = &graph->tensors[node->inputs[k]];
        if (!mg_is_float_constant(weights) || !mg_all_finite(weights)) return false;
        elements += weights->bytes / sizeof(float);
    }
    const mg_network_tensor *output = &graph->tensors[node->outputs[0]];
    return elements >= LEAST_WEIGHTS && output->type == MIDGE_FLOAT32 && !is_grouped(graph, node);
}

static midge_status make_dynamic(mg_network *network, mg_network_graph *graph, size_t node,
                                 const dynamic_form *form)
{
    for (size_t k = 0; k < graph->nodes[node].input_count; ++k) {
        if (!is_weight(form, &graph->nodes[node], k)) continue;
        int32_t made;
        TRY(mg_add_int8_weights(network, graph, graph->nodes[node].inputs[k], form->axis, NULL,
                                &made));
        graph->nodes[node].inputs[k] = made;
    }
    return MIDGE_OK;
}

/* A table in float becomes one in int8, and the rows that GATHER takes from it are widened. */
static midge_status gather_dynamic(mg_network *network, mg_network_graph *graph, size_t node)
{
    int32_t source = graph->nodes[node].inputs[0];
    int32_t output = graph->nodes[node].outputs[0];
    const mg_network_tensor *table = &graph->tensors[source];
    if (!mg_is_float_constant(table) || !mg_all_finite(table) ||
        table->bytes / sizeof(float) < LEAST_WEIGHTS)
        return MIDGE_OK;
    int32_t weights, rows;
    const char *name = NULL;
    TRY(mg_add_int8_weights(network, graph, source, -1, NULL, &weights));
    TRY(mg_network_text(network, &name, "%s_int8", graph->tensors[output].name));
    TRY(mg_network_add(network, graph, name, MIDGE_INT8, graph->tensors[output].rank,
                       graph->tensors[output].shape, &rows));
    memcpy(graph->tensors[rows].open, graph->tensors[output].open,
           sizeof graph->tensors[rows].open);
    graph->tensors[rows].quantization = graph->tensors[weights].quantization;
    graph->nodes[node].inputs[0] = weights;
    graph->nodes[node].outputs[0] = rows;
    return mg_network_add_node(network, graph, (int32_t)node + 1, MG_BUILTIN_DEQUANTIZE, "", 1,
                               &rows, 1, &output, NULL);
}

/* In modes with integer arithmetic only what has no such form is for this one: and the bodies of
 * IF and WHILE, which samples do not show, so that their activations stay float. */
static bool has_integer_form(const mg_network *network, const mg_network_graph *graph,
                             const mg_network_node *node, const midge_optimize_options *options)
{
    if (options->mode == MIDGE_OPTIMIZE_DYNAMIC || graph != network->graphs) return false;
    if (node->op == MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_LSTM &&
        !mg_lstm_has_integer_form(graph, node))
        return false;
    midge_type type = options->mode == MIDGE_OPTIMIZE_INT8 ? MIDGE_INT8 : MIDGE_INT16;
    return mg_scheme_find(node->op, type) != NULL;
}

midge_status mg_narrow_to_dynamic(mg_network *network, const midge_optimize_options *options)
{
    for (size_t g = 0; g < network->graph_count; ++g) {
        mg_network_graph *graph = &network->graphs[g];
        for (size_t n = graph->node_count; n-- > 0;) {
            if (graph->nodes[n].removed || mg_is_kept_float(network, graph, n, options)) continue;
            if (has_integer_form(network, graph, &graph->nodes[n], options)) continue;
            const dynamic_form *form = find_form(graph->nodes[n].op);
            if (form != NULL && can_be_dynamic(graph, &graph->nodes[n], form))
                TRY(make_dynamic(network, graph, n, form));
            if (graph->nodes[n].op == MG_BUILTIN_GATHER) TRY(gather_dynamic(network, graph, n));
        }
    }
    return MIDGE_OK;
}
