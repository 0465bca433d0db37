/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "op/op.h"

enum { FIRST_CAPACITY = 16 };

midge_status mg_network_create(mg_heap *heap, midge_error *error, mg_network *network)
{
    *network = (mg_network){.heap = heap, .error = error, .description = ""};
    mg_region_init(&network->region, heap);
    void *memory = NULL;
    TRY(mg_network_memory(network, sizeof(mg_network_graph), &memory));
    network->graphs = memory;
    network->graphs[0].name = "main";
    network->graph_count = 1;
    return MIDGE_OK;
}

void mg_network_free(mg_network *network)
{
    mg_region_free(&network->region);
    *network = (mg_network){0};
}

midge_status mg_network_memory(mg_network *network, size_t bytes, void **memory)
{
    return mg_region_get(&network->region, bytes, memory, network->error);
}

midge_status mg_network_text(mg_network *network, const char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) return mg_fail(network->error, MIDGE_INVALID_ARGUMENT, "text with odd bytes");
    void *memory = NULL;
    TRY(mg_network_memory(network, (size_t)length + 1, &memory));
    va_start(arguments, format);
    (void)vsnprintf(memory, (size_t)length + 1, format, arguments);
    va_end(arguments);
    *text = memory;
    return MIDGE_OK;
}

/* Doubles an array of the region; the old one stays behind. */
static midge_status grow(mg_network *network, void **items, size_t count, size_t *capacity,
                         size_t element_bytes)
{
    if (count < *capacity) return MIDGE_OK;
    size_t larger = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
    void *memory = NULL;
    TRY(mg_region_get_array(&network->region, larger, element_bytes, &memory, network->error));
    if (count > 0) memcpy(memory, *items, count * element_bytes);
    *items = memory;
    *capacity = larger;
    return MIDGE_OK;
}

midge_status mg_network_add(mg_network *network, mg_network_graph *graph, const char *name,
                            midge_type type, int32_t rank, const int32_t *shape, int32_t *tensor)
{
    if (rank < 0 || rank > MIDGE_MAX_RANK)
        return mg_fail(network->error, MIDGE_UNSUPPORTED, "tensor %s has %d dimensions, at most %d",
                       name, (int)rank, MIDGE_MAX_RANK);
    void *items = graph->tensors;
    TRY(grow(network, &items, graph->tensor_count, &graph->tensor_capacity,
             sizeof *graph->tensors));
    graph->tensors = items;
    mg_network_tensor *made = &graph->tensors[graph->tensor_count];
    *made = (mg_network_tensor){.name = name, .type = type, .rank = rank};
    for (int32_t i = 0; i < rank; ++i) {
        made->open[i] = shape[i] < 0;
        made->shape[i] = shape[i] < 0 ? 1 : shape[i];
    }
    size_t elements;
    if (!mg_shape_elements(rank, made->shape, &elements))
        return mg_fail(network->error, MIDGE_LIMIT_EXCEEDED, "tensor %s has too many elements",
                       name);
    *tensor = (int32_t)graph->tensor_count++;
    return MIDGE_OK;
}

midge_status mg_network_add_constant(mg_network *network, mg_network_graph *graph, const char *name,
                                     midge_type type, int32_t rank, const int32_t *shape,
                                     const void *data, int32_t *tensor)
{
    TRY(mg_network_add(network, graph, name, type, rank, shape, tensor));
    mg_network_tensor *made = &graph->tensors[*tensor];
    size_t elements = 0;
    (void)mg_shape_elements(rank, made->shape, &elements);
    if (!mg_type_bytes(type, elements, &made->bytes))
        return mg_fail(network->error, MIDGE_UNSUPPORTED, "constant %s: %s has no fixed size", name,
                       midge_type_name(type));
    made->data = data;
    return MIDGE_OK;
}

midge_status mg_network_add_int32s(mg_network *network, mg_network_graph *graph, const char *name,
                                   size_t count, const int32_t *values, int32_t *tensor)
{
    void *memory = NULL;
    int32_t size = (int32_t)count;
    TRY(mg_network_memory(network, count * sizeof *values, &memory));
    if (count > 0) memcpy(memory, values, count * sizeof *values);
    return mg_network_add_constant(network, graph, name, MIDGE_INT32, 1, &size, memory, tensor);
}

midge_status mg_network_quantize(mg_network *network, mg_network_tensor *tensor, float scale,
                                 int64_t zero_point)
{
    void *memory = NULL;
    TRY(mg_network_memory(network, sizeof(int64_t) + sizeof(float), &memory));
    int64_t *zero = memory;
    float *factor = (float *)(zero + 1);
    *zero = zero_point;
    *factor = scale;
    tensor->quantization = (midge_quantization){1, factor, zero, 0};
    return MIDGE_OK;
}

static midge_status copy_int32s(mg_network *network, size_t count, const int32_t *values,
                                int32_t **copy)
{
    void *memory = NULL;
    TRY(mg_region_get_array(&network->region, count, sizeof *values, &memory, network->error));
    if (count > 0) memcpy(memory, values, count * sizeof *values);
    *copy = memory;
    return MIDGE_OK;
}

