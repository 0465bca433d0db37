/* SPDX-License-Identifier: Apache-2.0 */
#include "op/convolve.h"

#include <string.h>

enum { DEPTH, HEIGHT, WIDTH, FEW_CHANNELS = 16 };

size_t mg_convolve_padding_bytes(size_t channels)
{
    return channels * sizeof(float);
}

static size_t input_cell_bytes(const mg_convolve *convolve)
{
    return mg_weighted_cell_bytes(&convolve->weighted);
}

/* The byte that stands for zero; cells of more bytes have zero point 0. */
static int zero_byte(const mg_convolve *convolve)
{
    return convolve->weighted.kind == MG_WEIGHTED_F32 ? 0 : convolve->weighted.form.left_zero;
}

midge_status mg_convolve_finish(midge_op_context *context, mg_convolve *convolve, void *padding)
{
    const mg_taps *taps = &convolve->taps;
    memset(padding, zero_byte(convolve), convolve->length * input_cell_bytes(convolve));
    convolve->padding = padding;
    convolve->by_lines = mg_taps_rows(taps) > 0 && taps->taps[WIDTH] > 1 &&
                         taps->spacing[WIDTH] == 1 && convolve->groups == 1 &&
                         convolve->length < FEW_CHANNELS;
    if (!convolve->by_lines || mg_lines_describe(taps, &convolve->lines)) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "a filter line of %zu pixels is too long",
                      taps->taps[WIDTH]);
}

/* The product of one group, but for what the rows come from. */
static mg_weighted_product product_of(const mg_convolve *convolve)
{
    const mg_taps *taps = &convolve->taps;
    mg_weighted_product product = {0};
    product.weighted = &convolve->weighted;
    product.rows.count = mg_taps_rows(taps);
    product.rows.segments = mg_taps_count(taps);
    product.rows.length = convolve->length;
    product.rows.point = mg_taps_point;
    if (convolve->by_lines) {
        product.rows.segments = taps->taps[DEPTH] * taps->taps[HEIGHT];
        product.rows.length *= taps->taps[WIDTH];
        product.rows.point = mg_lines_point;
    }
    product.columns = convolve->columns;
    product.columns.count = convolve->group_columns;
    product.columns.depth = product.rows.segments * product.rows.length;
    product.out_stride = convolve->out_channels;
    product.placement = convolve->placed ? &convolve->placement : NULL;
    return product;
}

/* Of the patches, which come first in scratch. */
static size_t patches_bytes(const mg_convolve *convolve)
{
    return convolve->by_lines ? mg_lines_bytes(&convolve->lines) : 0;
}

midge_status mg_convolve_scratch(midge_op_context *context, const mg_convolve *convolve,
                                 size_t *bytes)
{
    mg_weighted_product product = product_of(convolve);
    size_t product_bytes, offset;
    product.packed = convolve->kept ? context->packed : NULL;
    TRY(mg_weighted_scratch(context, &product, &product_bytes));
    *bytes = 0;
    TRY(mg_scratch_add(context, bytes, patches_bytes(convolve), &offset));
    return mg_scratch_add(context, bytes, product_bytes, &offset);
}

midge_status mg_convolve_most_scratch(midge_op_context *context, const mg_convolve *convolve,
                                      size_t taps, size_t *bytes)
{
    mg_weighted_product product = product_of(convolve);
    product.rows.count = MG_ANY_ROWS;
    product.rows.segments = taps;
    product.columns.depth = taps * convolve->length;
    product.placement = &convolve->placement;
    return mg_weighted_scratch(context, &product, bytes);
}

midge_status mg_convolve_keep(midge_op_context *context, mg_convolve *convolve, bool always,
                              const void *weights, const void *bias)
{
    enum { FEW_ROWS = 100 };
    mg_weighted_product product = product_of(convolve);
    if (always) product.rows.count = FEW_ROWS;
    if (convolve->groups != 1 || convolve->by_winograd) return MIDGE_OK;
    product.columns.weights = weights;
    product.bias = bias;
    return mg_weighted_keep(context, &product, &convolve->kept);
}

typedef struct fill_job {
    const mg_lines *lines;
    int zero;
} fill_job;

/* Indices are lines of the input. */
static void fill_lines(void *argument, size_t begin, size_t end, int worker)
{
    const fill_job *job = argument;
    (void)worker;
    mg_lines_fill(job->lines, job->zero, begin, end);
}

static void fill_patches(midge_op_context *context, const mg_convolve *convolve, mg_lines *lines,
                         void *memory)
{
    enum { WORTH_A_THREAD = 1 << 15 };
    fill_job job = {lines, zero_byte(convolve)};
    mg_lines_fill_padding(lines, job.zero, memory);
    if (lines->edges == 0) return;
    mg_parallel_for(context->pool, mg_lines_count(lines),
                    WORTH_A_THREAD / (lines->edges * lines->patch_bytes + 1) + 1, fill_lines, &job);
}

void mg_convolve_run(midge_op_context *context, const mg_convolve *convolve,
                     const mg_convolve_call *call, void *scratch)
{
    const size_t cell_bytes = input_cell_bytes(convolve);
    const mg_weighted *weighted = &convolve->weighted;
    const size_t weight_bytes = mg_weighted_weight_bytes(weighted);
    const size_t bias_bytes = weighted->wide_bias ? sizeof(int64_t) : sizeof(int32_t);
    const size_t used = (patches_bytes(convolve) + MG_ALIGNMENT - 1) & ~(size_t)(MG_ALIGNMENT - 1);
    mg_taps taps = convolve->taps;
    mg_lines lines = convolve->lines;
    mg_weighted_product product = product_of(convolve);
    taps.padding = convolve->padding;
    product.rows.argument = &taps;
    if (convolve->by_lines) {
        lines.taps.input = call->input;
        product.rows.argument = &lines;
        fill_patches(context, convolve, &lines, scratch);
    }
    product.packed = convolve->kept ? context->packed : NULL;
    product.row_scale = call->row_scale;
    product.rows_per_scale = call->rows_per_scale;
    for (size_t g = 0; g < convolve->groups; g++) {
        const size_t column = g * convolve->group_columns;
        taps.input = (const char *)call->input + g * convolve->length * cell_bytes;
        product.columns.weights =
            (const char *)call->weights + column * convolve->columns.column_step * weight_bytes;
        product.bias = call->bias ? (const char *)call->bias + column * bias_bytes : NULL;
        product.first_column = column;
        product.out = (char *)call->output + column * mg_weighted_result_bytes(weighted);
        mg_weighted_run(context, &product, (char *)scratch + used);
    }
}
