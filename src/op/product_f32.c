/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Float matrix products. Work is cut into groups of panels times spans of rows; a worker packs a
 * group when it first needs it and takes the spans in pieces whose rows fit the first-level cache.
 * Where several spans need a group, all panels are packed before, each by one worker, for all.
 */
#include "op/product.h"
#include "op/product_layout.h"

enum {
    GROUP_BYTES = 128 << 10,
    PIECE_BYTES = 24 << 10,
    PACK_GRAIN = 16 << 10,  /* bytes of panels that are worth a thread */
    KEPT_BYTES = 264 << 10, /* weights larger than this are never kept packed, */
    KEPT_ROWS = 160         /* nor those that meet more rows */
};

/* Scratch: the panels that workers share, if any; then for each worker its packed group, if it has
 * one of its own, pointers, and results to be placed. */
typedef struct f32_layout {
    mg_product_layout cut;
    size_t panel_bytes;
    size_t shared_bytes;
    size_t pointers_at;
    size_t pointers_bytes;
    size_t results_bytes;
} f32_layout;

static bool plan(const mg_product_f32 *product, int workers, f32_layout *layout,
                 size_t *worker_bytes)
{
    const mg_gemm_f32_kernel *kernel = product->kernels->gemm_f32;
    const size_t depth = product->columns.depth;
    size_t row_bytes;
    *layout = (f32_layout){0};
    if (!mg_size_add(depth, 1, &row_bytes) ||
        !mg_size_multiply(row_bytes, sizeof(float), &row_bytes) ||
        !mg_size_multiply(row_bytes, kernel->panel_columns, &layout->panel_bytes) ||
        !mg_size_align(layout->panel_bytes, MG_ALIGNMENT, &layout->panel_bytes))
        return false;
    const mg_product_extent extent = {
        product->rows.count,    kernel->tile_rows,     product->rows.segments, row_bytes,
        product->columns.count, kernel->panel_columns, layout->panel_bytes,    depth};
    mg_product_cut(&extent, GROUP_BYTES, PIECE_BYTES, workers, &layout->cut);
    if (product->placement)
        layout->results_bytes =
            layout->cut.piece_rows * kernel->panel_columns * sizeof(float) + MG_ALIGNMENT;
    const bool shared = layout->cut.spans > 1 && product->packed == NULL;
    const size_t packed_panels = product->packed || shared ? 0 : layout->cut.group_panels;
    if (shared && !mg_size_multiply(layout->panel_bytes, layout->cut.panels, &layout->shared_bytes))
        return false;
    layout->pointers_at = layout->panel_bytes * packed_panels;
    return mg_product_pointers(&layout->cut, product->rows.segments, &layout->pointers_bytes) &&
           mg_size_multiply(layout->panel_bytes, packed_panels, worker_bytes) &&
           mg_size_add(*worker_bytes, layout->pointers_bytes, worker_bytes) &&
           mg_size_add(*worker_bytes, layout->results_bytes, worker_bytes) &&
           mg_size_align(*worker_bytes, MG_ALIGNMENT, worker_bytes);
}

static bool any_rows_scratch(const mg_product_f32 *product, int workers, size_t *bytes)
{
    const mg_gemm_f32_kernel *kernel = product->kernels->gemm_f32;
    size_t panel, pointers;
    if (!mg_size_add(product->columns.depth, 1, &panel) ||
        !mg_size_multiply(panel, kernel->panel_columns * sizeof(float), &panel) ||
        !mg_size_multiply(product->rows.segments,
                          MG_LEAST_PIECE_TILES * kernel->tile_rows * sizeof(void *), &pointers))
        return false;
    const size_t results =
        MG_MOST_PIECE_TILES * kernel->tile_rows * kernel->panel_columns * sizeof(float);
    const size_t fixed =
        GROUP_BYTES + MG_MOST_POINTERS * sizeof(void *) + results + 8 * MG_ALIGNMENT;
    size_t shared = 0;
    const size_t panels = product->columns.count / kernel->panel_columns + 1;
    if (workers > 1 &&
        (!mg_size_add(panel, MG_ALIGNMENT, &shared) || !mg_size_multiply(shared, panels, &shared)))
        return false;
    return mg_size_add(panel, pointers, bytes) && mg_size_add(*bytes, fixed, bytes) &&
           mg_size_align(*bytes, MG_ALIGNMENT, bytes) &&
           mg_size_multiply(*bytes, (size_t)workers, bytes) && mg_size_add(*bytes, shared, bytes);
}

/* Few rows whose weights are read once each. */
static bool is_dot(const mg_product_f32 *product)
{
    return product->rows.count <= MG_DOT_ROWS && product->rows.segments == 1 &&
           product->columns.depth_step == 1 && product->placement == NULL;
}

/* Some dozens of rows, and weights that are too large to be kept packed. */
static bool is_unpacked(const mg_product_f32 *product)
{
    const mg_unpacked_f32_kernel *kernel = product->kernels->unpacked_f32;
    return product->rows.count <= kernel->most_rows &&
           product->rows.length >= kernel->least_length && product->columns.depth_step == 1 &&
           product->placement == NULL &&
           product->columns.count > KEPT_BYTES / sizeof(float) / (product->columns.depth + 1);
}

