/* SPDX-License-Identifier: Apache-2.0 */
/* Counting of integers, and the least and greatest that say how many kinds there are. */
#include "base/size.h"
#include "convert/tensorflow_operation.h"

/* The value of a constant scalar; false for others and for values that may have been cut. */
static bool known_int(const mg_tensorflow *tf, int32_t tensor, int32_t *value)
{
    size_t count = 0;
    return mg_tf_constant_ints(tf, tensor, 1, value, &count) && count == 1 &&
           *value<INT32_MAX && * value> INT32_MIN && mg_tf_tensor(tf, tensor)->rank == 0;
}

/* The constant of max(constant, x), or min for the opposite; -1 for other tensors. */
static int32_t bound_of(const mg_tensorflow *tf, int32_t tensor, int32_t opposite, int32_t *value)
{
    const mg_network_graph *graph = mg_tf_graph(tf);
    int32_t number = mg_network_producer(graph, tensor);
    if (number < 0 || graph->nodes[number].op != opposite) return -1;
    for (size_t i = 0; i < 2; ++i)
        if (known_int(tf, graph->nodes[number].inputs[i], value))
            return graph->nodes[number].inputs[i];
    return -1;
}

/*
 * min(5, max(5, x)) is 5 whatever x is. Keras says by it how many kinds there are to count, and
 * the shape of the result would depend on data otherwise.
 */
midge_status mg_tf_lower_extreme(mg_tensorflow *tf, mg_tf_operation *operation)
{
    bool least = operation->row->code == MG_BUILTIN_MINIMUM;
    int32_t inputs[2], outer, inner, output;
    for (size_t i = 0; i < 2; ++i) TRY(mg_tf_input(tf, operation, i, &inputs[i]));
    for (int i = 0; i < 2; ++i) {
        if (mg_tf_tensor(tf, inputs[1 - i])->rank != 0 || !known_int(tf, inputs[i], &outer))
            continue;
        int32_t bound =
            bound_of(tf, inputs[1 - i], least ? MG_BUILTIN_MAXIMUM : MG_BUILTIN_MINIMUM, &inner);
        if (bound >= 0 && (least ? outer <= inner : outer >= inner))
            return mg_tf_give_one(tf, operation, inputs[i]);
    }
    TRY(mg_tf_binary(tf, operation->row->code, inputs[0], inputs[1], &output));
    return mg_tf_give_one(tf, operation, output);
}

/* 1 at the place of each number, in one dimension more. */
static midge_status mark_kinds(mg_tensorflow *tf, int32_t input, int32_t kinds, int32_t weights,
                               int32_t *output)
{
    int32_t inputs[4] = {input};
    mg_network_node *node;
    midge_type type = mg_tf_tensor(tf, weights)->type;
    TRY(mg_tf_int32_scalar(tf, kinds, &inputs[1]));
    TRY(mg_tf_scalar_like(tf, weights, 1, &inputs[2]));
    TRY(mg_tf_scalar_like(tf, weights, 0, &inputs[3]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_ONE_HOT, 4, inputs, 1, (int)type, &node));
    ((mg_OneHotOptions *)node->options)->axis = -1;
    return mg_tf_finish(tf, output);
}

static midge_status weigh(mg_tensorflow *tf, int32_t marks, int32_t weights, int32_t *output)
{
    int32_t shape[MIDGE_MAX_RANK], rank = mg_tf_tensor(tf, marks)->rank;
    memcpy(shape, mg_tf_tensor(tf, marks)->shape, sizeof shape);
    shape[rank - 1] = 1;
    TRY(mg_tf_reshape(tf, weights, rank, shape, &weights));
    return mg_tf_binary(tf, MG_BUILTIN_MUL, marks, weights, output);
}

/* Numbers beyond the count of kinds are not counted, as in TensorFlow. */
midge_status mg_tf_lower_bincount(mg_tensorflow *tf, mg_tf_operation *operation)
{
    bool binary = mg_attr_bool(operation->node, "binary_output", false);
    int32_t input, kinds, weights, marks, axes, output;
    size_t elements = 0, weight_count = 0;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input_int(tf, operation, 1, &kinds));
    TRY(mg_tf_input(tf, operation, 2, &weights));
    const mg_network_tensor source = *mg_tf_tensor(tf, input), *weight = mg_tf_tensor(tf, weights);
    if (!mg_shape_elements(source.rank, source.shape, &elements) ||
        !mg_shape_elements(weight->rank, weight->shape, &weight_count) || elements > INT32_MAX)
        return mg_tf_refuse(tf, "counts too many numbers");
    if (strcmp(operation->node->op, "Bincount") == 0)
        TRY(mg_tf_reshape(tf, input, 1, (int32_t[]){(int32_t)elements}, &input));
    else if (source.rank != 1 && source.rank != 2)
        return mg_tf_refuse(tf, "its input has %d dimensions, not 1 or 2", (int)source.rank);
    TRY(mark_kinds(tf, input, kinds, weights, &marks));
    if (weight_count > 0 && !binary) TRY(weigh(tf, marks, weights, &marks));
    TRY(mg_tf_int32s(tf, 1, (int32_t[]){mg_tf_tensor(tf, input)->rank - 1}, &axes));
    TRY(mg_tf_binary(tf, binary ? MG_BUILTIN_REDUCE_MAX : MG_BUILTIN_SUM, marks, axes, &output));
    return mg_tf_give_one(tf, operation, output);
}
