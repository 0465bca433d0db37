/* SPDX-License-Identifier: Apache-2.0 */
/* The ranges to which fused activations clamp, in real and in stored values. */
#ifndef MG_ACTIVATION_H
#define MG_ACTIVATION_H

#include "op/op.h"

/* NONE, RELU, RELU_N1_TO_1 and RELU6; others fail. NONE gives -infinity and infinity. */
midge_status mg_activation_range_f32(midge_op_context *context, int activation, float *least,
                                     float *most);

/*
 * The range in stored values of a per-tensor quantised output: zero point + round(bound / scale),
 * each cut to the type. Source: the affine quantisation of the TensorFlow Lite specification.
 */
midge_status mg_activation_range_quantized(midge_op_context *context, int activation,
                                           const midge_tensor *output, int32_t *least,
                                           int32_t *most);

/* Smallest and largest stored value of int8, uint8, int16 and int32. */
void mg_type_range(midge_type type, int32_t *least, int32_t *most);

#endif
