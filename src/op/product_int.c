/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Integer matrix products. Rows are packed too, so work is cut into blocks of rows times groups of
 * panels; a worker keeps the block and the group that it packed last. Small weights that few rows
 * meet are packed once and for all. Sums are finished piece by piece, while they are in the
 * first-level cache.
 */
#include "op/product.h"
#include "op/product_layout.h"

enum {
    BLOCK_BYTES = 256 << 10,
    GROUP_BYTES = 96 << 10,
    MOST_BLOCK_ROWS = 1024,
    PIECE_ROWS = 48,
    KEPT_BYTES = 264 << 10, /* panels larger than this are never kept, */
    KEPT_ROWS = 160         /* nor those for more rows: packing takes a tenth of the time then */
};

/* Scratch of one worker, in this order: packed block, packed group, pointers, sums. */
typedef struct int_layout {
    size_t row_bytes;
    size_t panel_bytes;
    size_t panels;
    size_t group_panels;
    size_t groups;
    size_t blocks; /* even shares of the rows */
    size_t grain;
    size_t group_at; /* offsets */
    size_t pointers_at;
    size_t sums_at;
    size_t worker_bytes;
} int_layout;

static size_t shares(size_t count, size_t most)
{
    const size_t result = (count + most - 1) / most;
    return result > 0 ? result : 1;
}

/* Adds `count` items of `bytes` to the aligned *total. */
static bool reserve(size_t *total, size_t count, size_t bytes)
{
    size_t needed;
    return mg_size_multiply(count, bytes, &needed) && mg_size_add(*total, needed, total) &&
           mg_size_align(*total, MG_ALIGNMENT, total);
}

static size_t piece_rows_of(const mg_product_int *product)
{
    const size_t segments = product->rows.segments;
    return segments * PIECE_ROWS <= MG_MOST_POINTERS ? PIECE_ROWS
                                                     : product->kernels->gemm_int->tile_rows;
}

/* How many blocks: for the cache, then so many that all workers have some. */
static size_t blocks_of(const mg_product_int *product, const int_layout *layout, int workers)
{
    const size_t rows = product->rows.count;
    const size_t tile = product->kernels->gemm_int->tile_rows;
    size_t most = layout->row_bytes > 0 ? BLOCK_BYTES / layout->row_bytes : MOST_BLOCK_ROWS;
    if (most > MOST_BLOCK_ROWS) most = MOST_BLOCK_ROWS;
    if (most < 4 * tile) most = 4 * tile;
    size_t blocks = shares(rows, most);
    const size_t wanted = workers > 1 ? (size_t)workers * 4 : 1;
    if (blocks * layout->groups < wanted) {
        const size_t finer = shares(wanted, layout->groups);
        const size_t finest = rows / (8 * tile);
        if (finer <= finest) blocks = finer;
    }
    return blocks;
}

static bool plan(const mg_product_int *product, int workers, int_layout *layout)
{
    const mg_gemm_int_kernel *kernel = product->kernels->gemm_int;
    const size_t columns = product->columns.count;
    *layout = (int_layout){0};
    /* Packed rows and panels take at most 4 bytes per element and 64 beside them. */
    size_t most;
    if (!mg_size_multiply(product->form.depth, 4 * kernel->panel_columns, &most) ||
        !mg_size_add(most, 64 * kernel->panel_columns, &most))
        return false;
    layout->row_bytes = kernel->row_bytes(&product->form);
    layout->panel_bytes =
        (kernel->panel_bytes(&product->form) + MG_ALIGNMENT - 1) & ~(size_t)(MG_ALIGNMENT - 1);
    layout->panels = shares(columns, kernel->panel_columns);
    layout->group_panels = GROUP_BYTES / layout->panel_bytes;
    if (layout->group_panels > layout->panels) layout->group_panels = layout->panels;
    if (layout->group_panels == 0) layout->group_panels = 1;
    layout->groups = shares(layout->panels, layout->group_panels);
    layout->blocks = blocks_of(product, layout, workers);
    const size_t block_rows = shares(product->rows.count, layout->blocks);
    const size_t share_work = block_rows * product->form.depth * (columns / layout->groups + 1) + 1;
    layout->grain = MG_PRODUCT_GRAIN / share_work + 1;

    const size_t piece_rows = piece_rows_of(product);
    bool fits = reserve(&layout->group_at, block_rows, layout->row_bytes);
    layout->pointers_at = layout->group_at;
    const size_t packed_panels = product->packed ? 0 : layout->group_panels;
    fits = fits && reserve(&layout->pointers_at, packed_panels, layout->panel_bytes);
    layout->sums_at = layout->pointers_at;
    fits = fits && reserve(&layout->sums_at, piece_rows * product->rows.segments, sizeof(void *));
    layout->worker_bytes = layout->sums_at;
    return fits &&
           reserve(&layout->worker_bytes, piece_rows * kernel->panel_columns, sizeof(int32_t));
}

