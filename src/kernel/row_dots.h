/* SPDX-License-Identifier: Apache-2.0 */
/* Contract of the kernels that multiply two matrices row by row: sums[r] = sum over d of
 * a[r][d] * b[r][d], both dense, depth >= 1. */
#ifndef MG_ROW_DOTS_H
#define MG_ROW_DOTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct mg_row_dots_kernel {
    /* Modulo 2^32; equal to ref bit for bit. The zero point of b, within -128 … 127, is taken off.
     */
    void (*s16)(const int16_t *a, const int16_t *b, size_t rows, size_t depth, int32_t *sums);
    void (*s8)(const int8_t *a, const int8_t *b, int32_t b_zero, size_t rows, size_t depth,
               int32_t *sums);

    /* Error of a result <= depth * 2^-24 * sum |a * b|. */
    void (*f32)(const float *a, const float *b, size_t rows, size_t depth, float *sums);
} mg_row_dots_kernel;

#endif
