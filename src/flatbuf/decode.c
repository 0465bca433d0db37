/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table in a file:      position: int32 distance back to its vtable, then the fields
 *                         vtable:   uint16 its own bytes, uint16 bytes of the table, then for each
 *                                   field id the uint16 distance of the field from `position`, or 0
 * A reference:            uint32 distance forward from itself, never 0
 * A vector or string:     uint32 count, then the elements; a string has a NUL behind them
 */
#include "flatbuf/decode.h"

#include <inttypes.h>

#include "base/size.h"
#include "flatbuf/view.h"

typedef struct reader_state {
    mg_view view;
    const mg_layout *layout;
    mg_region *region;
    midge_error *error;
    unsigned depth; /* tables that the one being read lies in */
    unsigned depth_limit;
    uint32_t tables_left;
    uint64_t bytes_left;
} reader_state;

/* A table whose vtable and extent have been checked. */
typedef struct located {
    const mg_table *table;
    uint64_t position;
    uint64_t vtable;
    unsigned vtable_bytes;
    unsigned bytes;
} located;

static midge_status read_table(reader_state *reader, uint64_t position, unsigned number,
                               void *value);

static midge_status broken(const reader_state *reader, const located *in, const mg_field *field,
                           uint64_t position, const char *what)
{
    return mg_fail(reader->error, MIDGE_INVALID_MODEL, "%s.%s: %s (byte %" PRIu64 ")",
                   in->table->name, field->name, what, position);
}

static midge_status get_memory(reader_state *reader, uint64_t count, size_t element_bytes,
                               void **memory)
{
    uint64_t charge = (count * element_bytes + 15) & ~(uint64_t)15;
    if (charge > reader->bytes_left)
        return mg_fail(reader->error, MIDGE_LIMIT_EXCEEDED,
                       "the file unfolds to more memory than is allowed for its size");
    reader->bytes_left -= charge;
    return mg_region_get_array(reader->region, (size_t)count, element_bytes, memory, reader->error);
}

static midge_status locate(const reader_state *reader, uint64_t position, const mg_table *table,
                           located *result)
{
    const mg_view *view = &reader->view;
    if (!mg_view_holds(view, position, 4))
        return mg_fail(reader->error, MIDGE_INVALID_MODEL,
                       "%s: the table at byte %" PRIu64 " passes the end of the file", table->name,
                       position);
    /* A distance to before the file wraps to a position far behind it. */
    uint64_t vtable = position - (uint64_t)(int64_t)mg_view_int32(view, position);
    if (!mg_view_holds(view, vtable, 4))
        return mg_fail(reader->error, MIDGE_INVALID_MODEL,
                       "%s: the table at byte %" PRIu64 " has its vtable outside the file",
                       table->name, position);
    *result = (located){table, position, vtable, mg_view_uint16(view, vtable),
                        mg_view_uint16(view, vtable + 2)};
    if (result->vtable_bytes < 4 || result->vtable_bytes % 2 != 0 ||
        !mg_view_holds(view, result->vtable, result->vtable_bytes))
        return mg_fail(reader->error, MIDGE_INVALID_MODEL,
                       "%s: the table at byte %" PRIu64 " has a vtable of impossible size %u",
                       table->name, position, result->vtable_bytes);
    if (result->bytes < 4 || !mg_view_holds(view, position, result->bytes))
        return mg_fail(reader->error, MIDGE_INVALID_MODEL,
                       "%s: the table at byte %" PRIu64 " has an impossible size of %u",
                       table->name, position, result->bytes);
    return MIDGE_OK;
}

/* Where a field of `bytes` bytes lies, 0 when it is absent. */
static midge_status find_field(const reader_state *reader, const located *in, const mg_field *field,
                               size_t bytes, uint64_t *position)
{
    unsigned slot = 4 + 2 * (unsigned)field->id;
    unsigned offset = 0;
    if (slot < in->vtable_bytes) offset = mg_view_uint16(&reader->view, in->vtable + slot);
    *position = 0;
    if (offset == 0) return MIDGE_OK;
    if (offset < 4 || offset > in->bytes || bytes > in->bytes - offset)
        return broken(reader, in, field, in->vtable + slot, "the field lies outside its table");
    *position = in->position + offset;
    return MIDGE_OK;
}

