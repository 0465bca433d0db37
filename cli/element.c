/* SPDX-License-Identifier: Apache-2.0 */
#include "element.h"

#include <math.h>
#include <string.h>

static uint64_t bits_at(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A small float: sign, `exponent` bits with bias 2^(exponent - 1) - 1, `fraction` bits.
 * `infinities` tells whether the highest exponent is kept for infinities and not-a-numbers, as in
 * IEEE 754. */
static double small_float(unsigned bits, unsigned exponent, unsigned fraction, bool infinities)
{
    unsigned top = (1u << exponent) - 1;
    unsigned power = bits >> fraction & top;
    unsigned rest = bits & ((1u << fraction) - 1);
    double sign = (bits >> (exponent + fraction) & 1) != 0 ? -1.0 : 1.0;
    int bias = (1 << (exponent - 1)) - 1;
    if (power == top && infinities) return rest == 0 ? sign * (double)INFINITY : (double)NAN;
    if (power == top && rest == (1u << fraction) - 1) return (double)NAN;
    if (power == 0) return sign * ldexp((double)rest, 1 - bias - (int)fraction);
    return sign * ldexp((double)(rest + (1u << fraction)), (int)power - bias - (int)fraction);
}

float cli_half_to_float(uint16_t half)
{
    return (float)small_float(half, 5, 10, true);
}

uint16_t cli_float_to_half(float value)
{
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double size = fabs((double)value);
    int power = 0;
    if (isnan(value)) return (uint16_t)(sign | 0x7e00);
    if (size >= 65520.0) return (uint16_t)(sign | 0x7c00);
    if (size < 0x1p-24 / 2) return sign;
    (void)frexp(size, &power);
    /* A step of the result is 2^(power - 11), but never below that of the smallest numbers. */
    int step = power - 11 < -24 ? -24 : power - 11;
    unsigned rounded = (unsigned)nearbyint(ldexp(size, -step));
    unsigned exponent = (unsigned)(step + 24);
    return (uint16_t)(sign | (rounded < 1024 ? rounded : rounded + (exponent << 10)));
}

/* Integers of less than a byte, the lower index in the lower bits. */
static double packed_element(const unsigned char *bytes, size_t index, unsigned bits,
                             bool is_signed)
{
    unsigned per_byte = 8 / bits;
    unsigned byte = bytes[index / per_byte];
    int value = (int)(byte >> (index % per_byte * bits) & ((1u << bits) - 1));
    if (is_signed && value >= 1 << (bits - 1)) value -= 1 << bits;
    return value;
}

double cli_element(midge_type type, const void *data, size_t index)
{
    const unsigned char *bytes = data;
    size_t width = midge_type_bits(type) / 8;
    const unsigned char *at = bytes + index * width;
    switch (type) {
    case MIDGE_FLOAT32:
    case MIDGE_COMPLEX64: return (double)float_of((uint32_t)bits_at(at, 4));
    case MIDGE_FLOAT64:
    case MIDGE_COMPLEX128: return double_of(bits_at(at, 8));
    case MIDGE_FLOAT16: return small_float((unsigned)bits_at(at, 2), 5, 10, true);
    case MIDGE_BFLOAT16: return (double)float_of((uint32_t)bits_at(at, 2) << 16);
    case MIDGE_FLOAT8_E4M3FN: return small_float(at[0], 4, 3, false);
    case MIDGE_FLOAT8_E5M2: return small_float(at[0], 5, 2, true);
    case MIDGE_INT8: return (int8_t)at[0];
    case MIDGE_INT16: return (int16_t)bits_at(at, 2);
    case MIDGE_INT32: return (int32_t)bits_at(at, 4);
    case MIDGE_INT64: return (double)(int64_t)bits_at(at, 8);
    case MIDGE_UINT8:
    case MIDGE_BOOL: return at[0];
    case MIDGE_UINT16: return (double)bits_at(at, 2);
    case MIDGE_UINT32: return (double)bits_at(at, 4);
    case MIDGE_UINT64: return (double)bits_at(at, 8);
    case MIDGE_INT4: return packed_element(bytes, index, 4, true);
    case MIDGE_UINT4: return packed_element(bytes, index, 4, false);
    case MIDGE_INT2: return packed_element(bytes, index, 2, true);
    case MIDGE_STRING:
    case MIDGE_RESOURCE:
    case MIDGE_VARIANT: break;
    }
    return 0.0;
}

double cli_dequantize(const midge_quantization *quantization, size_t position, double stored)
{
    if (quantization->count == 0) return stored;
    size_t slice = position < quantization->count ? position : 0;
    return (double)quantization->scale[slice] * (stored - (double)quantization->zero_point[slice]);
}

size_t cli_quantization_slice(const midge_quantization *quantization, int rank,
                              const int32_t *shape, size_t index)
{
    size_t stride = 1;
    if (quantization->count <= 1 || quantization->axis < 0 || quantization->axis >= rank) return 0;
    for (int i = quantization->axis + 1; i < rank; ++i) stride *= (size_t)shape[i];
    if (stride == 0 || shape[quantization->axis] == 0) return 0;
    return index / stride % (size_t)shape[quantization->axis];
}

bool cli_is_number(midge_type type)
{
    return midge_type_bits(type) != 0;
}

bool cli_is_floating(midge_type type)
{
    switch (type) {
    case MIDGE_FLOAT16:
    case MIDGE_FLOAT32:
    case MIDGE_FLOAT64:
    case MIDGE_BFLOAT16:
    case MIDGE_FLOAT8_E4M3FN:
    case MIDGE_FLOAT8_E5M2: return true;
    default: return false;
    }
}
