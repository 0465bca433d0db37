/* SPDX-License-Identifier: Apache-2.0 */
/* The session of an interpreter: made with it, and anew when a delegate has changed a plan. */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

/* The plans of graphs with kernels, as the session takes them. */
typedef struct plan_list {
    midge_execution_plan *plans;
    size_t count;
} plan_list;

static void free_plans(plan_list *list)
{
    for (size_t i = 0; i < list->count; ++i) {
        free((void *)(uintptr_t)list->plans[i].steps);
        free((void *)(uintptr_t)list->plans[i].groups);
    }
    free(list->plans);
}

static midge_node_group group_of(const tfl_kernel *kernel)
{
    return (midge_node_group){.node_count = kernel->covered_count,
                              .nodes = kernel->covered,
                              .input_count = (size_t)kernel->inputs->size,
                              .inputs = kernel->inputs->data,
                              .output_count = (size_t)kernel->outputs->size,
                              .outputs = kernel->outputs->data,
                              .run_by = &kernel->bridge.operator};
}

static bool add_plan(plan_list *list, tfl_graph *graph)
{
    size_t count = (size_t)graph->plan->size, groups = 0;
    size_t *steps = malloc((count + 1) * sizeof *steps);
    midge_node_group *group = calloc(count + 1, sizeof *group);
    int *nodes = malloc((count + 1) * sizeof *nodes);
    free(graph->group_nodes);
    graph->group_nodes = nodes;
    midge_execution_plan *plan = &list->plans[list->count++];
    *plan = (midge_execution_plan){graph->index, count, steps, 0, group};
    if (steps == NULL || group == NULL || nodes == NULL) return false;
    for (size_t i = 0; i < count; ++i) {
        int node = graph->plan->data[i];
        const tfl_kernel *kernel = graph->nodes[node].kernel;
        steps[i] = kernel == NULL ? (size_t)node : graph->shape.node_count + groups;
        if (kernel == NULL) continue;
        nodes[groups] = node;
        group[groups++] = group_of(kernel);
    }
    plan->group_count = groups;
    return true;
}

static bool has_kernels(const tfl_graph *graph)
{
    for (int i = 0; graph != NULL && graph->plan != NULL && i < graph->plan->size; ++i)
        if (graph->nodes[graph->plan->data[i]].kernel != NULL) return true;
    return false;
}

static bool list_plans(TfLiteInterpreter *interpreter, plan_list *list)
{
    *list = (plan_list){.plans = calloc(interpreter->graph_count + 1, sizeof *list->plans)};
    if (list->plans == NULL) return false;
    for (size_t i = 0; i < interpreter->graph_count; ++i)
        if (has_kernels(interpreter->graphs[i]) && !add_plan(list, interpreter->graphs[i]))
            return false;
    return true;
}

static bool list_operators(TfLiteInterpreter *interpreter)
{
    const midge_custom_operator **list =
        malloc((interpreter->bridge_count + 1) * sizeof(midge_custom_operator *));
    for (size_t i = 0; list != NULL && i < interpreter->bridge_count; ++i)
        list[i] = &interpreter->bridges[i]->operator;
    interpreter->operators = list;
    return list != NULL;
}

static midge_session *create(TfLiteInterpreter *interpreter, const plan_list *list)
{
    midge_error error = {0};
    midge_session *made = NULL;
    midge_session_options options = midge_session_options_default();
    options.threads = interpreter->threads;
    options.preserve_all_tensors = interpreter->preserve_all_tensors;
    options.kernels = interpreter->kernels[0] != '\0' ? interpreter->kernels : NULL;
    options.defer_prepare = true;
    options.custom_operators = interpreter->operators;
    options.custom_operator_count = interpreter->bridge_count;
    options.plans = list->plans;
    options.plan_count = list->count;
    if (midge_session_create(interpreter->model, &options, &made, &error) == MIDGE_OK) return made;
    tfl_report(&interpreter->reporter, "%s", error.message);
    return NULL;
}

