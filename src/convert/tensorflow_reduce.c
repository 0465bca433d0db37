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

midge_status mg_tf_lower_reduce(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, list, axes[MIDGE_MAX_RANK], output;
    size_t count = 0;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input_ints(tf, operation, 1, MIDGE_MAX_RANK, axes, &count));
    if (count == 0) return mg_tf_give_one(tf, operation, input);
    for (size_t i = 0; i < count; ++i)
        TRY(mg_tf_axis(tf, axes[i], mg_tf_tensor(tf, input)->rank, &axes[i]));
    TRY(mg_tf_int32s(tf, count, axes, &list));
    TRY(mg_tf_begin(tf, operation->row->code, 2, (int32_t[]){input, list}, 1, -1, &node));
    ((mg_ReducerOptions *)node->options)->keep_dims =
        mg_attr_bool(operation->node, "keep_dims", false);
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_cumsum(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_CUMSUM, 2, inputs, 1, -1, &node));
    mg_CumsumOptions *options = node->options;
    options->exclusive = mg_attr_bool(operation->node, "exclusive", false);
    options->reverse = mg_attr_bool(operation->node, "reverse", false);
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_top_k(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, outputs[2];
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_TOPK_V2, 2, inputs, 2, -1, &node));
    mg_tf_graph(tf)->tensors[node->outputs[1]].type = MIDGE_INT32;
    TRY(mg_tf_finish(tf, outputs));
    return mg_tf_give(tf, operation, 2, outputs);
}

midge_status mg_tf_lower_unsorted_segment(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    TRY(mg_tf_inputs(tf, operation, 0, 3, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_as_int32(tf, inputs[2], &inputs[2]));
    TRY(mg_tf_node(tf, operation->row->code, 3, inputs, -1, &output));
    return mg_tf_give_one(tf, operation, output);
}
