/* SPDX-License-Identifier: Apache-2.0 */
/* A block goes through int64_t when it comes from an integer type, through double when it comes
 * from a real one; both hold all their values exactly. */
#include "kernel/ref/convert_elements.h"

#include "kernel/ref/half.h"

void mg_unpack_bits(const uint8_t *packed, int bits, int is_signed, int8_t *out, size_t count)
{
    size_t per_byte = 8 / (size_t)bits;
    uint32_t sign = is_signed ? UINT32_C(1) << (bits - 1) : 0;
    uint32_t mask = (UINT32_C(1) << bits) - 1;
    for (size_t i = 0; i < count; ++i) {
        uint32_t shift = (uint32_t)(i % per_byte) * (uint32_t)bits;
        uint32_t value = (uint32_t)packed[i / per_byte] >> shift & mask;
        out[i] = (int8_t)((int32_t)(value ^ sign) - (int32_t)sign);
    }
}

void mg_pack_bits(const int8_t *in, int bits, uint8_t *packed, size_t count)
{
    size_t per_byte = 8 / (size_t)bits;
    uint32_t mask = (UINT32_C(1) << bits) - 1;
    for (size_t i = 0; i < count; i += per_byte) {
        uint32_t byte = 0;
        for (size_t k = 0; k < per_byte && i + k < count; ++k)
            byte |= ((uint32_t)in[i + k] & mask) << (uint32_t)k * (uint32_t)bits;
        packed[i / per_byte] = (uint8_t)byte;
    }
}

static const uint8_t *at_bits(const void *base, size_t begin, int bits)
{
    return (const uint8_t *)base + begin * (size_t)bits / 8;
}

static void load_packed(const uint8_t *packed, int bits, int is_signed, int64_t *block, size_t n)
{
    int8_t bytes[MG_CONVERT_BLOCK];
    mg_unpack_bits(packed, bits, is_signed, bytes, n);
    for (size_t i = 0; i < n; ++i) block[i] = bytes[i];
}

/* One loop over a block; `x` is the element read. */
#define LOAD(type, expression)                    \
    do {                                          \
        const type *from_type = (const type *)in; \
        for (size_t i = 0; i < n; ++i) {          \
            type x = from_type[begin + i];        \
            block[i] = (expression);              \
        }                                         \
    } while (0)

static void load_integers(mg_element from, const void *in, size_t begin, int64_t *block, size_t n)
{
    switch (from) {
    case MG_ELEMENT_BOOL: LOAD(uint8_t, x != 0); break;
    case MG_ELEMENT_INT2: load_packed(at_bits(in, begin, 2), 2, 1, block, n); break;
    case MG_ELEMENT_INT4: load_packed(at_bits(in, begin, 4), 4, 1, block, n); break;
    case MG_ELEMENT_UINT4: load_packed(at_bits(in, begin, 4), 4, 0, block, n); break;
    case MG_ELEMENT_INT8: LOAD(int8_t, x); break;
    case MG_ELEMENT_UINT8: LOAD(uint8_t, x); break;
    case MG_ELEMENT_INT16: LOAD(int16_t, x); break;
    case MG_ELEMENT_UINT16: LOAD(uint16_t, x); break;
    case MG_ELEMENT_INT32: LOAD(int32_t, x); break;
    case MG_ELEMENT_UINT32: LOAD(uint32_t, x); break;
    default: LOAD(int64_t, x); break;
    }
}

static void load_reals(mg_element from, const void *in, size_t begin, double *block, size_t n)
{
    switch (from) {
    case MG_ELEMENT_FLOAT8_E4M3FN: LOAD(uint8_t, (double)mg_float8_e4m3fn_to_float(x)); break;
    case MG_ELEMENT_FLOAT8_E5M2: LOAD(uint8_t, (double)mg_float8_e5m2_to_float(x)); break;
    case MG_ELEMENT_FLOAT16: LOAD(uint16_t, (double)mg_half_to_float(x)); break;
    case MG_ELEMENT_BFLOAT16: LOAD(uint16_t, (double)mg_bfloat16_to_float(x)); break;
    case MG_ELEMENT_FLOAT32: LOAD(float, (double)x); break;
    case MG_ELEMENT_FLOAT64: LOAD(double, x); break;
    default: {
        const float *parts = in;
        for (size_t i = 0; i < n; ++i) block[i] = (double)parts[2 * (begin + i)];
        break;
    }
    }
}

