/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delegates that take nodes. While its Prepare runs, a delegate asks for nodes; each subset of them
 * that can run as one becomes a kernel: a node behind those of the model, in the plan in their
 * place. When Prepare is over the session is made anew and runs that plan.
 */
#include <stdlib.h>
#include <string.h>

#include "objects.h"
#include "tensorflow/lite/builtin_ops.h"

static const TfLiteOpaqueDelegateBuilder *builder_of(const TfLiteDelegate *delegate)
{
    const TfLiteOpaqueDelegateBuilder *builder = delegate->opaque_delegate_builder;
    return builder != NULL && builder->Prepare != NULL ? builder : NULL;
}

/* ---- Kernels ---- */

static void *make_params(const tfl_kernel *kernel, const TfLiteRegistration *registration)
{
    const TfLiteOpaqueDelegateBuilder *builder = builder_of(kernel->delegate);
    if (registration->registration_external != NULL && builder != NULL) {
        TfLiteOpaqueDelegateParams *made = calloc(1, sizeof *made);
        if (made != NULL)
            *made = (TfLiteOpaqueDelegateParams){(TfLiteOpaqueDelegate *)kernel->delegate,
                                                 builder->data, kernel->replaced, kernel->inputs,
                                                 kernel->outputs};
        return made;
    }
    TfLiteDelegateParams *made = calloc(1, sizeof *made);
    if (made != NULL)
        *made = (TfLiteDelegateParams){kernel->delegate, kernel->replaced, kernel->inputs,
                                       kernel->outputs};
    return made;
}

/* The nodes of the model behind plan entries, kernels of earlier delegates resolved. */
static bool list_covered(const tfl_graph *graph, tfl_kernel *kernel)
{
    size_t count = 0;
    for (int i = 0; i < kernel->replaced->size; ++i) {
        const tfl_kernel *inner = graph->nodes[kernel->replaced->data[i]].kernel;
        count += inner == NULL ? 1 : inner->covered_count;
    }
    kernel->covered = malloc((count + 1) * sizeof *kernel->covered);
    for (int i = 0; kernel->covered != NULL && i < kernel->replaced->size; ++i) {
        const tfl_kernel *inner = graph->nodes[kernel->replaced->data[i]].kernel;
        if (inner == NULL)
            kernel->covered[kernel->covered_count++] = (size_t)kernel->replaced->data[i];
        for (size_t k = 0; inner != NULL && k < inner->covered_count; ++k)
            kernel->covered[kernel->covered_count++] = inner->covered[k];
    }
    return kernel->covered != NULL;
}

static tfl_kernel *make_kernel(const tfl_graph *graph, const TfLiteIntArray *subset_of,
                               TfLiteDelegate *delegate, int number)
{
    const TfLiteIntArray *plan = graph->plan;
    tfl_kernel *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    int count = 0;
    for (int i = 0; i < plan->size; ++i) count += subset_of->data[i] == number;
    made->delegate = delegate;
    made->replaced = TfLiteIntArrayCreate(count);
    made->inputs = tfl_subset_inputs(graph, plan, subset_of->data, number);
    made->outputs = tfl_subset_outputs(graph, plan, subset_of->data, number);
    count = 0;
    for (int i = 0; made->replaced != NULL && i < plan->size; ++i)
        if (subset_of->data[i] == number) made->replaced->data[count++] = plan->data[i];
    return made;
}

static bool fill_node(tfl_graph *graph, tfl_node *node, const TfLiteRegistration *registration)
{
    tfl_kernel *kernel = node->kernel;
    if (kernel->replaced == NULL || kernel->inputs == NULL || kernel->outputs == NULL ||
        !list_covered(graph, kernel))
        return false;
    const TfLiteOperator *external = registration->registration_external;
    const char *name = external != NULL ? external->custom_name : registration->custom_name;
    tfl_bridge_begin(&kernel->bridge, graph->interpreter, name != NULL ? name : "DELEGATE");
    node->registration = *registration;
    node->registration.builtin_code = kTfLiteBuiltinDelegate;
    node->custom = true;
    node->node = (TfLiteNode){.inputs = TfLiteIntArrayCopy(kernel->inputs),
                              .outputs = TfLiteIntArrayCopy(kernel->outputs),
                              .intermediates = TfLiteIntArrayCreate(0),
                              .temporaries = TfLiteIntArrayCreate(0),
                              .builtin_data = make_params(kernel, registration),
                              .delegate = kernel->delegate};
    node->shaped = calloc((size_t)kernel->outputs->size + 1, sizeof *node->shaped);
    return node->node.inputs != NULL && node->node.outputs != NULL &&
           node->node.intermediates != NULL && node->node.temporaries != NULL &&
           node->node.builtin_data != NULL && node->shaped != NULL;
}

