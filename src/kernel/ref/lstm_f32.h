/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of an LSTM cell on floats, for one vector of input; weights float or int8 (hybrid).
 *
 *   gate = activate(norm(W_input x + W_aux a + W_recurrent h + W_peephole . c) + bias)
 *   c    = clip(forget . c + input . modulation)       input is 1 - forget without input gate
 *   h    = clip(W_projection (output . activate(c)) + projection bias)
 *
 * The output gate sees the new c, the others the old one.
 */
#ifndef MG_LSTM_F32_H
#define MG_LSTM_F32_H

#include "kernel/ref/activate.h"
#include "kernel/ref/matrix_vector.h"

enum { MG_GATE_INPUT, MG_GATE_FORGET, MG_GATE_MODULATION, MG_GATE_OUTPUT, MG_GATE_COUNT };

typedef struct mg_lstm_gate_f32 {
    mg_matrix input;     /* weights NULL for the input gate: there is none */
    mg_matrix aux;       /* of a second input; may be absent */
    mg_matrix recurrent; /* may be diagonal */
    mg_matrix peephole;  /* diagonal; may be absent */
    const float *norm;   /* NULL: no layer normalisation */
    const float *bias;
} mg_lstm_gate_f32;

typedef struct mg_lstm_f32 {
    size_t input_size;
    size_t aux_size;
    size_t cell_size;
    size_t output_size;
    mg_lstm_gate_f32 gates[MG_GATE_COUNT];
    mg_matrix projection; /* absent: output_size is cell_size */
    const float *projection_bias;
    mg_activate activation;
    float cell_clip; /* 0: none */
    float projection_clip;
    bool hybrid; /* some matrix is int8 */
    bool asymmetric;
    mg_cell_kernels kernels;
} mg_lstm_f32;

/* Scratch bytes of a step, aligned to 64; SIZE_MAX when they overflow. */
size_t mg_lstm_f32_scratch(const mg_lstm_f32 *lstm);

/* W_input x of all gates, made ahead: [gate][cell_size], that of float weights, or the integer sums
 * of int8 weights and a vector quantised with `scale`. */
typedef struct mg_input_sums {
    const float *f32;
    const int32_t *s32;
    float scale;
} mg_input_sums;

/* `aux` is not read when there are no weights for it, `input` not with `sums` (may be NULL). */
void mg_lstm_f32_step(const mg_lstm_f32 *lstm, const float *input, const float *aux,
                      const mg_input_sums *sums, float *output_state, float *cell_state,
                      void *scratch);

#endif
