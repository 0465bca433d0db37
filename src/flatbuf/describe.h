/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flatbuf: FlatBuffers and FlexBuffers, knowing no particular schema. Hosts are little-endian.
 *
 * A schema is data: a layout lists tables, each table its fields, each field where it is in a file
 * (id), where in a C struct (offset), and what it is. One walker then reads any table (decode.h),
 * one writes it (encode.h), one prints it.
 */
#ifndef MG_FLATBUF_DESCRIBE_H
#define MG_FLATBUF_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum mg_scalar_type {
    MG_SCALAR_bool,
    MG_SCALAR_int8,
    MG_SCALAR_byte,
    MG_SCALAR_uint16,
    MG_SCALAR_int32,
    MG_SCALAR_uint32,
    MG_SCALAR_int64,
    MG_SCALAR_uint64,
    MG_SCALAR_float
} mg_scalar_type;

/* What a field is, and the member of the struct that holds it. */
typedef enum mg_field_kind {
    MG_FIELD_SCALAR, /* the C type of `scalar` */
    MG_FIELD_CHOICE, /* the same, with names in enumeration `target` */
    MG_FIELD_TAG,    /* uint8_t: the tag of the union that is the next field */
    MG_FIELD_STRING, /* const char * */
    MG_FIELD_VECTOR, /* mg_vector of scalars */
    MG_FIELD_TABLE,  /* pointer to the struct of table `target` */
    MG_FIELD_TABLES, /* mg_vector of structs of table `target` */
    MG_FIELD_UNION   /* pointer to the struct of a member of union `target` */
} mg_field_kind;

typedef struct mg_vector {
    const void *items; /* NULL: absent */
    size_t count;
} mg_vector;

typedef struct mg_field {
    const char *name;
    uint16_t offset; /* of the member in the struct */
    uint8_t id;      /* in the file */
    uint8_t kind;
    uint8_t scalar;    /* type of the scalar or of a vector's elements */
    uint8_t target;    /* number of a table, union or enumeration of the layout */
    uint8_t alignment; /* of a vector's first element in the file */
    int8_t initial;    /* of a scalar that the file omits */
} mg_field;

typedef struct mg_table {
    const char *name;
    uint16_t size;  /* of the struct */
    uint16_t first; /* its fields are layout->fields[first] … */
    uint16_t count;
} mg_table;

typedef struct mg_union {
    const char *name;
    const uint8_t *members; /* table number of tag 1, 2, … */
    size_t count;
} mg_union;

typedef struct mg_enumeration {
    const char *name;
    const char *const *names; /* of the values 0, 1, … */
    size_t count;
} mg_enumeration;

typedef struct mg_layout {
    const mg_table *tables;
    const mg_field *fields;
    const mg_union *unions;
    const mg_enumeration *enumerations;
} mg_layout;

/* Bytes of one element, in files and in structs alike. */
static inline size_t mg_scalar_bytes(unsigned type)
{
    static const uint8_t bytes[] = {1, 1, 1, 2, 4, 4, 8, 8, 4};
    return bytes[type];
}

bool mg_field_is_default(const mg_field *field, const void *member);

/* Sets `value`, a struct of table number `table` that is all zero, to its defaults. */
void mg_layout_set_defaults(const mg_layout *layout, unsigned table, void *value);

#endif
