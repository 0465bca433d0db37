/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A piece of work is a panel of columns: one thread packs it and multiplies all rows by it. The
 * kernel computes each result in one order of the depth, so pieces and threads change no bits.
 */
#include "train/train_build.h"

enum { ROWS_AT_ONCE = 96 };

void mg_train_turn(const float *from, size_t step, size_t rows, size_t columns, float *to)
{
    enum { TILE = 16 };
    for (size_t r0 = 0; r0 < rows; r0 += TILE)
        for (size_t c0 = 0; c0 < columns; c0 += TILE)
            for (size_t c = c0; c < columns && c < c0 + TILE; ++c)
                for (size_t r = r0; r < rows && r < r0 + TILE; ++r)
                    to[c * rows + r] = from[r * step + c];
}

static void multiply_panel(const mg_gemm_f32_kernel *kernel, const mg_train_product *at,
                           size_t first, const float *left, size_t left_step, float *panel)
{
    size_t width = kernel->panel_columns;
    mg_columns columns = {at->right.values + first * at->right.step, at->right.step,
                          at->right.depth_step,
                          at->columns - first < width ? at->columns - first : width, at->depth};
    const void *start[ROWS_AT_ONCE];
    kernel->pack(&columns, at->bias != NULL ? at->bias + first : NULL, panel);
    for (size_t r = 0; r < at->rows; r += ROWS_AT_ONCE) {
        size_t count = at->rows - r < ROWS_AT_ONCE ? at->rows - r : ROWS_AT_ONCE;
        for (size_t i = 0; i < count; ++i) start[i] = left + (r + i) * left_step;
        mg_rows rows = {start, count, count, 1, at->depth};
        kernel->multiply(&rows, panel, columns.count, -INFINITY, INFINITY,
                         at->out + r * at->out_stride + first, at->out_stride);
    }
}

typedef struct panel_work {
    const mg_train_pass *pass;
    const mg_train_product *product;
    const float *left;
    size_t left_step;
    float *turned;
    float *scratch;
    size_t scratch_step;
} panel_work;

static void multiply_panels(void *argument, size_t begin, size_t end, int worker)
{
    const panel_work *at = argument;
    const mg_gemm_f32_kernel *kernel = at->pass->trainer->kernels.gemm_f32;
    for (size_t i = begin; i < end; ++i)
        multiply_panel(kernel, at->product, i * kernel->panel_columns, at->left, at->left_step,
                       at->scratch + (size_t)worker * at->scratch_step);
}

static void turn_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const panel_work *at = argument;
    const mg_train_product *product = at->product;
    mg_train_turn(product->left.values + begin, product->left.depth_step, product->depth,
                  end - begin, at->turned + begin * product->depth);
}

void mg_train_multiply(const mg_train_pass *pass, const mg_train_product *product, float *turned,
                       float *scratch, size_t scratch_step)
{
    enum { LEAST_WORK = 1 << 16 };
    mg_pool *pool = pass->trainer->pool;
    size_t width = pass->trainer->kernels.gemm_f32->panel_columns;
    size_t panels = (product->columns + width - 1) / width;
    size_t work = product->rows * product->depth * width;
    panel_work at = {pass,   product, product->left.values, product->left.step,
                     turned, scratch, scratch_step};
    if (product->left.depth_step != 1) {
        at.left = turned;
        at.left_step = product->depth;
        mg_parallel_for(pool, product->rows, 1 + LEAST_WORK / 4 / product->depth, turn_rows, &at);
    }
    mg_parallel_for(pool, panels, 1 + LEAST_WORK / (work + 1), multiply_panels, &at);
}

/* ---- Parts of the depth ---- */

enum { PART_DEPTH = 192, MOST_PARTS = 4, PART_ROWS = 128 };

size_t mg_train_depth_parts(size_t rows, size_t depth)
{
    size_t parts = depth / PART_DEPTH;
    return rows > PART_ROWS ? 1 : parts < MOST_PARTS ? parts : MOST_PARTS;
}

