/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products of matrices of weights with vectors of floats, as the recurrent operators need them:
 * accumulator[row] += scale * sum over depth of weights[row][depth] * vector[depth].
 *
 * Weights are float, or int8 with one scale (hybrid.h): then the vector is quantised once and used
 * with every matrix. The sums come from the dot kernels, so that they are as fast as those.
 */
#ifndef MG_MATRIX_VECTOR_H
#define MG_MATRIX_VECTOR_H

#include <stdbool.h>

#include "kernel/gate.h"
#include "kernel/gemm.h"
#include "kernel/row_dots.h"
#include "kernel/rows.h"

/* The kernels that recurrent cells are made of. */
typedef struct mg_cell_kernels {
    const mg_dot_f32_kernel *dot_f32;
    const mg_dot_int_kernel *dot_int;
    const mg_pointwise_f32_kernel *pointwise_f32;
    const mg_gate_kernel *gate;
    const mg_row_dots_kernel *row_dots;
    const mg_requantise_kernel *requantise;
} mg_cell_kernels;

typedef struct mg_matrix {
    const void *weights; /* NULL: there is no such matrix */
    mg_cell cell;        /* MG_CELL_F32 or MG_CELL_I8 */
    float scale;         /* of int8 weights */
    bool diagonal;       /* weights[rows] are the diagonal of a square matrix */
    size_t rows;
    size_t depth;
} mg_matrix;

typedef struct mg_product_vector {
    const float *values;
    const int8_t *quantized; /* NULL: not needed, all matrices are float or diagonal */
    float scale;
    int32_t zero_point;
    bool zero; /* all values are 0: products are left out */
} mg_product_vector;

/* Quantises `values` into memory for `depth` int8; `quantized` NULL: no int8 matrix will see it. */
mg_product_vector mg_product_vector_of(const float *values, size_t depth, int8_t *quantized,
                                       bool asymmetric);

/* Where a product keeps its sums: `rows` int32 or float, and mg_dot_scratch_bytes(depth). */
typedef struct mg_product_scratch {
    void *sums;
    void *dot; /* aligned to 64 */
} mg_product_scratch;

/* Does nothing for an absent matrix. */
void mg_add_product(const mg_cell_kernels *kernels, const mg_matrix *matrix,
                    const mg_product_vector *vector, const mg_product_scratch *scratch,
                    float *accumulator);

/* All of `rows` sums of bias[row] + weights * (vector - zero_point), int8 weights. bias may be
 * NULL. */
void mg_integer_product(const mg_cell_kernels *kernels, const int8_t *weights, size_t rows,
                        size_t depth, mg_cell vector_cell, const void *vector, int32_t zero_point,
                        const int32_t *bias, void *dot_scratch, int32_t *sums);

#endif
