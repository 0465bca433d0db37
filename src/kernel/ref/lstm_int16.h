/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of an LSTM cell with int16 input and state and int8 weights, for one vector of input.
 * Bit-exact to TensorFlow Lite Micro's kernel. No peepholes, normalisation or projection.
 *
 * Sums before a gate are int16 of scale 2^-12, gates int16 of scale 2^-15 from the sigmoid table of
 * lookup.h, c is int16 of scale 2^cell_scale, h has scale and zero point of its own.
 */
#ifndef MG_LSTM_INT16_H
#define MG_LSTM_INT16_H

#include "kernel/fixed_point.h"
#include "kernel/ref/lstm_f32.h"

typedef struct mg_lstm_gate_int16 {
    const int8_t *input;
    const int8_t *recurrent;
    const void *bias;
    mg_multiplier input_factor;
    mg_multiplier recurrent_factor;
} mg_lstm_gate_int16;

typedef struct mg_lstm_int16 {
    size_t input_size;
    size_t cell_size;
    mg_lstm_gate_int16 gates[MG_GATE_COUNT];
    bool wide_bias; /* int64, else int32 */
    int32_t input_zero_point;
    int32_t state_zero_point;
    int32_t cell_scale;
    int16_t cell_clip;           /* 0: none */
    mg_multiplier keep_factor;   /* forget gate . c to c */
    mg_multiplier add_factor;    /* input gate . modulation to c */
    mg_multiplier output_factor; /* output gate . tanh(c) to h */
} mg_lstm_int16;

/* Scratch bytes of a step, aligned to 64; SIZE_MAX when they overflow. */
size_t mg_lstm_int16_scratch(const mg_lstm_int16 *lstm);

void mg_lstm_int16_step(const mg_lstm_int16 *lstm, const int16_t *input, int16_t *output_state,
                        int16_t *cell_state, void *scratch);

#endif
