/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the end of the bytes: 1 byte width of the root's slot, 1 byte packed type, the slot before
 * it. A packed type is type * 4 + log2 of value_bytes. A slot holds a number directly (INT, UINT,
 * FLOAT, BOOL) or the distance back to where it is.
 *
 *   string, blob     length | the bytes (and a NUL)
 *   typed vector     length | the elements' slots
 *   vector           length | the elements' slots | one packed type for each
 *   map              distance back to the keys | width of the keys' slots | as a vector
 *
 * Each of those before a "|" takes value_bytes, and a value's place is that of what follows its
 * length. The keys are a typed vector of keys, which are bytes up to a NUL. Vectors of 2, 3 or 4
 * numbers have no length.
 */
#include "flatbuf/flex.h"

#include <inttypes.h>

enum {
    TYPE_NULL,
    TYPE_INT,
    TYPE_UINT,
    TYPE_FLOAT,
    TYPE_KEY,
    TYPE_STRING,
    TYPE_INDIRECT_INT,
    TYPE_INDIRECT_UINT,
    TYPE_INDIRECT_FLOAT,
    TYPE_MAP,
    TYPE_VECTOR,
    TYPE_VECTOR_INT,
    TYPE_VECTOR_UINT,
    TYPE_VECTOR_FLOAT,
    TYPE_VECTOR_KEY,
    TYPE_VECTOR_STRING, /* its strings' lengths are one byte each */
    TYPE_VECTOR_INT2,   /* then UINT2, FLOAT2, INT3, … FLOAT4 */
    TYPE_VECTOR_FLOAT4 = TYPE_VECTOR_INT2 + 8,
    TYPE_BLOB,
    TYPE_BOOL,
    TYPE_VECTOR_BOOL = 36
};

/* A checked place: `count` elements of `value_bytes` from `position` on. */
typedef struct extent {
    uint64_t position;
    uint64_t count;
} extent;

static midge_status outside(const mg_flex *value, midge_error *error)
{
    return mg_fail(error, MIDGE_INVALID_MODEL,
                   "FlexBuffer: the value at byte %" PRIu64 " of %" PRIu64
                   " refers to something outside",
                   value->position, value->view.size);
}

static midge_status mistyped(const mg_flex *value, const char *wanted, midge_error *error)
{
    static const char *const names[] = {"null",     "an integer", "an integer",
                                        "a number", "a bool",     "a string",
                                        "a blob",   "a vector",   "a map"};
    return mg_fail(error, MIDGE_INVALID_MODEL, "FlexBuffer: %s is found where %s is expected",
                   names[mg_flex_kind_of(value)], wanted);
}

static uint64_t load_unsigned(const mg_view *view, uint64_t position, unsigned bytes)
{
    uint64_t value = 0;
    memcpy(&value, mg_view_at(view, position), bytes);
    return value;
}

static int64_t load_signed(const mg_view *view, uint64_t position, unsigned bytes)
{
    unsigned unused = 64 - 8 * bytes;
    uint64_t value = load_unsigned(view, position, bytes);
    uint64_t sign = UINT64_C(1) << (8 * bytes - 1);
    return unused == 0 ? (int64_t)value : (int64_t)(value ^ sign) - (int64_t)sign;
}

/* A slot of any width, given that it lies inside. */
static void make_value(const mg_view *view, uint64_t position, unsigned slot_bytes, unsigned packed,
                       mg_flex *value)
{
    *value = (mg_flex){.view = *view,
                       .position = position,
                       .slot_bytes = (uint8_t)slot_bytes,
                       .type = (uint8_t)(packed >> 2),
                       .value_bytes = (uint8_t)(1u << (packed & 3))};
}

midge_status mg_flex_open(const void *bytes, size_t size, mg_flex *root, midge_error *error)
{
    mg_view view = {bytes, size};
    if (size < 3)
        return mg_fail(error, MIDGE_INVALID_MODEL, "FlexBuffer: %zu bytes are too few", size);
    unsigned width = view.bytes[size - 1];
    if ((width != 1 && width != 2 && width != 4 && width != 8) || size < width + 2u)
        return mg_fail(error, MIDGE_INVALID_MODEL,
                       "FlexBuffer: the last byte, %u, is no width of a value in %zu bytes", width,
                       size);
    make_value(&view, size - 2 - width, width, view.bytes[size - 2], root);
    return MIDGE_OK;
}

