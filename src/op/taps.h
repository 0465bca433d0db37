/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a filter touches its input: the geometry of convolutions as rows of a matrix.
 *
 * Outputs are numbered row by row over a grid [batch, depth, height, width]. Along dimension d,
 * tap t of output o touches input origin[d] + o * step[d] + t * spacing[d], or padding when that is
 * outside the input. Plain convolutions have step = stride, spacing = dilation; a transposed
 * convolution is one such geometry per phase, with step 1 and spacing -1.
 */
#ifndef MG_TAPS_H
#define MG_TAPS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct mg_taps {
    size_t batches;
    size_t grid[3]; /* outputs along depth, height, width */
    size_t taps[3];
    ptrdiff_t step[3];
    ptrdiff_t origin[3];
    ptrdiff_t spacing[3];
    size_t extent[3];    /* pixels of the input */
    size_t pixel;        /* bytes from pixel to pixel */
    const char *input;   /* first pixel of the first batch, or of its channel group */
    const void *padding; /* what a tap outside reads */
} mg_taps;

size_t mg_taps_rows(const mg_taps *taps);
size_t mg_taps_count(const mg_taps *taps);

/* Lines of the input from the first to the last tap of an output, and an input line as far as it is
 * inside: 0 … extent. Of the height. */
ptrdiff_t mg_taps_span(const mg_taps *taps);
size_t mg_taps_line_inside(const mg_taps *taps, ptrdiff_t line);

/* Pointers of outputs first … first + count - 1: that of tap t (in order of depth, height, width)
 * of output first + r goes to start[t * stride + r]. */
void mg_taps_point(const void *taps, size_t first, size_t count, const void **start, size_t stride);

/* Goes over outputs in order, in runs within one row of the grid. */
typedef struct mg_taps_walk {
    const mg_taps *taps;
    size_t batch;
    size_t output[3];
} mg_taps_walk;

mg_taps_walk mg_taps_walk_from(const mg_taps *taps, size_t first);

/* How many outputs are left in the row, at most `count`. */
size_t mg_taps_walk_run(const mg_taps_walk *walk, size_t count);

/* Goes on by `run` outputs, which end at the end of the row at the latest. */
void mg_taps_walk_on(mg_taps_walk *walk, size_t run);

#endif
