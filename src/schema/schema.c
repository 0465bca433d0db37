/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of tables.def and enums.def expanded once more, into the layout that the walkers of
 * flatbuf read. */
#include "schema/schema.h"

#include <string.h>

#include "flatbuf/build.h"
#include "flatbuf/encode.h"

/* fields[FIRST_T] up to fields[END_T - 1] are those of table T: counting the rows gives the places.
 */
enum {
#define BEGIN(table) FIRST_##table, BEFORE_##table = FIRST_##table - 1,
#define END(table) END_##table, AFTER_##table = END_##table - 1,
#define SCALAR(table, id, name, type, initial) PLACE_##table##_##name,
#define CHOICE(table, id, name, type, enumeration, initial) PLACE_##table##_##name,
#define STRING(table, id, name) PLACE_##table##_##name,
#define VECTOR(table, id, name, type, alignment) PLACE_##table##_##name,
#define TABLE(table, id, name, target) PLACE_##table##_##name,
#define TABLES(table, id, name, target) PLACE_##table##_##name,
#define UNION(table, id, name, union_name) PLACE_##table##_##name##_type, PLACE_##table##_##name,
#include "schema/tables.def"
    FIELD_COUNT
};

#define AT(table, member) (uint16_t) offsetof(mg_##table, member)

static const mg_field fields[FIELD_COUNT] = {
#define SCALAR(table, id, name, type, initial) \
    {#name, AT(table, name), id, MG_FIELD_SCALAR, MG_SCALAR_##type, 0, 0, initial},
#define CHOICE(table, id, name, type, enumeration, initial) \
    {#name,                                                 \
     AT(table, name),                                       \
     id,                                                    \
     MG_FIELD_CHOICE,                                       \
     MG_SCALAR_##type,                                      \
     MG_ENUM_##enumeration,                                 \
     0,                                                     \
     (int8_t)MG_##enumeration##_##initial},
#define STRING(table, id, name) {#name, AT(table, name), id, MG_FIELD_STRING, 0, 0, 0, 0},
#define VECTOR(table, id, name, type, alignment) \
    {#name, AT(table, name), id, MG_FIELD_VECTOR, MG_SCALAR_##type, 0, alignment, 0},
#define TABLE(table, id, name, target) \
    {#name, AT(table, name), id, MG_FIELD_TABLE, 0, MG_TABLE_##target, 0, 0},
#define TABLES(table, id, name, target) \
    {#name, AT(table, name), id, MG_FIELD_TABLES, 0, MG_TABLE_##target, 0, 0},
#define UNION(table, id, name, union_name)                     \
    {#name "_type",  AT(table, name##_type), id, MG_FIELD_TAG, \
     MG_SCALAR_byte, MG_UNION_##union_name,  0,  0},           \
        {#name, AT(table, name), (id) + 1, MG_FIELD_UNION, 0, MG_UNION_##union_name, 0, 0},
#include "schema/tables.def"
};

static const mg_table tables[MG_TABLE_COUNT] = {
#define BEGIN(table) {#table, sizeof(mg_##table), FIRST_##table, END_##table - FIRST_##table},
#define EMPTY(table) {#table, sizeof(mg_##table), 0, 0},
#include "schema/tables.def"
};

#define UNION(union_name) static const uint8_t members_##union_name[] = {
#define MEMBER(PREFIX, table, tag) [(tag)-1] = MG_TABLE_##table,
#define UNION_END(union_name) \
    }                         \
    ;
#include "schema/enums.def"

static const mg_union unions[MG_UNION_COUNT] = {
#define UNION(union_name) {#union_name, members_##union_name, sizeof members_##union_name},
#include "schema/enums.def"
};

#define ENUM(schema, name, PREFIX) static const char *const names_##name[] = {
#define VALUE(PREFIX, NAME, number) [number] = #NAME,
#define ENUM_END(schema, name, PREFIX) \
    }                                  \
    ;
#include "schema/enums.def"

static const mg_enumeration enumerations[MG_ENUM_COUNT] = {
#define ENUM(schema, name, PREFIX) \
    {#schema, names_##name, sizeof names_##name / sizeof names_##name[0]},
#include "schema/enums.def"
};

/* The widest tables fit what the writer arranges at once. */
#define SCALAR(table, id, name, type, initial) _Static_assert((id) < MG_BUILD_MAX_FIELDS, #name);
#define VECTOR(table, id, name, type, alignment) _Static_assert((id) < MG_BUILD_MAX_FIELDS, #name);
#include "schema/tables.def"

_Static_assert(MG_TABLE_COUNT <= UINT8_MAX,
               "mg_field.target and mg_union.members hold table numbers");

const mg_layout mg_schema_layout = {tables, fields, unions, enumerations};

const char *mg_builtin_name(int32_t code)
{
    return code >= 0 && code < MG_BUILTIN_COUNT ? names_builtin[code] : "UNKNOWN";
}

void mg_schema_defaults(unsigned table, void *value)
{
    memset(value, 0, tables[table].size);
    mg_layout_set_defaults(&mg_schema_layout, table, value);
}

static const char identifier[] = "TFL3";

midge_status mg_schema_read(const void *bytes, size_t size, const mg_read_limits *limits,
                            mg_region *region, mg_Model **model, midge_error *error)
{
    void *value = NULL;
    TRY(mg_decode(bytes, size, identifier, &mg_schema_layout, MG_TABLE_Model, limits, region,
                  &value, error));
    *model = value;
    return MIDGE_OK;
}

midge_status mg_schema_write(const mg_Model *model, mg_heap *heap, void **bytes, size_t *size,
                             midge_error *error)
{
    return mg_encode(model, &mg_schema_layout, MG_TABLE_Model, identifier, heap, bytes, size,
                     error);
}
