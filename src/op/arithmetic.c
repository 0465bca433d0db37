/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ADD, SUB, MUL, DIV and SQUARED_DIFFERENCE: the operators of two operands that have quantised
 * forms, and ADD_N.
 */
#include <math.h>
#include <string.h>

#include "kernel/ref/binary_rows.h"
#include "kernel/ref/float_rows.h"
#include "kernel/ref/quantized_rows.h"
#include "op/activation.h"
#include "op/pointwise.h"
#include "op/require.h"
#include "op/shape.h"

enum {
    FLOATS = MG_TYPES_FLOAT,
    INT8 = MG_TYPES(MIDGE_INT8),
    UINT8 = MG_TYPES(MIDGE_UINT8),
    INT16 = MG_TYPES(MIDGE_INT16),
    INT32 = MG_TYPES(MIDGE_INT32),
    UINT32 = MG_TYPES(MIDGE_UINT32),
    INT64 = MG_TYPES(MIDGE_INT64)
};

static const mg_row_choice plain_rows[] = {
    {MG_BUILTIN_ADD, FLOATS, mg_row_add_f32},
    {MG_BUILTIN_ADD, INT16, mg_row_add_u16},
    {MG_BUILTIN_ADD, INT32, mg_row_add_u32},
    {MG_BUILTIN_ADD, INT64, mg_row_add_u64},
    {MG_BUILTIN_SUB, FLOATS, mg_row_subtract_f32},
    {MG_BUILTIN_SUB, INT16, mg_row_subtract_u16},
    {MG_BUILTIN_SUB, INT32, mg_row_subtract_u32},
    {MG_BUILTIN_SUB, INT64, mg_row_subtract_u64},
    {MG_BUILTIN_MUL, FLOATS, mg_row_multiply_f32},
    {MG_BUILTIN_MUL, INT16, mg_row_multiply_u16},
    {MG_BUILTIN_MUL, INT32 | UINT32, mg_row_multiply_u32},
    {MG_BUILTIN_MUL, INT64, mg_row_multiply_u64},
    {MG_BUILTIN_MUL, MG_TYPES(MIDGE_COMPLEX64), mg_row_multiply_c64},
    {MG_BUILTIN_DIV, FLOATS, mg_row_divide_f32},
    {MG_BUILTIN_DIV, INT32, mg_row_divide_i32},
    {MG_BUILTIN_SQUARED_DIFFERENCE, FLOATS, mg_row_squared_difference_f32},
    {MG_BUILTIN_SQUARED_DIFFERENCE, INT32, mg_row_squared_difference_u32},
    {MG_BUILTIN_ADD_N, FLOATS, mg_row_add_f32},
    {MG_BUILTIN_ADD_N, INT32, mg_row_add_u32},
};

static const mg_row_choice quantized_rows[] = {
    {MG_BUILTIN_ADD, UINT8, mg_row_quantized_add_u8},
    {MG_BUILTIN_ADD, INT8, mg_row_quantized_add_i8},
    {MG_BUILTIN_ADD, INT16, mg_row_quantized_add_i16},
    {MG_BUILTIN_SUB, UINT8, mg_row_quantized_subtract_u8},
    {MG_BUILTIN_SUB, INT8, mg_row_quantized_subtract_i8},
    {MG_BUILTIN_SUB, INT16, mg_row_quantized_subtract_i16},
    {MG_BUILTIN_MUL, UINT8, mg_row_quantized_multiply_u8},
    {MG_BUILTIN_MUL, INT8, mg_row_quantized_multiply_i8},
    {MG_BUILTIN_MUL, INT16, mg_row_quantized_multiply_i16},
    {MG_BUILTIN_DIV, UINT8, mg_row_quantized_divide_u8},
    {MG_BUILTIN_DIV, INT8, mg_row_quantized_divide_i8},
    {MG_BUILTIN_DIV, INT16, mg_row_quantized_divide_i16},
    {MG_BUILTIN_SQUARED_DIFFERENCE, INT8, mg_row_quantized_squared_difference_i8},
};

