/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of keras.ops that are put together from simpler ones: spread, norms, logarithms. */
#include "convert/keras_layer.h"

static midge_status with_number(mg_keras *keras, int32_t op, int32_t input, double number,
                                int32_t *output)
{
    int32_t constant;
    TRY(mg_keras_number(keras, number, mg_keras_tensor(keras, input)->type, &constant));
    return mg_keras_binary(keras, op, input, constant, output);
}

/* ---- Of each element ---- */

midge_status mg_keras_lower_op_reciprocal(mg_keras *keras, const mg_keras_layer *layer,
                                          mg_keras_call *call)
{
    int32_t one;
    (void)layer;
    TRY(mg_keras_scalar(keras, 1, &one));
    return mg_keras_binary(keras, MG_BUILTIN_DIV, one, call->inputs[0], &call->outputs[0]);
}

/* log(1 + x), and logarithms to another base. */
midge_status mg_keras_lower_op_logarithm(mg_keras *keras, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    const char *name = layer->class_name;
    int32_t at = call->inputs[0];
    if (strcmp(name, "Log1p") == 0) {
        TRY(with_number(keras, MG_BUILTIN_ADD, at, 1, &at));
        return mg_keras_unary(keras, MG_BUILTIN_LOG, at, &call->outputs[0]);
    }
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOG, at, &at));
    double base = strcmp(name, "Log2") == 0 ? 2 : 10;
    return with_number(keras, MG_BUILTIN_MUL, at, 1 / log(base), &call->outputs[0]);
}

midge_status mg_keras_lower_op_expm1(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    int32_t at;
    (void)layer;
    TRY(mg_keras_unary(keras, MG_BUILTIN_EXP, call->inputs[0], &at));
    return with_number(keras, MG_BUILTIN_SUB, at, 1, &call->outputs[0]);
}

midge_status mg_keras_lower_op_tan(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call)
{
    int32_t above, below;
    (void)layer;
    TRY(mg_keras_unary(keras, MG_BUILTIN_SIN, call->inputs[0], &above));
    TRY(mg_keras_unary(keras, MG_BUILTIN_COS, call->inputs[0], &below));
    return mg_keras_binary(keras, MG_BUILTIN_DIV, above, below, &call->outputs[0]);
}

midge_status mg_keras_lower_op_celu(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    double alpha = mg_json_number(layer->config, "alpha", 1);
    int32_t above, below;
    if (alpha == 1)
        return mg_keras_unary(keras, MG_BUILTIN_ELU, call->inputs[0], &call->outputs[0]);
    TRY(mg_keras_unary(keras, MG_BUILTIN_RELU, call->inputs[0], &above));
    TRY(with_number(keras, MG_BUILTIN_MINIMUM, call->inputs[0], 0, &below));
    TRY(with_number(keras, MG_BUILTIN_MUL, below, 1 / alpha, &below));
    TRY(mg_keras_unary(keras, MG_BUILTIN_ELU, below, &below));
    TRY(with_number(keras, MG_BUILTIN_MUL, below, alpha, &below));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, above, below, &call->outputs[0]);
}

/* One half of an axis, gated by the other. */
midge_status mg_keras_lower_op_glu(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t begin[MIDGE_MAX_RANK] = {0}, size[MIDGE_MAX_RANK], axis, half, gate;
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", -1), source.rank, &axis));
    memcpy(size, source.shape, sizeof size);
    if (size[axis] % 2 != 0) return mg_keras_refuse(keras, layer, "an axis of odd size");
    size[axis] /= 2;
    TRY(mg_keras_slice(keras, call->inputs[0], begin, size, &half));
    begin[axis] = size[axis];
    TRY(mg_keras_slice(keras, call->inputs[0], begin, size, &gate));
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOGISTIC, gate, &gate));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, half, gate, &call->outputs[0]);
}

/* ---- Over axes ---- */

midge_status mg_keras_lower_op_spread(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    int32_t count, axes[MIDGE_MAX_RANK], mean, spread;
    bool keep = mg_json_flag(layer->config, "keepdims", false);
    TRY(mg_keras_axes(keras, layer, mg_keras_tensor(keras, call->inputs[0])->rank, &count, axes));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_MEAN, call->inputs[0], count, axes, true, &mean));
    TRY(mg_keras_binary(keras, MG_BUILTIN_SQUARED_DIFFERENCE, call->inputs[0], mean, &spread));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_MEAN, spread, count, axes, keep, &call->outputs[0]));
    if (strcmp(layer->class_name, "Var") == 0) return MIDGE_OK;
    return mg_keras_unary(keras, MG_BUILTIN_SQRT, call->outputs[0], &call->outputs[0]);
}

/* m + log(sum(exp(x - m))), m the largest. */
midge_status mg_keras_lower_op_logsumexp(mg_keras *keras, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    int32_t count, axes[MIDGE_MAX_RANK], most, at;
    bool keep = mg_json_flag(layer->config, "keepdims", false);
    TRY(mg_keras_axes(keras, layer, mg_keras_tensor(keras, call->inputs[0])->rank, &count, axes));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_REDUCE_MAX, call->inputs[0], count, axes, true, &most));
    TRY(mg_keras_binary(keras, MG_BUILTIN_SUB, call->inputs[0], most, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_EXP, at, &at));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_SUM, at, count, axes, keep, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_LOG, at, &at));
    const mg_network_tensor made = *mg_keras_tensor(keras, at);
    TRY(mg_keras_reshape(keras, most, made.rank, made.shape, &most));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, at, most, &call->outputs[0]);
}

static midge_status length(mg_keras *keras, int32_t input, int32_t count, const int32_t *axes,
                           bool keep, double least, int32_t *output)
{
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, input, input, output));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_SUM, *output, count, axes, keep, output));
    if (least > 0) TRY(with_number(keras, MG_BUILTIN_MAXIMUM, *output, least, output));
    return mg_keras_unary(keras, MG_BUILTIN_SQRT, *output, output);
}

/* Order 2: vectors along one axis, or all elements. */
midge_status mg_keras_lower_op_norm(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t count, axes[MIDGE_MAX_RANK], lengths;
    bool divides = strcmp(layer->class_name, "Normalize") == 0;
    const char *key = divides ? "order" : "ord";
    TRY(mg_keras_axes(keras, layer, mg_keras_tensor(keras, call->inputs[0])->rank, &count, axes));
    if (!mg_json_absent(layer->config, key) && mg_json_number(layer->config, key, 0) != 2)
        return mg_keras_refuse(keras, layer, "an order other than 2");
    if (!divides)
        return length(keras, call->inputs[0], count, axes,
                      mg_json_flag(layer->config, "keepdims", false), 0, &call->outputs[0]);
    double least = mg_json_number(layer->config, "epsilon", 1e-7);
    TRY(length(keras, call->inputs[0], count, axes, true, least * least, &lengths));
    return mg_keras_binary(keras, MG_BUILTIN_DIV, call->inputs[0], lengths, &call->outputs[0]);
}

midge_status mg_keras_lower_op_cumsum(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t axis, place;
    if (mg_json_absent(layer->config, "axis")) return mg_keras_refuse(keras, layer, "no axis");
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", 0), source.rank, &axis));
    TRY(mg_keras_number(keras, axis, MIDGE_INT32, &place));
    return mg_keras_node(keras, MG_BUILTIN_CUMSUM, 2, (int32_t[]){call->inputs[0], place},
                         source.type, source.rank, source.shape, &call->outputs[0], NULL);
}
