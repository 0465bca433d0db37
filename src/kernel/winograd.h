/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the transforms of Winograd's convolution F(4x4, 3x3): 4 by 4 outputs of a 3x3 filter
 * from 6 by 6 inputs with 36 products instead of 144.
 *
 *   weights  U = G g G'    9 taps to 36 positions
 *   input    V = B' d B    a patch of 6x6 pixels to 36 positions
 *   output   Y = A' M A    sums of products at 36 positions to 4x4 pixels
 *
 * Each works element by element, for channels or for panels of weights, whatever their layout. A
 * position is 6 * row + column; position p of a result lies at out + p * stride.
 *
 * The error of a whole convolution of depth k is at most (k + 40) * 2^-24 * MG_WINOGRAD_GROWTH *
 * max |x| * sum |w| of the output channel, for the intermediate values grow so much at worst; usual
 * errors are fifty times smaller.
 */
#ifndef MG_WINOGRAD_H
#define MG_WINOGRAD_H

#include "kernel/gemm.h"

enum {
    MG_WINOGRAD_TAPS = 9,
    MG_WINOGRAD_POSITIONS = 36,
    MG_WINOGRAD_PATCH = 6, /* pixels of input along one side */
    MG_WINOGRAD_TILE = 4,  /* pixels of output along one side */
    MG_WINOGRAD_GROWTH = 160
};

/* ---- winograd_f32 ------------------------------------------------------------------------------
 */

typedef struct mg_winograd_f32_kernel {
    /* taps: [9][stride] floats, `count` of each. */
    void (*weights)(const float *taps, size_t tap_stride, size_t count, float *out, size_t stride);

    /* patch: pointers to 36 pixels, row by row, `count` channels each. */
    void (*input)(const float *const *patch, size_t count, float *out, size_t stride);

    /* in: [36][stride]; adds bias[count] (or NULL), clamps; tile: pointers to 16 pixels, NULL for
     * those outside the image. */
    void (*output)(const float *in, size_t stride, size_t count, const float *bias, float minimum,
                   float maximum, float *const *tile);
} mg_winograd_f32_kernel;

/* ---- winograd_int ------------------------------------------------------------------------------
 * The same in integers, exactly: with the denominators of the weights' transform taken out, the way
 * back gives 576 times the sums of products, modulo 2^32. 576 = 9 * 64 is divided out by a product
 * with the inverse of 9 and a shift, which is exact while the sums are within 2^31 / 64.
 *
 * Cells are int8, uint8 or, of dynamically quantised activations, int16; freed of their zero points
 * they and the weights are within -255 … 255, transformed ones within -25500 … 25500. */

enum { MG_WINOGRAD_INT_SCALE = 64 };

typedef struct mg_winograd_int_kernel {
    uint32_t least_length; /* with fewer channels plain products are faster; 0: they always are, or
                            * memory counts for more */

    /* taps: [9][tap_stride], `count` of each, freed of their zero point. */
    void (*weights)(const int16_t *taps, size_t tap_stride, size_t count, int16_t *out,
                    size_t stride);

    /* patch: pointers to 36 pixels, row by row, `count` cells each. */
    void (*input)(mg_cell cell, int32_t zero, const void *const *patch, size_t count, int16_t *out,
                  size_t stride);

    /* in: [36][stride]; pixel (y, x) plus bias[count] (or NULL) goes to
     * out + y * line_stride + x * pixel_stride. */
    void (*output)(const int32_t *in, size_t stride, size_t count, const int32_t *bias,
                   int32_t *out, size_t pixel_stride, size_t line_stride);
} mg_winograd_int_kernel;

#endif
