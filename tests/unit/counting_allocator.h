/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator for tests: counts what is live, and refuses one allocation, or all from one on. */
#ifndef COUNTING_ALLOCATOR_H
#define COUNTING_ALLOCATOR_H

#include <stdlib.h>

#include "base/alloc.h"

typedef struct counting_allocator {
    size_t calls;
    size_t live;        /* allocations */
    size_t refuse_from; /* number of the first call to refuse, from 0; SIZE_MAX for none */
    size_t refuse_count;
} counting_allocator;

static inline void *counting_allocate(void *context, size_t bytes, size_t alignment)
{
    counting_allocator *counter = context;
    size_t call = counter->calls++;
    if (call >= counter->refuse_from && call - counter->refuse_from < counter->refuse_count)
        return NULL;
    void *memory = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory != NULL) ++counter->live;
    return memory;
}

static inline void counting_release(void *context, void *memory, size_t bytes)
{
    counting_allocator *counter = context;
    (void)bytes;
    --counter->live;
    free(memory);
}

/* A heap that refuses `count` allocations from the one numbered `from` on. */
static inline mg_heap counting_heap(counting_allocator *counter, size_t from, size_t count)
{
    *counter = (counting_allocator){.refuse_from = from, .refuse_count = count};
    midge_allocator allocator = {counter, counting_allocate, counting_release};
    mg_heap heap;
    mg_heap_init(&heap, &allocator, SIZE_MAX);
    return heap;
}

#endif
