/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax and its logarithm over rows of `depth` elements, in floating point. Each row is shifted
 * by its largest element first, so that nothing overflows. Output may lie where input lies.
 */
#ifndef MG_SOFTMAX_ROWS_H
#define MG_SOFTMAX_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* exp(beta * x) / sum of exp(beta * x). */
void mg_softmax_f32(const float *input, size_t rows, size_t depth, float beta, float *output);

/* The same for float16 codes; exponentials are rounded to float16 before the division. */
void mg_softmax_f16(const uint16_t *input, size_t rows, size_t depth, float beta, uint16_t *output);

/* x - log(sum of exp(x)). */
void mg_log_softmax_f32(const float *input, size_t rows, size_t depth, float *output);

#endif
