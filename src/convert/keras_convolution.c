/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions of one and two dimensions. One dimension is two, of which the first has size 1:
 * [batch, time, channel] is seen as [batch, 1, time, channel].
 *
 *   Keras                                     file
 *   kernel     [h, w, in / groups, out]       [out, h, w, in / groups]
 *   depthwise  [h, w, in, multiplier]         [1, h, w, in * multiplier]
 *   transposed [h, w, out, in]                [out, h, w, in]
 */
#include "convert/keras_convolution.h"
#include "convert/keras_ranges.h"

static midge_status read_pair(mg_keras *keras, const mg_keras_layer *layer, const char *key,
                              int32_t dimensions, int32_t *pair)
{
    pair[0] = pair[1] = 1;
    if (mg_json_absent(layer->config, key)) return MIDGE_OK;
    if (!mg_json_ints(layer->config, key, dimensions, pair + 2 - dimensions) || pair[0] < 1 ||
        pair[1] < 1)
        return mg_keras_refuse(keras, layer, "%s is no list of %d sizes", key, (int)dimensions);
    return MIDGE_OK;
}

midge_status mg_keras_read_geometry(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_geometry *made)
{
    const char *padding = mg_json_text(layer->config, "padding", "valid");
    made->dimensions = strstr(layer->class_name, "1D") != NULL ? 1 : 2;
    made->causal = strcmp(padding, "causal") == 0;
    made->same = strcmp(padding, "same") == 0;
    TRY(read_pair(keras, layer, "strides", made->dimensions, made->stride));
    return read_pair(keras, layer, "dilation_rate", made->dimensions, made->dilation);
}

static midge_status read_geometry(mg_keras *keras, const mg_keras_layer *layer,
                                  const mg_keras_call *call, mg_keras_geometry *made)
{
    TRY(mg_keras_read_geometry(keras, layer, made));
    TRY(mg_keras_rank(keras, layer, call, made->dimensions + 2));
    if (mg_keras_tensor(keras, call->inputs[0])->type != MIDGE_FLOAT32)
        return mg_keras_refuse(keras, layer, "its input is %s; put a Rescaling layer before it",
                               midge_type_name(mg_keras_tensor(keras, call->inputs[0])->type));
    return MIDGE_OK;
}

/* [batch, time, channel] as [batch, 1, time, channel], with what causal padding adds in front. */
static midge_status enter(mg_keras *keras, const mg_keras_geometry *at, int32_t filter,
                          int32_t input, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    *output = input;
    if (at->dimensions == 2) return MIDGE_OK;
    if (at->causal && (int64_t)(filter - 1) * at->dilation[1] < INT32_MAX)
        TRY(mg_keras_pad(keras, input, (int32_t[]){0, 0, (filter - 1) * at->dilation[1], 0, 0, 0},
                         &input));
    return mg_keras_reshape(
        keras, input, 4,
        (int32_t[]){source.shape[0], 1, mg_keras_tensor(keras, input)->shape[1], source.shape[2]},
        output);
}

static midge_status leave(mg_keras *keras, const mg_keras_geometry *at, int32_t input,
                          int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    *output = input;
    if (at->dimensions == 2) return MIDGE_OK;
    return mg_keras_reshape(keras, input, 3,
                            (int32_t[]){source.shape[0], source.shape[2], source.shape[3]}, output);
}

bool mg_keras_slide(int32_t input, int32_t filter, int32_t stride, int32_t dilation, bool same,
                    int32_t *output)
{
    int64_t reach = (int64_t)(filter - 1) * dilation + 1;
    int64_t room = same ? input + (int64_t)stride - 1 : input - reach + stride;
    if (room < stride) return false;
    *output = (int32_t)(room / stride);
    return true;
}

static bool slide(const mg_keras_geometry *at, const int32_t *filter, const int32_t *input,
                  int32_t *output)
{
    for (int i = 0; i < 2; ++i)
        if (!mg_keras_slide(input[i], filter[i], at->stride[i], at->dilation[i], at->same,
                            &output[i]))
            return false;
    return true;
}

midge_status mg_keras_read_kernel(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                                  const mg_keras_geometry *at, mg_keras_weight *kernel)
{
    TRY(mg_keras_weights(keras, layer, name, at->dimensions + 2, NULL, kernel));
    if (at->dimensions == 2) return MIDGE_OK;
    memmove(kernel->shape + 1, kernel->shape, 3 * sizeof kernel->shape[0]);
    kernel->shape[0] = 1;
    kernel->rank = 4;
    return MIDGE_OK;
}

