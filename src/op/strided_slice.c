/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STRIDED_SLICE: NumPy's x[a:b:c, ..., i, newaxis] as numbers. Entry k of begin, end and strides is
 * one item between the brackets; bit k of a mask makes it something else: an ellipsis (as many
 * whole dimensions as are left), a new axis, an index whose dimension vanishes (shrink), or a range
 * that is open in front (begin) or behind (end).
 */
#include "op/movement.h"
#include "op/shape.h"

enum { MOST_ITEMS = 31 };

typedef struct slicing {
    const mg_StridedSliceOptions *options;
    const midge_tensor *input;
    midge_status blame;
    bool begin_known; /* false: for the shape alone */
    size_t items;
    int64_t begin[MOST_ITEMS], end[MOST_ITEMS], stride[MOST_ITEMS];
    int32_t axis; /* of the input, the next to be cut */
    int32_t rank; /* of the output so far */
    int32_t shape[MIDGE_MAX_RANK];
    ptrdiff_t from[MIDGE_MAX_RANK]; /* step of each output dimension in the input */
    ptrdiff_t start;
} slicing;

static bool is_set(int32_t mask, size_t item)
{
    return ((uint32_t)mask >> item & 1) != 0;
}

static midge_status add_dimension(midge_op_context *context, slicing *s, int64_t size,
                                  ptrdiff_t from)
{
    if (s->rank == MIDGE_MAX_RANK)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "the output has more than %d dimensions",
                          MIDGE_MAX_RANK);
    s->shape[s->rank] = (int32_t)size;
    s->from[s->rank++] = from;
    return MIDGE_OK;
}

