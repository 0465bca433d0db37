/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of keras.ops that move, cut and join. */
#include "convert/keras_layer.h"

midge_status mg_keras_lower_op_reshape(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    const json_t *target = json_object_get(layer->config, "newshape");
    size_t count = json_array_size(target), elements;
    int32_t shape[MIDGE_MAX_RANK] = {0}, open = -1;
    int64_t known = 1;
    if (!json_is_array(target) || count > MIDGE_MAX_RANK)
        return mg_keras_refuse(keras, layer, "its target shape is no list of sizes");
    (void)mg_shape_elements(source.rank, source.shape, &elements);
    for (int32_t i = 0; i < (int32_t)count; ++i) {
        const json_t *item = json_array_get(target, (size_t)i);
        if (!mg_json_to_int32(item, &shape[i])) shape[i] = i == 0 ? source.shape[0] : -1;
        if (shape[i] == -1 && open < 0)
            open = i;
        else if (shape[i] < 1 || (known *= shape[i]) > INT32_MAX)
            return mg_keras_refuse(keras, layer, "its target shape is impossible");
    }
    if (open >= 0) shape[open] = (int32_t)((int64_t)elements / known);
    return mg_keras_reshape(keras, call->inputs[0], (int32_t)count, shape, &call->outputs[0]);
}

midge_status mg_keras_lower_op_transpose(mg_keras *keras, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, order[MIDGE_MAX_RANK];
    unsigned seen = 0;
    bool given = !mg_json_absent(layer->config, "axes");
    if (given && (json_is_integer(json_object_get(layer->config, "axes")) ||
                  !mg_json_ints(layer->config, "axes", rank, order)))
        return mg_keras_refuse(keras, layer, "axes is no order of the dimensions");
    for (int32_t i = 0; i < rank; ++i) {
        if (!given) order[i] = rank - 1 - i;
        TRY(mg_keras_axis(keras, layer, order[i], rank, &order[i]));
        seen |= 1u << order[i];
    }
    if (seen != (1u << rank) - 1)
        return mg_keras_refuse(keras, layer, "axes is no order of the dimensions");
    return mg_keras_transpose(keras, call->inputs[0], order, &call->outputs[0]);
}

static midge_status expand(mg_keras *keras, int32_t input, int32_t axis, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[MIDGE_MAX_RANK + 1];
    for (int32_t i = 0; i <= source.rank; ++i)
        shape[i] = i < axis ? source.shape[i] : i == axis ? 1 : source.shape[i - 1];
    return mg_keras_reshape(keras, input, source.rank + 1, shape, output);
}

midge_status mg_keras_lower_op_expand_dims(mg_keras *keras, const mg_keras_layer *layer,
                                           mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, axis;
    if (rank >= MIDGE_MAX_RANK || !mg_json_ints(layer->config, "axis", 1, &axis))
        return mg_keras_refuse(keras, layer, "several axes at once, or too many dimensions");
    TRY(mg_keras_axis(keras, layer, axis, rank + 1, &axis));
    return expand(keras, call->inputs[0], axis, &call->outputs[0]);
}

midge_status mg_keras_lower_op_squeeze(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t axis = -1, shape[MIDGE_MAX_RANK], rank = 0;
    bool all = mg_json_absent(layer->config, "axis");
    if (!all && !mg_json_ints(layer->config, "axis", 1, &axis))
        return mg_keras_refuse(keras, layer, "several axes at once");
    if (!all) TRY(mg_keras_axis(keras, layer, axis, source.rank, &axis));
    for (int32_t i = 0; i < source.rank; ++i)
        if (all ? source.shape[i] != 1 : i != axis) shape[rank++] = source.shape[i];
    return mg_keras_reshape(keras, call->inputs[0], rank, shape, &call->outputs[0]);
}

midge_status mg_keras_lower_op_stack(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    mg_network_tensor joined = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t axis, shape[MIDGE_MAX_RANK];
    mg_network_node *node;
    if (joined.rank >= MIDGE_MAX_RANK) return mg_keras_refuse(keras, layer, "too many dimensions");
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", 0), joined.rank + 1, &axis));
    for (size_t i = 1; i < call->input_count; ++i) {
        const mg_network_tensor *next = mg_keras_tensor(keras, call->inputs[i]);
        if (next->rank != joined.rank || next->type != joined.type ||
            memcmp(next->shape, joined.shape, (size_t)joined.rank * sizeof(int32_t)) != 0)
            return mg_keras_refuse(keras, layer, "its inputs have shapes that do not fit");
    }
    for (int32_t i = 0; i <= joined.rank; ++i)
        shape[i] = i < axis    ? joined.shape[i]
                   : i == axis ? (int32_t)call->input_count
                               : joined.shape[i - 1];
    TRY(mg_keras_node(keras, MG_BUILTIN_PACK, call->input_count, call->inputs, joined.type,
                      joined.rank + 1, shape, &call->outputs[0], &node));
    mg_PackOptions *options = node->options;
    options->axis = axis;
    options->values_count = (int32_t)call->input_count;
    return MIDGE_OK;
}

