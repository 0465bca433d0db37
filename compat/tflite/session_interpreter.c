/* SPDX-License-Identifier: Apache-2.0 */
#include "session_interpreter.h"

#include <stdlib.h>
#include <string.h>

#include "objects.h"

TfLiteInterpreter *midge_tflite_interpreter_of(midge_model *model,
                                               const TfLiteInterpreterOptions *options)
{
    const TfLiteModel held = {model};
    return tfl_interpreter_create(&held, options, false);
}

midge_session *midge_tflite_session(const TfLiteInterpreter *interpreter)
{
    return interpreter == NULL ? NULL : interpreter->session;
}

/* The graph of a signature; NULL when there is none, or no memory. */
static tfl_graph *graph_of(TfLiteInterpreter *interpreter, const char *key)
{
    if (interpreter == NULL) return NULL;
    if (key == NULL) return interpreter->graphs[0];
    for (size_t i = 0; i < midge_model_signature_count(interpreter->model); ++i) {
        size_t graph, inputs, outputs;
        if (strcmp(midge_model_signature_key(interpreter->model, i), key) == 0 &&
            midge_inspect_signature(interpreter->model, i, &graph, &inputs, &outputs))
            return tfl_graph_get(interpreter, graph);
    }
    tfl_report(&interpreter->reporter, "there is no signature %s", key);
    return NULL;
}

TfLiteStatus midge_tflite_resize(TfLiteInterpreter *interpreter, const char *key, int32_t tensor,
                                 int rank, const int *shape)
{
    tfl_graph *graph = graph_of(interpreter, key);
    return graph == NULL ? kTfLiteError : tfl_graph_resize(graph, key, tensor, rank, shape, false);
}

TfLiteStatus midge_tflite_allocate(TfLiteInterpreter *interpreter, const char *key)
{
    tfl_graph *graph = graph_of(interpreter, key);
    return graph == NULL ? kTfLiteError : tfl_graph_allocate(graph, key);
}

TfLiteStatus midge_tflite_invoke(TfLiteInterpreter *interpreter, const char *key)
{
    tfl_graph *graph = graph_of(interpreter, key);
    return graph == NULL ? kTfLiteError : tfl_graph_invoke(graph, key);
}

TfLiteStatus midge_tflite_write_strings(TfLiteInterpreter *interpreter, const char *key,
                                        int32_t tensor, const void *data, size_t bytes)
{
    tfl_graph *graph = graph_of(interpreter, key);
    TfLiteTensor *to = graph == NULL ? NULL : tfl_graph_tensor(graph, tensor);
    if (to == NULL || to->type != kTfLiteString || data == NULL) return kTfLiteError;
    char *copy = malloc(bytes + 1);
    if (copy == NULL) return kTfLiteError;
    memcpy(copy, data, bytes);
    TfLiteTensorDataFree(to);
    to->data.raw = copy;
    to->bytes = bytes;
    to->allocation = NULL;
    to->allocation_type = kTfLiteDynamic;
    return kTfLiteOk;
}

size_t midge_tflite_node_count(const TfLiteInterpreter *interpreter)
{
    if (interpreter == NULL || !tfl_nodes_make(interpreter->graphs[0])) return 0;
    return interpreter->graphs[0]->node_count;
}

bool midge_tflite_node(const TfLiteInterpreter *interpreter, size_t index, midge_node_info *about)
{
    if (index >= midge_tflite_node_count(interpreter)) return false;
    const tfl_graph *graph = interpreter->graphs[0];
    if (index < graph->shape.node_count)
        return midge_inspect_node(interpreter->model, 0, index, about);
    const tfl_node *node = &graph->nodes[index];
    *about = (midge_node_info){.op = "DELEGATE",
                               .version = node->registration.version,
                               .code = node->registration.builtin_code,
                               .input_count = (size_t)node->node.inputs->size,
                               .inputs = node->node.inputs->data,
                               .output_count = (size_t)node->node.outputs->size,
                               .outputs = node->node.outputs->data};
    return true;
}
