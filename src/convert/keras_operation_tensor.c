/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of keras.ops on matrices, pictures and sequences as a whole. */
#include <stdio.h>

#include "convert/keras_layer.h"

/* As the layer of the rank at hand, whose class tells how many dimensions it has. */
midge_status mg_keras_lower_op_pool(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t dimensions = mg_keras_tensor(keras, call->inputs[0])->rank - 2;
    char name[40];
    mg_keras_layer same = *layer;
    if (dimensions < 1 || dimensions > 3)
        return mg_keras_refuse(keras, layer, "an input of %d dimensions", (int)dimensions + 2);
    (void)snprintf(name, sizeof name, "%s%dD", layer->class_name, (int)dimensions);
    same.class_name = name;
    return mg_keras_lower_pool(keras, &same, call);
}

midge_status mg_keras_lower_op_depth(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t block = mg_json_int(layer->config, "block_size", 0), shape[4];
    bool deeper = strcmp(layer->class_name, "SpaceToDepth") == 0;
    mg_network_node *node;
    TRY(mg_keras_rank(keras, layer, call, 4));
    if (block < 1 || block > 4096) return mg_keras_refuse(keras, layer, "block_size is no size");
    memcpy(shape, source.shape, sizeof shape);
    bool fits = deeper ? shape[1] % block == 0 && shape[2] % block == 0 && shape[3] < 4096
                       : shape[3] % (block * block) == 0 && shape[1] < 65536 && shape[2] < 65536;
    if (!fits) return mg_keras_refuse(keras, layer, "its input does not divide by block_size");
    shape[1] = deeper ? shape[1] / block : shape[1] * block;
    shape[2] = deeper ? shape[2] / block : shape[2] * block;
    shape[3] = deeper ? shape[3] * block * block : shape[3] / (block * block);
    TRY(mg_keras_node(keras, deeper ? MG_BUILTIN_SPACE_TO_DEPTH : MG_BUILTIN_DEPTH_TO_SPACE, 1,
                      call->inputs, source.type, 4, shape, &call->outputs[0], &node));
    if (deeper)
        ((mg_SpaceToDepthOptions *)node->options)->block_size = block;
    else
        ((mg_DepthToSpaceOptions *)node->options)->block_size = block;
    return MIDGE_OK;
}

midge_status mg_keras_lower_op_grayscale(mg_keras *keras, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    static const float weights[3] = {0.2989f, 0.5870f, 0.1140f};
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t channels = source.rank > 0 ? source.shape[source.rank - 1] : 0;
    call->outputs[0] = call->inputs[0];
    if (channels == 1) return MIDGE_OK;
    if (channels != 3 || source.type != MIDGE_FLOAT32)
        return mg_keras_refuse(keras, layer, "an input that is no float32 with three channels");
    return mg_keras_product(keras, call->inputs[0], weights, 3, 1, -1, &call->outputs[0]);
}

midge_status mg_keras_lower_op_slice(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    const json_t *starts = mg_keras_argument_json(call, 1, "start_indices");
    const json_t *sizes = json_object_get(layer->config, "shape");
    int32_t begin[MIDGE_MAX_RANK], size[MIDGE_MAX_RANK];
    bool good = json_array_size(starts) == (size_t)source.rank &&
                json_array_size(sizes) == (size_t)source.rank;
    for (int32_t i = 0; good && i < source.rank; ++i) {
        good = mg_json_to_int32(json_array_get(starts, (size_t)i), &begin[i]) && begin[i] >= 0 &&
               begin[i] < source.shape[i];
        bool open = !mg_json_to_int32(json_array_get(sizes, (size_t)i), &size[i]) || size[i] == -1;
        if (good && open) size[i] = source.shape[i] - begin[i];
    }
    if (!good) return mg_keras_refuse(keras, layer, "start_indices or shape are no numbers");
    return mg_keras_slice(keras, call->inputs[0], begin, size, &call->outputs[0]);
}

