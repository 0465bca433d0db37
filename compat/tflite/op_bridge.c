/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators of the program, TfLiteRegistration or TfLiteOperator, run as custom operators of the
 * session. init is called when the interpreter is made, free when it is deleted; in between the
 * session calls prepare and invoke.
 *
 * Data of dynamic outputs comes from malloc while the operator runs, so that it may use every
 * function on them, and is copied into the session afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "objects.h"

/* ---- Calling the functions of either kind of operator ---- */

static void *call_init(const TfLiteRegistration *of, TfLiteContext *context, const char *options,
                       size_t bytes)
{
    const TfLiteOperator *external = of->registration_external;
    TfLiteOpaqueContext *opaque = (TfLiteOpaqueContext *)context;
    if (external != NULL && external->init_with_data != NULL)
        return external->init_with_data(external->user_data, opaque, options, bytes);
    if (external != NULL && external->init != NULL) return external->init(opaque, options, bytes);
    return of->init != NULL ? of->init(context, options, bytes) : NULL;
}

static void call_free(const TfLiteRegistration *of, TfLiteContext *context, void *state)
{
    const TfLiteOperator *external = of->registration_external;
    TfLiteOpaqueContext *opaque = (TfLiteOpaqueContext *)context;
    if (external != NULL && external->free_with_data != NULL)
        external->free_with_data(external->user_data, opaque, state);
    else if (external != NULL && external->free != NULL)
        external->free(opaque, state);
    else if (of->free != NULL)
        of->free(context, state);
}

static TfLiteStatus call_prepare(const TfLiteRegistration *of, TfLiteContext *context,
                                 TfLiteNode *node)
{
    const TfLiteOperator *external = of->registration_external;
    if (external != NULL && external->prepare_with_data != NULL)
        return external->prepare_with_data(external->user_data, (TfLiteOpaqueContext *)context,
                                           (TfLiteOpaqueNode *)node);
    if (external != NULL && external->prepare != NULL)
        return external->prepare((TfLiteOpaqueContext *)context, (TfLiteOpaqueNode *)node);
    return of->prepare != NULL ? of->prepare(context, node) : kTfLiteOk;
}

static TfLiteStatus call_invoke(const TfLiteRegistration *of, TfLiteContext *context,
                                TfLiteNode *node)
{
    const TfLiteOperator *external = of->registration_external;
    if (external != NULL && external->invoke_with_data != NULL)
        return external->invoke_with_data(external->user_data, (TfLiteOpaqueContext *)context,
                                          (TfLiteOpaqueNode *)node);
    if (external != NULL && external->invoke != NULL)
        return external->invoke((TfLiteOpaqueContext *)context, (TfLiteOpaqueNode *)node);
    return of->invoke != NULL ? of->invoke(context, node) : kTfLiteError;
}

/* ---- What the session calls ---- */

static tfl_node *begin_call(midge_op_context *at, bool preparing)
{
    tfl_bridge *bridge = midge_op_user_data(at);
    size_t graph_index, node_index;
    midge_op_place(at, &graph_index, &node_index);
    tfl_graph *graph = tfl_graph_get(bridge->interpreter, graph_index);
    if (graph == NULL || !tfl_nodes_make(graph)) return NULL;
    if (node_index >= graph->shape.node_count)
        node_index = (size_t)graph->group_nodes[node_index - graph->shape.node_count];
    tfl_node *node = &graph->nodes[node_index];
    for (int i = 0; i < node->node.inputs->size; ++i)
        if (node->node.inputs->data[i] >= 0)
            tfl_graph_update(graph, (size_t)node->node.inputs->data[i]);
    for (int i = 0; i < node->node.outputs->size; ++i)
        tfl_graph_update(graph, (size_t)node->node.outputs->data[i]);
    node->at = at;
    node->preparing = preparing;
    graph->active = node;
    return node;
}

static tfl_graph *graph_of(midge_op_context *at)
{
    tfl_bridge *bridge = midge_op_user_data(at);
    size_t graph_index, node_index;
    midge_op_place(at, &graph_index, &node_index);
    return bridge->interpreter->graphs[graph_index];
}

