/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of keras.ops that stand in a graph, arithmetic and reductions. Their arguments may be
 * tensors or numbers. */
#include "convert/keras_layer.h"

typedef struct operation {
    const char *name; /* of the class */
    int32_t op;
    const char *activation; /* instead of op */
} operation;

static const operation unaries[] = {
    {"Absolute", MG_BUILTIN_ABS, NULL},
    {"Abs", MG_BUILTIN_ABS, NULL},
    {"Fabs", MG_BUILTIN_ABS, NULL},
    {"Ceil", MG_BUILTIN_CEIL, NULL},
    {"Cos", MG_BUILTIN_COS, NULL},
    {"Elu", 0, "elu"},
    {"Exp", MG_BUILTIN_EXP, NULL},
    {"Floor", MG_BUILTIN_FLOOR, NULL},
    {"HardSigmoid", 0, "hard_sigmoid"},
    {"HardSilu", 0, "hard_silu"},
    {"HardTanh", 0, "hard_tanh"},
    {"Log", MG_BUILTIN_LOG, NULL},
    {"LogSigmoid", 0, "log_sigmoid"},
    {"Mish", 0, "mish"},
    {"Negative", MG_BUILTIN_NEG, NULL},
    {"Relu", 0, "relu"},
    {"Relu6", 0, "relu6"},
    {"Round", MG_BUILTIN_ROUND, NULL},
    {"Rsqrt", MG_BUILTIN_RSQRT, NULL},
    {"Selu", 0, "selu"},
    {"Sigmoid", 0, "sigmoid"},
    {"Sign", MG_BUILTIN_SIGN, NULL},
    {"Silu", 0, "silu"},
    {"Sin", MG_BUILTIN_SIN, NULL},
    {"SoftShrink", 0, "soft_shrink"},
    {"Softplus", 0, "softplus"},
    {"Softsign", 0, "softsign"},
    {"Sqrt", MG_BUILTIN_SQRT, NULL},
    {"Square", MG_BUILTIN_SQUARE, NULL},
    {"Squareplus", 0, "squareplus"},
    {"Tanh", 0, "tanh"},
    {"TanhShrink", 0, "tanh_shrink"},
};

static const operation binaries[] = {
    {"Add", MG_BUILTIN_ADD, NULL},
    {"Subtract", MG_BUILTIN_SUB, NULL},
    {"Multiply", MG_BUILTIN_MUL, NULL},
    {"TrueDivide", MG_BUILTIN_DIV, NULL},
    {"Divide", MG_BUILTIN_DIV, NULL},
    {"Maximum", MG_BUILTIN_MAXIMUM, NULL},
    {"Minimum", MG_BUILTIN_MINIMUM, NULL},
    {"Power", MG_BUILTIN_POW, NULL},
    {"FloorDivide", MG_BUILTIN_FLOOR_DIV, NULL},
    {"Mod", MG_BUILTIN_FLOOR_MOD, NULL},
    {"Arctan2", MG_BUILTIN_ATAN2, NULL},
    {"Fmax", MG_BUILTIN_MAXIMUM, NULL},
    {"Fmin", MG_BUILTIN_MINIMUM, NULL},
};

static const operation reductions[] = {
    {"Mean", MG_BUILTIN_MEAN, NULL},        {"Sum", MG_BUILTIN_SUM, NULL},
    {"Max", MG_BUILTIN_REDUCE_MAX, NULL},   {"Min", MG_BUILTIN_REDUCE_MIN, NULL},
    {"Prod", MG_BUILTIN_REDUCE_PROD, NULL}, {"Any", MG_BUILTIN_REDUCE_ANY, NULL},
    {"All", MG_BUILTIN_REDUCE_ALL, NULL},   {"Amax", MG_BUILTIN_REDUCE_MAX, NULL},
    {"Amin", MG_BUILTIN_REDUCE_MIN, NULL},
};

#define FIND(table, name) find(table, sizeof table / sizeof table[0], name)

static const operation *find(const operation *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; ++i)
        if (strcmp(table[i].name, name) == 0) return &table[i];
    return &table[0];
}

midge_status mg_keras_lower_function(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    const operation *row = FIND(unaries, layer->class_name);
    if (row->activation == NULL)
        return mg_keras_unary(keras, row->op, call->inputs[0], &call->outputs[0]);
    return mg_keras_activate_named(keras, layer, row->activation, call->inputs[0],
                                   &call->outputs[0]);
}

