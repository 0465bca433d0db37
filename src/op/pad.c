/* SPDX-License-Identifier: Apache-2.0 */
/* PAD, PADV2 and MIRROR_PAD: a border around a tensor. */
#include "op/movement.h"

#include <string.h>

#include "kernel/ref/border.h"
#include "op/shape.h"

enum { GRAIN_BYTES = 1 << 16 };

/* How far a border may reach: anywhere, or as far as a mirror shows. */
static int64_t widest(const midge_tensor *input, int32_t axis, int mirror_edge)
{
    return mirror_edge < 0 ? INT32_MAX : (int64_t)input->shape[axis] - mirror_edge;
}

static midge_status plan(midge_op_context *context, int mirror_edge, int32_t shape[MIDGE_MAX_RANK],
                         mg_border *border)
{
    const midge_tensor *input = context->inputs[0], *paddings = context->inputs[1];
    int64_t width[2 * MIDGE_MAX_RANK];
    TRY(mg_read_integers(context, paddings, "paddings", 2 * (size_t)input->rank, width));
    mg_border_begin(border, midge_type_bits(input->type) / 8);
    for (int32_t i = 0; i < input->rank; ++i) {
        const int64_t before = width[2 * i], after = width[2 * i + 1];
        const int64_t most = widest(input, i, mirror_edge);
        bool fits = before >= 0 && after >= 0 &&
                    ((before <= most && after <= most) || (before == 0 && after == 0));
        if (!fits || input->shape[i] + before + after > INT32_MAX)
            return mg_op_fail(context, mg_blame(paddings),
                              "paddings %lld and %lld of dimension %d of size %d",
                              (long long)before, (long long)after, (int)i, (int)input->shape[i]);
        shape[i] = (int32_t)(input->shape[i] + before + after);
        mg_border_dimension(border, (size_t)before, (size_t)input->shape[i], (size_t)after);
    }
    mg_border_merge(border);
    return MIDGE_OK;
}

static midge_status prepare(midge_op_context *context, int mirror_edge)
{
    const midge_tensor *input = context->inputs[0], *paddings = context->inputs[1];
    int32_t shape[MIDGE_MAX_RANK];
    mg_border border;
    TRY(mg_require_type(context, input, "input", MG_TYPES_BYTES));
    TRY(mg_require_same_type(context, input, "input", context->outputs[0], "output"));
    TRY(mg_require_type(context, paddings, "paddings",
                        MG_TYPES_INDEX | MG_TYPES_3(MIDGE_INT8, MIDGE_INT16, MIDGE_BOOL)));
    TRY(mg_require_elements(context, paddings, "paddings", 2 * (size_t)input->rank));
    if (!mg_is_known(paddings)) return mg_set_output_dynamic(context, 0);
    TRY(plan(context, mirror_edge, shape, &border));
    return mg_set_output_shape(context, 0, input->rank, shape);
}

typedef struct work {
    const mg_border *border;
    const void *source;
    void *destination;
    const void *value; /* NULL: mirror */
    size_t bytes;
    size_t edge;
} work;

static void write_rows(void *argument, size_t begin, size_t end, int worker)
{
    const work *own = argument;
    (void)worker;
    if (own->value != NULL)
        mg_pad_rows(own->border, own->source, own->value, own->bytes, own->destination, begin, end);
    else
        mg_mirror_rows(own->border, own->edge, own->source, own->destination, begin, end);
}

static void write_all(midge_op_context *context, work *own)
{
    own->source = context->inputs[0]->data;
    own->destination = context->outputs[0]->data;
    mg_parallel_for(context->pool, mg_border_rows(own->border),
                    GRAIN_BYTES / (mg_border_row_bytes(own->border) + 1) + 1, write_rows, own);
}

/* ---- PAD and PADV2 -------------------------------------------------------------------------- */

static midge_status run_constant(midge_op_context *context, const void *value)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_border border;
    TRY(plan(context, -1, shape, &border));
    TRY(mg_settle_output(context, 0, context->inputs[0]->rank, shape));
    if (context->outputs[0]->elements == 0) return MIDGE_OK;
    work own = {
        .border = &border, .value = value, .bytes = midge_type_bits(context->inputs[0]->type) / 8};
    write_all(context, &own);
    return MIDGE_OK;
}

midge_status mg_prepare_pad(midge_op_context *context)
{
    if (mg_is_quantized(context->outputs[0]))
        TRY(mg_require_quantized(context, context->outputs[0], "output"));
    return prepare(context, -1);
}

midge_status mg_run_pad(midge_op_context *context)
{
    const midge_tensor *output = context->outputs[0];
    unsigned char zero[16] = {0};
    int32_t point = mg_is_quantized(output) ? mg_zero_point(output) : 0;
    if (output->type == MIDGE_INT16) {
        int16_t value = (int16_t)point;
        memcpy(zero, &value, sizeof value);
    } else {
        zero[0] = (unsigned char)point;
    }
    return run_constant(context, zero);
}

midge_status mg_prepare_pad_v2(midge_op_context *context)
{
    const midge_tensor *value = context->inputs[2], *output = context->outputs[0];
    TRY(mg_require_same_type(context, value, "value", output, "output"));
    TRY(mg_require_elements(context, value, "value", 1));
    if (mg_is_quantized(output) && mg_is_quantized(value))
        TRY(mg_require_same_quantization(context, value, "value", output, "output"));
    return prepare(context, -1);
}

midge_status mg_run_pad_v2(midge_op_context *context)
{
    return run_constant(context, context->inputs[2]->data);
}

/* ---- MIRROR_PAD ----------------------------------------------------------------------------- */

static int mirror_edge(const midge_op_context *context)
{
    return MG_OPTIONS(context, MirrorPadOptions)->mode == MG_MIRROR_PAD_REFLECT ? 1 : 0;
}

midge_status mg_prepare_mirror_pad(midge_op_context *context)
{
    const int8_t mode = MG_OPTIONS(context, MirrorPadOptions)->mode;
    if (mode != MG_MIRROR_PAD_REFLECT && mode != MG_MIRROR_PAD_SYMMETRIC)
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "mode %d is neither reflect nor symmetric",
                          (int)mode);
    return prepare(context, mirror_edge(context));
}

midge_status mg_run_mirror_pad(midge_op_context *context)
{
    int32_t shape[MIDGE_MAX_RANK];
    mg_border border;
    const int edge = mirror_edge(context);
    TRY(plan(context, edge, shape, &border));
    TRY(mg_settle_output(context, 0, context->inputs[0]->rank, shape));
    if (context->outputs[0]->elements == 0) return MIDGE_OK;
    work own = {.border = &border, .edge = (size_t)edge};
    write_all(context, &own);
    return MIDGE_OK;
}
