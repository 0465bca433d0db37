/* SPDX-License-Identifier: Apache-2.0 */
/* The only door to memory. A heap is an injected allocator with an account: what is live, what was
 * the peak, and a limit. A region hands out pieces that are all freed at once. */
#ifndef MG_ALLOC_H
#define MG_ALLOC_H

#include "base/status.h"

/* Every allocation is aligned to this: a cache line, and the widest vector. */
#define MG_ALIGNMENT 64

typedef struct mg_heap {
    midge_allocator allocator;
    size_t live;
    size_t peak;
    size_t limit; /* of `live`; SIZE_MAX for none */
} mg_heap;

/* The C library's aligned_alloc and free. */
extern const midge_allocator mg_library_allocator;

/* `allocator` NULL: mg_library_allocator. */
void mg_heap_init(mg_heap *heap, const midge_allocator *allocator, size_t limit);

/* NULL when the limit or the allocator refuses. 0 bytes give a valid pointer. */
void *mg_heap_allocate(mg_heap *heap, size_t bytes);
void mg_heap_release(mg_heap *heap, void *memory);

/* As mg_heap_allocate, but fails with a message that tells limit from exhaustion. */
midge_status mg_heap_get(mg_heap *heap, size_t bytes, void **memory, midge_error *error);
midge_status mg_heap_get_array(mg_heap *heap, size_t count, size_t element_bytes, void **memory,
                               midge_error *error);

/* Pieces of memory from growing blocks, zero-filled, aligned to 16; freed all at once. */
typedef struct mg_region {
    mg_heap *heap;
    struct mg_region_block *blocks;
    size_t used; /* of the newest block */
} mg_region;

void mg_region_init(mg_region *region, mg_heap *heap);
void mg_region_free(mg_region *region);
midge_status mg_region_get(mg_region *region, size_t bytes, void **memory, midge_error *error);
midge_status mg_region_get_array(mg_region *region, size_t count, size_t element_bytes,
                                 void **memory, midge_error *error);

#endif
