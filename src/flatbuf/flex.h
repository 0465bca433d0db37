/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads FlexBuffers, the self-describing values in custom operators' options and composites'
 * attributes, from bytes that nobody has checked. A value is a small struct that is copied freely;
 * nothing is allocated, and every access is checked when it is made.
 *
 * A vector can contain itself: whoever descends into values of unknown shape has to count how deep.
 */
#ifndef MG_FLATBUF_FLEX_H
#define MG_FLATBUF_FLEX_H

#include "base/status.h"
#include "flatbuf/view.h"

typedef enum mg_flex_kind {
    MG_FLEX_NULL,
    MG_FLEX_INTEGER,
    MG_FLEX_UNSIGNED,
    MG_FLEX_REAL,
    MG_FLEX_BOOL,
    MG_FLEX_STRING, /* and keys */
    MG_FLEX_BLOB,
    MG_FLEX_VECTOR, /* of any element type */
    MG_FLEX_MAP
} mg_flex_kind;

typedef struct mg_flex {
    mg_view view;
    uint64_t position; /* of the value's slot: the value itself, or how far back it is */
    uint8_t slot_bytes;
    uint8_t type;        /* in the numbering of the format */
    uint8_t value_bytes; /* of one element, or of the length, at the place referred to */
} mg_flex;

/* The outermost value, which is found from the end of the bytes. */
midge_status mg_flex_open(const void *bytes, size_t size, mg_flex *root, midge_error *error);

mg_flex_kind mg_flex_kind_of(const mg_flex *value);

/* Elements of a vector or map; 0 for anything else. */
midge_status mg_flex_count(const mg_flex *value, size_t *count, midge_error *error);
/* Of a vector, or a map's value in the order of its keys. */
midge_status mg_flex_element(const mg_flex *vector, size_t index, mg_flex *element,
                             midge_error *error);
midge_status mg_flex_key(const mg_flex *map, size_t index, const char **key, midge_error *error);
/* A null value when there is no such key. */
midge_status mg_flex_find(const mg_flex *map, const char *key, mg_flex *value, midge_error *error);

/* Numbers of one kind are accepted for another when the value fits; fractions are cut off. */
midge_status mg_flex_int64(const mg_flex *value, int64_t *result, midge_error *error);
midge_status mg_flex_double(const mg_flex *value, double *result, midge_error *error);
midge_status mg_flex_bool(const mg_flex *value, bool *result, midge_error *error);
/* Strings and keys end with a NUL that `length` does not count. */
midge_status mg_flex_string(const mg_flex *value, const char **text, size_t *length,
                            midge_error *error);
midge_status mg_flex_blob(const mg_flex *value, const void **bytes, size_t *count,
                          midge_error *error);

/* Looks up and converts in one step, with the key in the message; *result keeps its value when the
 * map has no such key. */
midge_status mg_flex_find_int64(const mg_flex *map, const char *key, int64_t *result,
                                midge_error *error);
midge_status mg_flex_find_double(const mg_flex *map, const char *key, double *result,
                                 midge_error *error);
midge_status mg_flex_find_bool(const mg_flex *map, const char *key, bool *result,
                               midge_error *error);

#endif
