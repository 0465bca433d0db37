/* SPDX-License-Identifier: Apache-2.0 */
/* SLICE: a box of elements. */
#include "op/movement.h"
#include "op/shape.h"

static midge_status plan(midge_op_context *context, int32_t shape[MIDGE_MAX_RANK], mg_move *move)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *begin_tensor = context->inputs[1], *size_tensor = context->inputs[2];
    const int32_t rank = input->rank;
    int64_t begin[MIDGE_MAX_RANK], size[MIDGE_MAX_RANK];
    ptrdiff_t from[MIDGE_MAX_RANK], to[MIDGE_MAX_RANK];
    TRY(mg_read_integers(context, begin_tensor, "begin", (size_t)rank, begin));
    TRY(mg_read_integers(context, size_tensor, "size", (size_t)rank, size));
    for (int32_t i = 0; i < rank; ++i) {
        const int64_t whole = input->shape[i];
        bool fits = begin[i] >= 0 && begin[i] <= whole && size[i] >= -1;
        if (fits && size[i] == -1) size[i] = whole - begin[i];
        if (!fits || size[i] > whole - begin[i])
            return mg_op_fail(context, mg_blame(begin_tensor),
                              "%lld elements from %lld on do not lie in dimension %d of size %lld",
                              (long long)size[i], (long long)begin[i], (int)i, (long long)whole);
        shape[i] = (int32_t)size[i];
    }
    mg_dense_steps(rank, input->shape, from);
    mg_dense_steps(rank, shape, to);
    mg_move_of(input, move);
    for (int32_t i = 0; i < rank; ++i) {
        move->from_start += (ptrdiff_t)begin[i] * from[i];
        mg_move_loop(move, (size_t)shape[i], from[i], to[i]);
    }
    mg_move_merge(move);
    return MIDGE_OK;
}

midge_status mg_prepare_slice(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    int32_t shape[MIDGE_MAX_RANK];
    mg_move move;
    TRY(mg_require_type(context, input, "input", MG_TYPES_MOVABLE));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_type(context, context->inputs[1], "begin", MG_TYPES_INDEX));
    TRY(mg_require_same_type(context, context->inputs[1], "begin", context->inputs[2], "size"));
    TRY(mg_require_elements(context, context->inputs[1], "begin", (size_t)input->rank));
    TRY(mg_require_elements(context, context->inputs[2], "size", (size_t)input->rank));
    if (!mg_is_known(context->inputs[1]) || !mg_is_known(context->inputs[2]))
        return mg_set_output_dynamic(context, 0);
    TRY(plan(context, shape, &move));
    return mg_set_output_shape(context, 0, input->rank, shape);
}

midge_status mg_run_slice(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_move move;
    TRY(plan(context, shape, &move));
    TRY(mg_settle_output(context, 0, context->inputs[0]->rank, shape));
    return mg_move_tensor(context, &move, context->inputs[0], 0);
}
