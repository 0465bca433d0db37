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

#include <stddef.h>

enum {
    MG_WINOGRAD_TAPS = 9,
    MG_WINOGRAD_POSITIONS = 36,
    MG_WINOGRAD_PATCH = 6, /* pixels of input along one side */
    MG_WINOGRAD_TILE = 4,  /* pixels of output along one side */
    MG_WINOGRAD_GROWTH = 160
};

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

#endif
