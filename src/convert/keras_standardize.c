/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisations by statistics of the input at hand. The order of operators is the one that
 * runtimes recognise: mean, squared difference, mean, add, rsqrt. */
#include "convert/keras_layer.h"

/* (x - mean) / sqrt(variance + epsilon) over axes. */
static midge_status standardize(mg_keras *keras, int32_t input, int32_t count, const int32_t *axes,
                                double epsilon, int32_t *output)
{
    int32_t mean, spread, least, factor, centred;
    TRY(mg_keras_reduce(keras, MG_BUILTIN_MEAN, input, count, axes, true, &mean));
    TRY(mg_keras_binary(keras, MG_BUILTIN_SQUARED_DIFFERENCE, input, mean, &spread));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_MEAN, spread, count, axes, true, &spread));
    TRY(mg_keras_scalar(keras, (float)epsilon, &least));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, spread, least, &factor));
    TRY(mg_keras_unary(keras, MG_BUILTIN_RSQRT, factor, &factor));
    TRY(mg_keras_binary(keras, MG_BUILTIN_SUB, input, mean, &centred));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, centred, factor, output);
}

/* *tensor joined with a weight, seen in the given shape, if the layer has it. */
static midge_status join_weight(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                                int32_t op, int32_t rank, const int32_t *shape, int32_t *tensor)
{
    mg_keras_weight weight;
    int32_t constant;
    size_t count;
    if (!mg_keras_has_weight(layer, name)) return MIDGE_OK;
    TRY(mg_keras_weights(keras, layer, name, -1, NULL, &weight));
    if (!mg_shape_elements(rank, shape, &count) || count != weight.count)
        return mg_keras_refuse(keras, layer, "its weight '%s' does not fit its input", name);
    TRY(mg_keras_constant(keras, name, rank, shape, weight.values, &constant));
    return mg_keras_binary(keras, op, *tensor, constant, tensor);
}

/* The last dimensions, which the axes of the layer must be; returns how many through *count. */
static midge_status last_axes(mg_keras *keras, const mg_keras_layer *layer, int32_t rank,
                              int32_t *count, int32_t *axes)
{
    const json_t *value = json_object_get(layer->config, "axis");
    *count = json_is_array(value) ? (int32_t)json_array_size(value) : 1;
    if (*count < 1 || *count >= rank)
        return mg_keras_refuse(keras, layer, "axis names no dimensions");
    for (int32_t i = 0; i < *count; ++i) {
        int32_t axis = -1;
        const json_t *item = json_is_array(value) ? json_array_get(value, (size_t)i) : value;
        if (item != NULL && !mg_json_to_int32(item, &axis))
            return mg_keras_refuse(keras, layer, "axis names no dimensions");
        TRY(mg_keras_axis(keras, layer, axis, rank, &axes[i]));
        if (axes[i] != rank - *count + i)
            return mg_keras_refuse(keras, layer, "axes other than the last ones");
    }
    return MIDGE_OK;
}

midge_status mg_keras_lower_layer_normalization(mg_keras *keras, const mg_keras_layer *layer,
                                                mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t count, axes[MIDGE_MAX_RANK], *output = &call->outputs[0];
    TRY(last_axes(keras, layer, source.rank, &count, axes));
    TRY(standardize(keras, call->inputs[0], count, axes,
                    mg_json_number(layer->config, "epsilon", 1e-3), output));
    const int32_t *shape = source.shape + source.rank - count;
    TRY(join_weight(keras, layer, "gamma", MG_BUILTIN_MUL, count, shape, output));
    return join_weight(keras, layer, "beta", MG_BUILTIN_ADD, count, shape, output);
}

/* *tensor joined with an argument of the call, if it has it. */
static midge_status join_argument(mg_keras *keras, const mg_keras_call *call, size_t place,
                                  const char *name, int32_t op, int32_t *tensor)
{
    const json_t *value = mg_keras_argument_json(call, place, name);
    int32_t other;
    if (value == NULL || json_is_null(value)) return MIDGE_OK;
    TRY(mg_keras_operand(keras, call, place, name, &other));
    return mg_keras_binary(keras, op, *tensor, other, tensor);
}

