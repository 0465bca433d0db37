/* SPDX-License-Identifier: Apache-2.0 */
#include "op/recurrent_sequence.h"

#include <string.h>

#include "kernel/ref/scratch.h"
#include "op/require.h"
#include "op/shape.h"

size_t mg_recurrence_step_bytes(size_t step_bytes)
{
    return (step_bytes + MG_SCRATCH_ALIGNMENT - 1) & ~(size_t)(MG_SCRATCH_ALIGNMENT - 1);
}

midge_status mg_recurrence_scratch(midge_op_context *context, size_t step_bytes)
{
    size_t bytes;
    if (step_bytes > SIZE_MAX - MG_SCRATCH_ALIGNMENT ||
        !mg_size_multiply(mg_recurrence_step_bytes(step_bytes), (size_t)mg_worker_count(context),
                          &bytes)) {
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the cell is too large");
    }
    return mg_request_scratch(context, bytes);
}

typedef struct sequence_run {
    const mg_recurrence *recurrence;
    char *scratch;
    size_t scratch_bytes; /* of one worker */
} sequence_run;

static void run_vector(const mg_recurrence *r, size_t batch, size_t time, void *scratch)
{
    size_t vector = r->time_major ? time * r->batch + batch : batch * r->time + time;
    char *hidden = (char *)r->hidden + batch * r->hidden_bytes;
    char *state = r->state != NULL ? (char *)r->state + batch * r->state_bytes : NULL;
    const char *aux = r->aux != NULL ? (const char *)r->aux + vector * r->aux_bytes : NULL;
    const char *input = (const char *)r->input + vector * r->input_bytes;
    r->step(r->cell, input, aux, hidden, state, scratch);
    memcpy((char *)r->output + vector * r->output_row_bytes, hidden, r->hidden_bytes);
}

/* Time outside, so that the weights stay in the cache for all batches of a step. */
static void run_batches(void *argument, size_t begin, size_t end, int worker)
{
    const sequence_run *run = argument;
    const mg_recurrence *r = run->recurrence;
    void *scratch = run->scratch + (size_t)worker * run->scratch_bytes;
    for (size_t step = 0; step < r->time; step++) {
        size_t time = r->backward ? r->time - 1 - step : step;
        for (size_t batch = begin; batch < end; batch++) run_vector(r, batch, time, scratch);
    }
}

void mg_run_recurrence(midge_op_context *context, const mg_recurrence *recurrence,
                       size_t step_bytes)
{
    sequence_run run = {recurrence, context->scratch, mg_recurrence_step_bytes(step_bytes)};
    mg_parallel_for(context->pool, recurrence->batch, 1, run_batches, &run);
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
