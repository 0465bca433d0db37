/* SPDX-License-Identifier: Apache-2.0 */
/* Prepare: shapes in node order, folding of what is known, then one plan for all memory. */
#include <string.h>

#include "plan/lifetime.h"
#include "run/session.h"

/* Results that depend on input shapes are folded only while they are small: shape arithmetic. */
enum { MOST_FOLDED_BYTES = 65536 };

static bool all_inputs(const midge_op_context *context, bool constant)
{
    for (size_t i = 0; i < context->input_count; ++i) {
        const midge_tensor *input = context->inputs[i];
        if (input == NULL) continue;
        if (constant ? !input->constant : !input->known) return false;
    }
    return true;
}

static bool any_dynamic(size_t count, midge_tensor *const *tensors)
{
    for (size_t i = 0; i < count; ++i)
        if (tensors[i] != NULL && tensors[i]->dynamic) return true;
    return false;
}

static bool has_variable(const midge_op_context *context)
{
    for (size_t i = 0; i < context->input_count; ++i)
        if (context->inputs[i] != NULL && context->inputs[i]->definition->is_variable) return true;
    return false;
}

static bool any_given(const midge_op_context *context)
{
    for (size_t i = 0; i < context->output_count; ++i)
        if (context->outputs[i]->given != NULL) return true;
    return false;
}

static bool can_fold(const mg_node_state *state)
{
    const midge_op_context *context = &state->context;
    if ((state->op->flags & MG_OP_STATEFUL) != 0 || context->output_count == 0 ||
        any_dynamic(context->output_count, context->outputs) || has_variable(context) ||
        any_given(context))
        return false;
    if (all_inputs(context, true)) return true;
    if ((state->op->flags & MG_OP_SHAPE_ONLY) == 0 && !all_inputs(context, false)) return false;
    size_t bytes = 0;
    for (size_t i = 0; i < context->output_count; ++i) bytes += context->outputs[i]->bytes;
    return bytes <= MOST_FOLDED_BYTES;
}

/* Computes a node now. A failure that stems from data is left to invoke, which may never get there.
 */
static midge_status fold(mg_node_state *state)
{
    midge_session *session = state->instance->session;
    midge_op_context *context = &state->context;
    bool constant = all_inputs(context, true);
    void *scratch = NULL;
    for (size_t i = 0; i < context->output_count; ++i)
        TRY(mg_tensor_own(session, context->outputs[i], context->outputs[i]->bytes));
    TRY(mg_heap_get(&session->heap, state->scratch_bytes, &scratch, &session->error));
    context->scratch = scratch;
    midge_status status = mg_node_all_empty(state) ? MIDGE_OK : state->op->run(context);
    mg_heap_release(&session->heap, scratch);
    context->scratch = NULL;
    if (status == MIDGE_NO_MEMORY || status == MIDGE_LIMIT_EXCEEDED) return status;
    if (status != MIDGE_OK) {
        for (size_t i = 0; i < context->output_count; ++i)
            mg_tensor_disown(session, context->outputs[i]);
        return MIDGE_OK;
    }
    state->folded = true;
    for (size_t i = 0; i < context->output_count; ++i) {
        context->outputs[i]->known = true;
        context->outputs[i]->constant = constant;
    }
    return MIDGE_OK;
}

/* A sparse constant has less data than its shape says. */
static midge_status check_sparse(mg_node_state *state)
{
    midge_op_context *context = &state->context;
    if ((state->op->flags & MG_OP_SPARSE) != 0) return MIDGE_OK;
    for (size_t i = 0; i < context->input_count; ++i) {
        const midge_tensor *input = context->inputs[i];
        if (input != NULL && input->constant && input->definition->sparsity != NULL)
            return mg_op_fail(context, MIDGE_UNSUPPORTED,
                              "input %zu is a sparse constant, which only DENSIFY unfolds", i);
    }
    return MIDGE_OK;
}

midge_status mg_node_prepare(mg_node_state *state)
{
    midge_session *session = state->instance->session;
    midge_op_context *context = &state->context;
    TRY(check_sparse(state));
    mg_heap_release(&session->heap, context->prepared);
    context->prepared = NULL;
    state->scratch_bytes = 0;
    context->kernel_name = "";
    context->multiply_accumulates = 0;
    state->preparing = true;
    midge_status status = state->op->prepare(context);
    state->preparing = false;
    return status;
}

/* A node behind a result of unknown shape: its outputs are unknown too. */
static void postpone(mg_node_state *state)
{
    state->late = true;
    for (size_t i = 0; i < state->context.output_count; ++i)
        state->context.outputs[i]->dynamic = true;
}

static midge_status prepare_nodes(mg_instance *instance)
{
    midge_session *session = instance->session;
    for (size_t n = 0; n < instance->graph->node_count; ++n) {
        mg_node_state *state = &instance->nodes[n];
        TRY(mg_session_check(session));
        if (session->preparations_left == 0)
            return mg_fail(&session->error, MIDGE_LIMIT_EXCEEDED,
                           "subgraphs call each other with changing shapes so often that preparing "
                           "them takes more work than the model's size warrants");
        --session->preparations_left;
        if (any_dynamic(state->context.input_count, state->context.inputs)) {
            postpone(state);
            continue;
        }
        TRY(mg_node_prepare(state));
        if (can_fold(state)) TRY(fold(state));
    }
    return MIDGE_OK;
}

