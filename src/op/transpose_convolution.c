/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TRANSPOSE_CONV over images [batch, height, width, channel] with filters [output, height, width,
 * input]; CONV_3D_TRANSPOSE over [batch, depth, height, width, channel] with filters [depth,
 * height, width, output, input], floats only. Convolution2DTransposeBias of MediaPipe is the first
 * one in floats, with a bias and no tensor for the output's shape.
 *
 * Input pixel i and tap k add to output i * stride - padding + k * dilation. Seen from the output,
 * all pixels with the same remainder by the stride (a phase) meet the same taps, so each phase is
 * an ordinary convolution with a part of the filter. The parts are laid one after another, [phase]
 * [output][taps of the phase][input], once for constant weights.
 */
#include <string.h>

#include "op/convolve.h"
#include "op/custom_options.h"
#include "op/require.h"
#include "op/shape.h"

enum { DEPTH, HEIGHT, WIDTH };

/* One dimension of the whole operator. */
typedef struct axis {
    int32_t input;
    int32_t output;
    int32_t filter;
    int32_t stride;
    int32_t dilation;
    int32_t padding;
    size_t filter_step; /* elements of the weights from tap to tap */
} axis;

/* The prepared memory: this, the factors, the padding row. */
typedef struct transposed {
    mg_convolve convolve; /* of no phase in particular */
    axis axes[3];
    size_t batches;
    size_t output_step; /* elements of the weights from output channel to output channel */
    size_t activations_bytes;
    size_t weights_at; /* offset in scratch of weights that are laid out in run */
    size_t convolve_at;
    bool packed;
} transposed;

/* What the inputs are for. */
typedef struct operands {
    const midge_tensor *shape; /* NULL: the options say all */
    const midge_tensor *weights;
    const midge_tensor *input;
    const midge_tensor *bias;
} operands;

static operands operands_of(const midge_op_context *context)
{
    midge_tensor *const *inputs = context->inputs;
    if (context->node->op == MG_BUILTIN_CUSTOM)
        return (operands){NULL, inputs[1], inputs[0], mg_input(context, 2)};
    return (operands){inputs[0], inputs[1], inputs[2], mg_input(context, 3)};
}

