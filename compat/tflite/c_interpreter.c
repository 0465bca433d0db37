/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteInterpreter. */
#include <stdlib.h>

#include "objects.h"

static bool list_operators(TfLiteInterpreter *interpreter)
{
    const midge_custom_operator **list =
        malloc((interpreter->bridge_count + 1) * sizeof(midge_custom_operator *));
    for (size_t i = 0; list != NULL && i < interpreter->bridge_count; ++i)
        list[i] = &interpreter->bridges[i]->operator;
    interpreter->operators = list;
    return list != NULL;
}

static bool make_session(TfLiteInterpreter *interpreter)
{
    midge_error error = {0};
    if (!list_operators(interpreter)) return false;
    midge_session_options options = midge_session_options_default();
    options.threads = interpreter->threads;
    options.defer_prepare = true;
    options.custom_operators = interpreter->operators;
    options.custom_operator_count = interpreter->bridge_count;
    midge_status status =
        midge_session_create(interpreter->model, &options, &interpreter->session, &error);
    if (status != MIDGE_OK) tfl_report(&interpreter->reporter, "%s", error.message);
    return status == MIDGE_OK;
}

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
           make_session(interpreter) && tfl_graph_get(interpreter, 0) != NULL &&
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
    for (size_t i = 0; interpreter->graphs != NULL && i < interpreter->graph_count; ++i)
        tfl_graph_free(interpreter->graphs[i]);
    midge_session_free(interpreter->session);
    for (size_t i = 0; i < interpreter->bridge_count; ++i) free(interpreter->bridges[i]);
    free(interpreter->bridges);
    free(interpreter->operators);
    free(interpreter->graphs);
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

TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? kTfLiteError : tfl_graph_invoke(interpreter->graphs[0], NULL);
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