/* Follows the reference at `position`. */
static midge_status follow(const reader_state *reader, const located *in, const mg_field *field,
                           uint64_t position, uint64_t *target)
{
    uint32_t distance = mg_view_uint32(&reader->view, position);
    if (distance == 0 || !mg_view_holds(&reader->view, position + distance, 4))
        return broken(reader, in, field, position, "the offset leads outside the file");
    *target = position + distance;
    return MIDGE_OK;
}

/* Follows the reference at `position` to a vector that lies in the file as a whole. */
static midge_status follow_to_vector(const reader_state *reader, const located *in,
                                     const mg_field *field, uint64_t position, size_t element_bytes,
                                     uint64_t *first, uint32_t *count)
{
    uint64_t target = 0;
    TRY(follow(reader, in, field, position, &target));
    *count = mg_view_uint32(&reader->view, target);
    *first = target + 4;
    if (mg_view_holds(&reader->view, *first, (uint64_t)*count * element_bytes)) return MIDGE_OK;
    return mg_fail(reader->error, MIDGE_INVALID_MODEL,
                   "%s.%s: the %s of %" PRIu32 " elements at byte %" PRIu64
                   " passes the end of the file",
                   in->table->name, field->name,
                   field->kind == MG_FIELD_STRING ? "string" : "vector", *count, target);
}

static midge_status read_scalar(const reader_state *reader, const located *in,
                                const mg_field *field, unsigned char *member)
{
    size_t bytes = mg_scalar_bytes(field->scalar);
    uint64_t position;
    TRY(find_field(reader, in, field, bytes, &position));
    if (position == 0) return MIDGE_OK;
    memcpy(member, mg_view_at(&reader->view, position), bytes);
    /* A bool in memory holds nothing but 0 and 1. */
    if (field->scalar == MG_SCALAR_bool) *member = *member != 0;
    return MIDGE_OK;
}

static midge_status read_string(const reader_state *reader, const located *in,
                                const mg_field *field, uint64_t position, unsigned char *member)
{
    uint64_t first;
    uint32_t length;
    TRY(follow_to_vector(reader, in, field, position, 1, &first, &length));
    if (!mg_view_holds(&reader->view, first + length, 1) ||
        *mg_view_at(&reader->view, first + length) != 0)
        return broken(reader, in, field, first + length, "the string does not end with a NUL");
    const char *text = (const char *)mg_view_at(&reader->view, first);
    memcpy(member, &text, sizeof text);
    return MIDGE_OK;
}

static midge_status read_vector(reader_state *reader, const located *in, const mg_field *field,
                                uint64_t position, unsigned char *member)
{
    size_t element_bytes = mg_scalar_bytes(field->scalar);
    uint64_t first;
    uint32_t count;
    TRY(follow_to_vector(reader, in, field, position, element_bytes, &first, &count));
    mg_vector vector = {mg_view_at(&reader->view, first), count};
    if ((uintptr_t)vector.items % element_bytes != 0) {
        void *copy = NULL;
        TRY(get_memory(reader, count, element_bytes, &copy));
        memcpy(copy, vector.items, count * element_bytes);
        vector.items = copy;
    }
    memcpy(member, &vector, sizeof vector);
    return MIDGE_OK;
}

static midge_status get_structs(reader_state *reader, uint32_t count, unsigned number,
                                void **memory)
{
    if (count > reader->tables_left)
        return mg_fail(reader->error, MIDGE_LIMIT_EXCEEDED,
                       "the file has more tables than the limit allows, at %" PRIu32 " of table %s",
                       count, reader->layout->tables[number].name);
    reader->tables_left -= count;
    return get_memory(reader, count, reader->layout->tables[number].size, memory);
}

static midge_status read_one(reader_state *reader, const located *in, const mg_field *field,
                             uint64_t position, unsigned number, unsigned char *member)
{
    uint64_t target = 0;
    void *value = NULL;
    TRY(follow(reader, in, field, position, &target));
    TRY(get_structs(reader, 1, number, &value));
    TRY(read_table(reader, target, number, value));
    memcpy(member, &value, sizeof value);
    return MIDGE_OK;
}

