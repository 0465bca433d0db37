/* SPDX-License-Identifier: Apache-2.0 */
/* Instances of subgraphs: their tensors and nodes, resizing and writing of inputs, variables. */
#include <string.h>

#include "run/session.h"

static void begin_tensor(midge_tensor *tensor)
{
    const mg_tensor *definition = tensor->definition;
    tensor->data = (void *)(uintptr_t)definition->constant;
    tensor->storage = definition->constant != NULL ? MG_STORAGE_CONSTANT : MG_STORAGE_NONE;
    tensor->constant = tensor->known = definition->constant != NULL;
    tensor->dynamic = false;
    /* Strings have their bytes from whoever wrote them, into memory that is gone now. */
    if (definition->constant != NULL)
        tensor->bytes = definition->constant_bytes;
    else if (tensor->type == MIDGE_STRING)
        tensor->bytes = 0;
}

static midge_status create_tensors(mg_instance *instance)
{
    midge_session *session = instance->session;
    const mg_graph *graph = instance->graph;
    void *memory = NULL;
    TRY(mg_region_get_array(&session->region, graph->tensor_count, sizeof(midge_tensor), &memory,
                            &session->error));
    instance->tensors = memory;
    for (size_t i = 0; i < graph->tensor_count; ++i) {
        midge_tensor *tensor = &instance->tensors[i];
        const mg_tensor *definition = &graph->tensors[i];
        tensor->definition = definition;
        tensor->type = definition->type;
        tensor->quantization = definition->quantization;
        TRY(mg_tensor_set_shape(tensor, definition->rank, definition->shape, &session->error));
        begin_tensor(tensor);
    }
    return MIDGE_OK;
}

static midge_status gather(mg_instance *instance, size_t count, const int32_t *indices,
                           midge_tensor ***tensors)
{
    void *memory = NULL;
    TRY(mg_region_get_array(&instance->session->region, count, sizeof(midge_tensor *), &memory,
                            &instance->session->error));
    *tensors = memory;
    for (size_t i = 0; i < count; ++i)
        (*tensors)[i] = indices[i] < 0 ? NULL : &instance->tensors[indices[i]];
    return MIDGE_OK;
}

static midge_status create_node(mg_instance *instance, size_t index)
{
    midge_session *session = instance->session;
    mg_node_state *state = &instance->nodes[index];
    const mg_node *node = &instance->graph->nodes[index];
    state->instance = instance;
    midge_op_context *context = &state->context;
    context->node = node;
    context->kernels = &session->kernels;
    context->pool = session->pool;
    context->error = &session->error;
    context->services = &mg_session_services;
    context->host = state;
    context->input_count = node->input_count;
    context->output_count = node->output_count;
    context->intermediate_count = node->intermediate_count;
    TRY(gather(instance, node->input_count, node->inputs, &context->inputs));
    TRY(gather(instance, node->output_count, node->outputs, &context->outputs));
    return gather(instance, node->intermediate_count, node->intermediates, &context->intermediates);
}

static midge_status create_instance(midge_session *session, size_t index)
{
    mg_instance *instance = &session->instances[index];
    instance->session = session;
    instance->graph = &session->model->graphs[index];
    instance->index = (int32_t)index;
    TRY(mg_instance_follow_plan(instance));
    TRY(create_tensors(instance));
    TRY(gather(instance, instance->graph->input_count, instance->graph->inputs, &instance->inputs));
    TRY(gather(instance, instance->graph->output_count, instance->graph->outputs,
               &instance->outputs));
    void *memory = NULL;
    TRY(mg_region_get_array(&session->region, instance->graph->node_count, sizeof(mg_node_state),
                            &memory, &session->error));
    instance->nodes = memory;
    for (size_t n = 0; n < instance->graph->node_count; ++n) TRY(create_node(instance, n));
    return mg_instance_count_uses(instance);
}

static midge_status create_custom(mg_instance *instance)
{
    for (size_t n = 0; n < instance->graph->node_count; ++n) {
        mg_node_state *state = &instance->nodes[n];
        const midge_custom_operator *custom = state->context.custom;
        if (custom == NULL) continue;
        if (custom->create != NULL)
            TRY(custom->create(&state->context, &state->context.custom_state));
        state->created = true;
    }
    return MIDGE_OK;
}

midge_status mg_instances_create(midge_session *session)
{
    void *memory = NULL;
    size_t count = session->model->graph_count;
    TRY(mg_region_get_array(&session->region, count, sizeof(mg_instance), &memory,
                            &session->error));
    session->instances = memory;
    session->instance_count = count;
    for (size_t i = 0; i < count; ++i) TRY(create_instance(session, i));
    TRY(mg_resolve_operators(session));
    for (size_t i = 0; i < count; ++i) TRY(create_custom(&session->instances[i]));
    return MIDGE_OK;
}

