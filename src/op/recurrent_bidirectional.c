/* SPDX-License-Identifier: Apache-2.0 */
#include "op/recurrent_bidirectional.h"

#include "op/require.h"

midge_status mg_bidirectional_find(midge_op_context *context, size_t aux_index,
                                   bool has_aux_weights, bool time_major, bool merged,
                                   mg_bidirectional *b)
{
    const midge_tensor *input = mg_input(context, 0), *aux = mg_input(context, aux_index);
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, input, "input", 3, 3));
    if (context->output_count != (merged ? 1u : 2u)) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu outputs", context->output_count);
    }
    for (size_t i = 0; i < context->output_count; i++) {
        if (mg_output(context, i) == NULL) {
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "output %zu is absent", i);
        }
        TRY(mg_require_type(context, mg_output(context, i), "output", MG_TYPES(MIDGE_FLOAT32)));
    }
    if (has_aux_weights && aux == NULL) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "the auxiliary input is absent");
    }
    if (aux != NULL) {
        TRY(mg_require_type(context, aux, "auxiliary input", MG_TYPES(MIDGE_FLOAT32)));
        TRY(mg_require_rank(context, aux, "auxiliary input", 3, 3));
        if (aux->shape[0] != input->shape[0] || aux->shape[1] != input->shape[1] ||
            (!has_aux_weights && aux->shape[2] != input->shape[2])) {
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "the auxiliary input [%d,%d,%d] does not fit the input [%d,%d,%d]",
                              (int)aux->shape[0], (int)aux->shape[1], (int)aux->shape[2],
                              (int)input->shape[0], (int)input->shape[1], (int)input->shape[2]);
        }
    }
    *b = (mg_bidirectional){
        .batch = (size_t)input->shape[time_major ? 1 : 0],
        .time = (size_t)input->shape[time_major ? 0 : 1],
        .time_major = time_major,
        .merged = merged,
        .input = input,
        .backward_input = aux != NULL && !has_aux_weights ? aux : input,
        .aux = has_aux_weights ? aux : NULL,
    };
    return MIDGE_OK;
}

midge_status mg_bidirectional_set_outputs(midge_op_context *context, const mg_bidirectional *b)
{
    int32_t shape[3] = {b->input->shape[0], b->input->shape[1], b->output_sizes[0]};
    if (b->merged) {
        if (!mg_int32_add(b->output_sizes[0], b->output_sizes[1], &shape[2])) {
            return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the output is too large");
        }
        return mg_set_output_shape(context, 0, 3, shape);
    }
    TRY(mg_set_output_shape(context, 0, 3, shape));
    shape[2] = b->output_sizes[1];
    return mg_set_output_shape(context, 1, 3, shape);
}

mg_recurrence mg_bidirectional_recurrence(const midge_op_context *context,
                                          const mg_bidirectional *b, int direction)
{
    const midge_tensor *input = direction == 0 ? b->input : b->backward_input;
    size_t output_size = (size_t)b->output_sizes[direction];
    size_t row_size =
        b->merged ? (size_t)b->output_sizes[0] + (size_t)b->output_sizes[1] : output_size;
    float *output = mg_output(context, b->merged ? 0 : (size_t)direction)->data;
    if (b->merged && direction == 1) output += b->output_sizes[0];
    return (mg_recurrence){
        .batch = b->batch,
        .time = b->time,
        .time_major = b->time_major,
        .backward = direction == 1,
        .input = input->data,
        .input_bytes = (size_t)input->shape[2] * sizeof(float),
        .aux = b->aux != NULL ? b->aux->data : NULL,
        .aux_bytes = b->aux != NULL ? (size_t)b->aux->shape[2] * sizeof(float) : 0,
        .hidden_bytes = output_size * sizeof(float),
        .output = output,
        .output_row_bytes = row_size * sizeof(float),
    };
}