static int32_t common_divisor(int32_t a, int32_t b)
{
    while (b != 0) {
        const int32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The taps that outputs `phase`, phase + stride, … meet along one dimension: every `period`th from
 * `first` on. */
typedef struct phase_taps {
    int32_t first;
    int32_t period;
    int32_t count;
} phase_taps;

static phase_taps taps_of_phase(const axis *along, int32_t phase)
{
    const int32_t divisor = common_divisor(along->stride, along->dilation);
    phase_taps taps = {0, along->stride / divisor, 0};
    const int64_t target = (int64_t)phase + along->padding;
    for (int32_t k = 0; k < taps.period && k < along->filter; k++)
        if ((target - (int64_t)k * along->dilation) % along->stride == 0) {
            taps.first = k;
            taps.count = (int32_t)(((int64_t)along->filter - k + taps.period - 1) / taps.period);
            break;
        }
    return taps;
}

static int32_t phases_along(const axis *along)
{
    return along->stride < along->output ? along->stride : along->output;
}

/* The convolution of one phase. */
static void describe_phase(const transposed *plan, const int32_t phase[3], phase_taps parts[3],
                           mg_convolve *convolve)
{
    *convolve = plan->convolve;
    mg_taps *taps = &convolve->taps;
    mg_placement *placement = &convolve->placement;
    taps->batches = plan->batches;
    size_t step = convolve->out_channels;
    for (int d = WIDTH; d >= DEPTH; d--) {
        const axis *along = &plan->axes[d];
        parts[d] = taps_of_phase(along, phase[d]);
        taps->grid[d] =
            (size_t)(((int64_t)along->output - phase[d] + along->stride - 1) / along->stride);
        taps->taps[d] = (size_t)parts[d].count;
        taps->step[d] = 1;
        taps->origin[d] = (ptrdiff_t)(((int64_t)phase[d] + along->padding -
                                       (int64_t)parts[d].first * along->dilation) /
                                      along->stride);
        taps->spacing[d] =
            -(ptrdiff_t)(along->dilation / common_divisor(along->stride, along->dilation));
        taps->extent[d] = (size_t)along->input;
        placement->grid[d] = taps->grid[d];
        placement->step[d + 1] = step * (size_t)along->stride;
        step *= (size_t)along->output;
    }
    placement->step[0] = step;
    convolve->placed = true;
    convolve->columns.depth_step = 1;
    convolve->columns.column_step = mg_taps_count(taps) * convolve->length;
}

/* Elements from output pixel 0 to the first of a phase. */
static size_t phase_offset(const transposed *plan, const int32_t phase[3])
{
    const axis *axes = plan->axes;
    size_t pixel = (size_t)phase[DEPTH];
    pixel = pixel * (size_t)axes[HEIGHT].output + (size_t)phase[HEIGHT];
    pixel = pixel * (size_t)axes[WIDTH].output + (size_t)phase[WIDTH];
    return pixel * plan->convolve.out_channels;
}

static bool next_phase(const transposed *plan, int32_t phase[3])
{
    for (int d = WIDTH; d >= DEPTH; d--) {
        if (++phase[d] < phases_along(&plan->axes[d])) return true;
        phase[d] = 0;
    }
    return false;
}

/* Lays out the filter part of one phase; returns where the next begins. */
static char *lay_part(const transposed *plan, const phase_taps parts[3], const char *weights,
                      char *out)
{
    const size_t cell = mg_weighted_weight_bytes(&plan->convolve.weighted);
    const size_t run = plan->convolve.length * cell;
    const axis *axes = plan->axes;
    for (size_t o = 0; o < plan->convolve.out_channels; o++)
        for (int32_t z = 0; z < parts[DEPTH].count; z++)
            for (int32_t y = 0; y < parts[HEIGHT].count; y++)
                for (int32_t x = 0; x < parts[WIDTH].count; x++, out += run) {
                    const int32_t at[3] = {z, y, x};
                    size_t from = o * plan->output_step;
                    for (int d = DEPTH; d <= WIDTH; d++)
                        from += (size_t)(parts[d].first + at[d] * parts[d].period) *
                                axes[d].filter_step;
                    memcpy(out, weights + from * cell, run);
                }
    return out;
}

static void lay_filter(const transposed *plan, const void *weights, void *laid)
{
    int32_t phase[3] = {0, 0, 0};
    char *out = laid;
    do {
        mg_convolve convolve;
        phase_taps parts[3];
        describe_phase(plan, phase, parts, &convolve);
        out = lay_part(plan, parts, weights, out);
    } while (next_phase(plan, phase));
}

/* Padding before the first element, as if the output were the input of a convolution. */
static int32_t padding_of(const axis *along, int padding)
{
    const int64_t extent = (int64_t)(along->filter - 1) * along->dilation + 1;
    const int64_t steps = padding == MG_PADDING_SAME
                              ? ((int64_t)along->output + along->stride - 1) / along->stride
                              : ((int64_t)along->output + along->stride - extent) / along->stride;
    const int64_t missing = (steps - 1) * along->stride + extent - along->output;
    return missing > 0 ? (int32_t)(missing / 2) : 0;
}

/* Output sizes and paddings from the shape tensor, whose data is there. */
static midge_status set_output(midge_op_context *context, transposed *plan, int padding,
                               int32_t *rank, int32_t shape[MIDGE_MAX_RANK])
{
    const operands at = operands_of(context);
    const midge_tensor *input = at.input;
    TRY(mg_read_shape(context, at.shape, "output shape", rank, shape));
    if (*rank != input->rank || shape[0] != input->shape[0] ||
        (size_t)shape[*rank - 1] != plan->convolve.out_channels) {
        char text[MG_SHAPE_TEXT], input_text[MG_SHAPE_TEXT];
        return mg_op_fail(
            context, MIDGE_INVALID_MODEL, "output shape %s does not suit input %s and %zu channels",
            mg_shape_text(*rank, shape, text), mg_shape_text(input->rank, input->shape, input_text),
            plan->convolve.out_channels);
    }
    for (int d = DEPTH; d <= WIDTH; d++) {
        axis *along = &plan->axes[d];
        const int index = d + *rank - 4;
        along->output = index > 0 ? shape[index] : 1;
        along->padding = padding_of(along, padding);
    }
    return MIDGE_OK;
}

/* Without a shape tensor the output is as large as the taps reach; SAME leaves out at both ends
 * what goes beyond the stride. */
static midge_status derive_output(midge_op_context *context, transposed *plan, int padding,
                                  int32_t *rank, int32_t shape[MIDGE_MAX_RANK])
{
    const midge_tensor *input = operands_of(context).input;
    *rank = 4;
    shape[0] = input->shape[0];
    shape[3] = (int32_t)plan->convolve.out_channels;
    plan->axes[DEPTH].output = 1;
    for (int d = HEIGHT; d <= WIDTH; d++) {
        axis *along = &plan->axes[d];
        const int64_t steps = (int64_t)along->input - 1;
        const int64_t beyond = (int64_t)along->filter - 1 - steps % along->stride;
        const int64_t left_out = padding == MG_PADDING_SAME && beyond > 0 ? beyond : 0;
        const int64_t reach = along->stride * steps + along->filter - left_out;
        if (steps < 0 || along->filter < 1 || reach > INT32_MAX)
            return mg_op_fail(context, MIDGE_INVALID_MODEL,
                              "%d pixels, filter %d and stride %d give no output",
                              (int)along->input, (int)along->filter, (int)along->stride);
        along->output = shape[d] = (int32_t)reach;
        along->padding = (int32_t)(left_out / 2);
    }
    return MIDGE_OK;
}

static midge_status most_scratch(midge_op_context *context, const transposed *plan, size_t *bytes)
{
    int32_t phase[3] = {0, 0, 0};
    *bytes = 0;
    do {
        mg_convolve convolve;
        phase_taps parts[3];
        size_t needed;
        describe_phase(plan, phase, parts, &convolve);
        TRY(mg_convolve_scratch(context, &convolve, &needed));
        if (needed > *bytes) *bytes = needed;
    } while (next_phase(plan, phase));
    return MIDGE_OK;
}

static midge_status request_scratch(midge_op_context *context, transposed *plan, bool dynamic)
{
    const midge_tensor *input = operands_of(context).input, *weights = operands_of(context).weights;
    const mg_weighted *weighted = &plan->convolve.weighted;
    size_t bytes = 0, part;
    TRY(mg_activations_scratch(context, weighted, plan->batches, input->elements, &part));
    TRY(mg_scratch_add(context, &bytes, part, &plan->activations_bytes));
    part = plan->packed ? 0 : weights->elements * mg_weighted_weight_bytes(weighted);
    TRY(mg_scratch_add(context, &bytes, part, &plan->weights_at));
    if (dynamic)
        TRY(mg_convolve_most_scratch(
            context, &plan->convolve,
            weights->elements / plan->convolve.out_channels / plan->convolve.length, &part));
    else
        TRY(most_scratch(context, plan, &part));
    TRY(mg_scratch_add(context, &bytes, part, &plan->convolve_at));
    return mg_request_scratch(context, bytes);
}

static midge_status check_channels(midge_op_context *context, const mg_convolve *convolve)
{
    const midge_tensor *input = operands_of(context).input;
    if ((size_t)input->shape[input->rank - 1] == convolve->length && convolve->length > 0 &&
        convolve->out_channels > 0)
        return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL,
                      "input has %d channels, the filter %zu, for %zu outputs",
                      (int)input->shape[input->rank - 1], convolve->length, convolve->out_channels);
}

/* What both operators share once the axes are known. */
static midge_status prepare_phases(midge_op_context *context, transposed *plan, int padding,
                                   void *padding_row)
{
    mg_convolve *convolve = &plan->convolve;
    const operands at = operands_of(context);
    const midge_tensor *input = at.input, *weights = at.weights;
    TRY(check_channels(context, convolve));
    convolve->groups = 1;
    convolve->group_columns = convolve->out_channels;
    convolve->taps.pixel = convolve->length * mg_weighted_cell_bytes(&convolve->weighted);
    plan->batches = (size_t)input->shape[0];
    TRY(mg_convolve_finish(context, convolve, padding_row));
    const bool dynamic = at.shape != NULL && !at.shape->constant && !at.shape->known;
    int32_t rank, shape[MIDGE_MAX_RANK];
    if (at.shape == NULL)
        TRY(derive_output(context, plan, padding, &rank, shape));
    else if (!dynamic)
        TRY(set_output(context, plan, padding, &rank, shape));
    plan->packed = weights->constant && !dynamic;
    if (plan->packed) {
        void *laid;
        bool fresh;
        TRY(mg_packed(context, weights->elements * mg_weighted_weight_bytes(&convolve->weighted),
                      &laid, &fresh));
        (void)fresh; /* the phases depend on the output's shape, too */
        lay_filter(plan, weights->data, laid);
    }
    TRY(request_scratch(context, plan, dynamic));
    context->multiply_accumulates =
        (uint64_t)(input->elements / convolve->length) * weights->elements;
    if (dynamic) return mg_set_output_dynamic(context, 0);
    return mg_set_output_shape(context, 0, rank, shape);
}

static midge_status prepared_memory(midge_op_context *context, size_t channels, size_t length,
                                    transposed **plan, void **factors, void **padding)
{
    void *memory;
    size_t bytes = sizeof(transposed), factors_at, padding_at;
    TRY(mg_scratch_add(context, &bytes, 0, &factors_at));
    TRY(mg_scratch_add(context, &bytes, mg_weighted_factor_bytes(channels), &factors_at));
    TRY(mg_scratch_add(context, &bytes, mg_convolve_padding_bytes(length), &padding_at));
    TRY(mg_prepared(context, bytes, &memory));
    *plan = memory;
    *factors = (char *)memory + factors_at;
    *padding = (char *)memory + padding_at;
    return MIDGE_OK;
}

static midge_status check_steps(midge_op_context *context, const axis *along)
{
    const int32_t most = 1 << 15;
    if (along->stride > 0 && along->stride < most && along->dilation > 0 && along->dilation < most)
        return MIDGE_OK;
    return mg_op_fail(context, MIDGE_INVALID_MODEL, "stride %d and dilation %d must be 1 to %d",
                      (int)along->stride, (int)along->dilation, (int)most - 1);
}

/* What both operators over images share. */
static midge_status prepare_images(midge_op_context *context, const mg_weighted_rule *rule,
                                   int padding, int32_t stride_h, int32_t stride_w)
{
    const operands at = operands_of(context);
    const midge_tensor *weights = at.weights, *input = at.input;
    transposed *plan;
    void *factors, *padding_row;
    const size_t channels = (size_t)weights->shape[0], length = (size_t)weights->shape[3];
    TRY(prepared_memory(context, channels, length, &plan, &factors, &padding_row));
    plan->convolve.out_channels = channels;
    plan->convolve.length = length;
    TRY(mg_weighted_prepare(context, input, weights, at.bias, context->outputs[0], rule, factors,
                            &plan->convolve.weighted));
    const size_t row = mg_elements_between(weights, 2, 4);
    plan->output_step = mg_elements_between(weights, 1, 4);
    plan->axes[DEPTH] = (axis){1, 1, 1, 1, 1, 0, 0};
    plan->axes[HEIGHT] = (axis){input->shape[1], 0, weights->shape[1], stride_h, 1, 0, row};
    plan->axes[WIDTH] = (axis){input->shape[2], 0, weights->shape[2], stride_w, 1, 0, length};
    TRY(check_steps(context, &plan->axes[HEIGHT]));
    TRY(check_steps(context, &plan->axes[WIDTH]));
    return prepare_phases(context, plan, padding, padding_row);
}

midge_status mg_prepare_transpose_conv(midge_op_context *context)
{
    const mg_TransposeConvOptions *options = MG_OPTIONS(context, TransposeConvOptions);
    const midge_tensor *weights = context->inputs[1];
    TRY(mg_require_rank(context, context->inputs[2], "input", 4, 4));
    TRY(mg_require_rank(context, weights, "weights", 4, 4));
    TRY(mg_require_type(context, weights, "weights",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8)));
    mg_weighted_rule rule = {0};
    rule.channels = weights->shape[0];
    rule.activation = options->fused_activation_function;
    rule.sum_type = options->quantized_bias_type;
    rule.asymmetric = true;
    return prepare_images(context, &rule, options->padding, options->stride_h, options->stride_w);
}