static bool is_dot(const mg_product_int *product)
{
    return product->rows.count <= MG_DOT_ROWS && product->rows.segments == 1 &&
           product->columns.depth_step == 1;
}

/* Of a worker that multiplies with the dot kernel: the kernel's scratch, then sums. */
enum { DOT_COLUMNS = 64 };

static bool dot_worker_bytes(const mg_product_int *product, size_t *bytes)
{
    *bytes = DOT_COLUMNS * sizeof(int32_t);
    return product->form.depth <= SIZE_MAX / 4 &&
           reserve(bytes, 1, mg_dot_scratch_bytes(product->form.depth));
}

static bool any_rows_scratch(const mg_product_int *product, int workers, size_t *bytes)
{
    const mg_gemm_int_kernel *kernel = product->kernels->gemm_int;
    size_t blocks = BLOCK_BYTES, groups = GROUP_BYTES, total = 0;
    if (product->form.depth > SIZE_MAX / 4 / kernel->panel_columns - 64) return false;
    return reserve(&blocks, 4 * kernel->tile_rows, kernel->row_bytes(&product->form)) &&
           reserve(&groups, 1, kernel->panel_bytes(&product->form)) && reserve(&total, 1, blocks) &&
           reserve(&total, 1, groups) &&
           reserve(&total, MG_MOST_POINTERS + PIECE_ROWS, sizeof(void *)) &&
           reserve(&total, kernel->tile_rows * sizeof(void *), product->rows.segments) &&
           reserve(&total, PIECE_ROWS * kernel->panel_columns, sizeof(int32_t)) &&
           mg_size_multiply(total, (size_t)workers, bytes);
}

const void *mg_product_int_kernel(const mg_product_int *product)
{
    if (is_dot(product)) return product->kernels->dot_int;
    return product->kernels->gemm_int;
}

bool mg_product_int_scratch(const mg_product_int *product, int workers, size_t *bytes)
{
    int_layout layout;
    size_t worker_bytes;
    if (is_dot(product)) {
        if (!dot_worker_bytes(product, &worker_bytes)) return false;
    } else if (product->rows.count == MG_ANY_ROWS) {
        return any_rows_scratch(product, workers, bytes);
    } else {
        if (!plan(product, workers, &layout)) return false;
        worker_bytes = layout.worker_bytes;
    }
    return mg_size_multiply(worker_bytes, (size_t)workers, bytes);
}

typedef struct int_job {
    const mg_product_int *product;
    int_layout layout;
    char *scratch;
} int_job;

static void pack_block(const int_job *job, size_t first, size_t last, char *memory)
{
    const mg_product_int *product = job->product;
    const void **start = (const void **)(void *)(memory + job->layout.pointers_at);
    const size_t piece = piece_rows_of(product);
    while (first < last) {
        const size_t count = last - first < piece ? last - first : piece;
        const mg_rows rows = {start, count, count, product->rows.segments, product->rows.length};
        product->rows.point(product->rows.argument, first, count, start, count);
        product->kernels->gemm_int->pack_rows(&product->form, &rows, memory);
        memory += count * job->layout.row_bytes;
        first += count;
    }
}

static void pack_panels(const mg_product_int *product, size_t panel_bytes, size_t first_panel,
                        size_t panels, char *packed)
{
    const mg_gemm_int_kernel *kernel = product->kernels->gemm_int;
    const size_t weight_bytes = product->form.right == MG_CELL_I16 ? 2 : 1;
    for (size_t p = 0; p < panels; p++) {
        const size_t first = (first_panel + p) * kernel->panel_columns;
        mg_columns columns = product->columns;
        columns.weights =
            (const char *)columns.weights + first * columns.column_step * weight_bytes;
        columns.count = mg_product_columns_left(&product->columns, first, kernel->panel_columns);
        kernel->pack(&product->form, &columns, product->bias ? product->bias + first : NULL,
                     packed + p * panel_bytes);
    }
}

bool mg_product_int_keeps(const mg_product_int *product, size_t *bytes)
{
    int_layout layout;
    return product->rows.count > MG_DOT_ROWS && product->rows.count <= KEPT_ROWS &&
           plan(product, 1, &layout) &&
           mg_size_multiply(layout.panel_bytes, layout.panels, bytes) && *bytes <= KEPT_BYTES;
}

