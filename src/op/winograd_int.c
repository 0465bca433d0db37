/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "kernel/compiler.h"
#include "op/winograd_steps.h"

enum { TAPS = MG_WINOGRAD_TAPS, POSITIONS = MG_WINOGRAD_POSITIONS, TILE = MG_WINOGRAD_TILE };

/* Transformed rows meet transformed weights as int16. */
static mg_gemm_int_form form_of(const mg_convolve *convolve)
{
    mg_gemm_int_form form = convolve->weighted.form;
    form.left = MG_CELL_I16;
    form.left_zero = 0;
    form.depth = convolve->length;
    return form;
}

static void measure(const mg_kernels *kernels, const mg_convolve *convolve, mg_winograd_layout *cut)
{
    const mg_gemm_int_form form = form_of(convolve);
    cut->panel_columns = kernels->gemm_int->panel_columns;
    cut->tile_rows = kernels->gemm_int->tile_rows;
    cut->row_bytes = kernels->gemm_int->row_bytes(&form);
    cut->panel_bytes = kernels->gemm_int->panel_bytes(&form);
    cut->pixel_bytes = cut->panel_columns * sizeof(int32_t);
}

static void transform_patch(const mg_winograd_job *job, const void *const *patch, char *out)
{
    const mg_gemm_int_form *form = &job->convolve->weighted.form;
    const size_t stride = job->cut.patch_stride / sizeof(int16_t), length = job->cut.length;
    int16_t *cells = (int16_t *)(void *)out;
    job->kernels->winograd_int->input(form->left, form->left_zero, patch, length, cells, stride);
    const size_t rest = job->cut.row_bytes - length * sizeof(int16_t);
    if (rest == 0) return;
    for (size_t p = 0; p < POSITIONS; p++) memset(cells + p * stride + length, 0, rest);
}

/* The heads of all panels are alike, without biases. */
static void transform_panel(const mg_winograd_job *job, size_t column, size_t columns,
                            const mg_winograd_memory *memory)
{
    const mg_winograd_layout *cut = &job->cut;
    const mg_gemm_int_kernel *gemm = job->kernels->gemm_int;
    const mg_gemm_int_form form = form_of(job->convolve);
    const size_t head = gemm->words_at, stride = cut->weight_stride;
    mg_columns taps = job->convolve->columns;
    taps.count = columns;
    taps.depth = cut->length;
    for (size_t t = 0; t < TAPS; t++) {
        taps.weights =
            (const char *)job->call->weights + column * taps.column_step + t * cut->length;
        gemm->pack(&form, &taps, NULL, memory->packed + t * stride);
    }
    for (size_t p = 0; p < POSITIONS; p++)
        memcpy(memory->weights + p * stride, memory->packed, head);
    job->kernels->winograd_int->weights(
        (const int16_t *)(const void *)(memory->packed + head), stride / sizeof(int16_t),
        (cut->panel_bytes - head) / sizeof(int16_t), (int16_t *)(void *)(memory->weights + head),
        stride / sizeof(int16_t));
}

/* Tiles of one line of tiles, side by side, from `first` of the piece on: their sums to pixels, and
 * lines of pixels to results. */
static void finish_tiles(const mg_winograd_job *job, size_t piece, size_t first, size_t count,
                         size_t column, size_t columns, const mg_winograd_memory *memory)
{
    const size_t panel_columns = job->cut.panel_columns;
    const size_t line = count * TILE * panel_columns;
    const int32_t *bias = job->finish.bias ? job->finish.bias + column : NULL;
    const int32_t *sums = (const int32_t *)(const void *)memory->sums;
    int32_t *pixels = (int32_t *)(void *)memory->pixels;
    const size_t tile = job->first + piece + first;
    for (size_t t = 0; t < count; t++)
        job->kernels->winograd_int->output(sums + (first + t) * panel_columns,
                                           job->cut.sum_stride / sizeof(int32_t), columns, bias,
                                           pixels + t * TILE * panel_columns, panel_columns, line);
    const mg_winograd_place place = mg_winograd_place_of(job, tile);
    const mg_winograd_place end = mg_winograd_place_of(job, tile + count - 1);
    for (size_t y = 0; y < place.lines; y++) {
        const mg_sums block = {place.row + y * job->convolve->taps.grid[2],
                               (count - 1) * TILE + end.pixels,
                               column,
                               columns,
                               pixels + y * line,
                               panel_columns};
        job->finish.finish(job->finish.argument, &block);
    }
}