static midge_status end_call(midge_op_context *at, tfl_node *node, TfLiteStatus status,
                             const char *what)
{
    graph_of(at)->active = NULL;
    node->at = NULL;
    if (status == kTfLiteOk) return MIDGE_OK;
    if (status == kTfLiteCancelled) return MIDGE_CANCELLED;
    return midge_op_fail(at, MIDGE_RUN_ERROR, "failed to %s", what);
}

/* The session wants to hear of every output. */
static midge_status settle_outputs(midge_op_context *at, const tfl_graph *graph,
                                   const tfl_node *node)
{
    midge_status status = MIDGE_OK;
    for (int k = 0; k < node->node.outputs->size && status == MIDGE_OK; ++k) {
        const TfLiteTensor *tensor = &graph->context.tensors[node->node.outputs->data[k]];
        if (tensor->allocation_type == kTfLiteDynamic)
            status = midge_op_set_output_dynamic(at, (size_t)k);
        else if (!node->shaped[k])
            status =
                midge_op_set_output_shape(at, (size_t)k, tensor->dims->size, tensor->dims->data);
    }
    return status;
}

static midge_status prepare(midge_op_context *at)
{
    tfl_node *node = begin_call(at, true);
    if (node == NULL) return midge_op_fail(at, MIDGE_NO_MEMORY, "out of memory");
    tfl_graph *graph = graph_of(at);
    memset(node->shaped, 0, (size_t)node->node.outputs->size * sizeof *node->shaped);
    TfLiteStatus status = call_prepare(&node->registration, &graph->context, &node->node);
    midge_status settled = status == kTfLiteOk ? settle_outputs(at, graph, node) : MIDGE_OK;
    midge_status ended = end_call(at, node, status, "prepare");
    return settled != MIDGE_OK ? settled : ended;
}

static midge_status copy_output(midge_op_context *at, size_t index, const TfLiteTensor *tensor)
{
    midge_tensor *to = midge_op_output(at, index);
    midge_status status =
        midge_op_set_output_shape(at, index, tensor->dims->size, tensor->dims->data);
    if (status == MIDGE_OK && tensor->type == kTfLiteString)
        status = midge_op_set_output_bytes(at, index, tensor->bytes);
    if (status != MIDGE_OK) return status;
    if (midge_tensor_bytes(to) != tensor->bytes)
        return midge_op_fail(at, MIDGE_RUN_ERROR, "output %zu has %zu bytes, its shape needs %zu",
                             index, tensor->bytes, midge_tensor_bytes(to));
    if (tensor->bytes > 0) memcpy(midge_tensor_data(to), tensor->data.raw, tensor->bytes);
    return MIDGE_OK;
}

static midge_status invoke(midge_op_context *at)
{
    tfl_node *node = begin_call(at, false);
    if (node == NULL) return midge_op_fail(at, MIDGE_NO_MEMORY, "out of memory");
    tfl_graph *graph = graph_of(at);
    TfLiteStatus status = call_invoke(&node->registration, &graph->context, &node->node);
    if (status == kTfLiteOk) status = tfl_outputs_make_readable(graph, node);
    midge_status copied = MIDGE_OK;
    for (int k = 0; status == kTfLiteOk && copied == MIDGE_OK && k < node->node.outputs->size;
         ++k) {
        const TfLiteTensor *tensor = &graph->context.tensors[node->node.outputs->data[k]];
        if (tensor->allocation_type == kTfLiteDynamic && tensor->allocation != &tfl_borrowed)
            copied = copy_output(at, (size_t)k, tensor);
    }
    midge_status ended = end_call(at, node, status, "invoke");
    return copied != MIDGE_OK ? copied : ended;
}

/* ---- Which operators there are ---- */

static bool has_functions(const TfLiteOperator *external)
{
    return external != NULL &&
           (external->init != NULL || external->init_with_data != NULL || external->free != NULL ||
            external->free_with_data != NULL || external->prepare != NULL ||
            external->prepare_with_data != NULL || external->invoke != NULL ||
            external->invoke_with_data != NULL || external->async_kernel != NULL);
}

/* Calls a callback of the resolver with its own type. */
#define FIND(resolver, function, version_type, key_type, key, version)                            \
    ((const version_type *(*)(void *, key_type, int))(resolver)->function)((resolver)->user_data, \
                                                                           key, version)