midge_status mg_keras_lower_op_pad(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call)
{
    const json_t *list = json_object_get(layer->config, "pad_width");
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, amounts[2 * MIDGE_MAX_RANK];
    const json_t *value = mg_keras_argument_json(call, 1, "constant_values");
    const char *mode = mg_json_text(layer->config, "mode", "constant");
    if ((strcmp(mode, "constant") != 0 && strcmp(mode, "CONSTANT") != 0) ||
        (json_is_number(value) && json_number_value(value) != 0))
        return mg_keras_refuse(keras, layer, "pads with something other than 0");
    bool good = json_array_size(list) == (size_t)rank;
    for (int32_t i = 0; good && i < rank; ++i) {
        const json_t *pair = json_array_get(list, (size_t)i);
        good = json_array_size(pair) == 2 &&
               mg_json_to_int32(json_array_get(pair, 0), &amounts[2 * i]) &&
               mg_json_to_int32(json_array_get(pair, 1), &amounts[2 * i + 1]);
    }
    if (!good) return mg_keras_refuse(keras, layer, "pad_width is not one pair a dimension");
    return mg_keras_pad(keras, call->inputs[0], amounts, &call->outputs[0]);
}

midge_status mg_keras_lower_op_flip(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t axis;
    if (!mg_json_ints(layer->config, "axis", 1, &axis))
        return mg_keras_refuse(keras, layer, "needs one axis");
    TRY(mg_keras_axis(keras, layer, axis, mg_keras_tensor(keras, call->inputs[0])->rank, &axis));
    return mg_keras_reverse(keras, call->inputs[0], axis, &call->outputs[0]);
}

midge_status mg_keras_lower_op_cast(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    const char *name = mg_json_text(layer->config, "dtype", "");
    if (strcmp(name, "float32") == 0 || strcmp(name, "float16") == 0)
        return mg_keras_cast(keras, call->inputs[0], MIDGE_FLOAT32, &call->outputs[0]);
    if (strcmp(name, "int32") == 0)
        return mg_keras_cast(keras, call->inputs[0], MIDGE_INT32, &call->outputs[0]);
    return mg_keras_refuse(keras, layer, "casts to a type other than float32 and int32");
}

/* Equal parts along an axis, or parts between indices. */
midge_status mg_keras_lower_op_split(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    const json_t *parts = json_object_get(layer->config, "indices_or_sections");
    int32_t axis, begin[MIDGE_MAX_RANK] = {0}, size[MIDGE_MAX_RANK], count = 0;
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", 0), source.rank, &axis));
    memcpy(size, source.shape, sizeof size);
    bool equal = mg_json_to_int32(parts, &count);
    if (!equal) count = (int32_t)json_array_size(parts) + 1;
    if (count < 1 || count > MG_KERAS_OUTPUTS || (equal && source.shape[axis] % count != 0))
        return mg_keras_refuse(keras, layer, "cannot be cut into that many parts");
    for (int32_t i = 0; i < count; ++i) {
        int32_t end = source.shape[axis];
        if (equal)
            end = source.shape[axis] / count * (i + 1);
        else if (i < count - 1 && !mg_json_to_int32(json_array_get(parts, (size_t)i), &end))
            end = 0;
        size[axis] = end - begin[axis];
        TRY(mg_keras_slice(keras, call->inputs[0], begin, size, &call->outputs[i]));
        begin[axis] = end;
    }
    call->output_count = (size_t)count;
    return MIDGE_OK;
}

/* ---- x[…] ---- */

typedef struct cutting {
    int32_t rank; /* of the input */
    int32_t at;   /* its next dimension */
    int32_t begin[MIDGE_MAX_RANK], end[MIDGE_MAX_RANK], stride[MIDGE_MAX_RANK];
    int32_t shape[2 * MIDGE_MAX_RANK]; /* of the result; a new axis is 1 */
    int32_t shape_rank;
} cutting;

