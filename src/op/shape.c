/* SPDX-License-Identifier: Apache-2.0 */
#include "op/shape.h"

#include <stdio.h>
#include <string.h>

const char *mg_shape_text(int32_t rank, const int32_t *shape, char text[MG_SHAPE_TEXT])
{
    size_t used = 0;
    text[used++] = '[';
    for (int32_t i = 0; i < rank && used + 14 < MG_SHAPE_TEXT; ++i) {
        int wrote =
            snprintf(text + used, MG_SHAPE_TEXT - used, i == 0 ? "%d" : ",%d", (int)shape[i]);
        used += (size_t)(wrote > 0 ? wrote : 0);
    }
    text[used++] = ']';
    text[used] = '\0';
    return text;
}

bool mg_same_shape(const midge_tensor *a, const midge_tensor *b)
{
    return a->rank == b->rank &&
           memcmp(a->shape, b->shape, (size_t)a->rank * sizeof a->shape[0]) == 0;
}

size_t mg_elements_between(const midge_tensor *tensor, int32_t first, int32_t last)
{
    size_t elements = 1;
    for (int32_t i = first; i < last; ++i) elements *= (size_t)tensor->shape[i];
    return elements;
}

midge_status mg_resolve_axis(midge_op_context *context, int64_t axis, int32_t rank,
                             int32_t *resolved)
{
    if (axis < -rank || axis >= rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "axis %lld is outside rank %d",
                          (long long)axis, (int)rank);
    *resolved = (int32_t)(axis < 0 ? axis + rank : axis);
    return MIDGE_OK;
}

int64_t mg_index_at(const midge_tensor *tensor, size_t index)
{
    switch (tensor->type) {
    case MIDGE_INT32: return ((const int32_t *)tensor->data)[index];
    case MIDGE_INT64: return ((const int64_t *)tensor->data)[index];
    case MIDGE_UINT32: return ((const uint32_t *)tensor->data)[index];
    case MIDGE_INT16: return ((const int16_t *)tensor->data)[index];
    case MIDGE_UINT16: return ((const uint16_t *)tensor->data)[index];
    case MIDGE_INT8: return ((const int8_t *)tensor->data)[index];
    default: return ((const uint8_t *)tensor->data)[index];
    }
}

midge_status mg_read_shape(midge_op_context *context, const midge_tensor *tensor, const char *role,
                           int32_t *rank, int32_t shape[MIDGE_MAX_RANK])
{
    if (tensor->type != MIDGE_INT32 && tensor->type != MIDGE_INT64)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "%s is %s, need int32 or int64", role,
                          midge_type_name(tensor->type));
    if (tensor->rank > 1 || tensor->elements > MIDGE_MAX_RANK)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%s holds %zu sizes in %d dimensions, need at most %d in one", role,
                          tensor->elements, (int)tensor->rank, MIDGE_MAX_RANK);
    for (size_t i = 0; i < tensor->elements; ++i) {
        int64_t size = mg_index_at(tensor, i);
        if (size < 0 || size > INT32_MAX)
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "size %lld in %s is out of range",
                              (long long)size, role);
        shape[i] = (int32_t)size;
    }
    *rank = (int32_t)tensor->elements;
    return MIDGE_OK;
}

/* Size of dimension `i` of a shape that is padded with ones in front to `rank` dimensions. */
static int32_t padded_size(const midge_tensor *tensor, int32_t rank, int32_t i)
{
    int32_t own = i - (rank - tensor->rank);
    return own < 0 ? 1 : tensor->shape[own];
}

midge_status mg_broadcast_shape(midge_op_context *context, const midge_tensor *a,
                                const midge_tensor *b, int32_t *rank, int32_t shape[MIDGE_MAX_RANK])
{
    *rank = a->rank > b->rank ? a->rank : b->rank;
    for (int32_t i = 0; i < *rank; ++i) {
        int32_t size_a = padded_size(a, *rank, i);
        int32_t size_b = padded_size(b, *rank, i);
        if (size_a != size_b && size_a != 1 && size_b != 1) {
            char text_a[MG_SHAPE_TEXT], text_b[MG_SHAPE_TEXT];
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "shapes %s and %s do not broadcast",
                              mg_shape_text(a->rank, a->shape, text_a),
                              mg_shape_text(b->rank, b->shape, text_b));
        }
        shape[i] = size_a == 1 ? size_b : size_a;
    }
    return MIDGE_OK;
}

void mg_broadcast_strides(const midge_tensor *operand, int32_t rank, const int32_t *shape,
                          size_t strides[MIDGE_MAX_RANK])
{
    size_t stride = 1;
    for (int32_t i = rank - 1; i >= 0; --i) {
        int32_t size = padded_size(operand, rank, i);
        strides[i] = size == 1 && shape[i] != 1 ? 0 : stride;
        stride *= (size_t)size;
    }
}

midge_status mg_window_fill(midge_op_context *context, const char *role, int padding,
                            mg_window *window)
{
    const int32_t most = 1 << 24;
    if (window->stride < 1 || window->stride > most || window->dilation < 1 ||
        window->dilation > most || window->filter < 1 || window->filter > most)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%s: stride %d, dilation %d and filter size %d must be 1 to %d", role,
                          (int)window->stride, (int)window->dilation, (int)window->filter,
                          (int)most);
    if (padding != MG_PADDING_SAME && padding != MG_PADDING_VALID)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "padding %d is neither SAME nor VALID",
                          padding);
    int64_t extent = (int64_t)(window->filter - 1) * window->dilation + 1;
    int64_t output = padding == MG_PADDING_SAME
                         ? ((int64_t)window->input + window->stride - 1) / window->stride
                         : (window->input - extent + window->stride) / window->stride;
    if (output < 0 || (output == 0 && window->input > 0))
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "%s: a filter of %lld does not fit into %d without padding", role,
                          (long long)extent, (int)window->input);
    int64_t missing = (output - 1) * window->stride + extent - window->input;
    window->output = (int32_t)output;
    window->padding = (int32_t)(missing > 0 && padding == MG_PADDING_SAME ? missing / 2 : 0);
    return MIDGE_OK;
}
