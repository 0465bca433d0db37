/* SPDX-License-Identifier: Apache-2.0 */
/* What operators may ask of the session while they prepare and run. */
#include <string.h>

#include "run/session.h"

static mg_node_state *state_of(const midge_op_context *context)
{
    return context->host;
}

static midge_session *session_of(const midge_op_context *context)
{
    return state_of(context)->instance->session;
}

static midge_status get_prepared(midge_op_context *context, size_t bytes, void **memory)
{
    TRY(mg_heap_get(&session_of(context)->heap, bytes, memory, context->error));
    memset(*memory, 0, bytes);
    return MIDGE_OK;
}

static midge_status get_packed(midge_op_context *context, size_t bytes, void **memory, bool *fresh)
{
    mg_node_state *state = state_of(context);
    *fresh = context->packed == NULL || state->packed_bytes < bytes;
    if (*fresh) {
        mg_heap_release(&session_of(context)->heap, context->packed);
        context->packed = NULL;
        TRY(mg_heap_get(&session_of(context)->heap, bytes, &context->packed, context->error));
        state->packed_bytes = bytes;
    }
    *memory = context->packed;
    return MIDGE_OK;
}

static midge_status request_scratch(midge_op_context *context, size_t bytes)
{
    state_of(context)->scratch_bytes = bytes;
    return MIDGE_OK;
}

/* Results of more dimensions than a tensor can have are a lack of midge, no mistake of a caller. */
static midge_status check_rank(midge_op_context *context, int32_t rank)
{
    if (rank <= MIDGE_MAX_RANK) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_UNSUPPORTED,
                      "the result has %d dimensions, midge handles up to %d", (int)rank,
                      MIDGE_MAX_RANK);
}

static midge_status set_shape(midge_op_context *context, midge_tensor *output, int32_t rank,
                              const int32_t *shape)
{
    TRY(check_rank(context, rank));
    TRY(mg_tensor_set_shape(output, rank, shape, context->error));
    output->dynamic = false;
    return MIDGE_OK;
}

static midge_status set_dynamic(midge_op_context *context, midge_tensor *output)
{
    (void)context;
    output->dynamic = true;
    return MIDGE_OK;
}

static midge_status resize(midge_op_context *context, midge_tensor *output, int32_t rank,
                           const int32_t *shape)
{
    TRY(check_rank(context, rank));
    TRY(mg_tensor_set_shape(output, rank, shape, context->error));
    return mg_tensor_own(session_of(context), output, output->bytes);
}

static midge_status resize_bytes(midge_op_context *context, midge_tensor *output, size_t bytes)
{
    TRY(mg_tensor_own(session_of(context), output, bytes));
    output->bytes = bytes;
    return MIDGE_OK;
}

static midge_status give_shapes(midge_op_context *context, mg_instance *callee, size_t count,
                                midge_tensor *const *inputs)
{
    if (count != callee->graph->input_count)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "subgraph %d takes %zu inputs, got %zu",
                          (int)callee->index, callee->graph->input_count, count);
    for (size_t i = 0; i < count; ++i) {
        midge_tensor *input = callee->inputs[i];
        if (inputs[i]->type != input->type)
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "input %zu of subgraph %d is %s, got %s", i, (int)callee->index,
                              midge_type_name(input->type), midge_type_name(inputs[i]->type));
        TRY(mg_instance_resize(callee, input, inputs[i]->rank, inputs[i]->shape));
    }
    return MIDGE_OK;
}

static midge_status call_subgraph(midge_op_context *context, int32_t graph, size_t input_count,
                                  midge_tensor *const *inputs, size_t *output_count,
                                  midge_tensor *const **outputs, bool invoke)
{
    midge_session *session = session_of(context);
    if (graph < 0 || (size_t)graph >= session->instance_count)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "subgraph %d does not exist", (int)graph);
    mg_instance *callee = &session->instances[graph];
    TRY(give_shapes(context, callee, input_count, inputs));
    if (!callee->prepared) TRY(mg_instance_prepare(callee));
    for (size_t i = 0; invoke && i < input_count; ++i)
        TRY(mg_instance_write(callee, callee->inputs[i], inputs[i]->data, inputs[i]->bytes));
    if (invoke) TRY(mg_instance_invoke(callee));
    *output_count = callee->graph->output_count;
    *outputs = callee->outputs;
    return MIDGE_OK;
}

static const mg_graph *definition_of(midge_op_context *context, int32_t graph)
{
    const midge_session *session = session_of(context);
    if (graph < 0 || (size_t)graph >= session->instance_count) return NULL;
    return session->instances[graph].graph;
}

static midge_status count_iteration(midge_op_context *context)
{
    midge_session *session = session_of(context);
    if (atomic_load_explicit(&session->cancelled, memory_order_relaxed))
        return mg_op_fail(context, MIDGE_CANCELLED, "cancelled");
    if (++session->iterations > session->limits.while_iterations)
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the limit of %llu iterations is reached",
                          (unsigned long long)session->limits.while_iterations);
    return MIDGE_OK;
}

static mg_resources *get_resources(midge_op_context *context)
{
    return &session_of(context)->resources;
}

static midge_op_context *maker(midge_op_context *context, const midge_tensor *operand, int32_t op)
{
    return mg_node_maker(state_of(context), operand, op);
}

static void take_over(midge_op_context *context, const midge_tensor *operand)
{
    mg_node_take_over(state_of(context), operand);
}

static bool absorb(midge_op_context *context, const midge_tensor *operand, int32_t op,
                   const midge_tensor *source)
{
    return mg_node_absorb(state_of(context), operand, op, source);
}

static int32_t node_index(const midge_op_context *context)
{
    const mg_node_state *state = state_of(context);
    const mg_instance *instance = state->instance;
    size_t index = (size_t)(state - instance->nodes);
    return (int32_t)(instance->steps == NULL ? index : instance->steps[index]);
}

static int32_t graph_index(const midge_op_context *context)
{
    return state_of(context)->instance->index;
}

const mg_op_services mg_session_services = {
    .prepared = get_prepared,
    .packed = get_packed,
    .scratch = request_scratch,
    .set_shape = set_shape,
    .set_dynamic = set_dynamic,
    .resize = resize,
    .resize_bytes = resize_bytes,
    .subgraph = call_subgraph,
    .definition = definition_of,
    .count_iteration = count_iteration,
    .resources = get_resources,
    .absorb = absorb,
    .maker = maker,
    .take_over = take_over,
    .node_index = node_index,
    .graph_index = graph_index,
};