/* Functions of keras.ops whose factors are arguments. */
midge_status mg_keras_lower_op_layer_norm(mg_keras *keras, const mg_keras_layer *layer,
                                          mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, *output = &call->outputs[0];
    int32_t count, axes[MIDGE_MAX_RANK];
    if (mg_json_flag(layer->config, "rms_scaling", false))
        return mg_keras_refuse(keras, layer, "rms_scaling");
    TRY(last_axes(keras, layer, rank, &count, axes));
    TRY(standardize(keras, call->inputs[0], count, axes,
                    mg_json_number(layer->config, "epsilon", 1e-7), output));
    TRY(join_argument(keras, call, 1, "gamma", MG_BUILTIN_MUL, output));
    return join_argument(keras, call, 2, "beta", MG_BUILTIN_ADD, output);
}

/* [batch, …, channels] as [batch, places, groups, channels / groups]. */
midge_status mg_keras_lower_group_normalization(mg_keras *keras, const mg_keras_layer *layer,
                                                mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t groups = mg_json_int(layer->config, "groups", 32), axis, at;
    int32_t *output = &call->outputs[0];
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", -1), source.rank, &axis));
    if (axis != source.rank - 1 || source.rank < 2)
        return mg_keras_refuse(keras, layer, "an axis other than the last");
    int32_t channels = source.shape[axis];
    if (groups == -1) groups = channels;
    if (groups < 1 || channels % groups != 0)
        return mg_keras_refuse(keras, layer, "its groups do not divide %d channels", (int)channels);
    size_t elements = 0;
    (void)mg_shape_elements(source.rank, source.shape, &elements);
    int32_t places = (int32_t)(elements / (size_t)source.shape[0] / (size_t)channels);
    TRY(mg_keras_reshape(keras, call->inputs[0], 4,
                         (int32_t[]){source.shape[0], places, groups, channels / groups}, &at));
    TRY(standardize(keras, at, 2, (int32_t[]){1, 3}, mg_json_number(layer->config, "epsilon", 1e-3),
                    &at));
    TRY(mg_keras_reshape(keras, at, source.rank, source.shape, output));
    TRY(join_weight(keras, layer, "gamma", MG_BUILTIN_MUL, 1, &channels, output));
    return join_weight(keras, layer, "beta", MG_BUILTIN_ADD, 1, &channels, output);
}

/* x / sqrt(mean of squares + epsilon) over the last dimensions; *count of them. */
static midge_status divide_by_rms(mg_keras *keras, const mg_keras_layer *layer, int32_t input,
                                  double epsilon, int32_t *count, int32_t *output)
{
    int32_t axes[MIDGE_MAX_RANK], factor, least;
    TRY(last_axes(keras, layer, mg_keras_tensor(keras, input)->rank, count, axes));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, input, input, &factor));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_MEAN, factor, *count, axes, true, &factor));
    TRY(mg_keras_scalar(keras, (float)epsilon, &least));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, factor, least, &factor));
    TRY(mg_keras_unary(keras, MG_BUILTIN_RSQRT, factor, &factor));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, input, factor, output);
}

midge_status mg_keras_lower_rms_normalization(mg_keras *keras, const mg_keras_layer *layer,
                                              mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t count = 1;
    TRY(divide_by_rms(keras, layer, call->inputs[0], mg_json_number(layer->config, "epsilon", 1e-6),
                      &count, &call->outputs[0]));
    return join_weight(keras, layer, "scale", MG_BUILTIN_MUL, count,
                       source.shape + source.rank - count, &call->outputs[0]);
}

midge_status mg_keras_lower_op_rms_norm(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    int32_t count = 1;
    TRY(divide_by_rms(keras, layer, call->inputs[0], mg_json_number(layer->config, "epsilon", 1e-7),
                      &count, &call->outputs[0]));
    return join_argument(keras, call, 1, "scale", MG_BUILTIN_MUL, &call->outputs[0]);
}

/* L2_NORMALIZATION goes over the last dimension. */
midge_status mg_keras_lower_unit_normalization(mg_keras *keras, const mg_keras_layer *layer,
                                               mg_keras_call *call)
{
    int32_t count, axes[MIDGE_MAX_RANK];
    TRY(last_axes(keras, layer, mg_keras_tensor(keras, call->inputs[0])->rank, &count, axes));
    if (count != 1) return mg_keras_refuse(keras, layer, "several axes at once");
    return mg_keras_unary(keras, MG_BUILTIN_L2_NORMALIZATION, call->inputs[0], &call->outputs[0]);
}
