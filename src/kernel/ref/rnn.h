/* SPDX-License-Identifier: Apache-2.0 */
/* One step of a plain recurrent cell on floats, for one vector of input; weights float or int8:
 * h = activate(W_input x + W_aux a + W_recurrent h + bias). */
#ifndef MG_RNN_H
#define MG_RNN_H

#include "kernel/ref/activate.h"
#include "kernel/ref/matrix_vector.h"

typedef struct mg_rnn {
    size_t input_size;
    size_t aux_size;
    size_t units;
    mg_matrix input;
    mg_matrix aux; /* may be absent */
    mg_matrix recurrent;
    const float *bias;
    mg_activate activation;
    bool hybrid; /* the matrices are int8 */
    bool asymmetric;
    mg_cell_kernels kernels;
} mg_rnn;

/* Scratch bytes of a step, aligned to 64; SIZE_MAX when they overflow. */
size_t mg_rnn_scratch(const mg_rnn *rnn);

/* `aux` is not read when there are no weights for it. */
void mg_rnn_step(const mg_rnn *rnn, const float *input, const float *aux, float *hidden,
                 void *scratch);

#endif
