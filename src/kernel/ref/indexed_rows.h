/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of elements that are found by indices. */
#ifndef MG_INDEXED_ROWS_H
#define MG_INDEXED_ROWS_H

#include "kernel/ref/number.h"

/* The first index that is outside 0 … limit - 1; `count` when there is none. */
size_t mg_first_outside(const mg_indices *indices, size_t count, size_t limit);

/*
 * Rows picked along one axis: the source is batches x outer x size rows, and for each batch there
 * are `positions` indices. Output row (b, o, j) is source row (b, o, index(b, j)).
 */
typedef struct mg_picked_rows {
    size_t batches;
    size_t outer;
    size_t size;
    size_t positions;
    mg_indices indices;
} mg_picked_rows;

/* The source row that an output row shows. All indices must have been checked. */
size_t mg_picked_row(const mg_picked_rows *picked, size_t output_row);

/* Output rows begin … end - 1 of `bytes` bytes. */
void mg_pick_rows(const mg_picked_rows *picked, const void *source, size_t bytes, void *destination,
                  size_t begin, size_t end);

/*
 * Rows addressed by several indices at once: address k is `depth` indices, into the first `depth`
 * dimensions of a tensor.
 */
typedef struct mg_addressed_rows {
    size_t depth;
    const int32_t *sizes; /* of the first `depth` dimensions */
    mg_indices indices;
} mg_addressed_rows;

/* The row that address k stands for; SIZE_MAX when it is outside. */
size_t mg_addressed_row(const mg_addressed_rows *addressed, size_t k);

#endif
