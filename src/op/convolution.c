/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONV_2D over images [batch, height, width, channel] with filters [output, height, width, input],
 * also in groups; CONV_3D over [batch, depth, height, width, channel] with filters [depth, height,
 * width, input, output], floats only.
 */
#include "op/convolution_plan.h"

#include <string.h>

#include "op/require.h"
#include "op/shape.h"
#include "op/winograd.h"

enum { DEPTH, HEIGHT, WIDTH };

static void set_dimension(mg_taps *taps, int dimension, const mg_window *window)
{
    taps->grid[dimension] = (size_t)window->output;
    taps->taps[dimension] = (size_t)window->filter;
    taps->step[dimension] = window->stride;
    taps->origin[dimension] = -(ptrdiff_t)window->padding;
    taps->spacing[dimension] = window->dilation;
    taps->extent[dimension] = (size_t)window->input;
}

static midge_status request_scratch(midge_op_context *context, mg_convolution *plan)
{
    const midge_tensor *input = context->inputs[0];
    size_t bytes = 0, convolve_bytes, offset;
    TRY(mg_activations_scratch(context, &plan->convolve.weighted, plan->vectors, input->elements,
                               &plan->activations_bytes));
    TRY(plan->convolve.by_winograd
            ? mg_winograd_scratch(context, &plan->convolve, &convolve_bytes)
            : mg_convolve_scratch(context, &plan->convolve, &convolve_bytes));
    TRY(mg_scratch_add(context, &bytes, plan->activations_bytes, &offset));
    plan->activations_bytes = bytes;
    TRY(mg_scratch_add(context, &bytes, convolve_bytes, &offset));
    return mg_request_scratch(context, bytes);
}

static midge_status prepared_memory(midge_op_context *context, size_t channels, size_t length,
                                    mg_convolution **plan, void **factors, void **padding)
{
    void *memory;
    size_t bytes = sizeof(mg_convolution), factors_at, padding_at;
    TRY(mg_scratch_add(context, &bytes, 0, &factors_at));
    TRY(mg_scratch_add(context, &bytes, mg_weighted_factor_bytes(channels), &factors_at));
    TRY(mg_scratch_add(context, &bytes, mg_convolve_padding_bytes(length), &padding_at));
    TRY(mg_prepared(context, bytes, &memory));
    *plan = memory;
    *factors = (char *)memory + factors_at;
    *padding = (char *)memory + padding_at;
    return MIDGE_OK;
}

/* Per-channel scales that are all the same count as one. */
static bool scales_differ(const midge_tensor *weights)
{
    const midge_quantization *quantization = &weights->quantization;
    for (size_t i = 1; i < quantization->count; i++)
        if (quantization->scale[i] != quantization->scale[0]) return true;
    return false;
}

static midge_status check_channels(midge_op_context *context, int32_t input, int32_t filter,
                                   int32_t output)
{
    if (filter > 0 && input > 0 && input % filter == 0 && output % (input / filter) == 0)
        return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL,
                      "%d input channels, %d of the filter and %d outputs make no groups",
                      (int)input, (int)filter, (int)output);
}

/* Lines or Winograd's transforms, for the cells that activations have. */
static midge_status choose_way_for_cells(midge_op_context *context, mg_convolve *convolve,
                                         void *padding)
{
    const midge_tensor *weights = context->inputs[1];
    convolve->taps.pixel =
        convolve->groups * convolve->length * mg_weighted_cell_bytes(&convolve->weighted);
    TRY(mg_convolve_finish(context, convolve, padding));
    convolve->by_winograd = mg_winograd_pays(
        context->kernels, convolve, weights->constant ? mg_weights_data(context, weights) : NULL);
    return MIDGE_OK;
}

/* Weights that are kept packed need a zero point that is known now; else bytes are faster. */
static midge_status choose_way(midge_op_context *context, mg_convolution *plan, void *padding)
{
    const midge_tensor *weights = context->inputs[1], *bias = mg_input(context, 2);
    mg_convolve *convolve = &plan->convolve;
    TRY(choose_way_for_cells(context, convolve, padding));
    if (weights->constant && (bias == NULL || bias->constant) &&
        mg_weights_data(context, weights) == weights->data)
        TRY(mg_convolve_keep(context, convolve, false, weights->data, bias ? bias->data : NULL));
    if (plan->vectors != 1 || convolve->kept || !mg_weighted_take_bytes(&convolve->weighted))
        return MIDGE_OK;
    plan->zero_row = padding;
    return choose_way_for_cells(context, convolve, padding);
}

