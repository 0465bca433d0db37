/* SPDX-License-Identifier: Apache-2.0 */
/* Invoke: the nodes in order, within the limits. */
#include "base/clock.h"
#include "run/session.h"

void mg_session_begin(midge_session *session)
{
    session->steps = session->iterations = 0;
    uint64_t allowed = session->limits.milliseconds;
    session->deadline = allowed == 0 || allowed > UINT64_MAX / 2000000
                            ? 0
                            : mg_clock_nanoseconds() + allowed * 1000000;
    session->preparations_left = UINT64_MAX;
    atomic_store(&session->cancelled, false);
    mg_pool_begin(session->pool);
}

void mg_session_begin_prepare(midge_session *session)
{
    enum { LEAST = 100000, TIMES_EACH = 64 };
    uint64_t nodes = 0;
    for (size_t i = 0; i < session->model->graph_count; ++i)
        nodes += session->model->graphs[i].node_count;
    session->preparations_left = LEAST + nodes * TIMES_EACH;
    session->deadline = 0;
    atomic_store(&session->cancelled, false);
    mg_pool_begin(session->pool);
}

midge_status mg_session_check(midge_session *session)
{
    if (atomic_load_explicit(&session->cancelled, memory_order_relaxed))
        return mg_fail(&session->error, MIDGE_CANCELLED, "cancelled before the next node");
    if (session->deadline != 0 && mg_clock_nanoseconds() > session->deadline)
        return mg_fail(&session->error, MIDGE_LIMIT_EXCEEDED, "the limit of %llu ms is reached",
                       (unsigned long long)session->limits.milliseconds);
    return MIDGE_OK;
}

static midge_status check_limits(midge_session *session)
{
    if (session->limits.steps != 0 && ++session->steps > session->limits.steps)
        return mg_fail(&session->error, MIDGE_LIMIT_EXCEEDED, "the limit of %llu nodes is reached",
                       (unsigned long long)session->limits.steps);
    return mg_session_check(session);
}

static midge_status grow_scratch(mg_instance *instance, size_t bytes)
{
    if (instance->late_scratch != NULL && instance->late_scratch_bytes >= bytes) return MIDGE_OK;
    midge_session *session = instance->session;
    mg_heap_release(&session->heap, instance->late_scratch);
    instance->late_scratch = NULL;
    instance->late_scratch_bytes = 0;
    TRY(mg_heap_get(&session->heap, bytes, &instance->late_scratch, &session->error));
    instance->late_scratch_bytes = bytes;
    return MIDGE_OK;
}

/* Shapes are known now; what the plan does for others happens here. */
static midge_status prepare_late(mg_node_state *state)
{
    midge_op_context *context = &state->context;
    for (size_t i = 0; i < context->output_count; ++i) context->outputs[i]->dynamic = false;
    midge_status status = mg_node_prepare(state);
    for (size_t i = 0; i < context->output_count; ++i) {
        midge_tensor *output = context->outputs[i];
        if (status == MIDGE_OK && !output->dynamic)
            status = mg_tensor_own(state->instance->session, output, output->bytes);
        output->dynamic = true;
    }
    TRY(status);
    TRY(grow_scratch(state->instance, state->scratch_bytes));
    context->scratch = state->instance->late_scratch;
    return MIDGE_OK;
}

bool mg_node_all_empty(const mg_node_state *state)
{
    const midge_op_context *context = &state->context;
    if ((state->op->flags & MG_OP_STATEFUL) != 0 || context->output_count == 0) return false;
    for (size_t i = 0; i < context->output_count; ++i) {
        const midge_tensor *output = context->outputs[i];
        if (output->elements != 0 || output->type == MIDGE_STRING || output->dynamic) return false;
    }
    return true;
}

static midge_status run_timed(mg_node_state *state)
{
    uint64_t start = mg_clock_nanoseconds();
    midge_status status = state->op->run(&state->context);
    state->nanoseconds += mg_clock_nanoseconds() - start;
    ++state->runs;
    return status;
}

static midge_status run_node(mg_node_state *state)
{
    if (state->late) TRY(prepare_late(state));
    if (mg_node_all_empty(state)) return MIDGE_OK;
    return state->instance->session->profile ? run_timed(state) : state->op->run(&state->context);
}

/* What prepare let pass and a run refuses, operators refuse for the data that decided it. */
static midge_status blame_data(midge_session *session, midge_status status)
{
    if (status != MIDGE_INVALID_MODEL) return status;
    session->error.status = MIDGE_RUN_ERROR;
    return MIDGE_RUN_ERROR;
}

midge_status mg_instance_invoke(mg_instance *instance)
{
    enum { WORTH_WAKING = 1 << 22 };
    midge_session *session = instance->session;
    if (!instance->prepared) TRY(mg_instance_prepare(instance));
    if (instance->multiply_accumulates >= WORTH_WAKING) mg_pool_wake(session->pool);
    for (size_t i = 0; i < instance->graph->input_count; ++i)
        if (instance->inputs[i]->type == MIDGE_STRING && instance->inputs[i]->bytes == 0)
            return mg_fail(&session->error, MIDGE_INVALID_STATE,
                           "input %zu holds strings, but none were given", i);
    for (size_t n = 0; n < instance->graph->node_count; ++n) {
        if (instance->nodes[n].folded || instance->nodes[n].absorbed) continue;
        TRY(check_limits(session));
        TRY(blame_data(session, run_node(&instance->nodes[n])));
    }
    return MIDGE_OK;
}
