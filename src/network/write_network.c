/* SPDX-License-Identifier: Apache-2.0 */
/* A network as a file: what is used, renumbered, each constant once. */
#include <string.h>

#include "network/network.h"
#include "op/op.h"

typedef struct writing {
    mg_network *network;
    mg_Model *model;
    size_t buffer_capacity;
    uint32_t *buckets; /* of buffers by hash of their bytes; 0: free */
    size_t bucket_count;
} writing;

static midge_status get(const writing *at, size_t count, size_t bytes, void **memory)
{
    return mg_region_get_array(&at->network->region, count, bytes, memory, at->network->error);
}

/* ---- Buffers ---- */

static uint64_t hash_bytes(const unsigned char *bytes, size_t count)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a, eight bytes a step */
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    for (; count > 0; ++bytes, --count) hash = (hash ^ *bytes) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

/* The buffer with these bytes; buffer 0 for none. Bytes that are there already are shared. */
static uint32_t place_bytes(writing *at, const void *data, size_t bytes)
{
    if (data == NULL || bytes == 0) return 0;
    size_t slot = (size_t)(hash_bytes(data, bytes) % at->bucket_count);
    for (; at->buckets[slot] != 0; slot = (slot + 1) % at->bucket_count) {
        const mg_bytes *have = &at->model->buffers.items[at->buckets[slot]].data;
        if (have->count == bytes && memcmp(have->items, data, bytes) == 0) return at->buckets[slot];
    }
    uint32_t index = (uint32_t)at->model->buffers.count++;
    mg_Buffer *buffer = &at->model->buffers.items[index];
    mg_schema_defaults(MG_TABLE_Buffer, buffer);
    buffer->data = (mg_bytes){data, bytes};
    at->buckets[slot] = index;
    return index;
}

static midge_status begin_buffers(writing *at)
{
    size_t most = at->network->metadata_count + 2;
    for (size_t g = 0; g < at->network->graph_count; ++g)
        most += at->network->graphs[g].tensor_count;
    void *memory = NULL;
    TRY(get(at, most, sizeof(mg_Buffer), &memory));
    at->model->buffers = (mg_Buffer_vector){memory, 1};
    mg_schema_defaults(MG_TABLE_Buffer, memory);
    at->bucket_count = 2 * most + 1;
    TRY(get(at, at->bucket_count, sizeof(uint32_t), &memory));
    at->buckets = memory;
    return MIDGE_OK;
}

/* ---- What is used ---- */

static bool is_needed(const mg_network_node *node, const bool *used)
{
    const mg_op *row = mg_op_find(node->op, node->custom_name);
    if (row == NULL || (row->flags & MG_OP_STATEFUL) != 0 || node->output_count == 0) return true;
    for (size_t k = 0; k < node->output_count; ++k)
        if (used[node->outputs[k]]) return true;
    return false;
}

static void mark(bool *used, size_t count, const int32_t *tensors)
{
    for (size_t k = 0; k < count; ++k)
        if (tensors[k] >= 0) used[tensors[k]] = true;
}

/* Scales may stand in tensors of their own. */
static void mark_details(const mg_network_graph *graph, bool *used)
{
    for (size_t i = 0; i < graph->tensor_count; ++i) {
        const mg_QuantizationParameters *details = graph->tensors[i].details;
        if (!used[i] || details == NULL) continue;
        if (details->details_type == MG_DETAILS_BlockwiseQuantization) {
            const mg_BlockwiseQuantization *block = details->details;
            mark(used, 2, (int32_t[]){block->scales, block->zero_points});
        } else if (details->details_type == MG_DETAILS_MultiAxisQuantization) {
            const mg_MultiAxisQuantization *axes = details->details;
            mark(used, 2, (int32_t[]){axes->scales, axes->zero_points});
        }
    }
}