static int fused_activation(const midge_op_context *context)
{
    switch (context->node->op) {
    case MG_BUILTIN_ADD: return MG_OPTIONS(context, AddOptions)->fused_activation_function;
    case MG_BUILTIN_SUB: return MG_OPTIONS(context, SubOptions)->fused_activation_function;
    case MG_BUILTIN_MUL: return MG_OPTIONS(context, MulOptions)->fused_activation_function;
    case MG_BUILTIN_DIV: return MG_OPTIONS(context, DivOptions)->fused_activation_function;
    default: return MG_ACTIVATION_NONE;
    }
}

/* ---- Plain numbers */

/* The operand that is multiplied with its own logistic function, 0 or 1, when this node computes
 * both; else -1. */
static int swish_operand(midge_op_context *context)
{
    const midge_tensor *a = context->inputs[0], *b = context->inputs[1];
    if (context->node->op != MG_BUILTIN_MUL || a->type != MIDGE_FLOAT32 || a == b ||
        a->rank != b->rank || memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape) != 0 ||
        fused_activation(context) != MG_ACTIVATION_NONE)
        return -1;
    if (mg_absorb(context, b, MG_BUILTIN_LOGISTIC, a)) return 0;
    return mg_absorb(context, a, MG_BUILTIN_LOGISTIC, b) ? 1 : -1;
}

static midge_status prepare_swish(midge_op_context *context, int operand)
{
    mg_pointwise *pointwise;
    TRY(mg_pointwise_begin(context, 1, mg_row_swish_f32, 0, MG_POINTWISE_COSTLY, &pointwise, NULL));
    pointwise->input[0] = (size_t)operand;
    mg_pointwise_finish(pointwise);
    return MIDGE_OK;
}

static midge_status prepare_float(midge_op_context *context, mg_elementwise_row row)
{
    void *range;
    float least, most;
    const int swish = swish_operand(context);
    if (swish >= 0) return prepare_swish(context, swish);
    TRY(mg_activation_range_f32(context, fused_activation(context), &least, &most));
    TRY(mg_pointwise_prepare(context, 2, row, sizeof(mg_range_f32), MG_POINTWISE_CHEAP, &range));
    *(mg_range_f32 *)range = (mg_range_f32){least, most};
    return MIDGE_OK;
}

/* Integers with an activation are cut after the row. */
static midge_status prepare_clamped_integer(midge_op_context *context, mg_elementwise_row row)
{
    void *memory;
    float least, most;
    midge_type type = context->inputs[0]->type;
    TRY(mg_activation_range_f32(context, fused_activation(context), &least, &most));
    if (type != MIDGE_INT16 && type != MIDGE_INT32 && type != MIDGE_INT64)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "fused activation with %s",
                          midge_type_name(type));
    TRY(mg_pointwise_prepare(context, 2, mg_row_clamped, sizeof(mg_clamped_row), MG_POINTWISE_CHEAP,
                             &memory));
    mg_clamped_row *clamped = memory;
    clamped->row = row;
    clamped->element_bytes = (int)(midge_type_bits(type) / 8);
    clamped->range.least = isfinite(least) ? (int64_t)least : INT64_MIN;
    clamped->range.most = isfinite(most) ? (int64_t)most : INT64_MAX;
    return MIDGE_OK;
}

static midge_status prepare_plain(midge_op_context *context)
{
    mg_elementwise_row row;
    TRY(mg_require_same_type(context, context->inputs[0], "input 0", context->outputs[0],
                             "output"));
    TRY(MG_CHOOSE_ROW(context, context->node->op, plain_rows, &row));
    if ((FLOATS >> context->inputs[0]->type & 1) != 0) return prepare_float(context, row);
    if (fused_activation(context) != MG_ACTIVATION_NONE)
        return prepare_clamped_integer(context, row);
    return mg_pointwise_prepare(context, 2, row, 0, MG_POINTWISE_CHEAP, NULL);
}

