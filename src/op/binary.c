/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators of two operands on plain numbers: FLOOR_DIV, FLOOR_MOD, POW, MAXIMUM, MINIMUM, ATAN2,
 * BITWISE_XOR, RIGHT_SHIFT, LOGICAL_AND, LOGICAL_OR, and the StableHLO operators of that kind,
 * which do not broadcast.
 *
 * Quantised operands of MAXIMUM and MINIMUM are compared as stored: they and the output are meant
 * to share scale and zero point.
 */
#include <math.h>
#include <string.h>

#include "kernel/ref/binary_rows.h"
#include "kernel/ref/float_rows.h"
#include "op/pointwise.h"
#include "op/shape.h"

enum {
    FLOATS = MG_TYPES_FLOAT,
    HALF = MG_TYPES(MIDGE_FLOAT16),
    FLOAT = MG_TYPES(MIDGE_FLOAT32),
    DOUBLE = MG_TYPES(MIDGE_FLOAT64),
    BOOL = MG_TYPES(MIDGE_BOOL),
    INT8 = MG_TYPES(MIDGE_INT8),
    UINT8 = MG_TYPES(MIDGE_UINT8),
    INT16 = MG_TYPES(MIDGE_INT16),
    UINT16 = MG_TYPES(MIDGE_UINT16),
    INT32 = MG_TYPES(MIDGE_INT32),
    UINT32 = MG_TYPES(MIDGE_UINT32),
    INT64 = MG_TYPES(MIDGE_INT64),
    UINT64 = MG_TYPES(MIDGE_UINT64)
};

