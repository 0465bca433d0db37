/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors of a draft: type, sizes, quantisation, data. */
#include <stdlib.h>
#include <string.h>

#include "draft/draft_parts.h"

typedef struct type_row {
    const char *name;
    int32_t type;
    size_t bits;
} type_row;

static const type_row types[] = {
    {"f32", MIDGE_FLOAT32, 32}, {"f16", MIDGE_FLOAT16, 16},   {"bf16", MIDGE_BFLOAT16, 16},
    {"f64", MIDGE_FLOAT64, 64}, {"i2", MIDGE_INT2, 2},        {"i4", MIDGE_INT4, 4},
    {"u4", MIDGE_UINT4, 4},     {"i8", MIDGE_INT8, 8},        {"u8", MIDGE_UINT8, 8},
    {"i16", MIDGE_INT16, 16},   {"u16", MIDGE_UINT16, 16},    {"i32", MIDGE_INT32, 32},
    {"u32", MIDGE_UINT32, 32},  {"i64", MIDGE_INT64, 64},     {"u64", MIDGE_UINT64, 64},
    {"bool", MIDGE_BOOL, 8},    {"c64", MIDGE_COMPLEX64, 64}, {"c128", MIDGE_COMPLEX128, 128},
    {"str", MIDGE_STRING, 0},   {"res", MIDGE_RESOURCE, 32},  {"var", MIDGE_VARIANT, 0},
};

size_t draft_bytes(int32_t type, size_t elements)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i)
        if (types[i].type == type) return (elements * types[i].bits + 7) / 8;
    return 0;
}

/* An IEEE half, or the upper half of a float: enough for test data. */
static uint16_t half_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    int32_t exponent = (int32_t)(bits >> 23 & 255) - 127 + 15;
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    if (exponent <= 0) return sign;
    if (exponent >= 31) return (uint16_t)(sign | 0x7c00);
    return (uint16_t)(sign | (uint32_t)exponent << 10 | (bits >> 13 & 0x3ff));
}

void draft_put(int32_t type, void *data, size_t index, double value)
{
    unsigned char *bytes = data;
    float single = (float)value;
    /* Unsigned 64-bit values beyond int64 are not needed in drafts. */
    int64_t whole = (int64_t)value;
    uint32_t bits;
    size_t width = draft_bytes(type, 1);
    switch (type) {
    case MIDGE_FLOAT32: memcpy(bytes + 4 * index, &single, 4); break;
    case MIDGE_COMPLEX64: memcpy(bytes + 8 * index, &single, 4); break;
    case MIDGE_FLOAT64: memcpy(bytes + 8 * index, &value, 8); break;
    case MIDGE_COMPLEX128: memcpy(bytes + 16 * index, &value, 8); break;
    case MIDGE_FLOAT16: {
        uint16_t half = half_bits(single);
        memcpy(bytes + 2 * index, &half, 2);
        break;
    }
    case MIDGE_BFLOAT16:
        memcpy(&bits, &single, 4);
        bits >>= 16;
        memcpy(bytes + 2 * index, &bits, 2);
        break;
    case MIDGE_INT4:
    case MIDGE_UINT4:
        bytes[index / 2] |= (unsigned char)((uint64_t)whole % 16 << index % 2 * 4);
        break;
    case MIDGE_INT2:
        bytes[index / 4] |= (unsigned char)((uint64_t)whole % 4 << index % 4 * 2);
        break;
    default: memcpy(bytes + width * index, &whole, width); break;
    }
}

/* Values that look like weights: small, of both signs; indices stay small. */
static double made_up(int32_t type, size_t index)
{
    size_t step = (index * 7 + 3) % 11;
    switch (type) {
    case MIDGE_FLOAT32:
    case MIDGE_FLOAT16:
    case MIDGE_BFLOAT16:
    case MIDGE_FLOAT64:
    case MIDGE_COMPLEX64:
    case MIDGE_COMPLEX128: return ((double)step - 5) / 8;
    case MIDGE_INT8:
    case MIDGE_INT16: return ((double)step - 5) * 23;
    case MIDGE_UINT8: return (double)step * 23;
    case MIDGE_BOOL: return (double)(step % 2);
    default: return (double)(step % 4);
    }
}

bool draft_numbers(drafting *state, char end, double *values, size_t *count)
{
    *count = 0;
    while (!draft_take(state, end)) {
        char *after;
        if (*count == DRAFT_VALUES) return draft_fail(state, "too many numbers");
        values[*count] = strtod(state->at, &after);
        if (after == state->at) return draft_fail(state, "no number");
        ++*count;
        state->at = after;
        (void)draft_take(state, ',');
    }
    return true;
}

/* "ab,c}" becomes a string tensor: count, offsets, bytes. */
static bool read_strings(drafting *state, mg_Tensor *tensor)
{
    size_t length = strcspn(state->at, "}");
    if (state->at[length] != '}') return draft_fail(state, "no }");
    int32_t count = length == 0 ? 0 : 1;
    for (size_t i = 0; i < length; ++i) count += state->at[i] == ',';
    unsigned char *bytes = draft_get(state->made, length + 8 + 4 * (size_t)count);
    memcpy(bytes, &count, 4);
    int32_t offset = 4 * (count + 2);
    int32_t *offsets = (int32_t *)(void *)(bytes + 4);
    offsets[0] = offset;
    for (size_t i = 0, string = 0; i <= length; ++i) {
        if (count == 0) break;
        if (i == length || state->at[i] == ',')
            offsets[++string] = offset;
        else
            bytes[offset++] = (unsigned char)state->at[i];
    }
    state->at += length + 1;
    tensor->buffer = draft_buffer(state->made, (size_t)offset, bytes);
    return true;
}

