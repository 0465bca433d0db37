/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and signatures of the file, with every tensor index checked. */
#include <stddef.h>
#include <string.h>

#include "model/read.h"

enum { CODE_PLACEHOLDER = 127, TEXT = 80, MAX_BINDINGS = 10000 };

/* What a node without an options table reads: all zero, whatever the table. */
static const max_align_t no_options[16];
#define BEGIN(table) _Static_assert(sizeof(mg_##table) <= sizeof no_options, #table);
#include "schema/tables.def"

/* Old files have only the one-byte code, new files a larger one beside it. */
static int32_t effective_code(const mg_OperatorCode *code)
{
    int32_t old = code->deprecated_builtin_code;
    return old > code->builtin_code ? old : code->builtin_code;
}

static midge_status check_indices(mg_reading *reading, size_t graph, size_t node,
                                  const mg_int32s *indices, int32_t least, size_t tensor_count,
                                  const char *what)
{
    TRY(mg_spend(reading, indices->count));
    for (size_t i = 0; i < indices->count; ++i) {
        int32_t index = indices->items[i];
        if (index < least || (index >= 0 && (size_t)index >= tensor_count))
            return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                           "subgraph %zu node %zu: %s %zu is tensor %d, the subgraph has %zu",
                           graph, node, what, i, (int)index, tensor_count);
    }
    return MIDGE_OK;
}

static midge_status read_custom_options(mg_reading *reading, const mg_Operator *source,
                                        size_t graph, size_t index, mg_node *node)
{
    node->custom_options = source->custom_options.items;
    node->custom_options_bytes = source->custom_options.count;
    if (node->op != MG_BUILTIN_CUSTOM || source->custom_options.count > 0 ||
        source->large_custom_options_offset <= 1)
        return MIDGE_OK;
    uint64_t total = reading->model->file_bytes;
    if (source->large_custom_options_offset > total ||
        source->large_custom_options_size > total - source->large_custom_options_offset)
        return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                       "subgraph %zu node %zu: custom options pass the end of the file", graph,
                       index);
    node->custom_options = reading->model->file + source->large_custom_options_offset;
    node->custom_options_bytes = (size_t)source->large_custom_options_size;
    return MIDGE_OK;
}

static midge_status read_code(mg_reading *reading, size_t graph, size_t index, uint32_t opcode,
                              mg_node *node)
{
    if (opcode >= reading->schema->operator_codes.count)
        return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                       "subgraph %zu node %zu: operator code %u, the file has %zu", graph, index,
                       (unsigned)opcode, reading->schema->operator_codes.count);
    const mg_OperatorCode *code = &reading->schema->operator_codes.items[opcode];
    node->op = effective_code(code);
    node->version = code->version;
    node->custom_name = code->custom_code != NULL ? code->custom_code : "";
    if (node->op < 0 || node->op == CODE_PLACEHOLDER || node->op == MG_BUILTIN_DELEGATE)
        return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                       "subgraph %zu node %zu: %d is no operator code", graph, index,
                       (int)node->op);
    return MIDGE_OK;
}

static midge_status read_node(mg_reading *reading, size_t graph, size_t index,
                              const mg_Operator *source, size_t tensor_count, mg_node *node)
{
    TRY(read_code(reading, graph, index, source->opcode_index, node));
    TRY(check_indices(reading, graph, index, &source->inputs, -1, tensor_count, "input"));
    TRY(check_indices(reading, graph, index, &source->outputs, 0, tensor_count, "output"));
    TRY(check_indices(reading, graph, index, &source->intermediates, 0, tensor_count,
                      "intermediate"));
    node->input_count = source->inputs.count;
    node->inputs = source->inputs.items;
    node->output_count = source->outputs.count;
    node->outputs = source->outputs.items;
    node->intermediate_count = source->intermediates.count;
    node->intermediates = source->intermediates.items;
    node->options_type = source->builtin_options_type;
    node->options = source->builtin_options != NULL ? source->builtin_options : no_options;
    node->options_2_type = source->builtin_options_2_type;
    node->options_2 = source->builtin_options_2 != NULL ? source->builtin_options_2 : no_options;
    return read_custom_options(reading, source, graph, index, node);
}

