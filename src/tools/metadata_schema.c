/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/metadata_schema.h"

#include "flatbuf/encode.h"

enum {
#define BEGIN(table) TABLE_##table,
#include "tools/metadata_tables.def"
    TABLE_COUNT
};

enum { UNION_ContentProperties, UNION_ProcessUnitOptions };

/* fields[FIRST_T] up to fields[END_T - 1] are those of table T. */
enum {
#define BEGIN(table) FIRST_##table, BEFORE_##table = FIRST_##table - 1,
#define END(table) END_##table, AFTER_##table = END_##table - 1,
#define SCALAR(table, id, name, type, initial) PLACE_##table##_##name,
#define STRING(table, id, name) PLACE_##table##_##name,
#define VECTOR(table, id, name, type, alignment) PLACE_##table##_##name,
#define TABLE(table, id, name, target) PLACE_##table##_##name,
#define TABLES(table, id, name, target) PLACE_##table##_##name,
#define UNION(table, id, name, union_name) PLACE_##table##_##name##_type, PLACE_##table##_##name,
#include "tools/metadata_tables.def"
    FIELD_COUNT
};

#define AT(table, member) (uint16_t) offsetof(mg_##table, member)

static const mg_field fields[FIELD_COUNT] = {
#define SCALAR(table, id, name, type, initial) \
    {#name, AT(table, name), id, MG_FIELD_SCALAR, MG_SCALAR_##type, 0, 0, initial},
#define STRING(table, id, name) {#name, AT(table, name), id, MG_FIELD_STRING, 0, 0, 0, 0},
#define VECTOR(table, id, name, type, alignment) \
    {#name, AT(table, name), id, MG_FIELD_VECTOR, MG_SCALAR_##type, 0, alignment, 0},
#define TABLE(table, id, name, target) \
    {#name, AT(table, name), id, MG_FIELD_TABLE, 0, TABLE_##target, 0, 0},
#define TABLES(table, id, name, target) \
    {#name, AT(table, name), id, MG_FIELD_TABLES, 0, TABLE_##target, 0, 0},
#define UNION(table, id, name, union_name)                     \
    {#name "_type",  AT(table, name##_type), id, MG_FIELD_TAG, \
     MG_SCALAR_byte, UNION_##union_name,     0,  0},           \
        {#name, AT(table, name), (id) + 1, MG_FIELD_UNION, 0, UNION_##union_name, 0, 0},
#include "tools/metadata_tables.def"
};

static const mg_table tables[TABLE_COUNT] = {
#define BEGIN(table) {#table, sizeof(mg_##table), FIRST_##table, END_##table - FIRST_##table},
#include "tools/metadata_tables.def"
};

static const uint8_t contents[] = {TABLE_FeatureProperties, TABLE_ImageProperties,
                                   TABLE_BoundingBoxProperties, TABLE_AudioProperties};
static const uint8_t process_units[] = {TABLE_NormalizationOptions};

static const mg_union unions[] = {
    [UNION_ContentProperties] = {"ContentProperties", contents, sizeof contents},
    [UNION_ProcessUnitOptions] = {"ProcessUnitOptions", process_units, sizeof process_units},
};

static const mg_layout layout = {tables, fields, unions, NULL};

midge_status mg_metadata_read(const void *bytes, size_t size, mg_region *region,
                              mg_ModelMetadata **metadata, midge_error *error)
{
    void *value = NULL;
    TRY(mg_decode(bytes, size, "M001", &layout, TABLE_ModelMetadata, NULL, region, &value, error));
    *metadata = value;
    return MIDGE_OK;
}

midge_status mg_metadata_write(const mg_ModelMetadata *metadata, mg_heap *heap, void **bytes,
                               size_t *size, midge_error *error)
{
    return mg_encode(metadata, &layout, TABLE_ModelMetadata, "M001", heap, bytes, size, error);
}
