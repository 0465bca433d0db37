/* SPDX-License-Identifier: Apache-2.0 */
/* The experimental functions on interpreters: variables, memory of the program, delegates. */
#include <stdlib.h>

#include "objects.h"

TfLiteInterpreter *TfLiteInterpreterCreateWithSelectedOps(const TfLiteModel *model,
                                                          const TfLiteInterpreterOptions *options)
{
    return tfl_interpreter_create(model, options, true);
}

TfLiteStatus TfLiteInterpreterResetVariableTensors(TfLiteInterpreter *interpreter)
{
    if (interpreter == NULL) return kTfLiteError;
    return tfl_status(midge_session_reset(interpreter->session));
}

int32_t TfLiteInterpreterGetVariableTensorCount(const TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? 0 : (int32_t)interpreter->graphs[0]->variable_count;
}

TfLiteTensor *TfLiteInterpreterGetVariableTensor(const TfLiteInterpreter *interpreter,
                                                 int32_t variable_index)
{
    if (variable_index < 0 ||
        variable_index >= TfLiteInterpreterGetVariableTensorCount(interpreter))
        return NULL;
    return tfl_graph_tensor(interpreter->graphs[0],
                            interpreter->graphs[0]->variables[variable_index]);
}

TfLiteStatus TfLiteInterpreterSetCustomAllocationForTensor(TfLiteInterpreter *interpreter,
                                                           int tensor_index,
                                                           const TfLiteCustomAllocation *allocation,
                                                           int64_t flags)
{
    enum { ALIGNMENT = 64 };
    if (interpreter == NULL || allocation == NULL || allocation->data == NULL) return kTfLiteError;
    tfl_graph *graph = interpreter->graphs[0];
    TfLiteTensor *tensor = tensor_index < (int)graph->shape.tensor_count
                               ? tfl_graph_tensor(graph, tensor_index)
                               : NULL;
    if (tensor == NULL || (tensor->allocation_type != kTfLiteArenaRw &&
                           tensor->allocation_type != kTfLiteArenaRwPersistent &&
                           tensor->allocation_type != kTfLiteCustom)) {
        tfl_report(&interpreter->reporter, "tensor %d cannot lie in memory of the program",
                   tensor_index);
        return kTfLiteError;
    }
    bool check = (flags & kTfLiteCustomAllocationFlagsSkipAlignCheck) == 0;
    if (check && (uintptr_t)allocation->data % ALIGNMENT != 0) {
        tfl_report(&interpreter->reporter, "memory for tensor %d is not aligned to %d bytes",
                   tensor_index, (int)ALIGNMENT);
        return kTfLiteError;
    }
    bool moves = tensor->allocation_type != kTfLiteCustom;
    if (midge_session_bind(interpreter->session, graph->sources[tensor_index], allocation->data,
                           allocation->bytes) != MIDGE_OK) {
        tfl_report(&interpreter->reporter, "%s", midge_session_message(interpreter->session));
        return kTfLiteError;
    }
    tensor->allocation_type = kTfLiteCustom;
    if (moves && graph->allocated) {
        graph->allocated = false;
        tfl_graph_update_all(graph);
    }
    tensor->data.data = allocation->data;
    return kTfLiteOk;
}

/* ---- Delegates ---- */

TfLiteStatus TfLiteInterpreterModifyGraphWithDelegate(const TfLiteInterpreter *interpreter,
                                                      TfLiteDelegate *delegate)
{
    if (interpreter == NULL) return kTfLiteError;
    if (delegate == NULL) {
        tfl_report(&interpreter->reporter, "the delegate is NULL");
        return kTfLiteDelegateError;
    }
    TfLiteContext *context = &interpreter->graphs[0]->context;
    const TfLiteOpaqueDelegateBuilder *builder = delegate->opaque_delegate_builder;
    if (builder != NULL && builder->Prepare != NULL)
        return builder->Prepare((TfLiteOpaqueContext *)context, (TfLiteOpaqueDelegate *)delegate,
                                builder->data);
    if (delegate->Prepare != NULL) return delegate->Prepare(context, delegate);
    tfl_report(&interpreter->reporter, "the delegate has no Prepare");
    return kTfLiteDelegateError;
}

TfLiteStatus TfLiteInterpreterSetBufferHandle(TfLiteInterpreter *interpreter, TfLiteTensor *tensor,
                                              TfLiteBufferHandle buffer_handle,
                                              TfLiteOpaqueDelegate *delegate)
{
    (void)tensor;
    (void)buffer_handle;
    (void)delegate;
    if (interpreter != NULL)
        tfl_report(&interpreter->reporter, "buffer handles belong to delegates, which run no node");
    return kTfLiteError;
}

TfLiteStatus TfLiteInterpreterGetBufferHandle(TfLiteInterpreter *interpreter, int tensor_index,
                                              TfLiteBufferHandle *buffer_handle,
                                              TfLiteOpaqueDelegate **delegate)
{
    const TfLiteTensor *tensor = TfLiteInterpreterGetTensor(interpreter, tensor_index);
    if (tensor == NULL || buffer_handle == NULL || delegate == NULL) return kTfLiteError;
    *buffer_handle = tensor->buffer_handle;
    *delegate = (TfLiteOpaqueDelegate *)tensor->delegate;
    return kTfLiteOk;
}

void TfLiteSetAllowBufferHandleOutput(const TfLiteInterpreter *interpreter,
                                      bool allow_buffer_handle_output)
{
    (void)interpreter;
    (void)allow_buffer_handle_output;
}

TfLiteStatus TfLiteInterpreterEnsureTensorDataIsReadable(TfLiteInterpreter *interpreter,
                                                         int tensor_index)
{
    return TfLiteInterpreterGetTensor(interpreter, tensor_index) != NULL ? kTfLiteOk : kTfLiteError;
}
