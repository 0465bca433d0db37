/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void *piece(graph_builder *builder, size_t bytes)
{
    void *memory = NULL;
    assert_int_equal(mg_region_get(&builder->region, bytes, &memory, NULL), MIDGE_OK);
    return memory;
}

static void *copy(graph_builder *builder, const void *data, size_t bytes)
{
    void *memory = piece(builder, bytes);
    if (bytes > 0) memcpy(memory, data, bytes);
    return memory;
}

static mg_int32s copy_int32s(graph_builder *builder, size_t count, const int32_t *values)
{
    return (mg_int32s){copy(builder, values, count * sizeof *values), count};
}

void builder_begin(graph_builder *builder)
{
    memset(builder, 0, sizeof *builder);
    mg_heap_init(&builder->heap, NULL, SIZE_MAX);
    mg_region_init(&builder->region, &builder->heap);
    mg_schema_defaults(MG_TABLE_Model, &builder->model);
    builder->model.version = 3;
    builder->model.subgraphs.items = builder->subgraphs;
    builder->model.operator_codes.items = builder->codes;
    builder->model.buffers = (mg_Buffer_vector){builder->buffers, 1};
    mg_schema_defaults(MG_TABLE_Buffer, &builder->buffers[0]);
    (void)builder_subgraph(builder);
}

void builder_end(graph_builder *builder)
{
    midge_session_free(builder->session);
    midge_model_free(builder->loaded);
    mg_heap_release(&builder->heap, builder->file);
    mg_region_free(&builder->region);
    assert_int_equal(builder->heap.live, 0);
}

int32_t builder_subgraph(graph_builder *builder)
{
    size_t index = builder->model.subgraphs.count++;
    assert_true(index < BUILDER_MOST_GRAPHS);
    builder->graph = index;
    builder->graphs[index] = piece(builder, sizeof(builder_graph));
    mg_SubGraph *subgraph = &builder->subgraphs[index];
    mg_schema_defaults(MG_TABLE_SubGraph, subgraph);
    subgraph->tensors.items = builder->graphs[index]->tensors;
    subgraph->operators.items = builder->graphs[index]->nodes;
    subgraph->inputs.items = builder->graphs[index]->inputs;
    subgraph->outputs.items = builder->graphs[index]->outputs;
    return (int32_t)index;
}

int32_t builder_tensor(graph_builder *builder, midge_type type, int32_t rank, const int32_t *shape)
{
    mg_SubGraph *subgraph = &builder->subgraphs[builder->graph];
    size_t index = subgraph->tensors.count++;
    assert_true(index < BUILDER_MOST_TENSORS);
    mg_Tensor *tensor = &subgraph->tensors.items[index];
    mg_schema_defaults(MG_TABLE_Tensor, tensor);
    char *name = piece(builder, 24);
    (void)snprintf(name, 24, "t%zu", index);
    tensor->name = name;
    tensor->type = (int8_t)type;
    tensor->shape = copy_int32s(builder, (size_t)rank, shape);
    tensor->has_rank = true;
    return (int32_t)index;
}

static void append(int32_t *ends, mg_int32s *list, int32_t tensor)
{
    assert_true(list->count < BUILDER_MOST_ENDS);
    ends[list->count++] = tensor;
}

int32_t builder_input(graph_builder *builder, midge_type type, int32_t rank, const int32_t *shape)
{
    int32_t tensor = builder_tensor(builder, type, rank, shape);
    append(builder->graphs[builder->graph]->inputs, &builder->subgraphs[builder->graph].inputs,
           tensor);
    return tensor;
}

int32_t builder_output(graph_builder *builder, midge_type type, int32_t rank, const int32_t *shape)
{
    int32_t tensor = builder_tensor(builder, type, rank, shape);
    append(builder->graphs[builder->graph]->outputs, &builder->subgraphs[builder->graph].outputs,
           tensor);
    return tensor;
}

int32_t builder_constant(graph_builder *builder, midge_type type, int32_t rank,
                         const int32_t *shape, const void *data, size_t bytes)
{
    int32_t tensor = builder_tensor(builder, type, rank, shape);
    size_t index = builder->model.buffers.count++;
    assert_true(index < sizeof builder->buffers / sizeof builder->buffers[0]);
    mg_Buffer *buffer = &builder->buffers[index];
    mg_schema_defaults(MG_TABLE_Buffer, buffer);
    buffer->data = (mg_bytes){copy(builder, data, bytes), bytes};
    builder_at(builder, tensor)->buffer = (uint32_t)index;
    return tensor;
}

int32_t builder_int32s(graph_builder *builder, size_t count, const int32_t *values)
{
    const int32_t shape = (int32_t)count;
    return builder_constant(builder, MIDGE_INT32, 1, &shape, values, count * sizeof *values);
}

int32_t builder_variable(graph_builder *builder, midge_type type, int32_t rank,
                         const int32_t *shape)
{
    int32_t tensor = builder_tensor(builder, type, rank, shape);
    builder_at(builder, tensor)->is_variable = true;
    return tensor;
}

mg_Tensor *builder_at(graph_builder *builder, int32_t tensor)
{
    return &builder->subgraphs[builder->graph].tensors.items[tensor];
}

void builder_quantize(graph_builder *builder, int32_t tensor, float scale, int64_t zero_point)
{
    builder_quantize_channels(builder, tensor, 1, &scale, &zero_point, 0);
}

