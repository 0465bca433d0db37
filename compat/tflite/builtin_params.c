/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters of built-in operators as kernels and delegates of the program read them, filled in
 * by builtin_params.def from the options of the file. What the file does not say is 0.
 */
#include "builtin_params.h"

#include <stdlib.h>
#include <string.h>

#include "objects.h"
#include "tensorflow/lite/builtin_ops.h"
#include "tensorflow/lite/core/c/builtin_op_data.h"

typedef enum params_kind {
    KIND_INT,          /* int, also of enumerations that count as the file does */
    KIND_BOOL,         /* bool */
    KIND_FLOAT,        /* float */
    KIND_LONG,         /* int64_t */
    KIND_TEXT,         /* const char * into the model */
    KIND_TYPE,         /* TfLiteType */
    KIND_PADDING,      /* counts from 1 where the file counts from 0, as MIRROR does */
    KIND_MIRROR,       /* */
    KIND_INTS,         /* int32_t [] and the count */
    KIND_LONGS,        /* int64_t [] and the count */
    KIND_LONG_ARRAY,   /* int64_t [] without one */
    KIND_POINTER,      /* into the model, and the count as int */
    KIND_BYTE_POINTER, /* into the model, and the count as size_t */
} params_kind;

typedef struct params_field {
    const char *option;
    params_kind kind;
    size_t offset;
    size_t bytes;        /* of the member */
    size_t count_offset; /* of the member with the count */
} params_field;

typedef struct params_row {
    int code;
    size_t bytes;
    size_t field_count;
    const params_field *fields;
} params_row;

#define PARAMS(type) static const params_field fields_##type[] = {
#define FIELD(type, member, option, kind) \
    {#option, KIND_##kind, offsetof(type, member), sizeof(((type *)0)->member), 0},
#define FIELDS(type, member, count, option, kind)                               \
    {#option, KIND_##kind, offsetof(type, member), sizeof(((type *)0)->member), \
     offsetof(type, count)},
#define PARAMS_END(type) \
    }                    \
    ;
#define OPERATOR(code, type)
#include "builtin_params.def"

static const params_row rows[] = {
#define PARAMS(type)
#define FIELD(type, member, option, kind)
#define PARAMS_END(type)
#define OPERATOR(code, type)                                                           \
    {kTfLiteBuiltin##code, sizeof(type), sizeof fields_##type / sizeof *fields_##type, \
     fields_##type},
#include "builtin_params.def"
};

static const params_row *find_row(int code)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
        if (rows[i].code == code) return &rows[i];
    return NULL;
}

static int64_t whole(const midge_option *option)
{
    switch (option->type) {
    case MIDGE_BOOL: return *(const bool *)option->values;
    case MIDGE_INT8: return *(const int8_t *)option->values;
    case MIDGE_INT32: return *(const int32_t *)option->values;
    case MIDGE_UINT32: return *(const uint32_t *)option->values;
    case MIDGE_INT64: return *(const int64_t *)option->values;
    default: return 0;
    }
}

static void set_int(char *params, size_t offset, int64_t value)
{
    int narrow = (int)value;
    memcpy(params + offset, &narrow, sizeof narrow);
}

/* As much of a vector as the array holds. */
static size_t copy_values(const params_field *field, const midge_option *option, size_t each,
                          char *params)
{
    size_t count = option->count <= field->bytes / each ? option->count : field->bytes / each;
    if (count > 0) memcpy(params + field->offset, option->values, count * each);
    return count;
}

static void set_vector(const params_field *field, const midge_option *option, char *params)
{
    switch (field->kind) {
    case KIND_INTS:
        set_int(params, field->count_offset,
                (int64_t)copy_values(field, option, sizeof(int32_t), params));
        return;
    case KIND_LONGS:
        set_int(params, field->count_offset,
                (int64_t)copy_values(field, option, sizeof(int64_t), params));
        return;
    case KIND_LONG_ARRAY: (void)copy_values(field, option, sizeof(int64_t), params); return;
    case KIND_POINTER:
        memcpy(params + field->offset, &option->values, sizeof option->values);
        set_int(params, field->count_offset, (int64_t)option->count);
        return;
    case KIND_BYTE_POINTER:
        memcpy(params + field->offset, &option->values, sizeof option->values);
        memcpy(params + field->count_offset, &option->count, sizeof option->count);
        return;
    default: return;
    }
}

static void set_field(const params_field *field, const midge_option *option, char *params)
{
    char *member = params + field->offset;
    switch (field->kind) {
    case KIND_INT: set_int(params, field->offset, whole(option)); return;
    case KIND_TYPE: set_int(params, field->offset, tfl_type((midge_type)whole(option))); return;
    case KIND_PADDING:
    case KIND_MIRROR: set_int(params, field->offset, whole(option) + 1); return;
    case KIND_BOOL: *(bool *)member = whole(option) != 0; return;
    case KIND_LONG: {
        int64_t value = whole(option);
        memcpy(member, &value, sizeof value);
        return;
    }
    case KIND_FLOAT: memcpy(member, option->values, sizeof(float)); return;
    case KIND_TEXT: memcpy(member, &option->values, sizeof option->values); return;
    default: set_vector(field, option, params); return;
    }
}

bool tfl_params_make(const midge_model *model, size_t graph, size_t node, int code, void **params)
{
    const params_row *row = find_row(code);
    *params = NULL;
    if (row == NULL) return true;
    char *made = calloc(1, row->bytes);
    if (made == NULL) return false;
    midge_option option;
    for (size_t i = 0; midge_inspect_option(model, graph, node, i, &option); ++i)
        for (size_t f = 0; f < row->field_count; ++f)
            if (strcmp(row->fields[f].option, option.name) == 0)
                set_field(&row->fields[f], &option, made);
    *params = made;
    return true;
}
