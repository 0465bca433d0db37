/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recurrent layers: what LSTM and GRU share. Rows are samples; the steps of a sample lie one behind
 * the other, so that row b of step t is at (b * steps + t) * width.
 */
#ifndef MG_TRAIN_RECURRENT_H
#define MG_TRAIN_RECURRENT_H

#include "train/train_activation.h"
#include "train/train_build.h"

typedef struct mg_train_recurrent {
    size_t steps;
    size_t features;
    size_t units;
    size_t gates; /* 4, or 3 */
    bool all;     /* the output has all steps */
    bool reversed;
    mg_train_function outer, inner; /* activation and recurrent activation */
} mg_train_recurrent;

/* Configuration, weights kernel, recurrent_kernel and bias, and the node. `bias_shape` has rank
 * bias_rank. */
midge_status mg_train_add_recurrent(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call, size_t gates,
                                    const mg_train_operation *operation, int32_t bias_rank,
                                    mg_train_node **node);

/* The input in the order of time; `ordered` is room for it where that is reversed. */
const float *mg_train_ordered_input(const mg_train_pass *pass, const mg_train_node *node,
                                    float *ordered);

/* out[b][columns] = rows of `left` at step t, width deep, times a matrix of width x columns, or
 * turned: columns x width. Step strides in floats. */
void mg_train_step_product(const mg_train_pass *pass, const mg_train_node *node, const float *left,
                           size_t left_stride, size_t width, const float *matrix, size_t columns,
                           bool turned, float *out, size_t out_stride);
/* dmatrix = left' right over all rows of all steps. */
void mg_train_learn_matrix(const mg_train_pass *pass, const mg_train_node *node, const float *left,
                           size_t width, const float *right, size_t columns, float *gradient);
/* What the first input gets, if it learns: rows of `slopes`, `width` wide, times the kernel turned.
 * `ordered` has room for it where steps go backwards. */
void mg_train_recurrent_input_gradient(const mg_train_pass *pass, const mg_train_node *node,
                                       const float *slopes, size_t width, float *ordered);
/* The worker scratch, and the room for a turned left side, of those products. */
void mg_train_recurrent_needs(const midge_trainer *trainer, const mg_train_recurrent *plan,
                              size_t batch, mg_train_needs *needs);

#endif
