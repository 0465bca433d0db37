/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the softmax kernels, see mg_softmax_f32 in kernel/ref/softmax_rows.h. Sums may run in
 * any order and exponentials may be approximated: a result is within (depth + 16) * 2^-24 of its
 * value, or 2^-126, from that of ref. Output may lie where input lies.
 */
#ifndef MG_SOFTMAX_KERNEL_H
#define MG_SOFTMAX_KERNEL_H

#include "kernel/ref/softmax_rows.h"

typedef struct mg_softmax_f32_kernel {
    void (*rows)(const float *input, size_t rows, size_t depth, float beta, float *output);
} mg_softmax_f32_kernel;

#endif
