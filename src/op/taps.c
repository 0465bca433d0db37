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
                ptrdiff_t at = x;
                for (size_t r = 0; r < count; r++, at += step)
                    start[r] = line && at >= 0 && (size_t)at < taps->extent[WIDTH]
                                   ? line + (size_t)at * taps->pixel
                                   : taps->padding;
                start += stride;
            }
        }
}

void mg_taps_point(const void *argument, size_t first, size_t count, const void **start,
                   size_t stride)
{
    const mg_taps *taps = argument;
    const size_t *grid = taps->grid;
    size_t rest = first / grid[WIDTH];
    size_t output[3] = {rest / grid[HEIGHT] % grid[DEPTH], rest % grid[HEIGHT],
                        first % grid[WIDTH]};
    size_t batch = rest / grid[HEIGHT] / grid[DEPTH];
    while (count > 0) {
        size_t run = grid[WIDTH] - output[WIDTH];
        if (run > count) run = count;
        point_run(taps, batch, output, run, start, stride);
        start += run;
        count -= run;
        output[WIDTH] = 0;
        if (++output[HEIGHT] < grid[HEIGHT]) continue;
        output[HEIGHT] = 0;
        if (++output[DEPTH] < grid[DEPTH]) continue;
        output[DEPTH] = 0;
        batch++;
    }
}

bool mg_taps_need_padding(const mg_taps *taps)
{
    for (int d = 0; d < 3; d++) {
        const ptrdiff_t near = taps->origin[d];
        const ptrdiff_t outputs = (ptrdiff_t)(taps->grid[d] - 1) * taps->step[d];
        const ptrdiff_t reach = (ptrdiff_t)(taps->taps[d] - 1) * taps->spacing[d];
        const ptrdiff_t least = near + (reach < 0 ? reach : 0);
        const ptrdiff_t most = near + outputs + (reach > 0 ? reach : 0);
        if (taps->grid[d] > 0 && taps->taps[d] > 0 &&
            (least < 0 || most >= (ptrdiff_t)taps->extent[d]))
            return true;
    }
    return false;
}
