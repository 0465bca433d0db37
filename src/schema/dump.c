/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/dump.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_BYTE_LIST = 64, CAPACITY = 512, LONGEST_NUMBER = 40 };

/* Text is collected here and handed on when full; after a failure nothing more is. */
typedef struct printer {
    mg_dump_write write;
    void *context;
    midge_status status;
    unsigned depth;
    size_t used;
    char text[CAPACITY];
} printer;

static void print_table(printer *out, unsigned number, const unsigned char *value);

static void flush(printer *out)
{
    if (out->status == MIDGE_OK && out->used != 0)
        out->status = out->write(out->context, out->text, out->used);
    out->used = 0;
}

static void print_character(printer *out, char character)
{
    if (out->used == CAPACITY) flush(out);
    out->text[out->used++] = character;
}

static void print(printer *out, const char *text)
{
    for (; *text != '\0'; ++text) print_character(out, *text);
}

/* For numbers: what `format` makes must be shorter than LONGEST_NUMBER. */
static void print_number(printer *out, const char *format, ...) MG_PRINTF(2, 3);
static void print_number(printer *out, const char *format, ...)
{
    char number[LONGEST_NUMBER];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(number, sizeof number, format, arguments);
    va_end(arguments);
    print(out, number);
}

static void print_line(printer *out)
{
    print_character(out, '\n');
    for (unsigned i = 0; i < out->depth; ++i) print(out, "  ");
}

static void print_string(printer *out, const char *text)
{
    print_character(out, '"');
    for (; *text != '\0'; ++text) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte >= 0x7f) {
            print_number(out, "\\u%04x", byte);
        } else {
            if (byte == '"' || byte == '\\') print_character(out, '\\');
            print_character(out, *text);
        }
    }
    print_character(out, '"');
}

/* The C library may have been told to write another decimal point than JSON's. */
static void print_float(printer *out, float value)
{
    char number[LONGEST_NUMBER];
    if (!isfinite(value)) {
        print(out, isnan(value) ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"");
        return;
    }
    (void)snprintf(number, sizeof number, "%.9g", (double)value);
    for (char *at = number; *at != '\0'; ++at) {
        bool plain = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
        print_character(out, plain ? *at : '.');
    }
}

/* Any scalar but a float, as a number. */
static int64_t load_integer(unsigned scalar, const void *at)
{
    union {
        int8_t int8;
        uint8_t byte;
        uint16_t uint16;
        int32_t int32;
        uint32_t uint32;
        int64_t int64;
    } value = {0};
    memcpy(&value, at, mg_scalar_bytes(scalar));
    switch ((mg_scalar_type)scalar) {
    case MG_SCALAR_int8: return value.int8;
    case MG_SCALAR_uint16: return value.uint16;
    case MG_SCALAR_int32: return value.int32;
    case MG_SCALAR_uint32: return value.uint32;
    case MG_SCALAR_int64:
    case MG_SCALAR_uint64: return value.int64;
    default: return value.byte;
    }
}

static void print_scalar(printer *out, unsigned scalar, const void *at)
{
    float real;
    switch ((mg_scalar_type)scalar) {
    case MG_SCALAR_float:
        memcpy(&real, at, sizeof real);
        print_float(out, real);
        return;
    case MG_SCALAR_bool: print(out, load_integer(scalar, at) != 0 ? "true" : "false"); return;
    case MG_SCALAR_uint64:
        print_number(out, "%" PRIu64, (uint64_t)load_integer(scalar, at));
        return;
    default: print_number(out, "%" PRId64, load_integer(scalar, at));
    }
}

static void print_choice(printer *out, const mg_field *field, const void *member)
{
    const mg_enumeration *values = &mg_schema_layout.enumerations[field->target];
    int64_t number = load_integer(field->scalar, member);
    if (number >= 0 && (uint64_t)number < values->count)
        print_string(out, values->names[number]);
    else
        print_number(out, "%" PRId64, number);
}

static void print_tag(printer *out, const mg_field *field, unsigned tag)
{
    const mg_union *members = &mg_schema_layout.unions[field->target];
    if (tag == 0)
        print_string(out, "NONE");
    else if (tag <= members->count)
        print_string(out, mg_schema_layout.tables[members->members[tag - 1]].name);
    else
        print_number(out, "%u", tag);
}

