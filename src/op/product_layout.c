/* SPDX-License-Identifier: Apache-2.0 */
#include "op/product_layout.h"

static size_t at_least(size_t a, size_t b)
{
    return a < b ? b : a;
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

void mg_product_cut(const mg_product_extent *extent, size_t group_bytes, size_t piece_bytes,
                    int workers, mg_product_layout *layout)
{
    enum { SHARES_PER_WORKER = 4, SPAN_TILES = 4 };
    const size_t tile = extent->tile_rows;
    layout->rows = extent->rows;
    layout->panels = (extent->columns + extent->panel_columns - 1) / extent->panel_columns;
    layout->group_panels =
        at_least(at_most(group_bytes / at_least(extent->panel_bytes, 1), layout->panels), 1);

    const size_t by_bytes = piece_bytes / at_least(extent->row_bytes, 1);
    const size_t by_pointers = MG_MOST_POINTERS / at_least(extent->segments, 1);
    size_t tiles = at_most(at_most(by_bytes, by_pointers) / tile, MG_MOST_PIECE_TILES);
    layout->piece_rows =
        at_most(at_least(tiles, MG_LEAST_PIECE_TILES) * tile, at_least(extent->rows, 1));

    const size_t wanted = (size_t)workers * SHARES_PER_WORKER;
    const size_t row_work = at_least(extent->columns, 1) * at_least(extent->depth, 1);
    const size_t worth = at_least(MG_PRODUCT_GRAIN / row_work, SPAN_TILES * tile);
    const size_t most_spans = workers > 1 ? at_least(extent->rows / worth, 1) : 1;
    if (workers > 1) /* what the rows do not give, the columns must */
        layout->group_panels =
            at_least(at_most(layout->group_panels, layout->panels * most_spans / wanted), 1);
    layout->groups =
        at_least((layout->panels + layout->group_panels - 1) / layout->group_panels, 1);
    layout->spans = 1;
    layout->grain = 1;
    if (workers <= 1) return;
    if (layout->groups < wanted)
        layout->spans = at_most((wanted + layout->groups - 1) / layout->groups, most_spans);
    const size_t share_work = extent->rows / layout->spans * row_work / layout->groups;
    layout->grain = at_least(MG_PRODUCT_GRAIN / at_least(share_work, 1), 1);
}

bool mg_product_pointers(const mg_product_layout *layout, size_t segments, size_t *bytes)
{
    return mg_size_multiply(layout->piece_rows, segments, bytes) &&
           mg_size_multiply(*bytes, sizeof(void *), bytes) &&
           mg_size_align(*bytes, MG_ALIGNMENT, bytes);
}

void mg_dense_rows_point(const void *dense_rows, size_t first, size_t count, const void **start,
                         size_t stride)
{
    const mg_dense_rows *rows = dense_rows;
    const char *at = (const char *)rows->first + first * rows->row_bytes;
    (void)stride;
    for (size_t r = 0; r < count; r++, at += rows->row_bytes) start[r] = at;
}

size_t mg_placement_at(const mg_placement *placement, size_t row, size_t *run)
{
    const size_t *grid = placement->grid;
    const size_t x = row % grid[2];
    size_t rest = row / grid[2];
    *run = grid[2] - x;
    size_t offset = x * placement->step[3] + rest % grid[1] * placement->step[2];
    rest /= grid[1];
    return offset + rest % grid[0] * placement->step[1] + rest / grid[0] * placement->step[0];
}