/* ---- Quantised numbers */

static bool wants_shifts(const midge_op_context *context)
{
    if (context->inputs[0]->type != MIDGE_INT16) return false;
    if (context->node->op == MG_BUILTIN_ADD)
        return MG_OPTIONS(context, AddOptions)->pot_scale_int16;
    if (context->node->op == MG_BUILTIN_SUB)
        return MG_OPTIONS(context, SubOptions)->pot_scale_int16;
    return false;
}

/* int16 sums by shifts alone: all scales are powers of two, no operand's scale is above the
 * output's, and one is equal to it. Other scales take the general way. */
static bool shifts_fit(const midge_op_context *context, mg_quantized_pair *pair)
{
    int32_t a, b, out;
    if (!mg_scale_exponent(mg_scale(context->inputs[0]), &a) ||
        !mg_scale_exponent(mg_scale(context->inputs[1]), &b) ||
        !mg_scale_exponent(mg_scale(context->outputs[0]), &out))
        return false;
    if (a > out || b > out || (a != out && b != out)) return false;
    pair->shift_a = out - a > 31 ? 31 : out - a;
    pair->shift_b = out - b > 31 ? 31 : out - b;
    return true;
}

/* Operands are brought to twice the larger scale, with `left_shift` bits of fraction. */
static midge_status common_scale(midge_op_context *context, int32_t left_shift,
                                 mg_quantized_pair *pair, double *twice_largest)
{
    float a = mg_scale(context->inputs[0]);
    float b = mg_scale(context->inputs[1]);
    *twice_largest = (double)(2 * (a > b ? a : b));
    pair->left_shift = left_shift;
    TRY(mg_factor(context, (double)a / *twice_largest, &pair->factor_a));
    return mg_factor(context, (double)b / *twice_largest, &pair->factor_b);
}

/* Whether a factor is rounded to float on its way, and where, decides last bits; the reference does
 * it as written here. */
static midge_status quantized_factors(midge_op_context *context, mg_quantized_pair *pair)
{
    float a = mg_scale(context->inputs[0]);
    float b = mg_scale(context->inputs[1]);
    float out = mg_scale(context->outputs[0]);
    int32_t left_shift = context->inputs[0]->type == MIDGE_INT16 ? 15 : 20;
    double twice;
    switch (context->node->op) {
    case MG_BUILTIN_MUL: return mg_factor(context, (double)(a * b / out), &pair->factor_out);
    case MG_BUILTIN_DIV: return mg_factor(context, (double)(a / (b * out)), &pair->factor_out);
    case MG_BUILTIN_SQUARED_DIFFERENCE:
        TRY(common_scale(context, 7, pair, &twice));
        return mg_factor(context, twice * twice / (double)(16384.0f * out), &pair->factor_out);
    default:
        TRY(common_scale(context, left_shift, pair, &twice));
        return mg_factor(context, twice / (double)((float)(1 << left_shift) * out),
                         &pair->factor_out);
    }
}

static midge_status prepare_quantized(midge_op_context *context)
{
    mg_elementwise_row row;
    mg_quantized_pair pair = {0};
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_same_type(context, context->inputs[0], "input 0", output, "output"));
    TRY(MG_CHOOSE_ROW(context, context->node->op, quantized_rows, &row));
    TRY(mg_require_pointwise_quantized(context, context->inputs[0], "input 0"));
    TRY(mg_require_pointwise_quantized(context, context->inputs[1], "input 1"));
    TRY(mg_require_pointwise_quantized(context, output, "output"));
    TRY(mg_activation_range_quantized(context, fused_activation(context), output, &pair.least,
                                      &pair.most));
    pair.zero_a = mg_zero_point(context->inputs[0]);
    pair.zero_b = mg_zero_point(context->inputs[1]);
    pair.zero_out = mg_zero_point(output);
    if (wants_shifts(context) && shifts_fit(context, &pair))
        row = context->node->op == MG_BUILTIN_ADD ? mg_row_quantized_add_shifted_i16
                                                  : mg_row_quantized_subtract_shifted_i16;
    else
        TRY(quantized_factors(context, &pair));
    void *parameters;
    TRY(mg_pointwise_prepare(context, 2, row, sizeof pair, MG_POINTWISE_MIDDLE, &parameters));
    *(mg_quantized_pair *)parameters = pair;
    return MIDGE_OK;
}

