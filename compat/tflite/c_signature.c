/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteSignatureRunner. */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

int32_t TfLiteInterpreterGetSignatureCount(const TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? 0 : (int32_t)midge_model_signature_count(interpreter->model);
}

const char *TfLiteInterpreterGetSignatureKey(const TfLiteInterpreter *interpreter,
                                             int32_t signature_index)
{
    if (signature_index < 0 || signature_index >= TfLiteInterpreterGetSignatureCount(interpreter))
        return NULL;
    return midge_model_signature_key(interpreter->model, (size_t)signature_index);
}

static bool reserve(TfLiteSignatureRunner *runner)
{
    size_t count = runner->input_count + runner->output_count + 1;
    runner->names = calloc(count, sizeof *runner->names);
    runner->tensors = calloc(count, sizeof *runner->tensors);
    return runner->names != NULL && runner->tensors != NULL;
}

static bool fill_from_signature(TfLiteSignatureRunner *runner, size_t index)
{
    size_t graph;
    if (!midge_inspect_signature(runner->interpreter->model, index, &graph, &runner->input_count,
                                 &runner->output_count) ||
        !reserve(runner))
        return false;
    for (size_t i = 0; i < runner->input_count + runner->output_count; ++i) {
        bool output = i >= runner->input_count;
        (void)midge_inspect_binding(runner->interpreter->model, index, output,
                                    output ? i - runner->input_count : i, &runner->names[i],
                                    &runner->tensors[i]);
    }
    runner->graph = tfl_graph_get(runner->interpreter, graph);
    runner->key = midge_model_signature_key(runner->interpreter->model, index);
    return runner->graph != NULL;
}

/* Puts a tensor among the first `count` so that names stay sorted. */
static void insert(const char **names, int32_t *tensors, size_t count, const char *name,
                   int32_t tensor)
{
    size_t at = count;
    for (; at > 0 && strcmp(names[at - 1], name) > 0; --at) {
        names[at] = names[at - 1];
        tensors[at] = tensors[at - 1];
    }
    names[at] = name;
    tensors[at] = tensor;
}

/* The model itself: its inputs and outputs by the names of their tensors. */
static bool fill_from_model(TfLiteSignatureRunner *runner)
{
    runner->graph = runner->interpreter->graphs[0];
    const midge_graph_info *shape = &runner->graph->shape;
    runner->input_count = shape->input_count;
    runner->output_count = shape->output_count;
    if (!reserve(runner)) return false;
    const TfLiteTensor *tensors = runner->graph->context.tensors;
    for (size_t i = 0; i < shape->input_count; ++i)
        insert(runner->names, runner->tensors, i, tensors[shape->inputs[i]].name, shape->inputs[i]);
    for (size_t i = 0; i < shape->output_count; ++i)
        insert(runner->names + shape->input_count, runner->tensors + shape->input_count, i,
               tensors[shape->outputs[i]].name, shape->outputs[i]);
    return true;
}

TfLiteSignatureRunner *TfLiteInterpreterGetSignatureRunner(const TfLiteInterpreter *interpreter,
                                                           const char *signature_key)
{
    if (interpreter == NULL) return NULL;
    size_t count = midge_model_signature_count(interpreter->model), index = 0;
    while (signature_key != NULL && index < count &&
           strcmp(midge_model_signature_key(interpreter->model, index), signature_key) != 0)
        ++index;
    bool model_itself = signature_key == NULL && count == 0;
    if (index >= count && !model_itself) {
        tfl_report(&interpreter->reporter, "there is no signature %s", signature_key);
        return NULL;
    }
    TfLiteSignatureRunner *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->interpreter = (TfLiteInterpreter *)(uintptr_t)interpreter;
    if (model_itself ? fill_from_model(made) : fill_from_signature(made, index)) return made;
    TfLiteSignatureRunnerDelete(made);
    return NULL;
}

void TfLiteSignatureRunnerDelete(TfLiteSignatureRunner *signature_runner)
{
    if (signature_runner == NULL) return;
    free(signature_runner->names);
    free(signature_runner->tensors);
    free(signature_runner);
}

size_t TfLiteSignatureRunnerGetInputCount(const TfLiteSignatureRunner *signature_runner)
{
    return signature_runner == NULL ? 0 : signature_runner->input_count;
}

size_t TfLiteSignatureRunnerGetOutputCount(const TfLiteSignatureRunner *signature_runner)
{
    return signature_runner == NULL ? 0 : signature_runner->output_count;
}

const char *TfLiteSignatureRunnerGetInputName(const TfLiteSignatureRunner *signature_runner,
                                              int32_t input_index)
{
    if (input_index < 0 ||
        (size_t)input_index >= TfLiteSignatureRunnerGetInputCount(signature_runner))
        return NULL;
    return signature_runner->names[input_index];
}

const char *TfLiteSignatureRunnerGetOutputName(const TfLiteSignatureRunner *signature_runner,
                                               int32_t output_index)
{
    if (output_index < 0 ||
        (size_t)output_index >= TfLiteSignatureRunnerGetOutputCount(signature_runner))
        return NULL;
    return signature_runner->names[signature_runner->input_count + (size_t)output_index];
}

/* The tensor of a name; -1, with a report, when there is none. */
static int32_t find(const TfLiteSignatureRunner *runner, bool output, const char *name)
{
    if (runner == NULL) return -1;
    size_t first = output ? runner->input_count : 0;
    size_t count = output ? runner->output_count : runner->input_count;
    for (size_t i = first; name != NULL && i < first + count; ++i)
        if (strcmp(runner->names[i], name) == 0) return runner->tensors[i];
    tfl_report(&runner->interpreter->reporter, "%s name %s was not found",
               output ? "Output" : "Input", name != NULL ? name : "(NULL)");
    return -1;
}

TfLiteTensor *TfLiteSignatureRunnerGetInputTensor(TfLiteSignatureRunner *signature_runner,
                                                  const char *input_name)
{
    int32_t index = find(signature_runner, false, input_name);
    return index < 0 ? NULL : tfl_graph_tensor(signature_runner->graph, index);
}

const TfLiteTensor *
TfLiteSignatureRunnerGetOutputTensor(const TfLiteSignatureRunner *signature_runner,
                                     const char *output_name)
{
    int32_t index = find(signature_runner, true, output_name);
    return index < 0 ? NULL : tfl_graph_tensor(signature_runner->graph, index);
}

TfLiteStatus TfLiteSignatureRunnerResizeInputTensor(TfLiteSignatureRunner *signature_runner,
                                                    const char *input_name, const int *input_dims,
                                                    int32_t input_dims_size)
{
    int32_t index = find(signature_runner, false, input_name);
    if (index < 0) return kTfLiteError;
    return tfl_graph_resize(signature_runner->graph, signature_runner->key, index, input_dims_size,
                            input_dims, true);
}

TfLiteStatus TfLiteSignatureRunnerAllocateTensors(TfLiteSignatureRunner *signature_runner)
{
    if (signature_runner == NULL) return kTfLiteError;
    return tfl_graph_allocate(signature_runner->graph, signature_runner->key);
}

TfLiteStatus TfLiteSignatureRunnerInvoke(TfLiteSignatureRunner *signature_runner)
{
    if (signature_runner == NULL) return kTfLiteError;
    return tfl_graph_invoke(signature_runner->graph, signature_runner->key);
}

TfLiteStatus TfLiteSignatureRunnerCancel(TfLiteSignatureRunner *signature_runner)
{
    return signature_runner == NULL ? kTfLiteError
                                    : TfLiteInterpreterCancel(signature_runner->interpreter);
}
