/* SPDX-License-Identifier: Apache-2.0 */
#include "op/recurrent_sequence.h"

#include <string.h>

#include "kernel/ref/scratch.h"
#include "op/recurrent_ahead.h"
#include "op/require.h"
#include "op/shape.h"

size_t mg_recurrence_step_bytes(size_t step_bytes)
{
    return (step_bytes + MG_SCRATCH_ALIGNMENT - 1) & ~(size_t)(MG_SCRATCH_ALIGNMENT - 1);
}

midge_status mg_recurrence_scratch(midge_op_context *context, size_t step_bytes,
                                   const mg_ahead *ahead, size_t batch)
{
    size_t bytes, ahead_bytes = 0;
    if (step_bytes > SIZE_MAX - MG_SCRATCH_ALIGNMENT ||
        !mg_size_multiply(mg_recurrence_step_bytes(step_bytes), (size_t)mg_worker_count(context),
                          &bytes) ||
        (ahead != NULL && !mg_ahead_scratch(context, ahead, batch, &ahead_bytes)) ||
        !mg_size_add(bytes, ahead_bytes, &bytes)) {
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the cell is too large");
    }
    mg_name_kernel(context, context->inputs[0]->type == MIDGE_FLOAT32
                                ? (const void *)context->kernels->dot_f32
                                : (const void *)context->kernels->dot_int);
    return mg_request_scratch(context, bytes);
}

size_t mg_recurrence_vector(const mg_recurrence *r, size_t step, size_t batch)
{
    size_t time = r->backward ? r->time - 1 - step : step;
    return r->time_major ? time * r->batch + batch : batch * r->time + time;
}

/* Steps first … end - 1 of all batches. The scratch memory of the workers comes first, then that of
 * the products made ahead. */
typedef struct sequence_run {
    const mg_recurrence *recurrence;
    size_t first;
    size_t end;
    char *scratch;
    size_t scratch_bytes; /* of one worker */
    const void *ahead;    /* NULL: none */
} sequence_run;

static void run_vector(const sequence_run *run, size_t batch, size_t step, void *scratch)
{
    const mg_recurrence *r = run->recurrence;
    size_t vector = mg_recurrence_vector(r, step, batch);
    size_t row = (step - run->first) * r->batch + batch;
    const mg_step at = {
        .input = (const char *)r->input + vector * r->input_bytes,
        .aux = r->aux != NULL ? (const char *)r->aux + vector * r->aux_bytes : NULL,
        .sums = run->ahead != NULL ? mg_ahead_row(r->ahead, run->ahead, row) : NULL,
        .hidden = (char *)r->hidden + batch * r->hidden_bytes,
        .state = r->state != NULL ? (char *)r->state + batch * r->state_bytes : NULL,
        .scratch = scratch,
    };
    r->step(r->cell, &at);
    memcpy((char *)r->output + vector * r->output_row_bytes, at.hidden, r->hidden_bytes);
}

/* Time outside, so that the weights stay in the cache for all batches of a step. */
static void run_batches(void *argument, size_t begin, size_t end, int worker)
{
    const sequence_run *run = argument;
    void *scratch = run->scratch + (size_t)worker * run->scratch_bytes;
    for (size_t step = run->first; step < run->end; step++) {
        for (size_t batch = begin; batch < end; batch++) run_vector(run, batch, step, scratch);
    }
}

void mg_run_recurrence(midge_op_context *context, const mg_recurrence *recurrence,
                       size_t step_bytes)
{
    bool has_ahead = recurrence->ahead != NULL && recurrence->ahead->steps > 0;
    size_t chunk = has_ahead ? recurrence->ahead->steps : recurrence->time;
    sequence_run run = {.recurrence = recurrence,
                        .scratch = context->scratch,
                        .scratch_bytes = mg_recurrence_step_bytes(step_bytes)};
    char *ahead = run.scratch + run.scratch_bytes * (size_t)mg_worker_count(context);
    for (run.first = 0; run.first < recurrence->time; run.first = run.end) {
        size_t left = recurrence->time - run.first;
        run.end = run.first + (left < chunk ? left : chunk);
        if (has_ahead) {
            mg_ahead_run(context, recurrence->ahead, recurrence, run.first, run.end - run.first,
                         ahead);
            run.ahead = ahead;
        }
        mg_parallel_for(context->pool, recurrence->batch, 1, run_batches, &run);
    }
}

midge_status mg_require_state(midge_op_context *context, const midge_tensor *tensor,
                              const char *role, midge_type type, size_t elements)
{
    TRY(mg_require_type(context, tensor, role, MG_TYPES(type)));
    if (tensor->constant || tensor->definition == NULL || !tensor->definition->is_variable) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s is not a variable", role);
    }
    return mg_require_elements(context, tensor, role, elements);
}

midge_status mg_require_matrix(midge_op_context *context, const midge_tensor *tensor,
                               const char *role, uint32_t types, int32_t rows, int32_t columns)
{
    char text[MG_SHAPE_TEXT];
    if (tensor == NULL) return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s is absent", role);
    TRY(mg_require_type(context, tensor, role, types));
    if (tensor->definition != NULL && tensor->definition->sparsity != NULL) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "%s is sparse", role);
    }
    if (tensor->rank != 2 || tensor->shape[0] != rows || tensor->shape[1] != columns) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s has shape %s, need [%d,%d]", role,
                          mg_shape_text(tensor->rank, tensor->shape, text), (int)rows,
                          (int)columns);
    }
    return MIDGE_OK;
}

midge_status mg_require_vector(midge_op_context *context, const midge_tensor *tensor,
                               const char *role, midge_type type, int32_t elements)
{
    if (tensor == NULL) return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s is absent", role);
    TRY(mg_require_type(context, tensor, role, MG_TYPES(type)));
    TRY(mg_require_rank(context, tensor, role, 1, 1));
    return mg_require_elements(context, tensor, role, (size_t)elements);
}

midge_status mg_require_factor(midge_op_context *context, const char *role, double factor,
                               double limit, mg_multiplier *multiplier)
{
    if (!(factor >= 0.0 && factor < limit)) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "the scales give %s a factor of %g, not "
                          "within 0 to %g",
                          role, factor, limit);
    }
    *multiplier = mg_quantize_multiplier(factor);
    return MIDGE_OK;
}
