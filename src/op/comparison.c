/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER and GREATER_EQUAL. The last two are the two before
 * them with operands swapped. 8-bit operands that are quantised, and int16 ones of EQUAL and
 * NOT_EQUAL, are compared by their real values in fixed point; the rest as stored.
 */
#include <string.h>

#include "kernel/ref/binary_rows.h"
#include "kernel/ref/quantized_rows.h"
#include "op/pointwise.h"
#include "op/shape.h"
#include "op/strings.h"

enum {
    FLOATS = MG_TYPES_FLOAT,
    BOOL = MG_TYPES(MIDGE_BOOL),
    INT8 = MG_TYPES(MIDGE_INT8),
    UINT8 = MG_TYPES(MIDGE_UINT8),
    INT16 = MG_TYPES(MIDGE_INT16),
    INT32 = MG_TYPES(MIDGE_INT32),
    INT64 = MG_TYPES(MIDGE_INT64)
};

static const mg_row_choice stored_rows[] = {
    {MG_BUILTIN_EQUAL, FLOATS, mg_row_equal_f32},
    {MG_BUILTIN_EQUAL, BOOL, mg_row_equal_bool},
    {MG_BUILTIN_EQUAL, INT8 | UINT8, mg_row_equal_u8},
    {MG_BUILTIN_EQUAL, INT16, mg_row_equal_i16},
    {MG_BUILTIN_EQUAL, INT32, mg_row_equal_i32},
    {MG_BUILTIN_EQUAL, INT64, mg_row_equal_i64},
    {MG_BUILTIN_NOT_EQUAL, FLOATS, mg_row_not_equal_f32},
    {MG_BUILTIN_NOT_EQUAL, BOOL, mg_row_not_equal_bool},
    {MG_BUILTIN_NOT_EQUAL, INT8 | UINT8, mg_row_not_equal_u8},
    {MG_BUILTIN_NOT_EQUAL, INT16, mg_row_not_equal_i16},
    {MG_BUILTIN_NOT_EQUAL, INT32, mg_row_not_equal_i32},
    {MG_BUILTIN_NOT_EQUAL, INT64, mg_row_not_equal_i64},
    {MG_BUILTIN_LESS, FLOATS, mg_row_less_f32},
    {MG_BUILTIN_LESS, INT8, mg_row_less_i8},
    {MG_BUILTIN_LESS, UINT8, mg_row_less_u8},
    {MG_BUILTIN_LESS, INT16, mg_row_less_i16},
    {MG_BUILTIN_LESS, INT32, mg_row_less_i32},
    {MG_BUILTIN_LESS, INT64, mg_row_less_i64},
    {MG_BUILTIN_LESS_EQUAL, FLOATS, mg_row_less_equal_f32},
    {MG_BUILTIN_LESS_EQUAL, INT8, mg_row_less_equal_i8},
    {MG_BUILTIN_LESS_EQUAL, UINT8, mg_row_less_equal_u8},
    {MG_BUILTIN_LESS_EQUAL, INT16, mg_row_less_equal_i16},
    {MG_BUILTIN_LESS_EQUAL, INT32, mg_row_less_equal_i32},
    {MG_BUILTIN_LESS_EQUAL, INT64, mg_row_less_equal_i64},
};

static const mg_row_choice quantized_rows[] = {
    {MG_BUILTIN_EQUAL, INT8, mg_row_quantized_equal_i8},
    {MG_BUILTIN_EQUAL, UINT8, mg_row_quantized_equal_u8},
    {MG_BUILTIN_EQUAL, INT16, mg_row_quantized_equal_i16},
    {MG_BUILTIN_NOT_EQUAL, INT8, mg_row_quantized_not_equal_i8},
    {MG_BUILTIN_NOT_EQUAL, UINT8, mg_row_quantized_not_equal_u8},
    {MG_BUILTIN_NOT_EQUAL, INT16, mg_row_quantized_not_equal_i16},
    {MG_BUILTIN_LESS, INT8, mg_row_quantized_less_i8},
    {MG_BUILTIN_LESS, UINT8, mg_row_quantized_less_u8},
    {MG_BUILTIN_LESS_EQUAL, INT8, mg_row_quantized_less_equal_i8},
    {MG_BUILTIN_LESS_EQUAL, UINT8, mg_row_quantized_less_equal_u8},
};

static bool swaps(int32_t op)
{
    return op == MG_BUILTIN_GREATER || op == MG_BUILTIN_GREATER_EQUAL;
}

static int32_t unswapped(int32_t op)
{
    return op == MG_BUILTIN_GREATER         ? MG_BUILTIN_LESS
           : op == MG_BUILTIN_GREATER_EQUAL ? MG_BUILTIN_LESS_EQUAL
                                            : op;
}

