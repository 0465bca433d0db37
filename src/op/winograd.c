/* SPDX-License-Identifier: Apache-2.0 */
#include "op/winograd.h"

#include <math.h>

#include "op/product_layout.h"

enum {
    DEPTH,
    HEIGHT,
    WIDTH,
    TAPS = MG_WINOGRAD_TAPS,
    POSITIONS = MG_WINOGRAD_POSITIONS,
    PATCH = MG_WINOGRAD_PATCH,
    TILE = MG_WINOGRAD_TILE,
    MOST_LENGTH = 2048, /* bounds the scratch memory */
    LEAST_LENGTH = 16,
    BLOCK_BYTES = 2 << 20, /* of transformed patches, unless that is too few tiles */
    LEAST_BLOCK = 64,
    PIECE_ROWS = 32, /* tiles multiplied at once, at most */
    LINE = MG_ALIGNMENT / sizeof(float)
};

/* How the work is cut. The distances between positions are odd numbers of cache lines: with powers
 * of two all 36 positions would share a few lines of the cache. */
typedef struct layout {
    mg_taps patches; /* the grid counts tiles */
    size_t tiles;
    size_t block;      /* tiles transformed at once */
    size_t length;     /* input channels */
    size_t panels;     /* of output channels */
    size_t piece_rows; /* tiles multiplied at once */
    size_t patch_stride;
    size_t weight_stride;
    size_t sum_stride;
    size_t panel_floats;
    size_t worker_floats; /* packed taps, transformed weights, sums */
} layout;

static size_t odd_lines(size_t floats)
{
    return ((floats + LINE - 1) / LINE | 1) * LINE;
}

static mg_taps patches_of(const mg_taps *taps)
{
    mg_taps patches = *taps;
    for (int d = HEIGHT; d <= WIDTH; d++) {
        patches.grid[d] = (taps->grid[d] + TILE - 1) / TILE;
        patches.taps[d] = PATCH;
        patches.step[d] = TILE;
    }
    return patches;
}

static layout lay_out(const mg_kernels *kernels, const mg_convolve *convolve)
{
    const size_t columns = kernels->gemm_f32->panel_columns;
    const size_t tile_rows = kernels->gemm_f32->tile_rows;
    const size_t length = convolve->length;
    layout cut = {0};
    cut.patches = patches_of(&convolve->taps);
    cut.tiles = mg_taps_rows(&cut.patches);
    cut.length = length;
    cut.block = BLOCK_BYTES / (POSITIONS * sizeof(float) * length);
    if (cut.block < LEAST_BLOCK) cut.block = LEAST_BLOCK;
    if (cut.block > cut.tiles) cut.block = cut.tiles;
    cut.panels = (convolve->out_channels + columns - 1) / columns;
    cut.piece_rows = tile_rows < PIECE_ROWS ? PIECE_ROWS / tile_rows * tile_rows : PIECE_ROWS;
    cut.panel_floats = columns * (length + 1);
    cut.patch_stride = odd_lines(cut.block * length);
    cut.weight_stride = odd_lines(cut.panel_floats);
    cut.sum_stride = odd_lines(cut.piece_rows * columns);
    cut.worker_floats = (TAPS + POSITIONS) * cut.weight_stride + POSITIONS * cut.sum_stride;
    return cut;
}

static bool is_dense_3x3(const mg_convolve *convolve)
{
    const mg_taps *taps = &convolve->taps;
    for (int d = HEIGHT; d <= WIDTH; d++)
        if (taps->taps[d] != 3 || taps->step[d] != 1 || taps->spacing[d] != 1) return false;
    return taps->taps[DEPTH] == 1 && convolve->groups == 1 && !convolve->placed;
}

/* Costs are counted in products for each pair of an input and an output channel; the constants are
 * measured times of the transforms in the time of a product. */
bool mg_winograd_pays(const mg_convolve *convolve)
{
    if (convolve->weighted.kind != MG_WEIGHTED_F32 || !is_dense_3x3(convolve) ||
        convolve->length < LEAST_LENGTH || convolve->length > MOST_LENGTH ||
        convolve->out_channels < LEAST_LENGTH)
        return false;
    const mg_taps patches = patches_of(&convolve->taps);
    const double transform = 150.0, weights = 250.0, gain = 1.9;
    const double tile = POSITIONS + transform / (double)convolve->out_channels +
                        transform / (double)convolve->length;
    const double cost = tile * (double)mg_taps_rows(&patches) + weights;
    return gain * cost < (double)TAPS * (double)mg_taps_rows(&convolve->taps);
}

midge_status mg_winograd_scratch(midge_op_context *context, const mg_convolve *convolve,
                                 size_t *bytes)
{
    const layout cut = lay_out(context->kernels, convolve);
    const size_t workers = (size_t)mg_worker_count(context);
    size_t offset;
    mg_name_kernel(context, context->kernels->winograd_f32);
    *bytes = 0;
    TRY(mg_scratch_add(context, bytes, POSITIONS * cut.patch_stride * sizeof(float), &offset));
    return mg_scratch_add(context, bytes, workers * cut.worker_floats * sizeof(float), &offset);
}

typedef struct job {
    const mg_kernels *kernels;
    const mg_convolve *convolve;
    const mg_convolve_call *call;
    layout cut;
    size_t first;   /* tile of the block */
    size_t count;   /* tiles of the block */
    size_t spans;   /* shares of them, for threads */
    float *patches; /* [position][tile][channel] */
    float *workers;
} job;