/* The depths of one part are whole vectors, but for the last. */
static void multiply_parts(void *argument, size_t begin, size_t end, int worker)
{
    enum { VECTOR = 4 };
    const panel_work *at = argument;
    const mg_train_product *all = at->product;
    const mg_gemm_f32_kernel *kernel = at->pass->trainer->kernels.gemm_f32;
    const size_t count = mg_train_depth_parts(all->rows, all->depth);
    const size_t depth = (all->depth + count * VECTOR - 1) / (count * VECTOR) * VECTOR;
    for (size_t i = begin; i < end; ++i) {
        const size_t skipped = i * depth;
        mg_train_product part = *all;
        part.depth = all->depth - skipped < depth ? all->depth - skipped : depth;
        part.left.values += skipped * all->left.depth_step;
        part.right.values += skipped * all->right.depth_step;
        part.bias = NULL;
        part.out = at->turned + i * all->rows * all->columns;
        part.out_stride = all->columns;
        for (size_t first = 0; first < all->columns; first += kernel->panel_columns)
            multiply_panel(kernel, &part, first, part.left.values, part.left.step,
                           at->scratch + (size_t)worker * at->scratch_step);
    }
}

static void add_parts(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const panel_work *at = argument;
    const mg_train_product *all = at->product;
    const size_t columns = all->columns, step = all->rows * columns;
    const size_t count = mg_train_depth_parts(all->rows, all->depth);
    for (size_t r = begin; r < end; ++r) {
        float *restrict out = all->out + r * all->out_stride;
        const float *part = at->turned + r * columns;
        for (size_t c = 0; c < columns; ++c)
            out[c] = part[c] + (all->bias != NULL ? all->bias[c] : 0);
        for (size_t i = 1; i < count; ++i)
            for (size_t c = 0; c < columns; ++c) out[c] += part[i * step + c];
    }
}

void mg_train_multiply_parts(const mg_train_pass *pass, const mg_train_product *product,
                             float *parts, float *scratch, size_t scratch_step)
{
    enum { LEAST_ELEMENTS = 16384 };
    mg_pool *pool = pass->trainer->pool;
    panel_work at = {pass, product, NULL, 0, parts, scratch, scratch_step};
    mg_parallel_for(pool, mg_train_depth_parts(product->rows, product->depth), 1, multiply_parts,
                    &at);
    mg_parallel_for(pool, product->rows, 1 + LEAST_ELEMENTS / product->columns, add_parts, &at);
}

void mg_train_multiply_alone(const mg_train_pass *pass, const mg_train_product *product,
                             float *scratch)
{
    const mg_gemm_f32_kernel *kernel = pass->trainer->kernels.gemm_f32;
    const float *left = product->left.values;
    size_t left_step = product->left.step;
    if (product->left.depth_step != 1) {
        float *turned = scratch + mg_train_line(kernel->panel_columns * (product->depth + 1));
        mg_train_turn(left, product->left.depth_step, product->depth, product->rows, turned);
        left = turned;
        left_step = product->depth;
    }
    for (size_t first = 0; first < product->columns; first += kernel->panel_columns)
        multiply_panel(kernel, product, first, left, left_step, scratch);
}

/* ---- Sums of rows ---- */

typedef struct sum_work {
    const float *values;
    size_t rows;
    size_t columns;
    float *sums;
} sum_work;

/* Blocks of rows are summed first, so that long sums lose little. */
static void sum_columns(void *argument, size_t begin, size_t end, int worker)
{
    enum { BLOCK = 64, COLUMNS = 64 };
    (void)worker;
    const sum_work *at = argument;
    for (size_t first = begin; first < end; first += COLUMNS) {
        size_t count = end - first < COLUMNS ? end - first : COLUMNS;
        double sums[COLUMNS] = {0};
        for (size_t r0 = 0; r0 < at->rows; r0 += BLOCK) {
            float part[COLUMNS] = {0};
            for (size_t r = r0; r < at->rows && r < r0 + BLOCK; ++r)
                for (size_t c = 0; c < count; ++c)
                    part[c] += at->values[r * at->columns + first + c];
            for (size_t c = 0; c < count; ++c) sums[c] += (double)part[c];
        }
        for (size_t c = 0; c < count; ++c) at->sums[first + c] = (float)sums[c];
    }
}

void mg_train_sum_rows(const mg_train_pass *pass, const float *values, size_t rows, size_t columns,
                       float *sums)
{
    enum { LEAST_WORK = 1 << 16 };
    sum_work at = {values, rows, columns, sums};
    mg_parallel_for(pass->trainer->pool, columns, 16 + LEAST_WORK / (rows + 1), sum_columns, &at);
}