static midge_status take_whole(midge_op_context *context, slicing *s, int32_t until,
                               const ptrdiff_t *steps)
{
    for (; s->axis < until; ++s->axis)
        TRY(add_dimension(context, s, s->input->shape[s->axis], steps[s->axis]));
    return MIDGE_OK;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static int64_t first_of(const slicing *s, size_t item, int64_t size)
{
    const bool forward = s->stride[item] > 0;
    if (is_set(s->options->begin_mask, item)) return forward ? 0 : size - 1;
    const int64_t first = s->begin[item] + (s->begin[item] < 0 ? size : 0);
    return clamp(first, forward ? 0 : -1, forward ? size : size - 1);
}

/* The element behind the last one of a range. */
static int64_t stop_of(const slicing *s, size_t item, int64_t size)
{
    const bool forward = s->stride[item] > 0;
    if (is_set(s->options->end_mask, item)) return forward ? size : -1;
    const int64_t stop = s->end[item] + (s->end[item] < 0 ? size : 0);
    return clamp(stop, forward ? 0 : -1, forward ? size : size - 1);
}

/* How many elements a span in the direction of the stride takes. */
static int64_t count_of(int64_t span, int64_t stride)
{
    if (stride < 0) return span >= 0 ? 0 : (-span - stride - 1) / -stride;
    return span <= 0 ? 0 : (span + stride - 1) / stride;
}

/* A range; with the option `offset` its end counts from its begin, so that only the place of the
 * output's elements depends on begin, but not their number. */
static midge_status take_range(midge_op_context *context, slicing *s, size_t item, int64_t size,
                               ptrdiff_t step)
{
    const int64_t stride = s->stride[item], first = first_of(s, item, size);
    const bool offset = s->options->offset;
    const int64_t span =
        offset ? clamp(s->end[item], -INT32_MAX, INT32_MAX) : stop_of(s, item, size) - first;
    const int64_t count = count_of(span, stride);
    if (offset && s->begin_known && count > 0) {
        const int64_t last = first + (count - 1) * stride;
        if (first < 0 || first >= size || last < 0 || last >= size)
            return mg_op_fail(context, s->blame,
                              "%lld elements from %lld on do not lie in a dimension of %lld",
                              (long long)count, (long long)first, (long long)size);
    }
    if (count > 0) s->start += (ptrdiff_t)first * step;
    return add_dimension(context, s, count, (ptrdiff_t)(count > 1 ? stride : 1) * step);
}

static midge_status cut(midge_op_context *context, slicing *s, size_t item, ptrdiff_t step)
{
    const int64_t size = s->input->shape[s->axis], stride = s->stride[item];
    ++s->axis;
    if (stride == 0 || stride < -INT32_MAX || stride > INT32_MAX)
        return mg_op_fail(context, s->blame, "stride %zu is %lld", item, (long long)stride);
    if (!is_set(s->options->shrink_axis_mask, item))
        return take_range(context, s, item, size, step);
    int64_t index = s->begin[item] + (s->begin[item] < 0 ? size : 0);
    if (is_set(s->options->begin_mask, item)) index = 0;
    if ((s->begin_known && (index < 0 || index >= size)) || stride < 0)
        return mg_op_fail(context, s->blame, "index %lld with stride %lld in a dimension of %lld",
                          (long long)s->begin[item], (long long)stride, (long long)size);
    s->start += (ptrdiff_t)index * step;
    return MIDGE_OK;
}

static midge_status walk(midge_op_context *context, slicing *s)
{
    const mg_StridedSliceOptions *options = s->options;
    ptrdiff_t steps[MIDGE_MAX_RANK];
    int32_t cuts = 0;
    size_t ellipsis = s->items;
    mg_dense_steps(s->input->rank, s->input->shape, steps);
    for (size_t i = 0; i < s->items; ++i) {
        if (is_set(options->ellipsis_mask, i)) {
            if (ellipsis != s->items)
                return mg_op_fail(context, MIDGE_INVALID_MODEL, "ellipsis_mask 0x%x has two bits",
                                  (unsigned)options->ellipsis_mask);
            ellipsis = i;
        } else if (!is_set(options->new_axis_mask, i)) {
            ++cuts;
        }
    }
    if (cuts > s->input->rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "%d slices of %d dimensions", (int)cuts,
                          (int)s->input->rank);
    for (size_t i = 0; i < s->items; ++i) {
        if (i == ellipsis)
            TRY(take_whole(context, s, s->axis + s->input->rank - cuts, steps));
        else if (is_set(options->new_axis_mask, i))
            TRY(add_dimension(context, s, 1, 0));
        else
            TRY(cut(context, s, i, steps[s->axis]));
    }
    return take_whole(context, s, s->input->rank, steps);
}

static midge_status plan(midge_op_context *context, bool begin_known, slicing *s, mg_move *move)
{
    ptrdiff_t to[MIDGE_MAX_RANK];
    *s = (slicing){.options = MG_OPTIONS(context, StridedSliceOptions),
                   .input = context->inputs[0],
                   .blame = mg_blame(context->inputs[1]),
                   .begin_known = begin_known,
                   .items = context->inputs[1]->elements};
    if (begin_known)
        TRY(mg_read_integers(context, context->inputs[1], "begin", s->items, s->begin));
    TRY(mg_read_integers(context, context->inputs[2], "end", s->items, s->end));
    TRY(mg_read_integers(context, context->inputs[3], "strides", s->items, s->stride));
    TRY(walk(context, s));
    mg_dense_steps(s->rank, s->shape, to);
    mg_move_of(s->input, move);
    move->from_start = s->start;
    for (int32_t i = 0; i < s->rank; ++i)
        mg_move_loop(move, (size_t)s->shape[i], s->from[i], to[i]);
    mg_move_merge(move);
    return MIDGE_OK;
}

midge_status mg_prepare_strided_slice(midge_op_context *context)
{
    static const char *const roles[] = {"input", "begin", "end", "strides"};
    midge_tensor **inputs = context->inputs;
    const bool offset = MG_OPTIONS(context, StridedSliceOptions)->offset;
    slicing s;
    mg_move move;
    TRY(mg_require_type(context, inputs[0], "input", MG_TYPES_MOVABLE));
    TRY(mg_require_same_type(context, inputs[0], "input", context->outputs[0], "output"));
    for (int i = 1; i < 4; ++i) {
        TRY(mg_require_type(context, inputs[i], roles[i], MG_TYPES_INDEX));
        TRY(mg_require_elements(context, inputs[i], roles[i], inputs[1]->elements));
    }
    if (inputs[1]->elements > MOST_ITEMS)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "%zu slices, at most %d are supported",
                          inputs[1]->elements, MOST_ITEMS);
    const bool begin_known = mg_is_known(inputs[1]);
    if ((!begin_known && !offset) || !mg_is_known(inputs[2]) || !mg_is_known(inputs[3]))
        return mg_set_output_dynamic(context, 0);
    TRY(plan(context, begin_known, &s, &move));
    return mg_set_output_shape(context, 0, s.rank, s.shape);
}

midge_status mg_run_strided_slice(midge_op_context *context)
{
    slicing s;
    mg_move move;
    TRY(plan(context, true, &s, &move));
    TRY(mg_settle_output(context, 0, s.rank, s.shape));
    return mg_move_tensor(context, &move, s.input, 0);
}
