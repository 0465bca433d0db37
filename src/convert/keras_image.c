/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures cut and scaled to a size. */
#include "convert/keras_layer.h"

midge_status mg_keras_resize(mg_keras *keras, int32_t input, int32_t height, int32_t width,
                             bool linear, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[4] = {source.shape[0], height, width, source.shape[3]}, target;
    mg_network_node *node;
    *output = input;
    if (source.shape[1] == height && source.shape[2] == width) return MIDGE_OK;
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "size", 2, shape + 1,
                              &target));
    TRY(mg_keras_node(keras,
                      linear ? MG_BUILTIN_RESIZE_BILINEAR : MG_BUILTIN_RESIZE_NEAREST_NEIGHBOR, 2,
                      (int32_t[]){input, target}, source.type, 4, shape, output, &node));
    if (linear)
        ((mg_ResizeBilinearOptions *)node->options)->half_pixel_centers = true;
    else
        ((mg_ResizeNearestNeighborOptions *)node->options)->half_pixel_centers = true;
    return MIDGE_OK;
}

static midge_status read_size(mg_keras *keras, const mg_keras_layer *layer,
                              const mg_keras_call *call, int32_t *size)
{
    TRY(mg_keras_rank(keras, layer, call, 4));
    size[0] = mg_json_int(layer->config, "height", 0);
    size[1] = mg_json_int(layer->config, "width", 0);
    if (size[0] < 1 || size[1] < 1)
        return mg_keras_refuse(keras, layer, "height or width is no size");
    return MIDGE_OK;
}

static midge_status resize(mg_keras *keras, const mg_keras_layer *layer, const mg_keras_call *call,
                           const int32_t *size, int32_t *output)
{
    const char *kind = mg_json_text(layer->config, "interpolation", "bilinear");
    bool linear = strcmp(kind, "bilinear") == 0;
    int32_t input;
    if (!linear && strcmp(kind, "nearest") != 0)
        return mg_keras_refuse(keras, layer, "interpolation other than nearest and bilinear");
    if (mg_json_flag(layer->config, "crop_to_aspect_ratio", false) ||
        mg_json_flag(layer->config, "pad_to_aspect_ratio", false) ||
        mg_json_flag(layer->config, "antialias", false))
        return mg_keras_refuse(keras, layer, "keeping the aspect ratio, or antialiasing");
    TRY(mg_keras_cast(keras, call->inputs[0], MIDGE_FLOAT32, &input));
    return mg_keras_resize(keras, input, size[0], size[1], linear, output);
}

midge_status mg_keras_lower_resizing(mg_keras *keras, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    int32_t size[2];
    TRY(read_size(keras, layer, call, size));
    return resize(keras, layer, call, size, &call->outputs[0]);
}

midge_status mg_keras_lower_op_resize(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    int32_t size[2];
    TRY(mg_keras_rank(keras, layer, call, 4));
    if (!mg_json_ints(layer->config, "size", 2, size) || size[0] < 1 || size[1] < 1)
        return mg_keras_refuse(keras, layer, "its size is no height and width");
    return resize(keras, layer, call, size, &call->outputs[0]);
}

midge_status mg_keras_lower_center_crop(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t size[2];
    TRY(read_size(keras, layer, call, size));
    if (size[0] > source.shape[1] || size[1] > source.shape[2])
        return mg_keras_refuse(keras, layer, "is larger than its input");
    return mg_keras_slice(
        keras, call->inputs[0],
        (int32_t[]){0, (source.shape[1] - size[0]) / 2, (source.shape[2] - size[1]) / 2, 0},
        (int32_t[]){source.shape[0], size[0], size[1], source.shape[3]}, &call->outputs[0]);
}

/* Keras 3 leaves pictures alone outside of training; Keras 2 cut the middle out of them. */
midge_status mg_keras_lower_random_crop(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    if (keras->version < 3)
        return mg_keras_refuse(keras, layer,
                               "of Keras 2, which scales and cuts; use Resizing and "
                               "CenterCrop");
    call->outputs[0] = call->inputs[0];
    return MIDGE_OK;
}
