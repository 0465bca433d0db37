/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors, custom operators and kernels of midge.h. */
#include <stdarg.h>
#include <stdio.h>

#include "base/cpu.h"
#include "op/op.h"

const char *midge_tensor_name(const midge_tensor *tensor)
{
    return tensor->definition->name;
}

midge_type midge_tensor_type(const midge_tensor *tensor)
{
    return tensor->type;
}

int midge_tensor_rank(const midge_tensor *tensor)
{
    return (int)tensor->rank;
}

const int32_t *midge_tensor_shape(const midge_tensor *tensor)
{
    return tensor->shape;
}

const int32_t *midge_tensor_shape_signature(const midge_tensor *tensor, int *rank)
{
    if (rank != NULL) *rank = (int)tensor->definition->signature_rank;
    return tensor->definition->signature;
}

size_t midge_tensor_elements(const midge_tensor *tensor)
{
    return tensor->elements;
}

size_t midge_tensor_bytes(const midge_tensor *tensor)
{
    return tensor->bytes;
}

void *midge_tensor_data(const midge_tensor *tensor)
{
    return tensor->data;
}

bool midge_tensor_is_constant(const midge_tensor *tensor)
{
    return tensor->constant;
}

bool midge_tensor_is_variable(const midge_tensor *tensor)
{
    return tensor->definition->is_variable;
}

bool midge_tensor_is_dynamic(const midge_tensor *tensor)
{
    return tensor->dynamic;
}

midge_quantization midge_tensor_quantization(const midge_tensor *tensor)
{
    return tensor->quantization;
}

void *midge_op_user_data(const midge_op_context *context)
{
    return context->custom != NULL ? context->custom->user_data : NULL;
}

void *midge_op_state(const midge_op_context *context)
{
    return context->custom_state;
}

const void *midge_op_options(const midge_op_context *context, size_t *bytes)
{
    if (bytes != NULL) *bytes = context->node->custom_options_bytes;
    return context->node->custom_options;
}

size_t midge_op_input_count(const midge_op_context *context)
{
    return context->input_count;
}

size_t midge_op_output_count(const midge_op_context *context)
{
    return context->output_count;
}

midge_tensor *midge_op_input(const midge_op_context *context, size_t index)
{
    return mg_input(context, index);
}

midge_tensor *midge_op_output(const midge_op_context *context, size_t index)
{
    return mg_output(context, index);
}

midge_status midge_op_set_output_shape(midge_op_context *context, size_t index, int rank,
                                       const int32_t *shape)
{
    if (index >= context->output_count)
        return mg_op_fail(context, MIDGE_INVALID_ARGUMENT, "output %zu does not exist", index);
    if (shape == NULL && rank > 0)
        return mg_op_fail(context, MIDGE_INVALID_ARGUMENT, "the shape of output %zu is NULL",
                          index);
    if (context->outputs[index]->dynamic) return mg_resize_output(context, index, rank, shape);
    return mg_set_output_shape(context, index, rank, shape);
}

void midge_op_place(const midge_op_context *context, size_t *graph, size_t *node)
{
    *graph = (size_t)context->services->graph_index(context);
    *node = (size_t)context->services->node_index(context);
}

midge_status midge_op_set_output_bytes(midge_op_context *context, size_t index, size_t bytes)
{
    if (index >= context->output_count || context->outputs[index]->type != MIDGE_STRING)
        return mg_op_fail(context, MIDGE_INVALID_ARGUMENT, "output %zu is no string tensor", index);
    return mg_resize_output_bytes(context, index, bytes);
}

midge_status midge_op_set_output_dynamic(midge_op_context *context, size_t index)
{
    if (index >= context->output_count)
        return mg_op_fail(context, MIDGE_INVALID_ARGUMENT, "output %zu does not exist", index);
    return mg_set_output_dynamic(context, index);
}

midge_status midge_op_request_scratch(midge_op_context *context, size_t bytes)
{
    return mg_request_scratch(context, bytes);
}

void *midge_op_scratch(const midge_op_context *context)
{
    return context->scratch;
}

midge_status midge_op_fail(midge_op_context *context, midge_status status, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return mg_op_fail(context, status, "%s", text);
}

size_t midge_kernel_count(void)
{
    size_t count;
    (void)mg_kernel_rows(&count);
    return count;
}

bool midge_kernel(size_t index, midge_kernel_info *kernel)
{
    size_t count;
    const mg_kernel_row *rows = mg_kernel_rows(&count);
    if (kernel == NULL || index >= count) return false;
    const mg_kernel_row *row = &rows[index];
    uint32_t tiers = mg_cpu_tiers();
    *kernel = (midge_kernel_info){.family = mg_kernel_family_name(row->family),
                                  .types = row->types,
                                  .tier = mg_tier_name(row->tier),
                                  .name = row->name,
                                  .available = (row->tier & tiers) != 0,
                                  .selected = mg_kernel_selected(row->family, tiers) == row};
    return true;
}

const char *midge_cpu_tier(void)
{
    return mg_tier_name(mg_cpu_tiers());
}
