/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include <string.h>

#include "base/size.h"

/* In front of each allocation; as large as the alignment so that what follows keeps it. */
typedef union header {
    size_t bytes; /* of the whole allocation, header included */
    unsigned char padding[MG_ALIGNMENT];
} header;

void mg_heap_init(mg_heap *heap, const midge_allocator *allocator, size_t limit)
{
    if (allocator == NULL) allocator = &mg_library_allocator;
    *heap = (mg_heap){.allocator = *allocator, .limit = limit};
}

void *mg_heap_allocate(mg_heap *heap, size_t bytes)
{
    size_t whole;
    if (!mg_size_add(bytes, sizeof(header), &whole)) return NULL;
    if (whole > heap->limit - heap->live) return NULL;
    header *start = heap->allocator.allocate(heap->allocator.context, whole, MG_ALIGNMENT);
    if (start == NULL) return NULL;
    start->bytes = whole;
    heap->live += whole;
    if (heap->live > heap->peak) heap->peak = heap->live;
    return start + 1;
}

void mg_heap_release(mg_heap *heap, void *memory)
{
    if (memory == NULL) return;
    header *start = (header *)memory - 1;
    size_t whole = start->bytes;
    heap->live -= whole;
    heap->allocator.release(heap->allocator.context, start, whole);
}

midge_status mg_heap_get(mg_heap *heap, size_t bytes, void **memory, midge_error *error)
{
    void *got = mg_heap_allocate(heap, bytes);
    size_t whole;
    if (got == NULL &&
        (!mg_size_add(bytes, sizeof(header), &whole) || whole > heap->limit - heap->live))
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED,
                       "memory limit: %zu bytes more would pass the limit of %zu (%zu in use)",
                       bytes, heap->limit, heap->live);
    if (got == NULL) return mg_fail_memory(error, bytes);
    *memory = got;
    return MIDGE_OK;
}

midge_status mg_heap_get_array(mg_heap *heap, size_t count, size_t element_bytes, void **memory,
                               midge_error *error)
{
    size_t bytes;
    if (!mg_size_multiply(count, element_bytes, &bytes))
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "%zu elements of %zu bytes are too many", count,
                       element_bytes);
    return mg_heap_get(heap, bytes, memory, error);
}

/* Blocks grow so that few are needed; large pieces get a block of their own. */
enum { FIRST_BLOCK = 4096, PIECE_ALIGNMENT = 16 };

typedef struct mg_region_block {
    _Alignas(PIECE_ALIGNMENT) struct mg_region_block *older;
    size_t capacity;
} mg_region_block;

void mg_region_init(mg_region *region, mg_heap *heap)
{
    *region = (mg_region){.heap = heap};
}

void mg_region_free(mg_region *region)
{
    while (region->blocks != NULL) {
        mg_region_block *older = region->blocks->older;
        mg_heap_release(region->heap, region->blocks);
        region->blocks = older;
    }
    region->used = 0;
}

static midge_status add_block(mg_region *region, size_t piece, midge_error *error)
{
    size_t capacity = region->blocks == NULL ? FIRST_BLOCK : region->blocks->capacity;
    if (region->blocks != NULL && capacity < (size_t)1 << 20) capacity *= 2;
    if (capacity < piece) capacity = piece;
    size_t whole;
    if (!mg_size_add(capacity, sizeof(mg_region_block), &whole))
        return mg_fail_memory(error, piece);
    void *memory = NULL;
    TRY(mg_heap_get(region->heap, whole, &memory, error));
    mg_region_block *block = memory;
    *block = (mg_region_block){.older = region->blocks, .capacity = capacity};
    region->blocks = block;
    region->used = 0;
    return MIDGE_OK;
}

midge_status mg_region_get(mg_region *region, size_t bytes, void **memory, midge_error *error)
{
    size_t piece;
    if (!mg_size_align(bytes, PIECE_ALIGNMENT, &piece)) return mg_fail_memory(error, bytes);
    if (region->blocks == NULL || piece > region->blocks->capacity - region->used)
        TRY(add_block(region, piece, error));
    *memory = (unsigned char *)(region->blocks + 1) + region->used;
    region->used += piece;
    memset(*memory, 0, piece);
    return MIDGE_OK;
}

midge_status mg_region_get_array(mg_region *region, size_t count, size_t element_bytes,
                                 void **memory, midge_error *error)
{
    size_t bytes;
    if (!mg_size_multiply(count, element_bytes, &bytes))
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "%zu elements of %zu bytes are too many", count,
                       element_bytes);
    return mg_region_get(region, bytes, memory, error);
}
