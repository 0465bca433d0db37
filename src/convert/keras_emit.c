/* SPDX-License-Identifier: Apache-2.0 */
#include "base/size.h"
#include "convert/keras_layer.h"

/* ---- Constants ---- */

midge_status mg_keras_room(mg_keras *keras, const char *name, int32_t rank, const int32_t *shape,
                           float **values, int32_t *tensor)
{
    size_t count;
    const char *full = NULL;
    void *memory = NULL;
    if (!mg_shape_elements(rank, shape, &count) || count > SIZE_MAX / sizeof(float))
        return mg_keras_refuse(keras, keras->layer, "constant %s is too large", name);
    TRY(mg_network_memory(keras->network, count * sizeof(float), &memory));
    TRY(mg_network_text(keras->network, &full, "%s/%s", keras->layer->path, name));
    *values = memory;
    return mg_network_add_constant(keras->network, mg_keras_graph(keras), full, MIDGE_FLOAT32, rank,
                                   shape, memory, tensor);
}

midge_status mg_keras_constant(mg_keras *keras, const char *name, int32_t rank,
                               const int32_t *shape, const float *values, int32_t *tensor)
{
    float *room = NULL;
    TRY(mg_keras_room(keras, name, rank, shape, &room, tensor));
    const mg_network_tensor *made = mg_keras_tensor(keras, *tensor);
    if (made->bytes > 0) memcpy(room, values, made->bytes);
    return MIDGE_OK;
}

midge_status mg_keras_scalar(mg_keras *keras, float value, int32_t *tensor)
{
    return mg_keras_constant(keras, "constant", 0, NULL, &value, tensor);
}

midge_status mg_keras_vector(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                             int32_t count, int32_t *tensor)
{
    mg_keras_weight weight;
    float *zeros = NULL;
    if (!mg_keras_has_weight(layer, name))
        return mg_keras_room(keras, name, 1, &count, &zeros, tensor);
    TRY(mg_keras_weights(keras, layer, name, 1, &count, &weight));
    return mg_keras_constant(keras, name, 1, &count, weight.values, tensor);
}

void mg_keras_transpose_matrix(const float *from, size_t rows, size_t columns, float *to)
{
    enum { TILE = 32 };
    for (size_t r0 = 0; r0 < rows; r0 += TILE)
        for (size_t c0 = 0; c0 < columns; c0 += TILE)
            for (size_t r = r0; r < rows && r < r0 + TILE; ++r)
                for (size_t c = c0; c < columns && c < c0 + TILE; ++c)
                    to[c * rows + r] = from[r * columns + c];
}

/* ---- Nodes ---- */

midge_status mg_keras_node(mg_keras *keras, int32_t op, size_t input_count, const int32_t *inputs,
                           midge_type type, int32_t rank, const int32_t *shape, int32_t *output,
                           mg_network_node **node)
{
    mg_network *network = keras->network;
    const char *name = NULL;
    for (int32_t i = 0; i < rank; ++i)
        if (shape[i] <= 0)
            return mg_keras_refuse(keras, keras->layer, "its result would have no elements");
    TRY(mg_network_text(network, &name, "%s/%s", keras->layer->path, mg_builtin_name(op)));
    TRY(mg_network_add(network, mg_keras_graph(keras), name, type, rank, shape, output));
    return mg_network_add_node(network, mg_keras_graph(keras), -1, op, keras->layer->path,
                               input_count, inputs, 1, output, node);
}

midge_status mg_keras_unary(mg_keras *keras, int32_t op, int32_t input, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    return mg_keras_node(keras, op, 1, &input, source.type, source.rank, source.shape, output,
                         NULL);
}

