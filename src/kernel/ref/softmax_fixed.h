/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax and its logarithm in fixed point, over rows of `depth` elements.
 *
 * An 8-bit row has 256 possible distances from its largest element, so all exponentials come from a
 * table made once for a scale. 16-bit rows look exp(-10 … 0) and 1 / (1 + (0 … 1)) up in tables of
 * 512 steps, with linear interpolation.
 */
#ifndef MG_SOFTMAX_FIXED_H
#define MG_SOFTMAX_FIXED_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/fixed_point.h"

enum { MG_SOFTMAX_DISTANCES = 256, MG_SOFTMAX_STEPS = 512 };

typedef struct mg_softmax_8 {
    /* exp(-distance * beta * scale) with 31 fraction bits, and with 19, to be added up */
    int32_t exponentials[MG_SOFTMAX_DISTANCES];
    int32_t addends[MG_SOFTMAX_DISTANCES];
    mg_multiplier input;   /* distance to 26 fraction bits */
    int32_t furthest;      /* distances beyond it count as infinite */
    mg_multiplier inverse; /* 26 fraction bits to distance; for the logarithm */
} mg_softmax_8;

/* `factor` is beta * scale of the input, 0 to 2^4; above it, exp of one step is nothing. */
void mg_softmax_8_init(mg_softmax_8 *table, double factor);

/* Outputs in steps of 1/256 (8 bits) or 1/65536 (16 bits), from the lowest value of the type. */
void mg_softmax_s8(const int8_t *input, size_t rows, size_t depth, const mg_softmax_8 *table,
                   int8_t *output);
void mg_softmax_u8(const uint8_t *input, size_t rows, size_t depth, const mg_softmax_8 *table,
                   uint8_t *output);
void mg_softmax_s8_s16(const int8_t *input, size_t rows, size_t depth, const mg_softmax_8 *table,
                       int16_t *output);
void mg_softmax_u8_s16(const uint8_t *input, size_t rows, size_t depth, const mg_softmax_8 *table,
                       int16_t *output);

/* Outputs in steps of 1/16, down from the highest value of the type, which stands for 0. */
void mg_log_softmax_s8(const int8_t *input, size_t rows, size_t depth, const mg_softmax_8 *table,
                       int8_t *output);
void mg_log_softmax_u8(const uint8_t *input, size_t rows, size_t depth, const mg_softmax_8 *table,
                       uint8_t *output);

typedef struct mg_softmax_16 {
    int16_t exponentials[MG_SOFTMAX_STEPS + 1];
    int16_t reciprocals[MG_SOFTMAX_STEPS + 1];
    mg_multiplier input; /* distance to steps of 10/65535 */
} mg_softmax_16;

/* `factor` is beta * scale of the input. */
void mg_softmax_16_init(mg_softmax_16 *table, double factor);

/* Outputs in steps of 1/32768. */
void mg_softmax_s16(const int16_t *input, size_t rows, size_t depth, const mg_softmax_16 *table,
                    int16_t *output);

#endif
