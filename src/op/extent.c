/* SPDX-License-Identifier: Apache-2.0 */
/* SHAPE, RANK and BROADCAST_ARGS: shapes as data. */
#include "op/movement.h"
#include "op/shape.h"

static void write_integer(midge_tensor *output, size_t index, int64_t value)
{
    if (output->type == MIDGE_INT64)
        ((int64_t *)output->data)[index] = value;
    else
        ((int32_t *)output->data)[index] = (int32_t)value;
}

midge_status mg_prepare_shape(midge_op_context *context)
{
    const int8_t type = MG_OPTIONS(context, ShapeOptions)->out_type;
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES_INDEX));
    if (type != MIDGE_INT32 && type != MIDGE_INT64)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "out_type %d is neither int32 nor int64",
                          (int)type);
    if ((midge_type)type != context->outputs[0]->type)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "output is %s, out_type says %s",
                          midge_type_name(context->outputs[0]->type),
                          midge_type_name((midge_type)type));
    return mg_set_output_shape(context, 0, 1, &context->inputs[0]->rank);
}

midge_status mg_run_shape(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    for (int32_t i = 0; i < input->rank; ++i)
        write_integer(context->outputs[0], (size_t)i, input->shape[i]);
    return MIDGE_OK;
}

midge_status mg_prepare_rank(midge_op_context *context)
{
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_INT32)));
    return mg_set_output_shape(context, 0, 0, NULL);
}

midge_status mg_run_rank(midge_op_context *context)
{
    write_integer(context->outputs[0], 0, context->inputs[0]->rank);
    return MIDGE_OK;
}

/* ---- BROADCAST_ARGS: two shapes in, the shape of their broadcast out ----------------------- */

midge_status mg_prepare_broadcast_args(midge_op_context *context)
{
    const midge_tensor *a = context->inputs[0], *b = context->inputs[1];
    TRY(mg_require_type(context, a, "first shape", MG_TYPES_INDEX));
    TRY(mg_require_same_type(context, a, "first shape", b, "second shape"));
    TRY(mg_require_same_type(context, a, "first shape", context->outputs[0], "output"));
    TRY(mg_require_rank(context, a, "first shape", 1, 1));
    TRY(mg_require_rank(context, b, "second shape", 1, 1));
    return mg_set_output_shape(context, 0, 1, a->elements > b->elements ? a->shape : b->shape);
}

midge_status mg_run_broadcast_args(midge_op_context *context)
{
    const midge_tensor *a = context->inputs[0], *b = context->inputs[1];
    const size_t rank = context->outputs[0]->elements;
    for (size_t i = 0; i < rank; ++i) {
        int64_t size_a = i + a->elements < rank ? 1 : mg_index_at(a, i + a->elements - rank);
        int64_t size_b = i + b->elements < rank ? 1 : mg_index_at(b, i + b->elements - rank);
        if (size_a != size_b && size_a != 1 && size_b != 1)
            return mg_op_fail(context, MIDGE_RUN_ERROR,
                              "sizes %lld and %lld of dimension %zu do not broadcast",
                              (long long)size_a, (long long)size_b, i);
        write_integer(context->outputs[0], i, size_a == 1 ? size_b : size_a);
    }
    return MIDGE_OK;
}