static midge_status read_tables(reader_state *reader, const located *in, const mg_field *field,
                                uint64_t position, unsigned char *member)
{
    uint64_t first;
    uint32_t count;
    TRY(follow_to_vector(reader, in, field, position, 4, &first, &count));
    void *items = NULL;
    TRY(get_structs(reader, count, field->target, &items));
    unsigned char *value = items;
    for (uint32_t i = 0; i < count; ++i) {
        uint64_t target = 0;
        TRY(follow(reader, in, field, first + (uint64_t)i * 4, &target));
        TRY(read_table(reader, target, field->target, value));
        value += reader->layout->tables[field->target].size;
    }
    mg_vector vector = {items, count};
    memcpy(member, &vector, sizeof vector);
    return MIDGE_OK;
}

/* The tag has been read: it is the field before. */
static midge_status read_union(reader_state *reader, const located *in, const mg_field *field,
                               uint64_t position, const unsigned char *tag, unsigned char *member)
{
    const mg_union *members = &reader->layout->unions[field->target];
    if (*tag == 0 || *tag > members->count) return MIDGE_OK;
    return read_one(reader, in, field, position, members->members[*tag - 1], member);
}

static midge_status read_field(reader_state *reader, const located *in, const mg_field *field,
                               unsigned char *value)
{
    unsigned char *member = value + field->offset;
    if (field->kind <= MG_FIELD_TAG) return read_scalar(reader, in, field, member);
    uint64_t position;
    TRY(find_field(reader, in, field, 4, &position));
    if (position == 0) return MIDGE_OK;
    switch ((mg_field_kind)field->kind) {
    case MG_FIELD_STRING: return read_string(reader, in, field, position, member);
    case MG_FIELD_VECTOR: return read_vector(reader, in, field, position, member);
    case MG_FIELD_TABLE: return read_one(reader, in, field, position, field->target, member);
    case MG_FIELD_TABLES: return read_tables(reader, in, field, position, member);
    default: return read_union(reader, in, field, position, value + field[-1].offset, member);
    }
}

static midge_status read_table(reader_state *reader, uint64_t position, unsigned number,
                               void *value)
{
    const mg_table *table = &reader->layout->tables[number];
    if (reader->depth >= reader->depth_limit)
        return mg_fail(reader->error, MIDGE_LIMIT_EXCEEDED,
                       "%s: tables lie more than %u deep in each other (byte %" PRIu64 ")",
                       table->name, reader->depth_limit, position);
    ++reader->depth;
    located in;
    TRY(locate(reader, position, table, &in));
    mg_layout_set_defaults(reader->layout, number, value);
    const mg_field *field = &reader->layout->fields[table->first];
    for (unsigned i = 0; i < table->count; ++i) TRY(read_field(reader, &in, field + i, value));
    --reader->depth;
    return MIDGE_OK;
}

static midge_status check_start(const mg_view *view, const char *identifier, midge_error *error)
{
    if (!mg_view_holds(view, 0, 8))
        return mg_fail(error, MIDGE_INVALID_MODEL,
                       "%" PRIu64 " bytes are too few: a model begins with 8", view->size);
    if (memcmp(view->bytes + 4, identifier, 4) == 0) return MIDGE_OK;
    char found[5] = "", shown[24];
    memcpy(found, view->bytes + 4, 4);
    return mg_fail(error, MIDGE_INVALID_MODEL,
                   "bytes 4 to 7 are \"%s\", but those of a model are \"%s\"",
                   mg_printable(found, shown, sizeof shown), identifier);
}

midge_status mg_decode(const void *bytes, size_t size, const char *identifier,
                       const mg_layout *layout, unsigned root, const mg_read_limits *limits,
                       mg_region *region, void **value, midge_error *error)
{
    static const mg_read_limits defaults = {0, 0, 0};
    if (limits == NULL) limits = &defaults;
    reader_state reader = {
        .view = {bytes, size},
        .layout = layout,
        .region = region,
        .error = error,
        .depth_limit = limits->depth != 0 ? limits->depth : 64,
        .tables_left = limits->tables != 0 ? limits->tables : 1000000,
        .bytes_left = limits->bytes != 0 ? limits->bytes : (uint64_t)size * 64,
    };
    TRY(check_start(&reader.view, identifier, error));
    uint32_t position = mg_view_uint32(&reader.view, 0);
    void *result = NULL;
    TRY(get_structs(&reader, 1, root, &result));
    TRY(read_table(&reader, position, root, result));
    *value = result;
    return MIDGE_OK;
}
