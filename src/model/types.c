/* SPDX-License-Identifier: Apache-2.0 */
/* Element types and shapes, and what a node has beyond its operator. */
#include "base/size.h"
#include "model/model.h"

typedef struct type_row {
    const char *name;
    size_t bits;
} type_row;

static const type_row types[] = {
    [MIDGE_FLOAT32] = {"float32", 32},
    [MIDGE_FLOAT16] = {"float16", 16},
    [MIDGE_INT32] = {"int32", 32},
    [MIDGE_UINT8] = {"uint8", 8},
    [MIDGE_INT64] = {"int64", 64},
    [MIDGE_STRING] = {"string", 0},
    [MIDGE_BOOL] = {"bool", 8},
    [MIDGE_INT16] = {"int16", 16},
    [MIDGE_COMPLEX64] = {"complex64", 64},
    [MIDGE_INT8] = {"int8", 8},
    [MIDGE_FLOAT64] = {"float64", 64},
    [MIDGE_COMPLEX128] = {"complex128", 128},
    [MIDGE_UINT64] = {"uint64", 64},
    [MIDGE_RESOURCE] = {"resource", 32}, /* holds the number of the resource */
    [MIDGE_VARIANT] = {"variant", 0},
    [MIDGE_UINT32] = {"uint32", 32},
    [MIDGE_UINT16] = {"uint16", 16},
    [MIDGE_INT4] = {"int4", 4},
    [MIDGE_BFLOAT16] = {"bfloat16", 16},
    [MIDGE_INT2] = {"int2", 2},
    [MIDGE_UINT4] = {"uint4", 4},
    [MIDGE_FLOAT8_E4M3FN] = {"float8_e4m3fn", 8},
    [MIDGE_FLOAT8_E5M2] = {"float8_e5m2", 8},
};

static bool known(midge_type type)
{
    return (unsigned)type < sizeof types / sizeof types[0];
}

const char *midge_type_name(midge_type type)
{
    return known(type) ? types[type].name : "unknown";
}

size_t midge_type_bits(midge_type type)
{
    return known(type) ? types[type].bits : 0;
}

bool mg_type_bytes(midge_type type, size_t elements, size_t *bytes)
{
    size_t bits = midge_type_bits(type);
    if (bits == 0) return false;
    if (bits >= 8) return mg_size_multiply(elements, bits / 8, bytes);
    size_t per_byte = 8 / bits;
    *bytes = elements / per_byte + (elements % per_byte != 0);
    return true;
}

bool mg_shape_elements(int32_t rank, const int32_t *shape, size_t *elements)
{
    uint64_t product = 1;
    bool empty = false;
    for (int32_t i = 0; i < rank; ++i) {
        if (shape[i] < 0) return false;
        if (shape[i] == 0) {
            empty = true;
            continue;
        }
        product *= (uint64_t)shape[i];
        if (product > INT32_MAX) return false;
    }
    *elements = empty ? 0 : (size_t)product;
    return true;
}

/* Whether the table of a tag has any fields. */
static bool has_fields(unsigned number, uint8_t tag)
{
    const mg_layout *layout = &mg_schema_layout;
    const mg_union *members = &layout->unions[number];
    return tag != 0 && tag <= members->count && layout->tables[members->members[tag - 1]].count > 0;
}

bool mg_node_has_options(const mg_node *node)
{
    return has_fields(MG_UNION_BuiltinOptions, node->options_type) ||
           has_fields(MG_UNION_BuiltinOptions2, node->options_2_type);
}