/* Adds the kernel of one subset behind the nodes; its number, or -1. */
static int add_kernel(tfl_graph *graph, const TfLiteIntArray *subset_of, int number,
                      const TfLiteRegistration *registration, TfLiteDelegate *delegate)
{
    if (graph->node_count == graph->node_capacity) return -1;
    size_t index = graph->node_count++;
    tfl_node *node = &graph->nodes[index];
    node->kernel = make_kernel(graph, subset_of, delegate, number);
    if (node->kernel == NULL || !fill_node(graph, node, registration) ||
        !tfl_node_begin(graph, index, node->node.builtin_data, 0))
        return -1;
    for (int i = 0; i < node->node.outputs->size; ++i)
        graph->context.tensors[node->node.outputs->data[i]].delegate = delegate;
    return (int)index;
}

static bool contains(const TfLiteIntArray *list, int value)
{
    for (int i = 0; i < list->size; ++i)
        if (list->data[i] == value) return true;
    return false;
}

/* The plan with a kernel in place of each subset of chosen nodes; NULL when that fails. */
static TfLiteIntArray *rewrite_plan(tfl_graph *graph, const TfLiteIntArray *chosen,
                                    const TfLiteIntArray *subset_of, int subset_count,
                                    const TfLiteRegistration *registration,
                                    TfLiteDelegate *delegate)
{
    const TfLiteIntArray *plan = graph->plan;
    TfLiteIntArray *made = TfLiteIntArrayCreate(plan->size);
    int used = 0;
    for (int s = 0; made != NULL && s < subset_count; ++s) {
        int kernel = -1;
        for (int i = 0; i < plan->size; ++i) {
            if (subset_of->data[i] != s || kernel >= 0) continue;
            if (!contains(chosen, plan->data[i])) {
                made->data[used++] = plan->data[i];
                continue;
            }
            kernel = add_kernel(graph, subset_of, s, registration, delegate);
            if (kernel < 0) {
                TfLiteIntArrayFree(made);
                return NULL;
            }
            made->data[used++] = kernel;
        }
    }
    if (made != NULL) made->size = used;
    return made;
}

/* Which plan entries go together, or NULL. */
static TfLiteIntArray *cut(tfl_graph *graph, const TfLiteIntArray *chosen, int *subset_count)
{
    if (!tfl_nodes_make(graph)) return NULL;
    TfLiteIntArray *subset_of = TfLiteIntArrayCreate(graph->plan->size);
    if (subset_of == NULL ||
        tfl_partition(graph, graph->plan, chosen, subset_of->data, subset_count))
        return subset_of;
    TfLiteIntArrayFree(subset_of);
    return NULL;
}

TfLiteStatus tfl_replace_nodes(TfLiteContext *context, TfLiteRegistration registration,
                               const TfLiteIntArray *nodes_to_replace, TfLiteDelegate *delegate)
{
    tfl_graph *graph = tfl_graph_of(context);
    if (nodes_to_replace == NULL || nodes_to_replace->size == 0) return kTfLiteOk;
    if (!tfl_nodes_make(graph)) return kTfLiteError;
    for (int i = 0; i < nodes_to_replace->size; ++i) {
        if (contains(graph->plan, nodes_to_replace->data[i])) continue;
        context->ReportError(context, "a delegate asks for node %d, which does not run",
                             nodes_to_replace->data[i]);
        return kTfLiteError;
    }
    int count;
    TfLiteIntArray *subset_of = cut(graph, nodes_to_replace, &count);
    if (subset_of == NULL) return kTfLiteError;
    TfLiteIntArray *plan =
        rewrite_plan(graph, nodes_to_replace, subset_of, count, &registration, delegate);
    TfLiteIntArrayFree(subset_of);
    if (plan == NULL) return kTfLiteError;
    TfLiteIntArrayFree(graph->plan);
    graph->plan = plan;
    graph->interpreter->delegated = true;
    return kTfLiteOk;
}

/* ---- What a partition would be ---- */