midge_status mg_keras_convolve(mg_keras *keras, const mg_keras_layer *layer,
                               const mg_keras_geometry *at, const mg_keras_weight *kernel,
                               int32_t bias, int32_t input, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t taps = kernel->shape[0] * kernel->shape[1] * kernel->shape[2], out = kernel->shape[3];
    int32_t shape[4] = {source.shape[0], 0, 0, out}, weights;
    float *values = NULL;
    mg_network_node *node;
    if (source.shape[3] % kernel->shape[2] != 0 || out % (source.shape[3] / kernel->shape[2]) != 0)
        return mg_keras_refuse(keras, layer, "its kernel is for %d channels, not %d",
                               (int)kernel->shape[2], (int)source.shape[3]);
    if (!slide(at, kernel->shape, source.shape + 1, shape + 1))
        return mg_keras_refuse(keras, layer, "its kernel is larger than its input");
    TRY(mg_keras_room(keras, "kernel", 4,
                      (int32_t[]){out, kernel->shape[0], kernel->shape[1], kernel->shape[2]},
                      &values, &weights));
    mg_keras_transpose_matrix(kernel->values, (size_t)taps, (size_t)out, values);
    TRY(mg_keras_node(keras, MG_BUILTIN_CONV_2D, 3, (int32_t[]){input, weights, bias},
                      MIDGE_FLOAT32, 4, shape, output, &node));
    mg_Conv2DOptions *options = node->options;
    options->padding = at->same ? MG_PADDING_SAME : MG_PADDING_VALID;
    options->stride_h = at->stride[0];
    options->stride_w = at->stride[1];
    options->dilation_h_factor = at->dilation[0];
    options->dilation_w_factor = at->dilation[1];
    return MIDGE_OK;
}

static midge_status convolve_depthwise(mg_keras *keras, const mg_keras_layer *layer,
                                       const mg_keras_geometry *at, const mg_keras_weight *kernel,
                                       int32_t bias, int32_t input, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t channels = kernel->shape[2] * kernel->shape[3];
    int32_t shape[4] = {source.shape[0], 0, 0, channels}, weights;
    mg_network_node *node;
    if (source.shape[3] != kernel->shape[2])
        return mg_keras_refuse(keras, layer, "its kernel is for %d channels, not %d",
                               (int)kernel->shape[2], (int)source.shape[3]);
    if (!slide(at, kernel->shape, source.shape + 1, shape + 1))
        return mg_keras_refuse(keras, layer, "its kernel is larger than its input");
    TRY(mg_keras_constant(keras, "kernel", 4,
                          (int32_t[]){1, kernel->shape[0], kernel->shape[1], channels},
                          kernel->values, &weights));
    TRY(mg_keras_node(keras, MG_BUILTIN_DEPTHWISE_CONV_2D, 3, (int32_t[]){input, weights, bias},
                      MIDGE_FLOAT32, 4, shape, output, &node));
    mg_DepthwiseConv2DOptions *options = node->options;
    options->padding = at->same ? MG_PADDING_SAME : MG_PADDING_VALID;
    options->stride_h = at->stride[0];
    options->stride_w = at->stride[1];
    options->dilation_h_factor = at->dilation[0];
    options->dilation_w_factor = at->dilation[1];
    options->depth_multiplier = kernel->shape[3];
    return MIDGE_OK;
}

/* The activation goes first, where it can be fused. */
static midge_status finish(mg_keras *keras, const mg_keras_layer *layer,
                           const mg_keras_geometry *at, int32_t made, mg_keras_call *call)
{
    TRY(mg_keras_activate(keras, layer, json_object_get(layer->config, "activation"), made, &made));
    return leave(keras, at, made, &call->outputs[0]);
}

midge_status mg_keras_lower_convolution(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    mg_keras_geometry at;
    mg_keras_weight kernel;
    int32_t input, bias, made;
    TRY(read_geometry(keras, layer, call, &at));
    TRY(mg_keras_read_kernel(keras, layer, "kernel", &at, &kernel));
    TRY(enter(keras, &at, kernel.shape[1], call->inputs[0], &input));
    TRY(mg_keras_vector(keras, layer, "bias", kernel.shape[3], &bias));
    TRY(mg_keras_convolve(keras, layer, &at, &kernel, bias, input, &made));
    return finish(keras, layer, &at, made, call);
}

midge_status mg_keras_lower_depthwise(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    mg_keras_geometry at;
    mg_keras_weight kernel;
    int32_t input, bias, made;
    TRY(read_geometry(keras, layer, call, &at));
    TRY(mg_keras_read_kernel(keras, layer, "kernel", &at, &kernel));
    TRY(enter(keras, &at, kernel.shape[1], call->inputs[0], &input));
    TRY(mg_keras_vector(keras, layer, "bias", kernel.shape[2] * kernel.shape[3], &bias));
    TRY(convolve_depthwise(keras, layer, &at, &kernel, bias, input, &made));
    return finish(keras, layer, &at, made, call);
}

