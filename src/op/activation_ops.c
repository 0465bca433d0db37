/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Activations as operators: RELU, RELU_N1_TO_1, RELU6, RELU_0_TO_1, LEAKY_RELU, PRELU, ELU, GELU,
 * HARD_SWISH, LOGISTIC and TANH.
 */
#include <math.h>

#include "kernel/ref/float_rows.h"
#include "kernel/ref/quantized_rows.h"
#include "op/activation.h"
#include "op/shape.h"
#include "op/table.h"

static bool is_float(const midge_tensor *tensor)
{
    return (MG_TYPES_FLOAT >> tensor->type & 1) != 0;
}

static midge_status require_input(midge_op_context *context, uint32_t types)
{
    TRY(mg_require_type(context, context->inputs[0], "input", types));
    return mg_require_same_type(context, context->inputs[0], "input", context->outputs[0],
                                "output");
}

/* ---- RELU, RELU_N1_TO_1, RELU6, RELU_0_TO_1 */

static mg_range_f32 range_of(int32_t op)
{
    switch (op) {
    case MG_BUILTIN_RELU_N1_TO_1: return (mg_range_f32){-1, 1};
    case MG_BUILTIN_RELU6: return (mg_range_f32){0, 6};
    case MG_BUILTIN_RELU_0_TO_1: return (mg_range_f32){0, 1};
    default: return (mg_range_f32){0, INFINITY};
    }
}

/* A bound in stored values of the output, within its type. */
static int32_t stored_bound(const midge_tensor *output, float bound)
{
    int32_t least, most;
    mg_type_range(output->type, &least, &most);
    float value = roundf(bound / mg_scale(output)) + (float)mg_zero_point(output);
    return value <= (float)least ? least : value >= (float)most ? most : (int32_t)value;
}

midge_status mg_prepare_relu(midge_op_context *context)
{
    mg_range_f32 range = range_of(context->node->op);
    const midge_tensor *output = context->outputs[0];
    void *parameters;
    TRY(require_input(context, MG_TYPES_FLOAT | MG_TYPES_QUANTIZED));
    if (is_float(output)) {
        TRY(mg_pointwise_prepare(context, 1, mg_row_clamp_f32, sizeof range, MG_POINTWISE_CHEAP,
                                 &parameters));
        *(mg_range_f32 *)parameters = range;
        return MIDGE_OK;
    }
    mg_requantization p;
    TRY(mg_require_quantized_unary(context));
    TRY(mg_requantization_of(context, &p));
    p.least = stored_bound(output, range.least);
    p.most = stored_bound(output, range.most);
    return mg_prepare_requantization(context, mg_requantize_stored, mg_row_requantize_i16_to_i16,
                                     &p);
}

midge_status mg_run_relu(midge_op_context *context)
{
    return mg_pointwise_run(context);
}

/* ---- LEAKY_RELU and PRELU */

midge_status mg_prepare_leaky_relu(midge_op_context *context)
{
    float alpha = MG_OPTIONS(context, LeakyReluOptions)->alpha;
    void *parameters;
    TRY(require_input(context, MG_TYPES_FLOAT | MG_TYPES_QUANTIZED));
    if (is_float(context->inputs[0])) {
        TRY(mg_pointwise_prepare(context, 1, mg_row_leaky_relu_f32, sizeof alpha,
                                 MG_POINTWISE_CHEAP, &parameters));
        *(float *)parameters = alpha;
        return MIDGE_OK;
    }
    mg_requantization p;
    TRY(mg_require_quantized_unary(context));
    TRY(mg_requantization_of(context, &p));
    float factor = mg_scale(context->inputs[0]) * alpha / mg_scale(context->outputs[0]);
    p.negative_sign = factor < 0 ? -1 : 1;
    TRY(mg_factor(context, (double)fabsf(factor), &p.negative_factor));
    return mg_prepare_requantization(context, mg_leaky_relu_stored, mg_row_leaky_relu_i16, &p);
}

midge_status mg_run_leaky_relu(midge_op_context *context)
{
    return mg_pointwise_run(context);
}