static bool read_constant(drafting *state, mg_Tensor *tensor, size_t elements)
{
    double values[DRAFT_VALUES];
    size_t count = 0;
    bool given = draft_take(state, '{');
    if (tensor->type == MIDGE_STRING)
        return given ? read_strings(state, tensor) : draft_fail(state, "strings need values");
    if (given && !draft_numbers(state, '}', values, &count)) return false;
    size_t bytes = draft_bytes(tensor->type, elements);
    void *data = draft_get(state->made, bytes + 16);
    for (size_t i = 0; i < elements; ++i) {
        double value = made_up(tensor->type, i);
        if (count > 0) value = values[i < count ? i : count - 1];
        draft_put(tensor->type, data, i, value);
    }
    tensor->buffer = draft_buffer(state->made, bytes, data);
    return true;
}

static bool read_quantization(drafting *state, mg_Tensor *tensor)
{
    mg_QuantizationParameters *made = draft_get(state->made, sizeof *made);
    char *after;
    float scale = strtof(state->at, &after);
    if (*after != ':') return draft_fail(state, "no zero point");
    long long zero_point = strtoll(after + 1, &after, 10);
    size_t count = 1;
    if (*after == '/') {
        made->quantized_dimension = (int32_t)strtol(after + 1, &after, 10);
        if ((size_t)made->quantized_dimension >= tensor->shape.count)
            return draft_fail(state, "no such dimension");
        count = (size_t)tensor->shape.items[made->quantized_dimension];
    }
    state->at = after;
    made->scale = draft_floats(state->made, count, scale);
    made->zero_point = draft_int64s(state->made, count, zero_point);
    tensor->quantization = made;
    return true;
}

static bool read_sizes(drafting *state, mg_Tensor *tensor, size_t *elements)
{
    int32_t shape[16], signature[16];
    size_t rank = 0;
    bool open = false;
    *elements = 1;
    if (!draft_take(state, '[')) return draft_fail(state, "no sizes");
    while (!draft_take(state, ']')) {
        char *after = (char *)(uintptr_t)state->at + 1;
        if (rank == 16) return draft_fail(state, "too many sizes");
        bool any = *state->at == '?';
        shape[rank] = any ? 1 : (int32_t)strtol(state->at, &after, 10);
        signature[rank] = any ? -1 : shape[rank];
        open = open || any;
        *elements *= (size_t)shape[rank++];
        if (after == state->at) return draft_fail(state, "no size");
        state->at = after;
        (void)draft_take(state, ',');
    }
    tensor->shape = draft_int32s(state->made, rank, shape);
    if (open) tensor->shape_signature = draft_int32s(state->made, rank, signature);
    tensor->has_rank = true;
    return true;
}

static bool read_type(drafting *state, mg_Tensor *tensor)
{
    char name[8];
    if (!draft_word(state, "[ ;\n", name, sizeof name)) return false;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
        if (strcmp(types[i].name, name) != 0) continue;
        tensor->type = (int8_t)types[i].type;
        return true;
    }
    return draft_fail(state, "no such type");
}

static bool read_tensor(drafting *state, mg_Tensor *tensor)
{
    size_t elements;
    if (!read_type(state, tensor) || !read_sizes(state, tensor, &elements)) return false;
    if (draft_take(state, 'q') && !read_quantization(state, tensor)) return false;
    tensor->is_variable = draft_take(state, '~');
    if (!draft_take(state, '=')) return true;
    draft_sparsity sparsity;
    return read_constant(state, tensor, elements) &&
           (!draft_take(state, '%') || draft_make_sparse(state->made, tensor, &sparsity));
}

bool draft_mention(drafting *state, int32_t *index)
{
    mg_Tensor_vector *tensors = &state->graph->tensors;
    char name[40] = "";
    *index = -1;
    if (state->at[0] == '-' && strchr(" ;\n{", state->at[1]) != NULL) return draft_take(state, '-');
    if (*state->at != ':' && !draft_word(state, ": ;\n{", name, sizeof name)) return false;
    if (!draft_take(state, ':')) {
        for (size_t i = 0; i < tensors->count; ++i)
            if (strcmp(tensors->items[i].name, name) == 0) *index = (int32_t)i;
        return *index >= 0 || draft_fail(state, "no such tensor");
    }
    if (tensors->count == DRAFT_TENSORS) return draft_fail(state, "too many tensors");
    *index = (int32_t)tensors->count;
    mg_Tensor *tensor = &tensors->items[tensors->count++];
    mg_schema_defaults(MG_TABLE_Tensor, tensor);
    char *copy = draft_get(state->made, sizeof name);
    memcpy(copy, name, sizeof name);
    tensor->name = copy;
    return read_tensor(state, tensor);
}
