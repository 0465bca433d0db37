/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling over windows and over everything. */
#include "convert/keras_layer.h"
#include "convert/keras_mask.h"

static bool is_maximum(const mg_keras_layer *layer)
{
    return strstr(layer->class_name, "Max") != NULL;
}

/* Over height and width of [batch, height, width, channel]. */
static midge_status pool(mg_keras *keras, const mg_keras_layer *layer, const int32_t *window,
                         const int32_t *stride, int32_t input, int32_t *output)
{
    bool same = strcmp(mg_json_text(layer->config, "padding", "valid"), "same") == 0;
    int32_t shape[4];
    mg_network_node *node;
    memcpy(shape, mg_keras_tensor(keras, input)->shape, sizeof shape);
    for (int i = 0; i < 2; ++i) {
        if (!same && window[i] > shape[1 + i])
            return mg_keras_refuse(keras, layer, "its window is larger than its input");
        shape[1 + i] =
            same ? (shape[1 + i] - 1) / stride[i] + 1 : (shape[1 + i] - window[i]) / stride[i] + 1;
    }
    TRY(mg_keras_node(keras,
                      is_maximum(layer) ? MG_BUILTIN_MAX_POOL_2D : MG_BUILTIN_AVERAGE_POOL_2D, 1,
                      &input, MIDGE_FLOAT32, 4, shape, output, &node));
    mg_Pool2DOptions *options = node->options;
    options->padding = same ? MG_PADDING_SAME : MG_PADDING_VALID;
    options->filter_height = window[0];
    options->filter_width = window[1];
    options->stride_h = stride[0];
    options->stride_w = stride[1];
    return MIDGE_OK;
}

/* Windows of three dimensions are those of two, and then those of the first. An average over both
 * is the average of averages, since all of a plane's windows have the same size at each depth. */
static midge_status pool_volume(mg_keras *keras, const mg_keras_layer *layer, const int32_t *window,
                                const int32_t *stride, int32_t input, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t batch = source.shape[0], depth = source.shape[1], channels = source.shape[4], made;
    TRY(mg_keras_reshape(keras, input, 4,
                         (int32_t[]){batch * depth, source.shape[2], source.shape[3], channels},
                         &made));
    TRY(pool(keras, layer, window + 1, stride + 1, made, &made));
    const mg_network_tensor planes = *mg_keras_tensor(keras, made);
    int32_t height = planes.shape[1], width = planes.shape[2];
    TRY(mg_keras_reshape(keras, made, 4, (int32_t[]){batch, depth, height * width, channels},
                         &made));
    TRY(pool(keras, layer, (int32_t[]){window[0], 1}, (int32_t[]){stride[0], 1}, made, &made));
    int32_t shape[] = {batch, mg_keras_tensor(keras, made)->shape[1], height, width, channels};
    return mg_keras_reshape(keras, made, 5, shape, output);
}

midge_status mg_keras_lower_pool(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    int32_t dimensions = mg_keras_dimensions(layer), window[3] = {1, 1, 1}, stride[3] = {1, 1, 1};
    int32_t input = call->inputs[0];
    TRY(mg_keras_rank(keras, layer, call, dimensions + 2));
    bool good = mg_json_ints(layer->config, "pool_size", dimensions, window + 3 - dimensions) &&
                mg_json_ints(layer->config,
                             mg_json_absent(layer->config, "strides") ? "pool_size" : "strides",
                             dimensions, stride + 3 - dimensions);
    for (int i = 0; i < 3; ++i) good = good && window[i] >= 1 && stride[i] >= 1;
    if (!good) return mg_keras_refuse(keras, layer, "pool_size or strides are no sizes");
    if (dimensions == 3) return pool_volume(keras, layer, window, stride, input, &call->outputs[0]);
    mg_network_tensor source = *mg_keras_tensor(keras, input);
    if (dimensions == 1)
        TRY(mg_keras_reshape(keras, input, 4,
                             (int32_t[]){source.shape[0], 1, source.shape[1], source.shape[2]},
                             &input));
    TRY(pool(keras, layer, window + 1, stride + 1, input, &call->outputs[0]));
    if (dimensions == 2) return MIDGE_OK;
    source = *mg_keras_tensor(keras, call->outputs[0]);
    return mg_keras_reshape(keras, call->outputs[0], 3,
                            (int32_t[]){source.shape[0], source.shape[2], source.shape[3]},
                            &call->outputs[0]);
}

