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

/* A line of the filter as one run: either straight in the input, or in a padded copy. */
static midge_status merge_lines(midge_op_context *context, mg_convolve *convolve)
{
    const mg_taps *taps = &convolve->taps;
    mg_taps *merged = &convolve->copied_taps;
    if (taps->taps[WIDTH] == 1 || taps->spacing[WIDTH] != 1 || convolve->groups != 1 ||
        convolve->length >= FEW_CHANNELS)
        return MIDGE_OK;
    *merged = *taps;
    merged->taps[WIDTH] = 1;
    size_t length = 0, bytes = taps->batches * taps->pixel;
    bool fits = mg_size_multiply(convolve->length, taps->taps[WIDTH], &length);
    convolve->copied = mg_taps_need_padding(taps);
    for (int d = DEPTH; convolve->copied && d <= WIDTH; d++) {
        const size_t last_output = taps->grid[d] - 1, last_tap = taps->taps[d] - 1;
        merged->origin[d] = 0;
        merged->extent[d] =
            last_output * (size_t)taps->step[d] + last_tap * (size_t)taps->spacing[d] + 1;
        fits = fits && mg_size_multiply(bytes, merged->extent[d], &bytes);
    }
    if (!fits) return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the padded input is too large");
    convolve->copied_length = length;
    convolve->copied_bytes = convolve->copied ? bytes : 0;
    return MIDGE_OK;
}

midge_status mg_convolve_finish(midge_op_context *context, mg_convolve *convolve, void *padding)
{
    memset(padding, zero_byte(convolve), convolve->length * input_cell_bytes(convolve));
    convolve->padding = padding;
    convolve->copied = false;
    convolve->copied_length = 0;
    if (mg_taps_rows(&convolve->taps) == 0) return MIDGE_OK;
    return merge_lines(context, convolve);
}

/* The product of one group; the pointers come from `taps`. */
static mg_weighted_product product_of(const mg_convolve *convolve, const mg_taps *taps)
{
    mg_weighted_product product = {0};
    product.weighted = &convolve->weighted;
    product.rows.count = mg_taps_rows(taps);
    product.rows.segments = mg_taps_count(taps);
    product.rows.length = convolve->copied_length ? convolve->copied_length : convolve->length;
    product.rows.point = mg_taps_point;
    product.rows.argument = taps;
    product.columns = convolve->columns;
    product.columns.count = convolve->group_columns;
    product.columns.depth = product.rows.segments * product.rows.length;
    product.out_stride = convolve->out_channels;
    product.placement = convolve->placed ? &convolve->placement : NULL;
    return product;
}

static const mg_taps *taps_of(const mg_convolve *convolve)
{
    return convolve->copied_length ? &convolve->copied_taps : &convolve->taps;
}

midge_status mg_convolve_scratch(midge_op_context *context, const mg_convolve *convolve,
                                 size_t *bytes)
{
    const mg_weighted_product product = product_of(convolve, taps_of(convolve));
    size_t product_bytes, offset;
    TRY(mg_weighted_scratch(context, &product, &product_bytes));
    *bytes = 0;
    TRY(mg_scratch_add(context, bytes, convolve->copied_bytes, &offset));
    return mg_scratch_add(context, bytes, product_bytes, &offset);
}

midge_status mg_convolve_most_scratch(midge_op_context *context, const mg_convolve *convolve,
                                      size_t taps, size_t *bytes)
{
    mg_weighted_product product = product_of(convolve, &convolve->taps);
    product.rows.count = MG_ANY_ROWS;
    product.rows.segments = taps;
    product.columns.depth = taps * convolve->length;
    product.placement = &convolve->placement;
    return mg_weighted_scratch(context, &product, bytes);
}

typedef struct copy_job {
    const mg_convolve *convolve;
    const char *input;
    char *copy;
} copy_job;

/* Indices are lines of the copy. */
static void copy_lines(void *argument, size_t begin, size_t end, int worker)
{
    const copy_job *job = argument;
    const mg_taps *from = &job->convolve->taps, *to = &job->convolve->copied_taps;
    const int zero = zero_byte(job->convolve);
    const size_t line_bytes = to->extent[WIDTH] * to->pixel;
    const size_t left = from->origin[WIDTH] < 0 ? (size_t)-from->origin[WIDTH] : 0;
    size_t width = to->extent[WIDTH] - left;
    (void)worker;
    if (width > from->extent[WIDTH]) width = from->extent[WIDTH];
    for (size_t line = begin; line < end; line++) {
        const size_t plane = line / to->extent[HEIGHT];
        const size_t batch = plane / to->extent[DEPTH];
        const ptrdiff_t z = (ptrdiff_t)(plane % to->extent[DEPTH]) + from->origin[DEPTH];
        const ptrdiff_t y = (ptrdiff_t)(line % to->extent[HEIGHT]) + from->origin[HEIGHT];
        char *out = job->copy + line * line_bytes;
        if (z < 0 || (size_t)z >= from->extent[DEPTH] || y < 0 ||
            (size_t)y >= from->extent[HEIGHT]) {
            memset(out, zero, line_bytes);
            continue;
        }
        const size_t source =
            (batch * from->extent[DEPTH] + (size_t)z) * from->extent[HEIGHT] + (size_t)y;
        const size_t used = (left + width) * to->pixel;
        memset(out, zero, left * to->pixel);
        memcpy(out + left * to->pixel, job->input + source * from->extent[WIDTH] * from->pixel,
               width * to->pixel);
        memset(out + used, zero, line_bytes - used);
    }
}

static void copy_input(midge_op_context *context, const mg_convolve *convolve, const void *input,
                       void *copy)
{
    const mg_taps *to = &convolve->copied_taps;
    copy_job job = {convolve, input, copy};
    enum { WORTH_A_THREAD = 1 << 16 };
    const size_t line_bytes = to->extent[WIDTH] * to->pixel;
    mg_parallel_for(context->pool, to->batches * to->extent[DEPTH] * to->extent[HEIGHT],
                    WORTH_A_THREAD / (line_bytes + 1) + 1, copy_lines, &job);
}

void mg_convolve_run(midge_op_context *context, const mg_convolve *convolve,
                     const mg_convolve_call *call, void *scratch)
{
    const size_t cell_bytes = input_cell_bytes(convolve);
    const mg_weighted *weighted = &convolve->weighted;
    const size_t weight_bytes = mg_weighted_weight_bytes(weighted);
    const size_t bias_bytes = weighted->wide_bias ? sizeof(int64_t) : sizeof(int32_t);
    const char *input = call->input;
    const size_t used = (convolve->copied_bytes + MG_ALIGNMENT - 1) & ~(size_t)(MG_ALIGNMENT - 1);
    mg_taps taps = *taps_of(convolve);
    if (convolve->copied) {
        copy_input(context, convolve, input, scratch);
        input = scratch;
    }
    taps.padding = convolve->padding;
    for (size_t g = 0; g < convolve->groups; g++) {
        const size_t column = g * convolve->group_columns;
        mg_weighted_product product = product_of(convolve, &taps);
        taps.input = input + g * convolve->length * cell_bytes;
        product.columns.weights =
            (const char *)call->weights + column * convolve->columns.column_step * weight_bytes;
        product.bias = call->bias ? (const char *)call->bias + column * bias_bytes : NULL;
        product.first_column = column;
        product.out = (char *)call->output + column * mg_weighted_result_bytes(weighted);
        product.row_scale = call->row_scale;
        product.rows_per_scale = call->rows_per_scale;
        mg_weighted_run(context, &product, (char *)scratch + used);
    }
}