/* Nodes that lead to no output are marked removed; tensors that stay are marked used. */
static void find_used(const mg_network_graph *graph, bool *used)
{
    mark(used, graph->input_count, graph->inputs);
    mark(used, graph->output_count, graph->outputs);
    for (size_t n = graph->node_count; n-- > 0;) {
        mg_network_node *node = &graph->nodes[n];
        if (node->removed) continue;
        if (!is_needed(node, used)) {
            node->removed = true;
            continue;
        }
        mark(used, node->input_count, node->inputs);
        mark(used, node->output_count, node->outputs);
        mark(used, node->intermediate_count, node->intermediates);
    }
    mark_details(graph, used);
}

/* ---- Tensors and nodes ---- */

static midge_status write_quantization(writing *at, const mg_network_tensor *source,
                                       const int32_t *numbers, mg_Tensor *tensor)
{
    bool ranged = source->ranged && source->type == MIDGE_FLOAT32;
    if (source->quantization.count == 0 && source->details == NULL && !ranged) return MIDGE_OK;
    void *memory = NULL;
    TRY(get(at, 1, sizeof(mg_QuantizationParameters), &memory));
    mg_QuantizationParameters *parameters = memory;
    mg_schema_defaults(MG_TABLE_QuantizationParameters, parameters);
    tensor->quantization = parameters;
    parameters->scale = (mg_floats){source->quantization.scale, source->quantization.count};
    parameters->zero_point =
        (mg_int64s){source->quantization.zero_point, source->quantization.count};
    parameters->quantized_dimension = source->quantization.axis;
    if (ranged) {
        TRY(get(at, 2, sizeof(float), &memory));
        float *range = memory;
        range[0] = source->least;
        range[1] = source->most;
        parameters->min = (mg_floats){range, 1};
        parameters->max = (mg_floats){range + 1, 1};
    }
    if (source->details == NULL) return MIDGE_OK;
    *parameters = *source->details;
    if (parameters->details_type == MG_DETAILS_BlockwiseQuantization) {
        TRY(get(at, 1, sizeof(mg_BlockwiseQuantization), &memory));
        mg_BlockwiseQuantization *block = memory;
        *block = *(const mg_BlockwiseQuantization *)source->details->details;
        block->scales = numbers[block->scales];
        if (block->zero_points >= 0) block->zero_points = numbers[block->zero_points];
        parameters->details = block;
    } else if (parameters->details_type == MG_DETAILS_MultiAxisQuantization) {
        TRY(get(at, 1, sizeof(mg_MultiAxisQuantization), &memory));
        mg_MultiAxisQuantization *axes = memory;
        *axes = *(const mg_MultiAxisQuantization *)source->details->details;
        axes->scales = numbers[axes->scales];
        if (axes->zero_points >= 0) axes->zero_points = numbers[axes->zero_points];
        parameters->details = axes;
    }
    return MIDGE_OK;
}

static midge_status write_tensor(writing *at, const mg_network_tensor *source,
                                 const int32_t *numbers, mg_Tensor *tensor)
{
    mg_schema_defaults(MG_TABLE_Tensor, tensor);
    void *memory = NULL;
    TRY(get(at, 2 * MIDGE_MAX_RANK, sizeof(int32_t), &memory));
    int32_t *shape = memory, *signature = shape + MIDGE_MAX_RANK;
    bool open = false;
    for (int32_t i = 0; i < source->rank; ++i) {
        shape[i] = source->shape[i];
        signature[i] = source->open[i] ? -1 : source->shape[i];
        open = open || source->open[i];
    }
    tensor->name = source->name;
    tensor->type = (int8_t)source->type;
    tensor->shape = (mg_int32s){shape, (size_t)source->rank};
    if (open) tensor->shape_signature = (mg_int32s){signature, (size_t)source->rank};
    tensor->has_rank = true;
    tensor->is_variable = source->is_variable;
    tensor->buffer = place_bytes(at, source->data, source->bytes);
    tensor->sparsity = (mg_SparsityParameters *)(uintptr_t)source->sparsity;
    return write_quantization(at, source, numbers, tensor);
}

