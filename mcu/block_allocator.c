/* SPDX-License-Identifier: Apache-2.0 */
/* The block is a row of pieces, each a header of 64 bytes and what follows it up to the next. */
#include "block_allocator.h"

enum { UNIT = 64 };

typedef struct piece {
    size_t bytes; /* header included; a multiple of UNIT */
    size_t used;
} piece;

static piece *piece_at(const block_allocator *allocator, size_t offset)
{
    return (piece *)(void *)(allocator->block + offset);
}

/* Joins the piece with free ones behind it. */
static void join(const block_allocator *allocator, size_t offset)
{
    piece *at = piece_at(allocator, offset);
    while (offset + at->bytes < allocator->bytes) {
        const piece *next = piece_at(allocator, offset + at->bytes);
        if (next->used) return;
        at->bytes += next->bytes;
    }
}

/* Makes a piece of `whole` bytes of a free one that is as large or larger. */
static void *take(block_allocator *allocator, size_t offset, size_t whole)
{
    piece *at = piece_at(allocator, offset);
    if (at->bytes > whole) {
        *piece_at(allocator, offset + whole) = (piece){at->bytes - whole, 0};
        at->bytes = whole;
    }
    at->used = 1;
    if (offset + whole > allocator->most) allocator->most = offset + whole;
    return allocator->block + offset + UNIT;
}

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    block_allocator *allocator = context;
    if (bytes > allocator->bytes || alignment > UNIT) return NULL;
    size_t whole = UNIT + (bytes + UNIT - 1) / UNIT * UNIT;
    for (size_t offset = 0; offset < allocator->bytes;) {
        const piece *at = piece_at(allocator, offset);
        if (!at->used) join(allocator, offset);
        if (!at->used && at->bytes >= whole) return take(allocator, offset, whole);
        offset += at->bytes;
    }
    return NULL;
}

static void release(void *context, void *memory, size_t bytes)
{
    (void)context;
    (void)bytes;
    if (memory != NULL) ((piece *)(void *)((unsigned char *)memory - UNIT))->used = 0;
}

midge_allocator block_allocator_begin(block_allocator *allocator, void *block, size_t bytes)
{
    *allocator = (block_allocator){block, bytes / UNIT * UNIT, 0};
    *piece_at(allocator, 0) = (piece){allocator->bytes, 0};
    return (midge_allocator){allocator, allocate, release};
}
