/* SPDX-License-Identifier: Apache-2.0 */
/* Constants as files have them, as tensors of a network. Floats of every width become float32. */
#include "base/size.h"
#include "convert/tensorflow.h"
#include "kernel/ref/half.h"

/* TensorFlow's numbers of types. */
enum {
    DT_FLOAT = 1,
    DT_DOUBLE = 2,
    DT_INT32 = 3,
    DT_UINT8 = 4,
    DT_INT16 = 5,
    DT_INT8 = 6,
    DT_STRING = 7,
    DT_COMPLEX64 = 8,
    DT_INT64 = 9,
    DT_BOOL = 10,
    DT_BFLOAT16 = 14,
    DT_UINT16 = 17,
    DT_HALF = 19,
    DT_UINT32 = 22,
    DT_UINT64 = 23,
    REFERENCE = 100 /* added for a reference to a variable */
};

/* A constant given by one value for many elements must not be a way to fill the memory, nor what is
 * computed from it. */
static const size_t most_repeated = (size_t)1 << 26, most_made = (size_t)1 << 30;

static const struct {
    int32_t dtype;
    midge_type type;
    uint32_t bytes; /* of an element in a file */
} types[] = {
    {DT_FLOAT, MIDGE_FLOAT32, 4},       {DT_DOUBLE, MIDGE_FLOAT32, 8}, {DT_INT32, MIDGE_INT32, 4},
    {DT_UINT8, MIDGE_UINT8, 1},         {DT_INT16, MIDGE_INT16, 2},    {DT_INT8, MIDGE_INT8, 1},
    {DT_COMPLEX64, MIDGE_COMPLEX64, 8}, {DT_INT64, MIDGE_INT64, 8},    {DT_BOOL, MIDGE_BOOL, 1},
    {DT_BFLOAT16, MIDGE_FLOAT32, 2},    {DT_UINT16, MIDGE_UINT16, 2},  {DT_HALF, MIDGE_FLOAT32, 2},
    {DT_UINT32, MIDGE_UINT32, 4},       {DT_UINT64, MIDGE_UINT64, 8},  {DT_STRING, MIDGE_STRING, 0},
};

static int find_type(int32_t dtype)
{
    if (dtype > REFERENCE) dtype -= REFERENCE;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i)
        if (types[i].dtype == dtype) return (int)i;
    return -1;
}

bool mg_tf_type(int32_t dtype, midge_type *type)
{
    int row = find_type(dtype);
    if (row >= 0) *type = types[row].type;
    return row >= 0;
}

