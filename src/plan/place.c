/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/place.h"

#include "base/size.h"

/* Placement takes quadratic time; beyond this many buffers, which no real network has, each gets
 * memory of its own. */
enum { MOST_SHARED = 20000 };

/* Larger first; of equal ones the earlier first. */
static bool goes_before(const mg_buffer *buffers, uint32_t a, uint32_t b)
{
    if (buffers[a].bytes != buffers[b].bytes) return buffers[a].bytes > buffers[b].bytes;
    if (buffers[a].first != buffers[b].first) return buffers[a].first < buffers[b].first;
    return a < b;
}

static void sift_down(const mg_buffer *buffers, uint32_t *order, size_t root, size_t count)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count) return;
        if (child + 1 < count && goes_before(buffers, order[child], order[child + 1])) ++child;
        if (!goes_before(buffers, order[root], order[child])) return;
        uint32_t held = order[root];
        order[root] = order[child];
        order[child] = held;
        root = child;
    }
}

/* Heap sort: in place, and no worse on chosen inputs. */
static void sort_by_size(const mg_buffer *buffers, uint32_t *order, size_t count)
{
    for (size_t i = 0; i < count; ++i) order[i] = (uint32_t)i;
    for (size_t i = count / 2; i-- > 0;) sift_down(buffers, order, i, count);
    for (size_t end = count; end-- > 1;) {
        uint32_t held = order[0];
        order[0] = order[end];
        order[end] = held;
        sift_down(buffers, order, 0, end);
    }
}

static bool lifetimes_touch(const mg_buffer *a, const mg_buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* `placed` lists buffers by rising offset. Returns the position where the new one keeps the order.
 */
static size_t find_gap(mg_buffer *buffers, const uint32_t *placed, size_t count, mg_buffer *buffer)
{
    size_t offset = 0, bytes;
    if (!mg_size_align(buffer->bytes, MG_ALIGNMENT, &bytes)) bytes = buffer->bytes;
    for (size_t i = 0; i < count; ++i) {
        const mg_buffer *other = &buffers[placed[i]];
        if (!lifetimes_touch(buffer, other)) continue;
        if (other->offset >= offset && other->offset - offset >= bytes) break;
        size_t end = other->offset + other->bytes;
        (void)mg_size_align(end, MG_ALIGNMENT, &end);
        if (end > offset) offset = end;
    }
    buffer->offset = offset;
    size_t position = count;
    while (position > 0 && buffers[placed[position - 1]].offset > offset) --position;
    return position;
}

static bool note_end(const mg_buffer *buffer, size_t *arena_bytes)
{
    size_t end;
    if (!mg_size_add(buffer->offset, buffer->bytes, &end) ||
        !mg_size_align(end, MG_ALIGNMENT, &end) || end > SIZE_MAX / 2)
        return false;
    if (end > *arena_bytes) *arena_bytes = end;
    return true;
}

static bool place_apart(mg_buffer *buffers, size_t count, size_t *arena_bytes)
{
    for (size_t i = 0; i < count; ++i) {
        buffers[i].offset = *arena_bytes;
        if (!note_end(&buffers[i], arena_bytes)) return false;
    }
    return true;
}

static bool place_shared(mg_buffer *buffers, uint32_t *order, uint32_t *placed, size_t count,
                         size_t *arena_bytes)
{
    sort_by_size(buffers, order, count);
    for (size_t i = 0; i < count; ++i) {
        size_t position = find_gap(buffers, placed, i, &buffers[order[i]]);
        for (size_t k = i; k > position; --k) placed[k] = placed[k - 1];
        placed[position] = order[i];
        if (!note_end(&buffers[order[i]], arena_bytes)) return false;
    }
    return true;
}

midge_status mg_place_buffers(mg_heap *heap, mg_buffer *buffers, size_t count, size_t *arena_bytes,
                              midge_error *error)
{
    size_t bytes = 0;
    bool fits;
    if (count > MOST_SHARED) {
        fits = place_apart(buffers, count, &bytes);
    } else {
        void *memory = NULL;
        TRY(mg_heap_get_array(heap, 2 * count, sizeof(uint32_t), &memory, error));
        uint32_t *order = memory;
        fits = place_shared(buffers, order, order + count, count, &bytes);
        mg_heap_release(heap, memory);
    }
    if (!fits)
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "the tensors' sizes pass the address space");
    *arena_bytes = bytes;
    return MIDGE_OK;
}
