/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that move, cut, repeat or leave alone. */
#include "base/size.h"
#include "convert/keras_layer.h"

midge_status mg_keras_lower_nothing(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    (void)keras;
    (void)layer;
    call->outputs[0] = call->inputs[0];
    return MIDGE_OK;
}

static midge_status reshape_to(mg_keras *keras, const mg_keras_layer *layer, int32_t input,
                               int32_t rank, int32_t *shape, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    size_t count, known = 1;
    int32_t open = -1;
    (void)mg_shape_elements(source.rank, source.shape, &count);
    for (int32_t i = 0; i < rank; ++i) {
        if (shape[i] == -1 && open < 0)
            open = i;
        else if (shape[i] < 1 || !mg_size_multiply(known, (size_t)shape[i], &known))
            return mg_keras_refuse(keras, layer, "its target shape is impossible");
    }
    if (open >= 0 && (known == 0 || count % known != 0 || count / known > INT32_MAX))
        return mg_keras_refuse(keras, layer, "its target shape does not divide its input");
    if (open >= 0) shape[open] = (int32_t)(count / known);
    return mg_keras_reshape(keras, input, rank, shape, output);
}

midge_status mg_keras_lower_flatten(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    return reshape_to(keras, layer, call->inputs[0], 2,
                      (int32_t[]){source.rank > 0 ? source.shape[0] : 1, -1}, &call->outputs[0]);
}

midge_status mg_keras_lower_reshape(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    const json_t *target = json_object_get(layer->config, "target_shape");
    if (json_is_object(target)) target = json_object_get(target, "items");
    size_t count = json_array_size(target);
    int32_t shape[MIDGE_MAX_RANK] = {mg_keras_tensor(keras, call->inputs[0])->shape[0]};
    if (!json_is_array(target) || count >= MIDGE_MAX_RANK)
        return mg_keras_refuse(keras, layer, "its target shape is no list of sizes");
    for (size_t i = 0; i < count; ++i)
        if (!mg_json_to_int32(json_array_get(target, i), &shape[i + 1])) shape[i + 1] = -1;
    return reshape_to(keras, layer, call->inputs[0], (int32_t)count + 1, shape, &call->outputs[0]);
}

midge_status mg_keras_lower_permute(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, order[MIDGE_MAX_RANK] = {0};
    unsigned seen = 0;
    if (rank < 2 || !mg_json_ints(layer->config, "dims", rank - 1, order + 1))
        return mg_keras_refuse(keras, layer, "dims is no order of the dimensions");
    for (int32_t i = 1; i < rank; ++i)
        if (order[i] >= 1 && order[i] < rank) seen |= 1u << order[i];
    if (seen != (1u << rank) - 2)
        return mg_keras_refuse(keras, layer, "dims is no order of the dimensions");
    return mg_keras_transpose(keras, call->inputs[0], order, &call->outputs[0]);
}

midge_status mg_keras_lower_repeat(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call)
{
    int32_t count = mg_json_int(layer->config, "n", 0), row, counts;
    TRY(mg_keras_rank(keras, layer, call, 2));
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t shape[] = {source.shape[0], count, source.shape[1]};
    if (count < 1) return mg_keras_refuse(keras, layer, "n is no count");
    TRY(mg_keras_reshape(keras, call->inputs[0], 3,
                         (int32_t[]){source.shape[0], 1, source.shape[1]}, &row));
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "multiples", 3,
                              (int32_t[]){1, count, 1}, &counts));
    return mg_keras_node(keras, MG_BUILTIN_TILE, 2, (int32_t[]){row, counts}, source.type, 3, shape,
                         &call->outputs[0], NULL);
}

/* "padding" or "cropping": one number, one for each dimension, or two for each. */
static midge_status read_amounts(mg_keras *keras, const mg_keras_layer *layer, const char *key,
                                 int32_t rank, int32_t *amounts)
{
    const json_t *value = json_object_get(layer->config, key);
    int32_t dimensions = rank - 2;
    bool good = dimensions >= 1;
    memset(amounts, 0, 2 * (size_t)rank * sizeof *amounts);
    for (int32_t i = 0; good && i < dimensions; ++i) {
        const json_t *item = json_is_array(value) ? json_array_get(value, (size_t)i) : value;
        int32_t *pair = amounts + 2 * (i + 1);
        /* For one dimension the pair is the list itself. */
        if (dimensions == 1 && json_array_size(value) == 2) item = value;
        if (json_is_array(item)) {
            good = json_array_size(item) == 2 && mg_json_to_int32(json_array_get(item, 0), pair) &&
                   mg_json_to_int32(json_array_get(item, 1), pair + 1);
        } else {
            good = mg_json_to_int32(item, pair);
            pair[1] = pair[0];
        }
        good = good && pair[0] >= 0 && pair[1] >= 0;
    }
    return good ? MIDGE_OK : mg_keras_refuse(keras, layer, "%s is no list of amounts", key);
}