/* One loop over a block; `x` is the element of the block, of type `wide`. */
#define STORE(wide, type, expression)                \
    do {                                             \
        type *to_type = (type *)out;                 \
        for (size_t i = 0; i < n; ++i) {             \
            wide x = block[i];                       \
            to_type[begin + i] = (type)(expression); \
        }                                            \
    } while (0)

/* The targets that integers and reals reach alike. */
#define STORE_REAL_TARGETS(wide)                                                                 \
    case MG_ELEMENT_BOOL: STORE(wide, uint8_t, x != 0); break;                                   \
    case MG_ELEMENT_FLOAT8_E4M3FN: STORE(wide, uint8_t, mg_float_to_float8_e4m3fn((float)x));    \
        break;                                                                                   \
    case MG_ELEMENT_FLOAT8_E5M2: STORE(wide, uint8_t, mg_float_to_float8_e5m2((float)x)); break; \
    case MG_ELEMENT_FLOAT16: STORE(wide, uint16_t, mg_float_to_half((float)x)); break;           \
    case MG_ELEMENT_BFLOAT16: STORE(wide, uint16_t, mg_float_to_bfloat16((float)x)); break;      \
    case MG_ELEMENT_FLOAT32: STORE(wide, float, x); break;                                       \
    case MG_ELEMENT_FLOAT64: STORE(wide, double, x); break;                                      \
    case MG_ELEMENT_COMPLEX64: {                                                                 \
        float *parts = out;                                                                      \
        for (size_t i = 0; i < n; ++i) {                                                         \
            parts[2 * (begin + i)] = (float)block[i];                                            \
            parts[2 * (begin + i) + 1] = 0;                                                      \
        }                                                                                        \
        break;                                                                                   \
    }

static inline int64_t clamp(int64_t x, int64_t least, int64_t most)
{
    return x < least ? least : x > most ? most : x;
}

static void store_packed(uint8_t *packed, int bits, int64_t least, int64_t most,
                         const int64_t *block, size_t n)
{
    int8_t bytes[MG_CONVERT_BLOCK];
    for (size_t i = 0; i < n; ++i) bytes[i] = (int8_t)clamp(block[i], least, most);
    mg_pack_bits(bytes, bits, packed, n);
}

static void store_integers(mg_element to, void *out, size_t begin, const int64_t *block, size_t n)
{
    uint8_t *bytes = out;
    switch (to) {
        STORE_REAL_TARGETS(int64_t)
    case MG_ELEMENT_INT2: store_packed(bytes + begin / 4, 2, -2, 1, block, n); break;
    case MG_ELEMENT_INT4: store_packed(bytes + begin / 2, 4, -8, 7, block, n); break;
    case MG_ELEMENT_UINT4: store_packed(bytes + begin / 2, 4, 0, 15, block, n); break;
    case MG_ELEMENT_INT8:
    case MG_ELEMENT_UINT8: STORE(int64_t, uint8_t, x); break;
    case MG_ELEMENT_INT16:
    case MG_ELEMENT_UINT16: STORE(int64_t, uint16_t, x); break;
    case MG_ELEMENT_INT32:
    case MG_ELEMENT_UINT32: STORE(int64_t, uint32_t, x); break;
    default: STORE(int64_t, int64_t, x); break;
    }
}

