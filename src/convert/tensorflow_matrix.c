/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of matrices and of numbers. */
#include "base/size.h"
#include "convert/tensorflow_operation.h"

/* Keeps a band around the diagonal of each matrix; a negative width means all. */
static void keep_band(const mg_network_tensor *source, size_t each, size_t elements, int32_t lower,
                      int32_t upper, unsigned char *made)
{
    size_t columns = (size_t)source->shape[source->rank - 1];
    size_t rows = (size_t)source->shape[source->rank - 2];
    for (size_t i = 0; i < elements; ++i) {
        int64_t row = (int64_t)(i / columns % rows), column = (int64_t)(i % columns);
        bool inside = (lower < 0 || row - column <= lower) && (upper < 0 || column - row <= upper);
        if (inside) memcpy(made + i * each, (const unsigned char *)source->data + i * each, each);
    }
}

/* Of a tensor that changes: its product with the band of ones. */
static midge_status mask_band(mg_tensorflow *tf, mg_tf_operation *operation, int32_t input,
                              int32_t lower, int32_t upper)
{
    const mg_network_tensor source = *mg_tf_tensor(tf, input);
    int32_t mask, output;
    size_t elements = 0;
    void *ones = NULL, *band = NULL;
    if (source.rank < 2 || source.type != MIDGE_FLOAT32)
        return mg_tf_refuse(tf, "only of constant or float32 matrices");
    mg_network_tensor unit = {.rank = 2};
    memcpy(unit.shape, source.shape + source.rank - 2, 2 * sizeof(int32_t));
    (void)mg_shape_elements(2, unit.shape, &elements);
    TRY(mg_network_memory(tf->network, elements * sizeof(float), &ones));
    TRY(mg_network_memory(tf->network, elements * sizeof(float), &band));
    for (size_t i = 0; i < elements; ++i) ((float *)ones)[i] = 1;
    unit.data = ones;
    keep_band(&unit, sizeof(float), elements, lower, upper, band);
    TRY(mg_network_add_constant(tf->network, mg_tf_graph(tf), operation->name, MIDGE_FLOAT32, 2,
                                unit.shape, band, &mask));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, input, mask, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_band(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, lower, upper, output;
    void *data = NULL;
    size_t elements = 0;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input_int(tf, operation, 1, &lower));
    TRY(mg_tf_input_int(tf, operation, 2, &upper));
    const mg_network_tensor source = *mg_tf_tensor(tf, input);
    size_t each = midge_type_bits(source.type) / 8;
    if (source.data == NULL || source.rank < 2 || each == 0)
        return mask_band(tf, operation, input, lower, upper);
    (void)mg_shape_elements(source.rank, source.shape, &elements);
    TRY(mg_network_memory(tf->network, source.bytes, &data));
    keep_band(&source, each, elements, lower, upper, data);
    TRY(mg_network_add_constant(tf->network, mg_tf_graph(tf), operation->name, source.type,
                                source.rank, source.shape, data, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_bitcast(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    midge_type type;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_type_attr(tf, operation, "type", 0, &type));
    TRY(mg_tf_node(tf, MG_BUILTIN_BITCAST, 1, &input, (int)type, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* .tflite has no such operator; the sign alone is a choice. */
midge_status mg_tf_lower_bitwise_and(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, value = 0, zero, negative, output;
    size_t count = 0;
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    if (mg_tf_tensor(tf, inputs[1])->type != MIDGE_INT32 ||
        !mg_tf_constant_ints(tf, inputs[1], 1, &value, &count) || count != 1 || value != INT32_MIN)
        return mg_tf_refuse(tf, "only the sign of an int32 can be cut out");
    TRY(mg_tf_int32_scalar(tf, 0, &zero));
    TRY(mg_tf_node(tf, MG_BUILTIN_LESS, 2, (int32_t[]){inputs[0], zero}, MIDGE_BOOL, &negative));
    TRY(mg_tf_node(tf, MG_BUILTIN_SELECT_V2, 3, (int32_t[]){negative, inputs[1], zero}, MIDGE_INT32,
                   &output));
    return mg_tf_give_one(tf, operation, output);
}
