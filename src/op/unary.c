/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators of one operand: ABS, CEIL, COS, EXP, FLOOR, LOG, LOGICAL_NOT, NEG, ROUND, RSQRT, SIGN,
 * SIN, SQRT, SQUARE, REAL, IMAG, COMPLEX_ABS, ZEROS_LIKE and BUCKETIZE.
 *
 * ABS, EXP, LOG, RSQRT and SQRT take quantised operands too. SQRT and RSQRT refuse quantised
 * operands below zero when they run.
 */
#include <math.h>
#include <string.h>

#include "kernel/ref/float_rows.h"
#include "kernel/ref/unary_rows.h"
#include "op/activation.h"
#include "op/shape.h"
#include "op/table.h"

enum {
    FLOATS = MG_TYPES_FLOAT,
    DOUBLE = MG_TYPES(MIDGE_FLOAT64),
    BOOL = MG_TYPES(MIDGE_BOOL),
    INT8 = MG_TYPES(MIDGE_INT8),
    INT16 = MG_TYPES(MIDGE_INT16),
    INT32 = MG_TYPES(MIDGE_INT32),
    INT64 = MG_TYPES(MIDGE_INT64),
    COMPLEX = MG_TYPES(MIDGE_COMPLEX64),
    DOUBLE_COMPLEX = MG_TYPES(MIDGE_COMPLEX128)
};

static const mg_row_choice rows[] = {
    {MG_BUILTIN_ABS, FLOATS, mg_row_absolute_f32},
    {MG_BUILTIN_ABS, INT16, mg_row_absolute_i16},
    {MG_BUILTIN_ABS, INT32, mg_row_absolute_i32},
    {MG_BUILTIN_CEIL, FLOATS, mg_row_ceil_f32},
    {MG_BUILTIN_COS, FLOATS, mg_row_cos_f32},
    {MG_BUILTIN_EXP, FLOATS, mg_row_exp_f32},
    {MG_BUILTIN_FLOOR, FLOATS, mg_row_floor_f32},
    {MG_BUILTIN_LOG, FLOATS, mg_row_log_f32},
    {MG_BUILTIN_LOGICAL_NOT, BOOL, mg_row_logical_not},
    {MG_BUILTIN_NEG, FLOATS, mg_row_negate_f32},
    {MG_BUILTIN_NEG, INT8, mg_row_negate_u8},
    {MG_BUILTIN_NEG, INT16, mg_row_negate_u16},
    {MG_BUILTIN_NEG, INT32, mg_row_negate_u32},
    {MG_BUILTIN_NEG, INT64, mg_row_negate_u64},
    {MG_BUILTIN_ROUND, FLOATS, mg_row_round_f32},
    {MG_BUILTIN_RSQRT, FLOATS, mg_row_rsqrt_f32},
    {MG_BUILTIN_SIGN, FLOATS, mg_row_sign_f32},
    {MG_BUILTIN_SIGN, DOUBLE, mg_row_sign_f64},
    {MG_BUILTIN_SIGN, INT32, mg_row_sign_i32},
    {MG_BUILTIN_SIN, FLOATS, mg_row_sin_f32},
    {MG_BUILTIN_SQRT, FLOATS, mg_row_sqrt_f32},
    {MG_BUILTIN_SQUARE, FLOATS, mg_row_square_f32},
    {MG_BUILTIN_REAL, COMPLEX, mg_row_real_c64},
    {MG_BUILTIN_REAL, DOUBLE_COMPLEX, mg_row_real_c128},
    {MG_BUILTIN_IMAG, COMPLEX, mg_row_imaginary_c64},
    {MG_BUILTIN_IMAG, DOUBLE_COMPLEX, mg_row_imaginary_c128},
    {MG_BUILTIN_COMPLEX_ABS, COMPLEX, mg_row_absolute_c64},
    {MG_BUILTIN_COMPLEX_ABS, DOUBLE_COMPLEX, mg_row_absolute_c128},
    {MG_BUILTIN_BUCKETIZE, MG_TYPES(MIDGE_FLOAT32), mg_row_bucketize_f32},
    {MG_BUILTIN_BUCKETIZE, DOUBLE, mg_row_bucketize_f64},
    {MG_BUILTIN_BUCKETIZE, INT32, mg_row_bucketize_i32},
    {MG_BUILTIN_BUCKETIZE, INT64, mg_row_bucketize_i64},
};

/* ---- Quantised operands */

static float exponential(float x, const void *none)
{
    (void)none;
    return expf(x);
}

/* What has no logarithm gives the least output value, *parameter. */
static float logarithm(float x, const void *parameter)
{
    return x <= 0.0f ? *(const float *)parameter : logf(x);
}

/* What has no root gives the largest output value, *parameter. */
static float reciprocal_square_root(float x, const void *parameter)
{
    return x <= 0.0f ? *(const float *)parameter : 1.0f / sqrtf(x);
}

static midge_status prepare_quantized_log(midge_op_context *context)
{
    const midge_tensor *output = context->outputs[0];
    int32_t least, most;
    TRY(mg_require_quantized_unary(context));
    mg_type_range(output->type, &least, &most);
    float lowest = (float)(least - mg_zero_point(output)) * mg_scale(output);
    return mg_prepare_real_table(context, logarithm, &lowest);
}

