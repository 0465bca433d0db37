/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of keras.ops that reorder, repeat and pick. */
#include "base/size.h"
#include "convert/keras_layer.h"

/* The axes in order, with the one at `from` taken out and put in at `to`. */
midge_status mg_keras_lower_op_move_axis(mg_keras *keras, const mg_keras_layer *layer,
                                         mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, from, to;
    int32_t order[MIDGE_MAX_RANK];
    bool swaps = strcmp(layer->class_name, "Swapaxes") == 0;
    if (!mg_json_ints(layer->config, swaps ? "axis1" : "source", 1, &from) ||
        !mg_json_ints(layer->config, swaps ? "axis2" : "destination", 1, &to))
        return mg_keras_refuse(keras, layer, "several axes at once");
    TRY(mg_keras_axis(keras, layer, from, rank, &from));
    TRY(mg_keras_axis(keras, layer, to, rank, &to));
    for (int32_t i = 0; i < rank; ++i) order[i] = i;
    if (swaps) {
        order[from] = to;
        order[to] = from;
    } else {
        int32_t step = from < to ? 1 : -1;
        for (int32_t i = from; i != to; i += step) order[i] = i + step;
        order[to] = from;
    }
    return mg_keras_transpose(keras, call->inputs[0], order, &call->outputs[0]);
}

midge_status mg_keras_lower_op_ravel(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t count = 1;
    for (int32_t i = 0; i < source.rank; ++i)
        if (!mg_int32_multiply(count, source.shape[i], &count))
            return mg_keras_refuse(keras, layer, "its result is too large");
    return mg_keras_reshape(keras, call->inputs[0], 1, &count, &call->outputs[0]);
}

static midge_status tile(mg_keras *keras, int32_t input, const int32_t *counts, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[MIDGE_MAX_RANK], list;
    for (int32_t i = 0; i < source.rank; ++i)
        if (counts[i] < 1 || !mg_int32_multiply(source.shape[i], counts[i], &shape[i]))
            return mg_keras_refuse(keras, keras->layer, "repeats an impossible number of times");
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "multiples",
                              (size_t)source.rank, counts, &list));
    return mg_keras_node(keras, MG_BUILTIN_TILE, 2, (int32_t[]){input, list}, source.type,
                         source.rank, shape, output, NULL);
}

midge_status mg_keras_lower_op_tile(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, counts[MIDGE_MAX_RANK];
    const json_t *value = json_object_get(layer->config, "repeats");
    if (!json_is_array(value) || !mg_json_ints(layer->config, "repeats", rank, counts))
        return mg_keras_refuse(keras, layer, "repeats is not one number for each dimension");
    return tile(keras, call->inputs[0], counts, &call->outputs[0]);
}

/* Each element of an axis several times: a dimension of its own, repeated. */
midge_status mg_keras_lower_op_repeat(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t shape[3] = {1, 0, 1}, times, axis, made, whole[MIDGE_MAX_RANK];
    if (!mg_json_ints(layer->config, "repeats", 1, &times) || times < 1 ||
        mg_json_absent(layer->config, "axis"))
        return mg_keras_refuse(keras, layer, "repeats is no number, or there is no axis");
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", 0), source.rank, &axis));
    memcpy(whole, source.shape, sizeof whole);
    if (!mg_int32_multiply(whole[axis], times, &whole[axis]))
        return mg_keras_refuse(keras, layer, "repeats an impossible number of times");
    for (int32_t i = 0; i <= axis; ++i) shape[0] *= source.shape[i];
    for (int32_t i = axis + 1; i < source.rank; ++i) shape[2] *= source.shape[i];
    shape[1] = 1;
    TRY(mg_keras_reshape(keras, call->inputs[0], 3, shape, &made));
    TRY(tile(keras, made, (int32_t[]){1, times, 1}, &made));
    return mg_keras_reshape(keras, made, source.rank, whole, &call->outputs[0]);
}

midge_status mg_keras_lower_op_broadcast_to(mg_keras *keras, const mg_keras_layer *layer,
                                            mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    const json_t *target = json_object_get(layer->config, "shape");
    int32_t rank = (int32_t)json_array_size(target), shape[MIDGE_MAX_RANK], list;
    if (rank < source.rank || rank > MIDGE_MAX_RANK)
        return mg_keras_refuse(keras, layer, "its shape is no list of sizes");
    for (int32_t i = 0; i < rank; ++i) {
        const json_t *size = json_array_get(target, (size_t)i);
        int32_t at = i - (rank - source.rank), have = at < 0 ? 1 : source.shape[at];
        if (json_is_null(size))
            shape[i] = have;
        else if (!mg_json_to_int32(size, &shape[i]))
            return mg_keras_refuse(keras, layer, "its shape is no list of sizes");
        if (shape[i] < 1 || (have != 1 && have != shape[i]))
            return mg_keras_refuse(keras, layer, "its input does not fit its shape");
    }
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "shape", (size_t)rank, shape,
                              &list));
    return mg_keras_node(keras, MG_BUILTIN_BROADCAST_TO, 2, (int32_t[]){call->inputs[0], list},
                         source.type, rank, shape, &call->outputs[0], NULL);
}

/* ---- Picking ---- */

