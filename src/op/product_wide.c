/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums in int64 from kernels that sum in int32: the depth is cut into pieces of at most 511
 * products of int16 and int8, which cannot overflow, and their sums are added up.
 *
 * A piece is a run of whole segments, or a part of one long segment; either way its weights are
 * contiguous. Weights of 16 bits are summed one by one.
 */
#include "op/product_wide.h"

#include "base/alloc.h"
#include "base/size.h"
#include "op/product_layout.h"

enum { MOST_DEPTH = 511, BLOCK_ROWS = 48 };

typedef struct wide_layout {
    size_t segments_per_piece; /* 0: a segment makes `parts` pieces */
    size_t parts;
    size_t pieces;
    size_t piece_depth; /* of the largest */
    size_t piece_bytes; /* packed rows of a block for one piece */
    size_t panel_at;    /* offsets in the scratch of a worker, after the packed rows */
    size_t sums_at;
    size_t wide_at;
    size_t pointers_at;
    size_t worker_bytes;
} wide_layout;

typedef struct wide_job {
    const mg_product_int *integers;
    const void *bias;
    bool wide_bias;
    const mg_requantised *finish;
    wide_layout layout;
    char *scratch;
} wide_job;

/* Only a made-up bias takes a sum beyond 64 bits. */
static inline int64_t add_wrapping(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static bool reserve(size_t *total, size_t count, size_t bytes)
{
    size_t needed;
    return mg_size_multiply(count, bytes, &needed) && mg_size_add(*total, needed, total) &&
           mg_size_align(*total, MG_ALIGNMENT, total);
}

static mg_gemm_int_form piece_form(const mg_product_int *integers, size_t depth)
{
    mg_gemm_int_form form = integers->form;
    form.depth = depth;
    return form;
}

static bool plan(const mg_product_int *integers, wide_layout *layout)
{
    const mg_gemm_int_kernel *kernel = integers->kernels->gemm_int;
    const size_t length = integers->rows.length, segments = integers->rows.segments;
    *layout = (wide_layout){0};
    if (length > 0 && length <= MOST_DEPTH) {
        layout->segments_per_piece = MOST_DEPTH / length;
        layout->parts = 1;
        layout->pieces = (segments + layout->segments_per_piece - 1) / layout->segments_per_piece;
        layout->piece_depth = layout->segments_per_piece * length;
        if (layout->piece_depth > integers->form.depth) layout->piece_depth = integers->form.depth;
    } else {
        layout->parts = (length + MOST_DEPTH - 1) / MOST_DEPTH;
        if (!mg_size_multiply(layout->parts, segments, &layout->pieces)) return false;
        layout->piece_depth = MOST_DEPTH;
    }
    const mg_gemm_int_form form = piece_form(integers, layout->piece_depth);
    if (!reserve(&layout->piece_bytes, BLOCK_ROWS, kernel->row_bytes(&form)) ||
        !reserve(&layout->panel_at, layout->pieces, layout->piece_bytes))
        return false;
    const size_t results = BLOCK_ROWS * kernel->panel_columns;
    layout->sums_at = layout->panel_at;
    if (!reserve(&layout->sums_at, 1, kernel->panel_bytes(&form))) return false;
    layout->wide_at = layout->sums_at;
    if (!reserve(&layout->wide_at, results, sizeof(int32_t))) return false;
    layout->pointers_at = layout->wide_at;
    if (!reserve(&layout->pointers_at, results, sizeof(int64_t))) return false;
    layout->worker_bytes = layout->pointers_at;
    return reserve(&layout->worker_bytes, BLOCK_ROWS * (segments + 1), sizeof(void *));
}

/* Depth at which piece `index` begins; the next piece begins where it ends. */
static size_t piece_begin(const mg_product_int *integers, const wide_layout *layout, size_t index)
{
    const size_t length = integers->rows.length;
    if (index >= layout->pieces) return integers->form.depth;
    if (layout->segments_per_piece > 0) return index * layout->segments_per_piece * length;
    return index / layout->parts * length + index % layout->parts * MOST_DEPTH;
}

static void pack_rows(const wide_job *job, size_t first, size_t count, char *memory)
{
    const mg_product_int *integers = job->integers;
    const wide_layout *layout = &job->layout;
    const size_t length = integers->rows.length;
    const void **start = (const void **)(void *)(memory + layout->pointers_at);
    const void **shifted = start + BLOCK_ROWS * integers->rows.segments;
    integers->rows.point(integers->rows.argument, first, count, start, count);
    for (size_t p = 0; p < layout->pieces; p++) {
        const size_t begin = piece_begin(integers, layout, p);
        const size_t depth = piece_begin(integers, layout, p + 1) - begin;
        const void **here = start + begin / length * count;
        const mg_gemm_int_form form = piece_form(integers, depth);
        mg_rows rows = {here, count, count, depth / length, length};
        if (layout->segments_per_piece == 0) {
            for (size_t r = 0; r < count; r++)
                shifted[r] = (const int16_t *)here[r] + begin % length;
            rows = (mg_rows){shifted, count, count, 1, depth};
        }
        integers->kernels->gemm_int->pack_rows(&form, &rows, memory + p * layout->piece_bytes);
    }
}

static int64_t bias_at(const wide_job *job, size_t column)
{
    if (job->bias == NULL) return 0;
    return job->wide_bias ? ((const int64_t *)job->bias)[column]
                          : ((const int32_t *)job->bias)[column];
}

/* Biases and sums of the packed block for the columns of one panel. */
static void sum_panel(const wide_job *job, size_t count, size_t column, size_t columns,
                      char *memory)
{
    const mg_product_int *integers = job->integers;
    const wide_layout *layout = &job->layout;
    const mg_gemm_int_kernel *kernel = integers->kernels->gemm_int;
    const size_t stride = kernel->panel_columns;
    int32_t *sums = (int32_t *)(void *)(memory + layout->sums_at);
    int64_t *wide = (int64_t *)(void *)(memory + layout->wide_at);
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < columns; c++) wide[r * stride + c] = bias_at(job, column + c);
    for (size_t p = 0; p < layout->pieces; p++) {
        const size_t begin = piece_begin(integers, layout, p);
        const mg_gemm_int_form form =
            piece_form(integers, piece_begin(integers, layout, p + 1) - begin);
        mg_columns piece = integers->columns;
        piece.weights =
            (const char *)piece.weights + column * piece.column_step + begin * piece.depth_step;
        piece.count = columns;
        piece.depth = form.depth;
        kernel->pack(&form, &piece, NULL, memory + layout->panel_at);
        kernel->multiply(&form, memory + p * layout->piece_bytes, count, memory + layout->panel_at,
                         sums);
        for (size_t r = 0; r < count; r++)
            for (size_t c = 0; c < columns; c++) {
                int64_t *sum = &wide[r * stride + c];
                *sum = add_wrapping(*sum, sums[r * stride + c]);
            }
    }
}