static midge_status renumber(const writing *at, size_t count, const int32_t *tensors,
                             const int32_t *numbers, mg_int32s *list)
{
    void *memory = NULL;
    TRY(get(at, count, sizeof(int32_t), &memory));
    int32_t *made = memory;
    for (size_t k = 0; k < count; ++k) made[k] = tensors[k] < 0 ? -1 : numbers[tensors[k]];
    *list = (mg_int32s){made, count};
    return MIDGE_OK;
}

/* The entry of the operator table for an operator and version. */
static uint32_t code_of(const writing *at, const mg_network_graph *graph,
                        const mg_network_node *node)
{
    mg_OperatorCode_vector *codes = &at->model->operator_codes;
    int32_t version = mg_network_version(graph, node);
    for (size_t i = 0; i < codes->count; ++i) {
        const mg_OperatorCode *code = &codes->items[i];
        if (code->builtin_code == node->op && code->version == version &&
            (node->op != MG_BUILTIN_CUSTOM || strcmp(code->custom_code, node->custom_name) == 0))
            return (uint32_t)i;
    }
    mg_OperatorCode *code = &codes->items[codes->count];
    mg_schema_defaults(MG_TABLE_OperatorCode, code);
    code->builtin_code = node->op;
    /* The first field is for readers that know only the one-byte code. */
    code->deprecated_builtin_code = (int8_t)(node->op < 127 ? node->op : 127);
    code->version = version;
    if (node->op == MG_BUILTIN_CUSTOM) code->custom_code = node->custom_name;
    return (uint32_t)codes->count++;
}

static midge_status write_node(const writing *at, const mg_network_graph *graph,
                               const mg_network_node *source, const int32_t *numbers,
                               mg_Operator *node)
{
    mg_schema_defaults(MG_TABLE_Operator, node);
    node->opcode_index = code_of(at, graph, source);
    TRY(renumber(at, source->input_count, source->inputs, numbers, &node->inputs));
    TRY(renumber(at, source->output_count, source->outputs, numbers, &node->outputs));
    if (source->intermediate_count > 0)
        TRY(renumber(at, source->intermediate_count, source->intermediates, numbers,
                     &node->intermediates));
    node->builtin_options_type = source->options != NULL ? source->options_type : 0;
    node->builtin_options = source->options;
    node->builtin_options_2_type = source->options_2 != NULL ? source->options_2_type : 0;
    node->builtin_options_2 = source->options_2;
    if (source->custom_options_bytes > 0)
        node->custom_options = (mg_bytes){source->custom_options, source->custom_options_bytes};
    return MIDGE_OK;
}

static midge_status write_graph(writing *at, const mg_network_graph *source, int32_t **numbers,
                                mg_SubGraph *graph)
{
    void *memory = NULL;
    mg_schema_defaults(MG_TABLE_SubGraph, graph);
    graph->name = source->name;
    TRY(get(at, source->tensor_count, sizeof(bool), &memory));
    bool *used = memory;
    find_used(source, used);
    TRY(get(at, source->tensor_count, sizeof(int32_t), &memory));
    *numbers = memory;
    for (size_t i = 0; i < source->tensor_count; ++i)
        if (used[i]) (*numbers)[i] = (int32_t)graph->tensors.count++;
    TRY(get(at, graph->tensors.count, sizeof(mg_Tensor), &memory));
    graph->tensors.items = memory;
    for (size_t i = 0; i < source->tensor_count; ++i)
        if (used[i])
            TRY(write_tensor(at, &source->tensors[i], *numbers,
                             &graph->tensors.items[(*numbers)[i]]));
    TRY(get(at, source->node_count, sizeof(mg_Operator), &memory));
    graph->operators.items = memory;
    for (size_t n = 0; n < source->node_count; ++n)
        if (!source->nodes[n].removed)
            TRY(write_node(at, source, &source->nodes[n], *numbers,
                           &graph->operators.items[graph->operators.count++]));
    TRY(renumber(at, source->input_count, source->inputs, *numbers, &graph->inputs));
    return renumber(at, source->output_count, source->outputs, *numbers, &graph->outputs);
}

