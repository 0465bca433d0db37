/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of TfLiteContext, for operators and delegates of the program. They see the whole
 * subgraph; what they may change is what an operator may: shapes of its outputs, and temporaries.
 */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

tfl_graph *tfl_graph_of(const TfLiteContext *context)
{
    return context->impl_;
}

static TfLiteStatus get_execution_plan(TfLiteContext *context, TfLiteIntArray **execution_plan)
{
    tfl_graph *graph = tfl_graph_of(context);
    TfLiteIntArray *copy = tfl_nodes_make(graph) ? TfLiteIntArrayCopy(graph->plan) : NULL;
    if (copy == NULL) return kTfLiteError;
    TfLiteIntArrayFree(graph->given_plan);
    graph->given_plan = *execution_plan = copy;
    return kTfLiteOk;
}

static TfLiteStatus get_node(TfLiteContext *context, int node_index, TfLiteNode **node,
                             TfLiteRegistration **registration)
{
    tfl_graph *graph = tfl_graph_of(context);
    if (!tfl_nodes_make(graph) || node_index < 0 || (size_t)node_index >= graph->node_count)
        return kTfLiteError;
    *node = &graph->nodes[node_index].node;
    *registration = &graph->nodes[node_index].registration;
    return kTfLiteOk;
}

static void report_error(TfLiteContext *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void report_error(TfLiteContext *context, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tfl_report_va(&tfl_graph_of(context)->interpreter->reporter, format, arguments);
    va_end(arguments);
}

static TfLiteStatus add_tensors(TfLiteContext *context, int tensors_to_add,
                                int *first_new_tensor_index)
{
    tfl_graph *graph = tfl_graph_of(context);
    if (tensors_to_add < 0 ||
        (size_t)tensors_to_add > graph->tensor_capacity - context->tensors_size) {
        report_error(context, "%d tensors cannot be added: there is room for %zu", tensors_to_add,
                     graph->tensor_capacity - context->tensors_size);
        return kTfLiteError;
    }
    if (first_new_tensor_index != NULL) *first_new_tensor_index = (int)context->tensors_size;
    for (int i = 0; i < tensors_to_add; ++i) {
        TfLiteTensor *tensor = &context->tensors[context->tensors_size++];
        tensor->buffer_handle = kTfLiteNullBufferHandle;
        tensor->name = "";
    }
    return kTfLiteOk;
}

/* Memory that lasts until the next resize stands for every way to allocate a temporary. */
static TfLiteStatus resize_temporary(TfLiteTensor *tensor, TfLiteIntArray *dims)
{
    if (tensor->allocation_type == kTfLiteDynamic) return tfl_tensor_resize(tensor, dims);
    TfLiteAllocationType kept = tensor->allocation_type;
    tensor->allocation_type = kTfLiteDynamic;
    TfLiteStatus status = tfl_tensor_resize(tensor, dims);
    tensor->allocation_type = kept;
    return status;
}

static TfLiteStatus resize_output(tfl_graph *graph, size_t output, TfLiteTensor *tensor,
                                  TfLiteIntArray *dims)
{
    tfl_node *node = graph->active;
    if (tensor->allocation_type == kTfLiteDynamic) {
        if (!node->preparing) return tfl_tensor_resize(tensor, dims);
        TfLiteIntArrayFree(tensor->dims);
        tensor->dims = dims;
        return kTfLiteOk;
    }
    bool same = TfLiteIntArrayEqual(tensor->dims, dims) != 0;
    TfLiteStatus status = kTfLiteOk;
    if (node->preparing) {
        status = tfl_status(midge_op_set_output_shape(node->at, output, dims->size, dims->data));
        node->shaped[output] = status == kTfLiteOk;
        tfl_graph_update(graph, (size_t)(tensor - graph->context.tensors));
    } else if (!same) {
        report_error(&graph->context, "Attempting to resize a fixed-size tensor.");
        status = kTfLiteError;
    }
    TfLiteIntArrayFree(dims);
    return status;
}

static TfLiteStatus resize_tensor(TfLiteContext *context, TfLiteTensor *tensor,
                                  TfLiteIntArray *new_size)
{
    tfl_graph *graph = tfl_graph_of(context);
    size_t index = 0;
    if (new_size == NULL) return kTfLiteError;
    while (index < context->tensors_size && tensor != &context->tensors[index]) ++index;
    if (index >= graph->shape.tensor_count && index < context->tensors_size)
        return resize_temporary(tensor, new_size);
    const tfl_node *node = graph->active;
    for (int k = 0; node != NULL && k < node->node.outputs->size; ++k)
        if (node->node.outputs->data[k] == (int)index)
            return resize_output(graph, (size_t)k, tensor, new_size);
    report_error(context, "ResizeTensor: the tensor is neither output nor temporary of the node");
    TfLiteIntArrayFree(new_size);
    return kTfLiteError;
}

static TfLiteStatus resize_tensor_explicit(TfLiteContext *context, TfLiteTensor *tensor, int dims,
                                           const int *shape)
{
    TfLiteIntArray *size = TfLiteIntArrayCreate(dims);
    if (size == NULL) return kTfLiteError;
    if (dims > 0) memcpy(size->data, shape, (size_t)dims * sizeof *shape);
    return resize_tensor(context, tensor, size);
}

static TfLiteExternalContext *get_external_context(TfLiteContext *context,
                                                   TfLiteExternalContextType type)
{
    if ((int)type < 0 || type >= kTfLiteMaxExternalContexts) return NULL;
    return tfl_graph_of(context)->interpreter->external_contexts[type];
}

static void set_external_context(TfLiteContext *context, TfLiteExternalContextType type,
                                 TfLiteExternalContext *external)
{
    if ((int)type >= 0 && type < kTfLiteMaxExternalContexts)
        tfl_graph_of(context)->interpreter->external_contexts[type] = external;
}

static TfLiteTensor *get_tensor(const TfLiteContext *context, int tensor_idx)
{
    return tfl_graph_tensor(tfl_graph_of(context), tensor_idx);
}

static TfLiteStatus get_metadata(const TfLiteContext *context, const char *name, const char **ptr,
                                 size_t *bytes)
{
    size_t size = 0;
    const void *block =
        midge_model_metadata(tfl_graph_of(context)->interpreter->model, name, &size);
    if (block == NULL) return kTfLiteError;
    *ptr = block;
    *bytes = size;
    return kTfLiteOk;
}

static TfLiteStatus acquire_context(TfLiteContext *context, int subgraph_index,
                                    TfLiteContext **acquired_context)
{
    tfl_graph *graph = subgraph_index < 0 ? NULL
                                          : tfl_graph_get(tfl_graph_of(context)->interpreter,
                                                          (size_t)subgraph_index);
    if (graph == NULL || graph->acquired) return kTfLiteError;
    graph->acquired = true;
    *acquired_context = &graph->context;
    return kTfLiteOk;
}

static TfLiteStatus release_context(TfLiteContext *context, int subgraph_index)
{
    tfl_graph *graph = subgraph_index < 0 ? NULL
                                          : tfl_graph_get(tfl_graph_of(context)->interpreter,
                                                          (size_t)subgraph_index);
    if (graph == NULL || !graph->acquired) return kTfLiteError;
    graph->acquired = false;
    return kTfLiteOk;
}

void tfl_context_begin(tfl_graph *graph)
{
    graph->context = (TfLiteContext){
        .GetExecutionPlan = get_execution_plan,
        .impl_ = graph,
        .ResizeTensor = resize_tensor,
        .ReportError = report_error,
        .AddTensors = add_tensors,
        .GetNodeAndRegistration = get_node,
        .ReplaceNodeSubsetsWithDelegateKernels = tfl_replace_nodes,
        .recommended_num_threads = graph->interpreter->threads,
        .GetExternalContext = get_external_context,
        .SetExternalContext = set_external_context,
        .ResizeTensorExplicit = resize_tensor_explicit,
        .PreviewDelegatePartitioning = tfl_preview_partitioning,
        .GetTensor = get_tensor,
        .GetModelMetadata = get_metadata,
        .AcquireSubgraphContext = acquire_context,
        .ReleaseSubgraphContext = release_context,
    };
}
