/* SPDX-License-Identifier: Apache-2.0 */
/* Running a recurrent cell over a batch of sequences, forwards or backwards. */
#ifndef MG_RECURRENT_SEQUENCE_H
#define MG_RECURRENT_SEQUENCE_H

#include "kernel/fixed_point.h"
#include "op/op.h"

/* What a step of a cell sees of one vector. */
typedef struct mg_step {
    const void *input;
    const void *aux;  /* NULL: there is none */
    const void *sums; /* of recurrent_ahead.h; NULL: the step multiplies the input itself */
    void *hidden;
    void *state; /* NULL: there is none */
    void *scratch;
} mg_step;

/* One step of a cell for one vector: reads its inputs, updates hidden and state. */
typedef void (*mg_recurrent_step)(const void *cell, const mg_step *step);

typedef struct mg_ahead mg_ahead;

typedef struct mg_recurrence {
    mg_recurrent_step step;
    const void *cell;
    size_t batch;
    size_t time;
    bool time_major; /* [time, batch, …], else [batch, time, …] */
    bool backward;   /* from the last time step to the first */

    /* Sizes of one vector in bytes. */
    const void *input;
    size_t input_bytes;
    const void *aux; /* may be NULL */
    size_t aux_bytes;
    void *hidden; /* [batch, …]; each step's result is also copied to the output */
    size_t hidden_bytes;
    void *state; /* [batch, …]; may be NULL */
    size_t state_bytes;
    void *output; /* of the first vector; may start inside a wider row */
    size_t output_row_bytes;
    const mg_ahead *ahead; /* NULL: no products are made ahead */
} mg_recurrence;

/* The number of the vector of a batch that step number `step` reads and writes. */
size_t mg_recurrence_vector(const mg_recurrence *recurrence, size_t step, size_t batch);

/* In prepare: asks for scratch memory, `step_bytes` (SIZE_MAX: too large) for each worker, and what
 * `ahead` (may be NULL) needs. */
midge_status mg_recurrence_scratch(midge_op_context *context, size_t step_bytes,
                                   const mg_ahead *ahead, size_t batch);

/* What of that belongs to one worker. */
size_t mg_recurrence_step_bytes(size_t step_bytes);

/* In run: batches are divided among the workers. `step_bytes` as in prepare. */
void mg_run_recurrence(midge_op_context *context, const mg_recurrence *recurrence,
                       size_t step_bytes);

/* The data of a tensor that may be absent. */
static inline void *mg_data_of(const midge_tensor *tensor)
{
    return tensor != NULL ? tensor->data : NULL;
}

/* The checks that recurrent operators share. A state is a variable that the node may write. */
midge_status mg_require_state(midge_op_context *context, const midge_tensor *tensor,
                              const char *role, midge_type type, size_t elements);

/* A matrix of the given sizes. */
midge_status mg_require_matrix(midge_op_context *context, const midge_tensor *tensor,
                               const char *role, uint32_t types, int32_t rows, int32_t columns);

/* A vector of the given size. */
midge_status mg_require_vector(midge_op_context *context, const midge_tensor *tensor,
                               const char *role, midge_type type, int32_t elements);

/* A factor of scales as multiplier; fails unless 0 <= factor < `limit`. */
midge_status mg_require_factor(midge_op_context *context, const char *role, double factor,
                               double limit, mg_multiplier *multiplier);

#endif
