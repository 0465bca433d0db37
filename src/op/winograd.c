/* SPDX-License-Identifier: Apache-2.0 */
#include "op/winograd.h"

#include "op/product_layout.h"
#include "op/winograd_steps.h"

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
    LEAST_BLOCK = 64
};

static size_t odd_lines(size_t bytes)
{
    return ((bytes + MG_ALIGNMENT - 1) / MG_ALIGNMENT | 1) * MG_ALIGNMENT;
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

static const mg_winograd_steps *steps_of(const mg_convolve *convolve)
{
    return convolve->weighted.kind == MG_WEIGHTED_F32 ? &mg_winograd_steps_f32
                                                      : &mg_winograd_steps_int;
}

static mg_winograd_layout lay_out(const mg_kernels *kernels, const mg_convolve *convolve)
{
    enum { PIECE_ROWS = MG_WINOGRAD_PIECE_ROWS };
    mg_winograd_layout cut = {0};
    steps_of(convolve)->measure(kernels, convolve, &cut);
    const size_t columns = cut.panel_columns, tile_rows = cut.tile_rows;
    cut.patches = patches_of(&convolve->taps);
    cut.tiles = mg_taps_rows(&cut.patches);
    cut.length = convolve->length;
    cut.panels = (convolve->out_channels + columns - 1) / columns;
    cut.piece_rows = tile_rows < PIECE_ROWS ? PIECE_ROWS / tile_rows * tile_rows : PIECE_ROWS;
    cut.block = BLOCK_BYTES / (POSITIONS * cut.row_bytes);
    if (cut.block < LEAST_BLOCK) cut.block = LEAST_BLOCK;
    if (cut.block > cut.tiles) cut.block = cut.tiles;
    cut.patch_stride = odd_lines(cut.block * cut.row_bytes);
    cut.weight_stride = odd_lines(cut.panel_bytes);
    cut.sum_stride = odd_lines(cut.piece_rows * columns * sizeof(int32_t));
    cut.worker_bytes = (TAPS + POSITIONS) * cut.weight_stride + POSITIONS * cut.sum_stride +
                       odd_lines(MG_WINOGRAD_PIXELS * cut.piece_rows * cut.pixel_bytes);
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
 * measured times of the transforms in the time of a product. gain: how much cheaper a product of
 * the plain way is, packing and cache misses included. */
static bool is_faster(const mg_convolve *convolve, double gain, double transform, double weights)
{
    const mg_taps patches = patches_of(&convolve->taps);
    const double tile = POSITIONS + transform / (double)convolve->out_channels +
                        transform / (double)convolve->length;
    const double cost = tile * (double)mg_taps_rows(&patches) + weights;
    return gain * cost < (double)TAPS * (double)mg_taps_rows(&convolve->taps);
}

/* int16 rows that can be anything are out. */
static bool are_small_cells(const mg_weighted *weighted)
{
    return weighted->form.right != MG_CELL_I16 &&
           (weighted->kind == MG_WEIGHTED_DYNAMIC ||
            (weighted->kind == MG_WEIGHTED_INT && weighted->form.left != MG_CELL_I16));
}

bool mg_winograd_pays(const mg_kernels *kernels, const mg_convolve *convolve, const void *weights)
{
    if (!is_dense_3x3(convolve) || convolve->length < LEAST_LENGTH ||
        convolve->length > MOST_LENGTH || convolve->out_channels < LEAST_LENGTH)
        return false;
    if (convolve->weighted.kind == MG_WEIGHTED_F32) return is_faster(convolve, 1.9, 150.0, 250.0);
    const uint32_t least_length = kernels->winograd_int->least_length;
    if (least_length == 0 || convolve->length < least_length) return false;
    /* Rows that are int16 anyway cost as much either way. */
    const bool words = convolve->weighted.form.left == MG_CELL_I16;
    const double gain = words ? 1.0 : (double)kernels->gemm_int->word_cost;
    return are_small_cells(&convolve->weighted) && is_faster(convolve, 1.3 * gain, 150.0, 250.0) &&
           mg_winograd_int_is_exact(convolve, weights);
}

midge_status mg_winograd_scratch(midge_op_context *context, const mg_convolve *convolve,
                                 size_t *bytes)
{
    const mg_winograd_layout cut = lay_out(context->kernels, convolve);
    const size_t workers = (size_t)mg_worker_count(context);
    size_t offset;
    mg_name_kernel(context, convolve->weighted.kind == MG_WEIGHTED_F32
                                ? (const void *)context->kernels->winograd_f32
                                : (const void *)context->kernels->winograd_int);
    *bytes = 0;
    TRY(mg_scratch_add(context, bytes, POSITIONS * cut.patch_stride, &offset));
    return mg_scratch_add(context, bytes, workers * cut.worker_bytes, &offset);
}

/* Indices are tiles of the block. */
static void transform_patches(void *argument, size_t begin, size_t end, int worker)
{
    const mg_winograd_job *job = argument;
    const void *patch[POSITIONS];
    (void)worker;
    for (size_t t = begin; t < end; t++) {
        mg_taps_point(&job->cut.patches, job->first + t, 1, patch, 1);
        job->steps->transform_patch(job, patch, job->patches + t * job->cut.row_bytes);
    }
}

mg_winograd_place mg_winograd_place_of(const mg_winograd_job *job, size_t tile)
{
    const size_t *grid = job->convolve->taps.grid, *tiles = job->cut.patches.grid;
    const size_t x = tile % tiles[WIDTH], y = tile / tiles[WIDTH] % tiles[HEIGHT];
    const size_t image = tile / tiles[WIDTH] / tiles[HEIGHT];
    const size_t below = grid[HEIGHT] - y * TILE, right = grid[WIDTH] - x * TILE;
    mg_winograd_place place;
    place.row = (image * grid[HEIGHT] + y * TILE) * grid[WIDTH] + x * TILE;
    place.lines = below < TILE ? below : TILE;
    place.pixels = right < TILE ? right : TILE;
    place.tile_in_line = x;
    return place;
}

static mg_winograd_memory memory_of(const mg_winograd_job *job, int worker)
{
    const mg_winograd_layout *cut = &job->cut;
    mg_winograd_memory memory;
    memory.packed = job->workers + (size_t)worker * cut->worker_bytes;
    memory.weights = memory.packed + TAPS * cut->weight_stride;
    memory.sums = memory.weights + POSITIONS * cut->weight_stride;
    memory.pixels = memory.sums + POSITIONS * cut->sum_stride;
    return memory;
}

/* Indices are panels times spans. */
static void multiply_range(void *argument, size_t begin, size_t end, int worker)
{
    const mg_winograd_job *job = argument;
    const mg_winograd_layout *cut = &job->cut;
    const size_t panel_columns = cut->panel_columns;
    const mg_winograd_memory memory = memory_of(job, worker);
    size_t packed_panel = SIZE_MAX;
    for (size_t i = begin; i < end; i++) {
        const size_t panel = i / job->spans, column = panel * panel_columns;
        const size_t left = job->convolve->out_channels - column;
        const size_t columns = left < panel_columns ? left : panel_columns;
        if (panel != packed_panel) job->steps->transform_panel(job, column, columns, &memory);
        packed_panel = panel;
        const size_t last = mg_product_share(job->count, job->spans, i % job->spans + 1);
        for (size_t row = mg_product_share(job->count, job->spans, i % job->spans); row < last;) {
            const size_t count = last - row < cut->piece_rows ? last - row : cut->piece_rows;
            job->steps->multiply_piece(job, row, count, column, columns, &memory);
            row += count;
        }
    }
}

void mg_winograd_run(midge_op_context *context, const mg_convolve *convolve,
                     const mg_convolve_call *call, void *scratch)
{
    mg_winograd_job job = {0};
    job.steps = steps_of(convolve);
    job.kernels = context->kernels;
    job.convolve = convolve;
    job.call = call;
    job.cut = lay_out(context->kernels, convolve);
    mg_winograd_layout *cut = &job.cut;
    cut->patches.input = call->input;
    cut->patches.padding = convolve->padding;
    job.patches = scratch;
    job.workers = job.patches + POSITIONS * cut->patch_stride;
    if (convolve->weighted.kind != MG_WEIGHTED_F32) {
        mg_weighted_product product = {0};
        product.weighted = &convolve->weighted;
        product.bias = call->bias;
        product.out = call->output;
        product.out_stride = convolve->out_channels;
        product.row_scale = call->row_scale;
        product.rows_per_scale = call->rows_per_scale;
        mg_weighted_finish_of(context, &product, &job.finish);
    }
    const size_t workers = (size_t)mg_pool_threads(context->pool);
    for (job.first = 0; job.first < cut->tiles; job.first += job.count) {
        const size_t left = cut->tiles - job.first;
        job.count = left < cut->block ? left : cut->block;
        job.spans = cut->panels < 2 * workers ? (2 * workers + cut->panels - 1) / cut->panels : 1;
        if (workers == 1 || job.spans > job.count) job.spans = 1;
        mg_parallel_for(context->pool, job.count, MG_PRODUCT_GRAIN / (64 * cut->length) + 1,
                        transform_patches, &job);
        mg_parallel_for(context->pool, cut->panels * job.spans, 1, multiply_range, &job);
    }
}
