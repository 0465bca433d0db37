/* SPDX-License-Identifier: Apache-2.0 */
/* The session half of midge.h: check arguments, call down. */
#include <string.h>

#include "run/create.h"
#include "run/peak.h"

midge_session_options midge_session_options_default(void)
{
    return (midge_session_options){.size = sizeof(midge_session_options), .threads = 1};
}

midge_status midge_session_create(midge_model *model, const midge_session_options *options,
                                  midge_session **session, midge_error *error)
{
    midge_session_options chosen = midge_session_options_default();
    if (model == NULL || session == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "%s is NULL",
                       model == NULL ? "model" : "session");
    if (options != NULL && (options->size == 0 || options->size > sizeof chosen))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "options.size is %zu; start from midge_session_options_default()",
                       options->size);
    if (options != NULL) memcpy(&chosen, options, options->size);
    for (size_t i = 0; i < chosen.custom_operator_count; ++i) {
        const midge_custom_operator *custom = chosen.custom_operators[i];
        if (custom == NULL || custom->name == NULL || custom->prepare == NULL ||
            custom->invoke == NULL)
            return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                           "custom operator %zu needs a name, prepare and invoke", i);
    }
    return mg_session_create(model, &chosen, session, error);
}

void midge_session_free(midge_session *session)
{
    mg_session_destroy(session);
}

const char *midge_session_message(const midge_session *session)
{
    return session->error.message;
}

static mg_instance *primary(const midge_session *session)
{
    return &session->instances[0];
}

size_t midge_session_input_count(const midge_session *session)
{
    return primary(session)->graph->input_count;
}

size_t midge_session_output_count(const midge_session *session)
{
    return primary(session)->graph->output_count;
}

midge_tensor *midge_session_input(const midge_session *session, size_t index)
{
    return index < primary(session)->graph->input_count ? primary(session)->inputs[index] : NULL;
}

midge_tensor *midge_session_output(const midge_session *session, size_t index)
{
    return index < primary(session)->graph->output_count ? primary(session)->outputs[index] : NULL;
}

static midge_tensor *find_named(midge_tensor *const *tensors, size_t count, const char *name)
{
    for (size_t i = 0; name != NULL && i < count; ++i)
        if (strcmp(tensors[i]->definition->name, name) == 0) return tensors[i];
    return NULL;
}

midge_tensor *midge_session_input_named(const midge_session *session, const char *name)
{
    return find_named(primary(session)->inputs, midge_session_input_count(session), name);
}

midge_tensor *midge_session_output_named(const midge_session *session, const char *name)
{
    return find_named(primary(session)->outputs, midge_session_output_count(session), name);
}

size_t midge_session_tensor_count(const midge_session *session)
{
    return primary(session)->graph->tensor_count;
}

midge_tensor *midge_session_tensor(const midge_session *session, size_t index)
{
    return index < primary(session)->graph->tensor_count ? &primary(session)->tensors[index] : NULL;
}

midge_tensor *midge_session_graph_tensor(const midge_session *session, size_t graph, size_t index)
{
    if (graph >= session->instance_count) return NULL;
    const mg_instance *instance = &session->instances[graph];
    return index < instance->graph->tensor_count ? &instance->tensors[index] : NULL;
}

midge_status midge_session_bind(midge_session *session, midge_tensor *tensor, void *memory,
                                size_t bytes)
{
    enum { ALIGNMENT = 8 };
    if (tensor == NULL) return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT, "tensor is NULL");
    if ((uintptr_t)memory % ALIGNMENT != 0)
        return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT,
                       "memory for a tensor must be aligned to %d bytes", (int)ALIGNMENT);
    for (size_t i = 0; i < session->instance_count; ++i) {
        mg_instance *instance = &session->instances[i];
        if (tensor >= instance->tensors &&
            tensor < instance->tensors + instance->graph->tensor_count)
            return mg_instance_bind(instance, tensor, memory, bytes);
    }
    return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT, "the tensor is of another session");
}

static midge_status check_input(midge_session *session, size_t index)
{
    if (index < midge_session_input_count(session)) return MIDGE_OK;
    return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT,
                   "input %zu does not exist, there are %zu", index,
                   midge_session_input_count(session));
}

midge_status midge_session_resize_input(midge_session *session, size_t index, int rank,
                                        const int32_t *shape)
{
    TRY(check_input(session, index));
    if (shape == NULL && rank > 0)
        return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT, "shape is NULL");
    return mg_instance_resize(primary(session), primary(session)->inputs[index], rank, shape);
}

midge_status midge_session_write_input(midge_session *session, size_t index, const void *data,
                                       size_t bytes)
{
    TRY(check_input(session, index));
    if (data == NULL && bytes > 0)
        return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT, "data is NULL");
    TRY(midge_session_prepare(session));
    return mg_instance_write(primary(session), primary(session)->inputs[index], data, bytes);
}

midge_status midge_session_prepare(midge_session *session)
{
    if (primary(session)->prepared) return MIDGE_OK;
    mg_session_begin_prepare(session);
    return mg_instance_prepare(primary(session));
}

midge_status midge_session_invoke(midge_session *session)
{
    mg_session_begin(session);
    return mg_instance_invoke(primary(session));
}

midge_status midge_session_reset(midge_session *session)
{
    for (size_t i = 0; i < session->instance_count; ++i) mg_instance_reset(&session->instances[i]);
    return MIDGE_OK;
}

void midge_session_cancel(midge_session *session)
{
    atomic_store(&session->cancelled, true);
}

size_t midge_session_memory(const midge_session *session, size_t *arena_bytes)
{
    size_t arena = 0;
    for (size_t i = 0; i < session->instance_count; ++i) arena += session->instances[i].arena_bytes;
    if (arena_bytes != NULL) *arena_bytes = arena;
    return session->heap.live;
}

size_t midge_session_node_count(const midge_session *session)
{
    return primary(session)->graph->node_count;
}

bool midge_session_node(const midge_session *session, size_t index, midge_node_info *node)
{
    if (node == NULL || index >= primary(session)->graph->node_count) return false;
    const mg_node_state *state = &primary(session)->nodes[index];
    const mg_node *definition = state->context.node;
    *node = (midge_node_info){
        .op = definition->op == MG_BUILTIN_CUSTOM ? definition->custom_name
                                                  : mg_builtin_name(definition->op),
        .version = (int)definition->version,
        .input_count = definition->input_count,
        .inputs = definition->inputs,
        .output_count = definition->output_count,
        .outputs = definition->outputs,
        .nanoseconds = state->nanoseconds,
        .runs = state->runs,
        .multiply_accumulates = state->context.multiply_accumulates,
        .kernel = state->context.kernel_name != NULL ? state->context.kernel_name : "",
        .code = (int)definition->op,
        .has_options = mg_node_has_options(definition),
        .custom_options = definition->custom_options,
        .custom_options_bytes = definition->custom_options_bytes};
    return true;
}

midge_status midge_session_peak(midge_session *session, midge_peak *peak)
{
    if (peak == NULL) return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT, "peak is NULL");
    return mg_session_peak(session, peak);
}

bool midge_session_tensor_place(const midge_session *session, size_t tensor, size_t *offset,
                                size_t *bytes, int32_t *first_node, int32_t *last_node)
{
    if (tensor >= primary(session)->graph->tensor_count) return false;
    const midge_tensor *at = &primary(session)->tensors[tensor];
    if (at->storage != MG_STORAGE_ARENA || !primary(session)->prepared) return false;
    *offset = at->arena_offset;
    *bytes = at->bytes;
    *first_node = at->first_node;
    *last_node = at->last_node;
    return true;
}