bool tfl_session_make(TfLiteInterpreter *interpreter)
{
    const plan_list none = {NULL, 0};
    if (list_operators(interpreter)) interpreter->session = create(interpreter, &none);
    return interpreter->session != NULL;
}

/* ---- Anew ---- */

static bool same_shape(const TfLiteTensor *tensor, const midge_tensor *source)
{
    return TfLiteIntArrayEqualsArray(tensor->dims, midge_tensor_rank(source),
                                     midge_tensor_shape(source)) != 0;
}

/* Inputs keep the shapes that they have been given. */
static bool resize_inputs(TfLiteInterpreter *interpreter)
{
    midge_session *session = interpreter->session;
    const tfl_graph *graph = interpreter->graphs[0];
    bool fine = true;
    for (size_t i = 0; i < graph->shape.input_count && fine; ++i) {
        const TfLiteTensor *tensor = &graph->context.tensors[graph->shape.inputs[i]];
        if (!same_shape(tensor, midge_session_input(session, i)))
            fine = midge_session_resize_input(session, i, tensor->dims->size, tensor->dims->data) ==
                   MIDGE_OK;
    }
    for (size_t s = 0; s < midge_model_signature_count(interpreter->model) && fine; ++s) {
        midge_signature *signature =
            midge_session_signature(session, midge_model_signature_key(interpreter->model, s));
        size_t index, inputs, outputs;
        int32_t tensor;
        const char *name;
        (void)midge_inspect_signature(interpreter->model, s, &index, &inputs, &outputs);
        graph = interpreter->graphs[index];
        for (size_t i = 0; graph != NULL && i < inputs && fine; ++i) {
            (void)midge_inspect_binding(interpreter->model, s, false, i, &name, &tensor);
            const TfLiteTensor *of = &graph->context.tensors[tensor];
            if (!same_shape(of, midge_signature_input(signature, name)))
                fine = midge_signature_resize_input(signature, name, of->dims->size,
                                                    of->dims->data) == MIDGE_OK;
        }
    }
    return fine;
}

static bool connect(tfl_graph *graph)
{
    midge_session *session = graph->interpreter->session;
    bool fine = true;
    for (size_t i = 0; i < graph->shape.tensor_count && fine; ++i) {
        const TfLiteTensor *tensor = &graph->context.tensors[i];
        graph->sources[i] = midge_session_graph_tensor(session, graph->index, i);
        if (tensor->allocation_type == kTfLiteCustom)
            fine = midge_session_bind(session, graph->sources[i], tensor->data.data,
                                      graph->bound_bytes[i]) == MIDGE_OK;
    }
    graph->allocated = false;
    return fine;
}

bool tfl_session_remake(TfLiteInterpreter *interpreter)
{
    plan_list list;
    midge_session *made = list_plans(interpreter, &list) ? create(interpreter, &list) : NULL;
    free_plans(&list);
    if (made == NULL) return false;
    midge_session_free(interpreter->session);
    interpreter->session = made;
    interpreter->threads_changed = false;
    bool fine = resize_inputs(interpreter);
    for (size_t i = 0; i < interpreter->graph_count && fine; ++i)
        fine = interpreter->graphs[i] == NULL || connect(interpreter->graphs[i]);
    if (!fine) tfl_report(&interpreter->reporter, "%s", midge_session_message(made));
    for (size_t i = 0; i < interpreter->graph_count && fine; ++i)
        if (interpreter->graphs[i] != NULL) tfl_graph_update_all(interpreter->graphs[i]);
    return fine;
}

TfLiteStatus tfl_threads_renew(TfLiteInterpreter *interpreter)
{
    if (!interpreter->threads_changed) return kTfLiteOk;
    for (size_t i = 0; i < interpreter->graph_count; ++i)
        if (interpreter->graphs[i] != NULL && interpreter->graphs[i]->allocated) return kTfLiteOk;
    return tfl_session_remake(interpreter) ? kTfLiteOk : kTfLiteError;
}