mg_flex_kind mg_flex_kind_of(const mg_flex *value)
{
    switch (value->type) {
    case TYPE_INT:
    case TYPE_INDIRECT_INT: return MG_FLEX_INTEGER;
    case TYPE_UINT:
    case TYPE_INDIRECT_UINT: return MG_FLEX_UNSIGNED;
    case TYPE_FLOAT:
    case TYPE_INDIRECT_FLOAT: return MG_FLEX_REAL;
    case TYPE_BOOL: return MG_FLEX_BOOL;
    case TYPE_KEY:
    case TYPE_STRING: return MG_FLEX_STRING;
    case TYPE_BLOB: return MG_FLEX_BLOB;
    case TYPE_MAP: return MG_FLEX_MAP;
    default: break;
    }
    bool vector = (value->type >= TYPE_VECTOR && value->type <= TYPE_VECTOR_FLOAT4) ||
                  value->type == TYPE_VECTOR_BOOL;
    return vector ? MG_FLEX_VECTOR : MG_FLEX_NULL;
}

/* Follows the distance in the slot back to where the value is. */
static midge_status follow(const mg_flex *value, uint64_t *position, midge_error *error)
{
    uint64_t distance = load_unsigned(&value->view, value->position, value->slot_bytes);
    if (distance > value->position) return outside(value, error);
    *position = value->position - distance;
    return MIDGE_OK;
}

/* Follows a slot to something with a length in front of it. */
static midge_status follow_to_extent(const mg_flex *value, unsigned element_bytes, extent *result,
                                     midge_error *error)
{
    TRY(follow(value, &result->position, error));
    if (result->position < value->value_bytes) return outside(value, error);
    result->count =
        load_unsigned(&value->view, result->position - value->value_bytes, value->value_bytes);
    uint64_t room = value->view.size - result->position;
    return result->count <= room / element_bytes ? MIDGE_OK : outside(value, error);
}

/* Of a vector with or without a length, or of a map. */
static midge_status find_elements(const mg_flex *vector, extent *result, midge_error *error)
{
    mg_flex_kind kind = mg_flex_kind_of(vector);
    if (kind != MG_FLEX_VECTOR && kind != MG_FLEX_MAP) return mistyped(vector, "a vector", error);
    if (vector->type >= TYPE_VECTOR_INT2 && vector->type <= TYPE_VECTOR_FLOAT4) {
        TRY(follow(vector, &result->position, error));
        result->count = 2u + (vector->type - TYPE_VECTOR_INT2) / 3u;
        bool holds =
            mg_view_holds(&vector->view, result->position, result->count * vector->value_bytes);
        return holds ? MIDGE_OK : outside(vector, error);
    }
    bool typed = vector->type != TYPE_VECTOR && vector->type != TYPE_MAP;
    return follow_to_extent(vector, vector->value_bytes + (typed ? 0u : 1u), result, error);
}

midge_status mg_flex_count(const mg_flex *value, size_t *count, midge_error *error)
{
    extent elements = {0, 0};
    mg_flex_kind kind = mg_flex_kind_of(value);
    if (kind == MG_FLEX_VECTOR || kind == MG_FLEX_MAP) TRY(find_elements(value, &elements, error));
    *count = (size_t)elements.count;
    return MIDGE_OK;
}

/* The packed type of an element. Values that elements of typed vectors refer to have lengths of one
 * byte. */
static unsigned element_type(const mg_flex *vector, const extent *elements, uint64_t index)
{
    unsigned type = vector->type;
    if (type == TYPE_VECTOR || type == TYPE_MAP)
        return *mg_view_at(&vector->view,
                           elements->position + elements->count * vector->value_bytes + index);
    if (type == TYPE_VECTOR_BOOL) return TYPE_BOOL << 2;
    if (type >= TYPE_VECTOR_INT2) return (TYPE_INT + (type - TYPE_VECTOR_INT2) % 3) << 2;
    return (TYPE_INT + (type - TYPE_VECTOR_INT)) << 2;
}

static midge_status no_element(const extent *elements, size_t index, midge_error *error)
{
    return mg_fail(error, MIDGE_INVALID_MODEL,
                   "FlexBuffer: element %zu is asked of a vector of %" PRIu64, index,
                   elements->count);
}

midge_status mg_flex_element(const mg_flex *vector, size_t index, mg_flex *element,
                             midge_error *error)
{
    extent elements = {0, 0};
    TRY(find_elements(vector, &elements, error));
    if (index >= elements.count) return no_element(&elements, index, error);
    make_value(&vector->view, elements.position + index * vector->value_bytes, vector->value_bytes,
               element_type(vector, &elements, index), element);
    return MIDGE_OK;
}

