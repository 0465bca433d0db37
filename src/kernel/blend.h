/* SPDX-License-Identifier: Apache-2.0 */
/* Contract of the kernels that blend images, see kernel/ref/resample.h. All results equal those of
 * ref bit for bit. */
#ifndef MG_BLEND_H
#define MG_BLEND_H

#include "kernel/ref/resample.h"

typedef struct mg_blend_kernel {
    void (*row_f32)(const float *above, const float *below, float fraction,
                    const mg_blend_step *steps, size_t columns, size_t channels, float *output);
    void (*row_u8)(const uint8_t *above, const uint8_t *below, float fraction,
                   const mg_blend_step *steps, size_t columns, size_t channels, uint8_t *output);
    void (*row_s8)(const int8_t *above, const int8_t *below, int32_t fraction_10,
                   const mg_blend_step *steps, size_t columns, size_t channels, int8_t *output);
} mg_blend_kernel;

#endif
