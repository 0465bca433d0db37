/* SPDX-License-Identifier: Apache-2.0 */
#include "flatbuf/describe.h"

#include <string.h>

/* Sets one scalar of a known type; an int8_t fits all of them. */
#define SET(type)                                     \
    do {                                              \
        type converted = (type)initial;               \
        memcpy(member, &converted, sizeof converted); \
    } while (0)

static void set_scalar(unsigned char *member, unsigned scalar, int8_t initial)
{
    switch ((mg_scalar_type)scalar) {
    case MG_SCALAR_bool: SET(bool); break;
    case MG_SCALAR_int8: SET(int8_t); break;
    case MG_SCALAR_byte: SET(uint8_t); break;
    case MG_SCALAR_uint16: SET(uint16_t); break;
    case MG_SCALAR_int32: SET(int32_t); break;
    case MG_SCALAR_uint32: SET(uint32_t); break;
    case MG_SCALAR_int64: SET(int64_t); break;
    case MG_SCALAR_uint64: SET(uint64_t); break;
    case MG_SCALAR_float: SET(float); break;
    }
}

bool mg_field_is_default(const mg_field *field, const void *member)
{
    unsigned char initial[8] = {0};
    set_scalar(initial, field->scalar, field->initial);
    return memcmp(member, initial, mg_scalar_bytes(field->scalar)) == 0;
}

void mg_layout_set_defaults(const mg_layout *layout, unsigned table, void *value)
{
    const mg_table *described = &layout->tables[table];
    const mg_field *field = &layout->fields[described->first];
    for (unsigned i = 0; i < described->count; ++i)
        if (field[i].initial != 0)
            set_scalar((unsigned char *)value + field[i].offset, field[i].scalar, field[i].initial);
}
