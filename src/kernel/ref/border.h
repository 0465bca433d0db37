/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dense tensor with a border around it: of one value, or of its own elements mirrored.
 *
 * Dimensions without a border at the end belong to the unit: bytes that always stay together. The
 * output is written in rows of the last dimension; any range of rows may be written alone.
 */
#ifndef MG_BORDER_H
#define MG_BORDER_H

#include <stddef.h>
#include <stdint.h>

enum { MG_BORDER_RANK = 8 };

typedef struct mg_border {
    int32_t rank;
    size_t unit; /* bytes */
    size_t before[MG_BORDER_RANK];
    size_t size[MG_BORDER_RANK]; /* of the input */
    size_t after[MG_BORDER_RANK];
} mg_border;

/* Starts with elements of `bytes` bytes; then the dimensions, the outermost first; then merge,
 * which leaves at least one dimension. */
void mg_border_begin(mg_border *border, size_t bytes);
void mg_border_dimension(mg_border *border, size_t before, size_t size, size_t after);
void mg_border_merge(mg_border *border);

size_t mg_border_rows(const mg_border *border);
size_t mg_border_row_bytes(const mg_border *border);

/* `value` is one element of `bytes` bytes. */
void mg_pad_rows(const mg_border *border, const void *source, const void *value, size_t bytes,
                 void *destination, size_t begin, size_t end);

/* `edge` 0: the mirror image starts with the element at the edge; 1: with the one next to it. No
 * border may be wider than size - edge. */
void mg_mirror_rows(const mg_border *border, size_t edge, const void *source, void *destination,
                    size_t begin, size_t end);

#endif
