/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the pooling kernels: one window of an image reduced to one value a channel, see
 * kernel/ref/pooling.h. Means over height and width use them too, with one window for the image.
 * All results equal those of ref bit for bit.
 */
#ifndef MG_POOL_KERNEL_H
#define MG_POOL_KERNEL_H

#include "kernel/ref/pooling.h"

typedef struct mg_pool_kernel {
    void (*average_f32)(const float *input, const mg_pool_window *window, float least, float most,
                        float *output);
    void (*max_f32)(const float *input, const mg_pool_window *window, float least, float most,
                    float *output);
    void (*max_s8)(const int8_t *input, const mg_pool_window *window, int32_t least, int32_t most,
                   int8_t *output);
    void (*max_u8)(const uint8_t *input, const mg_pool_window *window, int32_t least, int32_t most,
                   uint8_t *output);
    void (*sum_s8)(const int8_t *input, const mg_pool_window *window, int32_t *sums);
    void (*sum_u8)(const uint8_t *input, const mg_pool_window *window, int32_t *sums);
} mg_pool_kernel;

#endif
