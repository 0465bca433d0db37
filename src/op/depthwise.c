/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DEPTHWISE_CONV_2D: filters [1, height, width, output]; output channel c reads input channel
 * c / multiplier.
 *
 * One input channel makes it an ordinary convolution. Several outputs per input channel: the input
 * is spread in scratch so that each output has a channel of its own.
 */
#include "op/depthwise_plan.h"

#include "op/require.h"
#include "op/shape.h"

enum { HEIGHT = MG_DEPTHWISE_Y, WIDTH = MG_DEPTHWISE_X };

static void set_dimension(mg_taps *taps, int dimension, const mg_window *window)
{
    taps->grid[dimension] = (size_t)window->output;
    taps->taps[dimension] = (size_t)window->filter;
    taps->step[dimension] = window->stride;
    taps->origin[dimension] = -(ptrdiff_t)window->padding;
    taps->spacing[dimension] = window->dilation;
    taps->extent[dimension] = (size_t)window->input;
}

static midge_status set_geometry(midge_op_context *context, mg_depthwise *plan)
{
    const mg_DepthwiseConv2DOptions *options = MG_OPTIONS(context, DepthwiseConv2DOptions);
    const midge_tensor *input = context->inputs[0], *weights = context->inputs[1];
    mg_window height = {
        input->shape[1], weights->shape[1], options->stride_h, options->dilation_h_factor, 0, 0};
    mg_window width = {
        input->shape[2], weights->shape[2], options->stride_w, options->dilation_w_factor, 0, 0};
    TRY(mg_window_fill(context, "height", options->padding, &height));
    TRY(mg_window_fill(context, "width", options->padding, &width));
    mg_taps *taps = &plan->convolve.taps;
    const mg_window flat = {1, 1, 1, 1, 1, 0};
    set_dimension(taps, 0, &flat);
    set_dimension(taps, HEIGHT, &height);
    set_dimension(taps, WIDTH, &width);
    taps->batches = (size_t)input->shape[0];
    taps->pixel = (size_t)input->shape[3] * mg_weighted_cell_bytes(&plan->convolve.weighted);
    return MIDGE_OK;
}

static size_t filter_bytes(const midge_op_context *context, const mg_depthwise *plan)
{
    const mg_taps *taps = &plan->convolve.taps;
    const size_t height = taps->taps[HEIGHT], width = taps->taps[WIDTH];
    const size_t channels = plan->convolve.out_channels;
    switch (plan->way) {
    case MG_DEPTHWISE_CONVOLVE: return 0;
    case MG_DEPTHWISE_F32:
        return context->kernels->depthwise_f32->filter_floats(height * width, channels) *
               sizeof(float);
    default: return context->kernels->depthwise_int->filter_bytes(height, width, channels);
    }
}

/* Pixels whose sums are finished while they are in the first-level cache. */
static size_t piece_pixels(const mg_depthwise *plan)
{
    enum { SUMS = 4096, STEP = 4 };
    const size_t channels = plan->convolve.out_channels;
    const size_t pixels = channels == 0 ? STEP : SUMS / channels / STEP * STEP;
    return pixels > STEP ? pixels : STEP;
}

static midge_status request_scratch(midge_op_context *context, mg_depthwise *plan)
{
    const midge_tensor *input = context->inputs[0];
    const mg_convolve *convolve = &plan->convolve;
    const mg_weighted *weighted = &convolve->weighted;
    const size_t workers = (size_t)mg_worker_count(context);
    size_t bytes = 0, part = 0, spread = 0;
    TRY(mg_activations_scratch(context, weighted, plan->vectors, input->elements, &part));
    TRY(mg_scratch_add(context, &bytes, part, &plan->activations_at));
    const bool spreads = plan->multiplier > 1 && plan->way != MG_DEPTHWISE_CONVOLVE;
    if (spreads && (!mg_size_multiply(input->elements, plan->multiplier, &spread) ||
                    !mg_size_multiply(spread, mg_weighted_cell_bytes(weighted), &spread)))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "a depth multiplier of %zu is too large",
                          plan->multiplier);
    TRY(mg_scratch_add(context, &bytes, spread, &plan->spread_at));
    part = plan->filter_bytes;
    if (plan->way == MG_DEPTHWISE_CONVOLVE) TRY(mg_convolve_scratch(context, convolve, &part));
    TRY(mg_scratch_add(context, &bytes, part, &plan->work_at));
    plan->piece_pixels = piece_pixels(plan);
    size_t lines, sums = 0;
    if (plan->way == MG_DEPTHWISE_INT)
        sums = plan->piece_pixels * convolve->out_channels * sizeof(int32_t);
    if (!mg_size_multiply(convolve->taps.taps[HEIGHT], sizeof(void *), &lines) ||
        !mg_size_align(lines, MG_ALIGNMENT, &lines) ||
        !mg_size_add(lines, sums, &plan->worker_bytes) ||
        !mg_size_align(plan->worker_bytes, MG_ALIGNMENT, &plan->strips_at) ||
        !mg_size_add(plan->strips_at, plan->strips.worker_bytes, &plan->worker_bytes) ||
        !mg_size_multiply(plan->worker_bytes, workers, &part))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "a filter of %zu rows is too large",
                          convolve->taps.taps[HEIGHT]);
    plan->sums_at = lines;
    TRY(mg_scratch_add(context, &bytes, part, &plan->workers_at));
    return mg_request_scratch(context, bytes);
}

