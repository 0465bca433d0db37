/* SPDX-License-Identifier: Apache-2.0 */
#include "model_builder.h"

#include <string.h>

enum { MOST_TENSORS = 2 * OP_MOST_TENSORS };

/* What the pieces of a model point at. Buffer 0 is the empty one that every file has. */
typedef struct building {
    mg_Tensor tensors[MOST_TENSORS];
    mg_QuantizationParameters quantizations[MOST_TENSORS];
    int64_t zero_points[MOST_TENSORS];
    mg_Buffer buffers[MOST_TENSORS + 1];
    int32_t node_inputs[OP_MOST_TENSORS];
    int32_t graph_inputs[OP_MOST_TENSORS];
    int32_t outputs[OP_MOST_TENSORS];
    size_t tensor_count;
    size_t buffer_count;
    size_t graph_input_count;
} building;

size_t op_elements(const op_tensor *tensor)
{
    size_t elements = 1;
    for (int32_t i = 0; i < tensor->rank; ++i) elements *= (size_t)tensor->shape[i];
    return elements;
}

static size_t data_bytes(const op_tensor *tensor)
{
    if (tensor->bytes > 0) return tensor->bytes;
    return (op_elements(tensor) * midge_type_bits(tensor->type) + 7) / 8;
}

static int32_t add_tensor(building *build, const op_tensor *source)
{
    size_t index = build->tensor_count++;
    mg_Tensor *tensor = &build->tensors[index];
    mg_QuantizationParameters *quantization = &build->quantizations[index];
    mg_schema_defaults(MG_TABLE_Tensor, tensor);
    tensor->name = "";
    tensor->type = (int8_t)source->type;
    tensor->shape = (mg_int32s){source->shape, (size_t)source->rank};
    tensor->has_rank = true;
    tensor->is_variable = source->variable;
    if (source->scale != 0 || source->scale_count > 0) {
        mg_schema_defaults(MG_TABLE_QuantizationParameters, quantization);
        build->zero_points[index] = source->zero_point;
        bool single = source->scale_count == 0;
        size_t count = single ? 1 : source->scale_count;
        quantization->scale = (mg_floats){single ? &source->scale : source->scales, count};
        quantization->zero_point =
            (mg_int64s){single ? &build->zero_points[index] : source->zero_points, count};
        quantization->quantized_dimension = source->axis;
        tensor->quantization = quantization;
    }
    if (source->constant) {
        tensor->buffer = (uint32_t)build->buffer_count;
        mg_Buffer *buffer = &build->buffers[build->buffer_count++];
        mg_schema_defaults(MG_TABLE_Buffer, buffer);
        buffer->data = (mg_bytes){source->data, data_bytes(source)};
    }
    return (int32_t)index;
}

static void add_tensors(building *build, const op_model *model)
{
    mg_schema_defaults(MG_TABLE_Buffer, &build->buffers[0]);
    build->buffer_count = 1;
    for (size_t i = 0; i < model->input_count; ++i) {
        const op_tensor *input = &model->inputs[i];
        build->node_inputs[i] = input->absent ? -1 : add_tensor(build, input);
        if (!input->absent && !input->constant && !input->variable)
            build->graph_inputs[build->graph_input_count++] = build->node_inputs[i];
    }
    for (size_t i = 0; i < model->output_count; ++i)
        build->outputs[i] = add_tensor(build, &model->outputs[i]);
}

midge_status op_write(const op_model *model, mg_heap *heap, void **file, size_t *bytes,
                      midge_error *error)
{
    building build = {.tensor_count = 0};
    mg_Model top;
    mg_OperatorCode code;
    mg_Operator node;
    mg_SubGraph graph;
    mg_schema_defaults(MG_TABLE_Model, &top);
    mg_schema_defaults(MG_TABLE_OperatorCode, &code);
    mg_schema_defaults(MG_TABLE_Operator, &node);
    mg_schema_defaults(MG_TABLE_SubGraph, &graph);
    add_tensors(&build, model);

    code.builtin_code = model->op;
    code.deprecated_builtin_code = (int8_t)(model->op < 127 ? model->op : 127);
    code.custom_code = model->custom_name;
    code.version = model->version > 0 ? model->version : 1;
    node.inputs = (mg_int32s){build.node_inputs, model->input_count};
    node.outputs = (mg_int32s){build.outputs, model->output_count};
    node.builtin_options_type = model->options_type;
    node.builtin_options = (void *)(uintptr_t)model->options;
    node.builtin_options_2_type = model->options_2_type;
    node.builtin_options_2 = (void *)(uintptr_t)model->options_2;
    if (model->custom_options_bytes > 0)
        node.custom_options = (mg_bytes){model->custom_options, model->custom_options_bytes};
    graph.name = "main";
    graph.tensors = (mg_Tensor_vector){build.tensors, build.tensor_count};
    graph.inputs = (mg_int32s){build.graph_inputs, build.graph_input_count};
    graph.outputs = (mg_int32s){build.outputs, model->output_count};
    graph.operators = (mg_Operator_vector){&node, 1};
    top.version = 3;
    top.operator_codes = (mg_OperatorCode_vector){&code, 1};
    top.subgraphs = (mg_SubGraph_vector){&graph, 1};
    top.buffers = (mg_Buffer_vector){build.buffers, build.buffer_count};
    return mg_schema_write(&top, heap, file, bytes, error);
}

static midge_status feed(const op_model *model, midge_session *session)
{
    size_t fed = 0;
    for (size_t i = 0; i < model->input_count; ++i) {
        const op_tensor *input = &model->inputs[i];
        if (input->absent || input->constant || input->variable) continue;
        TRY(midge_session_write_input(session, fed, input->data, data_bytes(input)));
        ++fed;
    }
    return MIDGE_OK;
}

/* A session's failure goes where a loader's goes. */
static midge_status note(op_running *running, midge_status status)
{
    if (status != MIDGE_OK)
        return mg_fail(&running->error, status, "%s", midge_session_message(running->session));
    return MIDGE_OK;
}

midge_status op_start(const op_model *model, const midge_session_options *options,
                      op_running *running)
{
    size_t bytes;
    *running = (op_running){.file = NULL};
    mg_heap_init(&running->heap, NULL, SIZE_MAX);
    TRY(op_write(model, &running->heap, &running->file, &bytes, &running->error));
    TRY(midge_model_load_memory(running->file, bytes, NULL, &running->model, &running->error));
    TRY(midge_session_create(running->model, options, &running->session, &running->error));
    TRY(note(running, feed(model, running->session)));
    return note(running, midge_session_invoke(running->session));
}

void op_stop(op_running *running)
{
    midge_session_free(running->session);
    midge_model_free(running->model);
    mg_heap_release(&running->heap, running->file);
}
