/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes as TfLiteNode and TfLiteRegistration: for operators of the program, which run on them, and
 * for delegates, which look at them. */
#include <stdlib.h>
#include <string.h>

#include "builtin_params.h"
#include "objects.h"

static TfLiteStatus run_inside(TfLiteContext *context, TfLiteNode *node)
{
    (void)node;
    context->ReportError(context, "kernels of this library cannot be called from outside");
    return kTfLiteError;
}

static const tfl_bridge *find_bridge(const TfLiteInterpreter *interpreter,
                                     const midge_node_info *about)
{
    for (size_t i = 0; i < interpreter->bridge_count; ++i) {
        const tfl_bridge *bridge = interpreter->bridges[i];
        bool built_in = about->code != kTfLiteBuiltinCustom;
        if (bridge->operator.built_in == built_in && strcmp(bridge->operator.name, about->op) == 0)
            return bridge;
    }
    return NULL;
}

static bool make_node(const tfl_graph *graph, size_t index)
{
    tfl_node *made = &graph->nodes[index];
    midge_node_info about;
    if (!midge_inspect_node(graph->interpreter->model, graph->index, index, &about)) return false;
    const tfl_bridge *bridge = find_bridge(graph->interpreter, &about);
    made->custom = bridge != NULL;
    if (bridge != NULL) made->registration = bridge->registration;
    made->registration.builtin_code = about.code;
    made->registration.version = about.version;
    if (about.code == kTfLiteBuiltinCustom) made->registration.custom_name = about.op;
    if (bridge == NULL) made->registration.invoke = run_inside;
    TfLiteNode *node = &made->node;
    node->inputs = tfl_int_array(about.input_count, about.inputs);
    node->outputs = tfl_int_array(about.output_count, about.outputs);
    node->intermediates = TfLiteIntArrayCreate(0);
    node->temporaries = TfLiteIntArrayCreate(0);
    made->shaped = calloc(about.output_count + 1, sizeof *made->shaped);
    node->custom_initial_data = about.custom_options;
    node->custom_initial_data_size = (int)about.custom_options_bytes;
    return tfl_params_make(graph->interpreter->model, graph->index, index, about.code,
                           &node->builtin_data) &&
           node->inputs != NULL && node->outputs != NULL && node->intermediates != NULL &&
           node->temporaries != NULL && made->shaped != NULL;
}

bool tfl_nodes_make(tfl_graph *graph)
{
    if (graph->nodes != NULL) return true;
    size_t count = graph->shape.node_count;
    graph->node_capacity = 2 * count + 1;
    graph->nodes = calloc(graph->node_capacity, sizeof *graph->nodes);
    graph->plan = TfLiteIntArrayCreate((int)count);
    bool made = graph->nodes != NULL && graph->plan != NULL;
    for (size_t i = 0; made && i < count; ++i) {
        ++graph->node_count;
        graph->plan->data[i] = (int)i;
        made = make_node(graph, i);
    }
    if (!made) tfl_nodes_free(graph);
    return made;
}

static void free_kernel(tfl_kernel *kernel)
{
    if (kernel == NULL) return;
    TfLiteIntArrayFree(kernel->replaced);
    TfLiteIntArrayFree(kernel->inputs);
    TfLiteIntArrayFree(kernel->outputs);
    free(kernel->covered);
    free(kernel);
}

void tfl_node_free(tfl_node *node)
{
    TfLiteIntArrayFree(node->node.inputs);
    TfLiteIntArrayFree(node->node.outputs);
    TfLiteIntArrayFree(node->node.intermediates);
    TfLiteIntArrayFree(node->node.temporaries);
    free(node->node.builtin_data);
    free(node->shaped);
    free_kernel(node->kernel);
    *node = (tfl_node){.custom = false};
}

void tfl_nodes_free(tfl_graph *graph)
{
    for (size_t i = 0; graph->nodes != NULL && i < graph->node_count; ++i)
        tfl_node_free(&graph->nodes[i]);
    free(graph->nodes);
    TfLiteIntArrayFree(graph->plan);
    graph->nodes = NULL;
    graph->plan = NULL;
    graph->node_count = 0;
}
