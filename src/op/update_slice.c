/* SPDX-License-Identifier: Apache-2.0 */
/* DYNAMIC_UPDATE_SLICE: a box of the input replaced, at a place known when it runs. */
#include "op/movement.h"
#include "op/shape.h"

midge_status mg_prepare_dynamic_update_slice(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *update = context->inputs[1];
    const midge_tensor *start = context->inputs[2];
    TRY(mg_require_type(context, input, "operand", MG_TYPES_SIZED));
    TRY(mg_require_same_type(context, input, "operand", update, "update"));
    TRY(mg_require_same_type(context, input, "operand", context->outputs[0], "output"));
    TRY(mg_require_type(context, start, "start", MG_TYPES_INDEX));
    TRY(mg_require_rank(context, start, "start", 1, 1));
    TRY(mg_require_elements(context, start, "start", (size_t)input->rank));
    TRY(mg_require_rank(context, update, "update", input->rank, input->rank));
    for (int32_t i = 0; i < input->rank; ++i) {
        if (update->shape[i] > input->shape[i])
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "dimension %d of the update has size %d, the operand's is %d", (int)i,
                              (int)update->shape[i], (int)input->shape[i]);
    }
    return mg_set_output_like(context, 0, input);
}

/* The box is pushed back inside where it would stick out. */
midge_status mg_run_dynamic_update_slice(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *update = context->inputs[1];
    ptrdiff_t from[MIDGE_MAX_RANK], to[MIDGE_MAX_RANK];
    mg_move move;
    mg_copy_elements(input, context->outputs[0]);
    if (update->elements == 0) return MIDGE_OK;
    mg_dense_steps(update->rank, update->shape, from);
    mg_dense_steps(input->rank, input->shape, to);
    mg_move_of(input, &move);
    for (int32_t i = 0; i < input->rank; ++i) {
        const int64_t most = (int64_t)input->shape[i] - update->shape[i];
        int64_t start = mg_index_at(context->inputs[2], (size_t)i);
        start = start < 0 ? 0 : start > most ? most : start;
        move.to_start += (ptrdiff_t)start * to[i];
        mg_move_loop(&move, (size_t)update->shape[i], from[i], to[i]);
    }
    mg_move_merge(&move);
    mg_move_parallel(context, &move, update->data, context->outputs[0]->data);
    return MIDGE_OK;
}
