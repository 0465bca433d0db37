/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D line by line: for a reader that takes it over, and from a node that it took over. */
#include "op/convolution_plan.h"

enum { HEIGHT = 1, WIDTH = 2 };

/* One image, results line after line, weights that are there before it runs and small. */
static midge_status prepare_lines(midge_op_context *context, bool *can)
{
    mg_convolution *plan = context->prepared;
    const mg_convolve *convolve = &plan->convolve;
    const midge_tensor *weights = context->inputs[1], *bias = mg_input(context, 2);
    const mg_weighted_kind kind = convolve->weighted.kind;
    *can = weights->constant && (bias == NULL || bias->constant) && convolve->groups == 1 &&
           !convolve->by_winograd && !convolve->placed && convolve->taps.batches == 1 &&
           mg_taps_count(&convolve->taps) > 0 &&
           (kind == MG_WEIGHTED_F32 || kind == MG_WEIGHTED_INT);
    if (!*can) return MIDGE_OK;
    plan->linewise = *convolve;
    TRY(mg_convolve_keep(context, &plan->linewise, true, mg_weights_data(context, weights),
                         bias ? bias->data : NULL));
    *can = plan->linewise.kept;
    return MIDGE_OK;
}

static const mg_strips *strips_of(const midge_op_context *context)
{
    return &((const mg_convolution *)context->prepared)->strips;
}

/* Lines first … first + count - 1 as a convolution of the lines of the input that they touch;
 * *from: the first of those. */
static mg_convolve part_of(const mg_convolution *plan, size_t first, size_t count, size_t *from)
{
    mg_convolve part = plan->linewise;
    mg_taps *taps = &part.taps;
    const ptrdiff_t step = taps->step[HEIGHT];
    const ptrdiff_t top = taps->origin[HEIGHT] + (ptrdiff_t)first * step;
    const ptrdiff_t span = mg_taps_span(taps);
    *from = mg_taps_line_inside(taps, top);
    taps->extent[HEIGHT] =
        mg_taps_line_inside(taps, top + (ptrdiff_t)(count - 1) * step + span) - *from;
    taps->origin[HEIGHT] = top - (ptrdiff_t)*from;
    taps->grid[HEIGHT] = count;
    if (part.by_lines) (void)mg_lines_describe(taps, &part.lines); /* smaller than the whole */
    return part;
}

/* A part of `count` lines that touches as many lines of the input as any. */
static mg_convolve largest_part(const mg_convolution *plan, size_t count)
{
    size_t from;
    mg_convolve part = part_of(plan, 0, count, &from);
    mg_taps *taps = &part.taps;
    taps->extent[HEIGHT] = mg_taps_line_inside(
        &plan->linewise.taps, (ptrdiff_t)count * taps->step[HEIGHT] +
                                  (ptrdiff_t)taps->taps[HEIGHT] * taps->spacing[HEIGHT]);
    if (part.by_lines) (void)mg_lines_describe(taps, &part.lines);
    return part;
}

/* A worker's: of the strips, then of the product, the most that any count of lines takes. */
static midge_status line_memory(const midge_op_context *context, size_t lines, size_t *bytes)
{
    const mg_convolution *plan = context->prepared;
    midge_op_context alone = mg_on_one_thread(context);
    const size_t held = plan->strips.maker ? plan->strips.held : lines;
    size_t most = 0, offset;
    for (size_t count = 1; count <= lines && count <= held; count++) {
        const mg_convolve part = largest_part(plan, count);
        size_t scratch;
        TRY(mg_convolve_scratch(&alone, &part, &scratch));
        if (scratch > most) most = scratch;
    }
    *bytes = plan->strips.worker_bytes;
    return mg_scratch_add(&alone, bytes, most, &offset);
}

static void begin(const midge_op_context *context, void *memory)
{
    const mg_convolution *plan = context->prepared;
    mg_strips_begin(&plan->strips, memory);
}

static void make(const midge_op_context *context, size_t first, size_t count, void *out,
                 void *memory)
{
    const mg_convolution *plan = context->prepared;
    const mg_strips *strips = &plan->strips;
    midge_op_context alone = mg_on_one_thread(context);
    const midge_tensor *bias = mg_input(context, 2);
    const size_t line_bytes = plan->convolve.taps.grid[WIDTH] * plan->convolve.out_channels *
                              mg_weighted_result_bytes(&plan->convolve.weighted);
    const size_t input_line_bytes = plan->convolve.taps.extent[WIDTH] * plan->convolve.taps.pixel;
    mg_convolve_call call = {0};
    call.weights = mg_weights_data(context, context->inputs[1]);
    call.bias = bias ? bias->data : NULL;
    call.output = out;
    for (size_t run = count; count > 0; first += run, count -= run) {
        size_t from;
        run = count;
        if (strips->maker) {
            const size_t straight = strips->held - first % strips->held;
            if (run > straight) run = straight;
            mg_strips_advance(strips, first, first + run, first + run, memory);
        }
        const mg_convolve part = part_of(plan, first, run, &from);
        call.input = strips->maker
                         ? mg_strips_line(strips, memory, from)
                         : (const char *)context->inputs[0]->data + from * input_line_bytes;
        mg_convolve_run(&alone, &part, &call, (char *)memory + strips->worker_bytes);
        call.output = (char *)call.output + run * line_bytes;
    }
}

const mg_line_maker mg_conv_2d_lines = {prepare_lines, strips_of, line_memory, begin, make};

midge_status mg_convolution_prepare_strips(midge_op_context *context, mg_convolution *plan)
{
    const mg_taps *taps = &plan->convolve.taps;
    const size_t height = taps->grid[HEIGHT];
    bool can;
    if (mg_taps_count(taps) != 1 || taps->step[HEIGHT] != 1 || taps->step[WIDTH] != 1 ||
        height != taps->extent[HEIGHT] || !mg_strips_pay(context, 1))
        return MIDGE_OK;
    TRY(prepare_lines(context, &can));
    if (!can) return MIDGE_OK;
    TRY(mg_strips_prepare(context, 1, &plan->strips));
    if (plan->strips.maker == NULL) return MIDGE_OK;
    size_t bytes = 0;
    TRY(line_memory(context, height, &plan->worker_bytes));
    if (!mg_size_multiply(plan->worker_bytes, (size_t)mg_worker_count(context), &bytes))
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "scratch memory passes the address space");
    return mg_request_scratch(context, bytes);
}

/* Indices are lines. */
static void run_lines(void *argument, size_t from, size_t end, int worker)
{
    const midge_op_context *context = argument;
    const mg_convolution *plan = context->prepared;
    const midge_tensor *output = context->outputs[0];
    const size_t line_bytes = output->bytes / plan->convolve.taps.grid[HEIGHT];
    char *memory = (char *)context->scratch + (size_t)worker * plan->worker_bytes;
    begin(context, memory);
    make(context, from, end - from, (char *)output->data + from * line_bytes, memory);
}

void mg_convolution_run_strips(midge_op_context *context, const mg_convolution *plan)
{
    const size_t height = plan->convolve.taps.grid[HEIGHT];
    const size_t workers = (size_t)mg_worker_count(context);
    mg_parallel_for(context->pool, height, (height + workers - 1) / workers, run_lines, context);
}
