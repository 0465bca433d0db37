/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteInterpreter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"

static bool apply_delegates(TfLiteInterpreter *interpreter, const TfLiteInterpreterOptions *options)
{
    for (size_t i = 0; options != NULL && i < options->delegate_count; ++i) {
        TfLiteStatus status = TfLiteInterpreterModifyGraphWithDelegate(
            interpreter, (TfLiteDelegate *)options->delegates[i]);
        if (status != kTfLiteOk && !interpreter->delegate_fallback) return false;
    }
    return true;
}

static bool fill(TfLiteInterpreter *interpreter, const TfLiteInterpreterOptions *options,
                 bool selected)
{
    enum { DEFAULT_THREADS = -1 };
    int threads = options != NULL ? options->threads : DEFAULT_THREADS;
    if (threads < DEFAULT_THREADS) {
        tfl_report(&interpreter->reporter,
                   "num_threads is %d: it must be 0 or more, or -1 for the default", threads);
        return false;
    }
    interpreter->threads = threads < 1 ? 1 : threads;
    interpreter->graph_count = midge_inspect_graph_count(interpreter->model);
    interpreter->graphs = calloc(interpreter->graph_count, sizeof(tfl_graph *));
    return interpreter->graphs != NULL && tfl_bridges_make(interpreter, options, selected) &&
           tfl_session_make(interpreter) && tfl_graph_get(interpreter, 0) != NULL &&
           tfl_bridges_begin(interpreter) && apply_delegates(interpreter, options);
}

TfLiteInterpreter *tfl_interpreter_create(const TfLiteModel *model,
                                          const TfLiteInterpreterOptions *options, bool selected)
{
    if (model == NULL || model->model == NULL) return NULL;
    TfLiteInterpreter *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->model = model->model;
    if (options != NULL) {
        made->reporter = options->reporter;
        made->cancellation = options->cancellation;
        made->delegate_fallback = options->delegate_fallback;
        made->preserve_all_tensors = options->preserve_all_tensors;
        if (options->kernels != NULL)
            (void)snprintf(made->kernels, sizeof made->kernels, "%s", options->kernels);
    }
    if (fill(made, options, selected)) return made;
    TfLiteInterpreterDelete(made);
    return NULL;
}

TfLiteInterpreter *TfLiteInterpreterCreate(const TfLiteModel *model,
                                           const TfLiteInterpreterOptions *optional_options)
{
    bool selected = optional_options != NULL && optional_options->resolver.set;
    return tfl_interpreter_create(model, optional_options, selected);
}

void TfLiteInterpreterDelete(TfLiteInterpreter *interpreter)
{
    if (interpreter == NULL) return;
    tfl_bridges_end(interpreter);
    /* The session knows operators of nodes until it is gone. */
    midge_session_free(interpreter->session);
    for (size_t i = 0; interpreter->graphs != NULL && i < interpreter->graph_count; ++i)
        tfl_graph_free(interpreter->graphs[i]);
    for (size_t i = 0; i < interpreter->bridge_count; ++i) free(interpreter->bridges[i]);
    free(interpreter->bridges);
    free(interpreter->operators);
    free(interpreter->graphs);
    free(interpreter->delegates);
    free(interpreter);
}

/* ---- Inputs and outputs: of subgraph 0, which always has a view ---- */

int32_t TfLiteInterpreterGetInputTensorCount(const TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? 0 : (int32_t)interpreter->graphs[0]->shape.input_count;
}

int32_t TfLiteInterpreterGetOutputTensorCount(const TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? 0 : (int32_t)interpreter->graphs[0]->shape.output_count;
}

const int *TfLiteInterpreterInputTensorIndices(const TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? NULL : interpreter->graphs[0]->shape.inputs;
}

const int *TfLiteInterpreterOutputTensorIndices(const TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? NULL : interpreter->graphs[0]->shape.outputs;
}

int32_t TfLiteInterpreterGetInputTensorIndex(const TfLiteInterpreter *interpreter,
                                             int32_t input_index)
{
    if (input_index < 0 || input_index >= TfLiteInterpreterGetInputTensorCount(interpreter))
        return -1;
    return interpreter->graphs[0]->shape.inputs[input_index];
}

int32_t TfLiteInterpreterGetOutputTensorIndex(const TfLiteInterpreter *interpreter,
                                              int32_t output_index)
{
    if (output_index < 0 || output_index >= TfLiteInterpreterGetOutputTensorCount(interpreter))
        return -1;
    return interpreter->graphs[0]->shape.outputs[output_index];
}

