/* SPDX-License-Identifier: Apache-2.0 */
/* Dense: FULLY_CONNECTED over the last dimension. */
#include "convert/keras_layer.h"

midge_status mg_keras_product(mg_keras *keras, int32_t input, const float *kernel, int32_t rows,
                              int32_t columns, int32_t bias, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[MIDGE_MAX_RANK], weights;
    float *values = NULL;
    mg_network_node *node;
    if (source.rank < 1 || source.shape[source.rank - 1] != rows)
        return mg_keras_refuse(keras, keras->layer, "its weights are for %d features, not %d",
                               (int)rows, source.rank < 1 ? 0 : (int)source.shape[source.rank - 1]);
    TRY(mg_keras_room(keras, "kernel", 2, (int32_t[]){columns, rows}, &values, &weights));
    mg_keras_transpose_matrix(kernel, (size_t)rows, (size_t)columns, values);
    memcpy(shape, source.shape, sizeof shape);
    shape[source.rank - 1] = columns;
    TRY(mg_keras_node(keras, MG_BUILTIN_FULLY_CONNECTED, 3, (int32_t[]){input, weights, bias},
                      MIDGE_FLOAT32, source.rank, shape, output, &node));
    ((mg_FullyConnectedOptions *)node->options)->keep_num_dims = source.rank > 2;
    if (bias < 0) node->input_count = 2;
    return MIDGE_OK;
}

midge_status mg_keras_lower_dense(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    mg_keras_weight kernel;
    int32_t bias, product;
    TRY(mg_keras_weights(keras, layer, "kernel", 2, NULL, &kernel));
    TRY(mg_keras_vector(keras, layer, "bias", kernel.shape[1], &bias));
    TRY(mg_keras_product(keras, call->inputs[0], kernel.values, kernel.shape[0], kernel.shape[1],
                         bias, &product));
    return mg_keras_activate(keras, layer, json_object_get(layer->config, "activation"), product,
                             &call->outputs[0]);
}
