/* SPDX-License-Identifier: Apache-2.0 */
/* Colours: red, green, blue to hue, saturation, value and back, and what is done with them, as
 * arithmetic on the last dimension. Hue, saturation and value are in [0, 1]. */
#include "convert/tensorflow_operation.h"

/* Red, green and blue, or whatever three the last dimension has; each keeps it with size 1. */
static midge_status split_colors(mg_tensorflow *tf, int32_t input, int32_t *parts)
{
    const mg_network_tensor source = *mg_tf_tensor(tf, input);
    mg_network_node *node;
    int32_t axis;
    if (source.rank < 1 || source.shape[source.rank - 1] != 3)
        return mg_tf_refuse(tf, "its input has no 3 colours");
    TRY(mg_tf_int32_scalar(tf, source.rank - 1, &axis));
    TRY(mg_tf_begin(tf, MG_BUILTIN_SPLIT, 2, (int32_t[]){axis, input}, 3, (int)source.type, &node));
    ((mg_SplitOptions *)node->options)->num_splits = 3;
    return mg_tf_finish(tf, parts);
}

static midge_status join_colors(mg_tensorflow *tf, const int32_t *parts, int32_t *output)
{
    mg_network_node *node;
    TRY(mg_tf_begin(tf, MG_BUILTIN_CONCATENATION, 3, parts, 1, -1, &node));
    ((mg_ConcatenationOptions *)node->options)->axis = mg_tf_tensor(tf, parts[0])->rank - 1;
    return mg_tf_finish(tf, output);
}

static midge_status choose(mg_tensorflow *tf, int32_t condition, int32_t yes, int32_t no,
                           int32_t *output)
{
    return mg_tf_node(tf, MG_BUILTIN_SELECT_V2, 3, (int32_t[]){condition, yes, no}, MIDGE_FLOAT32,
                      output);
}

/* a / b where b > 0, else 0; b is no less than 0. */
static midge_status divide(mg_tensorflow *tf, int32_t a, int32_t b, int32_t *output)
{
    int32_t zero, positive;
    TRY(mg_tf_scalar(tf, 0, &zero));
    TRY(mg_tf_node(tf, MG_BUILTIN_GREATER, 2, (int32_t[]){b, zero}, MIDGE_BOOL, &positive));
    TRY(mg_tf_binary(tf, MG_BUILTIN_DIV, a, b, output));
    return choose(tf, positive, *output, zero, output);
}

/* (a - b) / range + offset */
static midge_status sector(mg_tensorflow *tf, int32_t a, int32_t b, int32_t range, float offset,
                           int32_t *output)
{
    TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, a, b, output));
    TRY(divide(tf, *output, range, output));
    return offset == 0 ? MIDGE_OK : mg_tf_with_scalar(tf, MG_BUILTIN_ADD, *output, offset, output);
}

/* The place on the circle of six sectors, the first of which begins at red, over six. */
static midge_status find_hue(mg_tensorflow *tf, const int32_t *rgb, int32_t value, int32_t range,
                             int32_t *hue)
{
    int32_t by_red, by_green, by_blue, is_red, is_green, ranged, some, one, zero, below;
    TRY(sector(tf, rgb[1], rgb[2], range, 0, &by_red));
    TRY(sector(tf, rgb[2], rgb[0], range, 2, &by_green));
    TRY(sector(tf, rgb[0], rgb[1], range, 4, &by_blue));
    TRY(mg_tf_node(tf, MG_BUILTIN_EQUAL, 2, (int32_t[]){rgb[0], value}, MIDGE_BOOL, &is_red));
    TRY(mg_tf_node(tf, MG_BUILTIN_EQUAL, 2, (int32_t[]){rgb[1], value}, MIDGE_BOOL, &is_green));
    TRY(choose(tf, is_green, by_green, by_blue, hue));
    TRY(choose(tf, is_red, by_red, *hue, hue));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, *hue, 1.0f / 6, hue));
    TRY(mg_tf_scalar(tf, 0, &zero));
    TRY(mg_tf_node(tf, MG_BUILTIN_GREATER, 2, (int32_t[]){range, zero}, MIDGE_BOOL, &ranged));
    TRY(choose(tf, ranged, *hue, zero, hue));
    TRY(mg_tf_node(tf, MG_BUILTIN_LESS, 2, (int32_t[]){*hue, zero}, MIDGE_BOOL, &below));
    TRY(mg_tf_scalar(tf, 1, &one));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, *hue, one, &some));
    return choose(tf, below, some, *hue, hue);
}

