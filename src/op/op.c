/* SPDX-License-Identifier: Apache-2.0 */
#include "op/op.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

midge_status mg_op_fail(midge_op_context *context, midge_status status, const char *format, ...)
{
    midge_error *error = context->error;
    if (error == NULL) return status;
    char name[80];
    const char *op = context->node->op == MG_BUILTIN_CUSTOM ? context->node->custom_name
                                                            : mg_builtin_name(context->node->op);
    int used = snprintf(error->message, sizeof error->message,
                        "node %d %s: ", (int)context->services->node_index(context),
                        mg_printable(op, name, sizeof name));
    if (used < 0 || (size_t)used >= sizeof error->message) used = 0;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->message + used, sizeof error->message - (size_t)used, format, arguments);
    va_end(arguments);
    error->status = status;
    return status;
}

midge_status mg_prepared(midge_op_context *context, size_t bytes, void **memory)
{
    TRY(context->services->prepared(context, bytes, memory));
    context->prepared = *memory;
    return MIDGE_OK;
}

midge_status mg_packed(midge_op_context *context, size_t bytes, void **memory, bool *fresh)
{
    return context->services->packed(context, bytes, memory, fresh);
}

midge_status mg_request_scratch(midge_op_context *context, size_t bytes)
{
    return context->services->scratch(context, bytes);
}

void mg_name_kernel(midge_op_context *context, const void *kernel)
{
    context->kernel_name = mg_kernel_name(kernel);
}

midge_status mg_set_output_shape(midge_op_context *context, size_t index, int32_t rank,
                                 const int32_t *shape)
{
    return context->services->set_shape(context, context->outputs[index], rank, shape);
}

midge_status mg_set_output_like(midge_op_context *context, size_t index, const midge_tensor *tensor)
{
    return mg_set_output_shape(context, index, tensor->rank, tensor->shape);
}

midge_status mg_set_output_dynamic(midge_op_context *context, size_t index)
{
    return context->services->set_dynamic(context, context->outputs[index]);
}

midge_status mg_resize_output(midge_op_context *context, size_t index, int32_t rank,
                              const int32_t *shape)
{
    return context->services->resize(context, context->outputs[index], rank, shape);
}

midge_status mg_resize_output_bytes(midge_op_context *context, size_t index, size_t bytes)
{
    return context->services->resize_bytes(context, context->outputs[index], bytes);
}

int mg_worker_count(const midge_op_context *context)
{
    return mg_pool_threads(context->pool);
}

midge_status mg_subgraph_prepare(midge_op_context *context, int32_t graph, size_t input_count,
                                 midge_tensor *const *inputs, size_t *output_count,
                                 midge_tensor *const **outputs)
{
    return context->services->subgraph(context, graph, input_count, inputs, output_count, outputs,
                                       false);
}

midge_status mg_subgraph_invoke(midge_op_context *context, int32_t graph, size_t input_count,
                                midge_tensor *const *inputs, size_t *output_count,
                                midge_tensor *const **outputs)
{
    return context->services->subgraph(context, graph, input_count, inputs, output_count, outputs,
                                       true);
}

const mg_graph *mg_subgraph_definition(midge_op_context *context, int32_t graph)
{
    return context->services->definition(context, graph);
}

midge_status mg_count_iteration(midge_op_context *context)
{
    return context->services->count_iteration(context);
}

midge_op_context *mg_maker(midge_op_context *context, const midge_tensor *operand, int32_t op)
{
    return context->services->maker(context, operand, op);
}

void mg_take_over(midge_op_context *context, const midge_tensor *operand)
{
    context->services->take_over(context, operand);
}

bool mg_absorb(midge_op_context *context, const midge_tensor *operand, int32_t op,
               const midge_tensor *source)
{
    return context->services->absorb(context, operand, op, source);
}

struct mg_resources *mg_session_resources(midge_op_context *context)
{
    return context->services->resources(context);
}