midge_status mg_prepare_conv_2d(midge_op_context *context)
{
    const mg_Conv2DOptions *options = MG_OPTIONS(context, Conv2DOptions);
    const midge_tensor *input = context->inputs[0], *weights = context->inputs[1];
    const midge_tensor *bias = mg_input(context, 2), *output = context->outputs[0];
    TRY(mg_require_rank(context, input, "input", 4, 4));
    TRY(mg_require_rank(context, weights, "weights", 4, 4));
    const int32_t channels = weights->shape[0];
    TRY(check_channels(context, input->shape[3], weights->shape[3], channels));
    TRY(mg_weights_prepare(context, weights));

    mg_convolution *plan;
    void *factors, *padding;
    const size_t length = (size_t)weights->shape[3];
    TRY(prepared_memory(context, (size_t)channels, length, &plan, &factors, &padding));
    mg_convolve *convolve = &plan->convolve;
    const size_t groups = (size_t)input->shape[3] / length;
    mg_weighted_rule rule = {0};
    rule.channels = channels;
    rule.activation = options->fused_activation_function;
    rule.sum_type = options->quantized_bias_type;
    rule.asymmetric = groups != 1 || (weights->type != MIDGE_UINT8 && scales_differ(weights));
    TRY(mg_weighted_prepare(context, input, weights, bias, output, &rule, factors,
                            &convolve->weighted));

    mg_window windows[3] = {
        {1, 1, 1, 1, 0, 0},
        {input->shape[1], weights->shape[1], options->stride_h, options->dilation_h_factor, 0, 0},
        {input->shape[2], weights->shape[2], options->stride_w, options->dilation_w_factor, 0, 0}};
    const char *const roles[3] = {"depth", "height", "width"};
    mg_taps *taps = &convolve->taps;
    for (int d = DEPTH; d <= WIDTH; d++) {
        TRY(mg_window_fill(context, roles[d], options->padding, &windows[d]));
        set_dimension(taps, d, &windows[d]);
    }
    taps->batches = plan->vectors = (size_t)input->shape[0];
    convolve->length = length;
    convolve->groups = groups;
    convolve->out_channels = (size_t)channels;
    convolve->group_columns = convolve->out_channels / groups;
    convolve->columns.column_step = mg_elements_between(weights, 1, 4);
    convolve->columns.depth_step = 1;
    TRY(choose_way(context, plan, padding));
    TRY(request_scratch(context, plan));
    context->multiply_accumulates =
        (uint64_t)mg_taps_rows(taps) * convolve->columns.column_step * (uint64_t)channels;
    TRY(mg_convolution_prepare_strips(context, plan));
    const int32_t shape[4] = {input->shape[0], windows[HEIGHT].output, windows[WIDTH].output,
                              channels};
    return mg_set_output_shape(context, 0, 4, shape);
}

midge_status mg_prepare_conv_3d(midge_op_context *context)
{
    const mg_Conv3DOptions *options = MG_OPTIONS(context, Conv3DOptions);
    const midge_tensor *input = context->inputs[0], *weights = context->inputs[1];
    const midge_tensor *bias = mg_input(context, 2), *output = context->outputs[0];
    TRY(mg_require_rank(context, input, "input", 5, 5));
    TRY(mg_require_rank(context, weights, "weights", 5, 5));
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_type(context, weights, "weights", MG_TYPES(MIDGE_FLOAT32)));
    const int32_t channels = weights->shape[4];
    if (input->shape[4] != weights->shape[3])
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "input has %d channels, the filter %d",
                          (int)input->shape[4], (int)weights->shape[3]);

    mg_convolution *plan;
    void *factors, *padding;
    const size_t length = (size_t)weights->shape[3];
    TRY(prepared_memory(context, 0, length, &plan, &factors, &padding));
    mg_convolve *convolve = &plan->convolve;
    mg_weighted_rule rule = {0};
    rule.channels = channels;
    rule.activation = options->fused_activation_function;
    TRY(mg_weighted_prepare(context, input, weights, bias, output, &rule, factors,
                            &convolve->weighted));

    const int32_t strides[3] = {options->stride_d, options->stride_h, options->stride_w};
    const int32_t dilations[3] = {options->dilation_d_factor, options->dilation_h_factor,
                                  options->dilation_w_factor};
    const char *const roles[3] = {"depth", "height", "width"};
    mg_taps *taps = &convolve->taps;
    int32_t shape[5] = {input->shape[0], 0, 0, 0, channels};
    for (int d = DEPTH; d <= WIDTH; d++) {
        mg_window window = {input->shape[d + 1], weights->shape[d], strides[d], dilations[d], 0, 0};
        TRY(mg_window_fill(context, roles[d], options->padding, &window));
        set_dimension(taps, d, &window);
        shape[d + 1] = window.output;
    }
    taps->batches = plan->vectors = (size_t)input->shape[0];
    taps->pixel = length * sizeof(float);
    convolve->length = length;
    convolve->groups = 1;
    convolve->out_channels = convolve->group_columns = (size_t)channels;
    convolve->columns.column_step = 1;
    convolve->columns.depth_step = (size_t)channels;
    TRY(mg_convolve_finish(context, convolve, padding));
    TRY(request_scratch(context, plan));
    context->multiply_accumulates = (uint64_t)mg_taps_rows(taps) * weights->elements;
    return mg_set_output_shape(context, 0, 5, shape);
}

midge_status mg_run_conv_2d(midge_op_context *context)
{
    const mg_convolution *plan = context->prepared;
    const midge_tensor *bias = mg_input(context, 2);
    if (plan->strips.maker) {
        mg_convolution_run_strips(context, plan);
        return MIDGE_OK;
    }
    mg_convolve convolve = plan->convolve;
    mg_convolve_call call = {0};
    int32_t zero_point = 0;
    call.input = mg_activations(context, &convolve.weighted, context->inputs[0], plan->vectors,
                                context->scratch, &call.row_scale, &zero_point);
    if (plan->zero_row) {
        convolve.weighted.form.left_zero = zero_point;
        memset(plan->zero_row, zero_point, convolve.length);
    }
    call.weights = mg_weights_data(context, context->inputs[1]);
    call.bias = bias ? bias->data : NULL;
    call.output = context->outputs[0]->data;
    call.rows_per_scale = mg_taps_rows(&convolve.taps) / plan->vectors;
    void *scratch = (char *)context->scratch + plan->activations_bytes;
    if (convolve.by_winograd)
        mg_winograd_run(context, &convolve, &call, scratch);
    else
        mg_convolve_run(context, &convolve, &call, scratch);
    return MIDGE_OK;
}

midge_status mg_run_conv_3d(midge_op_context *context)
{
    return mg_run_conv_2d(context);
}