/* Indices are tiles of the block. */
static void transform_patches(void *argument, size_t begin, size_t end, int worker)
{
    const job *at = argument;
    const layout *cut = &at->cut;
    const void *start[POSITIONS];
    const float *patch[POSITIONS];
    (void)worker;
    for (size_t t = begin; t < end; t++) {
        mg_taps_point(&cut->patches, at->first + t, 1, start, 1);
        for (size_t p = 0; p < POSITIONS; p++) patch[p] = start[p];
        at->kernels->winograd_f32->input(patch, cut->length, at->patches + t * cut->length,
                                         cut->patch_stride);
    }
}

/* Packs `columns` output channels for each tap and transforms the packed panels. */
static void transform_panel(const job *at, size_t column, size_t columns, float *packed,
                            float *weights)
{
    const layout *cut = &at->cut;
    mg_columns taps = at->convolve->columns;
    taps.count = columns;
    taps.depth = cut->length;
    for (size_t t = 0; t < TAPS; t++) {
        taps.weights =
            (const float *)at->call->weights + column * taps.column_step + t * cut->length;
        at->kernels->gemm_f32->pack(&taps, NULL, packed + t * cut->weight_stride);
    }
    at->kernels->winograd_f32->weights(packed, cut->weight_stride, cut->panel_floats, weights,
                                       cut->weight_stride);
}

static void point_pixels(const job *at, size_t tile, size_t column, float **pixels)
{
    const size_t *grid = at->convolve->taps.grid, *tiles = at->cut.patches.grid;
    const size_t y = tile / tiles[WIDTH] % tiles[HEIGHT] * TILE, x = tile % tiles[WIDTH] * TILE;
    const size_t image = tile / tiles[WIDTH] / tiles[HEIGHT];
    float *out = (float *)at->call->output + column;
    for (size_t p = 0; p < (size_t)TILE * TILE; p++) {
        const size_t row = y + p / TILE, in_row = x + p % TILE;
        const bool inside = row < grid[HEIGHT] && in_row < grid[WIDTH];
        pixels[p] = inside ? out + ((image * grid[HEIGHT] + row) * grid[WIDTH] + in_row) *
                                       at->convolve->out_channels
                           : NULL;
    }
}

/* Tiles first … first + count - 1 of the block, at most piece_rows, for one panel. */
static void multiply_piece(const job *at, size_t first, size_t count, size_t column, size_t columns,
                           const float *weights, float *sums)
{
    const layout *cut = &at->cut;
    const mg_weighted *weighted = &at->convolve->weighted;
    const void *start[PIECE_ROWS];
    const mg_rows rows = {start, count, count, 1, cut->length};
    for (size_t p = 0; p < POSITIONS; p++) {
        const float *row = at->patches + p * cut->patch_stride + first * cut->length;
        for (size_t r = 0; r < count; r++) start[r] = row + r * cut->length;
        at->kernels->gemm_f32->multiply(&rows, weights + p * cut->weight_stride, columns, -INFINITY,
                                        INFINITY, sums + p * cut->sum_stride, columns);
    }
    const float *bias = at->call->bias;
    for (size_t r = 0; r < count; r++) {
        float *pixels[TILE * TILE];
        point_pixels(at, at->first + first + r, column, pixels);
        at->kernels->winograd_f32->output(sums + r * columns, cut->sum_stride, columns,
                                          bias ? bias + column : NULL, weighted->minimum,
                                          weighted->maximum, pixels);
    }
}

/* Indices are panels times spans. */
static void multiply_range(void *argument, size_t begin, size_t end, int worker)
{
    const job *at = argument;
    const layout *cut = &at->cut;
    const size_t panel_columns = at->kernels->gemm_f32->panel_columns;
    float *packed = at->workers + (size_t)worker * cut->worker_floats;
    float *weights = packed + TAPS * cut->weight_stride;
    float *sums = weights + POSITIONS * cut->weight_stride;
    size_t packed_panel = SIZE_MAX;
    for (size_t i = begin; i < end; i++) {
        const size_t panel = i / at->spans, column = panel * panel_columns;
        const size_t left = at->convolve->out_channels - column;
        const size_t columns = left < panel_columns ? left : panel_columns;
        if (panel != packed_panel) transform_panel(at, column, columns, packed, weights);
        packed_panel = panel;
        const size_t last = mg_product_share(at->count, at->spans, i % at->spans + 1);
        for (size_t row = mg_product_share(at->count, at->spans, i % at->spans); row < last;) {
            const size_t count = last - row < cut->piece_rows ? last - row : cut->piece_rows;
            multiply_piece(at, row, count, column, columns, weights, sums);
            row += count;
        }
    }
}

void mg_winograd_run(midge_op_context *context, const mg_convolve *convolve,
                     const mg_convolve_call *call, void *scratch)
{
    job at = {context->kernels, convolve, call, lay_out(context->kernels, convolve), 0, 0, 1,
              scratch,          NULL};
    layout *cut = &at.cut;
    cut->patches.input = call->input;
    cut->patches.padding = convolve->padding;
    at.workers = at.patches + POSITIONS * cut->patch_stride;
    const size_t workers = (size_t)mg_pool_threads(context->pool);
    for (at.first = 0; at.first < cut->tiles; at.first += at.count) {
        at.count = cut->tiles - at.first < cut->block ? cut->tiles - at.first : cut->block;
        at.spans = cut->panels < 2 * workers ? (2 * workers + cut->panels - 1) / cut->panels : 1;
        if (workers == 1 || at.spans > at.count) at.spans = 1;
        mg_parallel_for(context->pool, at.count, MG_PRODUCT_GRAIN / (64 * cut->length) + 1,
                        transform_patches, &at);
        mg_parallel_for(context->pool, cut->panels * at.spans, 1, multiply_range, &at);
    }
}
