/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/combine.h"

#include <float.h>
#include <string.h>

#include "kernel/ref/half.h"

/* Sums and products of small integers are made unsigned, where wrapping is defined. */
#define EACH(expression)                            \
    for (size_t i = 0; i < count; ++i, b += step) { \
        a[i] = (expression);                        \
    }                                               \
    break

#define COMBINE(name, type, wide)                                                                  \
    static void combine_##name(mg_combination combination, type *a, const type *b, ptrdiff_t step, \
                               size_t count)                                                       \
    {                                                                                              \
        switch (combination) {                                                                     \
        case MG_COMBINE_REPLACE: EACH(*b);                                                         \
        case MG_COMBINE_ADD: EACH((type)((wide)a[i] + (wide)*b));                                  \
        case MG_COMBINE_MULTIPLY: EACH((type)((wide)a[i] * (wide)*b));                             \
        case MG_COMBINE_MAXIMUM: EACH(a[i] < *b ? *b : a[i]);                                      \
        case MG_COMBINE_MINIMUM: EACH(*b < a[i] ? *b : a[i]);                                      \
        case MG_COMBINE_UPPER: EACH(a[i] >= *b ? a[i] : *b);                                       \
        case MG_COMBINE_LOWER: EACH(a[i] <= *b ? a[i] : *b);                                       \
        case MG_COMBINE_ALL: EACH((type)(a[i] != 0 && *b != 0));                                   \
        case MG_COMBINE_ANY: EACH((type)(a[i] != 0 || *b != 0));                                   \
        }                                                                                          \
    }

COMBINE(i8, int8_t, uint64_t)
COMBINE(u8, uint8_t, uint64_t)
COMBINE(i16, int16_t, uint64_t)
COMBINE(u16, uint16_t, uint64_t)
COMBINE(i32, int32_t, uint64_t)
COMBINE(u32, uint32_t, uint64_t)
COMBINE(i64, int64_t, uint64_t)
COMBINE(u64, uint64_t, uint64_t)
COMBINE(f32, float, float)
COMBINE(f64, double, double)

static void combine_bool(mg_combination combination, uint8_t *a, const uint8_t *b, ptrdiff_t step,
                         size_t count)
{
    switch (combination) {
    case MG_COMBINE_ADD:
    case MG_COMBINE_MAXIMUM:
    case MG_COMBINE_UPPER:
    case MG_COMBINE_ANY: combination = MG_COMBINE_ANY; break;
    case MG_COMBINE_REPLACE: break;
    default: combination = MG_COMBINE_ALL;
    }
    combine_u8(combination, a, b, step, count);
}

static void combine_f16(mg_combination combination, uint16_t *a, const uint16_t *b, ptrdiff_t step,
                        size_t count)
{
    for (size_t i = 0; i < count; ++i, b += step) {
        float old = mg_half_to_float(a[i]), new = mg_half_to_float(*b);
        if (combination == MG_COMBINE_REPLACE) {
            a[i] = *b;
            continue;
        }
        combine_f32(combination, &old, &new, 1, 1);
        a[i] = mg_float_to_half(old);
    }
}

void mg_combine(mg_combination combination, mg_number number, void *into, const void *with,
                ptrdiff_t step, size_t count)
{
    switch (number) {
    case MG_NUMBER_BOOL: combine_bool(combination, into, with, step, count); break;
    case MG_NUMBER_I8: combine_i8(combination, into, with, step, count); break;
    case MG_NUMBER_U8: combine_u8(combination, into, with, step, count); break;
    case MG_NUMBER_I16: combine_i16(combination, into, with, step, count); break;
    case MG_NUMBER_U16: combine_u16(combination, into, with, step, count); break;
    case MG_NUMBER_I32: combine_i32(combination, into, with, step, count); break;
    case MG_NUMBER_U32: combine_u32(combination, into, with, step, count); break;
    case MG_NUMBER_I64: combine_i64(combination, into, with, step, count); break;
    case MG_NUMBER_U64: combine_u64(combination, into, with, step, count); break;
    case MG_NUMBER_F16: combine_f16(combination, into, with, step, count); break;
    case MG_NUMBER_F32: combine_f32(combination, into, with, step, count); break;
    case MG_NUMBER_F64: combine_f64(combination, into, with, step, count); break;
    }
}

size_t mg_number_bytes(mg_number number)
{
    static const uint8_t bytes[] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8};
    return bytes[number];
}

void mg_combine_start(mg_combination combination, mg_number number, void *value)
{
    int sign = combination == MG_COMBINE_MAXIMUM ? -1 : combination == MG_COMBINE_MINIMUM ? 1 : 0;
    float one = combination == MG_COMBINE_MULTIPLY ? 1.0f : 0.0f;
    float real = sign < 0 ? -FLT_MAX : sign > 0 ? FLT_MAX : one;
    int32_t whole = sign < 0 ? INT32_MIN : sign > 0 ? INT32_MAX : (int32_t)one;
    memcpy(value, number == MG_NUMBER_F32 ? (const void *)&real : (const void *)&whole, 4);
}