void tfl_preview_free(tfl_graph *graph)
{
    for (int i = 0; i < graph->preview_count; ++i) {
        TfLiteIntArrayFree(graph->preview[i].nodes_to_replace);
        TfLiteIntArrayFree(graph->preview[i].input_tensors);
        TfLiteIntArrayFree(graph->preview[i].output_tensors);
    }
    free(graph->preview);
    graph->preview = NULL;
    graph->preview_count = 0;
}

TfLiteStatus tfl_preview_partitioning(TfLiteContext *context,
                                      const TfLiteIntArray *nodes_to_replace,
                                      TfLiteDelegateParams **partition_params_array,
                                      int *num_partitions)
{
    tfl_graph *graph = tfl_graph_of(context);
    tfl_preview_free(graph);
    *partition_params_array = NULL;
    *num_partitions = 0;
    int count;
    TfLiteIntArray *subset_of =
        nodes_to_replace == NULL ? NULL : cut(graph, nodes_to_replace, &count);
    if (subset_of == NULL) return nodes_to_replace == NULL ? kTfLiteOk : kTfLiteError;
    graph->preview = calloc((size_t)count + 1, sizeof *graph->preview);
    for (int s = 0; graph->preview != NULL && s < count; ++s) {
        int first = 0;
        while (subset_of->data[first] != s) ++first;
        if (!contains(nodes_to_replace, graph->plan->data[first])) continue;
        tfl_kernel *made = make_kernel(graph, subset_of, NULL, s);
        if (made == NULL) break;
        graph->preview[graph->preview_count++] =
            (TfLiteDelegateParams){NULL, made->replaced, made->inputs, made->outputs};
        free(made);
    }
    TfLiteIntArrayFree(subset_of);
    *partition_params_array = graph->preview;
    *num_partitions = graph->preview_count;
    return kTfLiteOk;
}

/* ---- Applying and taking back ---- */

static bool restore_plan(tfl_graph *graph)
{
    if (graph->nodes == NULL) return true;
    TfLiteIntArray *plan = TfLiteIntArrayCreate((int)graph->shape.node_count);
    if (plan == NULL) return false;
    for (int i = 0; i < plan->size; ++i) plan->data[i] = i;
    TfLiteIntArrayFree(graph->plan);
    graph->plan = plan;
    graph->immutable = false;
    for (size_t i = 0; i < graph->context.tensors_size; ++i)
        graph->context.tensors[i].delegate = NULL;
    return true;
}

static void free_kernels(tfl_graph *graph)
{
    for (size_t n = graph->shape.node_count; n < graph->node_count; ++n) {
        tfl_node_end(graph, n);
        tfl_node_free(&graph->nodes[n]);
    }
    if (graph->nodes != NULL) graph->node_count = graph->shape.node_count;
}

/* A session knows kernels until it is gone. */
static TfLiteStatus restore(TfLiteInterpreter *interpreter)
{
    for (size_t i = 0; i < interpreter->graph_count; ++i)
        if (interpreter->graphs[i] != NULL && !restore_plan(interpreter->graphs[i]))
            return kTfLiteError;
    if (!tfl_session_remake(interpreter)) return kTfLiteError;
    for (size_t i = 0; i < interpreter->graph_count; ++i)
        if (interpreter->graphs[i] != NULL) free_kernels(interpreter->graphs[i]);
    interpreter->delegated = false;
    return kTfLiteOk;
}

TfLiteStatus tfl_delegates_remove(TfLiteInterpreter *interpreter)
{
    interpreter->delegate_count = 0;
    interpreter->undone = false;
    return restore(interpreter);
}

TfLiteStatus tfl_delegates_undo(TfLiteInterpreter *interpreter)
{
    interpreter->undone = true;
    return restore(interpreter);
}

static TfLiteStatus call_prepare(tfl_graph *graph, TfLiteDelegate *delegate)
{
    TfLiteContext *context = &graph->context;
    const TfLiteOpaqueDelegateBuilder *builder = builder_of(delegate);
    if (builder != NULL)
        return builder->Prepare((TfLiteOpaqueContext *)context, (TfLiteOpaqueDelegate *)delegate,
                                builder->data);
    if (delegate->Prepare != NULL) return delegate->Prepare(context, delegate);
    tfl_report(&graph->interpreter->reporter, "the delegate has no Prepare");
    return kTfLiteDelegateError;
}

