/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "op/winograd_steps.h"

enum { TAPS = MG_WINOGRAD_TAPS, POSITIONS = MG_WINOGRAD_POSITIONS, TILE = MG_WINOGRAD_TILE };

static void measure(const mg_kernels *kernels, const mg_convolve *convolve, mg_winograd_layout *cut)
{
    cut->panel_columns = kernels->gemm_f32->panel_columns;
    cut->tile_rows = kernels->gemm_f32->tile_rows;
    cut->row_bytes = convolve->length * sizeof(float);
    cut->panel_bytes = cut->panel_columns * (convolve->length + 1) * sizeof(float);
}

static void transform_patch(const mg_winograd_job *job, const void *const *patch, char *out)
{
    const float *pixels[POSITIONS];
    for (size_t p = 0; p < POSITIONS; p++) pixels[p] = patch[p];
    job->kernels->winograd_f32->input(pixels, job->cut.length, (float *)(void *)out,
                                      job->cut.patch_stride / sizeof(float));
}

static void transform_panel(const mg_winograd_job *job, size_t column, size_t columns,
                            const mg_winograd_memory *memory)
{
    const mg_winograd_layout *cut = &job->cut;
    const size_t stride = cut->weight_stride / sizeof(float);
    float *packed = (float *)(void *)memory->packed;
    mg_columns taps = job->convolve->columns;
    taps.count = columns;
    taps.depth = cut->length;
    for (size_t t = 0; t < TAPS; t++) {
        taps.weights =
            (const float *)job->call->weights + column * taps.column_step + t * cut->length;
        job->kernels->gemm_f32->pack(&taps, NULL, packed + t * stride);
    }
    job->kernels->winograd_f32->weights(packed, stride, cut->panel_bytes / sizeof(float),
                                        (float *)(void *)memory->weights, stride);
}

static void point_pixels(const mg_winograd_job *job, size_t tile, size_t column, float **pixels)
{
    const mg_winograd_place place = mg_winograd_place_of(job, tile);
    const size_t channels = job->convolve->out_channels;
    const size_t line = job->convolve->taps.grid[2] * channels;
    float *out = (float *)job->call->output + place.row * channels + column;
    for (size_t p = 0; p < MG_WINOGRAD_PIXELS; p++) {
        const size_t y = p / TILE, x = p % TILE;
        const bool inside = y < place.lines && x < place.pixels;
        pixels[p] = inside ? out + y * line + x * channels : NULL;
    }
}

static void multiply_piece(const mg_winograd_job *job, size_t first, size_t count, size_t column,
                           size_t columns, const mg_winograd_memory *memory)
{
    const mg_winograd_layout *cut = &job->cut;
    const mg_weighted *weighted = &job->convolve->weighted;
    const float *bias = job->call->bias;
    const float *sums = (const float *)(const void *)memory->sums;
    const void *start[MG_WINOGRAD_PIECE_ROWS];
    const mg_rows rows = {start, count, count, 1, cut->length};
    for (size_t p = 0; p < POSITIONS; p++) {
        const char *row = job->patches + p * cut->patch_stride + first * cut->row_bytes;
        for (size_t r = 0; r < count; r++) start[r] = row + r * cut->row_bytes;
        job->kernels->gemm_f32->multiply(
            &rows, (const float *)(const void *)(memory->weights + p * cut->weight_stride), columns,
            -INFINITY, INFINITY, (float *)(void *)(memory->sums + p * cut->sum_stride), columns);
    }
    for (size_t r = 0; r < count; r++) {
        float *pixels[MG_WINOGRAD_PIXELS];
        point_pixels(job, job->first + first + r, column, pixels);
        job->kernels->winograd_f32->output(sums + r * columns, cut->sum_stride / sizeof(float),
                                           columns, bias ? bias + column : NULL, weighted->minimum,
                                           weighted->maximum, pixels);
    }
}

const mg_winograd_steps mg_winograd_steps_f32 = {measure, transform_patch, transform_panel,
                                                 multiply_piece};