TfLiteTensor *TfLiteInterpreterGetTensor(const TfLiteInterpreter *interpreter, int index)
{
    return interpreter == NULL ? NULL : tfl_graph_tensor(interpreter->graphs[0], index);
}

TfLiteTensor *TfLiteInterpreterGetInputTensor(const TfLiteInterpreter *interpreter,
                                              int32_t input_index)
{
    return TfLiteInterpreterGetTensor(
        interpreter, TfLiteInterpreterGetInputTensorIndex(interpreter, input_index));
}

const TfLiteTensor *TfLiteInterpreterGetOutputTensor(const TfLiteInterpreter *interpreter,
                                                     int32_t output_index)
{
    return TfLiteInterpreterGetTensor(
        interpreter, TfLiteInterpreterGetOutputTensorIndex(interpreter, output_index));
}

/* ---- Resize, allocate, invoke ---- */

TfLiteStatus TfLiteInterpreterResizeInputTensor(TfLiteInterpreter *interpreter, int32_t input_index,
                                                const int *input_dims, int32_t input_dims_size)
{
    if (interpreter == NULL) return kTfLiteError;
    return tfl_graph_resize(interpreter->graphs[0], NULL,
                            TfLiteInterpreterGetInputTensorIndex(interpreter, input_index),
                            input_dims_size, input_dims, false);
}

TfLiteStatus TfLiteInterpreterAllocateTensors(TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? kTfLiteError : tfl_graph_allocate(interpreter->graphs[0], NULL);
}

/* What the inputs hold; NULL without memory. */
static char *save_inputs(const tfl_graph *graph, size_t *bytes)
{
    *bytes = 0;
    for (size_t i = 0; i < graph->shape.input_count; ++i)
        *bytes += graph->context.tensors[graph->shape.inputs[i]].bytes;
    char *made = malloc(*bytes + 1);
    size_t at = 0;
    for (size_t i = 0; made != NULL && i < graph->shape.input_count; ++i) {
        const TfLiteTensor *tensor = &graph->context.tensors[graph->shape.inputs[i]];
        if (tensor->bytes > 0) memcpy(made + at, tensor->data.raw, tensor->bytes);
        at += tensor->bytes;
    }
    return made;
}

static void put_back(tfl_graph *graph, const char *saved)
{
    for (size_t i = 0; i < graph->shape.input_count; ++i) {
        TfLiteTensor *tensor = &graph->context.tensors[graph->shape.inputs[i]];
        if (tensor->bytes > 0) memcpy(tensor->data.raw, saved, tensor->bytes);
        saved += tensor->bytes;
    }
}

/* Where a delegate fails and fallback is enabled, everything runs here instead. */
static TfLiteStatus invoke_without_delegates(TfLiteInterpreter *interpreter)
{
    tfl_graph *graph = interpreter->graphs[0];
    size_t bytes;
    char *saved = save_inputs(graph, &bytes);
    TfLiteStatus status = saved == NULL ? kTfLiteError : tfl_delegates_remove(interpreter);
    if (status == kTfLiteOk) status = tfl_graph_allocate(graph, NULL);
    if (status == kTfLiteOk) {
        put_back(graph, saved);
        status = tfl_graph_invoke(graph, NULL);
    }
    free(saved);
    return status == kTfLiteOk ? kTfLiteDelegateError : status;
}

TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter *interpreter)
{
    if (interpreter == NULL) return kTfLiteError;
    tfl_graph *graph = interpreter->graphs[0];
    bool ready = graph->allocated;
    TfLiteStatus status = tfl_graph_invoke(graph, NULL);
    if (status == kTfLiteOk || status == kTfLiteCancelled || !ready ||
        !interpreter->delegate_fallback || !interpreter->delegated)
        return status;
    return invoke_without_delegates(interpreter);
}

TfLiteStatus TfLiteInterpreterCancel(const TfLiteInterpreter *interpreter)
{
    if (interpreter == NULL) return kTfLiteError;
    if (!interpreter->cancellation) {
        tfl_report(&interpreter->reporter,
                   "cannot cancel: the options did not enable cancellation");
        return kTfLiteError;
    }
    midge_session_cancel(interpreter->session);
    return kTfLiteOk;
}
