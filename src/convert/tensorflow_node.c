/* SPDX-License-Identifier: Apache-2.0 */
#include "base/size.h"
#include "convert/tensorflow_operation.h"

/* ---- Inputs and outputs ---- */

midge_status mg_tf_input(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                         int32_t *tensor)
{
    if (place >= operation->input_count)
        return mg_tf_refuse(tf, "has %zu inputs, not %zu", operation->input_count, place + 1);
    const mg_tf_value *value = &operation->inputs[place];
    if (value->kind != MG_TF_TENSOR)
        return mg_tf_refuse(tf, "its input %zu is no tensor%s", place,
                            value->kind == MG_TF_VARIABLE ? " but a variable" : "");
    *tensor = value->number;
    return MIDGE_OK;
}

midge_status mg_tf_inputs(mg_tensorflow *tf, const mg_tf_operation *operation, size_t first,
                          size_t end, int32_t **tensors)
{
    void *memory = NULL;
    if (end > operation->input_count || first >= end)
        return mg_tf_refuse(tf, "has only %zu inputs", operation->input_count);
    TRY(mg_tf_memory(tf, end - first, sizeof(int32_t), &memory));
    *tensors = memory;
    for (size_t i = first; i < end; ++i) TRY(mg_tf_input(tf, operation, i, &(*tensors)[i - first]));
    return MIDGE_OK;
}

