/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures, sound, and what training left behind. */
#include "convert/tensorflow_operation.h"

midge_status mg_tf_lower_resize(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    bool bilinear = operation->row->code == MG_BUILTIN_RESIZE_BILINEAR;
    bool corners = mg_attr_bool(operation->node, "align_corners", false);
    bool centers = mg_attr_bool(operation->node, "half_pixel_centers", false);
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    if (bilinear) TRY(mg_tf_cast(tf, inputs[0], MIDGE_FLOAT32, &inputs[0]));
    TRY(mg_tf_begin(tf, operation->row->code, 2, inputs, 1, -1, &node));
    if (bilinear) {
        mg_ResizeBilinearOptions *options = node->options;
        options->align_corners = corners;
        options->half_pixel_centers = centers;
    } else {
        mg_ResizeNearestNeighborOptions *options = node->options;
        options->align_corners = corners;
        options->half_pixel_centers = centers;
    }
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_depth(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    int32_t size = (int32_t)(mg_attr_int(operation->node, "block_size", 0) & INT32_MAX);
    mg_network_node *node;
    if (mg_tf_is_channels_first(operation)) return mg_tf_refuse(tf, "data_format NCHW");
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_begin(tf, operation->row->code, 1, &input, 1, -1, &node));
    if (operation->row->code == MG_BUILTIN_SPACE_TO_DEPTH)
        ((mg_SpaceToDepthOptions *)node->options)->block_size = size;
    else
        ((mg_DepthToSpaceOptions *)node->options)->block_size = size;
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_suppression(mg_tensorflow *tf, mg_tf_operation *operation)
{
    bool soft = operation->row->code == MG_BUILTIN_NON_MAX_SUPPRESSION_V5;
    size_t count = soft ? 6 : 5, made = soft ? 3 : 2;
    int32_t *inputs = NULL, outputs[3];
    mg_network_node *node;
    if (!mg_attr_bool(operation->node, "pad_to_max_output_size", false))
        return mg_tf_refuse(tf, "the size of its result depends on the data; set "
                                "pad_to_max_output_size");
    TRY(mg_tf_inputs(tf, operation, 0, count, &inputs));
    TRY(mg_tf_begin(tf, operation->row->code, count, inputs, made, MIDGE_INT32, &node));
    if (soft) mg_tf_graph(tf)->tensors[node->outputs[1]].type = MIDGE_FLOAT32;
    TRY(mg_tf_finish(tf, outputs));
    return mg_tf_give(tf, operation, made, outputs);
}

midge_status mg_tf_lower_fake_quant(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, output;
    float low = mg_attr_float(operation->node, "min", -6), high;
    mg_network_node *node;
    high = mg_attr_float(operation->node, "max", 6);
    TRY(mg_tf_input(tf, operation, 0, &input));
    if (strcmp(operation->node->op, "FakeQuantWithMinMaxVars") == 0) {
        TRY(mg_tf_input_float(tf, operation, 1, &low));
        TRY(mg_tf_input_float(tf, operation, 2, &high));
    }
    TRY(mg_tf_begin(tf, MG_BUILTIN_FAKE_QUANT, 1, &input, 1, -1, &node));
    mg_FakeQuantOptions *options = node->options;
    options->min = low;
    options->max = high;
    options->num_bits = (int32_t)(mg_attr_int(operation->node, "num_bits", 8) & 0xff);
    options->narrow_range = mg_attr_bool(operation->node, "narrow_range", false);
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_random(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t shape, output;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &shape));
    TRY(mg_tf_as_int32(tf, shape, &shape));
    TRY(mg_tf_begin(tf, operation->row->code, 1, &shape, 1, MIDGE_FLOAT32, &node));
    mg_RandomOptions *options = node->options;
    options->seed = mg_attr_int(operation->node, "seed", 0);
    options->seed2 = mg_attr_int(operation->node, "seed2", 0);
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* ---- Spectra ---- */

/* The last dimension cut or filled with zeros to `length`. */
static midge_status fit(mg_tensorflow *tf, int32_t input, int32_t axis, int32_t length,
                        int32_t *output)
{
    const mg_network_tensor source = *mg_tf_tensor(tf, input);
    int32_t begin[MIDGE_MAX_RANK] = {0}, size[MIDGE_MAX_RANK], from, list;
    int32_t amounts[2 * MIDGE_MAX_RANK] = {0};
    *output = input;
    if (length > source.shape[axis]) {
        amounts[2 * axis + 1] = length - source.shape[axis];
        return mg_tf_pad(tf, input, amounts, NULL, output);
    }
    if (length == source.shape[axis]) return MIDGE_OK;
    memcpy(size, source.shape, sizeof size);
    size[axis] = length;
    TRY(mg_tf_int32s(tf, (size_t)source.rank, begin, &from));
    TRY(mg_tf_int32s(tf, (size_t)source.rank, size, &list));
    return mg_tf_node(tf, MG_BUILTIN_SLICE, 3, (int32_t[]){input, from, list}, -1, output);
}

/* .tflite knows transforms of two dimensions; one dimension is two, the first of size 1. */
midge_status mg_tf_lower_rfft(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, lengths[2], list, output, shape[MIDGE_MAX_RANK];
    size_t count = 0;
    bool plain = strcmp(operation->node->op, "RFFT") == 0;
    TRY(mg_tf_input(tf, operation, 0, &input));
    TRY(mg_tf_input_ints(tf, operation, 1, 2, lengths, &count));
    int32_t rank = mg_tf_tensor(tf, input)->rank;
    if (count != (plain ? 1u : 2u) || rank < (int32_t)count || rank >= MIDGE_MAX_RANK)
        return mg_tf_refuse(tf, "transforms %zu of %d dimensions", count, (int)rank);
    for (size_t i = 0; i < count; ++i)
        TRY(fit(tf, input, rank - (int32_t)count + (int32_t)i, lengths[i], &input));
    if (plain) {
        memcpy(shape, mg_tf_tensor(tf, input)->shape, sizeof shape);
        shape[rank] = shape[rank - 1];
        shape[rank - 1] = 1;
        TRY(mg_tf_reshape(tf, input, rank + 1, shape, &input));
        lengths[1] = lengths[0];
        lengths[0] = 1;
    }
    TRY(mg_tf_int32s(tf, 2, lengths, &list));
    TRY(mg_tf_node(tf, MG_BUILTIN_RFFT2D, 2, (int32_t[]){input, list}, MIDGE_COMPLEX64, &output));
    if (plain) {
        shape[rank - 1] = mg_tf_tensor(tf, output)->shape[rank];
        TRY(mg_tf_reshape(tf, output, rank, shape, &output));
    }
    return mg_tf_give_one(tf, operation, output);
}
