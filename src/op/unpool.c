/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MaxUnpooling2D: undoes a max pooling. Input 1 says for each value of input 0 where in its image
 * it came from, as an index into [height, width, channel]; all else is zero.
 *
 * The options are the C struct of pooling parameters: int32 padding (1 SAME, 2 VALID), stride width
 * and height, filter width and height, and fields that are not used here.
 */
#include <string.h>

#include "op/custom_options.h"
#include "op/require.h"
#include "op/shape.h"

enum { PADDING, STRIDE_WIDTH, STRIDE_HEIGHT, FILTER_WIDTH, FILTER_HEIGHT, FIELDS };

static midge_status read_options(midge_op_context *context, int32_t fields[FIELDS])
{
    TRY(mg_option_fields(context, FIELDS, fields));
    TRY(mg_option_padding(context, fields[PADDING]));
    for (int i = STRIDE_WIDTH; i < FIELDS; ++i)
        if (fields[i] < 1)
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "stride or filter size %d",
                              (int)fields[i]);
    return MIDGE_OK;
}

/* False when the size does not fit. */
static bool unpooled_size(int32_t size, int32_t stride, int32_t filter, bool same, int32_t *result)
{
    int64_t wide = same ? (int64_t)size * stride : ((int64_t)size - 1) * stride + filter;
    if (size == 0) wide = 0;
    if (wide > INT32_MAX) return false;
    *result = (int32_t)wide;
    return true;
}

midge_status mg_prepare_max_unpooling_2d(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *indices = context->inputs[1];
    int32_t fields[FIELDS];
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_type(context, indices, "indices", MG_TYPES(MIDGE_INT32)));
    TRY(mg_require_rank(context, input, "input", 4, 4));
    TRY(mg_require_same_shape(context, input, "input", indices, "indices"));
    TRY(read_options(context, fields));
    bool same = fields[PADDING] == MG_OPTION_SAME;
    int32_t shape[4] = {input->shape[0], 0, 0, input->shape[3]};
    if (!unpooled_size(input->shape[1], fields[STRIDE_HEIGHT], fields[FILTER_HEIGHT], same,
                       &shape[1]) ||
        !unpooled_size(input->shape[2], fields[STRIDE_WIDTH], fields[FILTER_WIDTH], same,
                       &shape[2]))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the output is too large");
    return mg_set_output_shape(context, 0, 4, shape);
}

midge_status mg_run_max_unpooling_2d(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    const float *values = input->data;
    const int32_t *indices = context->inputs[1]->data;
    size_t images = (size_t)input->shape[0];
    size_t per_image = input->elements / images, room = output->elements / images;
    memset(output->data, 0, output->bytes);
    for (size_t i = 0; i < input->elements; ++i) {
        float *image = (float *)output->data + i / per_image * room;
        if (indices[i] < 0 || (size_t)indices[i] >= room)
            return mg_op_fail(context, MIDGE_RUN_ERROR, "index %d is outside an image of %zu",
                              (int)indices[i], room);
        image[indices[i]] = values[i];
    }
    return MIDGE_OK;
}
