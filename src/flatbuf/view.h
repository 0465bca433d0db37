/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that nobody has checked, and reads from them at any alignment. Positions are 64-bit so that
 * adding an offset from the file to one cannot wrap on any host. */
#ifndef MG_FLATBUF_VIEW_H
#define MG_FLATBUF_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct mg_view {
    const uint8_t *bytes;
    uint64_t size;
} mg_view;

/* Whether `bytes` bytes from `position` on lie inside. */
static inline bool mg_view_holds(const mg_view *view, uint64_t position, uint64_t bytes)
{
    return position <= view->size && bytes <= view->size - position;
}

static inline const uint8_t *mg_view_at(const mg_view *view, uint64_t position)
{
    return view->bytes + (size_t)position;
}

/* The callers of these have asked mg_view_holds. */
static inline uint16_t mg_view_uint16(const mg_view *view, uint64_t position)
{
    uint16_t value;
    memcpy(&value, mg_view_at(view, position), sizeof value);
    return value;
}

static inline uint32_t mg_view_uint32(const mg_view *view, uint64_t position)
{
    uint32_t value;
    memcpy(&value, mg_view_at(view, position), sizeof value);
    return value;
}

static inline int32_t mg_view_int32(const mg_view *view, uint64_t position)
{
    int32_t value;
    memcpy(&value, mg_view_at(view, position), sizeof value);
    return value;
}

#endif