midge_status mg_keras_lower_arithmetic(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    int32_t left, right;
    TRY(mg_keras_operand(keras, call, 0, "x1", &left));
    TRY(mg_keras_operand(keras, call, 1, "x2", &right));
    TRY(mg_keras_promote(keras, &left, &right));
    int32_t op = FIND(binaries, layer->class_name)->op;
    if (op == MG_BUILTIN_DIV) {
        TRY(mg_keras_as_float(keras, left, &left));
        TRY(mg_keras_as_float(keras, right, &right));
    }
    return mg_keras_binary(keras, op, left, right, &call->outputs[0]);
}

/* "axis": an integer, a list, or nothing, which means all. */
midge_status mg_keras_axes(mg_keras *keras, const mg_keras_layer *layer, int32_t rank,
                           int32_t *count, int32_t *axes)
{
    const json_t *value = json_object_get(layer->config, "axis");
    *count = json_is_array(value) ? (int32_t)json_array_size(value) : 1;
    if (value == NULL || json_is_null(value)) *count = rank;
    if (*count > rank) return mg_keras_refuse(keras, layer, "more axes than dimensions");
    for (int32_t i = 0; i < *count; ++i) {
        int32_t axis = i;
        const json_t *item = json_is_array(value) ? json_array_get(value, (size_t)i) : value;
        if (item != NULL && !json_is_null(item) && !mg_json_to_int32(item, &axis))
            return mg_keras_refuse(keras, layer, "an axis that is no number");
        TRY(mg_keras_axis(keras, layer, axis, rank, &axes[i]));
    }
    return MIDGE_OK;
}

midge_status mg_keras_lower_reduction(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    int32_t count, axes[MIDGE_MAX_RANK];
    TRY(mg_keras_axes(keras, layer, mg_keras_tensor(keras, call->inputs[0])->rank, &count, axes));
    return mg_keras_reduce(keras, FIND(reductions, layer->class_name)->op, call->inputs[0], count,
                           axes, mg_json_flag(layer->config, "keepdims", false), &call->outputs[0]);
}

midge_status mg_keras_lower_arg_extreme(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t axis, list, shape[MIDGE_MAX_RANK], rank = 0;
    bool most = strcmp(layer->class_name, "Argmax") == 0;
    mg_network_node *node;
    if (mg_json_absent(layer->config, "axis"))
        return mg_keras_refuse(keras, layer, "no axis; reshape to one dimension first");
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", 0), source.rank, &axis));
    if (mg_json_flag(layer->config, "keepdims", false))
        return mg_keras_refuse(keras, layer, "keepdims; use expand_dims behind it");
    for (int32_t i = 0; i < source.rank; ++i)
        if (i != axis) shape[rank++] = source.shape[i];
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "axis", 1, &axis, &list));
    mg_keras_graph(keras)->tensors[list].rank = 0;
    TRY(mg_keras_node(keras, most ? MG_BUILTIN_ARG_MAX : MG_BUILTIN_ARG_MIN, 2,
                      (int32_t[]){call->inputs[0], list}, MIDGE_INT32, rank, shape,
                      &call->outputs[0], &node));
    if (most)
        ((mg_ArgMaxOptions *)node->options)->output_type = MIDGE_INT32;
    else
        ((mg_ArgMinOptions *)node->options)->output_type = MIDGE_INT32;
    return MIDGE_OK;
}

midge_status mg_keras_lower_clip(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    midge_type type = mg_keras_tensor(keras, call->inputs[0])->type;
    int32_t bound;
    TRY(mg_keras_number(keras, mg_json_number(layer->config, "x_min", 0), type, &bound));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MAXIMUM, call->inputs[0], bound, &call->outputs[0]));
    TRY(mg_keras_number(keras, mg_json_number(layer->config, "x_max", 1), type, &bound));
    return mg_keras_binary(keras, MG_BUILTIN_MINIMUM, call->outputs[0], bound, &call->outputs[0]);
}

midge_status mg_keras_lower_matmul(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call)
{
    if (call->input_count != 2) return mg_keras_refuse(keras, layer, "needs two tensors");
    if (mg_json_flag(layer->config, "transpose_a", false))
        return mg_keras_refuse(keras, layer, "transpose_a; transpose the first matrix before");
    return mg_keras_matmul(keras, call->inputs[0], call->inputs[1],
                           mg_json_flag(layer->config, "transpose_b", false), &call->outputs[0]);
}

midge_status mg_keras_lower_gelu(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    TRY(mg_keras_unary(keras, MG_BUILTIN_GELU, call->inputs[0], &call->outputs[0]));
    mg_network_graph *graph = mg_keras_graph(keras);
    ((mg_GeluOptions *)graph->nodes[graph->node_count - 1].options)->approximate =
        mg_json_flag(layer->config, "approximate", true);
    return MIDGE_OK;
}
