/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .tflite schema in C, made from tables.def and enums.def, and the way between files and
 * memory.
 *
 * For each table T there is a struct mg_T whose members have the schema's names.
 *
 *   - A scalar is a bool, int8_t, …; an omitted one has its default.
 *   - A string is a const char *, NULL when absent. It ends at its first NUL.
 *   - A vector of scalars is an mg_int32s, mg_bytes, …: items are NULL when it is absent, and not
 *     NULL when it is present and empty. A vector of tables, mg_T_vector, likewise.
 *   - A table is an mg_T *, NULL when absent.
 *   - A union is two members: uint8_t name_type, the tag, and void *name, the table that the tag
 *     says. The pointer is NULL when the value is absent or the tag is unknown to this schema. What
 *     comes with a tag of 0 is ignored.
 *
 * Nothing here says what is legal: numbers are as the file has them.
 */
#ifndef MG_SCHEMA_H
#define MG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/status.h"
#include "flatbuf/decode.h"
#include "flatbuf/describe.h"

/* ---- Enumerations */

#define ENUM(schema, name, PREFIX) \
    typedef enum mg_##name         \
    {
#define VALUE(PREFIX, NAME, number) MG_##PREFIX##_##NAME = number,
#define ENUM_END(schema, name, PREFIX) \
    }                                  \
    mg_##name;
#include "schema/enums.def"

/* The tags of the unions: MG_OPTIONS_Conv2DOptions, MG_DETAILS_…, MG_INDEX_VECTOR_…. */
enum {
    MG_OPTIONS_NONE = 0,
#define MEMBER(PREFIX, table, tag) MG_##PREFIX##_##table = tag,
#include "schema/enums.def"
};

enum { MG_BUILTIN_COUNT = MG_BUILTIN_STABLEHLO_CASE + 1 };

/* "CONV_2D"; "UNKNOWN" for a number outside the schema. */
const char *mg_builtin_name(int32_t code);

/* ---- Vectors of scalars */

typedef struct mg_bytes {
    const uint8_t *items;
    size_t count;
} mg_bytes;

/* Not 0 is true: bytes from a file need not be 0 or 1. */
typedef struct mg_bools {
    const uint8_t *items;
    size_t count;
} mg_bools;

typedef struct mg_uint16s {
    const uint16_t *items;
    size_t count;
} mg_uint16s;

typedef struct mg_int32s {
    const int32_t *items;
    size_t count;
} mg_int32s;

typedef struct mg_uint32s {
    const uint32_t *items;
    size_t count;
} mg_uint32s;

typedef struct mg_int64s {
    const int64_t *items;
    size_t count;
} mg_int64s;

typedef struct mg_floats {
    const float *items;
    size_t count;
} mg_floats;

/* ---- Tables */

#define BEGIN(table)                      \
    typedef struct mg_##table mg_##table; \
    typedef struct mg_##table##_vector {  \
        mg_##table *items;                \
        size_t count;                     \
    } mg_##table##_vector;
#define EMPTY(table) BEGIN(table)
#include "schema/tables.def"

#define MG_C_bool bool
#define MG_C_int8 int8_t
#define MG_C_int32 int32_t
#define MG_C_uint32 uint32_t
#define MG_C_int64 int64_t
#define MG_C_uint64 uint64_t
#define MG_C_float float

#define BEGIN(table) struct mg_##table {
#define END(table) \
    }              \
    ;
#define EMPTY(table)    \
    struct mg_##table { \
        char nothing;   \
    };
#define SCALAR(table, id, name, type, initial) MG_C_##type name;
#define CHOICE(table, id, name, type, enumeration, initial) MG_C_##type name;
#define STRING(table, id, name) const char *name;
#define VECTOR(table, id, name, type, alignment) mg_##type##s name;
#define TABLE(table, id, name, target) mg_##target *name;
#define TABLES(table, id, name, target) mg_##target##_vector name;
#define UNION(table, id, name, union_name) \
    uint8_t name##_type;                   \
    void *name;
#include "schema/tables.def"

/* ---- Descriptions */

/* Numbers of the tables, unions and enumerations in mg_schema_layout. */
enum {
#define BEGIN(table) MG_TABLE_##table,
#define EMPTY(table) MG_TABLE_##table,
#include "schema/tables.def"
    MG_TABLE_COUNT
};

enum {
#define UNION(union_name) MG_UNION_##union_name,
#include "schema/enums.def"
    MG_UNION_COUNT
};

enum {
#define ENUM(schema, name, PREFIX) MG_ENUM_##PREFIX,
#include "schema/enums.def"
    MG_ENUM_COUNT
};

extern const mg_layout mg_schema_layout;

/* Sets `value`, a struct of table number `table`, to all defaults and everything else absent. */
void mg_schema_defaults(unsigned table, void *value);

/* ---- Files */

/*
 * Checks the structure of a file completely and reads it in one pass. The model's structs lie in
 * `region`; strings, byte vectors and whatever else is aligned point into `bytes`, which must
 * outlive them. Bytes after the model are allowed. `limits` may be NULL.
 */
midge_status mg_schema_read(const void *bytes, size_t size, const mg_read_limits *limits,
                            mg_region *region, mg_Model **model, midge_error *error);

/*
 * Writes a model as a file in one block from `heap`, to be freed with mg_heap_release. Equal models
 * give equal bytes. Buffers are written one by one even when their contents are equal. A file holds
 * at most 2^31 - 1 bytes; what lies outside of the model (Buffer.offset) is not this function's.
 */
midge_status mg_schema_write(const mg_Model *model, mg_heap *heap, void **bytes, size_t *size,
                             midge_error *error);

#endif
