/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/rnn.h"

#include <string.h>

#include "kernel/ref/scratch.h"

typedef struct workspace {
    float *next;
    mg_product_scratch product;
    int8_t *input, *aux, *hidden; /* quantised; NULL when no matrix is int8 */
} workspace;

static workspace cut(const mg_rnn *rnn, mg_scratch *scratch)
{
    workspace work;
    memset(&work, 0, sizeof work);
    size_t depth = rnn->input_size > rnn->aux_size ? rnn->input_size : rnn->aux_size;
    if (rnn->units > depth) depth = rnn->units;
    work.next = mg_scratch_take(scratch, rnn->units, sizeof(float));
    work.product.sums = mg_scratch_take(scratch, rnn->units, sizeof(int32_t));
    work.product.dot = mg_scratch_take(scratch, mg_dot_scratch_bytes(depth), 1);
    if (rnn->hybrid) {
        work.input = mg_scratch_take(scratch, rnn->input_size, 1);
        work.aux = mg_scratch_take(scratch, rnn->aux_size, 1);
        work.hidden = mg_scratch_take(scratch, rnn->units, 1);
    }
    return work;
}

size_t mg_rnn_scratch(const mg_rnn *rnn)
{
    mg_scratch measure = {NULL, 0};
    cut(rnn, &measure);
    return measure.used;
}

static void add(const mg_rnn *rnn, const mg_matrix *matrix, const float *values, int8_t *quantized,
                const workspace *work)
{
    if (matrix->weights == NULL) return;
    mg_product_vector vector =
        mg_product_vector_of(values, matrix->depth, quantized, rnn->asymmetric);
    mg_add_product(&rnn->kernels, matrix, &vector, &work->product, work->next);
}

void mg_rnn_step(const mg_rnn *rnn, const float *input, const float *aux, float *hidden,
                 void *scratch)
{
    mg_scratch memory = {scratch, 0};
    workspace work = cut(rnn, &memory);
    memcpy(work.next, rnn->bias, rnn->units * sizeof(float));
    add(rnn, &rnn->input, input, work.input, &work);
    add(rnn, &rnn->aux, aux, work.aux, &work);
    add(rnn, &rnn->recurrent, hidden, work.hidden, &work);
    mg_activate_f32(rnn->kernels.pointwise_f32, rnn->activation, work.next, rnn->units, hidden);
}
