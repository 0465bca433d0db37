/* SPDX-License-Identifier: Apache-2.0 */
/* Running DEPTHWISE_CONV_2D, row by row of the output. */
#include "kernel/ref/depthwise_wide.h"
#include "op/depthwise_plan.h"

#include <string.h>

enum { HEIGHT = MG_DEPTHWISE_Y, WIDTH = MG_DEPTHWISE_X };

typedef struct depthwise_job {
    const midge_op_context *context;
    const mg_depthwise *plan;
    const char *input;
    size_t channels; /* of an input pixel, after spreading */
    const void *packed;
    const float *row_scale;
} depthwise_job;

static void run_row_wide(const depthwise_job *job, const mg_depthwise_window *window, size_t row,
                         void *out)
{
    const midge_op_context *context = job->context;
    const mg_weighted *weighted = &job->plan->convolve.weighted;
    const midge_tensor *bias = mg_input(context, 2);
    const void *bias_data = bias ? bias->data : NULL;
    const mg_depthwise_wide wide = {window, mg_weights_data(context, context->inputs[1]),
                                    job->plan->multiplier};
    if (weighted->kind == MG_WEIGHTED_WIDE) {
        mg_depthwise_row_wide(&wide, bias_data, &weighted->how, out);
        return;
    }
    const float image_scale = job->row_scale[row / job->plan->convolve.taps.grid[HEIGHT]];
    const mg_depthwise_scales scales = {weighted->column_scale, weighted->column_scale_step,
                                        image_scale, weighted->minimum, weighted->maximum};
    mg_depthwise_row_scaled(&wide, bias_data, &scales, out);
}

/* The input lines that an output row touches, NULL for those outside. */
static void point_lines(const depthwise_job *job, size_t row, size_t line_bytes, const void **lines)
{
    const mg_taps *taps = &job->plan->convolve.taps;
    const size_t image = row / taps->grid[HEIGHT];
    ptrdiff_t y = taps->origin[HEIGHT] + (ptrdiff_t)(row % taps->grid[HEIGHT]) * taps->step[HEIGHT];
    for (size_t t = 0; t < taps->taps[HEIGHT]; t++, y += taps->spacing[HEIGHT])
        lines[t] = y < 0 || (size_t)y >= taps->extent[HEIGHT]
                       ? NULL
                       : job->input + (image * taps->extent[HEIGHT] + (size_t)y) * line_bytes;
}

/* Indices are rows of the output, those of all images one after the other. */
static void run_rows(void *argument, size_t begin, size_t end, int worker)
{
    const depthwise_job *job = argument;
    const mg_depthwise *plan = job->plan;
    const mg_kernels *kernels = job->context->kernels;
    const mg_weighted *weighted = &plan->convolve.weighted;
    const mg_taps *taps = &plan->convolve.taps;
    const size_t line_bytes =
        taps->extent[WIDTH] * job->channels * mg_weighted_cell_bytes(weighted);
    const size_t out_bytes =
        taps->grid[WIDTH] * plan->convolve.out_channels * mg_weighted_result_bytes(weighted);
    const void **lines = (const void **)(void *)((char *)job->context->scratch + plan->lines_at) +
                         (size_t)worker * taps->taps[HEIGHT];
    const mg_depthwise_window window = {lines,
                                        taps->taps[HEIGHT],
                                        taps->taps[WIDTH],
                                        job->channels,
                                        taps->extent[WIDTH],
                                        (size_t)taps->step[WIDTH],
                                        (size_t)taps->spacing[WIDTH],
                                        taps->origin[WIDTH],
                                        taps->grid[WIDTH]};
    for (size_t row = begin; row < end; row++) {
        char *out = (char *)job->context->outputs[0]->data + row * out_bytes;
        point_lines(job, row, line_bytes, lines);
        if (plan->way == MG_DEPTHWISE_F32)
            kernels->depthwise_f32->run(&window, job->packed, weighted->minimum, weighted->maximum,
                                        (float *)(void *)out);
        else if (plan->way == MG_DEPTHWISE_INT)
            kernels->depthwise_int->run(&weighted->form, &window, job->packed, &weighted->how, out);
        else
            run_row_wide(job, &window, row, out);
    }
}

/* Every cell `multiplier` times. */
static void spread(const char *input, size_t cells, size_t cell_bytes, size_t multiplier, char *out)
{
    for (size_t i = 0; i < cells; i++, input += cell_bytes)
        for (size_t m = 0; m < multiplier; m++, out += cell_bytes) memcpy(out, input, cell_bytes);
}

static void run_convolve(midge_op_context *context, const mg_depthwise *plan)
{
    const midge_tensor *bias = mg_input(context, 2);
    mg_convolve_call call = {0};
    call.input = context->inputs[0]->data;
    call.weights = mg_weights_data(context, context->inputs[1]);
    call.bias = bias ? bias->data : NULL;
    call.output = context->outputs[0]->data;
    mg_convolve_run(context, &plan->convolve, &call, (char *)context->scratch + plan->work_at);
}

midge_status mg_run_depthwise_conv_2d(midge_op_context *context)
{
    const mg_depthwise *plan = context->prepared;
    const mg_weighted *weighted = &plan->convolve.weighted;
    const mg_taps *taps = &plan->convolve.taps;
    char *scratch = context->scratch;
    if (plan->way == MG_DEPTHWISE_CONVOLVE) {
        run_convolve(context, plan);
        return MIDGE_OK;
    }
    depthwise_job job = {context, plan, NULL, plan->convolve.length, NULL, NULL};
    job.input = mg_activations(weighted, context->inputs[0], plan->vectors,
                               scratch + plan->activations_at, &job.row_scale);
    if (plan->way != MG_DEPTHWISE_WIDE) {
        job.packed = (const char *)context->prepared + plan->packed_at;
        if (!mg_depthwise_packs_early(context, plan)) {
            mg_depthwise_pack(context, plan, scratch + plan->work_at);
            job.packed = scratch + plan->work_at;
        }
        if (plan->multiplier > 1) {
            spread(job.input, context->inputs[0]->elements, mg_weighted_cell_bytes(weighted),
                   plan->multiplier, scratch + plan->spread_at);
            job.input = scratch + plan->spread_at;
            job.channels *= plan->multiplier;
        }
    }
    enum { WORTH_A_THREAD = 1 << 15 };
    const size_t row_work = taps->grid[WIDTH] * plan->convolve.out_channels * weighted->form.depth;
    mg_parallel_for(context->pool, taps->batches * taps->grid[HEIGHT],
                    WORTH_A_THREAD / (row_work + 1) + 1, run_rows, &job);
    return MIDGE_OK;
}
