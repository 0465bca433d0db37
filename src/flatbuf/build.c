/* SPDX-License-Identifier: Apache-2.0 */
#include "flatbuf/build.h"

#include <string.h>

#include "base/size.h"

/* A model has a few dozen different vtables. When the slots where one could be are all taken, it
 * drives another out, which then costs a few bytes when it is written again. */
enum { SLOTS = 256, PROBES = 8 };

midge_status mg_build_init(mg_build *build, mg_heap *heap, midge_error *error)
{
    void *slots = NULL;
    TRY(mg_heap_get_array(heap, SLOTS, sizeof(mg_build_vtable_slot), &slots, error));
    build->slots = slots;
    mg_build_restart(build, NULL);
    return MIDGE_OK;
}

void mg_build_free(mg_build *build, mg_heap *heap)
{
    mg_heap_release(heap, build->slots);
    build->slots = NULL;
}

void mg_build_restart(mg_build *build, void *bytes)
{
    build->bytes = bytes;
    build->size = 0;
    memset(build->slots, 0, SLOTS * sizeof *build->slots);
}

void mg_build_align(mg_build *build, uint64_t ahead, size_t alignment)
{
    uint64_t over = (build->size + ahead) % alignment;
    if (over != 0) mg_build_append(build, NULL, (size_t)(alignment - over));
}

uint64_t mg_build_append(mg_build *build, const void *from, size_t bytes)
{
    uint64_t position = build->size;
    build->size += bytes;
    if (build->bytes != NULL && bytes != 0) {
        if (from != NULL)
            memcpy(build->bytes + position, from, bytes);
        else
            memset(build->bytes + position, 0, bytes);
    }
    return position;
}

void mg_build_set(mg_build *build, uint64_t position, const void *from, size_t bytes)
{
    if (build->bytes != NULL) memcpy(build->bytes + position, from, bytes);
}

void mg_build_set_uint32(mg_build *build, uint64_t position, uint32_t value)
{
    mg_build_set(build, position, &value, sizeof value);
}

void mg_build_refer(mg_build *build, uint64_t position)
{
    mg_build_set_uint32(build, position, (uint32_t)(build->size - position));
}

static uint32_t hash_entries(const uint16_t *entries, size_t count)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < count; ++i) hash = (hash ^ entries[i]) * 16777619u;
    return hash ^ hash >> 16;
}

uint64_t mg_build_vtable(mg_build *build, const uint16_t entries[MG_BUILD_MAX_VTABLE])
{
    uint32_t home = hash_entries(entries, entries[0] / sizeof *entries);
    mg_build_vtable_slot *slot = NULL;
    for (uint32_t probe = 0; probe < PROBES; ++probe) {
        slot = &build->slots[(home + probe) % SLOTS];
        if (slot->position == 0) break;
        if (memcmp(slot->entries, entries, sizeof slot->entries) == 0) return slot->position;
    }
    mg_build_align(build, 0, sizeof *entries);
    slot->position = mg_build_append(build, entries, entries[0]);
    memcpy(slot->entries, entries, sizeof slot->entries);
    return slot->position;
}
