/* SPDX-License-Identifier: Apache-2.0 */
/* The experimental functions on interpreters: variables and memory of the program. */
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
    if (graph->bound_bytes == NULL)
        graph->bound_bytes = calloc(graph->shape.tensor_count, sizeof *graph->bound_bytes);
    if (graph->bound_bytes == NULL) return kTfLiteError;
    bool moves = tensor->allocation_type != kTfLiteCustom;
    if (midge_session_bind(interpreter->session, graph->sources[tensor_index], allocation->data,
                           allocation->bytes) != MIDGE_OK) {
        tfl_report(&interpreter->reporter, "%s", midge_session_message(interpreter->session));
        return kTfLiteError;
    }
    tensor->allocation_type = kTfLiteCustom;
    graph->bound_bytes[tensor_index] = allocation->bytes;
    if (moves && graph->allocated) {
        graph->allocated = false;
        tfl_graph_update_all(graph);
    }
    tensor->data.data = allocation->data;
    return kTfLiteOk;
}
