/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

#include <string.h>

#include "element.h"

uint64_t cli_random_next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t mixed = *state;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

static void put(unsigned char *to, uint64_t bits, size_t count)
{
    for (size_t i = 0; i < count; ++i) to[i] = (unsigned char)(bits >> (8 * i));
}

static float random_float(uint64_t number)
{
    return (float)(number >> 40) * 0x1p-23f - 1.0f;
}

static double random_double(uint64_t number)
{
    return (double)(number >> 11) * 0x1p-52 - 1.0;
}

/* Writes element `index`, or, of types of less than a byte, one byte full of them. */
static void put_element(midge_type type, uint64_t number, size_t width, unsigned char *to)
{
    uint32_t bits32;
    uint64_t bits64;
    float single = random_float(number);
    double twice = random_double(number);
    memcpy(&bits32, &single, sizeof bits32);
    memcpy(&bits64, &twice, sizeof bits64);
    switch (type) {
    case MIDGE_FLOAT32: put(to, bits32, 4); break;
    case MIDGE_COMPLEX64: put(to, bits32, 4); break;
    case MIDGE_FLOAT64:
    case MIDGE_COMPLEX128: put(to, bits64, 8); break;
    case MIDGE_FLOAT16: put(to, cli_float_to_half(single), 2); break;
    case MIDGE_BFLOAT16: put(to, bits32 >> 16, 2); break;
    case MIDGE_BOOL: to[0] = (unsigned char)(number & 1); break;
    /* Exponents below the bias, so that the value stays within 1. */
    case MIDGE_FLOAT8_E4M3FN:
        to[0] = (unsigned char)((number & 0x87) | (number >> 8) % 7 << 3);
        break;
    case MIDGE_FLOAT8_E5M2:
        to[0] = (unsigned char)((number & 0x83) | (number >> 8) % 15 << 2);
        break;
    default: put(to, number, width); break;
    }
}

midge_status cli_fill_random(const char *name, uint64_t seed, size_t input, midge_type type,
                             size_t elements, unsigned char *data, size_t bytes, midge_error *error)
{
    uint64_t state = seed + ((uint64_t)input * 0x9e3779b97f4a7c15u << 32);
    size_t width = midge_type_bits(type) / 8;
    bool is_complex = type == MIDGE_COMPLEX64 || type == MIDGE_COMPLEX128;
    if (!cli_is_number(type)) {
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "input %zu '%s' is of type %s, which cannot be filled at random; give it "
                        "with --input",
                        input, name, midge_type_name(type));
    }
    if (width == 0) {
        for (size_t i = 0; i < bytes; ++i) data[i] = (unsigned char)cli_random_next(&state);
        return MIDGE_OK;
    }
    size_t part = is_complex ? width / 2 : width;
    size_t count = is_complex ? elements * 2 : elements;
    for (size_t i = 0; i < count && (i + 1) * part <= bytes; ++i) {
        put_element(type, cli_random_next(&state), part, data + i * part);
    }
    return MIDGE_OK;
}