static const mg_row_choice rows[] = {
    {MG_BUILTIN_FLOOR_DIV, FLOATS, mg_row_floor_divide_f32},
    {MG_BUILTIN_FLOOR_DIV, INT8, mg_row_floor_divide_i8},
    {MG_BUILTIN_FLOOR_DIV, INT16, mg_row_floor_divide_i16},
    {MG_BUILTIN_FLOOR_DIV, INT32, mg_row_floor_divide_i32},
    {MG_BUILTIN_FLOOR_MOD, FLOATS, mg_row_floor_modulo_f32},
    {MG_BUILTIN_FLOOR_MOD, INT8, mg_row_floor_modulo_i8},
    {MG_BUILTIN_FLOOR_MOD, INT16, mg_row_floor_modulo_i16},
    {MG_BUILTIN_FLOOR_MOD, INT32, mg_row_floor_modulo_i32},
    {MG_BUILTIN_FLOOR_MOD, INT64, mg_row_floor_modulo_i64},
    {MG_BUILTIN_POW, FLOATS, mg_row_power_f32},
    {MG_BUILTIN_POW, INT32, mg_row_power_i32},
    {MG_BUILTIN_ATAN2, FLOATS, mg_row_atan2_f32},
    {MG_BUILTIN_ATAN2, DOUBLE, mg_row_atan2_f64},

    {MG_BUILTIN_MAXIMUM, FLOATS, mg_row_maximum_f32},
    {MG_BUILTIN_MAXIMUM, INT8, mg_row_maximum_i8},
    {MG_BUILTIN_MAXIMUM, UINT8, mg_row_maximum_u8},
    {MG_BUILTIN_MAXIMUM, INT16, mg_row_maximum_i16},
    {MG_BUILTIN_MAXIMUM, INT32, mg_row_maximum_i32},
    {MG_BUILTIN_MAXIMUM, INT64, mg_row_maximum_i64},
    {MG_BUILTIN_MINIMUM, FLOATS, mg_row_minimum_f32},
    {MG_BUILTIN_MINIMUM, INT8, mg_row_minimum_i8},
    {MG_BUILTIN_MINIMUM, UINT8, mg_row_minimum_u8},
    {MG_BUILTIN_MINIMUM, INT16, mg_row_minimum_i16},
    {MG_BUILTIN_MINIMUM, INT32, mg_row_minimum_i32},
    {MG_BUILTIN_MINIMUM, INT64, mg_row_minimum_i64},

    {MG_BUILTIN_BITWISE_XOR, INT8 | UINT8, mg_row_xor_u8},
    {MG_BUILTIN_BITWISE_XOR, INT16 | UINT16, mg_row_xor_u16},
    {MG_BUILTIN_BITWISE_XOR, INT32 | UINT32, mg_row_xor_u32},
    {MG_BUILTIN_RIGHT_SHIFT, INT8, mg_row_shift_right_i8},
    {MG_BUILTIN_RIGHT_SHIFT, UINT8, mg_row_shift_right_u8},
    {MG_BUILTIN_RIGHT_SHIFT, INT16, mg_row_shift_right_i16},
    {MG_BUILTIN_RIGHT_SHIFT, UINT16, mg_row_shift_right_u16},
    {MG_BUILTIN_RIGHT_SHIFT, INT32, mg_row_shift_right_i32},
    {MG_BUILTIN_RIGHT_SHIFT, UINT32, mg_row_shift_right_u32},
    {MG_BUILTIN_LOGICAL_AND, BOOL, mg_row_logical_and},
    {MG_BUILTIN_LOGICAL_OR, BOOL, mg_row_logical_or},

    {MG_BUILTIN_STABLEHLO_ADD, BOOL, mg_row_logical_or},
    {MG_BUILTIN_STABLEHLO_ADD, INT8 | UINT8, mg_row_add_u8},
    {MG_BUILTIN_STABLEHLO_ADD, INT16 | UINT16, mg_row_add_u16},
    {MG_BUILTIN_STABLEHLO_ADD, INT32 | UINT32, mg_row_add_u32},
    {MG_BUILTIN_STABLEHLO_ADD, INT64 | UINT64, mg_row_add_u64},
    {MG_BUILTIN_STABLEHLO_ADD, FLOAT | HALF, mg_row_add_f32},
    {MG_BUILTIN_STABLEHLO_ADD, DOUBLE, mg_row_add_f64},
    {MG_BUILTIN_STABLEHLO_MULTIPLY, BOOL, mg_row_logical_and},
    {MG_BUILTIN_STABLEHLO_MULTIPLY, INT8 | UINT8, mg_row_multiply_u8},
    {MG_BUILTIN_STABLEHLO_MULTIPLY, INT16 | UINT16, mg_row_multiply_u16},
    {MG_BUILTIN_STABLEHLO_MULTIPLY, INT32 | UINT32, mg_row_multiply_u32},
    {MG_BUILTIN_STABLEHLO_MULTIPLY, INT64 | UINT64, mg_row_multiply_u64},
    {MG_BUILTIN_STABLEHLO_MULTIPLY, FLOAT | HALF, mg_row_multiply_f32},
    {MG_BUILTIN_STABLEHLO_MULTIPLY, DOUBLE, mg_row_multiply_f64},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, BOOL, mg_row_logical_or},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, INT8, mg_row_maximum_i8},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, UINT8, mg_row_maximum_u8},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, INT16, mg_row_maximum_i16},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, UINT16, mg_row_maximum_u16},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, INT32, mg_row_maximum_i32},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, UINT32, mg_row_maximum_u32},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, INT64, mg_row_maximum_i64},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, UINT64, mg_row_maximum_u64},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, FLOAT | HALF, mg_row_maximum_f32},
    {MG_BUILTIN_STABLEHLO_MAXIMUM, DOUBLE, mg_row_maximum_f64},
    {MG_BUILTIN_STABLEHLO_MINIMUM, BOOL, mg_row_logical_and},
    {MG_BUILTIN_STABLEHLO_MINIMUM, INT8, mg_row_minimum_i8},
    {MG_BUILTIN_STABLEHLO_MINIMUM, UINT8, mg_row_minimum_u8},
    {MG_BUILTIN_STABLEHLO_MINIMUM, INT16, mg_row_minimum_i16},
    {MG_BUILTIN_STABLEHLO_MINIMUM, UINT16, mg_row_minimum_u16},
    {MG_BUILTIN_STABLEHLO_MINIMUM, INT32, mg_row_minimum_i32},
    {MG_BUILTIN_STABLEHLO_MINIMUM, UINT32, mg_row_minimum_u32},
    {MG_BUILTIN_STABLEHLO_MINIMUM, INT64, mg_row_minimum_i64},
    {MG_BUILTIN_STABLEHLO_MINIMUM, UINT64, mg_row_minimum_u64},
    {MG_BUILTIN_STABLEHLO_MINIMUM, FLOAT | HALF, mg_row_minimum_f32},
    {MG_BUILTIN_STABLEHLO_MINIMUM, DOUBLE, mg_row_minimum_f64},
    {MG_BUILTIN_STABLEHLO_AND, BOOL, mg_row_logical_and},
    {MG_BUILTIN_STABLEHLO_AND, INT8 | UINT8, mg_row_and_u8},
    {MG_BUILTIN_STABLEHLO_AND, INT16 | UINT16, mg_row_and_u16},
    {MG_BUILTIN_STABLEHLO_AND, INT32 | UINT32, mg_row_and_u32},
    {MG_BUILTIN_STABLEHLO_AND, INT64 | UINT64, mg_row_and_u64},
    {MG_BUILTIN_STABLEHLO_SHIFT_LEFT, INT8, mg_row_shift_left_i8},
    {MG_BUILTIN_STABLEHLO_SHIFT_LEFT, INT16, mg_row_shift_left_i16},
    {MG_BUILTIN_STABLEHLO_SHIFT_LEFT, INT32, mg_row_shift_left_i32},
};