/* Options are a C struct: int32 padding (1 SAME, 2 VALID), stride width, stride height. */
midge_status mg_prepare_convolution_2d_transpose_bias(midge_op_context *context)
{
    enum { PADDING, STRIDE_WIDTH, STRIDE_HEIGHT, FIELDS };
    static const char *const names[] = {"input", "weights", "bias"};
    int32_t fields[FIELDS];
    for (int i = 0; i < 3; i++) {
        const int rank = i == 2 ? 1 : 4;
        TRY(mg_require_type(context, context->inputs[i], names[i], MG_TYPES(MIDGE_FLOAT32)));
        TRY(mg_require_rank(context, context->inputs[i], names[i], rank, rank));
    }
    TRY(mg_require_type(context, context->outputs[0], "output", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_option_fields(context, FIELDS, fields));
    TRY(mg_option_padding(context, fields[PADDING]));
    mg_weighted_rule rule = {.channels = context->inputs[1]->shape[0]};
    return prepare_images(context, &rule,
                          fields[PADDING] == MG_OPTION_SAME ? MG_PADDING_SAME : MG_PADDING_VALID,
                          fields[STRIDE_HEIGHT], fields[STRIDE_WIDTH]);
}

midge_status mg_prepare_conv_3d_transpose(midge_op_context *context)
{
    const mg_Conv3DOptions *options = MG_OPTIONS(context, Conv3DOptions);
    const midge_tensor *weights = context->inputs[1], *input = context->inputs[2];
    TRY(mg_require_rank(context, input, "input", 5, 5));
    TRY(mg_require_rank(context, weights, "weights", 5, 5));
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_type(context, weights, "weights", MG_TYPES(MIDGE_FLOAT32)));
    transposed *plan;
    void *factors, *padding;
    const size_t channels = (size_t)weights->shape[3], length = (size_t)weights->shape[4];
    TRY(prepared_memory(context, 0, length, &plan, &factors, &padding));
    plan->convolve.out_channels = channels;
    plan->convolve.length = length;
    mg_weighted_rule rule = {0};
    rule.channels = weights->shape[3];
    rule.activation = options->fused_activation_function;
    TRY(mg_weighted_prepare(context, input, weights, mg_input(context, 3), context->outputs[0],
                            &rule, factors, &plan->convolve.weighted));
    plan->output_step = length;
    const int32_t strides[3] = {options->stride_d, options->stride_h, options->stride_w};
    const int32_t dilations[3] = {options->dilation_d_factor, options->dilation_h_factor,
                                  options->dilation_w_factor};
    for (int d = DEPTH; d <= WIDTH; d++) {
        plan->axes[d] = (axis){input->shape[d + 1],
                               0,
                               weights->shape[d],
                               strides[d],
                               dilations[d],
                               0,
                               mg_elements_between(weights, d + 1, 5)};
        TRY(check_steps(context, &plan->axes[d]));
    }
    return prepare_phases(context, plan, options->padding, padding);
}

