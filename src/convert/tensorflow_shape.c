/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that change the shape alone, and those that tell it. All shapes are known, so these
 * become RESHAPE and constants. */
#include "base/size.h"
#include "convert/tensorflow_operation.h"

/* One size may be -1: what is left over. */
static midge_status complete(mg_tensorflow *tf, size_t elements, size_t rank, int32_t *shape)
{
    size_t known = 1;
    int32_t *open = NULL;
    for (size_t i = 0; i < rank; ++i) {
        if (shape[i] < -1 || (shape[i] == -1 && open != NULL))
            return mg_tf_refuse(tf, "wants an impossible shape");
        if (shape[i] == -1)
            open = &shape[i];
        else if (!mg_size_multiply(known, (size_t)shape[i], &known))
            return mg_tf_refuse(tf, "wants an impossible shape");
    }
    if (open == NULL) return MIDGE_OK;
    if (known == 0 || elements % known != 0 || elements / known > INT32_MAX)
        return mg_tf_refuse(tf, "cannot give %zu elements its shape", elements);
    *open = (int32_t)(elements / known);
    return MIDGE_OK;
}

static size_t elements_of(const mg_network_tensor *tensor)
{
    size_t elements = 0;
    (void)mg_shape_elements(tensor->rank, tensor->shape, &elements);
    return elements;
}

midge_status mg_tf_lower_reshape(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output, shape[MIDGE_MAX_RANK];
    size_t rank = 0;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input_ints(tf, operation, 1, MIDGE_MAX_RANK, shape, &rank));
    TRY(complete(tf, elements_of(mg_tf_tensor(tf, input)), rank, shape));
    TRY(mg_tf_reshape(tf, input, (int32_t)rank, shape, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_expand_dims(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output, axis, shape[MIDGE_MAX_RANK];
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input_int(tf, operation, 1, &axis));
    const mg_network_tensor *source = mg_tf_tensor(tf, input);
    if (source->rank == MIDGE_MAX_RANK)
        return mg_tf_refuse(tf, "makes more than %d dimensions", MIDGE_MAX_RANK);
    TRY(mg_tf_axis(tf, axis, source->rank + 1, &axis));
    for (int32_t i = 0; i <= source->rank; ++i)
        shape[i] = i == axis ? 1 : source->shape[i < axis ? i : i - 1];
    TRY(mg_tf_reshape(tf, input, source->rank + 1, shape, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_squeeze(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output, axes[MIDGE_MAX_RANK], shape[MIDGE_MAX_RANK], rank = 0;
    bool drop[MIDGE_MAX_RANK] = {false};
    TRY(mg_tf_input(tf, operation, 0, &input));
    const mg_network_tensor *source = mg_tf_tensor(tf, input);
    const char *key = mg_attr(operation->node, "squeeze_dims") != NULL ? "squeeze_dims" : "axis";
    size_t count = mg_attr_ints(operation->node, key, MIDGE_MAX_RANK, axes);
    if (count > MIDGE_MAX_RANK) return mg_tf_refuse(tf, "has %zu axes", count);
    for (size_t i = 0; i < count; ++i) {
        TRY(mg_tf_axis(tf, axes[i], source->rank, &axes[i]));
        drop[axes[i]] = true;
    }
    for (int32_t i = 0; i < source->rank; ++i) {
        bool gone = count == 0 ? source->shape[i] == 1 : drop[i];
        if (gone && source->shape[i] != 1)
            return mg_tf_refuse(tf, "drops a dimension of size %d", (int)source->shape[i]);
        if (!gone) shape[rank++] = source->shape[i];
    }
    TRY(mg_tf_reshape(tf, input, rank, shape, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_transpose(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output, order[MIDGE_MAX_RANK];
    size_t count = 0;
    bool seen[MIDGE_MAX_RANK] = {false};
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input_ints(tf, operation, 1, MIDGE_MAX_RANK, order, &count));
    int32_t rank = mg_tf_tensor(tf, input)->rank;
    if ((int32_t)count != rank)
        return mg_tf_refuse(tf, "orders %zu dimensions of %d", count, (int)rank);
    for (size_t i = 0; i < count; ++i) {
        TRY(mg_tf_axis(tf, order[i], rank, &order[i]));
        if (seen[order[i]]) return mg_tf_refuse(tf, "names a dimension twice");
        seen[order[i]] = true;
    }
    TRY(mg_tf_transpose(tf, input, order, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* ---- Shapes as values ---- */

static midge_status shape_of(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                             int32_t *output)
{
    int32_t input, numbers[MIDGE_MAX_RANK];
    midge_type type;
    TRY(mg_tf_read_input(tf, operation, place, &input));
    TRY(mg_tf_type_attr(tf, operation, "out_type", 3, &type));
    const mg_network_tensor *source = mg_tf_tensor(tf, input);
    memcpy(numbers, source->shape, sizeof source->shape);
    TRY(mg_tf_int32s(tf, (size_t)source->rank, numbers, output));
    return mg_tf_cast(tf, *output, type, output);
}

midge_status mg_tf_lower_shape(mg_tensorflow *tf, mg_tf_operation *operation)
{
    void *memory = NULL;
    TRY(mg_tf_memory(tf, operation->input_count, sizeof(int32_t), &memory));
    int32_t *outputs = memory;
    for (size_t i = 0; i < operation->input_count; ++i)
        TRY(shape_of(tf, operation, i, &outputs[i]));
    return mg_tf_give(tf, operation, operation->input_count, outputs);
}

midge_status mg_tf_lower_size(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, number, output;
    midge_type type;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_type_attr(tf, operation, "out_type", 3, &type));
    size_t elements = elements_of(mg_tf_tensor(tf, input));
    number = elements > INT32_MAX ? INT32_MAX : (int32_t)elements;
    TRY(mg_tf_int32_scalar(tf, number, &output));
    TRY(mg_tf_cast(tf, output, type, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_rank(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_int32_scalar(tf, mg_tf_tensor(tf, input)->rank, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_ones_like(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, shape, one, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    const mg_network_tensor source = *mg_tf_tensor(tf, input);
    TRY(mg_tf_int32s(tf, (size_t)source.rank, source.shape, &shape));
    TRY(mg_tf_scalar_like(tf, input, 1, &one));
    TRY(mg_tf_node(tf, MG_BUILTIN_FILL, 2, (int32_t[]){shape, one}, (int)source.type, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_fill(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[0], &inputs[0]));
    midge_type type = mg_tf_tensor(tf, inputs[1])->type;
    TRY(mg_tf_node(tf, MG_BUILTIN_FILL, 2, inputs, (int)type, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_range(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    TRY(mg_tf_inputs(tf, operation, 0, 3, &inputs));
    TRY(mg_tf_node(tf, MG_BUILTIN_RANGE, 3, inputs, -1, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_invert_permutation(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t order[MIDGE_MAX_RANK], inverse[MIDGE_MAX_RANK] = {0}, output;
    size_t count = 0;
    TRY(mg_tf_input_ints(tf, operation, 0, MIDGE_MAX_RANK, order, &count));
    for (size_t i = 0; i < count; ++i) {
        if (order[i] < 0 || (size_t)order[i] >= count)
            return mg_tf_refuse(tf, "its input is no permutation");
        inverse[order[i]] = (int32_t)i;
    }
    TRY(mg_tf_int32s(tf, count, inverse, &output));
    return mg_tf_give_one(tf, operation, output);
}