/* The same for weights of 16 bits. */
static void sum_panel_16(const wide_job *job, size_t count, size_t column, size_t columns,
                         char *memory)
{
    const mg_product_int *integers = job->integers;
    const size_t stride = integers->kernels->gemm_int->panel_columns;
    const void *const *start = (const void *const *)(void *)(memory + job->layout.pointers_at);
    int64_t *wide = (int64_t *)(void *)(memory + job->layout.wide_at);
    const mg_columns *all = &integers->columns;
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < columns; c++) {
            const int16_t *weights =
                (const int16_t *)all->weights + (column + c) * all->column_step;
            int64_t sum = bias_at(job, column + c);
            for (size_t s = 0; s < integers->rows.segments; s++) {
                const int16_t *left = start[s * count + r];
                for (size_t d = 0; d < integers->rows.length; d++, weights += all->depth_step)
                    sum = add_wrapping(sum, (int32_t)left[d] * *weights);
            }
            wide[r * stride + c] = sum;
        }
}

/* Indices are blocks of rows. */
static void multiply_range(void *argument, size_t begin, size_t end, int worker)
{
    const wide_job *job = argument;
    const mg_product_int *integers = job->integers;
    const size_t panel_columns = integers->kernels->gemm_int->panel_columns;
    const bool weights_16 = integers->form.right == MG_CELL_I16;
    char *memory = job->scratch + (size_t)worker * job->layout.worker_bytes;
    for (size_t block = begin; block < end; block++) {
        const size_t first = block * BLOCK_ROWS;
        const size_t left = integers->rows.count - first;
        const size_t count = left < BLOCK_ROWS ? left : BLOCK_ROWS;
        if (weights_16)
            integers->rows.point(integers->rows.argument, first, count,
                                 (const void **)(void *)(memory + job->layout.pointers_at), count);
        else
            pack_rows(job, first, count, memory);
        for (size_t column = 0; column < integers->columns.count; column += panel_columns) {
            const size_t columns =
                mg_product_columns_left(&integers->columns, column, panel_columns);
            (weights_16 ? sum_panel_16 : sum_panel)(job, count, column, columns, memory);
            const mg_wide_sums sums = {
                first,
                count,
                column,
                columns,
                (const int64_t *)(const void *)(memory + job->layout.wide_at),
                panel_columns};
            mg_finish_wide(job->finish, &sums);
        }
    }
}

bool mg_product_wide_scratch(const mg_product_int *integers, int workers, size_t *bytes)
{
    wide_layout layout;
    return plan(integers, &layout) && mg_size_multiply(layout.worker_bytes, (size_t)workers, bytes);
}

void mg_product_wide_run(const mg_product_int *integers, const void *bias, bool wide_bias,
                         const mg_requantised *finish, mg_pool *pool, void *scratch)
{
    wide_job job = {integers, bias, wide_bias, finish, {0}, scratch};
    if (integers->rows.count == 0 || !plan(integers, &job.layout)) return;
    mg_parallel_for(pool, (integers->rows.count + BLOCK_ROWS - 1) / BLOCK_ROWS, 1, multiply_range,
                    &job);
}
