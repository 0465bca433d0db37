/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/binary_rows.h"

#include <math.h>

/* Integer division is done in 64 bits, where only the quotient of INT64_MIN and -1 overflows; no
 * row forms it. Divisors are not 0: whoever runs these rows has checked. */

static inline int32_t quotient(int32_t a, int32_t b)
{
    return (int32_t)(uint32_t)((int64_t)a / b);
}

static inline int64_t floor_quotient(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static inline int64_t floor_remainder(int64_t a, int64_t b)
{
    if (b == -1) return 0;
    int64_t remainder = a % b;
    return remainder != 0 && (b < 0) != (remainder < 0) ? remainder + b : remainder;
}

static inline float floor_remainder_f32(float a, float b)
{
    float remainder = fmodf(a, b);
    return remainder != 0 && (b < 0) != (remainder < 0) ? remainder + b : remainder;
}

/* base^exponent, exponent >= 0; INT32_MIN where it does not fit. */
static inline int32_t power(int32_t base, int32_t exponent)
{
    int64_t result = 1;
    int64_t square = base;
    for (uint32_t rest = (uint32_t)exponent; rest != 0; rest >>= 1) {
        if (square > INT32_MAX) return INT32_MIN;
        if (rest & 1) result *= square;
        if (result > INT32_MAX || result < INT32_MIN) return INT32_MIN;
        square *= square;
    }
    return (int32_t)result;
}

/* base^exponent modulo 2^32, exponent >= 0. */
static inline int32_t wrapping_power(int32_t base, int32_t exponent)
{
    uint32_t result = 1;
    uint32_t square = (uint32_t)base;
    for (uint32_t rest = (uint32_t)exponent; rest != 0; rest >>= 1) {
        if (rest & 1) result *= square;
        square *= square;
    }
    return (int32_t)result;
}

static inline int shift_amount(int64_t amount, int most)
{
    return amount < 0 ? 0 : amount > most ? most : (int)amount;
}

/* Amounts outside 0 … bits - 1 leave nothing. */
static inline int32_t shift_left(int32_t value, int32_t amount, int bits)
{
    return amount < 0 || amount >= bits ? 0 : (int32_t)((uint32_t)value << amount);
}

#define ROW(name, operand, answer, expression)                                                    \
    void mg_row_##name(const void *const *operands, void *result, size_t count, const void *none) \
    {                                                                                             \
        const operand *first = operands[0];                                                       \
        const operand *second = operands[1];                                                      \
        answer *out = result;                                                                     \
        (void)none;                                                                               \
        for (size_t i = 0; i < count; ++i) {                                                      \
            operand a = first[i];                                                                 \
            operand b = second[i];                                                                \
            out[i] = (answer)(expression);                                                        \
        }                                                                                         \
    }
#include "kernel/ref/binary_rows.def"

void mg_row_multiply_c64(const void *const *operands, void *result, size_t count, const void *none)
{
    const mg_complex64 *a = operands[0];
    const mg_complex64 *b = operands[1];
    mg_complex64 *out = result;
    (void)none;
    for (size_t i = 0; i < count; ++i) {
        mg_complex64 product = {a[i].real * b[i].real - a[i].imaginary * b[i].imaginary,
                                a[i].real * b[i].imaginary + a[i].imaginary * b[i].real};
        out[i] = product;
    }
}

static void clamp_i16(int16_t *values, size_t count, mg_range_i64 range)
{
    for (size_t i = 0; i < count; ++i)
        values[i] = (int16_t)(values[i] < range.least  ? range.least
                              : values[i] > range.most ? range.most
                                                       : values[i]);
}

static void clamp_i32(int32_t *values, size_t count, mg_range_i64 range)
{
    for (size_t i = 0; i < count; ++i)
        values[i] = (int32_t)(values[i] < range.least  ? range.least
                              : values[i] > range.most ? range.most
                                                       : values[i]);
}

static void clamp_i64(int64_t *values, size_t count, mg_range_i64 range)
{
    for (size_t i = 0; i < count; ++i)
        values[i] = values[i] < range.least  ? range.least
                    : values[i] > range.most ? range.most
                                             : values[i];
}

void mg_row_clamped(const void *const *operands, void *result, size_t count,
                    const void *clamped_row)
{
    const mg_clamped_row *clamped = clamped_row;
    clamped->row(operands, result, count, NULL);
    switch (clamped->element_bytes) {
    case 2: clamp_i16(result, count, clamped->range); break;
    case 4: clamp_i32(result, count, clamped->range); break;
    default: clamp_i64(result, count, clamped->range); break;
    }
}
