/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The products of a recurrent cell that do not depend on its state, made ahead: weights of the
 * gates times inputs, for several time steps at once. So the weights are read once for many steps.
 *
 * The sums of a row (one vector of input) are MG_AHEAD_HEADER elements of 4 bytes, then for each
 * gate `cells` of them: floats, or int32 when the weights are int8. Element 0 of the header is the
 * scale of the vector that was quantised, element 1 its zero point.
 */
#ifndef MG_RECURRENT_AHEAD_H
#define MG_RECURRENT_AHEAD_H

#include "op/recurrent_sequence.h"

enum { MG_AHEAD_GATES = 4, MG_AHEAD_HEADER = 16 };

struct mg_ahead {
    size_t depth;
    size_t cells;
    bool quantized_weights; /* int8, else float */
    bool quantized_inputs;  /* int8, else float: quantised here when the weights are int8 */
    bool asymmetric;        /* of inputs quantised here */
    int32_t zero_point;     /* of inputs that are int8 */
    size_t steps;           /* time steps made at once; 0: none is made ahead */

    /* Set in run. */
    const void *weights[MG_AHEAD_GATES];   /* [cells, depth]; NULL: there is no such gate */
    const int32_t *biases[MG_AHEAD_GATES]; /* added to int32 sums; may be NULL */
    const int32_t *row_sums;               /* [gates][cells] of the weights; when asymmetric */
};

/* Sets `steps`. */
void mg_ahead_plan(mg_ahead *ahead, size_t batch, size_t time);

/* Bytes of scratch; false when they overflow. */
bool mg_ahead_scratch(const midge_op_context *context, const mg_ahead *ahead, size_t batch,
                      size_t *bytes);

/* Makes the sums of steps first_step … first_step + steps - 1 of the recurrence, in its order of
 * time; that of step s, batch b is row (s - first_step) * batch + b. `scratch` is aligned to 64. */
void mg_ahead_run(const midge_op_context *context, const mg_ahead *ahead,
                  const mg_recurrence *recurrence, size_t first_step, size_t steps, void *scratch);

/* The sums of a row in the scratch memory of the last run. */
const void *mg_ahead_row(const mg_ahead *ahead, const void *scratch, size_t row);

#endif
