/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second integer LSTM cell: products are rounded to int8 before they are added, gates are
 * normalised and squashed in float. It always has normalisation and projection and never an input
 * gate or peepholes. c is int16 of scale 2^-15.
 */
#ifndef MG_LSTM_INTEGER_NARROW_H
#define MG_LSTM_INTEGER_NARROW_H

#include "kernel/ref/lstm_integer.h"

/* One of the two products of a gate: sum * factor + zero_point in int8, then (that - zero_point) *
 * to_gate in int16. */
typedef struct mg_narrow_product {
    const int8_t *weights;
    mg_multiplier factor;
    int32_t zero_point;
    mg_multiplier to_gate;
} mg_narrow_product;

typedef struct mg_narrow_gate {
    mg_narrow_product input;
    mg_narrow_product recurrent;
    const int16_t *norm;
    const int32_t *bias;
    mg_multiplier norm_factor;
} mg_narrow_gate;

typedef struct mg_lstm_narrow {
    size_t input_size;
    size_t cell_size;
    size_t output_size;
    mg_narrow_gate gates[MG_GATE_COUNT]; /* that of the input is not used */
    const int8_t *projection;
    const int32_t *projection_bias; /* may be NULL */
    mg_multiplier projection_factor;
    int32_t input_zero_point;
    int32_t state_zero_point;
    int16_t cell_clip; /* 0: none */
    int8_t projection_clip;
    mg_cell_kernels kernels;
} mg_lstm_narrow;

/* Scratch bytes of a step, aligned to 64; SIZE_MAX when they overflow. */
size_t mg_lstm_narrow_scratch(const mg_lstm_narrow *lstm);

void mg_lstm_narrow_step(const mg_lstm_narrow *lstm, const int8_t *input, int8_t *output_state,
                         int16_t *cell_state, void *scratch);

#endif
