/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a FlatBuffer being laid out front to back: what refers comes before what it refers
 * to. The same calls are made twice. The first time `bytes` is NULL and only `size` grows; the
 * second time `bytes` has the room that the first time found to be needed. So the output takes one
 * allocation of the exact size, and no position can differ between the two.
 */
#ifndef MG_FLATBUF_BUILD_H
#define MG_FLATBUF_BUILD_H

#include "base/alloc.h"

/* Of one table. */
enum { MG_BUILD_MAX_FIELDS = 32, MG_BUILD_MAX_VTABLE = 2 + MG_BUILD_MAX_FIELDS };

/* Vtables written so far, found again by content. */
typedef struct mg_build_vtable_slot {
    uint64_t position; /* 0: empty */
    uint16_t entries[MG_BUILD_MAX_VTABLE];
} mg_build_vtable_slot;

typedef struct mg_build {
    uint8_t *bytes;
    uint64_t size;
    mg_build_vtable_slot *slots;
} mg_build;

midge_status mg_build_init(mg_build *build, mg_heap *heap, midge_error *error);
/* Frees everything but `bytes`. */
void mg_build_free(mg_build *build, mg_heap *heap);
/* Back to an empty output, to be written to `bytes`. */
void mg_build_restart(mg_build *build, void *bytes);

/* Pads with zeros until `ahead` bytes further on a multiple of `alignment` is reached. */
void mg_build_align(mg_build *build, uint64_t ahead, size_t alignment);
/* Appends; `from` NULL appends zeros. Returns where. */
uint64_t mg_build_append(mg_build *build, const void *from, size_t bytes);
/* Overwrites what was appended before. */
void mg_build_set(mg_build *build, uint64_t position, const void *from, size_t bytes);
void mg_build_set_uint32(mg_build *build, uint64_t position, uint32_t value);
/* Makes the four bytes at `position` refer to what will be appended next. */
void mg_build_refer(mg_build *build, uint64_t position);
/* Where a vtable of these entries is, appended if there is none yet. Entry 0 is its size in bytes,
 * and what is behind its end in `entries` is zero. */
uint64_t mg_build_vtable(mg_build *build, const uint16_t entries[MG_BUILD_MAX_VTABLE]);

#endif
