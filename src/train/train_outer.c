/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gradients of kernels, and with them the optimiser's step:
 *
 *   gradient[r][c] = sum over d of left[d][r] * right[d][c]        depth: the samples of a batch
 *
 * A piece of work is a block of the kernel's rows. Its part of the left side is turned by the pack
 * of gemm_f32, `width` depths to a panel, which gives rows of `width` elements in a row; they are
 * the segments of the product's rows. All panels of the right side are packed before, with zeros up
 * to a whole number of segments. A block's gradients then lie in the cache of the thread that has
 * them, where the step of the optimiser takes them up; weights see them nowhere else.
 */
#include "train/train_build.h"

enum {
    BLOCK_ELEMENTS = 6400,
    POINTERS = 384, /* to segments, at a time */
    LEAST_WORK = 1 << 16
};

/* Sizes that follow from those of the product. */
typedef struct outer_form {
    size_t width;    /* of panels, and depth of segments */
    size_t segments; /* of a row */
    size_t panels;   /* of the right side */
    size_t panel;    /* floats of one */
    size_t rows;     /* of a block */
    size_t turned;   /* floats of one turned segment of a block */
} outer_form;

static outer_form form_of(const midge_trainer *trainer, size_t rows, size_t columns, size_t depth)
{
    outer_form form = {.width = trainer->kernels.gemm_f32->panel_columns};
    size_t blocks = (rows * columns + BLOCK_ELEMENTS - 1) / BLOCK_ELEMENTS;
    form.segments = (depth + form.width - 1) / form.width;
    form.panels = (columns + form.width - 1) / form.width;
    form.panel = mg_train_line(form.width * (form.segments * form.width + 1));
    form.rows = blocks < rows ? (rows + blocks - 1) / blocks : 1;
    form.turned = mg_train_line(form.width * (form.rows + 1));
    return form;
}

void mg_train_outer_needs(const midge_trainer *trainer, size_t rows, size_t columns, size_t depth,
                          mg_train_needs *needs)
{
    const outer_form form = form_of(trainer, rows, columns, depth);
    needs->shared = (uint64_t)form.panels * form.panel;
    needs->per_worker = (uint64_t)form.segments * form.turned + (uint64_t)form.rows * columns;
}

typedef struct outer_work {
    const mg_train_pass *pass;
    const mg_train_outer *outer;
    outer_form form;
    bool early; /* the optimiser's step follows at once */
    float *packed;
    float *scratch;
    size_t scratch_step;
} outer_work;

static void pack_right(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const outer_work *at = argument;
    const mg_train_outer *outer = at->outer;
    const size_t width = at->form.width, beyond = at->form.segments * width - outer->depth;
    for (size_t i = begin; i < end; ++i) {
        const size_t first = i * width, left = outer->columns - first;
        float *panel = at->packed + i * at->form.panel;
        const mg_columns columns = {outer->right + first, 1, outer->columns,
                                    left < width ? left : width, outer->depth};
        at->pass->trainer->kernels.gemm_f32->pack(&columns, NULL, panel);
        memset(panel + width * (outer->depth + 1), 0, beyond * width * sizeof(float));
    }
}

static void turn_left(const outer_work *at, size_t begin, size_t rows, float *turned)
{
    const mg_train_outer *outer = at->outer;
    const size_t width = at->form.width;
    for (size_t s = 0; s < at->form.segments; ++s) {
        const size_t first = s * width, left = outer->depth - first;
        const mg_columns columns = {outer->left + first * outer->rows + begin, outer->rows, 1,
                                    left < width ? left : width, rows};
        at->pass->trainer->kernels.gemm_f32->pack(&columns, NULL, turned + s * at->form.turned);
    }
}

static void multiply_block(const outer_work *at, size_t rows, const float *turned, float *out)
{
    const mg_gemm_f32_kernel *kernel = at->pass->trainer->kernels.gemm_f32;
    const size_t width = at->form.width, segments = at->form.segments;
    const size_t columns = at->outer->columns, most = POINTERS / segments;
    const void *start[POINTERS];
    for (size_t r = 0; r < rows; r += most) {
        const size_t count = rows - r < most ? rows - r : most;
        for (size_t s = 0; s < segments; ++s)
            for (size_t i = 0; i < count; ++i)
                start[s * count + i] = turned + s * at->form.turned + (r + i + 1) * width;
        const mg_rows part = {start, count, count, segments, width};
        for (size_t p = 0; p < at->form.panels; ++p) {
            const size_t left = columns - p * width;
            kernel->multiply(&part, at->packed + p * at->form.panel, left < width ? left : width,
                             -INFINITY, INFINITY, out + r * columns + p * width, columns);
        }
    }
}

static void run_blocks(void *argument, size_t begin, size_t end, int worker)
{
    const outer_work *at = argument;
    const mg_train_outer *outer = at->outer;
    float *turned = at->scratch + (size_t)worker * at->scratch_step;
    for (size_t block = begin; block < end; ++block) {
        const size_t first = block * at->form.rows, left = outer->rows - first;
        const size_t rows = left < at->form.rows ? left : at->form.rows;
        float *gradient = at->early ? turned + at->form.segments * at->form.turned
                                    : outer->weight->gradient + first * outer->columns;
        turn_left(at, first, rows, turned);
        multiply_block(at, rows, turned, gradient);
        if (at->early)
            mg_train_update_range(at->pass->update, outer->weight, first * outer->columns, gradient,
                                  rows * outer->columns);
    }
}

void mg_train_multiply_outer(const mg_train_pass *pass, const mg_train_outer *outer, float *shared,
                             float *scratch, size_t scratch_step)
{
    mg_pool *pool = pass->trainer->pool;
    outer_work at = {.pass = pass,
                     .outer = outer,
                     .form = form_of(pass->trainer, outer->rows, outer->columns, outer->depth),
                     .early = mg_train_updates_early(pass, outer->weight),
                     .packed = shared,
                     .scratch = scratch,
                     .scratch_step = scratch_step};
    mg_parallel_for(pool, at.form.panels, 1 + LEAST_WORK / at.form.panel, pack_right, &at);
    mg_parallel_for(pool, (outer->rows + at.form.rows - 1) / at.form.rows, 1, run_blocks, &at);
    if (at.early) outer->weight->updated = true;
}