static const void *find_builtin(const tfl_resolver *resolver, int code, int version)
{
    TfLiteBuiltinOperator op = (TfLiteBuiltinOperator)code;
    if (resolver->find_builtin == NULL) return NULL;
    switch (resolver->registration_version) {
    case 1:
        return FIND(resolver, find_builtin, TfLiteRegistration_V1, TfLiteBuiltinOperator, op,
                    version);
    case 2:
        return FIND(resolver, find_builtin, TfLiteRegistration_V2, TfLiteBuiltinOperator, op,
                    version);
    case 3:
        return FIND(resolver, find_builtin, TfLiteRegistration_V3, TfLiteBuiltinOperator, op,
                    version);
    default:
        return FIND(resolver, find_builtin, TfLiteRegistration, TfLiteBuiltinOperator, op, version);
    }
}

static const void *find_custom(const tfl_resolver *resolver, const char *name, int version)
{
    if (resolver->find_custom == NULL) return NULL;
    switch (resolver->registration_version) {
    case 1: return FIND(resolver, find_custom, TfLiteRegistration_V1, const char *, name, version);
    case 2: return FIND(resolver, find_custom, TfLiteRegistration_V2, const char *, name, version);
    case 3: return FIND(resolver, find_custom, TfLiteRegistration_V3, const char *, name, version);
    default: return FIND(resolver, find_custom, TfLiteRegistration, const char *, name, version);
    }
}

static bool ask_resolver(const tfl_resolver *resolver, const midge_node_info *about,
                         TfLiteRegistration *found)
{
    static const size_t sizes[] = {0, sizeof(TfLiteRegistration_V1), sizeof(TfLiteRegistration_V2),
                                   sizeof(TfLiteRegistration_V3), sizeof(TfLiteRegistration)};
    bool custom = about->code == kTfLiteBuiltinCustom;
    const TfLiteOperator *external = NULL;
    if (custom && resolver->find_custom_external != NULL)
        external = resolver->find_custom_external(resolver->user_data, about->op, about->version);
    if (!custom && resolver->find_builtin_external != NULL)
        external =
            resolver->find_builtin_external(resolver->user_data, about->code, about->version);
    if (has_functions(external)) {
        *found =
            (TfLiteRegistration){.registration_external = (TfLiteOperator *)(uintptr_t)external};
        return true;
    }
    const void *registration = custom ? find_custom(resolver, about->op, about->version)
                                      : find_builtin(resolver, about->code, about->version);
    if (registration == NULL) return false;
    *found = (TfLiteRegistration){0};
    memcpy(found, registration, sizes[resolver->registration_version]);
    return true;
}

/* Added later wins. */
static bool ask_added(const TfLiteInterpreterOptions *options, const midge_node_info *about,
                      TfLiteRegistration *found)
{
    for (size_t i = options->operator_count; i-- > 0;) {
        const tfl_added_operator *added = &options->operators[i];
        const TfLiteRegistration *registration = &added->registration;
        if (registration->builtin_code != about->code || about->version < added->min_version ||
            about->version > added->max_version)
            continue;
        if (about->code == kTfLiteBuiltinCustom &&
            (registration->custom_name == NULL ||
             strcmp(registration->custom_name, about->op) != 0))
            continue;
        *found = *registration;
        return true;
    }
    return false;
}

static bool find_operator(const TfLiteInterpreterOptions *options, const midge_node_info *about,
                          TfLiteRegistration *found)
{
    if (options == NULL) return false;
    if (ask_added(options, about, found)) return true;
    return options->resolver.set && ask_resolver(&options->resolver, about, found);
}

void tfl_bridge_begin(tfl_bridge *bridge, TfLiteInterpreter *interpreter, const char *name)
{
    *bridge = (tfl_bridge){.operator= {.size = sizeof bridge->operator,
                                       .name = name,
                                       .user_data = bridge,
                                       .prepare = prepare,
                                       .invoke = invoke},
                           .interpreter = interpreter};
}

static bool is_bridged(const TfLiteInterpreter *interpreter, const midge_node_info *about)
{
    bool built_in = about->code != kTfLiteBuiltinCustom;
    for (size_t i = 0; i < interpreter->bridge_count; ++i)
        if (interpreter->bridges[i]->operator.built_in == built_in &&
            strcmp(interpreter->bridges[i]->operator.name, about->op) == 0)
            return true;
    return false;
}