void builder_quantize_channels(graph_builder *builder, int32_t tensor, size_t count,
                               const float *scales, const int64_t *zero_points, int32_t axis)
{
    mg_QuantizationParameters *parameters = piece(builder, sizeof *parameters);
    mg_schema_defaults(MG_TABLE_QuantizationParameters, parameters);
    parameters->scale = (mg_floats){copy(builder, scales, count * sizeof *scales), count};
    parameters->zero_point =
        (mg_int64s){copy(builder, zero_points, count * sizeof *zero_points), count};
    parameters->quantized_dimension = axis;
    builder_at(builder, tensor)->quantization = parameters;
}

static uint32_t add_code(graph_builder *builder, int32_t op, const char *custom)
{
    size_t index = builder->model.operator_codes.count++;
    assert_true(index < BUILDER_MOST_NODES);
    mg_OperatorCode *code = &builder->codes[index];
    mg_schema_defaults(MG_TABLE_OperatorCode, code);
    code->builtin_code = op;
    code->deprecated_builtin_code = (int8_t)(op < 127 ? op : 127);
    code->custom_code = custom;
    return (uint32_t)index;
}

static mg_Operator *add_node(graph_builder *builder, uint32_t code, size_t input_count,
                             const int32_t *inputs, size_t output_count, const int32_t *outputs)
{
    mg_SubGraph *subgraph = &builder->subgraphs[builder->graph];
    size_t index = subgraph->operators.count++;
    assert_true(index < BUILDER_MOST_NODES);
    mg_Operator *node = &subgraph->operators.items[index];
    mg_schema_defaults(MG_TABLE_Operator, node);
    node->opcode_index = code;
    node->inputs = copy_int32s(builder, input_count, inputs);
    node->outputs = copy_int32s(builder, output_count, outputs);
    return node;
}

mg_Operator *builder_node(graph_builder *builder, int32_t op, size_t input_count,
                          const int32_t *inputs, size_t output_count, const int32_t *outputs)
{
    return add_node(builder, add_code(builder, op, NULL), input_count, inputs, output_count,
                    outputs);
}

mg_Operator *builder_custom(graph_builder *builder, const char *name, size_t input_count,
                            const int32_t *inputs, size_t output_count, const int32_t *outputs)
{
    return add_node(builder, add_code(builder, MG_BUILTIN_CUSTOM, name), input_count, inputs,
                    output_count, outputs);
}

void builder_options(mg_Operator *node, uint8_t tag, void *options)
{
    node->builtin_options_type = tag;
    node->builtin_options = options;
}

static mg_TensorMap_vector name_ends(graph_builder *builder, const mg_int32s *ends, char letter)
{
    mg_TensorMap *maps = piece(builder, (ends->count + 1) * sizeof *maps);
    for (size_t i = 0; i < ends->count; ++i) {
        char *name = piece(builder, 24);
        (void)snprintf(name, 24, "%c%zu", letter, i);
        maps[i] = (mg_TensorMap){name, (uint32_t)ends->items[i]};
    }
    return (mg_TensorMap_vector){maps, ends->count};
}

void builder_signature(graph_builder *builder, const char *key)
{
    mg_SignatureDef *signature = &builder->signatures[builder->model.signature_defs.count++];
    const mg_SubGraph *subgraph = &builder->subgraphs[builder->graph];
    mg_schema_defaults(MG_TABLE_SignatureDef, signature);
    signature->signature_key = key;
    signature->subgraph_index = (uint32_t)builder->graph;
    signature->inputs = name_ends(builder, &subgraph->inputs, 'x');
    signature->outputs = name_ends(builder, &subgraph->outputs, 'y');
    builder->model.signature_defs.items = builder->signatures;
}

void builder_write(graph_builder *builder)
{
    mg_heap_release(&builder->heap, builder->file);
    builder->file = NULL;
    if (mg_schema_write(&builder->model, &builder->heap, &builder->file, &builder->file_bytes,
                        &builder->error) != MIDGE_OK)
        fail_msg("the model cannot be written: %s", builder->error.message);
}

midge_status builder_session(graph_builder *builder, const midge_session_options *options)
{
    builder_write(builder);
    midge_status status = midge_model_load_memory(builder->file, builder->file_bytes, NULL,
                                                  &builder->loaded, &builder->error);
    if (status != MIDGE_OK) return status;
    return midge_session_create(builder->loaded, options, &builder->session, &builder->error);
}

void builder_run(graph_builder *builder, const void *const *inputs)
{
    if (builder_session(builder, NULL) != MIDGE_OK) fail_msg("%s", builder->error.message);
    for (size_t i = 0; inputs != NULL && i < midge_session_input_count(builder->session); ++i) {
        midge_tensor *input = midge_session_input(builder->session, i);
        if (inputs[i] != NULL && midge_tensor_bytes(input) > 0)
            memcpy(midge_tensor_data(input), inputs[i], midge_tensor_bytes(input));
    }
    if (midge_session_invoke(builder->session) != MIDGE_OK)
        fail_msg("%s", midge_session_message(builder->session));
}

const void *builder_data(const graph_builder *builder, size_t index)
{
    return midge_tensor_data(midge_session_output(builder->session, index));
}

size_t builder_elements(const graph_builder *builder, size_t index)
{
    return midge_tensor_elements(midge_session_output(builder->session, index));
}
