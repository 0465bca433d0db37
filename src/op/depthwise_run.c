/* SPDX-License-Identifier: Apache-2.0 */
/* Running DEPTHWISE_CONV_2D, row by row of the output. */
#include "kernel/fixed_point.h"
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

/* Sums of int16 with their int64 biases, to int16. */
static void finish_wide(const mg_weighted *weighted, const int64_t *bias, const int32_t *sums,
                        size_t pixels, size_t channels, int16_t *out)
{
    const mg_requantisation *how = &weighted->how;
    for (size_t p = 0; p < pixels; p++)
        for (size_t c = 0; c < channels; c++) {
            const mg_multiplier factor = {how->multiplier[c], how->shift[c]};
            const int64_t sum = (int64_t)((uint64_t)*sums++ + (uint64_t)(bias ? bias[c] : 0));
            *out++ = (int16_t)mg_clamp(mg_multiply_by_quantized_64(sum, factor), how->minimum,
                                       how->maximum);
        }
}

/* What becomes of the sums of `pixels` pixels in one row of the output. */
static void finish(const depthwise_job *job, const int32_t *sums, size_t row, size_t pixels,
                   void *out)
{
    const mg_depthwise *plan = job->plan;
    const mg_weighted *weighted = &plan->convolve.weighted;
    const mg_requantise_kernel *kernel = job->context->kernels->requantise;
    const midge_tensor *bias = mg_input(job->context, 2);
    const size_t channels = plan->convolve.out_channels;
    if (weighted->kind == MG_WEIGHTED_INT) {
        kernel->rows(&weighted->how, sums, channels, pixels, channels, out, channels);
        return;
    }
    if (weighted->kind == MG_WEIGHTED_WIDE) {
        finish_wide(weighted, bias ? bias->data : NULL, sums, pixels, channels, out);
        return;
    }
    const mg_scaling how = {weighted->column_scale,
                            weighted->column_scale_step,
                            job->row_scale[row / plan->convolve.taps.grid[HEIGHT]],
                            bias ? bias->data : NULL,
                            weighted->minimum,
                            weighted->maximum};
    kernel->scale(&how, sums, channels, pixels, channels, out, channels);
}

/* A row of the output in pieces. */
static void run_row_int(const depthwise_job *job, const mg_depthwise_window *window, size_t row,
                        int32_t *sums, char *out)
{
    const mg_depthwise *plan = job->plan;
    const mg_weighted *weighted = &plan->convolve.weighted;
    const size_t pixel_bytes = plan->convolve.out_channels * mg_weighted_result_bytes(weighted);
    for (size_t p = 0; p < window->pixels; p += plan->piece_pixels) {
        const size_t left = window->pixels - p;
        mg_depthwise_window piece = *window;
        piece.first_x += (ptrdiff_t)(p * window->stride);
        piece.pixels = left < plan->piece_pixels ? left : plan->piece_pixels;
        job->context->kernels->depthwise_int->sums(&weighted->form, &piece, job->packed, sums);
        finish(job, sums, row, piece.pixels, out + p * pixel_bytes);
    }
}

static size_t out_line_bytes(const mg_depthwise *plan)
{
    return plan->convolve.taps.grid[WIDTH] * plan->convolve.out_channels *
           mg_weighted_result_bytes(&plan->convolve.weighted);
}

/* The input line that the first tap of an output row touches; it may be outside. */
static ptrdiff_t first_line(const mg_taps *taps, size_t row)
{
    return taps->origin[HEIGHT] + (ptrdiff_t)(row % taps->grid[HEIGHT]) * taps->step[HEIGHT];
}

/* Makes the lines that output rows `row` … end - 1 begin with. */
static void advance(const depthwise_job *job, size_t row, size_t end, void *strips)
{
    const mg_taps *taps = &job->plan->convolve.taps;
    const ptrdiff_t span = mg_taps_span(taps);
    const ptrdiff_t first = first_line(taps, row);
    mg_strips_advance(&job->plan->strips, mg_taps_line_inside(taps, first),
                      mg_taps_line_inside(taps, first + span),
                      mg_taps_line_inside(taps, first_line(taps, end - 1) + span), strips);
}

/* The input lines that an output row touches, NULL for those outside. */
static void point_lines(const depthwise_job *job, size_t row, size_t line_bytes, const void *memory,
                        const void **lines)
{
    const mg_taps *taps = &job->plan->convolve.taps;
    const mg_strips *strips = &job->plan->strips;
    const size_t image = row / taps->grid[HEIGHT];
    ptrdiff_t y = first_line(taps, row);
    for (size_t t = 0; t < taps->taps[HEIGHT]; t++, y += taps->spacing[HEIGHT]) {
        if (y < 0 || (size_t)y >= taps->extent[HEIGHT])
            lines[t] = NULL;
        else if (strips->maker)
            lines[t] = mg_strips_line(strips, memory, (size_t)y);
        else
            lines[t] = job->input + (image * taps->extent[HEIGHT] + (size_t)y) * line_bytes;
    }
}

