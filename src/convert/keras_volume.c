/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions of three dimensions. The file keeps the kernels as Keras has them: [d, h, w, in,
 * out], and [d, h, w, out, in] of a transposed one.
 */
#include "convert/keras_layer.h"

typedef struct geometry {
    int32_t stride[3], dilation[3];
    bool same;
} geometry;

static midge_status read_geometry(mg_keras *keras, const mg_keras_layer *layer,
                                  const mg_keras_call *call, geometry *made)
{
    *made = (geometry){{1, 1, 1}, {1, 1, 1}, false};
    made->same = strcmp(mg_json_text(layer->config, "padding", "valid"), "same") == 0;
    TRY(mg_keras_rank(keras, layer, call, 5));
    bool good = (mg_json_absent(layer->config, "strides") ||
                 mg_json_ints(layer->config, "strides", 3, made->stride)) &&
                (mg_json_absent(layer->config, "dilation_rate") ||
                 mg_json_ints(layer->config, "dilation_rate", 3, made->dilation));
    for (int i = 0; i < 3; ++i) good = good && made->stride[i] >= 1 && made->dilation[i] >= 1;
    if (!good) return mg_keras_refuse(keras, layer, "strides or dilation_rate are no sizes");
    if (mg_json_int(layer->config, "groups", 1) != 1)
        return mg_keras_refuse(keras, layer, "groups in three dimensions");
    return MIDGE_OK;
}

static void set_options(const geometry *at, mg_network_node *node)
{
    mg_Conv3DOptions *options = node->options;
    options->padding = at->same ? MG_PADDING_SAME : MG_PADDING_VALID;
    options->stride_d = at->stride[0];
    options->stride_h = at->stride[1];
    options->stride_w = at->stride[2];
    options->dilation_d_factor = at->dilation[0];
    options->dilation_h_factor = at->dilation[1];
    options->dilation_w_factor = at->dilation[2];
}

midge_status mg_keras_lower_convolution_3d(mg_keras *keras, const mg_keras_layer *layer,
                                           mg_keras_call *call)
{
    geometry at;
    mg_keras_weight kernel;
    int32_t weights, bias, made;
    mg_network_node *node;
    TRY(read_geometry(keras, layer, call, &at));
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    TRY(mg_keras_weights(keras, layer, "kernel", 5, (int32_t[]){-1, -1, -1, source.shape[4], -1},
                         &kernel));
    int32_t shape[5] = {source.shape[0], 0, 0, 0, kernel.shape[4]};
    for (int i = 0; i < 3; ++i)
        if (!mg_keras_slide(source.shape[1 + i], kernel.shape[i], at.stride[i], at.dilation[i],
                            at.same, &shape[1 + i]))
            return mg_keras_refuse(keras, layer, "its kernel is larger than its input");
    TRY(mg_keras_constant(keras, "kernel", 5, kernel.shape, kernel.values, &weights));
    TRY(mg_keras_vector(keras, layer, "bias", kernel.shape[4], &bias));
    TRY(mg_keras_node(keras, MG_BUILTIN_CONV_3D, 3, (int32_t[]){call->inputs[0], weights, bias},
                      MIDGE_FLOAT32, 5, shape, &made, &node));
    set_options(&at, node);
    return mg_keras_activate(keras, layer, json_object_get(layer->config, "activation"), made,
                             &call->outputs[0]);
}

midge_status mg_keras_lower_transposed_3d(mg_keras *keras, const mg_keras_layer *layer,
                                          mg_keras_call *call)
{
    geometry at;
    mg_keras_weight kernel;
    int32_t weights, target, bias, made;
    mg_network_node *node;
    TRY(read_geometry(keras, layer, call, &at));
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    TRY(mg_keras_weights(keras, layer, "kernel", 5, (int32_t[]){-1, -1, -1, -1, source.shape[4]},
                         &kernel));
    int32_t shape[5] = {source.shape[0], 0, 0, 0, kernel.shape[3]};
    for (int i = 0; i < 3; ++i)
        if (at.dilation[i] != 1) return mg_keras_refuse(keras, layer, "dilation_rate other than 1");
    if (!mg_keras_grow(layer, 3, source.shape + 1, kernel.shape, at.stride, at.same, shape + 1))
        return mg_keras_refuse(keras, layer, "its kernel does not fit its input");
    TRY(mg_keras_constant(keras, "kernel", 5, kernel.shape, kernel.values, &weights));
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "output_shape", 5, shape,
                              &target));
    TRY(mg_keras_vector(keras, layer, "bias", kernel.shape[3], &bias));
    TRY(mg_keras_node(keras, MG_BUILTIN_CONV_3D_TRANSPOSE, 4,
                      (int32_t[]){target, weights, call->inputs[0], bias}, MIDGE_FLOAT32, 5, shape,
                      &made, &node));
    set_options(&at, node);
    return mg_keras_activate(keras, layer, json_object_get(layer->config, "activation"), made,
                             &call->outputs[0]);
}