/* The vector of a map's keys. */
static midge_status find_keys(const mg_flex *map, mg_flex *keys, midge_error *error)
{
    extent elements = {0, 0};
    if (map->type != TYPE_MAP) return mistyped(map, "a map", error);
    TRY(find_elements(map, &elements, error));
    if (elements.position < 3u * map->value_bytes) return outside(map, error);
    uint64_t width =
        load_unsigned(&map->view, elements.position - 2u * map->value_bytes, map->value_bytes);
    if (width != 1 && width != 2 && width != 4 && width != 8) return outside(map, error);
    make_value(&map->view, elements.position - 3u * map->value_bytes, map->value_bytes,
               TYPE_VECTOR_KEY << 2, keys);
    keys->value_bytes = (uint8_t)width;
    return MIDGE_OK;
}

midge_status mg_flex_key(const mg_flex *map, size_t index, const char **key, midge_error *error)
{
    mg_flex keys, found;
    size_t length;
    TRY(find_keys(map, &keys, error));
    TRY(mg_flex_element(&keys, index, &found, error));
    return mg_flex_string(&found, key, &length, error);
}

midge_status mg_flex_find(const mg_flex *map, const char *key, mg_flex *value, midge_error *error)
{
    mg_flex keys, name;
    extent names = {0, 0};
    TRY(find_keys(map, &keys, error));
    TRY(find_elements(&keys, &names, error));
    /* Looks at no more of a name than `key` is long: many names may share one long text. */
    size_t bytes = strlen(key) + 1;
    for (size_t i = 0; i < names.count; ++i) {
        uint64_t position = 0;
        TRY(mg_flex_element(&keys, i, &name, error));
        TRY(follow(&name, &position, error));
        if (mg_view_holds(&map->view, position, bytes) &&
            memcmp(mg_view_at(&map->view, position), key, bytes) == 0)
            return mg_flex_element(map, i, value, error);
    }
    make_value(&map->view, 0, 1, TYPE_NULL, value);
    return MIDGE_OK;
}

/* Where a number lies and how wide it is there. */
static midge_status find_number(const mg_flex *value, uint64_t *position, unsigned *bytes,
                                midge_error *error)
{
    bool indirect = value->type >= TYPE_INDIRECT_INT && value->type <= TYPE_INDIRECT_FLOAT;
    *position = value->position;
    *bytes = indirect ? value->value_bytes : value->slot_bytes;
    if (indirect) TRY(follow(value, position, error));
    return mg_view_holds(&value->view, *position, *bytes) ? MIDGE_OK : outside(value, error);
}

static midge_status load_real(const mg_flex *value, double *result, midge_error *error)
{
    uint64_t position = 0;
    unsigned bytes = 0;
    float single;
    TRY(find_number(value, &position, &bytes, error));
    if (bytes == sizeof *result) {
        memcpy(result, mg_view_at(&value->view, position), sizeof *result);
        return MIDGE_OK;
    }
    if (bytes != sizeof single)
        return mg_fail(error, MIDGE_INVALID_MODEL,
                       "FlexBuffer: a floating-point number of %u bytes", bytes);
    memcpy(&single, mg_view_at(&value->view, position), sizeof single);
    *result = (double)single;
    return MIDGE_OK;
}

/* The bits of an integer or bool of any width, extended to 64 by its sign if it has one. */
static midge_status load_integer(const mg_flex *value, uint64_t *result, midge_error *error)
{
    uint64_t position = 0;
    unsigned bytes = 0;
    TRY(find_number(value, &position, &bytes, error));
    *result = mg_flex_kind_of(value) == MG_FLEX_INTEGER
                  ? (uint64_t)load_signed(&value->view, position, bytes)
                  : load_unsigned(&value->view, position, bytes);
    return MIDGE_OK;
}

midge_status mg_flex_int64(const mg_flex *value, int64_t *result, midge_error *error)
{
    mg_flex_kind kind = mg_flex_kind_of(value);
    if (kind == MG_FLEX_REAL) {
        double real = 0;
        TRY(load_real(value, &real, error));
        if (!(real >= -9223372036854775808.0 && real < 9223372036854775808.0))
            return mg_fail(error, MIDGE_INVALID_MODEL, "FlexBuffer: %g is no integer of 64 bits",
                           real);
        *result = (int64_t)real;
        return MIDGE_OK;
    }
    if (kind != MG_FLEX_INTEGER && kind != MG_FLEX_UNSIGNED && kind != MG_FLEX_BOOL)
        return mistyped(value, "an integer", error);
    uint64_t bits = 0;
    TRY(load_integer(value, &bits, error));
    if (kind == MG_FLEX_UNSIGNED && bits > INT64_MAX)
        return mg_fail(error, MIDGE_INVALID_MODEL,
                       "FlexBuffer: %" PRIu64 " is no signed integer of 64 bits", bits);
    *result = (int64_t)bits;
    return MIDGE_OK;
}

