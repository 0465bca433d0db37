/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting one block of scratch memory into aligned pieces. The same walk with base NULL measures
 * the block: then pieces are NULL and only `used` counts. */
#ifndef MG_SCRATCH_H
#define MG_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

enum { MG_SCRATCH_ALIGNMENT = 64 };

typedef struct mg_scratch {
    unsigned char *base; /* aligned to 64 */
    size_t used;         /* SIZE_MAX: too large */
} mg_scratch;

static inline void *mg_scratch_take(mg_scratch *scratch, size_t count, size_t element_bytes)
{
    size_t room = SIZE_MAX - MG_SCRATCH_ALIGNMENT;
    if (scratch->used == SIZE_MAX || count > (room - scratch->used) / element_bytes) {
        scratch->used = SIZE_MAX;
        return NULL;
    }
    void *piece = scratch->base != NULL ? scratch->base + scratch->used : NULL;
    size_t bytes = count * element_bytes + MG_SCRATCH_ALIGNMENT - 1;
    scratch->used += bytes & ~(size_t)(MG_SCRATCH_ALIGNMENT - 1);
    return piece;
}

#endif