/* Range of an integer type but int64. */
static void range_of(mg_element type, double *least, double *most)
{
    static const struct {
        double least, most;
    } ranges[] = {
        [MG_ELEMENT_INT2] = {-2, 1},           [MG_ELEMENT_INT4] = {-8, 7},
        [MG_ELEMENT_UINT4] = {0, 15},          [MG_ELEMENT_INT8] = {INT8_MIN, INT8_MAX},
        [MG_ELEMENT_UINT8] = {0, UINT8_MAX},   [MG_ELEMENT_INT16] = {INT16_MIN, INT16_MAX},
        [MG_ELEMENT_UINT16] = {0, UINT16_MAX}, [MG_ELEMENT_INT32] = {INT32_MIN, INT32_MAX},
        [MG_ELEMENT_UINT32] = {0, UINT32_MAX},
    };
    *least = ranges[type].least;
    *most = ranges[type].most;
}

static inline int64_t to_int64(double x)
{
    return x < -9223372036854775808.0  ? INT64_MIN
           : x < 9223372036854775808.0 ? (int64_t)x
                                       : INT64_MAX;
}

static void store_reals(mg_element to, void *out, size_t begin, const double *block, size_t n)
{
    int64_t integers[MG_CONVERT_BLOCK];
    switch (to) {
        STORE_REAL_TARGETS(double)
    case MG_ELEMENT_INT64: STORE(double, int64_t, to_int64(x)); break;
    default: {
        double least, most;
        range_of(to, &least, &most);
        for (size_t i = 0; i < n; ++i) {
            double x = block[i];
            integers[i] = (int64_t)(x < least ? least : x < most ? x : most);
        }
        store_integers(to, out, begin, integers, n);
        break;
    }
    }
}

/* One loop for conversions that are common and need no way over a wider type. */
#define DIRECT(from_type, to_type)                                              \
    do {                                                                        \
        const from_type *in_type = (const from_type *)in;                       \
        to_type *out_type = (to_type *)out;                                     \
        for (size_t i = begin; i < end; ++i) out_type[i] = (to_type)in_type[i]; \
    } while (0)

enum { ELEMENTS = MG_ELEMENT_COMPLEX64 + 1 };

/* Whether there was such a loop. */
static int convert_directly(mg_element from, const void *in, mg_element to, void *out, size_t begin,
                            size_t end)
{
    switch ((int)from * ELEMENTS + (int)to) {
    case MG_ELEMENT_UINT8 *ELEMENTS + MG_ELEMENT_FLOAT32: DIRECT(uint8_t, float); return 1;
    case MG_ELEMENT_INT8 *ELEMENTS + MG_ELEMENT_FLOAT32: DIRECT(int8_t, float); return 1;
    case MG_ELEMENT_INT32 *ELEMENTS + MG_ELEMENT_FLOAT32: DIRECT(int32_t, float); return 1;
    case MG_ELEMENT_INT64 *ELEMENTS + MG_ELEMENT_FLOAT32: DIRECT(int64_t, float); return 1;
    case MG_ELEMENT_INT64 *ELEMENTS + MG_ELEMENT_INT32: DIRECT(int64_t, int32_t); return 1;
    case MG_ELEMENT_INT32 *ELEMENTS + MG_ELEMENT_INT64: DIRECT(int32_t, int64_t); return 1;
    default: return 0;
    }
}

void mg_convert_elements(mg_element from, const void *in, mg_element to, void *out, size_t begin,
                         size_t end)
{
    int64_t integers[MG_CONVERT_BLOCK];
    double reals[MG_CONVERT_BLOCK];
    if (convert_directly(from, in, to, out, begin, end)) return;
    while (begin < end) {
        size_t n = end - begin < MG_CONVERT_BLOCK ? end - begin : MG_CONVERT_BLOCK;
        if (from < MG_ELEMENT_FLOAT8_E4M3FN) {
            load_integers(from, in, begin, integers, n);
            store_integers(to, out, begin, integers, n);
        } else {
            load_reals(from, in, begin, reals, n);
            store_reals(to, out, begin, reals, n);
        }
        begin += n;
    }
}