/* Keeps what is on one side of a diagonal of the last two dimensions. */
midge_status mg_keras_lower_op_triangle(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t shift = mg_json_int(layer->config, "k", 0), shape[2], mask;
    bool lower = strcmp(layer->class_name, "Tril") == 0;
    float *values = NULL;
    if (source.rank < 2 || source.type != MIDGE_FLOAT32)
        return mg_keras_refuse(keras, layer, "an input that is no float32 matrix");
    memcpy(shape, source.shape + source.rank - 2, sizeof shape);
    TRY(mg_keras_room(keras, "triangle", 2, shape, &values, &mask));
    for (int32_t row = 0; row < shape[0]; ++row)
        for (int32_t column = 0; column < shape[1]; ++column) {
            int64_t away = (int64_t)column - row - shift;
            *values++ = (lower ? away <= 0 : away >= 0) ? 1 : 0;
        }
    return mg_keras_binary(keras, MG_BUILTIN_MUL, call->inputs[0], mask, &call->outputs[0]);
}

/* All of the last dimension in ascending order: the largest of -x first. */
midge_status mg_keras_lower_op_sort(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t axis, at, count, outputs[2];
    mg_network_graph *graph = mg_keras_graph(keras);
    if (source.rank < 1 || mg_json_absent(layer->config, "axis"))
        return mg_keras_refuse(keras, layer, "no axis");
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", -1), source.rank, &axis));
    if (axis != source.rank - 1)
        return mg_keras_refuse(keras, layer, "an axis other than the last; transpose before");
    TRY(mg_keras_unary(keras, MG_BUILTIN_NEG, call->inputs[0], &at));
    TRY(mg_keras_number(keras, source.shape[axis], MIDGE_INT32, &count));
    for (int i = 0; i < 2; ++i)
        TRY(mg_network_add(keras->network, graph, layer->path, i == 0 ? source.type : MIDGE_INT32,
                           source.rank, source.shape, &outputs[i]));
    TRY(mg_network_add_node(keras->network, graph, -1, MG_BUILTIN_TOPK_V2, layer->path, 2,
                            (int32_t[]){at, count}, 2, outputs, NULL));
    call->outputs[0] = outputs[1];
    if (strcmp(layer->class_name, "Argsort") == 0) return MIDGE_OK;
    return mg_keras_unary(keras, MG_BUILTIN_NEG, outputs[0], &call->outputs[0]);
}

/* ---- Attention without weights ---- */

/* Queries [batch, queries, heads, depth], keys and values [batch, keys, heads, depth]. */
midge_status mg_keras_lower_op_attention(mg_keras *keras, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    static const char *const names[] = {"query", "key", "value"};
    int32_t parts[3], factor, scores;
    for (size_t i = 0; i < 3; ++i) {
        parts[i] = mg_keras_argument(call, i, names[i]);
        if (parts[i] < 0 || mg_keras_tensor(keras, parts[i])->rank != 4)
            return mg_keras_refuse(keras, layer, "its %s has not 4 dimensions", names[i]);
    }
    int32_t depth = mg_keras_tensor(keras, parts[0])->shape[3];
    const json_t *scale = mg_keras_argument_json(call, 5, "scale");
    if (mg_keras_argument(call, 3, "bias") >= 0 || mg_keras_argument(call, 4, "mask") >= 0 ||
        mg_json_number(layer->config, "attn_logits_soft_cap", 0) != 0)
        return mg_keras_refuse(keras, layer, "bias, mask or a cap");
    if (mg_keras_tensor(keras, parts[0])->shape[2] != mg_keras_tensor(keras, parts[1])->shape[2])
        return mg_keras_refuse(keras, layer, "keys shared by several heads; repeat them before");
    for (int i = 0; i < 3; ++i)
        TRY(mg_keras_transpose(keras, parts[i], (int32_t[]){0, 2, 1, 3}, &parts[i]));
    double times = json_is_number(scale) ? json_number_value(scale) : 1 / sqrt(depth);
    TRY(mg_keras_scalar(keras, (float)times, &factor));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, parts[0], factor, &parts[0]));
    TRY(mg_keras_matmul(keras, parts[0], parts[1], true, &scores));
    bool causal = mg_json_flag(layer->config, "is_causal", false);
    TRY(mg_keras_hide_places(keras, causal, 0, scores, &scores));
    TRY(mg_keras_softmax(keras, scores, 3, &scores));
    TRY(mg_keras_matmul(keras, scores, parts[2], false, &scores));
    return mg_keras_transpose(keras, scores, (int32_t[]){0, 2, 1, 3}, &call->outputs[0]);
}
