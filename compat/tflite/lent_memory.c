/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs may point the data of inputs and outputs at memory of their own for a run, as media
 * filters do with frames, without telling the interpreter. The session knows nothing of it: inputs
 * are copied from there before a run, outputs to there after it, and the pointers stay the
 * program's until the next allocation.
 */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

bool tfl_lent_make(tfl_graph *graph)
{
    size_t count = graph->shape.input_count + graph->shape.output_count;
    graph->lent = calloc(count + 1, sizeof *graph->lent);
    graph->shown = calloc(graph->shape.tensor_count + 1, sizeof *graph->shown);
    return graph->lent != NULL && graph->shown != NULL;
}

/* The memory that the program lends for a tensor, or NULL. */
static void *lent_for(const tfl_graph *graph, int32_t index)
{
    const TfLiteTensor *tensor = &graph->context.tensors[index];
    bool fixed = tensor->allocation_type == kTfLiteArenaRw ||
                 tensor->allocation_type == kTfLiteArenaRwPersistent;
    bool lent = tensor->data.data != graph->shown[index] &&
                tensor->bytes == midge_tensor_bytes(graph->sources[index]);
    return fixed && lent ? tensor->data.data : NULL;
}

static bool is_among_inputs(const tfl_graph *graph, int32_t index)
{
    for (size_t i = 0; i < graph->shape.input_count; ++i)
        if (graph->shape.inputs[i] == index) return true;
    return false;
}

void tfl_lent_take(tfl_graph *graph)
{
    size_t inputs = graph->shape.input_count;
    for (size_t i = 0; i < inputs; ++i) {
        int32_t index = graph->shape.inputs[i];
        TfLiteTensor *tensor = &graph->context.tensors[index];
        graph->lent[i] = lent_for(graph, index);
        if (graph->lent[i] == NULL) continue;
        memcpy(midge_tensor_data(graph->sources[index]), graph->lent[i], tensor->bytes);
    }
    for (size_t i = 0; i < graph->shape.output_count; ++i) {
        int32_t index = graph->shape.outputs[i];
        graph->lent[inputs + i] = is_among_inputs(graph, index) ? NULL : lent_for(graph, index);
    }
    for (size_t i = 0; i < inputs; ++i)
        if (graph->lent[i] != NULL) tfl_graph_update(graph, (size_t)graph->shape.inputs[i]);
    for (size_t i = 0; i < graph->shape.output_count; ++i)
        if (graph->lent[inputs + i] != NULL)
            tfl_graph_update(graph, (size_t)graph->shape.outputs[i]);
}

void tfl_lent_return(tfl_graph *graph)
{
    size_t inputs = graph->shape.input_count;
    for (size_t i = 0; i < inputs; ++i)
        if (graph->lent[i] != NULL)
            graph->context.tensors[graph->shape.inputs[i]].data.data = graph->lent[i];
    for (size_t i = 0; i < graph->shape.output_count; ++i) {
        TfLiteTensor *tensor = &graph->context.tensors[graph->shape.outputs[i]];
        if (graph->lent[inputs + i] == NULL || tensor->allocation_type == kTfLiteDynamic) continue;
        const midge_tensor *source = graph->sources[graph->shape.outputs[i]];
        memcpy(graph->lent[inputs + i], midge_tensor_data(source), tensor->bytes);
        tensor->data.data = graph->lent[inputs + i];
    }
}