void mg_depthwise_pack(const midge_op_context *context, const mg_depthwise *plan, void *packed)
{
    const midge_tensor *bias = mg_input(context, 2);
    const void *filter = mg_weights_data(context, context->inputs[1]);
    const void *bias_data = bias ? bias->data : NULL;
    const mg_gemm_int_form *form = &plan->convolve.weighted.form;
    const size_t channels = plan->convolve.out_channels;
    const mg_taps *taps = &plan->convolve.taps;
    if (plan->way == MG_DEPTHWISE_F32)
        context->kernels->depthwise_f32->pack(filter, bias_data, form->depth, channels, packed);
    else
        context->kernels->depthwise_int->pack(
            form, taps->taps[HEIGHT], taps->taps[WIDTH], channels, filter,
            plan->convolve.weighted.kind == MG_WEIGHTED_INT ? bias_data : NULL, packed);
}

bool mg_depthwise_packs_early(const midge_op_context *context, const mg_depthwise *plan)
{
    const midge_tensor *bias = mg_input(context, 2);
    return plan->filter_bytes > 0 && context->inputs[1]->constant &&
           (bias == NULL || bias->constant);
}

/* Fills what does not depend on the memory layout; `factors` may be moved later. */
static midge_status describe(midge_op_context *context, void *factors, mg_depthwise *plan)
{
    const mg_DepthwiseConv2DOptions *options = MG_OPTIONS(context, DepthwiseConv2DOptions);
    const midge_tensor *input = context->inputs[0], *weights = context->inputs[1];
    const int32_t channels = weights->shape[3];
    mg_weighted_rule rule = {0};
    rule.channel_axis = 3;
    rule.channels = channels;
    rule.activation = options->fused_activation_function;
    rule.asymmetric = true;
    mg_convolve *convolve = &plan->convolve;
    TRY(mg_weighted_prepare(context, input, weights, mg_input(context, 2), context->outputs[0],
                            &rule, factors, &convolve->weighted));
    if (convolve->weighted.kind == MG_WEIGHTED_DYNAMIC && weights->type != MIDGE_INT8)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "%s weights with float activations",
                          midge_type_name(weights->type));
    TRY(set_geometry(context, plan));
    plan->multiplier = (size_t)(channels / input->shape[3]);
    plan->vectors = (size_t)input->shape[0];
    plan->way = input->shape[3] == 1                         ? MG_DEPTHWISE_CONVOLVE
                : convolve->weighted.kind == MG_WEIGHTED_F32 ? MG_DEPTHWISE_F32
                                                             : MG_DEPTHWISE_INT;
    convolve->weighted.form.depth = (size_t)weights->shape[1] * (size_t)weights->shape[2];
    enum { MOST_WIDE_TAPS = 511 }; /* whose sums of int16 and int8 products fit into int32 */
    if (convolve->weighted.kind == MG_WEIGHTED_WIDE &&
        convolve->weighted.form.depth > MOST_WIDE_TAPS)
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "%zu taps of int16, at most %d",
                          convolve->weighted.form.depth, (int)MOST_WIDE_TAPS);
    convolve->length = (size_t)input->shape[3];
    convolve->groups = 1;
    convolve->out_channels = convolve->group_columns = (size_t)channels;
    convolve->columns.column_step = 1;
    convolve->columns.depth_step = (size_t)channels;
    return MIDGE_OK;
}