void mg_product_int_pack(const mg_product_int *product, void *packed)
{
    int_layout layout;
    if (plan(product, 1, &layout))
        pack_panels(product, layout.panel_bytes, 0, layout.panels, packed);
}

/* The packed block, rows first … last - 1, times one packed panel. */
static void multiply_panel(const int_job *job, size_t first, size_t last, size_t panel,
                           const char *packed_panel, char *memory)
{
    const mg_product_int *product = job->product;
    const mg_gemm_int_kernel *kernel = product->kernels->gemm_int;
    const size_t column = panel * kernel->panel_columns;
    int32_t *sums = (int32_t *)(void *)(memory + job->layout.sums_at);
    const size_t piece = piece_rows_of(product);
    const size_t columns =
        mg_product_columns_left(&product->columns, column, kernel->panel_columns);
    const char *left = memory;
    for (size_t pieces = shares(last - first, piece); pieces > 0; pieces--) {
        const size_t count = shares(last - first, pieces);
        const mg_sums block = {first, count, column, columns, sums, kernel->panel_columns};
        kernel->multiply(&product->form, left, count, packed_panel, sums);
        product->finish(product->argument, &block);
        left += count * job->layout.row_bytes;
        first += count;
    }
}

/* Indices are blocks times groups. */
static void multiply_range(void *argument, size_t begin, size_t end, int worker)
{
    const int_job *job = argument;
    const int_layout *layout = &job->layout;
    const size_t rows = job->product->rows.count;
    char *memory = job->scratch + (size_t)worker * layout->worker_bytes;
    size_t packed_block = SIZE_MAX, packed_group = SIZE_MAX;
    for (size_t i = begin; i < end; i++) {
        const size_t block = i / layout->groups, group = i % layout->groups;
        const size_t first = mg_product_share(rows, layout->blocks, block);
        const size_t last = mg_product_share(rows, layout->blocks, block + 1);
        const size_t first_panel = group * layout->group_panels;
        const size_t left = layout->panels - first_panel;
        const size_t panels = left < layout->group_panels ? left : layout->group_panels;
        if (block != packed_block) pack_block(job, first, last, memory);
        const char *packed = memory + layout->group_at;
        if (job->product->packed)
            packed = (const char *)job->product->packed + first_panel * layout->panel_bytes;
        else if (group != packed_group)
            pack_panels(job->product, layout->panel_bytes, first_panel, panels,
                        memory + layout->group_at);
        packed_block = block;
        packed_group = group;
        for (size_t p = 0; p < panels; p++)
            multiply_panel(job, first, last, first_panel + p, packed + p * layout->panel_bytes,
                           memory);
    }
}

/* Indices are columns. */
static void dot_range(void *argument, size_t begin, size_t end, int worker)
{
    const int_job *job = argument;
    const mg_product_int *product = job->product;
    const size_t weight_bytes = product->form.right == MG_CELL_I16 ? 2 : 1;
    char *memory = job->scratch + (size_t)worker * job->layout.worker_bytes;
    int32_t *sums = (int32_t *)(void *)memory;
    for (size_t r = 0; r < product->rows.count; r++) {
        const void *row;
        product->rows.point(product->rows.argument, r, 1, &row, 1);
        for (size_t c = begin; c < end; c += DOT_COLUMNS) {
            mg_columns columns = product->columns;
            columns.weights =
                (const char *)columns.weights + c * columns.column_step * weight_bytes;
            columns.count = end - c < DOT_COLUMNS ? end - c : DOT_COLUMNS;
            product->kernels->dot_int->multiply(&product->form, row, &columns,
                                                product->bias ? product->bias + c : NULL,
                                                memory + DOT_COLUMNS * sizeof(int32_t), sums);
            const mg_sums block = {r, 1, c, columns.count, sums, columns.count};
            product->finish(product->argument, &block);
        }
    }
}

void mg_product_int_run(const mg_product_int *product, mg_pool *pool, void *scratch)
{
    int_job job = {product, {0}, scratch};
    if (product->rows.count == 0 || product->columns.count == 0) return;
    if (is_dot(product)) {
        if (!dot_worker_bytes(product, &job.layout.worker_bytes)) return;
        mg_parallel_for(pool, product->columns.count,
                        MG_PRODUCT_GRAIN / (product->form.depth + 1) + DOT_COLUMNS, dot_range,
                        &job);
        return;
    }
    if (!plan(product, mg_pool_threads(pool), &job.layout)) return;
    mg_parallel_for(pool, job.layout.blocks * job.layout.groups, job.layout.grain, multiply_range,
                    &job);
}
