/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of an LSTM cell in integers, for one vector of input; equations as in lstm_f32.h, no
 * second input. Bit-exact to TensorFlow Lite's reference.
 *
 *   input, h             int8
 *   weights              int8, zero point 0
 *   c                    int16, scale 2^cell_scale
 *   norm, peephole       int16
 *   sums before a gate   int16: scale 2^-12, or that of the normalisation
 *   after a gate         int16, scale 2^-15
 */
#ifndef MG_LSTM_INTEGER_H
#define MG_LSTM_INTEGER_H

#include "kernel/fixed_point.h"
#include "kernel/ref/lstm_f32.h"

/* Of a power of two that c may have as its scale. */
enum { MG_CELL_SCALE_LEAST = -15, MG_CELL_SCALE_MOST = -9 };

typedef struct mg_lstm_gate_integer {
    const int8_t *input; /* NULL for the input gate: there is none */
    const int8_t *recurrent;
    const int16_t *peephole; /* may be NULL */
    const int16_t *norm;     /* may be NULL */
    const int32_t *bias;     /* of the sum, or of the normalised sum */
    mg_multiplier input_factor;
    mg_multiplier recurrent_factor;
    mg_multiplier peephole_factor;
    mg_multiplier norm_factor;
    int32_t least_variance; /* stands in for a variance of 0 */
} mg_lstm_gate_integer;

typedef struct mg_lstm_integer {
    size_t input_size;
    size_t cell_size;
    size_t output_size;
    mg_lstm_gate_integer gates[MG_GATE_COUNT];
    const int8_t *projection; /* may be NULL */
    const int32_t *projection_bias;
    mg_multiplier projection_factor;
    mg_multiplier hidden_factor;
    int32_t input_zero_point;
    int32_t state_zero_point;
    int32_t hidden_zero_point;
    int32_t cell_scale;
    int16_t cell_clip; /* 0: none */
    int8_t projection_clip;
    mg_cell_kernels kernels;
} mg_lstm_integer;

/* Scratch bytes of a step, aligned to 64; SIZE_MAX when they overflow. */
size_t mg_lstm_integer_scratch(const mg_lstm_integer *lstm);

/* `sums`: bias + W_input x of all gates, made ahead, [gate][cell_size]; NULL: they are made from
 * `input`. */
void mg_lstm_integer_step(const mg_lstm_integer *lstm, const int8_t *input, const int32_t *sums,
                          int8_t *output_state, int16_t *cell_state, void *scratch);

/* Cuts to -limit … limit; nothing to do for limit 0. */
void mg_clip_s8(int8_t *values, size_t count, int8_t limit);

#endif
