/* SPDX-License-Identifier: Apache-2.0 */
/* MATRIX_DIAG and MATRIX_SET_DIAG: diagonals of the matrices in the last two dimensions. */
#include "op/movement.h"

#include <string.h>

#include "op/shape.h"

/* Writes `length` elements a matrix along the diagonals of the output. */
static midge_status write_diagonals(midge_op_context *context, const midge_tensor *diagonal,
                                    ptrdiff_t length)
{
    midge_tensor *output = context->outputs[0];
    const ptrdiff_t rows = output->shape[output->rank - 2],
                    columns = output->shape[output->rank - 1];
    mg_move move;
    mg_move_of(output, &move);
    mg_move_loop(&move, mg_elements_between(output, 0, output->rank - 2), length, rows * columns);
    mg_move_loop(&move, (size_t)length, 1, columns + 1);
    mg_move_merge(&move);
    mg_move_parallel(context, &move, diagonal->data, output->data);
    return MIDGE_OK;
}

midge_status mg_prepare_matrix_diag(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    int32_t shape[MIDGE_MAX_RANK];
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK - 1));
    memcpy(shape, input->shape, sizeof shape);
    shape[input->rank] = shape[input->rank - 1];
    return mg_set_output_shape(context, 0, input->rank + 1, shape);
}

midge_status mg_run_matrix_diag(midge_op_context *context)
{
    midge_tensor *output = context->outputs[0];
    memset(output->data, 0, output->bytes);
    return write_diagonals(context, context->inputs[0], output->shape[output->rank - 1]);
}

static int32_t diagonal_length(const midge_tensor *input)
{
    int32_t rows = input->shape[input->rank - 2], columns = input->shape[input->rank - 1];
    return rows < columns ? rows : columns;
}

midge_status mg_prepare_matrix_set_diag(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *diagonal = context->inputs[1];
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_same_type(context, input, "input", diagonal, "diagonal"));
    TRY(mg_require_rank(context, input, "input", 2, MIDGE_MAX_RANK));
    TRY(mg_require_rank(context, diagonal, "diagonal", input->rank - 1, input->rank - 1));
    bool fits = diagonal->shape[diagonal->rank - 1] == diagonal_length(input);
    for (int32_t i = 0; i < input->rank - 2; ++i)
        fits = fits && diagonal->shape[i] == input->shape[i];
    if (!fits) {
        char a[MG_SHAPE_TEXT], b[MG_SHAPE_TEXT];
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "diagonal %s does not fit matrices %s",
                          mg_shape_text(diagonal->rank, diagonal->shape, a),
                          mg_shape_text(input->rank, input->shape, b));
    }
    return mg_set_output_like(context, 0, input);
}

midge_status mg_run_matrix_set_diag(midge_op_context *context)
{
    mg_copy_elements(context->inputs[0], context->outputs[0]);
    return write_diagonals(context, context->inputs[1], diagonal_length(context->inputs[0]));
}
