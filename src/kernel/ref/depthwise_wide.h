/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of depthwise convolutions whose activations are int16, or floats quantised as they come:
 * output channel c of `outputs` reads input channel c / multiplier. Windows as in depthwise.h, of
 * input channels; weights are int8, [tap][outputs]. */
#ifndef MG_DEPTHWISE_WIDE_H
#define MG_DEPTHWISE_WIDE_H

#include "kernel/depthwise.h"

typedef struct mg_depthwise_wide {
    const mg_depthwise_window *window; /* rows of int16 without a zero point */
    const int8_t *weights;
    size_t multiplier;
} mg_depthwise_wide;

/* Sums in int64, requantised to int16. bias: one per output, or NULL. */
void mg_depthwise_row_wide(const mg_depthwise_wide *wide, const int64_t *bias,
                           const mg_requantisation *how, int16_t *out);

/* clamp(sum * scale[c * scale_step] * input_scale + bias[c]); sums in int32. */
typedef struct mg_depthwise_scales {
    const float *scale;
    size_t scale_step;
    float input_scale;
    float minimum;
    float maximum;
} mg_depthwise_scales;
void mg_depthwise_row_scaled(const mg_depthwise_wide *wide, const float *bias,
                             const mg_depthwise_scales *scales, float *out);

#endif