/* Rows that only take floats and have no activation still find the widest range. */
static const mg_range_f32 whole_range = {-INFINITY, INFINITY};

static bool broadcasts(int32_t op)
{
    return op < MG_BUILTIN_STABLEHLO_LOGISTIC;
}

static bool divides(int32_t op)
{
    return op == MG_BUILTIN_FLOOR_DIV || op == MG_BUILTIN_FLOOR_MOD;
}

/* Integer powers that do not fit are INT32_MIN; but one exponent for many bases is raised by
 * multiplications that wrap. */
static mg_elementwise_row power_row(const midge_tensor *base, const midge_tensor *exponent)
{
    return exponent->elements == 1 && !mg_same_shape(base, exponent) ? mg_row_wrapping_power_i32
                                                                     : mg_row_power_i32;
}

midge_status mg_prepare_binary(midge_op_context *context)
{
    const midge_tensor *a = context->inputs[0];
    const midge_tensor *b = context->inputs[1];
    int32_t op = context->node->op;
    mg_elementwise_row row;
    TRY(mg_require_same_type(context, a, "input 0", b, "input 1"));
    TRY(mg_require_same_type(context, a, "input 0", context->outputs[0], "output"));
    TRY(MG_CHOOSE_ROW(context, op, rows, &row));
    if (row == mg_row_power_i32) row = power_row(a, b);
    if (!broadcasts(op)) TRY(mg_require_same_shape(context, a, "input 0", b, "input 1"));
    bool costly = divides(op) || op == MG_BUILTIN_POW;
    mg_pointwise *pointwise;
    TRY(mg_pointwise_begin(context, 2, row, 0, costly ? MG_POINTWISE_COSTLY : MG_POINTWISE_CHEAP,
                           &pointwise, NULL));
    pointwise->plan.parameters = &whole_range;
    mg_pointwise_finish(pointwise);
    return MIDGE_OK;
}

/* ATAN2 does not broadcast: the shape is that of input 0, and input 1 may have elements left. */
midge_status mg_prepare_atan2(midge_op_context *context)
{
    const midge_tensor *y = context->inputs[0];
    const midge_tensor *x = context->inputs[1];
    mg_elementwise_row row;
    mg_pointwise *pointwise;
    TRY(mg_require_same_type(context, y, "input 0", x, "input 1"));
    TRY(mg_require_same_type(context, y, "input 0", context->outputs[0], "output"));
    TRY(MG_CHOOSE_ROW(context, MG_BUILTIN_ATAN2, rows, &row));
    if (x->rank != y->rank || x->elements < y->elements)
        TRY(mg_require_same_shape(context, y, "input 0", x, "input 1"));
    TRY(mg_pointwise_begin_shape(context, y->rank, y->shape, 2, row, 0, MG_POINTWISE_COSTLY,
                                 &pointwise, NULL));
    memcpy(pointwise->plan.strides[1], pointwise->plan.strides[0],
           sizeof pointwise->plan.strides[0]);
    mg_pointwise_finish(pointwise);
    return MIDGE_OK;
}

midge_status mg_run_atan2(midge_op_context *context)
{
    return mg_pointwise_run(context);
}

static midge_status require_nonzero_divisor(midge_op_context *context)
{
    const midge_tensor *divisor = context->inputs[1];
    for (size_t i = 0; i < divisor->elements; ++i)
        if (divisor->type == MIDGE_FLOAT32 ? ((const float *)divisor->data)[i] == 0
                                           : mg_index_at(divisor, i) == 0)
            return mg_op_fail(context, MIDGE_RUN_ERROR, "division by zero, element %zu", i);
    return MIDGE_OK;
}

static midge_status require_natural_exponent(midge_op_context *context)
{
    const midge_tensor *exponent = context->inputs[1];
    for (size_t i = 0; i < exponent->elements; ++i)
        if (mg_index_at(exponent, i) < 0)
            return mg_op_fail(context, MIDGE_RUN_ERROR, "exponent %lld, element %zu, is negative",
                              (long long)mg_index_at(exponent, i), i);
    return MIDGE_OK;
}

midge_status mg_run_binary(midge_op_context *context)
{
    midge_type type = context->inputs[0]->type;
    bool is_float = (FLOATS >> type & 1) != 0;
    /* FLOOR_MOD of floats by 0 is NaN; FLOOR_DIV of floats by 0 is refused as the integer one. */
    if (divides(context->node->op) &&
        (!is_float || (context->node->op == MG_BUILTIN_FLOOR_DIV && type == MIDGE_FLOAT32)))
        TRY(require_nonzero_divisor(context));
    if (context->node->op == MG_BUILTIN_POW && !is_float) TRY(require_natural_exponent(context));
    return mg_pointwise_run(context);
}