static bool broadcast(const mg_network_tensor *a, const mg_network_tensor *b, int32_t *rank,
                      int32_t *shape)
{
    *rank = a->rank > b->rank ? a->rank : b->rank;
    for (int32_t i = 1; i <= *rank; ++i) {
        int32_t x = i <= a->rank ? a->shape[a->rank - i] : 1;
        int32_t y = i <= b->rank ? b->shape[b->rank - i] : 1;
        if (x != y && x != 1 && y != 1) return false;
        shape[*rank - i] = x == 1 ? y : x;
    }
    return true;
}

static midge_status join(mg_keras *keras, int32_t op, int32_t a, int32_t b, bool compares,
                         int32_t *output)
{
    int32_t rank, shape[MIDGE_MAX_RANK];
    const mg_network_tensor *left = mg_keras_tensor(keras, a), *right = mg_keras_tensor(keras, b);
    if (left->type != right->type)
        return mg_keras_refuse(keras, keras->layer, "joins %s and %s; cast one",
                               midge_type_name(left->type), midge_type_name(right->type));
    if (!broadcast(left, right, &rank, shape))
        return mg_keras_refuse(keras, keras->layer, "its inputs have shapes that do not fit");
    return mg_keras_node(keras, op, 2, (int32_t[]){a, b}, compares ? MIDGE_BOOL : left->type, rank,
                         shape, output, NULL);
}

midge_status mg_keras_binary(mg_keras *keras, int32_t op, int32_t a, int32_t b, int32_t *output)
{
    return join(keras, op, a, b, false, output);
}

midge_status mg_keras_compare(mg_keras *keras, int32_t op, int32_t a, int32_t b, int32_t *output)
{
    return join(keras, op, a, b, true, output);
}

midge_status mg_keras_reshape(mg_keras *keras, int32_t input, int32_t rank, const int32_t *shape,
                              int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t target;
    size_t before, after;
    if (source.rank == rank && memcmp(source.shape, shape, (size_t)rank * sizeof *shape) == 0) {
        *output = input;
        return MIDGE_OK;
    }
    if (!mg_shape_elements(source.rank, source.shape, &before) ||
        !mg_shape_elements(rank, shape, &after) || before != after)
        return mg_keras_refuse(keras, keras->layer,
                               "cannot give %zu elements the shape of its "
                               "output",
                               before);
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "shape", (size_t)rank, shape,
                              &target));
    return mg_keras_node(keras, MG_BUILTIN_RESHAPE, 2, (int32_t[]){input, target}, source.type,
                         rank, shape, output, NULL);
}

midge_status mg_keras_transpose(mg_keras *keras, int32_t input, const int32_t *order,
                                int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[MIDGE_MAX_RANK], axes;
    for (int32_t i = 0; i < source.rank; ++i) shape[i] = source.shape[order[i]];
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "order", (size_t)source.rank,
                              order, &axes));
    return mg_keras_node(keras, MG_BUILTIN_TRANSPOSE, 2, (int32_t[]){input, axes}, source.type,
                         source.rank, shape, output, NULL);
}

midge_status mg_keras_reduce(mg_keras *keras, int32_t op, int32_t input, int32_t axis_count,
                             const int32_t *axes, bool keep, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[MIDGE_MAX_RANK], rank = 0, list;
    mg_network_node *node;
    for (int32_t i = 0; i < source.rank; ++i) {
        bool reduced = false;
        for (int32_t k = 0; k < axis_count; ++k) reduced = reduced || axes[k] == i;
        if (!reduced || keep) shape[rank++] = reduced ? 1 : source.shape[i];
    }
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "axes", (size_t)axis_count,
                              axes, &list));
    TRY(mg_keras_node(keras, op, 2, (int32_t[]){input, list}, source.type, rank, shape, output,
                      &node));
    ((mg_ReducerOptions *)node->options)->keep_dims = keep;
    return MIDGE_OK;
}

