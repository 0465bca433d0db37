/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that prepare functions make of their tensors. Each fails with a message that names the
 * node, the tensor's role and the numbers. */
#ifndef MG_REQUIRE_H
#define MG_REQUIRE_H

#include "op/op.h"

/* Sets of types. */
#define MG_TYPES(type) (UINT32_C(1) << (type))
#define MG_TYPES_2(a, b) (MG_TYPES(a) | MG_TYPES(b))
#define MG_TYPES_3(a, b, c) (MG_TYPES_2(a, b) | MG_TYPES(c))
#define MG_TYPES_QUANTIZED MG_TYPES_3(MIDGE_UINT8, MIDGE_INT8, MIDGE_INT16)
/* Every type whose elements are whole bytes and may be moved about as such. */
#define MG_TYPES_BYTES                                                               \
    (((UINT32_C(1) << 23) - 1) &                                                     \
     ~(MG_TYPES(MIDGE_STRING) | MG_TYPES(MIDGE_RESOURCE) | MG_TYPES(MIDGE_VARIANT) | \
       MG_TYPES(MIDGE_INT4) | MG_TYPES(MIDGE_INT2) | MG_TYPES(MIDGE_UINT4)))

midge_status mg_require_type(midge_op_context *context, const midge_tensor *tensor,
                             const char *role, uint32_t types);
midge_status mg_require_same_type(midge_op_context *context, const midge_tensor *a,
                                  const char *role_a, const midge_tensor *b, const char *role_b);
midge_status mg_require_rank(midge_op_context *context, const midge_tensor *tensor,
                             const char *role, int32_t least, int32_t most);
midge_status mg_require_elements(midge_op_context *context, const midge_tensor *tensor,
                                 const char *role, size_t elements);
midge_status mg_require_same_shape(midge_op_context *context, const midge_tensor *a,
                                   const char *role_a, const midge_tensor *b, const char *role_b);

/* One scale > 0 and a zero point within the type. */
midge_status mg_require_quantized(midge_op_context *context, const midge_tensor *tensor,
                                  const char *role);

/* As above, or one scale for each of `channels` slices of `axis`. */
midge_status mg_require_quantized_channels(midge_op_context *context, const midge_tensor *tensor,
                                           const char *role, int32_t axis, int32_t channels);

/* The same single scale and zero point on both (the scale within a relative 1e-6). */
midge_status mg_require_same_quantization(midge_op_context *context, const midge_tensor *a,
                                          const char *role_a, const midge_tensor *b,
                                          const char *role_b);

/* True for a type with a scale: int8, uint8 and int16 tensors that have quantisation parameters. */
bool mg_is_quantized(const midge_tensor *tensor);

/* Scale and zero point of a per-tensor quantised tensor. */
static inline float mg_scale(const midge_tensor *tensor)
{
    return tensor->quantization.scale[0];
}

static inline int32_t mg_zero_point(const midge_tensor *tensor)
{
    return (int32_t)tensor->quantization.zero_point[0];
}

#endif
