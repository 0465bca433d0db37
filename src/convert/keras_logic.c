/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of keras.ops that compare and choose. */
#include "convert/keras_layer.h"

midge_status mg_keras_lower_comparison(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    static const struct {
        const char *name;
        int32_t op;
    } rows[] = {{"Equal", MG_BUILTIN_EQUAL},     {"NotEqual", MG_BUILTIN_NOT_EQUAL},
                {"Greater", MG_BUILTIN_GREATER}, {"GreaterEqual", MG_BUILTIN_GREATER_EQUAL},
                {"Less", MG_BUILTIN_LESS},       {"LessEqual", MG_BUILTIN_LESS_EQUAL}};
    int32_t left, right, op = MG_BUILTIN_EQUAL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
        if (strcmp(rows[i].name, layer->class_name) == 0) op = rows[i].op;
    TRY(mg_keras_operand(keras, call, 0, "x1", &left));
    TRY(mg_keras_operand(keras, call, 1, "x2", &right));
    TRY(mg_keras_promote(keras, &left, &right));
    return mg_keras_compare(keras, op, left, right, &call->outputs[0]);
}

midge_status mg_keras_lower_logical(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    bool both = strcmp(layer->class_name, "LogicalAnd") == 0;
    bool differ = strcmp(layer->class_name, "LogicalXor") == 0;
    int32_t sides[2];
    TRY(mg_keras_operand(keras, call, 0, "x1", &sides[0]));
    TRY(mg_keras_operand(keras, call, 1, "x2", &sides[1]));
    for (int i = 0; i < 2; ++i) TRY(mg_keras_cast(keras, sides[i], MIDGE_BOOL, &sides[i]));
    if (differ)
        return mg_keras_compare(keras, MG_BUILTIN_NOT_EQUAL, sides[0], sides[1], &call->outputs[0]);
    return mg_keras_binary(keras, both ? MG_BUILTIN_LOGICAL_AND : MG_BUILTIN_LOGICAL_OR, sides[0],
                           sides[1], &call->outputs[0]);
}

midge_status mg_keras_lower_logical_not(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    int32_t input;
    (void)layer;
    TRY(mg_keras_cast(keras, call->inputs[0], MIDGE_BOOL, &input));
    return mg_keras_unary(keras, MG_BUILTIN_LOGICAL_NOT, input, &call->outputs[0]);
}

/* Constants, since all shapes are known. */
midge_status mg_keras_lower_op_like(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    bool ones = strcmp(layer->class_name, "OnesLike") == 0;
    const char *type_name = mg_json_text(layer->config, "dtype", NULL);
    midge_type type =
        type_name != NULL && strcmp(type_name, "bool") == 0 ? MIDGE_BOOL : source.type;
    int32_t number, shape;
    TRY(mg_keras_number(keras, ones, type, &number));
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "shape", (size_t)source.rank,
                              source.shape, &shape));
    return mg_keras_node(keras, MG_BUILTIN_BROADCAST_TO, 2, (int32_t[]){number, shape}, type,
                         source.rank, source.shape, &call->outputs[0], NULL);
}

/* Two tensors, numbers or arrays of one type, which numbers take from the other. */
static midge_status choices(mg_keras *keras, const mg_keras_call *call, int32_t *sides)
{
    static const char *const names[] = {"x1", "x2"};
    midge_type type = MIDGE_FLOAT32;
    for (size_t i = 0; i < 2; ++i) {
        int32_t tensor = mg_keras_argument(call, 1 + i, names[i]);
        if (tensor >= 0) type = mg_keras_tensor(keras, tensor)->type;
    }
    for (size_t i = 0; i < 2; ++i) {
        const json_t *value = mg_keras_argument_json(call, 1 + i, names[i]);
        if (json_is_number(value))
            TRY(mg_keras_number(keras, json_number_value(value),
                                json_is_real(value) ? MIDGE_FLOAT32 : type, &sides[i]));
        else
            TRY(mg_keras_operand(keras, call, 1 + i, names[i], &sides[i]));
    }
    return mg_keras_promote(keras, &sides[0], &sides[1]);
}

/* The choice broadcasts as NumPy does; the sum of all three gives the shape. */
midge_status mg_keras_lower_op_where(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    int32_t condition = mg_keras_argument(call, 0, "condition"), sides[2], rank = 0;
    int32_t shape[MIDGE_MAX_RANK];
    if (condition < 0) return mg_keras_refuse(keras, layer, "a condition that is no tensor");
    TRY(choices(keras, call, sides));
    midge_type type = mg_keras_tensor(keras, sides[0])->type;
    TRY(mg_keras_cast(keras, condition, MIDGE_BOOL, &condition));
    const int32_t all[] = {condition, sides[0], sides[1]};
    for (int i = 0; i < 3; ++i)
        if (mg_keras_tensor(keras, all[i])->rank > rank)
            rank = mg_keras_tensor(keras, all[i])->rank;
    for (int32_t k = 1; k <= rank; ++k) {
        int32_t most = 1;
        for (int i = 0; i < 3; ++i) {
            const mg_network_tensor *source = mg_keras_tensor(keras, all[i]);
            int32_t size = k <= source->rank ? source->shape[source->rank - k] : 1;
            if (size != 1 && most != 1 && size != most)
                return mg_keras_refuse(keras, layer, "its inputs have shapes that do not fit");
            if (size != 1) most = size;
        }
        shape[rank - k] = most;
    }
    return mg_keras_node(keras, MG_BUILTIN_SELECT_V2, 3, all, type, rank, shape, &call->outputs[0],
                         NULL);
}