midge_status mg_read_nodes(mg_reading *reading, size_t graph, const mg_SubGraph *source,
                           mg_graph *target)
{
    void *memory = NULL;
    TRY(mg_region_get_array(&reading->model->region, source->operators.count, sizeof(mg_node),
                            &memory, reading->error));
    mg_node *nodes = memory;
    for (size_t i = 0; i < source->operators.count; ++i)
        TRY(read_node(reading, graph, i, &source->operators.items[i], target->tensor_count,
                      &nodes[i]));
    target->nodes = nodes;
    target->node_count = source->operators.count;
    return MIDGE_OK;
}

/* Puts a binding where its name belongs; of equal names the last one stays. */
static void insert_binding(mg_binding *sorted, size_t *count, mg_binding binding)
{
    size_t low = 0, high = *count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sorted[middle].name, binding.name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == *count || strcmp(sorted[low].name, binding.name) != 0) {
        memmove(sorted + low + 1, sorted + low, (*count - low) * sizeof *sorted);
        ++*count;
    }
    sorted[low] = binding;
}

/* What one binding costs: finding its place among the names, making room, finding its tensor. */
static midge_status spend_binding(mg_reading *reading, const char *name, size_t used,
                                  const mg_graph *graph)
{
    enum { MOST_COMPARISONS = 14 };
    uint64_t length = name != NULL ? strlen(name) : 0;
    return mg_spend(reading, length * MOST_COMPARISONS + used / 4 + graph->input_count);
}

static bool is_graph_input(const mg_graph *graph, int32_t tensor)
{
    for (size_t i = 0; i < graph->input_count; ++i)
        if (graph->inputs[i] == tensor) return true;
    return false;
}

static midge_status read_bindings(mg_reading *reading, const char *key, const mg_graph *graph,
                                  const mg_TensorMap_vector *source, bool inputs,
                                  const mg_binding **bindings, size_t *count)
{
    char text[TEXT];
    if (source->count > MAX_BINDINGS)
        return mg_fail(reading->error, MIDGE_LIMIT_EXCEEDED, "signature %s: %zu names pass %d",
                       mg_printable(key, text, sizeof text), source->count, MAX_BINDINGS);
    void *memory = NULL;
    TRY(mg_region_get_array(&reading->model->region, source->count, sizeof(mg_binding), &memory,
                            reading->error));
    mg_binding *made = memory;
    size_t used = 0;
    for (size_t i = 0; i < source->count; ++i) {
        const mg_TensorMap *map = &source->items[i];
        TRY(spend_binding(reading, map->name, used, graph));
        if (map->tensor_index >= graph->tensor_count)
            return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                           "signature %s: tensor %u does not exist, the subgraph has %zu",
                           mg_printable(key, text, sizeof text), (unsigned)map->tensor_index,
                           graph->tensor_count);
        if (inputs && !is_graph_input(graph, (int32_t)map->tensor_index))
            return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                           "signature %s: tensor %u is named as an input, but is none of its "
                           "subgraph's",
                           mg_printable(key, text, sizeof text), (unsigned)map->tensor_index);
        insert_binding(
            made, &used,
            (mg_binding){map->name != NULL ? map->name : "", (int32_t)map->tensor_index});
    }
    *bindings = made;
    *count = used;
    return MIDGE_OK;
}

midge_status mg_read_signatures(mg_reading *reading)
{
    midge_model *model = reading->model;
    size_t count = reading->schema->signature_defs.count;
    void *memory = NULL;
    TRY(mg_region_get_array(&model->region, count, sizeof(mg_signature), &memory, reading->error));
    mg_signature *signatures = memory;
    for (size_t i = 0; i < count; ++i) {
        const mg_SignatureDef *source = &reading->schema->signature_defs.items[i];
        if (source->signature_key == NULL)
            return mg_fail(reading->error, MIDGE_INVALID_MODEL, "signature %zu has no key", i);
        if (source->subgraph_index >= model->graph_count)
            return mg_fail(reading->error, MIDGE_INVALID_MODEL,
                           "signature %zu belongs to subgraph %u of %zu", i,
                           (unsigned)source->subgraph_index, model->graph_count);
        const mg_graph *graph = &model->graphs[source->subgraph_index];
        mg_signature *target = &signatures[i];
        target->key = source->signature_key;
        target->graph = (int32_t)source->subgraph_index;
        TRY(read_bindings(reading, target->key, graph, &source->inputs, true, &target->inputs,
                          &target->input_count));
        TRY(read_bindings(reading, target->key, graph, &source->outputs, false, &target->outputs,
                          &target->output_count));
    }
    model->signatures = signatures;
    model->signature_count = count;
    return MIDGE_OK;
}
