/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products of training, by the kernel gemm_f32. */
#ifndef MG_TRAIN_PRODUCT_H
#define MG_TRAIN_PRODUCT_H

#include "train/trainer.h"

/* Element d of row (or column) i is values[i * step + d * depth_step]; one of the steps is 1. */
typedef struct mg_train_operand {
    const float *values;
    size_t step;
    size_t depth_step;
} mg_train_operand;

/* out[r * out_stride + c] = bias[c] + sum over d of left[r][d] * right[c][d]. */
typedef struct mg_train_product {
    size_t rows;
    size_t columns;
    size_t depth;
    mg_train_operand left;
    mg_train_operand right;
    const float *bias; /* NULL: 0 */
    float *out;
    size_t out_stride;
} mg_train_product;

/* By all threads: `scratch` is that of worker 0, `scratch_step` floats before the next one's;
 * `turned` has rows * depth floats where left.depth_step is not 1. */
void mg_train_multiply(const mg_train_pass *pass, const mg_train_product *product, float *turned,
                       float *scratch, size_t scratch_step);
/* The same, for few rows that are deep: parts of the depth first, all of them side by side in
 * `parts`, then their sum. A thread has the same part of the right side each time, and in
 * mg_train_multiply_outer its rows, so that weights stay in its cache. */
void mg_train_multiply_parts(const mg_train_pass *pass, const mg_train_product *product,
                             float *parts, float *scratch, size_t scratch_step);
/* How many parts; below 2: not worth it. */
size_t mg_train_depth_parts(size_t rows, size_t depth);
/* By this thread alone, scratch with room for a turned left side. */
void mg_train_multiply_alone(const mg_train_pass *pass, const mg_train_product *product,
                             float *scratch);

/* The gradient of a kernel: weight->gradient[r * columns + c] = sum over d of
 * left[d * rows + r] * right[d * columns + c]. */
typedef struct mg_train_outer {
    size_t rows;
    size_t columns;
    size_t depth; /* 1 … MG_TRAIN_OUTER_DEPTH */
    const float *left;
    const float *right;
    mg_train_weight *weight;
} mg_train_outer;

enum { MG_TRAIN_OUTER_DEPTH = 256 };

/* By all threads, with the step of the optimiser where the weight is ready for it. */
void mg_train_multiply_outer(const mg_train_pass *pass, const mg_train_outer *outer, float *shared,
                             float *scratch, size_t scratch_step);
void mg_train_outer_needs(const midge_trainer *trainer, size_t rows, size_t columns, size_t depth,
                          mg_train_needs *needs);

/* to[c * rows + r] = from[r * step + c]. */
void mg_train_turn(const float *from, size_t step, size_t rows, size_t columns, float *to);

#endif
