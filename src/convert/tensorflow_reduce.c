/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that join elements along axes. */
#include "convert/tensorflow_operation.h"

midge_status mg_tf_lower_arg(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, axis = 0, list, output;
    midge_type type;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &input));
    if (operation->input_count > 1) TRY(mg_tf_input_int(tf, operation, 1, &axis));
    TRY(mg_tf_axis(tf, axis, mg_tf_tensor(tf, input)->rank, &axis));
    TRY(mg_tf_type_attr(tf, operation, "output_type", 9, &type));
    TRY(mg_tf_int32_scalar(tf, axis, &list));
    TRY(mg_tf_begin(tf, operation->row->code, 2, (int32_t[]){input, list}, 1, (int)type, &node));
    if (operation->row->code == MG_BUILTIN_ARG_MAX)
        ((mg_ArgMaxOptions *)node->options)->output_type = (int8_t)type;
    else
        ((mg_ArgMinOptions *)node->options)->output_type = (int8_t)type;
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}
