/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling over windows and over everything. */
#include "convert/keras_layer.h"
#include "convert/keras_mask.h"

static bool is_maximum(const mg_keras_layer *layer)
{
    return strstr(layer->class_name, "Max") != NULL;
}

static bool is_flat(const mg_keras_layer *layer)
{
    return strstr(layer->class_name, "1D") != NULL;
}

midge_status mg_keras_lower_pool(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    int32_t dimensions = is_flat(layer) ? 1 : 2, window[2] = {1, 1}, stride[2] = {1, 1};
    int32_t input = call->inputs[0], shape[4], made;
    bool same = strcmp(mg_json_text(layer->config, "padding", "valid"), "same") == 0;
    mg_network_node *node;
    TRY(mg_keras_rank(keras, layer, call, dimensions + 2));
    TRY(mg_keras_channels_last(keras, layer));
    if (!mg_json_ints(layer->config, "pool_size", dimensions, window + 2 - dimensions) ||
        !mg_json_ints(layer->config,
                      mg_json_absent(layer->config, "strides") ? "pool_size" : "strides",
                      dimensions, stride + 2 - dimensions) ||
        window[0] < 1 || window[1] < 1 || stride[0] < 1 || stride[1] < 1)
        return mg_keras_refuse(keras, layer, "pool_size or strides are no sizes");
    mg_network_tensor source = *mg_keras_tensor(keras, input);
    if (dimensions == 1)
        TRY(mg_keras_reshape(keras, input, 4,
                             (int32_t[]){source.shape[0], 1, source.shape[1], source.shape[2]},
                             &input));
    memcpy(shape, mg_keras_tensor(keras, input)->shape, sizeof shape);
    for (int i = 0; i < 2; ++i) {
        if (!same && window[i] > shape[1 + i])
            return mg_keras_refuse(keras, layer, "its window is larger than its input");
        shape[1 + i] =
            same ? (shape[1 + i] - 1) / stride[i] + 1 : (shape[1 + i] - window[i]) / stride[i] + 1;
    }
    TRY(mg_keras_node(keras,
                      is_maximum(layer) ? MG_BUILTIN_MAX_POOL_2D : MG_BUILTIN_AVERAGE_POOL_2D, 1,
                      &input, MIDGE_FLOAT32, 4, shape, &made, &node));
    mg_Pool2DOptions *options = node->options;
    options->padding = same ? MG_PADDING_SAME : MG_PADDING_VALID;
    options->filter_height = window[0];
    options->filter_width = window[1];
    options->stride_h = stride[0];
    options->stride_w = stride[1];
    call->outputs[0] = made;
    if (dimensions == 2) return MIDGE_OK;
    return mg_keras_reshape(keras, made, 3, (int32_t[]){shape[0], shape[2], shape[3]},
                            &call->outputs[0]);
}

/* The mean of the steps that count. */
static midge_status masked_mean(mg_keras *keras, const mg_keras_layer *layer, int32_t input,
                                int32_t mask, int32_t *output)
{
    bool keep = mg_json_flag(layer->config, "keepdims", false);
    int32_t column, factor, sum, count;
    TRY(mg_keras_mask_column(keras, mask, &column));
    TRY(mg_keras_cast(keras, column, MIDGE_FLOAT32, &factor));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, input, factor, &sum));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_SUM, sum, 1, (int32_t[]){1}, keep, &sum));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_SUM, factor, 1, (int32_t[]){1}, keep, &count));
    return mg_keras_binary(keras, MG_BUILTIN_DIV, sum, count, output);
}

midge_status mg_keras_lower_global_pool(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, axes[MIDGE_MAX_RANK], count = 0;
    int32_t expected = is_flat(layer) ? 3 : strstr(layer->class_name, "3D") != NULL ? 5 : 4;
    TRY(mg_keras_channels_last(keras, layer));
    TRY(mg_keras_rank(keras, layer, call, expected));
    int32_t mask = strcmp(layer->class_name, "GlobalAveragePooling1D") == 0
                       ? mg_keras_call_mask(keras, call)
                       : -1;
    if (mask >= 0) return masked_mean(keras, layer, call->inputs[0], mask, &call->outputs[0]);
    for (int32_t i = 1; i < rank - 1; ++i) axes[count++] = i;
    return mg_keras_reduce(keras, is_maximum(layer) ? MG_BUILTIN_REDUCE_MAX : MG_BUILTIN_MEAN,
                           call->inputs[0], count, axes,
                           mg_json_flag(layer->config, "keepdims", false), &call->outputs[0]);
}
