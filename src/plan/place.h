/* SPDX-License-Identifier: Apache-2.0 */
/* Where in one arena the buffers of a network lie, so that those alive at the same time do not
 * overlap. */
#ifndef MG_PLACE_H
#define MG_PLACE_H

#include "base/alloc.h"

typedef struct mg_buffer {
    size_t bytes;
    int32_t first; /* the node that writes it first; -1: there before node 0 */
    int32_t last;  /* the node that reads it last */
    size_t offset; /* result, a multiple of MG_ALIGNMENT */
} mg_buffer;

/*
 * Fills the offsets and gives the size of the arena. Largest buffers first, each into the lowest
 * gap that fits among those already placed whose lifetimes touch its own. Source: Pisarchyk and
 * Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020.
 */
midge_status mg_place_buffers(mg_heap *heap, mg_buffer *buffers, size_t count, size_t *arena_bytes,
                              midge_error *error);

#endif