const void *mg_product_f32_kernel(const mg_product_f32 *product)
{
    if (is_dot(product)) return product->kernels->dot_f32;
    if (is_unpacked(product)) return product->kernels->unpacked_f32;
    return product->kernels->gemm_f32;
}

/* Pointers, then what the kernel wants. */
static bool unpacked_scratch(const mg_product_f32 *product, size_t *worker_bytes)
{
    const size_t kernel_bytes = product->kernels->unpacked_f32->scratch * sizeof(float);
    return mg_size_multiply(product->rows.count, product->rows.segments, worker_bytes) &&
           mg_size_multiply(*worker_bytes, sizeof(void *), worker_bytes) &&
           mg_size_align(*worker_bytes, MG_ALIGNMENT, worker_bytes) &&
           mg_size_add(*worker_bytes, kernel_bytes, worker_bytes) &&
           mg_size_align(*worker_bytes, MG_ALIGNMENT, worker_bytes);
}

bool mg_product_f32_scratch(const mg_product_f32 *product, int workers, size_t *bytes)
{
    f32_layout layout;
    size_t worker_bytes;
    *bytes = 0;
    if (is_dot(product)) return true;
    if (is_unpacked(product))
        return unpacked_scratch(product, &worker_bytes) &&
               mg_size_multiply(worker_bytes, (size_t)workers, bytes);
    if (product->rows.count == MG_ANY_ROWS) return any_rows_scratch(product, workers, bytes);
    return plan(product, workers, &layout, &worker_bytes) &&
           mg_size_multiply(worker_bytes, (size_t)workers, bytes) &&
           mg_size_add(*bytes, layout.shared_bytes, bytes);
}

typedef struct f32_job {
    const mg_product_f32 *product;
    f32_layout layout;
    char *scratch;
    size_t worker_bytes;
} f32_job;

static void pack_panels(const mg_product_f32 *product, size_t panel_bytes, size_t first_panel,
                        size_t panels, char *packed)
{
    const mg_gemm_f32_kernel *kernel = product->kernels->gemm_f32;
    for (size_t p = 0; p < panels; p++) {
        const size_t first = (first_panel + p) * kernel->panel_columns;
        mg_columns columns = product->columns;
        columns.weights = (const float *)columns.weights + first * columns.column_step;
        columns.count = mg_product_columns_left(&product->columns, first, kernel->panel_columns);
        kernel->pack(&columns, product->bias ? product->bias + first : NULL,
                     (float *)(void *)(packed + p * panel_bytes));
    }
}

static void place(const mg_product_f32 *product, size_t first_row, size_t rows, size_t column,
                  size_t columns, const float *results)
{
    for (size_t r = 0; r < rows; r++) {
        size_t run;
        float *out =
            product->out + mg_placement_at(product->placement, first_row + r, &run) + column;
        memcpy(out, results + r * columns, columns * sizeof(float));
    }
}

bool mg_product_f32_keeps(const mg_product_f32 *product, size_t *bytes)
{
    f32_layout layout;
    size_t worker_bytes;
    return product->rows.count > MG_DOT_ROWS && product->rows.count <= KEPT_ROWS &&
           !is_unpacked(product) && plan(product, 1, &layout, &worker_bytes) &&
           mg_size_multiply(layout.panel_bytes, layout.cut.panels, bytes) && *bytes <= KEPT_BYTES;
}

void mg_product_f32_pack(const mg_product_f32 *product, void *packed)
{
    f32_layout layout;
    size_t worker_bytes;
    if (plan(product, 1, &layout, &worker_bytes))
        pack_panels(product, layout.panel_bytes, 0, layout.cut.panels, packed);
}

/* All panels of the packed group times rows first … first + count - 1. */
static void multiply_piece(const f32_job *job, size_t first, size_t count, size_t first_panel,
                           size_t panels, const char *packed, char *memory)
{
    const mg_product_f32 *product = job->product;
    const mg_gemm_f32_kernel *kernel = product->kernels->gemm_f32;
    char *pointers = memory + job->layout.pointers_at;
    const void **start = (const void **)(void *)pointers;
    float *results = (float *)(void *)(pointers + job->layout.pointers_bytes);
    const mg_rows rows = {start, count, count, product->rows.segments, product->rows.length};
    product->rows.point(product->rows.argument, first, count, start, count);
    for (size_t p = 0; p < panels; p++) {
        const size_t column = (first_panel + p) * kernel->panel_columns;
        const size_t columns =
            mg_product_columns_left(&product->columns, column, kernel->panel_columns);
        const float *panel = (const float *)(const void *)(packed + p * job->layout.panel_bytes);
        if (product->placement == NULL) {
            kernel->multiply(&rows, panel, columns, product->minimum, product->maximum,
                             product->out + first * product->out_stride + column,
                             product->out_stride);
            continue;
        }
        kernel->multiply(&rows, panel, columns, product->minimum, product->maximum, results,
                         columns);
        place(product, first, count, column, columns, results);
    }
}