bool mg_depthwise_goes_by_lines(const mg_depthwise *plan)
{
    const mg_weighted_kind kind = plan->convolve.weighted.kind;
    return plan->way != MG_DEPTHWISE_CONVOLVE && plan->multiplier == 1 &&
           plan->convolve.taps.batches == 1 && (kind == MG_WEIGHTED_F32 || kind == MG_WEIGHTED_INT);
}

static midge_status prepare_strips(midge_op_context *context, mg_depthwise *plan)
{
    const mg_taps *taps = &plan->convolve.taps;
    size_t span;
    if (!mg_depthwise_goes_by_lines(plan) ||
        !mg_size_multiply(taps->taps[HEIGHT] - 1, (size_t)taps->spacing[HEIGHT], &span) ||
        span >= taps->extent[HEIGHT])
        return MIDGE_OK;
    return mg_strips_prepare(context, span + 1, &plan->strips);
}

static midge_status check_shapes(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *weights = context->inputs[1];
    TRY(mg_require_rank(context, input, "input", 4, 4));
    TRY(mg_require_rank(context, weights, "weights", 4, 4));
    if (input->type == MIDGE_INT16 && mg_input(context, 2))
        TRY(mg_require_type(context, mg_input(context, 2), "bias", MG_TYPES(MIDGE_INT64)));
    if (weights->shape[0] != 1 || input->shape[3] == 0 || weights->shape[3] % input->shape[3] != 0)
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "filter [%d,_,_,%d] does not suit %d input channels",
                          (int)weights->shape[0], (int)weights->shape[3], (int)input->shape[3]);
    if (weights->elements > SIZE_MAX / MG_ALIGNMENT - MG_ALIGNMENT)
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "a filter of %zu weights is too large",
                          weights->elements);
    return mg_weights_prepare(context, weights);
}

midge_status mg_prepare_depthwise_conv_2d(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0], *weights = context->inputs[1];
    TRY(check_shapes(context));
    const size_t channels = (size_t)weights->shape[3];
    const size_t height = (size_t)weights->shape[1], width = (size_t)weights->shape[2];

    /* The most that any way of packing takes. */
    size_t f32_bytes =
        context->kernels->depthwise_f32->filter_floats(height * width, channels) * sizeof(float);
    size_t int_bytes = context->kernels->depthwise_int->filter_bytes(height, width, channels);
    size_t bytes = sizeof(mg_depthwise), factors_at, padding_at, packed_at;
    TRY(mg_scratch_add(context, &bytes, 0, &factors_at));
    TRY(mg_scratch_add(context, &bytes, mg_weighted_factor_bytes(channels), &factors_at));
    TRY(mg_scratch_add(context, &bytes, mg_convolve_padding_bytes(channels), &padding_at));
    TRY(mg_scratch_add(context, &bytes, f32_bytes > int_bytes ? f32_bytes : int_bytes, &packed_at));
    void *memory;
    TRY(mg_prepared(context, bytes + MG_ALIGNMENT, &memory));
    mg_depthwise *plan = memory;
    TRY(describe(context, (char *)memory + factors_at, plan));
    TRY(mg_convolve_finish(context, &plan->convolve, (char *)memory + padding_at));
    plan->filter_bytes = filter_bytes(context, plan);
    plan->packed_at = packed_at + MG_ALIGNMENT - 1 -
                      ((uintptr_t)memory + packed_at + MG_ALIGNMENT - 1) % MG_ALIGNMENT;
    context->multiply_accumulates =
        (uint64_t)mg_taps_rows(&plan->convolve.taps) * weights->elements;
    TRY(prepare_strips(context, plan));
    TRY(request_scratch(context, plan));
    if (plan->way == MG_DEPTHWISE_F32) mg_name_kernel(context, context->kernels->depthwise_f32);
    if (plan->way == MG_DEPTHWISE_INT) mg_name_kernel(context, context->kernels->depthwise_int);
    if (mg_depthwise_packs_early(context, plan))
        mg_depthwise_pack(context, plan, (char *)memory + plan->packed_at);

    const mg_taps *geometry = &plan->convolve.taps;
    const int32_t shape[4] = {input->shape[0], (int32_t)geometry->grid[HEIGHT],
                              (int32_t)geometry->grid[WIDTH], weights->shape[3]};
    return mg_set_output_shape(context, 0, 4, shape);
}