static midge_status prepare_rows(midge_op_context *context, mg_elementwise_row row,
                                 const mg_quantized_pair *pair)
{
    mg_pointwise *pointwise;
    void *parameters;
    size_t bytes = pair != NULL ? sizeof *pair : 0;
    TRY(mg_pointwise_begin(context, 2, row, bytes,
                           pair != NULL ? MG_POINTWISE_MIDDLE : MG_POINTWISE_CHEAP, &pointwise,
                           &parameters));
    if (pair != NULL) memcpy(parameters, pair, bytes);
    if (swaps(context->node->op)) mg_pointwise_swap(pointwise);
    mg_pointwise_finish(pointwise);
    return MIDGE_OK;
}

/* Both sides to integers of 8 more bits, times their scales. */
static midge_status prepare_quantized(midge_op_context *context)
{
    mg_elementwise_row row;
    mg_quantized_pair pair = {.left_shift = 8};
    bool swap = swaps(context->node->op);
    const midge_tensor *a = context->inputs[swap ? 1 : 0];
    const midge_tensor *b = context->inputs[swap ? 0 : 1];
    TRY(MG_CHOOSE_ROW(context, unswapped(context->node->op), quantized_rows, &row));
    TRY(mg_require_quantized(context, a, "input"));
    TRY(mg_require_quantized(context, b, "input"));
    pair.zero_a = mg_zero_point(a);
    pair.zero_b = mg_zero_point(b);
    TRY(mg_factor(context, (double)mg_scale(a), &pair.factor_a));
    TRY(mg_factor(context, (double)mg_scale(b), &pair.factor_b));
    return prepare_rows(context, row, &pair);
}

static midge_status prepare_strings(midge_op_context *context)
{
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    if (context->node->op != MG_BUILTIN_EQUAL && context->node->op != MG_BUILTIN_NOT_EQUAL)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "strings have no order here");
    TRY(mg_broadcast_shape(context, context->inputs[0], context->inputs[1], &rank, shape));
    return mg_set_output_shape(context, 0, rank, shape);
}

midge_status mg_prepare_comparison(midge_op_context *context)
{
    const midge_tensor *a = context->inputs[0];
    mg_elementwise_row row;
    TRY(mg_require_same_type(context, a, "input 0", context->inputs[1], "input 1"));
    TRY(mg_require_type(context, context->outputs[0], "output", BOOL));
    if (a->type == MIDGE_STRING) return prepare_strings(context);
    int32_t op = unswapped(context->node->op);
    bool orders = op == MG_BUILTIN_LESS || op == MG_BUILTIN_LESS_EQUAL;
    if (mg_is_quantized(a) && !(orders && a->type == MIDGE_INT16))
        return prepare_quantized(context);
    TRY(MG_CHOOSE_ROW(context, op, stored_rows, &row));
    return prepare_rows(context, row, NULL);
}

/* Where the operand's element for result `index` lies. */
static size_t source_of(const midge_tensor *output, const size_t *strides, size_t index)
{
    size_t source = 0;
    for (int32_t i = output->rank - 1; i >= 0; --i) {
        size_t size = (size_t)output->shape[i];
        source += index % size * strides[i];
        index /= size;
    }
    return source;
}

static midge_status run_strings(midge_op_context *context)
{
    const midge_tensor *a = context->inputs[0];
    const midge_tensor *b = context->inputs[1];
    const midge_tensor *output = context->outputs[0];
    size_t strides_a[MIDGE_MAX_RANK], strides_b[MIDGE_MAX_RANK];
    uint8_t *out = output->data;
    TRY(mg_require_strings(context, a, "input 0"));
    TRY(mg_require_strings(context, b, "input 1"));
    mg_broadcast_strides(a, output->rank, output->shape, strides_a);
    mg_broadcast_strides(b, output->rank, output->shape, strides_b);
    for (size_t i = 0; i < output->elements; ++i) {
        mg_string first = mg_string_at(a, source_of(output, strides_a, i));
        mg_string second = mg_string_at(b, source_of(output, strides_b, i));
        bool equal = first.length == second.length &&
                     (first.length == 0 || memcmp(first.bytes, second.bytes, first.length) == 0);
        out[i] = equal == (context->node->op == MG_BUILTIN_EQUAL);
    }
    return MIDGE_OK;
}

midge_status mg_run_comparison(midge_op_context *context)
{
    if (context->inputs[0]->type == MIDGE_STRING) return run_strings(context);
    return mg_pointwise_run(context);
}