/* Indices are panels. */
static void pack_range(void *argument, size_t begin, size_t end, int worker)
{
    const f32_job *job = argument;
    const size_t bytes = job->layout.panel_bytes;
    (void)worker;
    pack_panels(job->product, bytes, begin, end - begin, job->scratch + begin * bytes);
}

/* Indices are spans times groups: a thread goes through its rows with all weights. */
static void multiply_range(void *argument, size_t begin, size_t end, int worker)
{
    const f32_job *job = argument;
    const mg_product_layout *cut = &job->layout.cut;
    const mg_product_f32 *product = job->product;
    char *memory = job->scratch + (size_t)worker * job->worker_bytes;
    size_t packed_group = SIZE_MAX;
    for (size_t i = begin; i < end; i++) {
        const size_t group = i % cut->groups, span = i / cut->groups;
        const size_t first_panel = group * cut->group_panels;
        const size_t panels = cut->panels - first_panel < cut->group_panels
                                  ? cut->panels - first_panel
                                  : cut->group_panels;
        const char *packed = memory;
        if (product->packed)
            packed = (const char *)product->packed + first_panel * job->layout.panel_bytes;
        else if (group != packed_group)
            pack_panels(product, job->layout.panel_bytes, first_panel, panels, memory);
        packed_group = group;
        const size_t last = mg_product_share(cut->rows, cut->spans, span + 1);
        size_t row = mg_product_share(cut->rows, cut->spans, span);
        for (size_t pieces = (last - row + cut->piece_rows - 1) / cut->piece_rows; pieces > 0;
             pieces--) {
            const size_t count = (last - row + pieces - 1) / pieces;
            multiply_piece(job, row, count, first_panel, panels, packed, memory);
            row += count;
        }
    }
}

/* Indices are columns. */
static void dot_range(void *argument, size_t begin, size_t end, int worker)
{
    const mg_product_f32 *product = argument;
    const void *row;
    (void)worker;
    mg_columns columns = product->columns;
    columns.weights = (const float *)columns.weights + begin * columns.column_step;
    columns.count = end - begin;
    for (size_t r = 0; r < product->rows.count; r++) {
        product->rows.point(product->rows.argument, r, 1, &row, 1);
        product->kernels->dot_f32->multiply(
            row, &columns, product->bias ? product->bias + begin : NULL, product->minimum,
            product->maximum, product->out + r * product->out_stride + begin);
    }
}

/* Indices are columns. */
static void unpacked_range(void *argument, size_t begin, size_t end, int worker)
{
    const f32_job *job = argument;
    const mg_product_f32 *product = job->product;
    const size_t count = product->rows.count, segments = product->rows.segments;
    char *memory = job->scratch + (size_t)worker * job->worker_bytes;
    const mg_unpacked_f32_kernel *kernel = product->kernels->unpacked_f32;
    char *copy = memory + job->worker_bytes - kernel->scratch * sizeof(float);
    const void **start = (const void **)(void *)memory;
    const mg_rows rows = {start, count, count, segments, product->rows.length};
    mg_columns columns = product->columns;
    product->rows.point(product->rows.argument, 0, count, start, count);
    columns.weights = (const float *)columns.weights + begin * columns.column_step;
    columns.count = end - begin;
    kernel->multiply(&rows, &columns, product->bias ? product->bias + begin : NULL,
                     product->minimum, product->maximum, (float *)(void *)copy,
                     product->out + begin, product->out_stride);
}

void mg_product_f32_run(const mg_product_f32 *product, mg_pool *pool, void *scratch)
{
    if (product->rows.count == 0 || product->columns.count == 0) return;
    if (is_dot(product)) {
        mg_product_f32 copy = *product;
        mg_parallel_for(pool, product->columns.count,
                        MG_PRODUCT_GRAIN / (product->columns.depth + 1) + 4, dot_range, &copy);
        return;
    }
    f32_job job = {.product = product, .scratch = scratch};
    if (is_unpacked(product)) {
        if (!unpacked_scratch(product, &job.worker_bytes)) return;
        const size_t products = product->columns.depth * product->rows.count;
        mg_parallel_for(pool, product->columns.count, MG_PRODUCT_GRAIN / (products + 1) + 16,
                        unpacked_range, &job);
        return;
    }
    mg_product_f32 packed = *product;
    if (!plan(product, mg_pool_threads(pool), &job.layout, &job.worker_bytes)) return;
    const mg_product_layout *cut = &job.layout.cut;
    if (job.layout.shared_bytes > 0) {
        mg_parallel_for(pool, cut->panels, PACK_GRAIN / job.layout.panel_bytes + 1, pack_range,
                        &job);
        packed.packed = job.scratch;
        job.product = &packed;
        job.scratch += job.layout.shared_bytes;
    }
    mg_parallel_for(pool, cut->groups * cut->spans, cut->grain, multiply_range, &job);
}
