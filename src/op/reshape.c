/* SPDX-License-Identifier: Apache-2.0 */
/* RESHAPE, SQUEEZE and EXPAND_DIMS: the same elements under another shape. */
#include "op/movement.h"
#include "op/shape.h"
#include "op/strings.h"

typedef struct dimensions {
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
} dimensions;

static midge_status check(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES_MOVABLE));
    return mg_require_same_type(context, input, "input", context->outputs[0], "output");
}

static midge_status copy(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    if (input->type == MIDGE_STRING) return mg_copy_strings(context, 0, input);
    mg_copy_elements(input, context->outputs[0]);
    return MIDGE_OK;
}

/* ---- RESHAPE ------------------------------------------------------------------------------- */

/* The shape tensor, or NULL when the options say the shape. */
static const midge_tensor *shape_tensor(const midge_op_context *context)
{
    const midge_tensor *tensor = mg_input(context, 1);
    return tensor != NULL && tensor->rank == 1 ? tensor : NULL;
}

/* Old files say [0] in the options where they mean a scalar. */
static midge_status read_wish(midge_op_context *context, const midge_tensor *tensor, size_t *count,
                              int64_t wish[MIDGE_MAX_RANK])
{
    const mg_int32s *option = &MG_OPTIONS(context, ReshapeOptions)->new_shape;
    *count = tensor != NULL ? tensor->elements : option->count;
    if (tensor == NULL && option->items == NULL)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "no shape, neither as input nor as option");
    if (*count > MIDGE_MAX_RANK)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%zu dimensions, at most %d are supported",
                          *count, MIDGE_MAX_RANK);
    if (tensor != NULL) return mg_read_integers(context, tensor, "shape", *count, wish);
    for (size_t i = 0; i < *count; ++i) wish[i] = option->items[i];
    if (*count == 1 && wish[0] == 0) *count = 0;
    return MIDGE_OK;
}

static midge_status new_shape(midge_op_context *context, dimensions *to)
{
    const midge_tensor *tensor = shape_tensor(context);
    const size_t elements = context->inputs[0]->elements;
    int64_t wish[MIDGE_MAX_RANK] = {0};
    size_t count = 0, product = 1;
    int open = -1;
    const midge_status blame = tensor != NULL ? mg_blame(tensor) : MIDGE_INVALID_MODEL;
    TRY(read_wish(context, tensor, &count, wish));
    for (size_t i = 0; i < count; ++i) {
        if (wish[i] < -1 || wish[i] > INT32_MAX || (wish[i] == -1 && open >= 0))
            return mg_op_fail(context, blame, "size %lld of dimension %zu of the shape",
                              (long long)wish[i], i);
        to->shape[i] = (int32_t)wish[i];
        if (wish[i] == -1)
            open = (int)i;
        else if (!mg_size_multiply(product, (size_t)wish[i], &product))
            return mg_op_fail(context, blame, "the shape has more elements than fit in memory");
    }
    to->rank = (int32_t)count;
    if (open >= 0) {
        size_t rest = product == 0 ? 0 : elements / product;
        to->shape[open] = (int32_t)rest;
        product *= rest;
    }
    if (product == elements) return MIDGE_OK;
    char text[MG_SHAPE_TEXT];
    return mg_op_fail(context, blame, "%zu elements do not make up shape %s", elements,
                      mg_shape_text(to->rank, to->shape, text));
}

midge_status mg_prepare_reshape(midge_op_context *context)
{
    const midge_tensor *tensor = shape_tensor(context);
    dimensions to;
    TRY(check(context));
    if (tensor != NULL) TRY(mg_require_type(context, tensor, "shape", MG_TYPES_INDEX));
    if (tensor != NULL && !mg_is_known(tensor)) return mg_set_output_dynamic(context, 0);
    TRY(new_shape(context, &to));
    return mg_set_output_shape(context, 0, to.rank, to.shape);
}

midge_status mg_run_reshape(midge_op_context *context)
{
    dimensions to;
    if (context->outputs[0]->dynamic) {
        TRY(new_shape(context, &to));
        TRY(mg_resize_output(context, 0, to.rank, to.shape));
    }
    return copy(context);
}

/* ---- SQUEEZE ------------------------------------------------------------------------------- */

midge_status mg_prepare_squeeze(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const mg_int32s *squeezed = &MG_OPTIONS(context, SqueezeOptions)->squeeze_dims;
    unsigned drop = 0;
    dimensions to = {0, {0}};
    TRY(check(context));
    for (size_t i = 0; i < squeezed->count; ++i) {
        int32_t axis = 0;
        TRY(mg_resolve_axis(context, squeezed->items[i], input->rank, &axis));
        if (input->shape[axis] != 1)
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "dimension %d has size %d, only 1 can be squeezed", (int)axis,
                              (int)input->shape[axis]);
        drop |= 1u << axis;
    }
    for (int32_t i = 0; i < input->rank; ++i) {
        bool dropped = squeezed->count == 0 ? input->shape[i] == 1 : (drop >> i & 1) != 0;
        if (!dropped) to.shape[to.rank++] = input->shape[i];
    }
    return mg_set_output_shape(context, 0, to.rank, to.shape);
}

midge_status mg_run_squeeze(midge_op_context *context)
{
    return copy(context);
}

/* ---- EXPAND_DIMS --------------------------------------------------------------------------- */

static midge_status expanded(midge_op_context *context, dimensions *to)
{
    const midge_tensor *input = context->inputs[0];
    int64_t value = 0;
    int32_t axis = 0;
    TRY(mg_read_integer(context, context->inputs[1], "axis", &value));
    TRY(mg_resolve_axis(context, value, input->rank + 1, &axis));
    to->rank = input->rank + 1;
    for (int32_t i = 0; i < input->rank; ++i) to->shape[i + (i >= axis)] = input->shape[i];
    to->shape[axis] = 1;
    return MIDGE_OK;
}

midge_status mg_prepare_expand_dims(midge_op_context *context)
{
    dimensions to;
    TRY(check(context));
    TRY(mg_require_type(context, context->inputs[1], "axis", MG_TYPES_INDEX));
    TRY(mg_require_rank(context, context->inputs[0], "input", 0, MIDGE_MAX_RANK - 1));
    if (!mg_is_known(context->inputs[1])) return mg_set_output_dynamic(context, 0);
    TRY(expanded(context, &to));
    return mg_set_output_shape(context, 0, to.rank, to.shape);
}

midge_status mg_run_expand_dims(midge_op_context *context)
{
    dimensions to;
    if (context->outputs[0]->dynamic) {
        TRY(expanded(context, &to));
        TRY(mg_resize_output(context, 0, to.rank, to.shape));
    }
    return copy(context);
}
