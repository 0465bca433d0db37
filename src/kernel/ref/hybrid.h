/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Float activations times int8 weights: each activation vector is quantised to int8 on the fly,
 * the products are summed in int32 and scaled back to float.
 *
 * Vectors lie one after another, `depth` elements each; a matrix is `rows` vectors of weights.
 * Symmetric:   value = scale * q,                 q within -127 … 127.
 * Asymmetric:  value = scale * (q - zero point),  q within -128 … 127.
 */
#ifndef MG_HYBRID_H
#define MG_HYBRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool mg_all_zero_f32(const float *values, size_t count);

/* Quantises one vector. A vector of zeros gets scale 1 and zeros. */
void mg_quantize_asymmetric_f32(const float *values, size_t count, int8_t *quantized, float *scale,
                                int32_t *zero_point);

/* Quantises `vectors` vectors, each with its own scale; asymmetric when zero_points is not NULL. */
void mg_quantize_vectors_f32(const float *values, size_t vectors, size_t depth, int8_t *quantized,
                             float *scales, int32_t *zero_points);

/* sums[row] = sum of the weights of the row. */
void mg_row_sums_s8(const int8_t *matrix, size_t rows, size_t depth, int32_t *sums);

#endif
