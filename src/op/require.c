/* SPDX-License-Identifier: Apache-2.0 */
#include "op/require.h"

#include <math.h>
#include <string.h>

#include "op/shape.h"

midge_status mg_require_type(midge_op_context *context, const midge_tensor *tensor,
                             const char *role, uint32_t types)
{
    if ((unsigned)tensor->type < 32 && (types >> tensor->type & 1) != 0) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_UNSUPPORTED, "type %s of %s is not supported here",
                      midge_type_name(tensor->type), role);
}

midge_status mg_require_same_type(midge_op_context *context, const midge_tensor *a,
                                  const char *role_a, const midge_tensor *b, const char *role_b)
{
    if (a->type == b->type) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s is %s, but %s is %s", role_a,
                      midge_type_name(a->type), role_b, midge_type_name(b->type));
}

midge_status mg_require_rank(midge_op_context *context, const midge_tensor *tensor,
                             const char *role, int32_t least, int32_t most)
{
    if (tensor->rank >= least && tensor->rank <= most) return MIDGE_OK;
    if (least == most)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s has %d dimensions, need %d", role,
                          (int)tensor->rank, (int)least);
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s has %d dimensions, need %d to %d", role,
                      (int)tensor->rank, (int)least, (int)most);
}

midge_status mg_require_elements(midge_op_context *context, const midge_tensor *tensor,
                                 const char *role, size_t elements)
{
    if (tensor->elements == elements) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s has %zu elements, need %zu", role,
                      tensor->elements, elements);
}

midge_status mg_require_same_shape(midge_op_context *context, const midge_tensor *a,
                                   const char *role_a, const midge_tensor *b, const char *role_b)
{
    if (mg_same_shape(a, b)) return MIDGE_OK;
    char text_a[MG_SHAPE_TEXT], text_b[MG_SHAPE_TEXT];
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s is %s, but %s is %s", role_a,
                      mg_shape_text(a->rank, a->shape, text_a), role_b,
                      mg_shape_text(b->rank, b->shape, text_b));
}

static bool zero_point_fits(midge_type type, int64_t zero_point)
{
    switch (type) {
    case MIDGE_INT8: return zero_point >= INT8_MIN && zero_point <= INT8_MAX;
    case MIDGE_UINT8: return zero_point >= 0 && zero_point <= UINT8_MAX;
    case MIDGE_INT16: return zero_point >= INT16_MIN && zero_point <= INT16_MAX;
    default: return zero_point >= INT32_MIN && zero_point <= INT32_MAX;
    }
}

static midge_status check_parameters(midge_op_context *context, const midge_tensor *tensor,
                                     const char *role)
{
    const midge_quantization *quantization = &tensor->quantization;
    for (size_t i = 0; i < quantization->count; ++i) {
        float scale = quantization->scale[i];
        if (!(scale > 0) || !isfinite(scale))
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "scale %zu of %s is %g, need a finite number above 0", i, role,
                              (double)scale);
        if (!zero_point_fits(tensor->type, quantization->zero_point[i]))
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "zero point %lld of %s is outside %s",
                              (long long)quantization->zero_point[i], role,
                              midge_type_name(tensor->type));
    }
    return MIDGE_OK;
}

midge_status mg_require_quantized(midge_op_context *context, const midge_tensor *tensor,
                                  const char *role)
{
    if (tensor->quantization.count != 1)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%s has %zu scales, need 1", role,
                          tensor->quantization.count);
    return check_parameters(context, tensor, role);
}

midge_status mg_require_quantized_channels(midge_op_context *context, const midge_tensor *tensor,
                                           const char *role, int32_t axis, int32_t channels)
{
    const midge_quantization *quantization = &tensor->quantization;
    if (quantization->count == 1) return check_parameters(context, tensor, role);
    if (quantization->axis != axis || quantization->count != (size_t)channels)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%s has %zu scales along dimension %d, need 1, or %d along dimension %d",
                          role, quantization->count, quantization->axis, (int)channels, (int)axis);
    return check_parameters(context, tensor, role);
}

midge_status mg_require_same_quantization(midge_op_context *context, const midge_tensor *a,
                                          const char *role_a, const midge_tensor *b,
                                          const char *role_b)
{
    TRY(mg_require_quantized(context, a, role_a));
    TRY(mg_require_quantized(context, b, role_b));
    if (fabsf(mg_scale(a) - mg_scale(b)) <= 1e-6f * fmaxf(mg_scale(a), mg_scale(b)) &&
        mg_zero_point(a) == mg_zero_point(b))
        return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL,
                      "%s (scale %g, zero point %d) and %s (scale %g, zero point %d) must agree",
                      role_a, (double)mg_scale(a), (int)mg_zero_point(a), role_b,
                      (double)mg_scale(b), (int)mg_zero_point(b));
}

bool mg_is_quantized(const midge_tensor *tensor)
{
    return (MG_TYPES_QUANTIZED >> tensor->type & 1) != 0 && tensor->quantization.count > 0;
}
