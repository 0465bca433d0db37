/* SPDX-License-Identifier: Apache-2.0 */
/* STABLEHLO_PAD and DILATE: elements moved apart, with a value between and around them. */
#include "op/movement.h"

#include <string.h>

#include "op/shape.h"

/* Input element i of a dimension goes to `low` + i * `pace`. */
typedef struct spreading {
    int64_t low[MIDGE_MAX_RANK];
    int64_t pace[MIDGE_MAX_RANK];
    int32_t shape[MIDGE_MAX_RANK]; /* of the output */
} spreading;

static midge_status check(midge_op_context *context, const midge_tensor *value)
{
    const midge_tensor *input = context->inputs[0];
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_same_type(context, input, "input", value, "padding value"));
    TRY(mg_require_elements(context, value, "padding value", 1));
    return mg_require_rank(context, input, "input", 1, MIDGE_MAX_RANK);
}

/* What falls outside the output is left out. */
static void spread(midge_op_context *context, const spreading *s, const midge_tensor *value)
{
    const midge_tensor *input = context->inputs[0];
    midge_tensor *output = context->outputs[0];
    ptrdiff_t from[MIDGE_MAX_RANK], to[MIDGE_MAX_RANK];
    mg_move move;
    if (output->elements == 0) return;
    mg_fill(output->data, value->data, midge_type_bits(output->type) / 8, output->elements);
    mg_dense_steps(input->rank, input->shape, from);
    mg_dense_steps(input->rank, s->shape, to);
    mg_move_of(input, &move);
    for (int32_t i = 0; i < input->rank; ++i) {
        const int64_t low = s->low[i], pace = s->pace[i], size = s->shape[i];
        const int64_t first = low >= 0 ? 0 : (pace - 1 - low) / pace;
        int64_t end = low >= size ? 0 : (size - low + pace - 1) / pace;
        if (end > input->shape[i]) end = input->shape[i];
        if (first >= end) return;
        move.from_start += (ptrdiff_t)first * from[i];
        move.to_start += (ptrdiff_t)(low + first * pace) * to[i];
        mg_move_loop(&move, (size_t)(end - first), from[i],
                     end - first == 1 ? 0 : (ptrdiff_t)pace * to[i]);
    }
    mg_move_merge(&move);
    mg_move_parallel(context, &move, input->data, output->data);
}

/* ---- STABLEHLO_PAD -------------------------------------------------------------------------- */

static midge_status padded(midge_op_context *context, spreading *s)
{
    const mg_StablehloPadOptions *options = MG_OPTIONS_2(context, StablehloPadOptions);
    const midge_tensor *input = context->inputs[0];
    const size_t rank = (size_t)input->rank;
    bool empty = false;
    if (options->edge_padding_low.count < rank || options->edge_padding_high.count < rank ||
        options->interior_padding.count < rank)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "paddings of %zu, %zu and %zu for rank %zu",
                          options->edge_padding_low.count, options->edge_padding_high.count,
                          options->interior_padding.count, rank);
    for (size_t i = 0; i < rank; ++i) {
        const int64_t low = options->edge_padding_low.items[i];
        const int64_t high = options->edge_padding_high.items[i];
        const int64_t interior = options->interior_padding.items[i], most = INT32_MAX;
        bool fits = low >= -most && low <= most && high >= -most && high <= most && interior >= 0 &&
                    interior <= most;
        int64_t size = input->shape[i];
        if (fits && size > 0) size += (size - 1) * interior;
        if (!fits || size + low + high > most)
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "paddings %lld, %lld and %lld of dimension %zu of size %d",
                              (long long)low, (long long)high, (long long)interior, i,
                              (int)input->shape[i]);
        size += low + high;
        empty = empty || size <= 0;
        s->low[i] = low;
        s->pace[i] = interior + 1;
        s->shape[i] = (int32_t)size;
    }
    if (empty) memset(s->shape, 0, sizeof s->shape);
    return MIDGE_OK;
}

midge_status mg_prepare_stablehlo_pad(midge_op_context *context)
{
    spreading s;
    TRY(check(context, context->inputs[1]));
    TRY(padded(context, &s));
    return mg_set_output_shape(context, 0, context->inputs[0]->rank, s.shape);
}

midge_status mg_run_stablehlo_pad(midge_op_context *context)
{
    spreading s;
    TRY(padded(context, &s));
    spread(context, &s, context->inputs[1]);
    return MIDGE_OK;
}

/* ---- DILATE --------------------------------------------------------------------------------- */

static midge_status dilated(midge_op_context *context, spreading *s)
{
    const midge_tensor *input = context->inputs[0], *dilations = context->inputs[1];
    TRY(mg_read_integers(context, dilations, "dilations", (size_t)input->rank, s->pace));
    for (int32_t i = 0; i < input->rank; ++i) {
        const int64_t size = input->shape[i], pace = s->pace[i];
        if (pace < 1 || pace > INT32_MAX || (size - 1) * pace + 1 > INT32_MAX)
            return mg_op_fail(context, mg_blame(dilations),
                              "dilation %lld of dimension %d of size %d", (long long)pace, (int)i,
                              (int)size);
        s->low[i] = 0;
        s->shape[i] = size == 0 ? 0 : (int32_t)((size - 1) * pace + 1);
    }
    return MIDGE_OK;
}

midge_status mg_prepare_dilate(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *dilations = context->inputs[1];
    spreading s;
    TRY(check(context, context->inputs[2]));
    TRY(mg_require_type(context, dilations, "dilations", MG_TYPES_INDEX));
    TRY(mg_require_rank(context, dilations, "dilations", 1, 1));
    TRY(mg_require_elements(context, dilations, "dilations", (size_t)input->rank));
    if (!mg_is_known(dilations)) return mg_set_output_dynamic(context, 0);
    TRY(dilated(context, &s));
    return mg_set_output_shape(context, 0, input->rank, s.shape);
}

midge_status mg_run_dilate(midge_op_context *context)
{
    spreading s;
    TRY(dilated(context, &s));
    TRY(mg_settle_output(context, 0, context->inputs[0]->rank, s.shape));
    spread(context, &s, context->inputs[2]);
    return MIDGE_OK;
}