midge_status mg_keras_lower_separable(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    mg_keras_geometry at;
    const mg_keras_geometry point = {.dimensions = 2, .stride = {1, 1}, .dilation = {1, 1}};
    mg_keras_weight kernel, mixing;
    int32_t input, bias, zeros, made;
    float *none = NULL;
    TRY(read_geometry(keras, layer, call, &at));
    TRY(mg_keras_read_kernel(keras, layer, "depthwise_kernel", &at, &kernel));
    TRY(mg_keras_read_kernel(keras, layer, "pointwise_kernel", &at, &mixing));
    int32_t channels = kernel.shape[2] * kernel.shape[3];
    TRY(enter(keras, &at, kernel.shape[1], call->inputs[0], &input));
    TRY(mg_keras_room(keras, "depthwise_bias", 1, &channels, &none, &zeros));
    TRY(convolve_depthwise(keras, layer, &at, &kernel, zeros, input, &made));
    mg_keras_take_range(keras, layer, MG_KERAS_DEPTHWISE, made);
    TRY(mg_keras_vector(keras, layer, "bias", mixing.shape[3], &bias));
    TRY(mg_keras_convolve(keras, layer, &point, &mixing, bias, made, &made));
    return finish(keras, layer, &at, made, call);
}

/* ---- Transposed ---- */

bool mg_keras_grow(const mg_keras_layer *layer, int32_t dimensions, const int32_t *input,
                   const int32_t *filter, const int32_t *stride, bool same, int32_t *output)
{
    int32_t extra[3] = {-1, -1, -1};
    if (!mg_json_absent(layer->config, "output_padding") &&
        !mg_json_ints(layer->config, "output_padding", dimensions, extra))
        return false;
    for (int i = 0; i < dimensions; ++i) {
        int64_t size = (int64_t)input[i] * stride[i];
        int64_t beyond = (int64_t)filter[i] - stride[i];
        if (extra[i] >= 0)
            size = ((int64_t)input[i] - 1) * stride[i] + filter[i] + extra[i] -
                   (same ? 2 * (int64_t)(filter[i] / 2) : 0);
        else if (!same && beyond > 0)
            size += beyond;
        if (size < 1 || size > INT32_MAX) return false;
        output[i] = (int32_t)size;
    }
    return true;
}

static bool grow(const mg_keras_layer *layer, const mg_keras_geometry *at, const int32_t *filter,
                 const int32_t *input, int32_t *output)
{
    int32_t first = 2 - at->dimensions;
    output[0] = 1;
    return mg_keras_grow(layer, at->dimensions, input + first, filter + first, at->stride + first,
                         at->same, output + first);
}

/* [h, w, out, in] as [out, h, w, in]. */
static void order_transposed(const mg_keras_weight *kernel, float *values)
{
    size_t taps = (size_t)kernel->shape[0] * (size_t)kernel->shape[1];
    size_t out = (size_t)kernel->shape[2], in = (size_t)kernel->shape[3];
    for (size_t t = 0; t < taps; ++t)
        for (size_t o = 0; o < out; ++o)
            memcpy(values + (o * taps + t) * in, kernel->values + (t * out + o) * in,
                   in * sizeof *values);
}

/* Without a bias the operator is older; ADD of a following layer would not join it. */
midge_status mg_keras_lower_transposed(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    mg_keras_geometry at;
    mg_keras_weight kernel;
    int32_t input, weights, target, bias = -1, made;
    float *values = NULL;
    mg_network_node *node;
    TRY(read_geometry(keras, layer, call, &at));
    if (at.dilation[0] != 1 || at.dilation[1] != 1)
        return mg_keras_refuse(keras, layer, "dilation_rate other than 1");
    TRY(mg_keras_read_kernel(keras, layer, "kernel", &at, &kernel));
    TRY(enter(keras, &at, kernel.shape[1], call->inputs[0], &input));
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    int32_t shape[4] = {source.shape[0], 1, 1, kernel.shape[2]};
    if (source.shape[3] != kernel.shape[3] ||
        !grow(layer, &at, kernel.shape, source.shape + 1, shape + 1))
        return mg_keras_refuse(keras, layer, "its kernel does not fit its input");
    TRY(mg_keras_room(
        keras, "kernel", 4,
        (int32_t[]){kernel.shape[2], kernel.shape[0], kernel.shape[1], kernel.shape[3]}, &values,
        &weights));
    order_transposed(&kernel, values);
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "output_shape", 4, shape,
                              &target));
    if (mg_keras_has_weight(layer, "bias"))
        TRY(mg_keras_vector(keras, layer, "bias", kernel.shape[2], &bias));
    TRY(mg_keras_node(keras, MG_BUILTIN_TRANSPOSE_CONV, bias < 0 ? 3 : 4,
                      (int32_t[]){target, weights, input, bias}, MIDGE_FLOAT32, 4, shape, &made,
                      &node));
    mg_TransposeConvOptions *options = node->options;
    options->padding = at.same ? MG_PADDING_SAME : MG_PADDING_VALID;
    options->stride_h = at.stride[0];
    options->stride_w = at.stride[1];
    return finish(keras, layer, &at, made, call);
}
