/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations with windows over two or three dimensions.
 *
 *   TensorFlow                                  file
 *   Conv2D     [h, w, in / groups, out]         [out, h, w, in / groups]
 *   depthwise  [h, w, in, multiplier]           [1, h, w, in * multiplier]
 *   transposed [h, w, out, in]                  [out, h, w, in]
 *   Conv3D     [d, h, w, in, out]               as it is
 */
#include <math.h>

#include "convert/tensorflow_operation.h"

typedef struct window {
    int32_t stride[3], dilation[3], size[3]; /* of height and width, or depth, height and width */
    int8_t padding;
    bool explicit_padding;
    int32_t amounts[2 * MIDGE_MAX_RANK]; /* with channels last */
} window;

/* A list for all dimensions, of which those in space are wanted; ones where it is absent. */
static midge_status read_list(mg_tensorflow *tf, const mg_tf_operation *operation, const char *key,
                              int32_t dimensions, int32_t *values)
{
    int32_t list[MIDGE_MAX_RANK];
    size_t count = mg_attr_ints(operation->node, key, MIDGE_MAX_RANK, list);
    size_t first = mg_tf_is_channels_first(operation) ? 2 : 1;
    for (int32_t i = 0; i < dimensions; ++i) values[i] = 1;
    if (count == 0) return MIDGE_OK;
    if (count != (size_t)dimensions + 2) return mg_tf_refuse(tf, "%s has %zu numbers", key, count);
    size_t channel = first == 2 ? 1 : count - 1;
    if (list[0] != 1 || list[channel] != 1)
        return mg_tf_refuse(tf, "%s over batch or channels", key);
    for (int32_t i = 0; i < dimensions; ++i) {
        values[i] = list[first + (size_t)i];
        if (values[i] < 1) return mg_tf_refuse(tf, "%s of %d", key, (int)values[i]);
    }
    return MIDGE_OK;
}

static midge_status read_window(mg_tensorflow *tf, const mg_tf_operation *operation,
                                int32_t dimensions, window *made)
{
    int32_t list[2 * MIDGE_MAX_RANK];
    *made = (window){.padding = MG_PADDING_VALID};
    TRY(read_list(tf, operation, "strides", dimensions, made->stride));
    TRY(read_list(tf, operation, "dilations", dimensions, made->dilation));
    TRY(read_list(tf, operation, "ksize", dimensions, made->size));
    if (mg_attr_is(operation->node, "padding", "SAME")) made->padding = MG_PADDING_SAME;
    if (!mg_attr_is(operation->node, "padding", "EXPLICIT")) return MIDGE_OK;
    size_t count = mg_attr_ints(operation->node, "explicit_paddings", 2 * MIDGE_MAX_RANK, list);
    if (count != 2 * ((size_t)dimensions + 2))
        return mg_tf_refuse(tf, "explicit_paddings has %zu numbers", count);
    made->explicit_padding = true;
    size_t first = mg_tf_is_channels_first(operation) ? 4 : 2;
    for (size_t i = 0; i < 2 * (size_t)dimensions; ++i) made->amounts[2 + i] = list[first + i];
    return MIDGE_OK;
}

/* The image with channels last, padded where the amounts are explicit. */
static midge_status enter(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                          int32_t dimensions, const window *at, const float *filling,
                          int32_t *image)
{
    TRY(mg_tf_input(tf, operation, place, image));
    TRY(mg_tf_rank(tf, *image, dimensions + 2));
    TRY(mg_tf_channels_last(tf, operation, *image, image));
    return at->explicit_padding ? mg_tf_pad(tf, *image, at->amounts, filling, image) : MIDGE_OK;
}