static void multiply_piece(const mg_winograd_job *job, size_t first, size_t count, size_t column,
                           size_t columns, const mg_winograd_memory *memory)
{
    const mg_winograd_layout *cut = &job->cut;
    const mg_gemm_int_form form = form_of(job->convolve);
    for (size_t p = 0; p < POSITIONS; p++)
        job->kernels->gemm_int->multiply(
            &form, job->patches + p * cut->patch_stride + first * cut->row_bytes, count,
            memory->weights + p * cut->weight_stride,
            (int32_t *)(void *)(memory->sums + p * cut->sum_stride));
    for (size_t t = 0; t < count;) {
        const mg_winograd_place place = mg_winograd_place_of(job, job->first + first + t);
        const size_t in_line = cut->patches.grid[2] - place.tile_in_line;
        const size_t run = in_line < count - t ? in_line : count - t;
        finish_tiles(job, first, t, run, column, columns, memory);
        t += run;
    }
}

const mg_winograd_steps mg_winograd_steps_int = {measure, transform_patch, transform_panel,
                                                 multiply_piece};

/* Sums of weights less their zero point, and of their absolute values; at most 2^23. */
typedef struct weight_sums {
    int32_t plain;
    int32_t absolute;
} weight_sums;

static MG_ALWAYS_INLINE void add_weights(mg_cell cell, int32_t zero, const void *weights,
                                         size_t first, size_t count, weight_sums *sums)
{
    for (size_t i = first; i < first + count; i++) {
        const int32_t value =
            (cell == MG_CELL_U8 ? ((const uint8_t *)weights)[i] : ((const int8_t *)weights)[i]) -
            zero;
        sums->plain += value;
        sums->absolute += value < 0 ? -value : value;
    }
}

/* Of the positive or of the negative weights of a filter, whichever is larger. A block's constant
 * length lets compilers use vectors: prepare reads the weights of deep filters here. */
static MG_ALWAYS_INLINE int32_t largest_sum(mg_cell cell, int32_t zero, const void *weights,
                                            size_t count)
{
    enum { BLOCK = 64 };
    weight_sums sums = {0, 0};
    size_t i = 0;
    for (; i + BLOCK <= count; i += BLOCK) add_weights(cell, zero, weights, i, BLOCK, &sums);
    add_weights(cell, zero, weights, i, count - i, &sums);
    const int32_t size = sums.plain < 0 ? -sums.plain : sums.plain;
    return (sums.absolute + size) / 2;
}

/* Activations less their zero point span 255, so one sign of the weights at its largest bounds a
 * sum; int16 ones span twice that. */
bool mg_winograd_int_is_exact(const mg_convolve *convolve, const void *weights)
{
    const mg_gemm_int_form *form = &convolve->weighted.form;
    const int32_t span = form->left == MG_CELL_I16 ? 510 : 255;
    const int32_t limit = INT32_MAX / MG_WINOGRAD_INT_SCALE / span;
    const size_t filter = TAPS * convolve->length;
    if (filter * 255 < (size_t)limit) return true;
    if (weights == NULL) return false;
    for (size_t c = 0; c < convolve->out_channels; c++)
        if (largest_sum(form->right, form->right_zero, (const char *)weights + c * filter,
                        filter) >= limit)
            return false;
    return true;
}