/* int16 fractions to 8 bits, a form of MUL that LSTM cells use. */
static midge_status prepare_fractions(midge_op_context *context)
{
    const midge_tensor *output = context->outputs[0];
    mg_quantized_pair pair = {0};
    void *parameters;
    TRY(mg_require_quantized(context, output, "output"));
    TRY(mg_activation_range_quantized(context, fused_activation(context), output, &pair.least,
                                      &pair.most));
    pair.zero_out = mg_zero_point(output);
    TRY(mg_pointwise_prepare(context, 2,
                             output->type == MIDGE_INT8 ? mg_row_quantized_multiply_i16_to_i8
                                                        : mg_row_quantized_multiply_i16_to_u8,
                             sizeof pair, MG_POINTWISE_MIDDLE, &parameters));
    *(mg_quantized_pair *)parameters = pair;
    return MIDGE_OK;
}

midge_status mg_prepare_arithmetic(midge_op_context *context)
{
    const midge_tensor *a = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_same_type(context, a, "input 0", context->inputs[1], "input 1"));
    if (context->node->op == MG_BUILTIN_MUL && a->type == MIDGE_INT16 &&
        (output->type == MIDGE_INT8 || output->type == MIDGE_UINT8))
        return prepare_fractions(context);
    if (a->type == MIDGE_UINT8 || a->type == MIDGE_INT8 ||
        (a->type == MIDGE_INT16 && a->quantization.count > 0))
        return prepare_quantized(context);
    return prepare_plain(context);
}

static midge_status require_nonzero_divisor(midge_op_context *context)
{
    const midge_tensor *divisor = context->inputs[1];
    if ((FLOATS >> divisor->type & 1) != 0) return MIDGE_OK;
    int64_t zero = divisor->type == MIDGE_INT32 ? 0 : mg_zero_point(divisor);
    for (size_t i = 0; i < divisor->elements; ++i)
        if (mg_index_at(divisor, i) == zero)
            return mg_op_fail(context, MIDGE_RUN_ERROR, "division by zero, element %zu", i);
    return MIDGE_OK;
}

midge_status mg_run_arithmetic(midge_op_context *context)
{
    if (context->node->op == MG_BUILTIN_DIV) TRY(require_nonzero_divisor(context));
    return mg_pointwise_run(context);
}

/* ---- ADD_N: the sum of the first two, and each further input added to the output */

midge_status mg_prepare_add_n(midge_op_context *context)
{
    for (size_t i = 1; i < context->input_count; ++i) {
        TRY(mg_require_same_type(context, context->inputs[0], "input 0", context->inputs[i],
                                 "a later input"));
        TRY(mg_require_same_shape(context, context->inputs[0], "input 0", context->inputs[i],
                                  "a later input"));
    }
    return prepare_plain(context);
}

midge_status mg_run_add_n(midge_op_context *context)
{
    midge_tensor *inputs[2] = {context->inputs[0], context->inputs[1]};
    midge_op_context step = *context;
    step.inputs = inputs;
    TRY(mg_pointwise_run(&step));
    for (size_t i = 2; i < context->input_count; ++i) {
        inputs[0] = context->outputs[0];
        inputs[1] = context->inputs[i];
        TRY(mg_pointwise_run(&step));
    }
    return MIDGE_OK;
}
