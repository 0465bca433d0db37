/* SPDX-License-Identifier: Apache-2.0 */
/* For each table: its vtable unless an equal one exists, the table with its scalars, then depth
 * first what it refers to. The layout of the bytes is drawn in decode.c. */
#include "flatbuf/encode.h"

#include <inttypes.h>
#include <string.h>

#include "flatbuf/build.h"

enum { MAX_DEPTH = 64 };

typedef struct writer_state {
    mg_build build;
    const mg_layout *layout;
    midge_error *error;
    unsigned depth;
} writer_state;

/* Where each field of one table goes. */
typedef struct arrangement {
    uint16_t vtable[MG_BUILD_MAX_VTABLE]; /* entry 2 + id: distance from the start, 0 for absent */
    unsigned bytes;                       /* of the table */
    size_t alignment;                     /* of its first field */
} arrangement;

/* `reference` is where the table is referred to from. */
static midge_status write_table(writer_state *writer, unsigned number, const unsigned char *value,
                                uint64_t reference);

static void *pointer_at(const unsigned char *member)
{
    void *pointer;
    memcpy(&pointer, member, sizeof pointer);
    return pointer;
}

static bool is_present(const mg_field *field, const unsigned char *value)
{
    const unsigned char *member = value + field->offset;
    if (field->kind <= MG_FIELD_TAG) return !mg_field_is_default(field, member);
    /* A vector begins with its pointer. */
    if (pointer_at(member) == NULL) return false;
    return field->kind != MG_FIELD_UNION || value[field[-1].offset] != 0;
}

static size_t inline_bytes(const mg_field *field)
{
    return field->kind <= MG_FIELD_TAG ? mg_scalar_bytes(field->scalar) : 4;
}

/* Widest first, so that nothing needs padding inside the table. */
static void arrange(const writer_state *writer, const mg_table *table, const unsigned char *value,
                    arrangement *result)
{
    const mg_field *fields = &writer->layout->fields[table->first];
    unsigned entries = 2;
    *result = (arrangement){.bytes = 4, .alignment = 1};
    for (size_t bytes = 8; bytes != 0; bytes /= 2) {
        for (unsigned i = 0; i < table->count; ++i) {
            if (inline_bytes(&fields[i]) != bytes || !is_present(&fields[i], value)) continue;
            unsigned entry = 2 + (unsigned)fields[i].id;
            result->vtable[entry] = (uint16_t)result->bytes;
            result->bytes += (unsigned)bytes;
            if (result->alignment < bytes) result->alignment = bytes;
            if (entries <= entry) entries = entry + 1;
        }
    }
    if (result->alignment < 4) result->alignment = 4;
    result->vtable[0] = (uint16_t)(entries * 2);
    result->vtable[1] = (uint16_t)result->bytes;
}

static midge_status too_large(const writer_state *writer, uint64_t bytes)
{
    return mg_fail(writer->error, MIDGE_LIMIT_EXCEEDED,
                   "%" PRIu64 " bytes would be needed, but a FlatBuffer holds at most %" PRIi32
                   ": constants have to lie outside of it",
                   bytes, INT32_MAX);
}

/* The bytes of all elements of a vector, refused before they could wrap the size of the output. */
static midge_status vector_bytes(const writer_state *writer, size_t count, size_t element_bytes,
                                 size_t *bytes)
{
    if (count > (size_t)INT32_MAX / element_bytes)
        return too_large(writer, (uint64_t)count * element_bytes);
    *bytes = count * element_bytes;
    return writer->build.size > INT32_MAX ? too_large(writer, writer->build.size) : MIDGE_OK;
}

/* Appends a vector's count so that its elements begin aligned, and refers to it from `reference`.
 */
static void begin_vector(writer_state *writer, uint64_t reference, size_t count, size_t alignment)
{
    uint32_t stored = (uint32_t)count;
    mg_build_align(&writer->build, sizeof stored, alignment);
    mg_build_refer(&writer->build, reference);
    mg_build_append(&writer->build, &stored, sizeof stored);
}

static midge_status write_string(writer_state *writer, const char *text, uint64_t reference)
{
    size_t bytes;
    size_t length = strlen(text);
    TRY(vector_bytes(writer, length, 1, &bytes));
    begin_vector(writer, reference, length, 4);
    mg_build_append(&writer->build, text, bytes + 1);
    return MIDGE_OK;
}

static midge_status write_vector(writer_state *writer, const mg_field *field,
                                 const unsigned char *member, uint64_t reference)
{
    mg_vector vector;
    memcpy(&vector, member, sizeof vector);
    size_t bytes;
    TRY(vector_bytes(writer, vector.count, mg_scalar_bytes(field->scalar), &bytes));
    begin_vector(writer, reference, vector.count, field->alignment);
    mg_build_append(&writer->build, vector.items, bytes);
    return MIDGE_OK;
}