static void destroy_instance(mg_instance *instance)
{
    if (instance->nodes == NULL) return;
    mg_instance_unprepare(instance);
    for (size_t n = 0; n < instance->graph->node_count; ++n) {
        mg_node_state *state = &instance->nodes[n];
        mg_heap_release(&instance->session->heap, state->context.packed);
        if (state->created && state->context.custom->destroy != NULL)
            state->context.custom->destroy(state->context.custom->user_data,
                                           state->context.custom_state);
    }
}

void mg_instances_destroy(midge_session *session)
{
    for (size_t i = 0; i < session->instance_count; ++i) destroy_instance(&session->instances[i]);
    session->instance_count = 0;
}

void mg_instance_unprepare(mg_instance *instance)
{
    midge_session *session = instance->session;
    instance->prepared = false;
    for (size_t n = 0; n < instance->graph->node_count; ++n) {
        mg_node_state *state = &instance->nodes[n];
        mg_heap_release(&session->heap, state->context.prepared);
        state->context.prepared = NULL;
        state->context.scratch = NULL;
        state->folded = state->late = state->absorbed = false;
    }
    for (size_t i = 0; i < instance->graph->tensor_count; ++i) {
        mg_tensor_disown(session, &instance->tensors[i]);
        begin_tensor(&instance->tensors[i]);
    }
    mg_heap_release(&session->heap, instance->arena);
    mg_heap_release(&session->heap, instance->late_scratch);
    instance->arena = instance->late_scratch = NULL;
    instance->arena_bytes = instance->late_scratch_bytes = 0;
}

midge_status mg_instance_resize(mg_instance *instance, midge_tensor *input, int32_t rank,
                                const int32_t *shape)
{
    if (rank == input->rank &&
        (rank == 0 || memcmp(shape, input->shape, (size_t)rank * sizeof *shape) == 0))
        return MIDGE_OK;
    TRY(mg_tensor_set_shape(input, rank, shape, &instance->session->error));
    mg_instance_unprepare(instance);
    return MIDGE_OK;
}

midge_status mg_instance_bind(mg_instance *instance, midge_tensor *tensor, void *memory,
                              size_t bytes)
{
    midge_session *session = instance->session;
    char name[80];
    if (tensor->definition->constant != NULL || tensor->type == MIDGE_STRING)
        return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT,
                       "tensor %s is a constant or holds strings; it stays where it is",
                       mg_printable(tensor->definition->name, name, sizeof name));
    bool there = tensor->storage == MG_STORAGE_GIVEN && memory != NULL;
    if (there && bytes < tensor->bytes)
        return mg_fail(
            &session->error, MIDGE_INVALID_ARGUMENT, "tensor %s needs %zu bytes, got %zu",
            mg_printable(tensor->definition->name, name, sizeof name), tensor->bytes, bytes);
    if (!there && instance->prepared) mg_instance_unprepare(instance);
    tensor->given = memory;
    tensor->given_bytes = bytes;
    if (there) tensor->data = memory;
    return MIDGE_OK;
}

/* String data from a caller must be sound before operators see it. */
static midge_status check_strings(const midge_tensor *input, const void *data, size_t bytes,
                                  midge_error *error)
{
    const unsigned char *from = data;
    char name[80];
    int32_t count = -1, last = 0;
    if (bytes >= 4) memcpy(&count, from, 4);
    bool sound =
        count >= 0 && (size_t)count == input->elements && (bytes - 4) / 4 >= (size_t)count + 1;
    for (size_t i = 0; sound && i <= (size_t)count; ++i) {
        int32_t offset;
        memcpy(&offset, from + 4 + 4 * i, 4);
        sound = i == 0 ? offset == 4 * ((int64_t)count + 2) : offset >= last;
        last = offset;
    }
    if (sound && (size_t)last == bytes) return MIDGE_OK;
    return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                   "input %s: %zu bytes are not a sound string tensor of %zu strings",
                   mg_printable(input->definition->name, name, sizeof name), bytes,
                   input->elements);
}

midge_status mg_instance_write(mg_instance *instance, midge_tensor *input, const void *data,
                               size_t bytes)
{
    midge_session *session = instance->session;
    if (input->type == MIDGE_STRING) {
        TRY(check_strings(input, data, bytes, &session->error));
        TRY(mg_tensor_own(session, input, bytes));
        input->bytes = bytes;
    } else if (bytes != input->bytes) {
        char name[80];
        return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT, "input %s takes %zu bytes, got %zu",
                       mg_printable(input->definition->name, name, sizeof name), input->bytes,
                       bytes);
    }
    if (bytes > 0 && data != input->data) memmove(input->data, data, bytes);
    return MIDGE_OK;
}

void mg_instance_reset(mg_instance *instance)
{
    for (size_t n = 0; n < instance->graph->node_count; ++n) ++instance->nodes[n].context.resets;
    for (size_t i = 0; i < instance->graph->tensor_count; ++i) {
        midge_tensor *tensor = &instance->tensors[i];
        if (!tensor->definition->is_variable || tensor->data == NULL) continue;
        int zero = tensor->type == MIDGE_INT8 && tensor->quantization.count == 1
                       ? (int)tensor->quantization.zero_point[0]
                       : 0;
        memset(tensor->data, zero, tensor->bytes);
    }
}
