/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two bidirectional operators share: a forward and a backward cell over the same
 * sequences, whose results go to two outputs or side by side to one.
 *
 * A second input is one of two things. With weights of its own (stacking with cross links) both
 * cells read it beside the first; without, the backward cell reads it instead of the first.
 */
#ifndef MG_RECURRENT_BIDIRECTIONAL_H
#define MG_RECURRENT_BIDIRECTIONAL_H

#include "op/recurrent_sequence.h"

typedef struct mg_bidirectional {
    size_t batch;
    size_t time;
    bool time_major;
    bool merged;
    const midge_tensor *input;
    const midge_tensor *backward_input;
    const midge_tensor *aux; /* NULL: neither cell reads a second input */
    int32_t output_sizes[2];
} mg_bidirectional;

/* Reads and checks inputs 0 and `aux_index`; has_aux_weights: both cells have weights for it. Sizes
 * of outputs are left to the caller. */
midge_status mg_bidirectional_find(midge_op_context *context, size_t aux_index,
                                   bool has_aux_weights, bool time_major, bool merged,
                                   mg_bidirectional *bidirectional);

/* In prepare, once output_sizes are known. */
midge_status mg_bidirectional_set_outputs(midge_op_context *context,
                                          const mg_bidirectional *bidirectional);

/* One direction (0 forward, 1 backward) of floats; the caller adds step, cell, hidden and state. */
mg_recurrence mg_bidirectional_recurrence(const midge_op_context *context,
                                          const mg_bidirectional *bidirectional, int direction);

#endif
