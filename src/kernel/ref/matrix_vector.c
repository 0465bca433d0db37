/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/matrix_vector.h"

#include <math.h>

#include "kernel/ref/hybrid.h"

mg_product_vector mg_product_vector_of(const float *values, size_t depth, int8_t *quantized,
                                       bool asymmetric)
{
    mg_product_vector vector = {values, quantized, 1.0f, 0, mg_all_zero_f32(values, depth)};
    if (quantized == NULL || vector.zero) return vector;
    mg_quantize_vectors_f32(values, 1, depth, quantized, &vector.scale,
                            asymmetric ? &vector.zero_point : NULL);
    return vector;
}

static mg_columns rows_of(const void *weights, size_t rows, size_t depth)
{
    return (mg_columns){
        .weights = weights, .column_step = depth, .depth_step = 1, .count = rows, .depth = depth};
}

static void add_diagonal(const mg_matrix *matrix, const float *values, float *accumulator)
{
    if (matrix->cell == MG_CELL_F32) {
        const float *weights = matrix->weights;
        for (size_t i = 0; i < matrix->rows; i++) accumulator[i] += weights[i] * values[i];
    } else {
        const int8_t *weights = matrix->weights;
        for (size_t i = 0; i < matrix->rows; i++) {
            accumulator[i] += matrix->scale * (float)weights[i] * values[i];
        }
    }
}

void mg_integer_product(const mg_cell_kernels *kernels, const int8_t *weights, size_t rows,
                        size_t depth, mg_cell vector_cell, const void *vector, int32_t zero_point,
                        const int32_t *bias, void *dot_scratch, int32_t *sums)
{
    mg_gemm_int_form form = {vector_cell, MG_CELL_I8, zero_point, 0, depth};
    mg_columns columns = rows_of(weights, rows, depth);
    kernels->dot_int->multiply(&form, vector, &columns, bias, dot_scratch, sums);
}

void mg_add_product(const mg_cell_kernels *kernels, const mg_matrix *matrix,
                    const mg_product_vector *vector, const mg_product_scratch *scratch,
                    float *accumulator)
{
    if (matrix->weights == NULL || vector->zero) return;
    if (matrix->diagonal) {
        add_diagonal(matrix, vector->values, accumulator);
    } else if (matrix->cell == MG_CELL_F32) {
        mg_columns columns = rows_of(matrix->weights, matrix->rows, matrix->depth);
        float *sums = scratch->sums;
        kernels->dot_f32->multiply(vector->values, &columns, NULL, -INFINITY, INFINITY, sums);
        for (size_t i = 0; i < matrix->rows; i++) accumulator[i] += sums[i];
    } else {
        int32_t *sums = scratch->sums;
        mg_integer_product(kernels, matrix->weights, matrix->rows, matrix->depth, MG_CELL_I8,
                           vector->quantized, vector->zero_point, NULL, scratch->dot, sums);
        float scale = vector->scale * matrix->scale;
        for (size_t i = 0; i < matrix->rows; i++) accumulator[i] += (float)sums[i] * scale;
    }
}
