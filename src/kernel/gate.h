/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the kernels for the gates of integer LSTM cells: what lies between their matrix
 * products. All results equal those of ref bit for bit. Arrays hold `count` elements; a result may
 * lie where an int16 operand lies, else they do not overlap.
 */
#ifndef MG_GATE_H
#define MG_GATE_H

#include "kernel/fixed_point.h"

#include <stddef.h>

typedef struct mg_gate_kernel {
    /* (input * input_factor cut to int16) + recurrent * recurrent_factor, cut to int16. */
    void (*join)(const int32_t *input, mg_multiplier input_factor, const int32_t *recurrent,
                 mg_multiplier recurrent_factor, size_t count, int16_t *result);

    /* The functions of fixed_point_functions.h. Results have scale 2^-15, values 2^-12, or
     * 2^(integer_bits - 15) with 0 … 6 bits. */
    void (*logistic)(const int16_t *values, size_t count, int16_t *result);
    void (*tanh)(int integer_bits, const int16_t *values, size_t count, int16_t *result);

    /* cell = forget * cell + share * modulation, cut to int16 and to -clip … clip, where share is
     * `input`, or 1 - forget when that is NULL. forget and input are >= 0. The cell has scale
     * 2^cell_scale, -15 … -9; clip 0: none. */
    void (*advance)(int32_t cell_scale, int16_t clip, const int16_t *input, const int16_t *forget,
                    const int16_t *modulation, size_t count, int16_t *cell);

    /* a * b * factor + zero_point, cut to int8; zero_point is within -255 … 255. */
    void (*multiply)(const int16_t *a, const int16_t *b, mg_multiplier factor, int32_t zero_point,
                     size_t count, int8_t *result);
} mg_gate_kernel;

#endif