static bool read_bound(const json_t *slice, const char *key, int32_t size, int32_t fallback,
                       int32_t *bound)
{
    *bound = fallback;
    if (mg_json_absent(slice, key)) return true;
    if (!mg_json_to_int32(json_object_get(slice, key), bound)) return false;
    if (*bound < 0) *bound = *bound < -size ? 0 : *bound + size;
    if (*bound > size) *bound = size;
    return true;
}

static bool cut_one(const mg_network_tensor *source, const json_t *item, cutting *at)
{
    if (at->shape_rank >= 2 * MIDGE_MAX_RANK) return false;
    if (json_is_null(item)) { /* a new axis */
        at->shape[at->shape_rank++] = 1;
        return true;
    }
    if (at->at >= at->rank) return false;
    int32_t i = at->at++, size = source->shape[i];
    at->stride[i] = 1;
    if (mg_json_to_int32(item, &at->begin[i])) {
        if (at->begin[i] < 0) at->begin[i] += size;
        at->end[i] = at->begin[i] + 1;
        return at->begin[i] >= 0 && at->begin[i] < size;
    }
    /* Keras 2 writes the bounds alone. */
    bool bare = json_object_get(item, "start") != NULL;
    const json_t *slice = bare ? item : json_object_get(item, "config");
    if ((!bare && strcmp(mg_json_text(item, "class_name", ""), "__slice__") != 0) ||
        !read_bound(slice, "start", size, 0, &at->begin[i]) ||
        !read_bound(slice, "stop", size, size, &at->end[i]))
        return false;
    if (!mg_json_absent(slice, "step")) at->stride[i] = mg_json_int(slice, "step", 0);
    if (at->stride[i] < 1 || at->end[i] <= at->begin[i]) return false;
    at->shape[at->shape_rank++] = (at->end[i] - at->begin[i] - 1) / at->stride[i] + 1;
    return true;
}

static bool is_ellipsis(const json_t *item)
{
    return strcmp(mg_json_text(item, "class_name", ""), "__ellipsis__") == 0;
}

static bool read_cuts(const mg_network_tensor *source, const json_t *list, cutting *at)
{
    size_t count = json_is_array(list) ? json_array_size(list) : 1, named = 0;
    for (size_t i = 0; i < count; ++i) {
        const json_t *item = json_is_array(list) ? json_array_get(list, i) : list;
        named += !json_is_null(item) && !is_ellipsis(item);
    }
    json_t *whole = json_pack("{s:s,s:{}}", "class_name", "__slice__", "config");
    bool good = whole != NULL && named <= (size_t)source->rank;
    for (size_t i = 0; good && i < count; ++i) {
        const json_t *item = json_is_array(list) ? json_array_get(list, i) : list;
        if (!is_ellipsis(item)) {
            good = cut_one(source, item, at);
            continue;
        }
        for (; good && named < (size_t)source->rank; ++named) good = cut_one(source, whole, at);
    }
    while (good && at->at < at->rank) good = cut_one(source, whole, at);
    json_decref(whole);
    return good;
}

midge_status mg_keras_lower_op_get_item(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    cutting at = {.rank = source.rank};
    int32_t size[MIDGE_MAX_RANK], made, lists[3];
    bool steps = false;
    if (!read_cuts(&source, mg_keras_argument_json(call, 1, "key"), &at) ||
        at.shape_rank > MIDGE_MAX_RANK)
        return mg_keras_refuse(keras, layer, "an index that is no number and no plain slice");
    for (int32_t i = 0; i < at.rank; ++i) {
        size[i] = (at.end[i] - at.begin[i] - 1) / at.stride[i] + 1;
        steps = steps || at.stride[i] != 1;
    }
    if (!steps) {
        TRY(mg_keras_slice(keras, call->inputs[0], at.begin, size, &made));
        return mg_keras_reshape(keras, made, at.shape_rank, at.shape, &call->outputs[0]);
    }
    mg_network_graph *graph = mg_keras_graph(keras);
    size_t rank = (size_t)at.rank;
    TRY(mg_network_add_int32s(keras->network, graph, "begin", rank, at.begin, &lists[0]));
    TRY(mg_network_add_int32s(keras->network, graph, "end", rank, at.end, &lists[1]));
    TRY(mg_network_add_int32s(keras->network, graph, "strides", rank, at.stride, &lists[2]));
    TRY(mg_keras_node(keras, MG_BUILTIN_STRIDED_SLICE, 4,
                      (int32_t[]){call->inputs[0], lists[0], lists[1], lists[2]}, source.type,
                      source.rank, size, &made, NULL));
    return mg_keras_reshape(keras, made, at.shape_rank, at.shape, &call->outputs[0]);
}
