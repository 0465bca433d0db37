/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/sparse.h"

#include <string.h>

static size_t unsigned_at(const void *items, size_t bytes, size_t i)
{
    if (bytes == 1) return ((const uint8_t *)items)[i];
    if (bytes == 2) return ((const uint16_t *)items)[i];
    return ((const uint32_t *)items)[i];
}

/* Where the walk stands in one level: children `next` … `end` - 1 of the current node are left. For
 * dense levels a child's number counts all nodes of the level, so `first` is that of coordinate 0.
 */
typedef struct place {
    size_t first, next, end;
    size_t offset; /* of the current node in the dense tensor */
} place;

static place enter(const mg_sparse_level *level, size_t node, size_t offset)
{
    if (level->index_bytes == 0)
        return (place){node * level->size, node * level->size, (node + 1) * level->size, offset};
    size_t first = unsigned_at(level->segments, level->segment_bytes, node);
    size_t end = unsigned_at(level->segments, level->segment_bytes, node + 1);
    return (place){first, first, end, offset};
}

void mg_unfold_sparse(const mg_sparse_level *levels, size_t level_count, const void *source,
                      size_t bytes, void *destination, size_t elements)
{
    place places[MG_SPARSE_LEVELS];
    size_t depth = 0;
    memset(destination, 0, elements * bytes);
    if (level_count == 0) {
        memcpy(destination, source, elements * bytes);
        return;
    }
    places[0] = enter(&levels[0], 0, 0);
    for (;;) {
        place *here = &places[depth];
        const mg_sparse_level *level = &levels[depth];
        if (here->next == here->end) {
            if (depth == 0) return;
            --depth;
            continue;
        }
        const size_t child = here->next++;
        const size_t coordinate = level->index_bytes == 0
                                      ? child - here->first
                                      : unsigned_at(level->indices, level->index_bytes, child);
        const size_t offset = here->offset + coordinate * level->step;
        if (depth + 1 < level_count) {
            ++depth;
            places[depth] = enter(&levels[depth], child, offset);
        } else {
            memcpy((unsigned char *)destination + offset * bytes,
                   (const unsigned char *)source + child * bytes, bytes);
        }
    }
}
