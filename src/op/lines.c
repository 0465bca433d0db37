/* SPDX-License-Identifier: Apache-2.0 */
#include "op/lines.h"

#include <string.h>

#include "base/size.h"

enum { DEPTH, HEIGHT, WIDTH };

size_t mg_lines_count(const mg_lines *lines)
{
    const mg_taps *taps = &lines->taps;
    return taps->batches * taps->extent[DEPTH] * taps->extent[HEIGHT];
}

bool mg_lines_describe(const mg_taps *taps, mg_lines *lines)
{
    const ptrdiff_t step = taps->step[WIDTH], origin = taps->origin[WIDTH];
    const ptrdiff_t last = (ptrdiff_t)taps->extent[WIDTH] - (ptrdiff_t)taps->taps[WIDTH] - origin;
    const size_t grid = taps->grid[WIDTH];
    *lines = (mg_lines){0};
    lines->taps = *taps;
    lines->inside = origin < 0 ? (size_t)((-origin + step - 1) / step) : 0;
    lines->outside = last < 0 ? 0 : (size_t)(last / step) + 1;
    if (lines->inside > grid) lines->inside = grid;
    if (lines->outside > grid) lines->outside = grid;
    if (lines->outside < lines->inside) lines->outside = lines->inside;
    lines->edges = grid - (lines->outside - lines->inside);
    size_t bytes;
    return mg_size_multiply(taps->taps[WIDTH], taps->pixel, &lines->patch_bytes) &&
           mg_size_multiply(lines->patch_bytes, lines->edges + 1, &bytes) &&
           mg_size_multiply(bytes, mg_lines_count(lines) + 1, &bytes);
}

size_t mg_lines_bytes(const mg_lines *lines)
{
    return lines->patch_bytes * (1 + lines->edges * mg_lines_count(lines));
}

void mg_lines_fill_padding(mg_lines *lines, int zero, void *memory)
{
    memset(memory, zero, lines->patch_bytes);
    lines->padding = memory;
    lines->patches = (const char *)memory + lines->patch_bytes;
}

void mg_lines_fill(const mg_lines *lines, int zero, size_t first, size_t last)
{
    const mg_taps *taps = &lines->taps;
    const size_t pixel = taps->pixel;
    char *patch = (char *)lines->patches + first * lines->edges * lines->patch_bytes;
    for (size_t line = first; line < last; line++) {
        const char *in = taps->input + line * taps->extent[WIDTH] * pixel;
        for (size_t edge = 0; edge < lines->edges; edge++, patch += lines->patch_bytes) {
            const size_t output =
                edge < lines->inside ? edge : edge - lines->inside + lines->outside;
            const ptrdiff_t x = taps->origin[WIDTH] + (ptrdiff_t)output * taps->step[WIDTH];
            const ptrdiff_t end = x + (ptrdiff_t)taps->taps[WIDTH];
            const ptrdiff_t low = x < 0 ? 0 : x;
            const ptrdiff_t high =
                end > (ptrdiff_t)taps->extent[WIDTH] ? (ptrdiff_t)taps->extent[WIDTH] : end;
            memset(patch, zero, lines->patch_bytes);
            if (high > low)
                memcpy(patch + (size_t)(low - x) * pixel, in + (size_t)low * pixel,
                       (size_t)(high - low) * pixel);
        }
    }
}

/* Pointers of `count` neighbours along the width, the first at `output`, into one input line. */
static void point_line(const mg_lines *lines, size_t line, size_t output, size_t count,
                       const void **start)
{
    const mg_taps *taps = &lines->taps;
    const size_t step = (size_t)taps->step[WIDTH] * taps->pixel;
    const char *patches = lines->patches + line * lines->edges * lines->patch_bytes;
    const char *first = taps->input + line * taps->extent[WIDTH] * taps->pixel;
    const size_t end = output + count;
    for (; output < end && output < lines->inside; output++)
        *start++ = patches + output * lines->patch_bytes;
    const ptrdiff_t x = taps->origin[WIDTH] + (ptrdiff_t)output * taps->step[WIDTH];
    const char *at =
        output < lines->outside && output < end ? first + (size_t)x * taps->pixel : NULL;
    for (; output < end && output < lines->outside; output++, at += step) *start++ = at;
    for (; output < end; output++)
        *start++ = patches + (output - lines->outside + lines->inside) * lines->patch_bytes;
}

/* Pointers of a run of outputs within one row. */
static void point_run(const mg_lines *lines, size_t batch, const size_t output[3], size_t count,
                      const void **start, size_t stride)
{
    const mg_taps *taps = &lines->taps;
    ptrdiff_t z = taps->origin[DEPTH] + (ptrdiff_t)output[DEPTH] * taps->step[DEPTH];
    for (size_t i = 0; i < taps->taps[DEPTH]; i++, z += taps->spacing[DEPTH]) {
        ptrdiff_t y = taps->origin[HEIGHT] + (ptrdiff_t)output[HEIGHT] * taps->step[HEIGHT];
        for (size_t j = 0; j < taps->taps[HEIGHT]; j++, y += taps->spacing[HEIGHT]) {
            if (z >= 0 && (size_t)z < taps->extent[DEPTH] && y >= 0 &&
                (size_t)y < taps->extent[HEIGHT]) {
                const size_t plane = batch * taps->extent[DEPTH] + (size_t)z;
                point_line(lines, plane * taps->extent[HEIGHT] + (size_t)y, output[WIDTH], count,
                           start);
            } else {
                for (size_t r = 0; r < count; r++) start[r] = lines->padding;
            }
            start += stride;
        }
    }
}

void mg_lines_point(const void *argument, size_t first, size_t count, const void **start,
                    size_t stride)
{
    const mg_lines *lines = argument;
    mg_taps_walk walk = mg_taps_walk_from(&lines->taps, first);
    while (count > 0) {
        const size_t run = mg_taps_walk_run(&walk, count);
        point_run(lines, walk.batch, walk.output, run, start, stride);
        start += run;
        count -= run;
        mg_taps_walk_on(&walk, run);
    }
}