static midge_status prepare_quantized_prelu(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *alpha = context->inputs[1];
    const midge_tensor *output = context->outputs[0];
    midge_type alpha_type = input->type == MIDGE_INT16 ? MIDGE_INT8 : input->type;
    mg_quantized_pair pair = {.zero_a = mg_zero_point(input), .zero_out = mg_zero_point(output)};
    void *parameters;
    TRY(mg_require_type(context, alpha, "alpha", MG_TYPES(alpha_type)));
    TRY(mg_require_quantized(context, alpha, "alpha"));
    pair.zero_b = mg_zero_point(alpha);
    mg_type_range(output->type, &pair.least, &pair.most);
    TRY(mg_factor(context, (double)(mg_scale(input) / mg_scale(output)), &pair.factor_a));
    TRY(mg_factor(context, (double)(mg_scale(input) * mg_scale(alpha) / mg_scale(output)),
                  &pair.factor_b));
    TRY(mg_pointwise_prepare(context, 2,
                             input->type == MIDGE_INT8    ? mg_row_quantized_prelu_i8
                             : input->type == MIDGE_UINT8 ? mg_row_quantized_prelu_u8
                                                          : mg_row_quantized_prelu_i16,
                             sizeof pair, MG_POINTWISE_MIDDLE, &parameters));
    *(mg_quantized_pair *)parameters = pair;
    return MIDGE_OK;
}

midge_status mg_prepare_prelu(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(require_input(context, MG_TYPES_FLOAT | MG_TYPES_QUANTIZED));
    if (is_float(input)) {
        TRY(mg_require_same_type(context, input, "input", context->inputs[1], "alpha"));
        TRY(mg_pointwise_prepare(context, 2, mg_row_prelu_f32, 0, MG_POINTWISE_CHEAP, NULL));
    } else {
        TRY(mg_require_quantized_unary(context));
        TRY(prepare_quantized_prelu(context));
    }
    return mg_require_same_shape(context, input, "input", context->outputs[0],
                                 "its broadcast with alpha");
}

midge_status mg_run_prelu(midge_op_context *context)
{
    return mg_pointwise_run(context);
}

/* ---- ELU, GELU, LOGISTIC, TANH: rows for floats, tables for quantised numbers */

/* Tables are made with the functions of the C library: those of the rows have errors in the last
 * place, which would change a rounding now and then. */
static float elu(float x, const void *none)
{
    (void)none;
    return x < 0.0f ? expm1f(x) : x;
}

static float gelu(float x, const void *none)
{
    (void)none;
    return 0.5f * x * erfcf(x * -0.70710678118654752f);
}

static float gelu_approximate(float x, const void *none)
{
    const float sqrt_of_2_over_pi = 0.79788456080286536f;
    (void)none;
    return 0.5f * x * (1.0f + tanhf(sqrt_of_2_over_pi * (x + 0.044715f * x * x * x)));
}

static float logistic(float x, const void *none)
{
    (void)none;
    return 1.0f / (1.0f + expf(-x));
}

static float hyperbolic_tangent(float x, const void *none)
{
    (void)none;
    return tanhf(x);
}

/* The format fixes the output's scale for LOGISTIC, and for TANH in 16 bits. */
static midge_status require_output_scale(midge_op_context *context, float scale)
{
    float actual = mg_scale(context->outputs[0]);
    if (fabsf(actual - scale) <= scale * 1e-3f) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "output has scale %g, need %g", (double)actual,
                      (double)scale);
}

/*
 * The sigmoid table of int16 has a scale of 1/3 * 2^-12. A scale of 2^-12, or 2^-11 for TANH, is
 * brought to it exactly; others by a factor of 15 bits.
 */
static midge_status prepare_sigmoid_16(midge_op_context *context, mg_elementwise_row row,
                                       int32_t most_shift)
{
    float scale = mg_scale(context->inputs[0]);
    int32_t exponent;
    mg_sigmoid_16 p = {0, 0};
    void *parameters;
    TRY(require_output_scale(context, 1.0f / 32768));
    if (mg_scale_exponent(scale, &exponent) && exponent >= -12 && exponent <= -12 + most_shift) {
        p.multiplier = 3 << (exponent + 12);
    } else {
        double multiplier = (double)scale * 4096.0 * 3.0;
        for (; multiplier <= 32767.0 / 2.0 && p.right_shift <= 30; ++p.right_shift)
            multiplier *= 2.0;
        p.multiplier = multiplier < 1e9 ? (int32_t)multiplier : 1000000000;
    }
    TRY(mg_pointwise_prepare(context, 1, row, sizeof p, MG_POINTWISE_MIDDLE, &parameters));
    *(mg_sigmoid_16 *)parameters = p;
    return MIDGE_OK;
}

