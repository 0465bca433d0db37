/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A convolution whose inputs have few channels, line by line: the pixels that one line of the
 * filter touches lie side by side, so they are one segment instead of one for each tap.
 *
 * Outputs at the left and right edge, whose lines hang over, read patches: copies of such lines
 * with their padding, made before the product. Lines above and below the input are all padding.
 */
#ifndef MG_LINES_H
#define MG_LINES_H

#include <stdint.h>

#include "op/taps.h"

typedef struct mg_lines {
    mg_taps taps;  /* spacing 1 along the width */
    size_t inside; /* outputs inside … outside - 1 of a row have their lines in the input */
    size_t outside;
    size_t edges;        /* the others: patches of an input line */
    size_t patch_bytes;  /* of one line of the filter */
    const char *patches; /* [input line][edge][patch_bytes] */
    const char *padding; /* patch_bytes of padding */
} mg_lines;

/* False when the sizes pass SIZE_MAX. */
bool mg_lines_describe(const mg_taps *taps, mg_lines *lines);

/* Bytes of patches and padding together. */
size_t mg_lines_bytes(const mg_lines *lines);

/* Fills `memory` with padding of bytes `zero`, and with the patches of input lines first … last
 * - 1.
 */
void mg_lines_fill_padding(mg_lines *lines, int zero, void *memory);
void mg_lines_fill(const mg_lines *lines, int zero, size_t first, size_t last);
size_t mg_lines_count(const mg_lines *lines);

/* As mg_taps_point, with segments for the lines of the filter. */
void mg_lines_point(const void *lines, size_t first, size_t count, const void **start,
                    size_t stride);

#endif
