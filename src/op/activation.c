/* SPDX-License-Identifier: Apache-2.0 */
#include "op/activation.h"

#include <math.h>

#include "op/require.h"

midge_status mg_activation_range_f32(midge_op_context *context, int activation, float *least,
                                     float *most)
{
    *least = -INFINITY;
    *most = INFINITY;
    switch (activation) {
    case MG_ACTIVATION_NONE: return MIDGE_OK;
    case MG_ACTIVATION_RELU: *least = 0; return MIDGE_OK;
    case MG_ACTIVATION_RELU_N1_TO_1:
        *least = -1;
        *most = 1;
        return MIDGE_OK;
    case MG_ACTIVATION_RELU6:
        *least = 0;
        *most = 6;
        return MIDGE_OK;
    default:
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "fused activation %d is not supported here",
                          activation);
    }
}

void mg_type_range(midge_type type, int32_t *least, int32_t *most)
{
    switch (type) {
    case MIDGE_INT8: *least = INT8_MIN, *most = INT8_MAX; break;
    case MIDGE_UINT8: *least = 0, *most = UINT8_MAX; break;
    case MIDGE_INT16: *least = INT16_MIN, *most = INT16_MAX; break;
    default: *least = INT32_MIN, *most = INT32_MAX; break;
    }
}

static midge_status stored_bound(midge_op_context *context, const midge_tensor *output, float bound,
                                 int32_t *stored)
{
    float steps = roundf(bound / mg_scale(output)) + (float)mg_zero_point(output);
    if (!(fabsf(steps) < 2147483520.0f))
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "activation bound %g passes int32 at output scale %g", (double)bound,
                          (double)mg_scale(output));
    *stored = (int32_t)roundf(bound / mg_scale(output)) + mg_zero_point(output);
    return MIDGE_OK;
}

midge_status mg_activation_range_quantized(midge_op_context *context, int activation,
                                           const midge_tensor *output, int32_t *least,
                                           int32_t *most)
{
    float real_least, real_most;
    TRY(mg_activation_range_f32(context, activation, &real_least, &real_most));
    mg_type_range(output->type, least, most);
    int32_t bound;
    if (isfinite(real_least)) {
        TRY(stored_bound(context, output, real_least, &bound));
        if (bound > *least) *least = bound;
    }
    if (isfinite(real_most)) {
        TRY(stored_bound(context, output, real_most, &bound));
        if (bound < *most) *most = bound;
    }
    return MIDGE_OK;
}