/* Rows begin … end - 1 of the output, those of all images one after the other, to `out`. */
static void make_rows(const depthwise_job *job, size_t begin, size_t end, char *out, char *memory)
{
    const mg_depthwise *plan = job->plan;
    const mg_kernels *kernels = job->context->kernels;
    const mg_weighted *weighted = &plan->convolve.weighted;
    const mg_taps *taps = &plan->convolve.taps;
    const size_t line_bytes =
        taps->extent[WIDTH] * job->channels * mg_weighted_cell_bytes(weighted);
    const void **lines = (const void **)(void *)memory;
    char *strips = memory + plan->strips_at;
    const mg_depthwise_window window = {lines,
                                        taps->taps[HEIGHT],
                                        taps->taps[WIDTH],
                                        job->channels,
                                        taps->extent[WIDTH],
                                        (size_t)taps->step[WIDTH],
                                        (size_t)taps->spacing[WIDTH],
                                        taps->origin[WIDTH],
                                        taps->grid[WIDTH]};
    for (size_t row = begin; row < end; row++, out += out_line_bytes(plan)) {
        if (plan->strips.maker) advance(job, row, end, strips);
        point_lines(job, row, line_bytes, strips, lines);
        if (plan->way == MG_DEPTHWISE_F32)
            kernels->depthwise_f32->run(&window, job->packed, weighted->minimum, weighted->maximum,
                                        (float *)(void *)out);
        else
            run_row_int(job, &window, row, (int32_t *)(void *)(memory + plan->sums_at), out);
    }
}

static void run_rows(void *argument, size_t begin, size_t end, int worker)
{
    const depthwise_job *job = argument;
    const mg_depthwise *plan = job->plan;
    const midge_op_context *context = job->context;
    char *memory =
        (char *)context->scratch + plan->workers_at + (size_t)worker * plan->worker_bytes;
    mg_strips_begin(&plan->strips, memory + plan->strips_at);
    make_rows(job, begin, end, (char *)context->outputs[0]->data + begin * out_line_bytes(plan),
              memory);
}

/* Every cell `multiplier` times. */
static void spread(const char *input, size_t cells, size_t cell_bytes, size_t multiplier, char *out)
{
    for (size_t i = 0; i < cells; i++, input += cell_bytes)
        for (size_t m = 0; m < multiplier; m++, out += cell_bytes) memcpy(out, input, cell_bytes);
}

static void run_convolve(midge_op_context *context, const depthwise_job *job)
{
    const mg_depthwise *plan = job->plan;
    const midge_tensor *bias = mg_input(context, 2);
    mg_convolve_call call = {0};
    call.input = job->input;
    call.weights = mg_weights_data(context, context->inputs[1]);
    call.bias = bias ? bias->data : NULL;
    call.output = context->outputs[0]->data;
    call.row_scale = job->row_scale;
    call.rows_per_scale = mg_taps_rows(&plan->convolve.taps) / plan->vectors;
    mg_convolve_run(context, &plan->convolve, &call, (char *)context->scratch + plan->work_at);
}

midge_status mg_run_depthwise_conv_2d(midge_op_context *context)
{
    const mg_depthwise *plan = context->prepared;
    const mg_weighted *weighted = &plan->convolve.weighted;
    const mg_taps *taps = &plan->convolve.taps;
    char *scratch = context->scratch;
    depthwise_job job = {context, plan, NULL, plan->convolve.length, NULL, NULL};
    job.input = mg_activations(context, weighted, context->inputs[0], plan->vectors,
                               scratch + plan->activations_at, &job.row_scale, NULL);
    if (plan->way == MG_DEPTHWISE_CONVOLVE) {
        run_convolve(context, &job);
        return MIDGE_OK;
    }
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
    enum { WORTH_A_THREAD = 1 << 15 };
    const size_t row_work = taps->grid[WIDTH] * plan->convolve.out_channels * weighted->form.depth;
    const size_t rows = taps->batches * taps->grid[HEIGHT];
    const size_t workers = (size_t)mg_worker_count(context);
    /* With strips a run of rows for each: two runs have lines in common, which both make. */
    const size_t grain =
        plan->strips.maker ? (rows + workers - 1) / workers : WORTH_A_THREAD / (row_work + 1) + 1;
    mg_parallel_for(context->pool, rows, grain, run_rows, &job);
    return MIDGE_OK;
}

/* ---- Line by line, for a reader that takes the node over ------------------------------------ */

static midge_status prepare_lines(midge_op_context *context, bool *can)
{
    const mg_depthwise *plan = context->prepared;
    *can = mg_depthwise_goes_by_lines(plan) && mg_depthwise_packs_early(context, plan);
    return MIDGE_OK;
}

static const mg_strips *strips_of(const midge_op_context *context)
{
    return &((const mg_depthwise *)context->prepared)->strips;
}

static midge_status line_memory(const midge_op_context *context, size_t lines, size_t *bytes)
{
    const mg_depthwise *plan = context->prepared;
    (void)lines;
    *bytes = plan->worker_bytes;
    return MIDGE_OK;
}

static void begin_lines(const midge_op_context *context, void *memory)
{
    const mg_depthwise *plan = context->prepared;
    mg_strips_begin(&plan->strips, (char *)memory + plan->strips_at);
}

static void make_lines(const midge_op_context *context, size_t first, size_t count, void *out,
                       void *memory)
{
    const mg_depthwise *plan = context->prepared;
    const depthwise_job job = {context,
                               plan,
                               context->inputs[0]->data,
                               plan->convolve.length,
                               (const char *)context->prepared + plan->packed_at,
                               NULL};
    make_rows(&job, first, first + count, out, memory);
}

const mg_line_maker mg_depthwise_lines = {prepare_lines, strips_of, line_memory, begin_lines,
                                          make_lines};