midge_status mg_keras_slice(mg_keras *keras, int32_t input, const int32_t *begin,
                            const int32_t *size, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t from, length;
    bool whole = true;
    for (int32_t i = 0; i < source.rank; ++i) {
        whole = whole && begin[i] == 0 && size[i] == source.shape[i];
        if (begin[i] < 0 || size[i] < 1 || size[i] > source.shape[i] - begin[i])
            return mg_keras_refuse(keras, keras->layer, "cuts beyond its input");
    }
    *output = input;
    if (whole) return MIDGE_OK;
    mg_network_graph *graph = mg_keras_graph(keras);
    TRY(mg_network_add_int32s(keras->network, graph, "begin", (size_t)source.rank, begin, &from));
    TRY(mg_network_add_int32s(keras->network, graph, "size", (size_t)source.rank, size, &length));
    return mg_keras_node(keras, MG_BUILTIN_SLICE, 3, (int32_t[]){input, from, length}, source.type,
                         source.rank, size, output, NULL);
}

midge_status mg_keras_pad(mg_keras *keras, int32_t input, const int32_t *amounts, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[MIDGE_MAX_RANK], list, pairs[] = {source.rank, 2};
    void *memory = NULL;
    size_t count = 2 * (size_t)source.rank;
    bool nothing = true;
    for (int32_t i = 0; i < source.rank; ++i) {
        nothing = nothing && amounts[2 * i] == 0 && amounts[2 * i + 1] == 0;
        if (amounts[2 * i] < 0 || amounts[2 * i + 1] < 0 ||
            !mg_int32_add(source.shape[i], amounts[2 * i], &shape[i]) ||
            !mg_int32_add(shape[i], amounts[2 * i + 1], &shape[i]))
            return mg_keras_refuse(keras, keras->layer, "pads by an impossible amount");
    }
    *output = input;
    if (nothing) return MIDGE_OK;
    TRY(mg_network_memory(keras->network, count * sizeof(int32_t), &memory));
    memcpy(memory, amounts, count * sizeof(int32_t));
    TRY(mg_network_add_constant(keras->network, mg_keras_graph(keras), "paddings", MIDGE_INT32, 2,
                                pairs, memory, &list));
    return mg_keras_node(keras, MG_BUILTIN_PAD, 2, (int32_t[]){input, list}, source.type,
                         source.rank, shape, output, NULL);
}

midge_status mg_keras_concatenate(mg_keras *keras, size_t count, const int32_t *inputs,
                                  int32_t axis, int32_t *output)
{
    mg_network_tensor joined = *mg_keras_tensor(keras, inputs[0]);
    mg_network_node *node;
    for (size_t i = 1; i < count; ++i) {
        const mg_network_tensor *next = mg_keras_tensor(keras, inputs[i]);
        bool fits = next->rank == joined.rank && next->type == joined.type;
        for (int32_t k = 0; fits && k < joined.rank; ++k)
            fits = k == axis || next->shape[k] == joined.shape[k];
        if (!fits || !mg_int32_add(joined.shape[axis], next->shape[axis], &joined.shape[axis]))
            return mg_keras_refuse(keras, keras->layer, "its inputs have shapes that do not fit");
    }
    *output = inputs[0];
    if (count == 1) return MIDGE_OK;
    TRY(mg_keras_node(keras, MG_BUILTIN_CONCATENATION, count, inputs, joined.type, joined.rank,
                      joined.shape, output, &node));
    ((mg_ConcatenationOptions *)node->options)->axis = axis;
    return MIDGE_OK;
}

midge_status mg_keras_cast(mg_keras *keras, int32_t input, midge_type type, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    mg_network_node *node;
    *output = input;
    if (source.type == type) return MIDGE_OK;
    TRY(mg_keras_node(keras, MG_BUILTIN_CAST, 1, &input, type, source.rank, source.shape, output,
                      &node));
    mg_CastOptions *options = node->options;
    options->in_data_type = (int8_t)source.type;
    options->out_data_type = (int8_t)type;
    return MIDGE_OK;
}