static bool add_bridge(TfLiteInterpreter *interpreter, const midge_node_info *about,
                       const TfLiteRegistration *registration)
{
    tfl_bridge *made = malloc(sizeof *made);
    tfl_bridge **all =
        realloc(interpreter->bridges, (interpreter->bridge_count + 1) * sizeof(tfl_bridge *));
    if (all != NULL) interpreter->bridges = all;
    if (made == NULL || all == NULL) {
        free(made);
        return false;
    }
    tfl_bridge_begin(made, interpreter, about->op);
    made->operator.built_in = about->code != kTfLiteBuiltinCustom;
    made->registration = *registration;
    all[interpreter->bridge_count++] = made;
    return true;
}

/* A built-in operator without functions means the one of this library. */
static bool brings_functions(const TfLiteRegistration *registration)
{
    return registration->invoke != NULL || has_functions(registration->registration_external);
}

static bool missing(const TfLiteInterpreter *interpreter, const midge_node_info *about)
{
    tfl_report(&interpreter->reporter,
               "Didn't find op for builtin opcode '%s' version '%d': it was not added to the "
               "options",
               about->op, about->version);
    return false;
}

static bool resolve_graph(TfLiteInterpreter *interpreter, size_t graph,
                          const TfLiteInterpreterOptions *options, bool selected)
{
    midge_node_info about;
    TfLiteRegistration found;
    for (size_t n = 0; midge_inspect_node(interpreter->model, graph, n, &about); ++n) {
        bool custom = about.code == kTfLiteBuiltinCustom;
        if (is_bridged(interpreter, &about)) continue;
        if (!find_operator(options, &about, &found)) {
            if (selected && !custom) return missing(interpreter, &about);
            continue;
        }
        if (!custom && !brings_functions(&found)) continue;
        if (!add_bridge(interpreter, &about, &found)) return false;
    }
    return true;
}

bool tfl_bridges_make(TfLiteInterpreter *interpreter, const TfLiteInterpreterOptions *options,
                      bool selected)
{
    for (size_t i = 0; i < interpreter->graph_count; ++i)
        if (!resolve_graph(interpreter, i, options, selected)) return false;
    return true;
}

/* ---- init and free ---- */

bool tfl_node_begin(tfl_graph *graph, size_t index, const char *options, size_t bytes)
{
    tfl_node *node = &graph->nodes[index];
    void *state = call_init(&node->registration, &graph->context, options, bytes);
    if (state == TfLiteKernelInitFailed()) {
        tfl_report(&graph->interpreter->reporter, "node %zu: init failed", index);
        return false;
    }
    node->node.user_data = state;
    node->began = true;
    return true;
}

void tfl_node_end(tfl_graph *graph, size_t index)
{
    tfl_node *node = &graph->nodes[index];
    if (node->began) call_free(&node->registration, &graph->context, node->node.user_data);
    node->began = false;
}

static bool begin_nodes(tfl_graph *graph)
{
    if (!tfl_nodes_make(graph)) return false;
    for (size_t n = 0; n < graph->node_count; ++n) {
        const tfl_node *node = &graph->nodes[n];
        bool custom = node->registration.builtin_code == kTfLiteBuiltinCustom;
        const void *options = custom ? node->node.custom_initial_data : node->node.builtin_data;
        size_t bytes = custom ? (size_t)node->node.custom_initial_data_size : 0;
        if (node->custom && !tfl_node_begin(graph, n, options, bytes)) return false;
    }
    return true;
}

bool tfl_bridges_begin(TfLiteInterpreter *interpreter)
{
    if (interpreter->bridge_count == 0) return true;
    for (size_t i = 0; i < interpreter->graph_count; ++i) {
        tfl_graph *graph = tfl_graph_get(interpreter, i);
        if (graph == NULL || !begin_nodes(graph)) return false;
    }
    return true;
}

void tfl_bridges_end(TfLiteInterpreter *interpreter)
{
    for (size_t i = 0; i < interpreter->graph_count && interpreter->graphs != NULL; ++i) {
        tfl_graph *graph = interpreter->graphs[i];
        for (size_t n = 0; graph != NULL && n < graph->node_count; ++n) tfl_node_end(graph, n);
    }
}
