/* SPDX-License-Identifier: Apache-2.0 */
/* TILE and BROADCAST_TO: elements repeated. */
#include "op/movement.h"
#include "op/shape.h"

/* ---- TILE ---------------------------------------------------------------------------------- */

static midge_status plan_tile(midge_op_context *context, int32_t shape[MIDGE_MAX_RANK],
                              mg_move *move)
{
    const midge_tensor *input = context->inputs[0], *multiples = context->inputs[1];
    ptrdiff_t from[MIDGE_MAX_RANK], to[MIDGE_MAX_RANK];
    int64_t times[MIDGE_MAX_RANK];
    size_t elements = 0;
    TRY(mg_read_integers(context, multiples, "multiples", (size_t)input->rank, times));
    for (int32_t i = 0; i < input->rank; ++i) {
        if (times[i] < 0 || times[i] > INT32_MAX ||
            !mg_int32_multiply(input->shape[i], (int32_t)times[i], &shape[i]))
            return mg_op_fail(context, mg_blame(multiples), "%lld times dimension %d of size %d",
                              (long long)times[i], (int)i, (int)input->shape[i]);
    }
    if (!mg_shape_elements(input->rank, shape, &elements))
        return mg_op_fail(context, mg_blame(multiples), "the output would pass 2^31 elements");
    mg_dense_steps(input->rank, input->shape, from);
    mg_dense_steps(input->rank, shape, to);
    mg_move_of(input, move);
    for (int32_t i = 0; i < input->rank; ++i) {
        mg_move_loop(move, (size_t)times[i], 0, input->shape[i] * to[i]);
        mg_move_loop(move, (size_t)input->shape[i], from[i], to[i]);
    }
    mg_move_merge(move);
    return MIDGE_OK;
}

static midge_status check(midge_op_context *context, const char *role)
{
    TRY(mg_require_type(context, context->inputs[0], "input", MG_TYPES_MOVABLE));
    TRY(mg_require_same_type(context, context->inputs[0], "input", context->outputs[0], "output"));
    TRY(mg_require_type(context, context->inputs[1], role, MG_TYPES_INDEX));
    return mg_require_rank(context, context->inputs[1], role, 0, 1);
}

midge_status mg_prepare_tile(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_move move;
    TRY(check(context, "multiples"));
    TRY(mg_require_elements(context, context->inputs[1], "multiples",
                            (size_t)context->inputs[0]->rank));
    if (!mg_is_known(context->inputs[1])) return mg_set_output_dynamic(context, 0);
    TRY(plan_tile(context, shape, &move));
    return mg_set_output_shape(context, 0, context->inputs[0]->rank, shape);
}

midge_status mg_run_tile(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_move move;
    TRY(plan_tile(context, shape, &move));
    TRY(mg_settle_output(context, 0, context->inputs[0]->rank, shape));
    return mg_move_tensor(context, &move, context->inputs[0], 0);
}

/* ---- BROADCAST_TO -------------------------------------------------------------------------- */

static midge_status broadcast_shape(midge_op_context *context, int32_t *rank,
                                    int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *input = context->inputs[0], *tensor = context->inputs[1];
    TRY(mg_read_shape(context, tensor, "shape", rank, shape));
    bool fits = *rank >= input->rank;
    for (int32_t i = 0; fits && i < input->rank; ++i)
        fits = input->shape[i] == 1 || input->shape[i] == shape[i + *rank - input->rank];
    if (fits) return MIDGE_OK;
    char from[MG_SHAPE_TEXT], to[MG_SHAPE_TEXT];
    return mg_op_fail(context, mg_blame(tensor), "shape %s does not broadcast to %s",
                      mg_shape_text(input->rank, input->shape, from),
                      mg_shape_text(*rank, shape, to));
}

midge_status mg_prepare_broadcast_to(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    TRY(check(context, "shape"));
    if (!mg_is_known(context->inputs[1])) return mg_set_output_dynamic(context, 0);
    TRY(broadcast_shape(context, &rank, shape));
    return mg_set_output_shape(context, 0, rank, shape);
}

midge_status mg_run_broadcast_to(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    int32_t shape[MIDGE_MAX_RANK], rank = 0;
    size_t from[MIDGE_MAX_RANK];
    ptrdiff_t to[MIDGE_MAX_RANK];
    mg_move move;
    TRY(broadcast_shape(context, &rank, shape));
    TRY(mg_settle_output(context, 0, rank, shape));
    mg_broadcast_strides(input, rank, shape, from);
    mg_dense_steps(rank, shape, to);
    mg_move_of(input, &move);
    for (int32_t i = 0; i < rank; ++i)
        mg_move_loop(&move, (size_t)shape[i], (ptrdiff_t)from[i], to[i]);
    mg_move_merge(&move);
    return mg_move_tensor(context, &move, input, 0);
}
