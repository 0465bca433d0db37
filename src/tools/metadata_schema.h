/* SPDX-License-Identifier: Apache-2.0 */
/* The model metadata schema in C, made from metadata_tables.def by the rules of schema/schema.h. */
#ifndef MG_METADATA_SCHEMA_H
#define MG_METADATA_SCHEMA_H

#include "schema/schema.h"

#define BEGIN(table)                      \
    typedef struct mg_##table mg_##table; \
    typedef struct mg_##table##_vector {  \
        mg_##table *items;                \
        size_t count;                     \
    } mg_##table##_vector;
#include "tools/metadata_tables.def"

#define BEGIN(table) struct mg_##table {
#define END(table) \
    }              \
    ;
#define SCALAR(table, id, name, type, initial) MG_C_##type name;
#define STRING(table, id, name) const char *name;
#define VECTOR(table, id, name, type, alignment) mg_##type##s name;
#define TABLE(table, id, name, target) mg_##target *name;
#define TABLES(table, id, name, target) mg_##target##_vector name;
#define UNION(table, id, name, union_name) \
    uint8_t name##_type;                   \
    void *name;
#include "tools/metadata_tables.def"

/* The tags of the unions. */
enum {
    MG_CONTENT_FeatureProperties = 1,
    MG_CONTENT_ImageProperties = 2,
    MG_CONTENT_BoundingBoxProperties = 3,
    MG_CONTENT_AudioProperties = 4,
    MG_PROCESS_UNIT_NormalizationOptions = 1
};

/* Checks and reads a whole block; the structs lie in `region` or point into `bytes`. */
midge_status mg_metadata_read(const void *bytes, size_t size, mg_region *region,
                              mg_ModelMetadata **metadata, midge_error *error);
/* The reverse; the block is the heap's. */
midge_status mg_metadata_write(const mg_ModelMetadata *metadata, mg_heap *heap, void **bytes,
                               size_t *size, midge_error *error);

#endif