static midge_status write_tables(writer_state *writer, const mg_field *field,
                                 const unsigned char *member, uint64_t reference)
{
    mg_vector vector;
    memcpy(&vector, member, sizeof vector);
    size_t bytes;
    TRY(vector_bytes(writer, vector.count, 4, &bytes));
    begin_vector(writer, reference, vector.count, 4);
    uint64_t element = mg_build_append(&writer->build, NULL, bytes);
    const unsigned char *value = vector.items;
    for (size_t i = 0; i < vector.count; ++i) {
        TRY(write_table(writer, field->target, value, element));
        element += 4;
        value += writer->layout->tables[field->target].size;
    }
    return MIDGE_OK;
}

static midge_status write_union(writer_state *writer, const mg_field *field, unsigned tag,
                                const unsigned char *value, uint64_t reference)
{
    const mg_union *members = &writer->layout->unions[field->target];
    if (tag > members->count)
        return mg_fail(writer->error, MIDGE_INVALID_ARGUMENT,
                       "%s: no member of union %s has the tag %u", field->name, members->name, tag);
    return write_table(writer, members->members[tag - 1], value, reference);
}

static midge_status write_field(writer_state *writer, const mg_field *field,
                                const unsigned char *value, uint64_t position)
{
    const unsigned char *member = value + field->offset;
    switch ((mg_field_kind)field->kind) {
    case MG_FIELD_SCALAR:
    case MG_FIELD_CHOICE:
    case MG_FIELD_TAG:
        mg_build_set(&writer->build, position, member, mg_scalar_bytes(field->scalar));
        return MIDGE_OK;
    case MG_FIELD_STRING: return write_string(writer, pointer_at(member), position);
    case MG_FIELD_VECTOR: return write_vector(writer, field, member, position);
    case MG_FIELD_TABLE: return write_table(writer, field->target, pointer_at(member), position);
    case MG_FIELD_TABLES: return write_tables(writer, field, member, position);
    default:
        return write_union(writer, field, value[field[-1].offset], pointer_at(member), position);
    }
}

static midge_status write_table(writer_state *writer, unsigned number, const unsigned char *value,
                                uint64_t reference)
{
    const mg_table *table = &writer->layout->tables[number];
    if (writer->depth >= MAX_DEPTH)
        return mg_fail(writer->error, MIDGE_LIMIT_EXCEEDED,
                       "%s: tables lie more than %d deep in each other", table->name, MAX_DEPTH);
    ++writer->depth;
    arrangement arranged;
    arrange(writer, table, value, &arranged);
    uint64_t vtable = mg_build_vtable(&writer->build, arranged.vtable);
    mg_build_align(&writer->build, 4, arranged.alignment);
    mg_build_refer(&writer->build, reference);
    uint64_t start = mg_build_append(&writer->build, NULL, arranged.bytes);
    mg_build_set_uint32(&writer->build, start, (uint32_t)(start - vtable));
    const mg_field *field = &writer->layout->fields[table->first];
    for (unsigned i = 0; i < table->count; ++i, ++field) {
        unsigned distance = arranged.vtable[2 + field->id];
        if (distance != 0) TRY(write_field(writer, field, value, start + distance));
    }
    --writer->depth;
    return writer->build.size > INT32_MAX ? too_large(writer, writer->build.size) : MIDGE_OK;
}

static midge_status write_all(writer_state *writer, const void *value, unsigned root,
                              const char *identifier)
{
    writer->depth = 0;
    uint64_t reference = mg_build_append(&writer->build, NULL, 4);
    mg_build_append(&writer->build, identifier, 4);
    return write_table(writer, root, value, reference);
}

static midge_status measure_and_write(writer_state *writer, const void *value, unsigned root,
                                      const char *identifier, mg_heap *heap, void **bytes,
                                      size_t *size)
{
    TRY(write_all(writer, value, root, identifier));
    size_t whole = (size_t)writer->build.size;
    void *memory = NULL;
    TRY(mg_heap_get(heap, whole, &memory, writer->error));
    mg_build_restart(&writer->build, memory);
    midge_status status = write_all(writer, value, root, identifier);
    if (status != MIDGE_OK) {
        mg_heap_release(heap, memory);
        return status;
    }
    *bytes = memory;
    *size = whole;
    return MIDGE_OK;
}

midge_status mg_encode(const void *value, const mg_layout *layout, unsigned root,
                       const char *identifier, mg_heap *heap, void **bytes, size_t *size,
                       midge_error *error)
{
    writer_state writer = {.layout = layout, .error = error};
    TRY(mg_build_init(&writer.build, heap, error));
    midge_status status = measure_and_write(&writer, value, root, identifier, heap, bytes, size);
    mg_build_free(&writer.build, heap);
    return status;
}
