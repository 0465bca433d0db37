/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator for midge over one block of memory that the program owns, for systems without a
 * heap: first fit, neighbours join when they are free. Not for several threads. */
#ifndef BLOCK_ALLOCATOR_H
#define BLOCK_ALLOCATOR_H

#include "midge.h"

typedef struct block_allocator {
    unsigned char *block;
    size_t bytes;
    size_t most; /* end of the farthest piece ever in use */
} block_allocator;

/* `block` must be aligned to 64; `allocator` outlives what it is used for. */
midge_allocator block_allocator_begin(block_allocator *allocator, void *block, size_t bytes);

#endif
