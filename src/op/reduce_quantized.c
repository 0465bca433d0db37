/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUM and REDUCE_PROD of quantised values.
 *
 * SUM is rescaled in single precision and rounded once, as the kernels of TensorFlow Lite do that
 * compute it rightly. REDUCE_PROD divides the output scale evenly among its factors.
 */
#include <math.h>

#include "kernel/ref/reduction_scale.h"
#include "op/reduce.h"
#include "op/require.h"

static midge_status require_both_quantized(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_quantized(context, input, "input"));
    TRY(mg_require_quantized(context, output, "output"));
    if (input->type == MIDGE_INT16 && (mg_zero_point(input) != 0 || mg_zero_point(output) != 0))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "int16 has zero points %d and %d, need 0",
                          (int)mg_zero_point(input), (int)mg_zero_point(output));
    return MIDGE_OK;
}

midge_status mg_reduce_prepare_sum_quantized(midge_op_context *context)
{
    TRY(mg_reduce_prepare(context, MG_TYPES_QUANTIZED, sizeof(int32_t)));
    return require_both_quantized(context);
}

static void fill(midge_tensor *output, int32_t stored)
{
    for (size_t i = 0; i < output->elements; ++i) {
        if (output->type == MIDGE_INT16)
            ((int16_t *)output->data)[i] = (int16_t)stored;
        else
            ((uint8_t *)output->data)[i] = (uint8_t)stored;
    }
}

/* The sum of nothing is 0. */
midge_status mg_reduce_run_sum_quantized(midge_op_context *context)
{
    TRY(mg_reduce_begin(context));
    const mg_reduction *plan = context->prepared;
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    if (input->elements == 0) {
        fill(output, mg_zero_point(output));
        return MIDGE_OK;
    }
    int32_t *sums = context->scratch;
    float factor = mg_scale(input) / mg_scale(output);
    mg_sum_scale scale = {factor,
                          (float)-mg_zero_point(input) * factor * (float)plan->inputs_per_output,
                          mg_zero_point(output)};
    mg_reducer reducer = {mg_sum_row_s8_s32, 1, sizeof(int32_t), NULL};
    if (input->type == MIDGE_UINT8) reducer.row = mg_sum_row_u8_s32;
    if (input->type == MIDGE_INT16) {
        reducer.row = mg_sum_row_s16_s32;
        reducer.input_bytes = sizeof(int16_t);
    }
    mg_reduce_run(context, &reducer, sums);
    switch (input->type) {
    case MIDGE_INT8: mg_scale_sums_s8(sums, plan->outputs, &scale, output->data); break;
    case MIDGE_UINT8: mg_scale_sums_u8(sums, plan->outputs, &scale, output->data); break;
    default: mg_scale_sums_s16(sums, plan->outputs, &scale, output->data); break;
    }
    return MIDGE_OK;
}

midge_status mg_reduce_prepare_product_quantized(midge_op_context *context)
{
    TRY(mg_reduce_prepare(context, MG_TYPES_2(MIDGE_INT8, MIDGE_INT16), sizeof(int32_t)));
    return require_both_quantized(context);
}

/* The product of nothing. */
static int32_t stored_one(const midge_tensor *output)
{
    float steps = roundf(1.0f / mg_scale(output)) + (float)mg_zero_point(output);
    int32_t most = output->type == MIDGE_INT8 ? INT8_MAX : INT16_MAX;
    return steps < (float)most ? (int32_t)steps : most;
}

midge_status mg_reduce_run_product_quantized(midge_op_context *context)
{
    TRY(mg_reduce_begin(context));
    const mg_reduction *plan = context->prepared;
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    if (input->elements == 0) {
        fill(output, stored_one(output));
        return MIDGE_OK;
    }
    double root = pow((double)mg_scale(output), 1.0 / (double)plan->inputs_per_output);
    double real_factor = (double)mg_scale(input) / root;
    if (!(real_factor < 128.0))
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "input scale %g with output scale %g",
                          (double)mg_scale(input), (double)mg_scale(output));
    mg_multiplier factor = mg_quantize_multiplier(real_factor);
    mg_quantized_product product = {mg_zero_point(input), factor};
    bool narrow = input->type == MIDGE_INT8;
    mg_reducer reducer = {narrow ? mg_quantized_product_row_s8 : mg_quantized_product_row_s16,
                          narrow ? 1 : sizeof(int16_t), sizeof(int32_t), &product};
    mg_reduce_run(context, &reducer, context->scratch);
    if (narrow)
        mg_scale_products_s8(context->scratch, plan->outputs, factor, mg_zero_point(output),
                             output->data);
    else
        mg_scale_products_s16(context->scratch, plan->outputs, factor, mg_zero_point(output),
                              output->data);
    return MIDGE_OK;
}