static float widen(int32_t dtype, const unsigned char *bytes)
{
    uint16_t half;
    double wide;
    if (dtype == DT_DOUBLE) {
        memcpy(&wide, bytes, sizeof wide);
        return (float)wide;
    }
    memcpy(&half, bytes, sizeof half);
    if (dtype == DT_HALF) return mg_half_to_float(half);
    uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

midge_status mg_tf_convert_bytes(mg_tensorflow *tf, int32_t dtype, const unsigned char *bytes,
                                 size_t size, size_t elements, void **data)
{
    int row = find_type(dtype);
    size_t expected = 0, made = 0;
    if (row < 0 || types[row].bytes == 0 ||
        !mg_size_multiply(elements, types[row].bytes, &expected) || expected != size ||
        !mg_type_bytes(types[row].type, elements, &made))
        return mg_tf_refuse(tf, "a constant has %zu bytes for %zu elements", size, elements);
    TRY(mg_network_memory(tf->network, made, data));
    if (types[row].type != MIDGE_FLOAT32 || types[row].dtype == DT_FLOAT) {
        if (size > 0) memcpy(*data, bytes, size);
        if (types[row].type == MIDGE_BOOL)
            for (size_t i = 0; i < elements; ++i)
                ((unsigned char *)*data)[i] = ((unsigned char *)*data)[i] != 0;
        return MIDGE_OK;
    }
    for (size_t i = 0; i < elements; ++i)
        ((float *)*data)[i] = widen(types[row].dtype, bytes + i * types[row].bytes);
    return MIDGE_OK;
}

midge_status mg_tf_count_made(mg_tensorflow *tf, size_t bytes)
{
    if (bytes > most_made - tf->made_bytes)
        return mg_tf_refuse(tf, "computing with constants makes more than %zu bytes", most_made);
    tf->made_bytes += bytes;
    return MIDGE_OK;
}

/* ---- Values that stand one by one ---- */

static size_t value_count(const Mg__TensorProto *proto, int32_t dtype)
{
    switch (dtype) {
    case DT_FLOAT: return proto->n_float_val;
    case DT_DOUBLE: return proto->n_double_val;
    case DT_INT64: return proto->n_int64_val;
    case DT_BOOL: return proto->n_bool_val;
    case DT_HALF:
    case DT_BFLOAT16: return proto->n_half_val;
    case DT_UINT32: return proto->n_uint32_val;
    case DT_UINT64: return proto->n_uint64_val;
    case DT_COMPLEX64: return 0;
    default: return proto->n_int_val;
    }
}

static void put_value(const Mg__TensorProto *proto, int32_t dtype, size_t i, void *to)
{
    uint16_t half;
    float value;
    int32_t whole;
    switch (dtype) {
    case DT_FLOAT: memcpy(to, &proto->float_val[i], 4); return;
    case DT_INT64: memcpy(to, &proto->int64_val[i], 8); return;
    case DT_UINT32: memcpy(to, &proto->uint32_val[i], 4); return;
    case DT_UINT64: memcpy(to, &proto->uint64_val[i], 8); return;
    case DT_BOOL: *(unsigned char *)to = proto->bool_val[i] != 0; return;
    case DT_DOUBLE: value = (float)proto->double_val[i]; break;
    case DT_HALF:
    case DT_BFLOAT16:
        half = (uint16_t)proto->half_val[i];
        value = widen(dtype, (const unsigned char *)&half);
        break;
    default:
        whole = proto->int_val[i];
        if (dtype == DT_INT32) memcpy(to, &whole, 4);
        if (dtype == DT_INT16 || dtype == DT_UINT16) memcpy(to, &(uint16_t){(uint16_t)whole}, 2);
        if (dtype == DT_INT8 || dtype == DT_UINT8) *(unsigned char *)to = (unsigned char)whole;
        return;
    }
    memcpy(to, &value, sizeof value);
}

/* The last value stands for all that are missing. */
static midge_status repeat(mg_tensorflow *tf, const Mg__TensorProto *proto, int row,
                           size_t elements, void **data)
{
    size_t count = value_count(proto, types[row].dtype);
    size_t each = midge_type_bits(types[row].type) / 8, bytes = 0;
    if (elements > most_repeated && count < elements)
        return mg_tf_refuse(tf, "a constant of %zu elements that are not in the file", elements);
    if (!mg_size_multiply(elements, each, &bytes))
        return mg_tf_refuse(tf, "a constant is too large");
    if (count < elements) TRY(mg_tf_count_made(tf, bytes));
    TRY(mg_network_memory(tf->network, bytes, data));
    for (size_t i = 0; i < elements && count > 0; ++i)
        put_value(proto, types[row].dtype, i < count ? i : count - 1,
                  (unsigned char *)*data + i * each);
    return MIDGE_OK;
}

/*
 * Strings as .tflite has them: int32 count, int32 offsets[count + 1], bytes. The last string stands
 * for all that are missing.
 */
static midge_status add_strings(mg_tensorflow *tf, const Mg__TensorProto *proto, int32_t rank,
                                const int32_t *shape, size_t elements, int32_t *tensor)
{
    const size_t count = proto->n_string_val;
    size_t total = 0, at = 0;
    void *memory = NULL;
    if (elements > most_repeated || (count == 0 && elements > 0))
        return mg_tf_refuse(tf, "a constant of %zu strings that are not in the file", elements);
    for (size_t i = 0; i < elements; ++i)
        if (!mg_size_add(total, proto->string_val[i < count ? i : count - 1].len, &total) ||
            total > most_repeated)
            return mg_tf_refuse(tf, "a constant of too many strings");
    at = (elements + 2) * sizeof(int32_t);
    TRY(mg_tf_count_made(tf, at + total));
    TRY(mg_network_memory(tf->network, at + total, &memory));
    int32_t *header = memory;
    header[0] = (int32_t)elements;
    for (size_t i = 0; i < elements; ++i) {
        const ProtobufCBinaryData *text = &proto->string_val[i < count ? i : count - 1];
        header[1 + i] = (int32_t)at;
        if (text->len > 0) memcpy((unsigned char *)memory + at, text->data, text->len);
        at += text->len;
    }
    header[1 + elements] = (int32_t)at;
    TRY(mg_network_add(tf->network, mg_tf_graph(tf),
                       tf->operation != NULL ? tf->operation->name : "constant", MIDGE_STRING, rank,
                       shape, tensor));
    mg_network_tensor *made = &mg_tf_graph(tf)->tensors[*tensor];
    made->data = memory;
    made->bytes = at;
    return MIDGE_OK;
}

midge_status mg_tf_constant_proto(mg_tensorflow *tf, const Mg__TensorProto *proto, int32_t *tensor)
{
    int32_t rank, shape[MIDGE_MAX_RANK];
    size_t elements = 0;
    void *data = NULL;
    int row = proto != NULL ? find_type(proto->dtype) : -1;
    if (row < 0)
        return mg_tf_refuse(tf, "a constant of a type that .tflite lacks here (%d)",
                            proto != NULL ? (int)proto->dtype : 0);
    if (!mg_message_shape(proto->tensor_shape, &rank, shape) ||
        !mg_shape_elements(rank, shape, &elements))
        return mg_tf_refuse(tf, "a constant of an impossible shape");
    if (types[row].type == MIDGE_STRING)
        return add_strings(tf, proto, rank, shape, elements, tensor);
    if (proto->tensor_content.len > 0)
        TRY(mg_tf_convert_bytes(tf, proto->dtype, proto->tensor_content.data,
                                proto->tensor_content.len, elements, &data));
    else
        TRY(repeat(tf, proto, row, elements, &data));
    return mg_network_add_constant(tf->network, mg_tf_graph(tf),
                                   tf->operation != NULL ? tf->operation->name : "constant",
                                   types[row].type, rank, shape, data, tensor);
}