/* ---- The rest of the file ---- */

static midge_status write_bindings(const writing *at, size_t count,
                                   const mg_network_binding *source, const int32_t *numbers,
                                   mg_TensorMap_vector *maps)
{
    void *memory = NULL;
    TRY(get(at, count, sizeof(mg_TensorMap), &memory));
    *maps = (mg_TensorMap_vector){memory, count};
    for (size_t i = 0; i < count; ++i)
        maps->items[i] = (mg_TensorMap){source[i].name, (uint32_t)numbers[source[i].tensor]};
    return MIDGE_OK;
}

static midge_status write_signatures(const writing *at, int32_t *const *numbers)
{
    const mg_network *network = at->network;
    void *memory = NULL;
    if (network->signature_count == 0) return MIDGE_OK;
    TRY(get(at, network->signature_count, sizeof(mg_SignatureDef), &memory));
    at->model->signature_defs = (mg_SignatureDef_vector){memory, network->signature_count};
    for (size_t i = 0; i < network->signature_count; ++i) {
        const mg_network_signature *source = &network->signatures[i];
        mg_SignatureDef *target = &at->model->signature_defs.items[i];
        mg_schema_defaults(MG_TABLE_SignatureDef, target);
        target->signature_key = source->key;
        target->subgraph_index = (uint32_t)source->graph;
        const int32_t *of_graph = numbers[source->graph];
        TRY(write_bindings(at, source->input_count, source->inputs, of_graph, &target->inputs));
        TRY(write_bindings(at, source->output_count, source->outputs, of_graph, &target->outputs));
    }
    return MIDGE_OK;
}

static midge_status write_metadata(writing *at)
{
    const mg_network *network = at->network;
    void *memory = NULL;
    if (network->metadata_count == 0) return MIDGE_OK;
    TRY(get(at, network->metadata_count, sizeof(mg_Metadata), &memory));
    at->model->metadata = (mg_Metadata_vector){memory, network->metadata_count};
    for (size_t i = 0; i < network->metadata_count; ++i) {
        const mg_network_metadata *source = &network->metadata[i];
        at->model->metadata.items[i] =
            (mg_Metadata){source->name, place_bytes(at, source->data, source->bytes)};
    }
    return MIDGE_OK;
}

midge_status mg_network_write(mg_network *network, void **bytes, size_t *size)
{
    mg_Model model;
    writing at = {.network = network, .model = &model};
    void *memory = NULL;
    size_t nodes = 0;
    mg_schema_defaults(MG_TABLE_Model, &model);
    model.version = 3;
    model.description = network->description;
    TRY(begin_buffers(&at));
    for (size_t g = 0; g < network->graph_count; ++g) nodes += network->graphs[g].node_count;
    TRY(get(&at, nodes, sizeof(mg_OperatorCode), &memory));
    model.operator_codes.items = memory;
    TRY(get(&at, network->graph_count, sizeof(mg_SubGraph), &memory));
    model.subgraphs = (mg_SubGraph_vector){memory, network->graph_count};
    TRY(get(&at, network->graph_count, sizeof(int32_t *), &memory));
    int32_t **numbers = memory;
    for (size_t g = 0; g < network->graph_count; ++g)
        TRY(write_graph(&at, &network->graphs[g], &numbers[g], &model.subgraphs.items[g]));
    TRY(write_signatures(&at, numbers));
    TRY(write_metadata(&at));
    return mg_schema_write(&model, network->heap, bytes, size, network->error);
}
