/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that join several inputs of equal meaning. */
#include "convert/keras_layer.h"

/* Keras adds dimensions behind the batch where inputs differ in rank. */
static midge_status raise_rank(mg_keras *keras, int32_t input, int32_t rank, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[MIDGE_MAX_RANK] = {0};
    *output = input;
    if (source.rank >= rank || source.rank < 1) return MIDGE_OK;
    int32_t added = rank - source.rank;
    shape[0] = source.shape[0];
    for (int32_t i = 1; i < rank; ++i) shape[i] = i <= added ? 1 : source.shape[i - added];
    return mg_keras_reshape(keras, input, rank, shape, output);
}

static midge_status chain(mg_keras *keras, const mg_keras_layer *layer, int32_t op,
                          mg_keras_call *call)
{
    int32_t rank = 0, next;
    if (call->input_count < 2) return mg_keras_refuse(keras, layer, "needs two inputs");
    for (size_t i = 0; i < call->input_count; ++i)
        if (mg_keras_tensor(keras, call->inputs[i])->rank > rank)
            rank = mg_keras_tensor(keras, call->inputs[i])->rank;
    TRY(raise_rank(keras, call->inputs[0], rank, &call->outputs[0]));
    for (size_t i = 1; i < call->input_count; ++i) {
        TRY(raise_rank(keras, call->inputs[i], rank, &next));
        TRY(mg_keras_binary(keras, op, call->outputs[0], next, &call->outputs[0]));
    }
    return MIDGE_OK;
}

midge_status mg_keras_lower_add(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    return chain(keras, layer, MG_BUILTIN_ADD, call);
}

midge_status mg_keras_lower_subtract(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    return chain(keras, layer, MG_BUILTIN_SUB, call);
}

midge_status mg_keras_lower_multiply(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    return chain(keras, layer, MG_BUILTIN_MUL, call);
}

midge_status mg_keras_lower_maximum(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    return chain(keras, layer, MG_BUILTIN_MAXIMUM, call);
}

midge_status mg_keras_lower_minimum(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    return chain(keras, layer, MG_BUILTIN_MINIMUM, call);
}

midge_status mg_keras_lower_average(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t share;
    TRY(chain(keras, layer, MG_BUILTIN_ADD, call));
    TRY(mg_keras_scalar(keras, 1.0f / (float)call->input_count, &share));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, call->outputs[0], share, &call->outputs[0]);
}

midge_status mg_keras_lower_concatenate(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    int32_t axis;
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", -1),
                      mg_keras_tensor(keras, call->inputs[0])->rank, &axis));
    return mg_keras_concatenate(keras, call->input_count, call->inputs, axis, &call->outputs[0]);
}

/* Moves the axis to the end: [batch, axis] becomes [batch, 1, axis]. */
static midge_status as_rows(mg_keras *keras, int32_t input, int32_t axis, bool normalize,
                            int32_t *output)
{
    *output = input;
    if (axis == 1 && mg_keras_tensor(keras, input)->rank == 3)
        TRY(mg_keras_transpose(keras, input, (int32_t[]){0, 2, 1}, output));
    const mg_network_tensor source = *mg_keras_tensor(keras, *output);
    if (source.rank == 2)
        TRY(mg_keras_reshape(keras, *output, 3, (int32_t[]){source.shape[0], 1, source.shape[1]},
                             output));
    if (!normalize) return MIDGE_OK;
    return mg_keras_unary(keras, MG_BUILTIN_L2_NORMALIZATION, *output, output);
}

midge_status mg_keras_lower_dot(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    int32_t axes[2], rows[2], rank = 1, shape[3];
    bool normalize = mg_json_flag(layer->config, "normalize", false);
    if (call->input_count != 2 || !mg_json_ints(layer->config, "axes", 2, axes))
        return mg_keras_refuse(keras, layer, "needs two inputs and axes");
    for (int i = 0; i < 2; ++i) {
        const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[i]);
        TRY(mg_keras_axis(keras, layer, axes[i], source.rank, &axes[i]));
        if (axes[i] < 1 || source.rank > 3)
            return mg_keras_refuse(keras, layer, "inputs of more than 3 dimensions");
        TRY(as_rows(keras, call->inputs[i], axes[i], normalize, &rows[i]));
        if (source.rank == 3) shape[rank++] = mg_keras_tensor(keras, rows[i])->shape[1];
    }
    TRY(mg_keras_matmul(keras, rows[0], rows[1], true, &call->outputs[0]));
    shape[0] = mg_keras_tensor(keras, call->outputs[0])->shape[0];
    if (rank == 1) shape[rank++] = 1;
    return mg_keras_reshape(keras, call->outputs[0], rank, shape, &call->outputs[0]);
}
