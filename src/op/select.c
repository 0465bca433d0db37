/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SELECT and SELECT_V2: elements of input 1 where input 0 holds, of input 2 elsewhere.
 * SELECT_V2 broadcasts all three. SELECT wants inputs 1 and 2 of one shape, and a condition of that
 * shape, or a scalar, or with one element for each slice of dimension 0.
 */
#include <string.h>

#include "kernel/ref/unary_rows.h"
#include "op/pointwise.h"
#include "op/shape.h"

static mg_elementwise_row row_of(midge_type type)
{
    switch (midge_type_bits(type)) {
    case 8: return mg_row_select_8;
    case 16: return mg_row_select_16;
    case 32: return mg_row_select_32;
    case 64: return mg_row_select_64;
    default: return mg_row_select_128;
    }
}

/* SELECT's rule for the condition; its strides are those of a vector along dimension 0. */
static midge_status check_condition(midge_op_context *context, bool *per_slice)
{
    const midge_tensor *condition = context->inputs[0];
    const midge_tensor *yes = context->inputs[1];
    TRY(mg_require_same_shape(context, yes, "input 1", context->inputs[2], "input 2"));
    if (condition->rank == 0 || mg_same_shape(condition, yes)) return MIDGE_OK;
    *per_slice = condition->rank == 1 && yes->rank > 0 && condition->shape[0] == yes->shape[0];
    if (*per_slice) return MIDGE_OK;
    return mg_require_same_shape(context, condition, "the condition", yes, "input 1");
}

/* Single elements give the output the shape that the file says, whatever its rank. */
static bool keeps_stated_shape(const midge_op_context *context)
{
    const mg_tensor *stated = context->outputs[0]->definition;
    size_t elements;
    return context->inputs[0]->elements == 1 && context->inputs[1]->elements == 1 &&
           context->inputs[2]->elements == 1 &&
           mg_shape_elements(stated->rank, stated->shape, &elements) && elements == 1;
}

static midge_status output_shape(midge_op_context *context, int32_t *rank,
                                 int32_t shape[MIDGE_MAX_RANK], bool *per_slice)
{
    const midge_tensor *yes = context->inputs[1];
    const mg_tensor *stated = context->outputs[0]->definition;
    *per_slice = false;
    if (keeps_stated_shape(context)) {
        *rank = stated->rank;
        memcpy(shape, stated->shape, (size_t)stated->rank * sizeof shape[0]);
        return MIDGE_OK;
    }
    if (context->node->op == MG_BUILTIN_SELECT_V2)
        return mg_pointwise_shape(context, 3, rank, shape);
    *rank = yes->rank;
    memcpy(shape, yes->shape, sizeof yes->shape);
    return check_condition(context, per_slice);
}

midge_status mg_prepare_select(midge_op_context *context)
{
    const midge_tensor *yes = context->inputs[1];
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    bool per_slice;
    mg_pointwise *pointwise;
    TRY(mg_require_type(context, context->inputs[0], "the condition", MG_TYPES(MIDGE_BOOL)));
    TRY(mg_require_type(context, yes, "input 1", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, yes, "input 1", context->inputs[2], "input 2"));
    TRY(mg_require_same_type(context, yes, "input 1", context->outputs[0], "output"));
    TRY(output_shape(context, &rank, shape, &per_slice));
    TRY(mg_pointwise_begin_shape(context, rank, shape, 3, row_of(yes->type), 0, MG_POINTWISE_CHEAP,
                                 &pointwise, NULL));
    pointwise->plan.operand_type = MG_ROW_AS_IS;
    pointwise->plan.result_type = MG_ROW_AS_IS;
    if (per_slice) {
        size_t *strides = pointwise->plan.strides[0];
        memset(strides, 0, sizeof pointwise->plan.strides[0]);
        strides[0] = 1;
    }
    mg_pointwise_finish(pointwise);
    return MIDGE_OK;
}

midge_status mg_run_select(midge_op_context *context)
{
    return mg_pointwise_run(context);
}
