/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on each element. */
#include "convert/tensorflow_operation.h"

midge_status mg_tf_lower_unary(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_unary(tf, operation->row->code, input, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_binary(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t a, b, output;
    TRY(mg_tf_input(tf, operation, 0, &a));
    TRY(mg_tf_input(tf, operation, 1, &b));
    TRY(mg_tf_binary(tf, operation->row->code, a, b, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_bias(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, bias, output, shape[MIDGE_MAX_RANK];
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input(tf, operation, 1, &bias));
    int32_t rank = mg_tf_tensor(tf, input)->rank;
    TRY(mg_tf_rank(tf, bias, 1));
    if (mg_tf_is_channels_first(operation) && rank > 2) {
        for (int32_t i = 0; i < rank; ++i) shape[i] = 1;
        shape[1] = mg_tf_tensor(tf, bias)->shape[0];
        TRY(mg_tf_reshape(tf, bias, rank, shape, &bias));
    }
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, input, bias, &output));
    return mg_tf_give_one(tf, operation, output);
}
