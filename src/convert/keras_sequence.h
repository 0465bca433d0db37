/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent layers step by step: the product of the whole input with the kernel at once, then one
 * step after another on parts of it. */
#ifndef MG_KERAS_SEQUENCE_H
#define MG_KERAS_SEQUENCE_H

#include "convert/keras.h"

typedef struct mg_keras_sequence {
    int32_t batch, steps, features, units, gates;
    int32_t input; /* turned around already where the layer goes backwards */
    mg_keras_weight kernel, recurrent, bias; /* bias: values NULL for none */
    bool reset_after;                        /* of GRU */
    bool whole;                              /* gives all steps */
    bool state;                              /* gives the last states, too */
    bool zero;                               /* gives 0 where masked, not what was before */
    int32_t mask;                            /* [batch, steps], turned around as the input; or -1 */
    /* Of steps, once made: */
    int32_t recurrent_weights, recurrent_bias; /* tensors [gates * units, units], [gates * units] */
    int32_t new_weights;                       /* of GRU without reset_after: [units, units] */
} mg_keras_sequence;

/* One step: `given` is the input's product [batch, gates * units]; states are replaced. */
typedef midge_status mg_keras_step(mg_keras *keras, const mg_keras_layer *layer,
                                   const mg_keras_sequence *at, int32_t given, int32_t *states);

mg_keras_step mg_keras_step_lstm, mg_keras_step_gru, mg_keras_step_simple;

/* Inputs of the call after the first are the first states. */
midge_status mg_keras_unroll(mg_keras *keras, const mg_keras_layer *layer, mg_keras_sequence *at,
                             mg_keras_step *step, int32_t state_count, mg_keras_call *call);

#endif
