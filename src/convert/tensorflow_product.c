/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices. With constant weights they are FULLY_CONNECTED, whose weights stand as
 * [out, in]. */
#include "convert/tensorflow_operation.h"

midge_status mg_tf_product(mg_tensorflow *tf, int32_t input, int32_t weights, bool transposed,
                           int32_t *output)
{
    int32_t bias;
    mg_network_node *node;
    if (!transposed) TRY(mg_tf_transpose(tf, weights, (int32_t[]){1, 0}, &weights));
    TRY(mg_tf_zero_bias(tf, mg_tf_tensor(tf, weights)->shape[0], &bias));
    bool keep = mg_tf_tensor(tf, input)->rank > 2;
    TRY(mg_tf_begin(tf, MG_BUILTIN_FULLY_CONNECTED, 3, (int32_t[]){input, weights, bias}, 1, -1,
                    &node));
    ((mg_FullyConnectedOptions *)node->options)->keep_num_dims = keep;
    return mg_tf_finish(tf, output);
}

midge_status mg_tf_matmul(mg_tensorflow *tf, int32_t a, int32_t b, bool swap_a, bool swap_b,
                          int32_t *output)
{
    mg_network_node *node;
    TRY(mg_tf_begin(tf, MG_BUILTIN_BATCH_MATMUL, 2, (int32_t[]){a, b}, 1, -1, &node));
    mg_BatchMatMulOptions *options = node->options;
    options->adj_x = swap_a;
    options->adj_y = swap_b;
    return mg_tf_finish(tf, output);
}

/* A constant matrix may be weights. */
static bool is_weights(const mg_tensorflow *tf, int32_t a, int32_t b)
{
    const mg_network_tensor *left = mg_tf_tensor(tf, a), *right = mg_tf_tensor(tf, b);
    return left->data == NULL && right->data != NULL && right->rank == 2 &&
           right->type == MIDGE_FLOAT32 && left->rank >= 2 && left->rank <= 5;
}

midge_status mg_tf_lower_matmul(mg_tensorflow *tf, mg_tf_operation *operation)
{
    bool batch = strncmp(operation->node->op, "Batch", 5) == 0;
    bool swap_a = mg_attr_bool(operation->node, batch ? "adj_x" : "transpose_a", false);
    bool swap_b = mg_attr_bool(operation->node, batch ? "adj_y" : "transpose_b", false);
    int32_t a, b, output;
    TRY(mg_tf_input(tf, operation, 0, &a));
    TRY(mg_tf_input(tf, operation, 1, &b));
    if (!swap_a && is_weights(tf, a, b))
        TRY(mg_tf_product(tf, a, b, swap_b, &output));
    else
        TRY(mg_tf_matmul(tf, a, b, swap_a, swap_b, &output));
    return mg_tf_give_one(tf, operation, output);
}
