/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/indexed_rows.h"

#include <string.h>

size_t mg_first_outside(const mg_indices *indices, size_t count, size_t limit)
{
    for (size_t i = 0; i < count; ++i) {
        int64_t index = mg_indices_at(indices, i);
        if (index < 0 || (uint64_t)index >= limit) return i;
    }
    return count;
}

size_t mg_picked_row(const mg_picked_rows *picked, size_t output_row)
{
    size_t slab = output_row / picked->positions;
    size_t batch = slab / picked->outer;
    size_t at = batch * picked->positions + output_row % picked->positions;
    return slab * picked->size + (size_t)mg_indices_at(&picked->indices, at);
}

void mg_pick_rows(const mg_picked_rows *picked, const void *source, size_t bytes, void *destination,
                  size_t begin, size_t end)
{
    unsigned char *to = (unsigned char *)destination + begin * bytes;
    for (size_t row = begin; row < end; ++row, to += bytes)
        memcpy(to, (const unsigned char *)source + mg_picked_row(picked, row) * bytes, bytes);
}

size_t mg_addressed_row(const mg_addressed_rows *addressed, size_t k)
{
    size_t row = 0;
    for (size_t i = 0; i < addressed->depth; ++i) {
        int64_t index = mg_indices_at(&addressed->indices, k * addressed->depth + i);
        if (index < 0 || index >= addressed->sizes[i]) return SIZE_MAX;
        row = row * (size_t)addressed->sizes[i] + (size_t)index;
    }
    return row;
}
