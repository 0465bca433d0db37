/* SPDX-License-Identifier: Apache-2.0 */
/* BITCAST: the same bytes as elements of another type. Where the sizes of the types differ, the
 * last dimension appears or disappears: it holds the smaller elements of one larger. */
#include <string.h>

#include "op/require.h"

midge_status mg_prepare_bitcast(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    int32_t shape[MIDGE_MAX_RANK];
    int32_t rank = input->rank;
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_type(context, output, "output", MG_TYPES_BYTES));
    int32_t from = (int32_t)midge_type_bits(input->type);
    int32_t to = (int32_t)midge_type_bits(output->type);
    memcpy(shape, input->shape, sizeof shape);
    if (from > to) {
        TRY(mg_require_rank(context, input, "input", 0, MIDGE_MAX_RANK - 1));
        shape[rank++] = from / to;
    } else if (from < to) {
        if (rank == 0 || shape[rank - 1] != to / from)
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "the last dimension must be %d to make %s of %s", (int)(to / from),
                              midge_type_name(output->type), midge_type_name(input->type));
        --rank;
    }
    return mg_set_output_shape(context, 0, rank, shape);
}

midge_status mg_run_bitcast(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    if (output->data != input->data) memcpy(output->data, input->data, output->bytes);
    return MIDGE_OK;
}