static midge_status swap_with_last(mg_keras *keras, int32_t input, int32_t axis, int32_t *output)
{
    int32_t order[MIDGE_MAX_RANK], last = mg_keras_tensor(keras, input)->rank - 1;
    for (int32_t i = 0; i <= last; ++i) order[i] = i;
    order[axis] = last;
    order[last] = axis;
    return mg_keras_transpose(keras, input, order, output);
}

midge_status mg_keras_softmax(mg_keras *keras, int32_t input, int32_t axis, int32_t *output)
{
    bool last = axis == mg_keras_tensor(keras, input)->rank - 1;
    int32_t at = input;
    if (!last) TRY(swap_with_last(keras, input, axis, &at));
    TRY(mg_keras_unary(keras, MG_BUILTIN_SOFTMAX, at, output));
    mg_network_graph *graph = mg_keras_graph(keras);
    ((mg_SoftmaxOptions *)graph->nodes[graph->node_count - 1].options)->beta = 1;
    return last ? MIDGE_OK : swap_with_last(keras, *output, axis, output);
}

midge_status mg_keras_reverse(mg_keras *keras, int32_t input, int32_t axis, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t list;
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "axis", 1, &axis, &list));
    return mg_keras_node(keras, MG_BUILTIN_REVERSE_V2, 2, (int32_t[]){input, list}, source.type,
                         source.rank, source.shape, output, NULL);
}

midge_status mg_keras_matmul(mg_keras *keras, int32_t a, int32_t b, bool swap_b, int32_t *output)
{
    mg_network_tensor left = *mg_keras_tensor(keras, a), right = *mg_keras_tensor(keras, b);
    mg_network_node *node;
    int32_t rank = left.rank;
    if (rank < 2 || right.rank != rank ||
        left.shape[rank - 1] != right.shape[swap_b ? rank - 1 : rank - 2])
        return mg_keras_refuse(keras, keras->layer, "multiplies matrices that do not fit");
    for (int32_t i = 0; i < rank - 2; ++i)
        if (left.shape[i] != right.shape[i])
            return mg_keras_refuse(keras, keras->layer, "multiplies matrices that do not fit");
    left.shape[rank - 1] = right.shape[swap_b ? rank - 2 : rank - 1];
    TRY(mg_keras_node(keras, MG_BUILTIN_BATCH_MATMUL, 2, (int32_t[]){a, b}, left.type, rank,
                      left.shape, output, &node));
    ((mg_BatchMatMulOptions *)node->options)->adj_y = swap_b;
    return MIDGE_OK;
}

/* ---- Arguments ---- */

midge_status mg_keras_axis(mg_keras *keras, const mg_keras_layer *layer, int32_t axis, int32_t rank,
                           int32_t *result)
{
    if (axis < -rank || axis >= rank)
        return mg_keras_refuse(keras, layer, "axis %d of %d dimensions", (int)axis, (int)rank);
    *result = axis < 0 ? axis + rank : axis;
    return MIDGE_OK;
}

bool mg_keras_is_channels_first(const mg_keras_layer *layer)
{
    return strcmp(mg_json_text(layer->config, "data_format", ""), "channels_first") == 0;
}

midge_status mg_keras_channels_last(mg_keras *keras, const mg_keras_layer *layer)
{
    if (mg_keras_is_channels_first(layer))
        return mg_keras_refuse(keras, layer,
                               "data_format channels_first; make the model with channels_last");
    return MIDGE_OK;
}

int32_t mg_keras_dimensions(const mg_keras_layer *layer)
{
    if (strstr(layer->class_name, "1D") != NULL) return 1;
    return strstr(layer->class_name, "3D") != NULL ? 3 : 2;
}

midge_status mg_keras_rank(mg_keras *keras, const mg_keras_layer *layer, const mg_keras_call *call,
                           int32_t rank)
{
    int32_t have = mg_keras_tensor(keras, call->inputs[0])->rank;
    if (have == rank) return MIDGE_OK;
    return mg_keras_refuse(keras, layer, "its input has %d dimensions, not %d", (int)have,
                           (int)rank);
}