static midge_status prepare_quantized_rsqrt(midge_op_context *context)
{
    mg_requantization p;
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_quantized_unary(context));
    if (output->type == MIDGE_INT16) {
        float highest = (float)INT16_MAX * mg_scale(output);
        return mg_prepare_real_table(context, reciprocal_square_root, &highest);
    }
    TRY(mg_requantization_of(context, &p));
    double root = (double)sqrtf(mg_scale(context->inputs[0]));
    TRY(mg_factor(context, 1.0 / (root * (double)mg_scale(output)), &p.factor));
    return mg_prepare_stored_table(context, mg_reciprocal_square_root_stored, &p);
}

static midge_status prepare_quantized(midge_op_context *context)
{
    mg_requantization p;
    switch (context->node->op) {
    case MG_BUILTIN_EXP: return mg_prepare_real_table(context, exponential, NULL);
    case MG_BUILTIN_LOG: return prepare_quantized_log(context);
    case MG_BUILTIN_RSQRT: return prepare_quantized_rsqrt(context);
    default: break;
    }
    TRY(mg_require_quantized_unary(context));
    TRY(mg_requantization_of(context, &p));
    if (context->node->op == MG_BUILTIN_ABS)
        return mg_prepare_requantization(context, mg_absolute_stored, mg_row_absolute_quantized_i16,
                                         &p);
    return mg_prepare_requantization(context, mg_square_root_stored, mg_row_square_root_i16, &p);
}

static bool takes_quantized(int32_t op)
{
    return op == MG_BUILTIN_ABS || op == MG_BUILTIN_EXP || op == MG_BUILTIN_LOG ||
           op == MG_BUILTIN_RSQRT || op == MG_BUILTIN_SQRT;
}

/* int16 without a scale is a plain number to ABS, and nothing to the others. */
static bool is_quantized_here(const midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    if (!takes_quantized(context->node->op)) return false;
    if (context->node->op == MG_BUILTIN_ABS && input->type == MIDGE_INT16)
        return input->quantization.count > 0;
    return input->type == MIDGE_INT8 || input->type == MIDGE_INT16;
}

/* ---- Prepare and run */

static midge_type result_type(int32_t op, midge_type input)
{
    if (op == MG_BUILTIN_BUCKETIZE) return MIDGE_INT32;
    if (input == MIDGE_COMPLEX64) return MIDGE_FLOAT32;
    return input == MIDGE_COMPLEX128 ? MIDGE_FLOAT64 : input;
}

static size_t grain_of(int32_t op)
{
    switch (op) {
    case MG_BUILTIN_COS:
    case MG_BUILTIN_EXP:
    case MG_BUILTIN_LOG:
    case MG_BUILTIN_SIN:
    case MG_BUILTIN_COMPLEX_ABS:
    case MG_BUILTIN_BUCKETIZE: return MG_POINTWISE_COSTLY;
    default: return MG_POINTWISE_CHEAP;
    }
}

midge_status mg_prepare_unary(midge_op_context *context)
{
    int32_t op = context->node->op;
    const midge_tensor *output = context->outputs[0];
    if (is_quantized_here(context)) return prepare_quantized(context);
    mg_elementwise_row row;
    TRY(MG_CHOOSE_ROW(context, op, rows, &row));
    TRY(mg_require_type(context, output, "output",
                        MG_TYPES(result_type(op, context->inputs[0]->type))));
    return mg_pointwise_prepare(context, 1, row, 0, grain_of(op), NULL);
}

static midge_status require_not_negative(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    int64_t zero = mg_zero_point(input);
    for (size_t i = 0; i < input->elements; ++i)
        if (mg_index_at(input, i) < zero)
            return mg_op_fail(context, MIDGE_RUN_ERROR, "element %zu is negative", i);
    return MIDGE_OK;
}

midge_status mg_run_unary(midge_op_context *context)
{
    int32_t op = context->node->op;
    if ((op == MG_BUILTIN_SQRT || op == MG_BUILTIN_RSQRT) && is_quantized_here(context))
        TRY(require_not_negative(context));
    return mg_pointwise_run(context);
}

midge_status mg_prepare_zeros_like(midge_op_context *context)
{
    TRY(mg_require_type(context, context->inputs[0], "input", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, context->inputs[0], "input", context->outputs[0], "output"));
    return mg_set_output_like(context, 0, context->inputs[0]);
}

midge_status mg_run_zeros_like(midge_op_context *context)
{
    memset(context->outputs[0]->data, 0, context->outputs[0]->bytes);
    return MIDGE_OK;
}

midge_status mg_prepare_bucketize(midge_op_context *context)
{
    mg_elementwise_row row;
    void *parameters;
    const mg_floats *boundaries = &MG_OPTIONS(context, BucketizeOptions)->boundaries;
    TRY(MG_CHOOSE_ROW(context, MG_BUILTIN_BUCKETIZE, rows, &row));
    TRY(mg_require_type(context, context->outputs[0], "output", INT32));
    for (size_t i = 1; i < boundaries->count; ++i)
        if (!(boundaries->items[i - 1] <= boundaries->items[i]))
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "boundaries %zu and %zu do not ascend",
                              i - 1, i);
    TRY(mg_pointwise_prepare(context, 1, row, sizeof(mg_buckets), MG_POINTWISE_COSTLY,
                             &parameters));
    *(mg_buckets *)parameters = (mg_buckets){boundaries->items, boundaries->count};
    return MIDGE_OK;
}

midge_status mg_run_bucketize(midge_op_context *context)
{
    return mg_pointwise_run(context);
}