/* ---- To a given size ---- */

/* One dimension of [outer, size, inner] to `target` parts of which some may overlap, as Keras cuts
 * them: part i goes from floor(i * size / target) to ceil((i + 1) * size / target). */
static midge_status adapt(mg_keras *keras, int32_t op, int32_t target, int32_t input,
                          int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t outer = source.shape[0], size = source.shape[1], inner = source.shape[2], made;
    if (size % target == 0) {
        TRY(mg_keras_reshape(keras, input, 4, (int32_t[]){outer, target, size / target, inner},
                             &made));
        return mg_keras_reduce(keras, op, made, 1, (int32_t[]){2}, false, output);
    }
    void *memory = NULL;
    TRY(mg_region_get_array(&keras->call_region, (size_t)target, sizeof(int32_t), &memory,
                            keras->error));
    int32_t *parts = memory;
    for (int32_t i = 0; i < target; ++i) {
        int32_t begin = (int32_t)((int64_t)i * size / target);
        int32_t end = (int32_t)((((int64_t)i + 1) * size + target - 1) / target);
        TRY(mg_keras_slice(keras, input, (int32_t[]){0, begin, 0},
                           (int32_t[]){outer, end - begin, inner}, &made));
        TRY(mg_keras_reduce(keras, op, made, 1, (int32_t[]){1}, true, &parts[i]));
    }
    return mg_keras_concatenate(keras, (size_t)target, parts, 1, output);
}

midge_status mg_keras_lower_adaptive_pool(mg_keras *keras, const mg_keras_layer *layer,
                                          mg_keras_call *call)
{
    int32_t dimensions = mg_keras_dimensions(layer), target[3], shape[MIDGE_MAX_RANK];
    int32_t made = call->inputs[0];
    TRY(mg_keras_rank(keras, layer, call, dimensions + 2));
    if (!mg_json_ints(layer->config, "output_size", dimensions, target))
        return mg_keras_refuse(keras, layer, "output_size is no size");
    memcpy(shape, mg_keras_tensor(keras, made)->shape, sizeof shape);
    for (int32_t d = 0; d < dimensions; ++d) {
        int32_t outer = 1, inner = 1;
        if (target[d] < 1 || target[d] > 4096)
            return mg_keras_refuse(keras, layer, "output_size is no size");
        for (int32_t i = 0; i <= d; ++i) outer *= shape[i];
        for (int32_t i = d + 2; i < dimensions + 2; ++i) inner *= shape[i];
        TRY(mg_keras_reshape(keras, made, 3, (int32_t[]){outer, shape[d + 1], inner}, &made));
        TRY(adapt(keras, is_maximum(layer) ? MG_BUILTIN_REDUCE_MAX : MG_BUILTIN_MEAN, target[d],
                  made, &made));
        shape[d + 1] = target[d];
    }
    return mg_keras_reshape(keras, made, dimensions + 2, shape, &call->outputs[0]);
}

/* ---- Over everything ---- */

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
    TRY(mg_keras_rank(keras, layer, call, mg_keras_dimensions(layer) + 2));
    int32_t mask = strcmp(layer->class_name, "GlobalAveragePooling1D") == 0
                       ? mg_keras_call_mask(keras, call)
                       : -1;
    if (mask >= 0) return masked_mean(keras, layer, call->inputs[0], mask, &call->outputs[0]);
    for (int32_t i = 1; i < rank - 1; ++i) axes[count++] = i;
    return mg_keras_reduce(keras, is_maximum(layer) ? MG_BUILTIN_REDUCE_MAX : MG_BUILTIN_MEAN,
                           call->inputs[0], count, axes,
                           mg_json_flag(layer->config, "keepdims", false), &call->outputs[0]);
}