/* A tensor whose shape is known only after it has been computed, or -1. */
static int find_dynamic(const tfl_graph *graph)
{
    for (size_t i = 0; i < graph->shape.tensor_count; ++i)
        if (midge_tensor_is_dynamic(graph->sources[i])) return (int)i;
    return -1;
}

/* What a delegate that takes only fixed sizes must find. Custom operators that it may take over
 * are nobody's yet, so that the graph need not prepare. */
static TfLiteStatus fix_sizes(tfl_graph *graph)
{
    TfLiteStatus status = graph->index == 0 ? tfl_graph_allocate(graph, NULL) : kTfLiteOk;
    if (status != kTfLiteOk && status != kTfLiteUnresolvedOps) return status;
    int dynamic = find_dynamic(graph);
    if (dynamic < 0) return kTfLiteOk;
    tfl_report(&graph->interpreter->reporter,
               "the delegate takes only tensors of fixed sizes, but tensor %d has its size from "
               "data",
               dynamic);
    return kTfLiteApplicationError;
}

static TfLiteStatus apply(tfl_graph *graph, TfLiteDelegate *delegate)
{
    TfLiteInterpreter *interpreter = graph->interpreter;
    const TfLiteOpaqueDelegateBuilder *builder = builder_of(delegate);
    int64_t flags = builder != NULL ? builder->flags : delegate->flags;
    bool dynamic = (flags & kTfLiteDelegateFlagsAllowDynamicTensors) != 0, was = graph->allocated;
    TfLiteStatus status = dynamic ? kTfLiteOk : fix_sizes(graph);
    if (dynamic && (flags & kTfLiteDelegateFlagsRequirePropagatedShapes) != 0 && graph->index == 0)
        status = tfl_graph_allocate(graph, NULL);
    if (status != kTfLiteOk) return status;
    size_t before = graph->node_count;
    status = call_prepare(graph, delegate);
    bool changed =
        before != 0 ? graph->node_count != before : graph->node_count > graph->shape.node_count;
    if (status == kTfLiteOk && (changed || !dynamic))
        status = tfl_session_remake(interpreter) ? kTfLiteOk : kTfLiteError;
    if (status == kTfLiteOk && graph->index == 0 && (!dynamic || was))
        status = tfl_graph_allocate(graph, NULL);
    if (status == kTfLiteOk) {
        graph->immutable = !dynamic;
        return kTfLiteOk;
    }
    tfl_report(&interpreter->reporter, "the delegate failed; all nodes run here again");
    return tfl_delegates_remove(interpreter) == kTfLiteOk ? kTfLiteDelegateError : kTfLiteError;
}

static TfLiteStatus apply_to_all(TfLiteInterpreter *interpreter, TfLiteDelegate *delegate)
{
    for (size_t i = 0; i < interpreter->graph_count; ++i) {
        tfl_graph *graph = tfl_graph_get(interpreter, i);
        TfLiteStatus status = graph == NULL ? kTfLiteError : apply(graph, delegate);
        if (status != kTfLiteOk) return status;
    }
    return kTfLiteOk;
}

TfLiteStatus tfl_delegates_redo(TfLiteInterpreter *interpreter)
{
    interpreter->undone = false;
    for (size_t d = 0; d < interpreter->delegate_count; ++d) {
        TfLiteStatus status = apply_to_all(interpreter, interpreter->delegates[d]);
        if (status != kTfLiteOk) return status;
    }
    return kTfLiteOk;
}

TfLiteStatus TfLiteInterpreterModifyGraphWithDelegate(const TfLiteInterpreter *interpreter,
                                                      TfLiteDelegate *delegate)
{
    if (interpreter == NULL) return kTfLiteError;
    if (delegate == NULL) {
        tfl_report(&interpreter->reporter, "the delegate is NULL");
        return kTfLiteDelegateError;
    }
    TfLiteInterpreter *changed = (TfLiteInterpreter *)(uintptr_t)interpreter;
    TfLiteDelegate **list =
        realloc(changed->delegates, (changed->delegate_count + 1) * sizeof *list);
    if (list == NULL) return kTfLiteError;
    changed->delegates = list;
    TfLiteStatus status = apply_to_all(changed, delegate);
    if (status == kTfLiteOk) list[changed->delegate_count++] = delegate;
    return status;
}

/* ---- Buffers of delegates ---- */

