/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The basic LSTM cell: one matrix of weights [4 * cells, input + cells] for the input beside h, its
 * rows in the order input gate, modulation, forget gate, output gate. One step for one vector.
 */
#ifndef MG_LSTM_BASIC_H
#define MG_LSTM_BASIC_H

#include "kernel/fixed_point.h"
#include "kernel/ref/matrix_vector.h"

typedef struct mg_lstm_basic {
    size_t input_size;
    size_t cell_size;
    const void *weights; /* float, or uint8 */
    const void *bias;    /* float, or int32 of scale input * weights */
    /* Of the uint8 cell: h is uint8 of scale 1 / 128 and zero point 128, as is the input; c is
     * int16 of scale 2^-11. */
    int32_t weights_zero_point;
    mg_multiplier factor; /* from the sums to int16 of scale 2^-12 */
    mg_cell_kernels kernels;
} mg_lstm_basic;

enum { MG_LSTM_BASIC_CELL_SCALE = -11 };

/*
 * `joined` (input + cells) and `sums` (4 * cells, float or int16) are results that the operator
 * shows; `cell_state` is the new c, `previous_cell` the old one, they may be the same. `h` is the
 * new h; `previous_h` must not overlap it.
 */
void mg_lstm_basic_f32(const mg_lstm_basic *lstm, const float *input, const float *previous_h,
                       const float *previous_cell, float *joined, float *sums, float *cell_state,
                       float *h);

/* `scratch`, aligned to 64: mg_lstm_basic_scratch bytes. */
void mg_lstm_basic_u8(const mg_lstm_basic *lstm, const uint8_t *input, const uint8_t *previous_h,
                      const int16_t *previous_cell, uint8_t *joined, int16_t *sums,
                      int16_t *cell_state, uint8_t *h, void *scratch);

/* SIZE_MAX when they overflow. */
size_t mg_lstm_basic_scratch(const mg_lstm_basic *lstm);

#endif