/* Indices that are tensors, or numbers of the file. */
static midge_status read_indices(mg_keras *keras, const mg_keras_layer *layer,
                                 const mg_keras_call *call, int32_t size, int32_t *tensor)
{
    const json_t *value = mg_keras_argument_json(call, 1, "indices");
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    void *memory = NULL;
    *tensor = mg_keras_argument_tensor(call, value);
    if (*tensor >= 0) return MIDGE_OK;
    TRY(mg_region_get_array(&keras->call_region, count, sizeof(int32_t), &memory, keras->error));
    int32_t *numbers = memory;
    for (size_t i = 0; i < count; ++i) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        if (!mg_json_to_int32(item, &numbers[i]))
            return mg_keras_refuse(keras, layer, "indices that are neither tensor nor numbers");
        TRY(mg_keras_axis(keras, layer, numbers[i], size, &numbers[i]));
    }
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "indices", count, numbers,
                              tensor));
    if (!json_is_array(value)) mg_keras_graph(keras)->tensors[*tensor].rank = 0;
    return MIDGE_OK;
}

midge_status mg_keras_lower_op_take(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t axis, indices, shape[MIDGE_MAX_RANK], rank = 0;
    mg_network_node *node;
    if (mg_json_absent(layer->config, "axis")) return mg_keras_refuse(keras, layer, "no axis");
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", 0), source.rank, &axis));
    TRY(read_indices(keras, layer, call, source.shape[axis], &indices));
    const mg_network_tensor picks = *mg_keras_tensor(keras, indices);
    if (picks.type != MIDGE_INT32 && picks.type != MIDGE_INT64)
        return mg_keras_refuse(keras, layer, "indices that are no integers");
    if (source.rank - 1 + picks.rank > MIDGE_MAX_RANK)
        return mg_keras_refuse(keras, layer, "too many dimensions");
    for (int32_t i = 0; i < axis; ++i) shape[rank++] = source.shape[i];
    for (int32_t i = 0; i < picks.rank; ++i) shape[rank++] = picks.shape[i];
    for (int32_t i = axis + 1; i < source.rank; ++i) shape[rank++] = source.shape[i];
    TRY(mg_keras_node(keras, MG_BUILTIN_GATHER, 2, (int32_t[]){call->inputs[0], indices},
                      source.type, rank, shape, &call->outputs[0], &node));
    ((mg_GatherOptions *)node->options)->axis = axis;
    return MIDGE_OK;
}

midge_status mg_keras_lower_op_top_k(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t count = mg_json_int(layer->config, "k", 0), number, shape[MIDGE_MAX_RANK];
    mg_network *network = keras->network;
    const char *name = NULL;
    if (source.rank < 1 || count < 1 || count > source.shape[source.rank - 1])
        return mg_keras_refuse(keras, layer, "k is no number of elements");
    memcpy(shape, source.shape, sizeof shape);
    shape[source.rank - 1] = count;
    TRY(mg_keras_number(keras, count, MIDGE_INT32, &number));
    TRY(mg_network_text(network, &name, "%s/top", layer->path));
    mg_network_graph *graph = mg_keras_graph(keras);
    TRY(mg_network_add(network, graph, name, source.type, source.rank, shape, &call->outputs[0]));
    TRY(mg_network_add(network, graph, name, MIDGE_INT32, source.rank, shape, &call->outputs[1]));
    call->output_count = 2;
    return mg_network_add_node(network, graph, -1, MG_BUILTIN_TOPK_V2, layer->path, 2,
                               (int32_t[]){call->inputs[0], number}, 2, call->outputs, NULL);
}

midge_status mg_keras_lower_op_unstack(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t axis, begin[MIDGE_MAX_RANK] = {0}, size[MIDGE_MAX_RANK], shape[MIDGE_MAX_RANK];
    int32_t rank = 0, part;
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", 0), source.rank, &axis));
    if (source.shape[axis] > MG_KERAS_OUTPUTS)
        return mg_keras_refuse(keras, layer, "more than %d parts", MG_KERAS_OUTPUTS);
    memcpy(size, source.shape, sizeof size);
    size[axis] = 1;
    for (int32_t i = 0; i < source.rank; ++i)
        if (i != axis) shape[rank++] = source.shape[i];
    for (int32_t i = 0; i < source.shape[axis]; ++i) {
        begin[axis] = i;
        TRY(mg_keras_slice(keras, call->inputs[0], begin, size, &part));
        TRY(mg_keras_reshape(keras, part, rank, shape, &call->outputs[i]));
    }
    call->output_count = (size_t)source.shape[axis];
    return MIDGE_OK;
}

/* ---- Turning and joining ---- */

midge_status mg_keras_lower_op_roll(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t axis, shift, begin[MIDGE_MAX_RANK] = {0}, size[MIDGE_MAX_RANK], parts[2];
    if (mg_json_absent(layer->config, "axis") || !mg_json_ints(layer->config, "shift", 1, &shift))
        return mg_keras_refuse(keras, layer, "no axis, or several shifts");
    TRY(mg_keras_axis(keras, layer, mg_json_int(layer->config, "axis", 0), source.rank, &axis));
    int32_t whole = source.shape[axis];
    shift = (int32_t)(((int64_t)shift % whole + whole) % whole);
    call->outputs[0] = call->inputs[0];
    if (shift == 0) return MIDGE_OK;
    memcpy(size, source.shape, sizeof size);
    begin[axis] = whole - shift;
    size[axis] = shift;
    TRY(mg_keras_slice(keras, call->inputs[0], begin, size, &parts[0]));
    begin[axis] = 0;
    size[axis] = whole - shift;
    TRY(mg_keras_slice(keras, call->inputs[0], begin, size, &parts[1]));
    return mg_keras_concatenate(keras, 2, parts, axis, &call->outputs[0]);
}

midge_status mg_keras_lower_op_join(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t axis = strcmp(layer->class_name, "Hstack") == 0 ? 1 : 0;
    TRY(mg_keras_axis(keras, layer, axis, mg_keras_tensor(keras, call->inputs[0])->rank, &axis));
    return mg_keras_concatenate(keras, call->input_count, call->inputs, axis, &call->outputs[0]);
}