midge_status mg_prepare_elu(midge_op_context *context)
{
    TRY(require_input(context, MG_TYPES_FLOAT | MG_TYPES_QUANTIZED));
    if (!is_float(context->inputs[0])) return mg_prepare_real_table(context, elu, NULL);
    return mg_pointwise_prepare(context, 1, mg_row_elu_f32, 0, MG_POINTWISE_COSTLY, NULL);
}

midge_status mg_run_elu(midge_op_context *context)
{
    return mg_pointwise_run(context);
}

midge_status mg_prepare_gelu(midge_op_context *context)
{
    bool approximate = MG_OPTIONS(context, GeluOptions)->approximate;
    TRY(require_input(context, MG_TYPES_FLOAT | MG_TYPES_QUANTIZED));
    if (!is_float(context->inputs[0]))
        return mg_prepare_real_table(context, approximate ? gelu_approximate : gelu, NULL);
    return mg_pointwise_prepare(context, 1,
                                approximate ? mg_row_gelu_approximate_f32 : mg_row_gelu_f32, 0,
                                MG_POINTWISE_COSTLY, NULL);
}

midge_status mg_run_gelu(midge_op_context *context)
{
    return mg_pointwise_run(context);
}

midge_status mg_prepare_logistic(midge_op_context *context)
{
    TRY(require_input(context, MG_TYPES_FLOAT | MG_TYPES_QUANTIZED));
    if (is_float(context->inputs[0]))
        return mg_pointwise_prepare(context, 1, mg_row_logistic_f32, 0, MG_POINTWISE_COSTLY, NULL);
    TRY(mg_require_quantized_unary(context));
    if (context->inputs[0]->type == MIDGE_INT16)
        return prepare_sigmoid_16(context, mg_row_logistic_i16, 0);
    TRY(require_output_scale(context, 1.0f / 256));
    return mg_prepare_real_table(context, logistic, NULL);
}

midge_status mg_run_logistic(midge_op_context *context)
{
    return mg_pointwise_run(context);
}

midge_status mg_prepare_tanh(midge_op_context *context)
{
    TRY(require_input(context, MG_TYPES_FLOAT | MG_TYPES_QUANTIZED));
    if (is_float(context->inputs[0]))
        return mg_pointwise_prepare(context, 1, mg_row_tanh_f32, 0, MG_POINTWISE_COSTLY, NULL);
    TRY(mg_require_quantized_unary(context));
    if (context->inputs[0]->type == MIDGE_INT16)
        return prepare_sigmoid_16(context, mg_row_tanh_i16, 1);
    return mg_prepare_real_table(context, hyperbolic_tangent, NULL);
}

midge_status mg_run_tanh(midge_op_context *context)
{
    return mg_pointwise_run(context);
}

/* ---- HARD_SWISH */

static midge_status multiplier_16(midge_op_context *context, float factor, int16_t *multiplier,
                                  int32_t *shift)
{
    mg_multiplier wide;
    TRY(mg_factor(context, (double)factor, &wide));
    *multiplier =
        (int16_t)(wide.multiplier >= INT32_MAX - (1 << 15) ? INT16_MAX
                                                           : (wide.multiplier + (1 << 15)) >> 16);
    *shift = wide.shift;
    return MIDGE_OK;
}

midge_status mg_prepare_hard_swish(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    TRY(require_input(context, MG_TYPES_FLOAT | MG_TYPES_2(MIDGE_UINT8, MIDGE_INT8)));
    if (is_float(input))
        return mg_pointwise_prepare(context, 1, mg_row_hard_swish_f32, 0, MG_POINTWISE_CHEAP, NULL);
    TRY(mg_require_quantized_unary(context));
    mg_hard_swish p = {.zero_in = mg_zero_point(input), .zero_out = mg_zero_point(output)};
    float fine_scale = (1.0f / 128.0f) * mg_scale(input);
    mg_type_range(output->type, &p.least, &p.most);
    TRY(multiplier_16(context, fine_scale / mg_scale(output), &p.output_multiplier,
                      &p.output_shift));
    TRY(multiplier_16(context, fine_scale / (3.0f / 32768.0f), &p.reluish_multiplier,
                      &p.reluish_shift));
    if (p.output_shift > 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "input scale %g is above 128 times the output scale %g",
                          (double)mg_scale(input), (double)mg_scale(output));
    return mg_prepare_stored_table(context, mg_hard_swish_stored, &p);
}

midge_status mg_run_hard_swish(midge_op_context *context)
{
    return mg_pointwise_run(context);
}