/* Data of a tensor that lies in a buffer of its delegate is copied to where it can be read. */
static TfLiteStatus make_readable(tfl_graph *graph, TfLiteTensor *tensor)
{
    TfLiteDelegate *delegate = tensor->delegate;
    if (!tensor->data_is_stale) return kTfLiteOk;
    const TfLiteOpaqueDelegateBuilder *builder = delegate != NULL ? builder_of(delegate) : NULL;
    TfLiteStatus status = kTfLiteError;
    if (builder != NULL && builder->CopyFromBufferHandle != NULL)
        status = builder->CopyFromBufferHandle((TfLiteOpaqueContext *)&graph->context,
                                               (TfLiteOpaqueDelegate *)delegate, builder->data,
                                               tensor->buffer_handle, (TfLiteOpaqueTensor *)tensor);
    else if (delegate != NULL && delegate->CopyFromBufferHandle != NULL)
        status = delegate->CopyFromBufferHandle(&graph->context, delegate, tensor->buffer_handle,
                                                tensor);
    if (status == kTfLiteOk) tensor->data_is_stale = false;
    return status;
}

/* By nodes that are not its delegate's, or by the program, unless that lets outputs stay where they
 * are. */
static bool is_read(const tfl_graph *graph, int tensor)
{
    const TfLiteDelegate *maker = graph->context.tensors[tensor].delegate;
    for (int i = 0; i < graph->plan->size; ++i) {
        const TfLiteNode *node = &graph->nodes[graph->plan->data[i]].node;
        if (node->delegate != maker && contains(node->inputs, tensor)) return true;
    }
    for (size_t i = 0; i < graph->shape.output_count; ++i)
        if (graph->shape.outputs[i] == tensor) return !graph->interpreter->leave_outputs;
    return false;
}

TfLiteStatus tfl_outputs_make_readable(tfl_graph *graph, const tfl_node *node)
{
    TfLiteStatus status = kTfLiteOk;
    for (int i = 0; i < node->node.outputs->size && status == kTfLiteOk; ++i) {
        TfLiteTensor *tensor = &graph->context.tensors[node->node.outputs->data[i]];
        if (tensor->data_is_stale && is_read(graph, node->node.outputs->data[i]))
            status = make_readable(graph, tensor);
    }
    return status;
}

static void free_handle(tfl_graph *graph, TfLiteTensor *tensor)
{
    TfLiteDelegate *delegate = tensor->delegate;
    if (tensor->buffer_handle == kTfLiteNullBufferHandle || delegate == NULL) return;
    const TfLiteOpaqueDelegateBuilder *builder = builder_of(delegate);
    if (builder != NULL && builder->FreeBufferHandle != NULL)
        builder->FreeBufferHandle((TfLiteOpaqueContext *)&graph->context,
                                  (TfLiteOpaqueDelegate *)delegate, builder->data,
                                  &tensor->buffer_handle);
    else if (delegate->FreeBufferHandle != NULL)
        delegate->FreeBufferHandle(&graph->context, delegate, &tensor->buffer_handle);
}

TfLiteStatus TfLiteInterpreterSetBufferHandle(TfLiteInterpreter *interpreter, TfLiteTensor *tensor,
                                              TfLiteBufferHandle buffer_handle,
                                              TfLiteOpaqueDelegate *delegate)
{
    if (interpreter == NULL || tensor == NULL) return kTfLiteError;
    if (tensor->delegate != NULL && tensor->delegate != (TfLiteDelegate *)delegate) {
        tfl_report(&interpreter->reporter, "tensor %s is another delegate's", tensor->name);
        return kTfLiteError;
    }
    tensor->delegate = (TfLiteDelegate *)delegate;
    free_handle(interpreter->graphs[0], tensor);
    tensor->buffer_handle = buffer_handle;
    return kTfLiteOk;
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
    if (interpreter == NULL) return;
    ((TfLiteInterpreter *)(uintptr_t)interpreter)->leave_outputs = allow_buffer_handle_output;
}

TfLiteStatus TfLiteInterpreterEnsureTensorDataIsReadable(TfLiteInterpreter *interpreter,
                                                         int tensor_index)
{
    TfLiteTensor *tensor = TfLiteInterpreterGetTensor(interpreter, tensor_index);
    return tensor == NULL ? kTfLiteError : make_readable(interpreter->graphs[0], tensor);
}
