/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of tensors that are cut out or replaced. */
#include "convert/tensorflow_operation.h"

/* Patches side by side, as vision transformers cut pictures: [batch, rows, size, columns, size,
 * channels] with the sizes behind the places. */
midge_status mg_tf_lower_patches(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t size[4], step[4], rate[4], input, at;
    bool read = mg_attr_ints(operation->node, "ksizes", 4, size) == 4 &&
                mg_attr_ints(operation->node, "strides", 4, step) == 4 &&
                mg_attr_ints(operation->node, "rates", 4, rate) == 4;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_rank(tf, input, 4));
    const mg_network_tensor source = *mg_tf_tensor(tf, input);
    for (int i = 1; read && i < 3; ++i)
        read = size[i] >= 1 && step[i] == size[i] && rate[i] == 1 && source.shape[i] % size[i] == 0;
    if (!read)
        return mg_tf_refuse(tf, "of patches that overlap or do not cover the picture; cut them "
                                "with a convolution");
    const int32_t rows = source.shape[1] / size[1], columns = source.shape[2] / size[2];
    const int32_t cut[] = {source.shape[0], rows, size[1], columns, size[2], source.shape[3]};
    const int32_t made[] = {source.shape[0], rows, columns, size[1] * size[2] * source.shape[3]};
    TRY(mg_tf_reshape(tf, input, 6, cut, &at));
    TRY(mg_tf_transpose(tf, at, (int32_t[]){0, 1, 3, 2, 4, 5}, &at));
    TRY(mg_tf_reshape(tf, at, 4, made, &at));
    return mg_tf_give_one(tf, operation, at);
}

/* The new values where something is put, else the old ones. No place may be named twice, which
 * TensorFlow leaves open, too. */
midge_status mg_tf_lower_scatter_update(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, shape, list, one, ones, zero, placed, taken, output;
    TRY(mg_tf_inputs(tf, operation, 0, 3, &inputs));
    const mg_network_tensor source = *mg_tf_tensor(tf, inputs[0]);
    const mg_network_tensor updates = *mg_tf_tensor(tf, inputs[2]);
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_int32s(tf, (size_t)source.rank, source.shape, &shape));
    TRY(mg_tf_int32s(tf, (size_t)updates.rank, updates.shape, &list));
    TRY(mg_tf_int32_scalar(tf, 1, &one));
    TRY(mg_tf_int32_scalar(tf, 0, &zero));
    TRY(mg_tf_node(tf, MG_BUILTIN_FILL, 2, (int32_t[]){list, one}, MIDGE_INT32, &ones));
    TRY(mg_tf_node(tf, MG_BUILTIN_SCATTER_ND, 3, (int32_t[]){inputs[1], inputs[2], shape},
                   (int)source.type, &placed));
    TRY(mg_tf_node(tf, MG_BUILTIN_SCATTER_ND, 3, (int32_t[]){inputs[1], ones, shape}, MIDGE_INT32,
                   &taken));
    TRY(mg_tf_node(tf, MG_BUILTIN_GREATER, 2, (int32_t[]){taken, zero}, MIDGE_BOOL, &taken));
    TRY(mg_tf_node(tf, MG_BUILTIN_SELECT_V2, 3, (int32_t[]){taken, placed, inputs[0]},
                   (int)source.type, &output));
    return mg_tf_give_one(tf, operation, output);
}
