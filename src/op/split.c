/* SPDX-License-Identifier: Apache-2.0 */
/* SPLIT, SPLIT_V and UNPACK: one tensor, cut along an axis into the outputs. */
#include "op/movement.h"
#include "op/shape.h"

static midge_status check(midge_op_context *context, const midge_tensor *input, int32_t parts)
{
    TRY(mg_require_type(context, input, "input", MG_TYPES_SIZED));
    for (size_t i = 0; i < context->output_count; ++i)
        TRY(mg_require_same_type(context, input, "input", context->outputs[i], "output"));
    if (parts < 1 || (size_t)parts != context->output_count)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "options say %d parts, there are %zu outputs", (int)parts,
                          context->output_count);
    return MIDGE_OK;
}

static midge_status declare_dynamic(midge_op_context *context)
{
    for (size_t i = 0; i < context->output_count; ++i) TRY(mg_set_output_dynamic(context, i));
    return MIDGE_OK;
}

/* Moves `size` slices of an axis, from slice `first` on, to a dense output. */
static midge_status move_part(midge_op_context *context, const midge_tensor *input, int32_t axis,
                              int64_t first, int64_t size, size_t output)
{
    const ptrdiff_t inner = (ptrdiff_t)mg_elements_between(input, axis + 1, input->rank);
    const size_t outer = mg_elements_between(input, 0, axis);
    mg_move move;
    mg_move_of(input, &move);
    move.from_start = (ptrdiff_t)first * inner;
    mg_move_loop(&move, outer, input->shape[axis] * inner, (ptrdiff_t)size * inner);
    mg_move_loop(&move, (size_t)(size * inner), 1, 1);
    mg_move_merge(&move);
    return mg_move_tensor(context, &move, input, output);
}

/* ---- SPLIT: equal parts -------------------------------------------------------------------- */

static midge_status split_axis(midge_op_context *context, const midge_tensor *tensor,
                               const midge_tensor *input, int32_t *axis)
{
    int64_t value = 0;
    TRY(mg_read_integer(context, tensor, "axis", &value));
    return mg_resolve_axis(context, value, input->rank, axis);
}

static midge_status even_shape(midge_op_context *context, int32_t *axis,
                               int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *input = context->inputs[1];
    const int32_t parts = (int32_t)context->output_count;
    TRY(split_axis(context, context->inputs[0], input, axis));
    for (int32_t i = 0; i < input->rank; ++i) shape[i] = input->shape[i];
    if (shape[*axis] % parts != 0)
        return mg_op_fail(context, mg_blame(context->inputs[0]),
                          "dimension %d of size %d does not divide into %d parts", (int)*axis,
                          (int)shape[*axis], (int)parts);
    shape[*axis] /= parts;
    return MIDGE_OK;
}

midge_status mg_prepare_split(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[1];
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    TRY(check(context, input, MG_OPTIONS(context, SplitOptions)->num_splits));
    TRY(mg_require_type(context, context->inputs[0], "axis", MG_TYPES_INDEX));
    if (!mg_is_known(context->inputs[0])) return declare_dynamic(context);
    TRY(even_shape(context, &axis, shape));
    for (size_t i = 0; i < context->output_count; ++i)
        TRY(mg_set_output_shape(context, i, input->rank, shape));
    return MIDGE_OK;
}

midge_status mg_run_split(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[1];
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    TRY(even_shape(context, &axis, shape));
    for (size_t i = 0; i < context->output_count; ++i) {
        TRY(mg_settle_output(context, i, input->rank, shape));
        TRY(move_part(context, input, axis, (int64_t)i * shape[axis], shape[axis], i));
    }
    return MIDGE_OK;
}

/* ---- SPLIT_V: parts of given sizes, one of which may be -1, the rest ------------------------ */

/* The sum of the sizes that are given; `input_size` - this is what an open size stands for. */
static midge_status sum_sizes(midge_op_context *context, int32_t input_size, int64_t *given)
{
    const midge_tensor *sizes = context->inputs[1];
    bool open = false;
    *given = 0;
    for (size_t i = 0; i < sizes->elements; ++i) {
        int64_t size = mg_index_at(sizes, i);
        if (size < -1 || size > input_size || (size == -1 && open))
            return mg_op_fail(context, mg_blame(sizes), "size %lld of part %zu", (long long)size,
                              i);
        if (size == -1)
            open = true;
        else
            *given += size;
    }
    if (open ? *given <= input_size : *given == input_size) return MIDGE_OK;
    return mg_op_fail(context, mg_blame(sizes), "the sizes sum up to %lld of %d", (long long)*given,
                      (int)input_size);
}

static midge_status walk_parts(midge_op_context *context, bool run)
{
    const midge_tensor *input = context->inputs[0], *sizes = context->inputs[1];
    int32_t shape[MIDGE_MAX_RANK], axis = 0;
    int64_t given = 0, first = 0;
    TRY(split_axis(context, context->inputs[2], input, &axis));
    TRY(sum_sizes(context, input->shape[axis], &given));
    for (int32_t i = 0; i < input->rank; ++i) shape[i] = input->shape[i];
    for (size_t i = 0; i < context->output_count; ++i) {
        int64_t size = mg_index_at(sizes, i);
        if (size == -1) size = input->shape[axis] - given;
        shape[axis] = (int32_t)size;
        if (run) {
            TRY(mg_settle_output(context, i, input->rank, shape));
            TRY(move_part(context, input, axis, first, size, i));
        } else {
            TRY(mg_set_output_shape(context, i, input->rank, shape));
        }
        first += size;
    }
    return MIDGE_OK;
}

midge_status mg_prepare_split_v(midge_op_context *context)
{
    const midge_tensor *sizes = context->inputs[1];
    TRY(check(context, context->inputs[0], MG_OPTIONS(context, SplitVOptions)->num_splits));
    TRY(mg_require_type(context, sizes, "sizes", MG_TYPES_INDEX));
    TRY(mg_require_type(context, context->inputs[2], "axis", MG_TYPES_INDEX));
    TRY(mg_require_elements(context, sizes, "sizes", context->output_count));
    if (!mg_is_known(sizes) || !mg_is_known(context->inputs[2])) return declare_dynamic(context);
    return walk_parts(context, false);
}

midge_status mg_run_split_v(midge_op_context *context)
{
    return walk_parts(context, true);
}

/* ---- UNPACK: parts of size 1, without the axis ---------------------------------------------- */

midge_status mg_prepare_unpack(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const mg_UnpackOptions *options = MG_OPTIONS(context, UnpackOptions);
    int32_t shape[MIDGE_MAX_RANK], axis = 0, rank = 0;
    TRY(check(context, input, options->num));
    TRY(mg_resolve_axis(context, options->axis, input->rank, &axis));
    if (input->shape[axis] != options->num)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "dimension %d of size %d makes no %d parts",
                          (int)axis, (int)input->shape[axis], (int)options->num);
    for (int32_t i = 0; i < input->rank; ++i) {
        if (i != axis) shape[rank++] = input->shape[i];
    }
    for (size_t i = 0; i < context->output_count; ++i)
        TRY(mg_set_output_shape(context, i, rank, shape));
    return MIDGE_OK;
}

midge_status mg_run_unpack(midge_op_context *context)
{
    int32_t axis = 0;
    TRY(mg_resolve_axis(context, MG_OPTIONS(context, UnpackOptions)->axis, context->inputs[0]->rank,
                        &axis));
    for (size_t i = 0; i < context->output_count; ++i)
        TRY(move_part(context, context->inputs[0], axis, (int64_t)i, 1, i));
    return MIDGE_OK;
}