static int32_t clamp(int64_t value)
{
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

bool mg_tf_constant_ints(const mg_tensorflow *tf, int32_t tensor, size_t capacity, int32_t *values,
                         size_t *count)
{
    const mg_network_tensor *source = mg_tf_tensor(tf, tensor);
    if (source->data == NULL || !mg_shape_elements(source->rank, source->shape, count) ||
        *count > capacity)
        return false;
    for (size_t i = 0; i < *count; ++i) {
        if (source->type == MIDGE_INT32)
            values[i] = ((const int32_t *)source->data)[i];
        else if (source->type == MIDGE_INT64)
            values[i] = clamp(((const int64_t *)source->data)[i]);
        else
            return false;
    }
    return true;
}

midge_status mg_tf_input_ints(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                              size_t capacity, int32_t *values, size_t *count)
{
    int32_t tensor = -1;
    TRY(mg_tf_input(tf, operation, place, &tensor));
    if (mg_tf_constant_ints(tf, tensor, capacity, values, count)) return MIDGE_OK;
    return mg_tf_refuse(tf, "its input %zu must be constant integers, at most %zu", place,
                        capacity);
}

midge_status mg_tf_input_int(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                             int32_t *value)
{
    size_t count = 0;
    TRY(mg_tf_input_ints(tf, operation, place, 1, value, &count));
    return count == 1 ? MIDGE_OK : mg_tf_refuse(tf, "its input %zu is empty", place);
}

midge_status mg_tf_input_float(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                               float *value)
{
    int32_t tensor = -1;
    TRY(mg_tf_input(tf, operation, place, &tensor));
    const mg_network_tensor *source = mg_tf_tensor(tf, tensor);
    if (source->data == NULL || source->type != MIDGE_FLOAT32 || source->bytes != sizeof(float))
        return mg_tf_refuse(tf, "its input %zu must be a constant float", place);
    memcpy(value, source->data, sizeof *value);
    return MIDGE_OK;
}

midge_status mg_tf_give(mg_tensorflow *tf, mg_tf_operation *operation, size_t count,
                        const int32_t *tensors)
{
    void *memory = NULL;
    TRY(mg_tf_memory(tf, count, sizeof(mg_tf_value), &memory));
    operation->outputs = memory;
    operation->output_count = count;
    for (size_t i = 0; i < count; ++i)
        operation->outputs[i] =
            (mg_tf_value){tensors[i] < 0 ? MG_TF_NONE : MG_TF_TENSOR, tensors[i]};
    return MIDGE_OK;
}

midge_status mg_tf_give_value(mg_tensorflow *tf, mg_tf_operation *operation, mg_tf_value value)
{
    TRY(mg_tf_give(tf, operation, 1, &value.number));
    operation->outputs[0] = value;
    return MIDGE_OK;
}

midge_status mg_tf_axis(mg_tensorflow *tf, int32_t axis, int32_t rank, int32_t *result)
{
    if (axis < -rank || axis >= rank)
        return mg_tf_refuse(tf, "axis %d of %d dimensions", (int)axis, (int)rank);
    *result = axis < 0 ? axis + rank : axis;
    return MIDGE_OK;
}

midge_status mg_tf_rank(mg_tensorflow *tf, int32_t tensor, int32_t rank)
{
    int32_t have = mg_tf_tensor(tf, tensor)->rank;
    if (have == rank) return MIDGE_OK;
    return mg_tf_refuse(tf, "an input has %d dimensions, not %d", (int)have, (int)rank);
}

midge_status mg_tf_type_attr(mg_tensorflow *tf, const mg_tf_operation *operation, const char *key,
                             int32_t fallback, midge_type *type)
{
    int32_t dtype = mg_attr_type(operation->node, key, fallback);
    if (mg_tf_type(dtype, type)) return MIDGE_OK;
    return mg_tf_refuse(tf, "makes elements of a type that .tflite lacks here (%d)", (int)dtype);
}

/* ---- Nodes ---- */

midge_status mg_tf_begin(mg_tensorflow *tf, int32_t op, size_t input_count, const int32_t *inputs,
                         size_t output_count, int type, mg_network_node **node)
{
    mg_network_graph *graph = mg_tf_graph(tf);
    void *memory = NULL;
    midge_type made = type >= 0 ? (midge_type)type : graph->tensors[inputs[0]].type;
    TRY(mg_tf_memory(tf, output_count, sizeof(int32_t), &memory));
    int32_t *outputs = memory;
    for (size_t i = 0; i < output_count; ++i)
        TRY(mg_network_add(tf->network, graph, tf->operation->name, made, 0, NULL, &outputs[i]));
    return mg_network_add_node(tf->network, graph, -1, op, tf->operation->name, input_count, inputs,
                               output_count, outputs, node);
}

midge_status mg_tf_finish(mg_tensorflow *tf, int32_t *outputs)
{
    mg_network_graph *graph = mg_tf_graph(tf);
    const mg_network_node *node = &graph->nodes[graph->node_count - 1];
    bool folded = false;
    TRY(mg_tf_infer(tf, node, &folded));
    for (size_t i = 0; i < node->output_count; ++i) outputs[i] = node->outputs[i];
    if (folded) --graph->node_count;
    return MIDGE_OK;
}

midge_status mg_tf_node(mg_tensorflow *tf, int32_t op, size_t input_count, const int32_t *inputs,
                        int type, int32_t *output)
{
    mg_network_node *node;
    TRY(mg_tf_begin(tf, op, input_count, inputs, 1, type, &node));
    return mg_tf_finish(tf, output);
}

midge_status mg_tf_unary(mg_tensorflow *tf, int32_t op, int32_t input, int32_t *output)
{
    return mg_tf_node(tf, op, 1, &input, -1, output);
}

midge_status mg_tf_binary(mg_tensorflow *tf, int32_t op, int32_t a, int32_t b, int32_t *output)
{
    return mg_tf_node(tf, op, 2, (int32_t[]){a, b}, -1, output);
}

/* ---- Constants ---- */

static midge_status add_scalar(mg_tensorflow *tf, midge_type type, size_t bytes, const void *value,
                               int32_t *tensor)
{
    void *data = NULL;
    TRY(mg_network_memory(tf->network, bytes, &data));
    memcpy(data, value, bytes);
    return mg_network_add_constant(tf->network, mg_tf_graph(tf), "constant", type, 0, NULL, data,
                                   tensor);
}

midge_status mg_tf_scalar(mg_tensorflow *tf, float value, int32_t *tensor)
{
    return add_scalar(tf, MIDGE_FLOAT32, sizeof value, &value, tensor);
}

midge_status mg_tf_zero_bias(mg_tensorflow *tf, int32_t count, int32_t *tensor)
{
    void *data = NULL;
    TRY(mg_region_get_array(&tf->network->region, (size_t)(count > 0 ? count : 0), sizeof(float),
                            &data, tf->error));
    return mg_network_add_constant(tf->network, mg_tf_graph(tf), "bias", MIDGE_FLOAT32, 1, &count,
                                   data, tensor);
}

midge_status mg_tf_int32_scalar(mg_tensorflow *tf, int32_t value, int32_t *tensor)
{
    return add_scalar(tf, MIDGE_INT32, sizeof value, &value, tensor);
}

midge_status mg_tf_scalar_like(mg_tensorflow *tf, int32_t like, int32_t value, int32_t *tensor)
{
    midge_type type = mg_tf_tensor(tf, like)->type;
    if (type == MIDGE_FLOAT32) return mg_tf_scalar(tf, (float)value, tensor);
    int32_t whole;
    TRY(mg_tf_int32_scalar(tf, value, &whole));
    return mg_tf_cast(tf, whole, type, tensor);
}

midge_status mg_tf_int32s(mg_tensorflow *tf, size_t count, const int32_t *values, int32_t *tensor)
{
    return mg_network_add_int32s(tf->network, mg_tf_graph(tf), "constant", count, values, tensor);
}

midge_status mg_tf_as_int32(mg_tensorflow *tf, int32_t input, int32_t *output)
{
    return mg_tf_cast(tf, input, MIDGE_INT32, output);
}

/* ---- Changes of shape ---- */

midge_status mg_tf_reshape(mg_tensorflow *tf, int32_t input, int32_t rank, const int32_t *shape,
                           int32_t *output)
{
    const mg_network_tensor source = *mg_tf_tensor(tf, input);
    int32_t target;
    mg_network_node *node;
    size_t before = 0, after = 0;
    *output = input;
    if (source.rank == rank && memcmp(source.shape, shape, (size_t)rank * sizeof *shape) == 0)
        return MIDGE_OK;
    if (!mg_shape_elements(source.rank, source.shape, &before) ||
        !mg_shape_elements(rank, shape, &after) || before != after)
        return mg_tf_refuse(tf, "cannot give %zu elements another shape of %zu", before, after);
    if (source.data != NULL)
        return mg_network_add_constant(tf->network, mg_tf_graph(tf), source.name, source.type, rank,
                                       shape, source.data, output);
    TRY(mg_tf_int32s(tf, (size_t)rank, shape, &target));
    TRY(mg_tf_begin(tf, MG_BUILTIN_RESHAPE, 2, (int32_t[]){input, target}, 1, -1, &node));
    *output = node->outputs[0];
    mg_network_tensor *made = &mg_tf_graph(tf)->tensors[*output];
    made->rank = rank;
    memcpy(made->shape, shape, (size_t)rank * sizeof *shape);
    return MIDGE_OK;
}

midge_status mg_tf_transpose(mg_tensorflow *tf, int32_t input, const int32_t *order,
                             int32_t *output)
{
    int32_t axes, rank = mg_tf_tensor(tf, input)->rank, shape[MIDGE_MAX_RANK], last = -1;
    bool moves = false; /* a size other than 1 past another */
    for (int32_t i = 0; i < rank; ++i) {
        shape[i] = mg_tf_tensor(tf, input)->shape[order[i]];
        if (shape[i] == 1) continue;
        moves = moves || order[i] < last;
        last = order[i];
    }
    if (!moves) return mg_tf_reshape(tf, input, rank, shape, output);
    TRY(mg_tf_int32s(tf, (size_t)rank, order, &axes));
    return mg_tf_binary(tf, MG_BUILTIN_TRANSPOSE, input, axes, output);
}

midge_status mg_tf_cast(mg_tensorflow *tf, int32_t input, midge_type type, int32_t *output)
{
    midge_type from = mg_tf_tensor(tf, input)->type;
    mg_network_node *node;
    *output = input;
    if (from == type) return MIDGE_OK;
    TRY(mg_tf_begin(tf, MG_BUILTIN_CAST, 1, &input, 1, (int)type, &node));
    mg_CastOptions *options = node->options;
    options->in_data_type = (int8_t)from;
    options->out_data_type = (int8_t)type;
    return mg_tf_finish(tf, output);
}

midge_status mg_tf_pad(mg_tensorflow *tf, int32_t input, const int32_t *amounts, const float *value,
                       int32_t *output)
{
    int32_t rank = mg_tf_tensor(tf, input)->rank, list, filling;
    size_t count = 2 * (size_t)rank;
    bool nothing = true;
    for (size_t i = 0; i < count; ++i) nothing = nothing && amounts[i] == 0;
    *output = input;
    if (nothing) return MIDGE_OK;
    TRY(mg_tf_int32s(tf, count, amounts, &list));
    TRY(mg_tf_reshape(tf, list, 2, (int32_t[]){rank, 2}, &list));
    if (value == NULL) return mg_tf_binary(tf, MG_BUILTIN_PAD, input, list, output);
    TRY(mg_tf_scalar(tf, *value, &filling));
    return mg_tf_node(tf, MG_BUILTIN_PADV2, 3, (int32_t[]){input, list, filling}, -1, output);
}

bool mg_tf_is_channels_first(const mg_tf_operation *operation)
{
    return mg_attr_is(operation->node, "data_format", "NCHW") ||
           mg_attr_is(operation->node, "data_format", "NCDHW");
}

midge_status mg_tf_channels_last(mg_tensorflow *tf, const mg_tf_operation *operation, int32_t input,
                                 int32_t *output)
{
    int32_t order[MIDGE_MAX_RANK], rank = mg_tf_tensor(tf, input)->rank;
    *output = input;
    if (!mg_tf_is_channels_first(operation) || rank < 3) return MIDGE_OK;
    for (int32_t i = 0; i < rank; ++i) order[i] = i == 0 ? 0 : i == rank - 1 ? 1 : i + 1;
    return mg_tf_transpose(tf, input, order, output);
}

midge_status mg_tf_channels_back(mg_tensorflow *tf, const mg_tf_operation *operation, int32_t input,
                                 int32_t *output)
{
    int32_t order[MIDGE_MAX_RANK], rank = mg_tf_tensor(tf, input)->rank;
    *output = input;
    if (!mg_tf_is_channels_first(operation) || rank < 3) return MIDGE_OK;
    for (int32_t i = 0; i < rank; ++i) order[i] = i == 0 ? 0 : i == 1 ? rank - 1 : i - 1;
    return mg_tf_transpose(tf, input, order, output);
}
