/* SPDX-License-Identifier: Apache-2.0 */
/* The activations that recurrent operators apply to a vector of floats. */
#ifndef MG_ACTIVATE_H
#define MG_ACTIVATE_H

#include "kernel/rows.h"

/* The numbers up to SIGN_BIT are those of the model format. */
typedef enum mg_activate {
    MG_ACTIVATE_NONE = 0,
    MG_ACTIVATE_RELU = 1,
    MG_ACTIVATE_RELU_N1_TO_1 = 2,
    MG_ACTIVATE_RELU6 = 3,
    MG_ACTIVATE_TANH = 4,
    MG_ACTIVATE_SIGN_BIT = 5,
    MG_ACTIVATE_LOGISTIC = 6
} mg_activate;

/* `result` may be `values`. */
void mg_activate_f32(const mg_pointwise_f32_kernel *pointwise, mg_activate kind,
                     const float *values, size_t count, float *result);

/* Cuts to -limit … limit; nothing to do for limit 0. */
void mg_clip_f32(float *values, size_t count, float limit);

/* Subtracts the mean and divides by the standard deviation. */
void mg_normalize_f32(float *values, size_t count);

#endif
