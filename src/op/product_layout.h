/* SPDX-License-Identifier: Apache-2.0 */
/* How matrix products are cut for caches and threads. */
#ifndef MG_PRODUCT_LAYOUT_H
#define MG_PRODUCT_LAYOUT_H

#include "base/alloc.h"
#include "base/size.h"
#include "op/product.h"

#include <string.h>

enum {
    MG_DOT_ROWS = 4,            /* up to so many rows the dot kernels are faster than packing */
    MG_PRODUCT_GRAIN = 1 << 15, /* multiply-accumulates that are worth a thread */
    MG_MOST_POINTERS = 4096,    /* of a piece, unless it has the least tiles */
    MG_LEAST_PIECE_TILES = 16,
    MG_MOST_PIECE_TILES = 32
};

typedef struct mg_product_extent {
    size_t rows;
    size_t tile_rows;
    size_t segments;
    size_t row_bytes; /* of a row as the kernel reads it */
    size_t columns;
    size_t panel_columns;
    size_t panel_bytes;
    size_t depth;
} mg_product_extent;

typedef struct mg_product_layout {
    size_t rows;
    size_t panels;
    size_t group_panels; /* packed at once */
    size_t groups;
    size_t spans;      /* shares of the rows, for threads */
    size_t piece_rows; /* multiplied at once */
    size_t grain;      /* of mg_parallel_for over groups * spans */
} mg_product_layout;

void mg_product_cut(const mg_product_extent *extent, size_t group_bytes, size_t piece_bytes,
                    int workers, mg_product_layout *layout);

/* Bytes for the pointers of a piece, a multiple of the alignment. */
bool mg_product_pointers(const mg_product_layout *layout, size_t segments, size_t *bytes);

/* The first row of share `index` of `shares` even ones. */
static inline size_t mg_product_share(size_t rows, size_t shares, size_t index)
{
    const size_t whole = rows / shares, rest = rows % shares;
    return index * whole + (index < rest ? index : rest);
}

/* Columns of the panel that begins at `first`. */
static inline size_t mg_product_columns_left(const mg_columns *columns, size_t first,
                                             size_t panel_columns)
{
    return columns->count - first < panel_columns ? columns->count - first : panel_columns;
}

#endif