static void print_hash(printer *out, const mg_vector *vector)
{
    const unsigned char *bytes = vector->items;
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < vector->count; ++i) hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    print_number(out, "{\"bytes\": %zu, ", vector->count);
    print_number(out, "\"fnv1a\": \"%016" PRIx64 "\"}", hash);
}

static void print_vector(printer *out, const mg_field *field, const unsigned char *member)
{
    mg_vector vector;
    memcpy(&vector, member, sizeof vector);
    if (field->scalar == MG_SCALAR_byte && vector.count > LONGEST_BYTE_LIST) {
        print_hash(out, &vector);
        return;
    }
    const unsigned char *at = vector.items;
    print_character(out, '[');
    for (size_t i = 0; i < vector.count && out->status == MIDGE_OK; ++i) {
        if (i != 0) print(out, ", ");
        print_scalar(out, field->scalar, at);
        at += mg_scalar_bytes(field->scalar);
    }
    print_character(out, ']');
}

static void print_tables(printer *out, const mg_field *field, const unsigned char *member)
{
    mg_vector vector;
    memcpy(&vector, member, sizeof vector);
    const unsigned char *value = vector.items;
    print_character(out, '[');
    ++out->depth;
    for (size_t i = 0; i < vector.count && out->status == MIDGE_OK; ++i) {
        if (i != 0) print_character(out, ',');
        print_line(out);
        print_table(out, field->target, value);
        value += mg_schema_layout.tables[field->target].size;
    }
    --out->depth;
    if (vector.count != 0) print_line(out);
    print_character(out, ']');
}

/* Every kind of member but a scalar begins with its pointer. */
static const void *pointer_at(const unsigned char *member)
{
    const void *pointer;
    memcpy(&pointer, member, sizeof pointer);
    return pointer;
}

static bool is_printed(const mg_field *field, const unsigned char *value)
{
    if (field->kind <= MG_FIELD_TAG) return true;
    if (pointer_at(value + field->offset) == NULL) return false;
    if (field->kind != MG_FIELD_UNION) return true;
    unsigned tag = value[field[-1].offset];
    return tag != 0 && tag <= mg_schema_layout.unions[field->target].count;
}

static void print_field(printer *out, const mg_field *field, const unsigned char *value)
{
    const unsigned char *member = value + field->offset;
    switch ((mg_field_kind)field->kind) {
    case MG_FIELD_SCALAR: print_scalar(out, field->scalar, member); break;
    case MG_FIELD_CHOICE: print_choice(out, field, member); break;
    case MG_FIELD_TAG: print_tag(out, field, *member); break;
    case MG_FIELD_STRING: print_string(out, pointer_at(member)); break;
    case MG_FIELD_VECTOR: print_vector(out, field, member); break;
    case MG_FIELD_TABLE: print_table(out, field->target, pointer_at(member)); break;
    case MG_FIELD_TABLES: print_tables(out, field, member); break;
    case MG_FIELD_UNION: {
        const uint8_t *members = mg_schema_layout.unions[field->target].members;
        print_table(out, members[value[field[-1].offset] - 1], pointer_at(member));
        break;
    }
    }
}

/* The recursion ends with the schema's own depth: no table contains itself. */
static void print_table(printer *out, unsigned number, const unsigned char *value)
{
    const mg_table *table = &mg_schema_layout.tables[number];
    const mg_field *field = &mg_schema_layout.fields[table->first];
    bool any = false;
    print_character(out, '{');
    ++out->depth;
    for (unsigned i = 0; i < table->count; ++i, ++field) {
        if (!is_printed(field, value)) continue;
        if (any) print_character(out, ',');
        print_line(out);
        print_string(out, field->name);
        print(out, ": ");
        print_field(out, field, value);
        any = true;
    }
    --out->depth;
    if (any) print_line(out);
    print_character(out, '}');
}

midge_status mg_schema_dump_table(unsigned table, const void *value, mg_dump_write write,
                                  void *context)
{
    printer out = {.write = write, .context = context};
    print_table(&out, table, value);
    print_character(&out, '\n');
    flush(&out);
    return out.status;
}

midge_status mg_schema_dump(const mg_Model *model, mg_dump_write write, void *context)
{
    return mg_schema_dump_table(MG_TABLE_Model, model, write, context);
}