midge_status mg_keras_lower_zero_padding(mg_keras *keras, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    int32_t amounts[2 * MIDGE_MAX_RANK];
    TRY(read_amounts(keras, layer, "padding", mg_keras_tensor(keras, call->inputs[0])->rank,
                     amounts));
    return mg_keras_pad(keras, call->inputs[0], amounts, &call->outputs[0]);
}

midge_status mg_keras_lower_cropping(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t amounts[2 * MIDGE_MAX_RANK], begin[MIDGE_MAX_RANK], size[MIDGE_MAX_RANK];
    TRY(read_amounts(keras, layer, "cropping", source.rank, amounts));
    for (int32_t i = 0; i < source.rank; ++i) {
        int64_t left = (int64_t)source.shape[i] - amounts[2 * i] - amounts[2 * i + 1];
        begin[i] = amounts[2 * i];
        size[i] = left < 0 ? 0 : (int32_t)left;
    }
    return mg_keras_slice(keras, call->inputs[0], begin, size, &call->outputs[0]);
}

/* Depth after height and width: [batch, depth, height * width, channel]. */
static midge_status scale_volume(mg_keras *keras, const int32_t *factor, int32_t input,
                                 int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t batch = source.shape[0], depth = source.shape[1], channels = source.shape[4], made;
    int32_t height = source.shape[2] * factor[1], width = source.shape[3] * factor[2];
    TRY(mg_keras_reshape(keras, input, 4,
                         (int32_t[]){batch * depth, source.shape[2], source.shape[3], channels},
                         &made));
    TRY(mg_keras_resize(keras, made, height, width, false, &made));
    TRY(mg_keras_reshape(keras, made, 4, (int32_t[]){batch, depth, height * width, channels},
                         &made));
    TRY(mg_keras_resize(keras, made, depth * factor[0], height * width, false, &made));
    return mg_keras_reshape(keras, made, 5,
                            (int32_t[]){batch, depth * factor[0], height, width, channels}, output);
}

midge_status mg_keras_lower_up_sampling(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    const char *kind = mg_json_text(layer->config, "interpolation", "nearest");
    bool linear = strcmp(kind, "bilinear") == 0;
    int32_t dimensions = mg_keras_dimensions(layer), factor[3] = {1, 1, 1};
    int32_t input = call->inputs[0];
    TRY(mg_keras_rank(keras, layer, call, dimensions + 2));
    if (!linear && strcmp(kind, "nearest") != 0)
        return mg_keras_refuse(keras, layer, "interpolation other than nearest and bilinear");
    if (!mg_json_ints(layer->config, "size", dimensions, factor + 3 - dimensions) ||
        factor[0] < 1 || factor[1] < 1 || factor[2] < 1)
        return mg_keras_refuse(keras, layer, "size is no factor");
    mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t elements = 1;
    for (int32_t i = 0; i < source.rank; ++i)
        if (!mg_int32_multiply(elements, source.shape[i], &elements)) elements = INT32_MAX;
    for (int i = 0; i < 3; ++i)
        if (!mg_int32_multiply(elements, factor[i], &elements))
            return mg_keras_refuse(keras, layer, "its result is too large");
    if (dimensions == 3) return scale_volume(keras, factor, input, &call->outputs[0]);
    if (dimensions == 1)
        TRY(mg_keras_reshape(keras, input, 4,
                             (int32_t[]){source.shape[0], 1, source.shape[1], source.shape[2]},
                             &input));
    source = *mg_keras_tensor(keras, input);
    TRY(mg_keras_resize(keras, input, source.shape[1] * factor[1], source.shape[2] * factor[2],
                        linear, &call->outputs[0]));
    if (dimensions == 2) return MIDGE_OK;
    source = *mg_keras_tensor(keras, call->outputs[0]);
    return mg_keras_reshape(keras, call->outputs[0], 3,
                            (int32_t[]){source.shape[0], source.shape[2], source.shape[3]},
                            &call->outputs[0]);
}
