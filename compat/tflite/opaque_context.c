/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteOpaqueContext, which is the TfLiteContext of a view. */
#include "objects.h"

static TfLiteContext *held(const TfLiteOpaqueContext *context)
{
    return (TfLiteContext *)(uintptr_t)context;
}

static const midge_graph_info *shape_of(const TfLiteOpaqueContext *context)
{
    return &tfl_graph_of(held(context))->shape;
}

TfLiteStatus TfLiteOpaqueContextGetExecutionPlan(TfLiteOpaqueContext *opaque_context,
                                                 TfLiteIntArray **execution_plan)
{
    return held(opaque_context)->GetExecutionPlan(held(opaque_context), execution_plan);
}

TfLiteStatus TfLiteOpaqueContextGetExternalContext(TfLiteOpaqueContext *opaque_context,
                                                   void **external_context,
                                                   TfLiteExternalContextType type)
{
    *external_context = held(opaque_context)->GetExternalContext(held(opaque_context), type);
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueContextGetNodeAndRegistration(struct TfLiteOpaqueContext *opaque_context,
                                                       int node_index, TfLiteOpaqueNode **node,
                                                       TfLiteOperator **registration_external)
{
    TfLiteContext *context = held(opaque_context);
    TfLiteNode *found;
    TfLiteRegistration *registration;
    TfLiteStatus status =
        context->GetNodeAndRegistration(context, node_index, &found, &registration);
    if (status != kTfLiteOk) return status;
    tfl_node *of = &tfl_graph_of(context)->nodes[node_index];
    if (registration->registration_external == NULL) {
        of->described.builtin_code = (TfLiteBuiltinOperator)registration->builtin_code;
        of->described.custom_name = registration->custom_name;
        of->described.version = registration->version;
        *registration_external = &of->described;
    } else {
        *registration_external = registration->registration_external;
    }
    *node = (TfLiteOpaqueNode *)found;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels(
    struct TfLiteOpaqueContext *opaque_context, TfLiteOperator *registration_external,
    const TfLiteIntArray *nodes_to_replace, TfLiteOpaqueDelegate *opaque_delegate)
{
    TfLiteRegistration registration = {.registration_external = registration_external};
    return held(opaque_context)
        ->ReplaceNodeSubsetsWithDelegateKernels(held(opaque_context), registration,
                                                nodes_to_replace,
                                                (TfLiteDelegate *)opaque_delegate);
}

TfLiteOpaqueTensor *TfLiteOpaqueContextGetOpaqueTensor(const TfLiteOpaqueContext *opaque_context,
                                                       int index)
{
    return (TfLiteOpaqueTensor *)held(opaque_context)->GetTensor(held(opaque_context), index);
}

TfLiteStatus TfLiteOpaqueContextGetInputs(const struct TfLiteOpaqueContext *opaque_context,
                                          const int **inputs, int *num_inputs)
{
    *inputs = shape_of(opaque_context)->inputs;
    *num_inputs = (int)shape_of(opaque_context)->input_count;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueContextGetOutputs(const struct TfLiteOpaqueContext *opaque_context,
                                           const int **outputs, int *num_outputs)
{
    *outputs = shape_of(opaque_context)->outputs;
    *num_outputs = (int)shape_of(opaque_context)->output_count;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueContextGetVariables(const struct TfLiteOpaqueContext *opaque_context,
                                             const int **variables, int *num_variables)
{
    const tfl_graph *graph = tfl_graph_of(held(opaque_context));
    *variables = graph->variables;
    *num_variables = (int)graph->variable_count;
    return kTfLiteOk;
}

size_t TfLiteOpaqueContextGetNumNodes(const struct TfLiteOpaqueContext *opaque_context)
{
    return shape_of(opaque_context)->node_count;
}

size_t TfLiteOpaqueContextGetNumTensors(const struct TfLiteOpaqueContext *opaque_context)
{
    return held(opaque_context)->tensors_size;
}

const char *TfLiteOpaqueContextGetName(const struct TfLiteOpaqueContext *opaque_context)
{
    return shape_of(opaque_context)->name;
}

TfLiteStatus TfLiteOpaqueContextResizeTensor(TfLiteOpaqueContext *context,
                                             TfLiteOpaqueTensor *tensor, TfLiteIntArray *new_size)
{
    return held(context)->ResizeTensor(held(context), (TfLiteTensor *)tensor, new_size);
}

TfLiteStatus
TfLiteOpaqueContextAcquireSubgraphContext(struct TfLiteOpaqueContext *opaque_context,
                                          int subgraph_index,
                                          TfLiteOpaqueContext **acquired_opaque_context)
{
    TfLiteContext *acquired = NULL;
    TfLiteStatus status =
        held(opaque_context)
            ->AcquireSubgraphContext(held(opaque_context), subgraph_index, &acquired);
    if (status == kTfLiteOk) *acquired_opaque_context = (TfLiteOpaqueContext *)acquired;
    return status;
}

TfLiteStatus TfLiteOpaqueContextReleaseSubgraphContext(struct TfLiteOpaqueContext *opaque_context,
                                                       int subgraph_index)
{
    return held(opaque_context)->ReleaseSubgraphContext(held(opaque_context), subgraph_index);
}

/* No delegate runs a node, so every subgraph may be skipped. */
TfLiteStatus
TfLiteOpaqueContextMarkSubgraphAsDelegationSkippable(TfLiteOpaqueContext *opaque_context,
                                                     int subgraph_index)
{
    size_t count = tfl_graph_of(held(opaque_context))->interpreter->graph_count;
    return subgraph_index > 0 && (size_t)subgraph_index < count ? kTfLiteOk : kTfLiteError;
}

/* Options are not told by their place in the file. */
TfLiteStatus TfLiteOpaqueContextGetNodeInitDataMmapInfo(const TfLiteOpaqueContext *context,
                                                        const TfLiteOpaqueNode *node, int *fd,
                                                        int64_t *custom_initial_data_offset_in_file,
                                                        int64_t *custom_initial_data_size)
{
    (void)context;
    (void)node;
    *fd = -1;
    *custom_initial_data_offset_in_file = -1;
    *custom_initial_data_size = -1;
    return kTfLiteError;
}

TfLiteStatus TfLiteOpaqueContextGetSizeOfType(TfLiteOpaqueContext *context, TfLiteType type,
                                              size_t *bytes)
{
    if (tfl_type_bytes(type, 1, bytes)) return kTfLiteOk;
    held(context)->ReportError(held(context), "elements of type %s have no size",
                               TfLiteTypeGetName(type));
    return kTfLiteError;
}

TfLiteStatus TfLiteOpaqueContextGetMetadata(TfLiteOpaqueContext *context, const char *name,
                                            const char **ptr, size_t *bytes)
{
    return held(context)->GetModelMetadata(held(context), name, ptr, bytes);
}

void TfLiteOpaqueContextReportErrorVa(struct TfLiteOpaqueContext *opaque_context,
                                      const char *format, va_list vlist)
{
    tfl_report_va(&tfl_graph_of(held(opaque_context))->interpreter->reporter, format, vlist);
}

void TfLiteOpaqueContextReportError(struct TfLiteOpaqueContext *opaque_context, const char *format,
                                    ...)
{
    va_list arguments;
    va_start(arguments, format);
    TfLiteOpaqueContextReportErrorVa(opaque_context, format, arguments);
    va_end(arguments);
}