static midge_status to_hsv(mg_tensorflow *tf, int32_t input, int32_t *hsv)
{
    int32_t rgb[3], least, range;
    TRY(split_colors(tf, input, rgb));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MAXIMUM, rgb[0], rgb[1], &hsv[2]));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MAXIMUM, hsv[2], rgb[2], &hsv[2]));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MINIMUM, rgb[0], rgb[1], &least));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MINIMUM, least, rgb[2], &least));
    TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, hsv[2], least, &range));
    TRY(divide(tf, range, hsv[2], &hsv[1]));
    return find_hue(tf, rgb, hsv[2], range, &hsv[0]);
}

/* How much of a colour a hue has: first + slope |6 hue - middle|, kept in [0, 1]. */
static midge_status share(mg_tensorflow *tf, int32_t hue, float middle, float slope, float first,
                          int32_t *output)
{
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, hue, 6, output));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_SUB, *output, middle, output));
    TRY(mg_tf_unary(tf, MG_BUILTIN_ABS, *output, output));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MUL, *output, slope, output));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_ADD, *output, first, output));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MAXIMUM, *output, 0, output));
    return mg_tf_with_scalar(tf, MG_BUILTIN_MINIMUM, *output, 1, output);
}

/* value (1 - saturation (1 - share)) */
static midge_status to_rgb(mg_tensorflow *tf, const int32_t *hsv, int32_t *output)
{
    static const float middles[] = {3, 2, 4}, slopes[] = {1, -1, -1}, firsts[] = {-1, 2, 2};
    int32_t parts[3], one;
    TRY(mg_tf_scalar(tf, 1, &one));
    for (int i = 0; i < 3; ++i) {
        int32_t *part = &parts[i];
        TRY(share(tf, hsv[0], middles[i], slopes[i], firsts[i], part));
        TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, one, *part, part));
        TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, *part, hsv[1], part));
        TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, one, *part, part));
        TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, *part, hsv[2], part));
    }
    return join_colors(tf, parts, output);
}

midge_status mg_tf_lower_to_hsv(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, hsv[3], output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(to_hsv(tf, input, hsv));
    TRY(join_colors(tf, hsv, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_to_rgb(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, hsv[3], output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(split_colors(tf, input, hsv));
    TRY(to_rgb(tf, hsv, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_adjust_hue(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, by, hsv[3], whole, output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input(tf, operation, 1, &by));
    TRY(to_hsv(tf, input, hsv));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, hsv[0], by, &hsv[0]));
    TRY(mg_tf_unary(tf, MG_BUILTIN_FLOOR, hsv[0], &whole));
    TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, hsv[0], whole, &hsv[0]));
    TRY(to_rgb(tf, hsv, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_adjust_saturation(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, by, hsv[3], output;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input(tf, operation, 1, &by));
    TRY(to_hsv(tf, input, hsv));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, hsv[1], by, &hsv[1]));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MAXIMUM, hsv[1], 0, &hsv[1]));
    TRY(mg_tf_with_scalar(tf, MG_BUILTIN_MINIMUM, hsv[1], 1, &hsv[1]));
    TRY(to_rgb(tf, hsv, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* (x - mean) factor + mean, the mean of each channel of each picture. */
midge_status mg_tf_lower_adjust_contrast(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, factor, axes, mean, output;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input(tf, operation, 1, &factor));
    int32_t rank = mg_tf_tensor(tf, input)->rank;
    if (rank < 3) return mg_tf_refuse(tf, "its input is no picture");
    TRY(mg_tf_int32s(tf, 2, (int32_t[]){rank - 3, rank - 2}, &axes));
    TRY(mg_tf_begin(tf, MG_BUILTIN_MEAN, 2, (int32_t[]){input, axes}, 1, -1, &node));
    ((mg_ReducerOptions *)node->options)->keep_dims = true;
    TRY(mg_tf_finish(tf, &mean));
    TRY(mg_tf_binary(tf, MG_BUILTIN_SUB, input, mean, &output));
    TRY(mg_tf_binary(tf, MG_BUILTIN_MUL, output, factor, &output));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, output, mean, &output));
    return mg_tf_give_one(tf, operation, output);
}