static midge_status run_phases(midge_op_context *context, transposed *plan, int padding)
{
    const operands at = operands_of(context);
    const midge_tensor *weights = at.weights, *bias = at.bias;
    char *scratch = context->scratch;
    if (context->outputs[0]->dynamic) {
        int32_t rank, shape[MIDGE_MAX_RANK];
        TRY(set_output(context, plan, padding, &rank, shape));
        TRY(mg_resize_output(context, 0, rank, shape));
        if (context->outputs[0]->elements == 0) return MIDGE_OK;
    }
    const char *laid = context->packed;
    if (!plan->packed) {
        lay_filter(plan, weights->data, scratch + plan->weights_at);
        laid = scratch + plan->weights_at;
    }
    mg_convolve_call call = {0};
    call.input = mg_activations(context, &plan->convolve.weighted, at.input, plan->batches, scratch,
                                &call.row_scale, NULL);
    call.bias = bias ? bias->data : NULL;
    int32_t phase[3] = {0, 0, 0};
    do {
        mg_convolve convolve;
        phase_taps parts[3];
        describe_phase(plan, phase, parts, &convolve);
        call.weights = laid;
        call.output = (char *)context->outputs[0]->data +
                      phase_offset(plan, phase) * mg_weighted_result_bytes(&convolve.weighted);
        call.rows_per_scale = mg_taps_rows(&convolve.taps) / plan->batches;
        mg_convolve_run(context, &convolve, &call, scratch + plan->convolve_at);
        laid += convolve.out_channels * convolve.columns.column_step *
                mg_weighted_weight_bytes(&convolve.weighted);
    } while (next_phase(plan, phase));
    return MIDGE_OK;
}

midge_status mg_run_transpose_conv(midge_op_context *context)
{
    return run_phases(context, context->prepared,
                      MG_OPTIONS(context, TransposeConvOptions)->padding);
}

midge_status mg_run_convolution_2d_transpose_bias(midge_op_context *context)
{
    return run_phases(context, context->prepared, MG_PADDING_VALID); /* of a known shape */
}

midge_status mg_run_conv_3d_transpose(midge_op_context *context)
{
    return run_phases(context, context->prepared, MG_OPTIONS(context, Conv3DOptions)->padding);
}