/* The number in MG_TABLE_… of an options table by its tag; -1 for none. */
static int32_t options_table(uint8_t options_type, uint8_t options_2_type)
{
    const mg_union *kinds =
        &mg_schema_layout
             .unions[options_type != 0 ? MG_UNION_BuiltinOptions : MG_UNION_BuiltinOptions2];
    uint8_t tag = options_type != 0 ? options_type : options_2_type;
    return tag == 0 || tag > kinds->count ? -1 : kinds->members[tag - 1];
}

static midge_status add_options(mg_network *network, mg_network_node *node)
{
    const mg_op *row = mg_op_find(node->op, node->custom_name);
    if (row == NULL) return MIDGE_OK;
    node->options_type = (uint8_t)row->options_type;
    node->options_2_type = (uint8_t)row->options_2_type;
    int32_t table = options_table(node->options_type, node->options_2_type);
    if (table < 0) return MIDGE_OK;
    void *memory = NULL;
    TRY(mg_network_memory(network, mg_schema_layout.tables[table].size, &memory));
    mg_schema_defaults((unsigned)table, memory);
    *(node->options_type != 0 ? &node->options : &node->options_2) = memory;
    return MIDGE_OK;
}

midge_status mg_network_add_node(mg_network *network, mg_network_graph *graph, int32_t before,
                                 int32_t op, const char *origin, size_t input_count,
                                 const int32_t *inputs, size_t output_count, const int32_t *outputs,
                                 mg_network_node **node)
{
    void *items = graph->nodes;
    TRY(grow(network, &items, graph->node_count, &graph->node_capacity, sizeof *graph->nodes));
    graph->nodes = items;
    mg_network_node made = {.op = op,
                            .custom_name = "",
                            .origin = origin,
                            .input_count = input_count,
                            .output_count = output_count};
    TRY(copy_int32s(network, input_count, inputs, &made.inputs));
    TRY(copy_int32s(network, output_count, outputs, &made.outputs));
    TRY(add_options(network, &made));
    size_t at = before < 0 ? graph->node_count : (size_t)before;
    memmove(graph->nodes + at + 1, graph->nodes + at,
            (graph->node_count - at) * sizeof *graph->nodes);
    graph->nodes[at] = made;
    ++graph->node_count;
    if (node != NULL) *node = &graph->nodes[at];
    return MIDGE_OK;
}

midge_status mg_network_set_inputs(mg_network *network, mg_network_graph *graph, size_t count,
                                   const int32_t *tensors)
{
    graph->input_count = count;
    return copy_int32s(network, count, tensors, &graph->inputs);
}

midge_status mg_network_set_outputs(mg_network *network, mg_network_graph *graph, size_t count,
                                    const int32_t *tensors)
{
    graph->output_count = count;
    return copy_int32s(network, count, tensors, &graph->outputs);
}

midge_status mg_network_add_signature(mg_network *network, const char *key, size_t input_count,
                                      size_t output_count, mg_network_signature **signature)
{
    void *memory = NULL;
    size_t count = network->signature_count;
    TRY(mg_region_get_array(&network->region, count + 1, sizeof(mg_network_signature), &memory,
                            network->error));
    mg_network_signature *signatures = memory;
    if (count > 0) memcpy(signatures, network->signatures, count * sizeof *signatures);
    mg_network_signature *made = &signatures[count];
    *made = (mg_network_signature){
        .key = key, .input_count = input_count, .output_count = output_count};
    TRY(mg_region_get_array(&network->region, input_count, sizeof(mg_network_binding), &memory,
                            network->error));
    made->inputs = memory;
    TRY(mg_region_get_array(&network->region, output_count, sizeof(mg_network_binding), &memory,
                            network->error));
    made->outputs = memory;
    network->signatures = signatures;
    network->signature_count = count + 1;
    *signature = made;
    return MIDGE_OK;
}

int32_t mg_network_producer(const mg_network_graph *graph, int32_t tensor)
{
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        if (node->removed) continue;
        for (size_t k = 0; k < node->output_count; ++k)
            if (node->outputs[k] == tensor) return (int32_t)n;
    }
    return -1;
}

size_t mg_network_uses(const mg_network_graph *graph, int32_t tensor)
{
    size_t uses = 0;
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        if (node->removed) continue;
        for (size_t k = 0; k < node->input_count; ++k) uses += node->inputs[k] == tensor;
    }
    for (size_t k = 0; k < graph->output_count; ++k) uses += graph->outputs[k] == tensor;
    return uses;
}

int32_t mg_network_only_reader(const mg_network_graph *graph, int32_t tensor)
{
    if (mg_network_uses(graph, tensor) != 1) return -1;
    for (size_t n = 0; n < graph->node_count; ++n) {
        const mg_network_node *node = &graph->nodes[n];
        if (node->removed) continue;
        for (size_t k = 0; k < node->input_count; ++k)
            if (node->inputs[k] == tensor) return (int32_t)n;
    }
    return -1;
}

void mg_network_replace(mg_network_graph *graph, int32_t from, int32_t to)
{
    for (size_t n = 0; n < graph->node_count; ++n) {
        mg_network_node *node = &graph->nodes[n];
        for (size_t k = 0; k < node->input_count; ++k)
            if (node->inputs[k] == from) node->inputs[k] = to;
    }
    for (size_t k = 0; k < graph->output_count; ++k)
        if (graph->outputs[k] == from) graph->outputs[k] = to;
}
