/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE, REVERSE_V2 and REVERSE_SEQUENCE: all elements, in another order. */
#include "op/movement.h"
#include "op/shape.h"

static midge_status check(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES_SIZED));
    return mg_require_same_type(context, input, "input", context->outputs[0], "output");
}

/* ---- TRANSPOSE ----------------------------------------------------------------------------- */

static midge_status plan_transpose(midge_op_context *context, int32_t shape[MIDGE_MAX_RANK],
                                   mg_move *move)
{
    const midge_tensor *input = context->inputs[0], *tensor = context->inputs[1];
    const int32_t rank = input->rank;
    ptrdiff_t from[MIDGE_MAX_RANK], to[MIDGE_MAX_RANK];
    int64_t permutation[MIDGE_MAX_RANK];
    int32_t axes[MIDGE_MAX_RANK];
    unsigned seen = 0;
    TRY(mg_read_integers(context, tensor, "permutation", (size_t)rank, permutation));
    for (int32_t i = 0; i < rank; ++i) {
        int64_t axis = permutation[i] < 0 ? permutation[i] + rank : permutation[i];
        if (axis < 0 || axis >= rank || (seen >> axis & 1) != 0)
            return mg_op_fail(context, mg_blame(tensor),
                              "entry %d of the permutation is %lld, which is outside rank %d or "
                              "there twice",
                              (int)i, (long long)permutation[i], (int)rank);
        seen |= 1u << axis;
        axes[i] = (int32_t)axis;
        shape[i] = input->shape[axis];
    }
    mg_dense_steps(rank, input->shape, from);
    mg_dense_steps(rank, shape, to);
    mg_move_of(input, move);
    for (int32_t i = 0; i < rank; ++i) mg_move_loop(move, (size_t)shape[i], from[axes[i]], to[i]);
    mg_move_merge(move);
    return MIDGE_OK;
}

midge_status mg_prepare_transpose(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_move move;
    TRY(check(context));
    TRY(mg_require_type(context, context->inputs[1], "permutation", MG_TYPES_INDEX));
    TRY(mg_require_elements(context, context->inputs[1], "permutation",
                            (size_t)context->inputs[0]->rank));
    if (!mg_is_known(context->inputs[1])) return mg_set_output_dynamic(context, 0);
    TRY(plan_transpose(context, shape, &move));
    return mg_set_output_shape(context, 0, context->inputs[0]->rank, shape);
}

midge_status mg_run_transpose(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_move move;
    TRY(plan_transpose(context, shape, &move));
    TRY(mg_settle_output(context, 0, context->inputs[0]->rank, shape));
    return mg_move_tensor(context, &move, context->inputs[0], 0);
}

/* ---- REVERSE_V2 ---------------------------------------------------------------------------- */

midge_status mg_prepare_reverse(midge_op_context *context)
{
    const midge_tensor *axes = context->inputs[1];
    TRY(check(context));
    TRY(mg_require_type(context, axes, "axis", MG_TYPES_INDEX));
    TRY(mg_require_rank(context, axes, "axis", 1, 1));
    if (axes->elements > MIDGE_MAX_RANK)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu axes, at most %d make sense",
                          axes->elements, MIDGE_MAX_RANK);
    return mg_set_output_like(context, 0, context->inputs[0]);
}

midge_status mg_run_reverse(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *axes = context->inputs[1];
    ptrdiff_t steps[MIDGE_MAX_RANK];
    unsigned reversed = 0;
    mg_move move;
    for (size_t i = 0; i < axes->elements; ++i) {
        int32_t axis = 0;
        TRY(mg_resolve_axis(context, mg_index_at(axes, i), input->rank, &axis));
        if ((reversed >> axis & 1) != 0)
            return mg_op_fail(context, mg_blame(axes), "axis %d is there twice", (int)axis);
        reversed |= 1u << axis;
    }
    mg_dense_steps(input->rank, input->shape, steps);
    mg_move_of(input, &move);
    for (int32_t i = 0; i < input->rank; ++i) {
        bool back = (reversed >> i & 1) != 0;
        if (back) move.from_start += (input->shape[i] - 1) * steps[i];
        mg_move_loop(&move, (size_t)input->shape[i], back ? -steps[i] : steps[i], steps[i]);
    }
    mg_move_merge(&move);
    return mg_move_tensor(context, &move, input, 0);
}

/* ---- REVERSE_SEQUENCE: along one axis, each batch up to a length of its own ----------------- */

midge_status mg_prepare_reverse_sequence(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *lengths = context->inputs[1];
    const mg_ReverseSequenceOptions *options = MG_OPTIONS(context, ReverseSequenceOptions);
    int32_t sequence = 0, batch = 0;
    TRY(check(context));
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_type(context, lengths, "lengths", MG_TYPES_INDEX));
    TRY(mg_require_rank(context, lengths, "lengths", 1, 1));
    TRY(mg_resolve_axis(context, options->seq_dim, input->rank, &sequence));
    TRY(mg_resolve_axis(context, options->batch_dim, input->rank, &batch));
    if (sequence == batch)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "seq_dim and batch_dim are both %d",
                          (int)batch);
    TRY(mg_require_elements(context, lengths, "lengths", (size_t)input->shape[batch]));
    return mg_set_output_like(context, 0, input);
}

/* Moves `count` steps of the sequence of one batch, starting at `first`, forwards or backwards. */
static void move_span(midge_op_context *context, int32_t sequence, int32_t batch, int64_t index,
                      int64_t first, int64_t count, bool back)
{
    const midge_tensor *input = context->inputs[0];
    ptrdiff_t steps[MIDGE_MAX_RANK];
    mg_move move;
    mg_dense_steps(input->rank, input->shape, steps);
    mg_move_of(input, &move);
    move.to_start = (ptrdiff_t)index * steps[batch] + (ptrdiff_t)first * steps[sequence];
    move.from_start = move.to_start + (back ? (ptrdiff_t)(count - 1) * steps[sequence] : 0);
    for (int32_t i = 0; i < input->rank; ++i) {
        if (i == sequence)
            mg_move_loop(&move, (size_t)count, back ? -steps[i] : steps[i], steps[i]);
        else if (i != batch)
            mg_move_loop(&move, (size_t)input->shape[i], steps[i], steps[i]);
    }
    mg_move_merge(&move);
    mg_move_parallel(context, &move, input->data, context->outputs[0]->data);
}

midge_status mg_run_reverse_sequence(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *lengths = context->inputs[1];
    const mg_ReverseSequenceOptions *options = MG_OPTIONS(context, ReverseSequenceOptions);
    int32_t sequence = 0, batch = 0;
    TRY(mg_resolve_axis(context, options->seq_dim, input->rank, &sequence));
    TRY(mg_resolve_axis(context, options->batch_dim, input->rank, &batch));
    const int64_t size = input->shape[sequence];
    for (int32_t b = 0; b < input->shape[batch]; ++b) {
        int64_t length = mg_index_at(lengths, (size_t)b);
        if (length < 0 || length > size)
            return mg_op_fail(context, MIDGE_RUN_ERROR,
                              "length %lld of batch %d is outside 0 to %lld", (long long)length,
                              (int)b, (long long)size);
        if (length > 0) move_span(context, sequence, batch, b, 0, length, true);
        if (length < size) move_span(context, sequence, batch, b, length, size - length, false);
    }
    return MIDGE_OK;
}