/* A tensor that lies in memory of the caller. */
static midge_status place_given(midge_session *session, midge_tensor *tensor)
{
    char name[80];
    if (tensor->dynamic)
        return mg_fail(&session->error, MIDGE_UNSUPPORTED,
                       "tensor %s cannot lie in memory of the caller: its size is known only after "
                       "a node has run",
                       mg_printable(tensor->definition->name, name, sizeof name));
    if (tensor->given_bytes < tensor->bytes)
        return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT,
                       "tensor %s needs %zu bytes, the caller's memory has %zu",
                       mg_printable(tensor->definition->name, name, sizeof name), tensor->bytes,
                       tensor->given_bytes);
    tensor->data = tensor->given;
    tensor->storage = MG_STORAGE_GIVEN;
    return MIDGE_OK;
}

/* Which memory each tensor will have. */
static midge_status choose_storage(mg_instance *instance)
{
    midge_session *session = instance->session;
    for (size_t i = 0; i < instance->graph->tensor_count; ++i) {
        midge_tensor *tensor = &instance->tensors[i];
        if (tensor->given != NULL) TRY(place_given(session, tensor));
        if (tensor->storage != MG_STORAGE_NONE || tensor->dynamic) continue;
        if (tensor->definition->is_variable || tensor->type == MIDGE_STRING) {
            TRY(mg_tensor_own(session, tensor, tensor->bytes));
        } else {
            tensor->storage = MG_STORAGE_ARENA;
        }
    }
    return MIDGE_OK;
}

static void assign_addresses(mg_instance *instance, const mg_lifetimes *lifetimes)
{
    unsigned char *arena = instance->arena;
    for (size_t i = 0; i < instance->graph->tensor_count; ++i) {
        midge_tensor *tensor = &instance->tensors[i];
        if (tensor->storage != MG_STORAGE_ARENA) continue;
        int32_t buffer = lifetimes->buffer_of_tensor[i];
        if (buffer < 0) { /* its node was absorbed */
            tensor->storage = MG_STORAGE_NONE;
            continue;
        }
        tensor->arena_offset = lifetimes->buffers[buffer].offset;
        tensor->data = arena + tensor->arena_offset;
    }
    for (size_t n = 0; n < instance->graph->node_count; ++n) {
        int32_t buffer = lifetimes->buffer_of_node[n];
        size_t offset = buffer >= 0 ? lifetimes->buffers[buffer].offset : 0;
        instance->nodes[n].context.scratch = arena + offset;
    }
}

static midge_status plan_memory(mg_instance *instance)
{
    midge_session *session = instance->session;
    const mg_graph *graph = instance->graph;
    void *memory = NULL;
    TRY(mg_heap_get_array(&session->heap, graph->node_count, sizeof(mg_planned_node), &memory,
                          &session->error));
    mg_planned_node *planned = memory;
    instance->multiply_accumulates = 0;
    for (size_t n = graph->node_count; n-- > 0;) {
        const mg_node_state *state = &instance->nodes[n];
        bool counts = !state->folded && !state->late && !state->absorbed;
        instance->multiply_accumulates += state->context.multiply_accumulates;
        planned[n] =
            (mg_planned_node){state->op->flags, counts ? state->scratch_bytes : 0, counts, 0};
        /* Who absorbed it may have been absorbed too. */
        if (state->absorbed)
            planned[n].delay = state->absorber - n + planned[state->absorber].delay;
    }
    mg_lifetimes lifetimes;
    midge_status status =
        mg_find_lifetimes(&session->heap, graph, instance->tensors, planned,
                          session->preserve_all_tensors, &lifetimes, &session->error);
    if (status == MIDGE_OK)
        status = mg_place_buffers(&session->heap, lifetimes.buffers, lifetimes.count,
                                  &instance->arena_bytes, &session->error);
    if (status == MIDGE_OK)
        status =
            mg_heap_get(&session->heap, instance->arena_bytes, &instance->arena, &session->error);
    if (status == MIDGE_OK) assign_addresses(instance, &lifetimes);
    mg_lifetimes_free(&session->heap, &lifetimes);
    mg_heap_release(&session->heap, planned);
    return status;
}

midge_status mg_instance_prepare(mg_instance *instance)
{
    mg_instance_unprepare(instance);
    midge_status status = mg_require_operators(instance->session);
    if (status == MIDGE_OK) status = prepare_nodes(instance);
    if (status == MIDGE_OK) status = choose_storage(instance);
    if (status == MIDGE_OK) status = plan_memory(instance);
    if (status != MIDGE_OK) {
        mg_instance_unprepare(instance);
        return status;
    }
    for (size_t i = 0; i < instance->graph->input_count; ++i)
        if (instance->inputs[i]->storage == MG_STORAGE_ARENA)
            memset(instance->inputs[i]->data, 0, instance->inputs[i]->bytes);
    mg_instance_reset(instance);
    instance->prepared = true;
    return MIDGE_OK;
}
