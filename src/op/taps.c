/* SPDX-License-Identifier: Apache-2.0 */
#include "op/taps.h"

enum { DEPTH, HEIGHT, WIDTH };

size_t mg_taps_rows(const mg_taps *taps)
{
    return taps->batches * taps->grid[DEPTH] * taps->grid[HEIGHT] * taps->grid[WIDTH];
}

size_t mg_taps_count(const mg_taps *taps)
{
    return taps->taps[DEPTH] * taps->taps[HEIGHT] * taps->taps[WIDTH];
}

ptrdiff_t mg_taps_span(const mg_taps *taps)
{
    return (ptrdiff_t)(taps->taps[HEIGHT] - 1) * taps->spacing[HEIGHT] + 1;
}

size_t mg_taps_line_inside(const mg_taps *taps, ptrdiff_t line)
{
    const ptrdiff_t extent = (ptrdiff_t)taps->extent[HEIGHT];
    return (size_t)(line < 0 ? 0 : line > extent ? extent : line);
}

/* The input line that taps (z, y) of an output at (oz, oy) touch, NULL when outside. */
static const char *line_at(const mg_taps *taps, size_t batch, const size_t output[3], size_t tap_z,
                           size_t tap_y)
{
    const ptrdiff_t z = taps->origin[DEPTH] + (ptrdiff_t)output[DEPTH] * taps->step[DEPTH] +
                        (ptrdiff_t)tap_z * taps->spacing[DEPTH];
    const ptrdiff_t y = taps->origin[HEIGHT] + (ptrdiff_t)output[HEIGHT] * taps->step[HEIGHT] +
                        (ptrdiff_t)tap_y * taps->spacing[HEIGHT];
    if (z < 0 || (size_t)z >= taps->extent[DEPTH] || y < 0 || (size_t)y >= taps->extent[HEIGHT])
        return NULL;
    const size_t plane = batch * taps->extent[DEPTH] + (size_t)z;
    return taps->input +
           (plane * taps->extent[HEIGHT] + (size_t)y) * taps->extent[WIDTH] * taps->pixel;
}

/* Pointers of `count` outputs to pixels of a line, the first at `x`, `step` > 0 apart. */
static void point_line(const mg_taps *taps, const char *line, ptrdiff_t x, ptrdiff_t step,
                       size_t count, const void **start)
{
    const ptrdiff_t extent = (ptrdiff_t)taps->extent[WIDTH], bytes = (ptrdiff_t)taps->pixel;
    size_t r = 0, inside = 0;
    if (line) {
        for (; r < count && x < 0; r++, x += step) start[r] = taps->padding;
        if (r < count && x < extent) inside = (size_t)((extent - 1 - x) / step) + 1;
        if (inside > count - r) inside = count - r;
        for (size_t i = 0; i < inside; i++) start[r + i] = line + (x + (ptrdiff_t)i * step) * bytes;
        r += inside;
    }
    for (; r < count; r++) start[r] = taps->padding;
}

/* Pointers of `count` neighbours along the width, the first at `output`. */
static void point_run(const mg_taps *taps, size_t batch, const size_t output[3], size_t count,
                      const void **start, size_t stride)
{
    const ptrdiff_t step = taps->step[WIDTH];
    for (size_t z = 0; z < taps->taps[DEPTH]; z++)
        for (size_t y = 0; y < taps->taps[HEIGHT]; y++) {
            const char *line = line_at(taps, batch, output, z, y);
            ptrdiff_t x = taps->origin[WIDTH] + (ptrdiff_t)output[WIDTH] * step;
            for (size_t t = 0; t < taps->taps[WIDTH]; t++, x += taps->spacing[WIDTH]) {
                point_line(taps, line, x, step, count, start);
                start += stride;
            }
        }
}

mg_taps_walk mg_taps_walk_from(const mg_taps *taps, size_t first)
{
    const size_t *grid = taps->grid;
    const size_t rest = first / grid[WIDTH];
    const mg_taps_walk walk = {
        taps,
        rest / grid[HEIGHT] / grid[DEPTH],
        {rest / grid[HEIGHT] % grid[DEPTH], rest % grid[HEIGHT], first % grid[WIDTH]}};
    return walk;
}

size_t mg_taps_walk_run(const mg_taps_walk *walk, size_t count)
{
    const size_t left = walk->taps->grid[WIDTH] - walk->output[WIDTH];
    return left < count ? left : count;
}

void mg_taps_walk_on(mg_taps_walk *walk, size_t run)
{
    const size_t *grid = walk->taps->grid;
    walk->output[WIDTH] += run;
    if (walk->output[WIDTH] < grid[WIDTH]) return;
    walk->output[WIDTH] = 0;
    if (++walk->output[HEIGHT] < grid[HEIGHT]) return;
    walk->output[HEIGHT] = 0;
    if (++walk->output[DEPTH] < grid[DEPTH]) return;
    walk->output[DEPTH] = 0;
    walk->batch++;
}

void mg_taps_point(const void *argument, size_t first, size_t count, const void **start,
                   size_t stride)
{
    const mg_taps *taps = argument;
    mg_taps_walk walk = mg_taps_walk_from(taps, first);
    while (count > 0) {
        const size_t run = mg_taps_walk_run(&walk, count);
        point_run(taps, walk.batch, walk.output, run, start, stride);
        start += run;
        count -= run;
        mg_taps_walk_on(&walk, run);
    }
}
