/* SPDX-License-Identifier: Apache-2.0 */
/* Creation and destruction of sessions. */
#include "run/create.h"

#include "base/cpu.h"

static midge_limits effective_limits(const midge_model *model, const midge_limits *given)
{
    midge_limits limits = model->limits;
    if (given == NULL) return limits;
    if (given->memory_bytes != 0) limits.memory_bytes = given->memory_bytes;
    if (given->while_iterations != 0) limits.while_iterations = given->while_iterations;
    limits.steps = given->steps;
    limits.milliseconds = given->milliseconds;
    return limits;
}

static midge_status choose_kernels(midge_session *session, const char *name)
{
    uint32_t tiers;
    char text[64];
    if (!mg_tiers_parse(name, &tiers))
        return mg_fail(&session->error, MIDGE_INVALID_ARGUMENT,
                       "there is no kernel tier '%s'; 'midge kernels' lists them",
                       mg_printable(name, text, sizeof text));
    mg_kernels_select(tiers & mg_cpu_tiers(), &session->kernels);
    return MIDGE_OK;
}

/* Some subgraph input may have any size along some dimension. */
static bool has_open_shape(const midge_session *session)
{
    const mg_instance *main_instance = &session->instances[0];
    for (size_t i = 0; i < main_instance->graph->input_count; ++i) {
        const mg_tensor *definition = main_instance->inputs[i]->definition;
        if (!definition->has_rank && definition->rank == 0) return true;
        for (int32_t k = 0; k < definition->signature_rank; ++k)
            if (definition->signature[k] < 0) return true;
    }
    return false;
}

static midge_status create_signatures(midge_session *session)
{
    const midge_model *model = session->model;
    void *memory = NULL;
    TRY(mg_region_get_array(&session->region, model->signature_count, sizeof(midge_signature),
                            &memory, &session->error));
    session->signatures = memory;
    for (size_t i = 0; i < model->signature_count; ++i)
        session->signatures[i] = (midge_signature){session, &model->signatures[i],
                                                   &session->instances[model->signatures[i].graph]};
    return MIDGE_OK;
}

static midge_status fill(midge_session *session, const midge_session_options *options)
{
    TRY(choose_kernels(session, options->kernels));
    if (options->threads > 1)
        TRY(mg_pool_create(&session->heap, options->threads, &session->pool, &session->error));
    TRY(mg_instances_create(session));
    TRY(create_signatures(session));
    if (session->defer_prepare) return MIDGE_OK;
    mg_session_begin_prepare(session);
    midge_status status = mg_instance_prepare(&session->instances[0]);
    bool shapes = status == MIDGE_INVALID_MODEL || status == MIDGE_UNSUPPORTED;
    return shapes && has_open_shape(session) ? MIDGE_OK : status;
}

midge_status mg_session_create(midge_model *model, const midge_session_options *options,
                               midge_session **session, midge_error *error)
{
    midge_limits limits = effective_limits(model, options->limits);
    size_t most = limits.memory_bytes > SIZE_MAX ? SIZE_MAX : (size_t)limits.memory_bytes;
    mg_heap heap;
    mg_heap_init(&heap, options->allocator, most);
    void *memory = NULL;
    TRY(mg_heap_get(&heap, sizeof(midge_session), &memory, error));
    midge_session *made = memory;
    *made = (midge_session){.heap = heap,
                            .model = model,
                            .limits = limits,
                            .preserve_all_tensors = options->preserve_all_tensors,
                            .profile = options->profile,
                            .defer_prepare = options->defer_prepare,
                            .custom_operators = options->custom_operators,
                            .custom_operator_count = options->custom_operator_count,
                            .plans = options->plans,
                            .plan_count = options->plan_count};
    atomic_init(&made->cancelled, false);
    mg_region_init(&made->region, &made->heap);
    made->resources.heap = &made->heap;
    mg_model_hold(model);
    midge_status status = fill(made, options);
    if (status != MIDGE_OK) {
        if (error != NULL) *error = made->error;
        mg_session_destroy(made);
        return status;
    }
    made->error = (midge_error){0};
    made->plans = NULL;
    made->plan_count = 0;
    *session = made;
    return MIDGE_OK;
}

void mg_session_destroy(midge_session *session)
{
    if (session == NULL) return;
    mg_instances_destroy(session);
    mg_resources_free(&session->resources);
    mg_pool_destroy(session->pool);
    mg_region_free(&session->region);
    midge_model *model = session->model;
    mg_heap heap = session->heap;
    mg_heap_release(&heap, session);
    mg_model_release(model);
}