midge_status mg_flex_double(const mg_flex *value, double *result, midge_error *error)
{
    mg_flex_kind kind = mg_flex_kind_of(value);
    if (kind == MG_FLEX_REAL) return load_real(value, result, error);
    if (kind != MG_FLEX_INTEGER && kind != MG_FLEX_UNSIGNED && kind != MG_FLEX_BOOL)
        return mistyped(value, "a number", error);
    uint64_t bits = 0;
    TRY(load_integer(value, &bits, error));
    *result = kind == MG_FLEX_INTEGER ? (double)(int64_t)bits : (double)bits;
    return MIDGE_OK;
}

midge_status mg_flex_bool(const mg_flex *value, bool *result, midge_error *error)
{
    mg_flex_kind kind = mg_flex_kind_of(value);
    double real = 0;
    if (kind == MG_FLEX_REAL) {
        TRY(load_real(value, &real, error));
        *result = real != 0.0;
        return MIDGE_OK;
    }
    if (kind != MG_FLEX_INTEGER && kind != MG_FLEX_UNSIGNED && kind != MG_FLEX_BOOL)
        return mistyped(value, "a bool", error);
    uint64_t bits = 0;
    TRY(load_integer(value, &bits, error));
    *result = bits != 0;
    return MIDGE_OK;
}

midge_status mg_flex_string(const mg_flex *value, const char **text, size_t *length,
                            midge_error *error)
{
    extent found = {0, 0};
    const mg_view *view = &value->view;
    if (value->type == TYPE_STRING) {
        TRY(follow_to_extent(value, 1, &found, error));
        if (!mg_view_holds(view, found.position + found.count, 1) ||
            *mg_view_at(view, found.position + found.count) != 0)
            return outside(value, error);
    } else if (value->type == TYPE_KEY) {
        TRY(follow(value, &found.position, error));
        const uint8_t *first = mg_view_at(view, found.position);
        const uint8_t *end = memchr(first, 0, (size_t)(view->size - found.position));
        if (end == NULL) return outside(value, error);
        found.count = (uint64_t)(end - first);
    } else {
        return mistyped(value, "a string", error);
    }
    *text = (const char *)mg_view_at(view, found.position);
    *length = (size_t)found.count;
    return MIDGE_OK;
}

midge_status mg_flex_blob(const mg_flex *value, const void **bytes, size_t *count,
                          midge_error *error)
{
    extent found = {0, 0};
    if (value->type != TYPE_BLOB) return mistyped(value, "a blob", error);
    TRY(follow_to_extent(value, 1, &found, error));
    *bytes = mg_view_at(&value->view, found.position);
    *count = (size_t)found.count;
    return MIDGE_OK;
}

/* Puts the key in front of the message of a conversion that failed. */
static midge_status name_failure(const char *key, midge_status status, midge_error *error)
{
    if (error == NULL || status == MIDGE_OK) return status;
    midge_error inner = *error;
    return mg_fail(error, status, "option %s: %.400s", key, inner.message);
}

midge_status mg_flex_find_int64(const mg_flex *map, const char *key, int64_t *result,
                                midge_error *error)
{
    mg_flex value;
    TRY(mg_flex_find(map, key, &value, error));
    if (mg_flex_kind_of(&value) == MG_FLEX_NULL) return MIDGE_OK;
    return name_failure(key, mg_flex_int64(&value, result, error), error);
}

midge_status mg_flex_find_double(const mg_flex *map, const char *key, double *result,
                                 midge_error *error)
{
    mg_flex value;
    TRY(mg_flex_find(map, key, &value, error));
    if (mg_flex_kind_of(&value) == MG_FLEX_NULL) return MIDGE_OK;
    return name_failure(key, mg_flex_double(&value, result, error), error);
}

midge_status mg_flex_find_bool(const mg_flex *map, const char *key, bool *result,
                               midge_error *error)
{
    mg_flex value;
    TRY(mg_flex_find(map, key, &value, error));
    if (mg_flex_kind_of(&value) == MG_FLEX_NULL) return MIDGE_OK;
    return name_failure(key, mg_flex_bool(&value, result, error), error);
}