static midge_status leave(mg_tensorflow *tf, mg_tf_operation *operation, int32_t output)
{
    TRY(mg_tf_channels_back(tf, operation, output, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_convolution(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t image, filter, bias, output;
    window at;
    mg_network_node *node;
    TRY(read_window(tf, operation, 2, &at));
    TRY(enter(tf, operation, 0, 2, &at, NULL, &image));
    TRY(mg_tf_input(tf, operation, 1, &filter));
    TRY(mg_tf_rank(tf, filter, 4));
    TRY(mg_tf_transpose(tf, filter, (int32_t[]){3, 0, 1, 2}, &filter));
    TRY(mg_tf_zero_bias(tf, mg_tf_tensor(tf, filter)->shape[0], &bias));
    TRY(mg_tf_begin(tf, MG_BUILTIN_CONV_2D, 3, (int32_t[]){image, filter, bias}, 1, -1, &node));
    mg_Conv2DOptions *options = node->options;
    options->padding = at.padding;
    options->stride_h = at.stride[0];
    options->stride_w = at.stride[1];
    options->dilation_h_factor = at.dilation[0];
    options->dilation_w_factor = at.dilation[1];
    TRY(mg_tf_finish(tf, &output));
    return leave(tf, operation, output);
}

midge_status mg_tf_lower_depthwise(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t image, filter, bias, output;
    window at;
    mg_network_node *node;
    TRY(read_window(tf, operation, 2, &at));
    TRY(enter(tf, operation, 0, 2, &at, NULL, &image));
    TRY(mg_tf_input(tf, operation, 1, &filter));
    TRY(mg_tf_rank(tf, filter, 4));
    const mg_network_tensor weights = *mg_tf_tensor(tf, filter);
    int64_t channels = (int64_t)weights.shape[2] * weights.shape[3];
    if (channels > INT32_MAX) return mg_tf_refuse(tf, "has too many channels");
    TRY(mg_tf_reshape(tf, filter, 4,
                      (int32_t[]){1, weights.shape[0], weights.shape[1], (int32_t)channels},
                      &filter));
    TRY(mg_tf_zero_bias(tf, (int32_t)channels, &bias));
    TRY(mg_tf_begin(tf, MG_BUILTIN_DEPTHWISE_CONV_2D, 3, (int32_t[]){image, filter, bias}, 1, -1,
                    &node));
    mg_DepthwiseConv2DOptions *options = node->options;
    options->padding = at.padding;
    options->stride_h = at.stride[0];
    options->stride_w = at.stride[1];
    options->dilation_h_factor = at.dilation[0];
    options->dilation_w_factor = at.dilation[1];
    options->depth_multiplier = weights.shape[3];
    TRY(mg_tf_finish(tf, &output));
    return leave(tf, operation, output);
}

/* The shape of the result, which a transposed convolution is given, with channels last. */
static midge_status read_sizes(mg_tensorflow *tf, const mg_tf_operation *operation, size_t rank,
                               int32_t *sizes)
{
    int32_t given[MIDGE_MAX_RANK];
    size_t count = 0;
    TRY(mg_tf_input_ints(tf, operation, 0, MIDGE_MAX_RANK, given, &count));
    if (count != rank) return mg_tf_refuse(tf, "wants a result of %zu dimensions", count);
    bool first = mg_tf_is_channels_first(operation);
    for (size_t i = 0; i < rank; ++i)
        sizes[i] = given[!first || i == 0 ? i : i == rank - 1 ? 1 : i + 1];
    return MIDGE_OK;
}

midge_status mg_tf_lower_transposed_convolution(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t image, filter, sizes[4], shape, output;
    window at;
    mg_network_node *node;
    TRY(read_window(tf, operation, 2, &at));
    if (at.explicit_padding || at.dilation[0] != 1 || at.dilation[1] != 1)
        return mg_tf_refuse(tf, "explicit padding or dilation of a transposed convolution");
    TRY(read_sizes(tf, operation, 4, sizes));
    TRY(enter(tf, operation, 2, 2, &at, NULL, &image));
    TRY(mg_tf_input(tf, operation, 1, &filter));
    TRY(mg_tf_rank(tf, filter, 4));
    TRY(mg_tf_transpose(tf, filter, (int32_t[]){2, 0, 1, 3}, &filter));
    TRY(mg_tf_int32s(tf, 4, sizes, &shape));
    TRY(mg_tf_begin(tf, MG_BUILTIN_TRANSPOSE_CONV, 3, (int32_t[]){shape, filter, image}, 1,
                    MIDGE_FLOAT32, &node));
    mg_TransposeConvOptions *options = node->options;
    options->padding = at.padding;
    options->stride_h = at.stride[0];
    options->stride_w = at.stride[1];
    TRY(mg_tf_finish(tf, &output));
    return leave(tf, operation, output);
}

static void set_3d(const window *at, mg_Conv3DOptions *options)
{
    options->padding = at->padding;
    options->stride_d = at->stride[0];
    options->stride_h = at->stride[1];
    options->stride_w = at->stride[2];
    options->dilation_d_factor = at->dilation[0];
    options->dilation_h_factor = at->dilation[1];
    options->dilation_w_factor = at->dilation[2];
}

midge_status mg_tf_lower_convolution_3d(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t image, filter, output;
    window at;
    mg_network_node *node;
    TRY(read_window(tf, operation, 3, &at));
    TRY(enter(tf, operation, 0, 3, &at, NULL, &image));
    TRY(mg_tf_input(tf, operation, 1, &filter));
    TRY(mg_tf_begin(tf, MG_BUILTIN_CONV_3D, 2, (int32_t[]){image, filter}, 1, -1, &node));
    set_3d(&at, node->options);
    TRY(mg_tf_finish(tf, &output));
    return leave(tf, operation, output);
}

midge_status mg_tf_lower_transposed_convolution_3d(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t image, filter, sizes[5], shape, output;
    window at;
    mg_network_node *node;
    TRY(read_window(tf, operation, 3, &at));
    TRY(read_sizes(tf, operation, 5, sizes));
    TRY(enter(tf, operation, 2, 3, &at, NULL, &image));
    TRY(mg_tf_input(tf, operation, 1, &filter));
    TRY(mg_tf_int32s(tf, 5, sizes, &shape));
    TRY(mg_tf_begin(tf, MG_BUILTIN_CONV_3D_TRANSPOSE, 3, (int32_t[]){shape, filter, image}, 1,
                    MIDGE_FLOAT32, &node));
    set_3d(&at, node->options);
    TRY(mg_tf_finish(tf, &output));
    return leave(tf, operation, output);
}

static midge_status pool(mg_tensorflow *tf, int32_t op, int8_t padding, const int32_t *stride,
                         const int32_t *size, int32_t input, int32_t *output)
{
    mg_network_node *node;
    *output = input;
    if (size[0] == 1 && size[1] == 1 && stride[0] == 1 && stride[1] == 1) return MIDGE_OK;
    TRY(mg_tf_begin(tf, op, 1, &input, 1, -1, &node));
    mg_Pool2DOptions *options = node->options;
    options->padding = padding;
    options->stride_h = stride[0];
    options->stride_w = stride[1];
    options->filter_height = size[0];
    options->filter_width = size[1];
    return mg_tf_finish(tf, output);
}

midge_status mg_tf_lower_pool(mg_tensorflow *tf, mg_tf_operation *operation)
{
    static const float lowest = -INFINITY;
    int32_t image, output;
    window at;
    TRY(read_window(tf, operation, 2, &at));
    if (at.explicit_padding && operation->row->code != MG_BUILTIN_MAX_POOL_2D)
        return mg_tf_refuse(tf, "explicit padding of an average");
    TRY(enter(tf, operation, 0, 2, &at, &lowest, &image));
    TRY(pool(tf, operation->row->code, at.padding, at.stride, at.size, image, &output));
    return leave(tf, operation, output);
}

/* First over height and width, then over depth: a box is the product of the two. */
midge_status mg_tf_lower_pool_3d(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t image, output;
    window at;
    TRY(read_window(tf, operation, 3, &at));
    TRY(enter(tf, operation, 0, 3, &at, NULL, &image));
    const mg_network_tensor source = *mg_tf_tensor(tf, image);
    const int32_t *s = source.shape;
    int64_t planes = (int64_t)s[0] * s[1];
    if (planes > INT32_MAX) return mg_tf_refuse(tf, "has too many planes");
    TRY(mg_tf_reshape(tf, image, 4, (int32_t[]){(int32_t)planes, s[2], s[3], s[4]}, &image));
    TRY(pool(tf, operation->row->code, at.padding, at.stride + 1, at.size + 1, image, &output));
    int32_t height = mg_tf_tensor(tf, output)->shape[1], width = mg_tf_tensor(tf, output)->shape[2];
    if ((int64_t)height * width > INT32_MAX) return mg_tf_refuse(tf, "has too large planes");
    TRY(mg_tf_reshape(tf, output, 4, (int32_t[]){s[0], s[1], height * width, s[4]}, &output));
    TRY(pool(tf, operation->row->code, at.padding, (int32_t[]){at.stride[0], 1},
             (int32_t[]){at.size[0], 1}, output, &output));
    int32_t depth = mg_tf_tensor(tf, output)->shape[1];
    TRY(mg_tf_reshape(tf, output, 5, (int32_t[]){s[0], depth, height, width, s[4]}, &output));
    return leave(tf, operation, output);
}
