/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/quantized_rows.h"

#include "kernel/ref/fixed_point_functions.h"

/* The zero point is added after the cut, where it cannot overflow. */
static inline int32_t stored(const mg_quantized_pair *p, int32_t value)
{
    return mg_clamp(value, p->least - p->zero_out, p->most - p->zero_out) + p->zero_out;
}

static inline int32_t scaled_a(const mg_quantized_pair *p, int32_t a)
{
    return mg_multiply_by_quantized((a - p->zero_a) * (1 << p->left_shift), p->factor_a);
}

static inline int32_t scaled_b(const mg_quantized_pair *p, int32_t b)
{
    return mg_multiply_by_quantized((b - p->zero_b) * (1 << p->left_shift), p->factor_b);
}

static inline int32_t sum(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return stored(p, mg_multiply_by_quantized(scaled_a(p, a) + scaled_b(p, b), p->factor_out));
}

static inline int32_t difference(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return stored(p, mg_multiply_by_quantized(scaled_a(p, a) - scaled_b(p, b), p->factor_out));
}

static inline int32_t shifted_sum(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return mg_clamp(mg_rounding_shift_right(a, p->shift_a) + mg_rounding_shift_right(b, p->shift_b),
                    p->least, p->most);
}

static inline int32_t shifted_difference(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return mg_clamp(mg_rounding_shift_right(a, p->shift_a) - mg_rounding_shift_right(b, p->shift_b),
                    p->least, p->most);
}

static inline int32_t product(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return stored(p, mg_multiply_by_quantized((a - p->zero_a) * (b - p->zero_b), p->factor_out));
}

static inline int32_t fraction_product(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    int32_t fraction = mg_saturating_doubling_high_multiply_16((int16_t)a, (int16_t)b);
    return stored(p, mg_rounding_shift_right(fraction, 8));
}

/* Leading bits equal to the sign bit, beside it. */
static inline int spare_bits(int32_t value)
{
    uint32_t magnitude = (uint32_t)(value < 0 ? ~value : value);
    int bits = 31;
    for (; magnitude != 0; magnitude >>= 1) --bits;
    return bits;
}

/*
 * b is brought to 2^31 … 2^32 - 1 and its reciprocal found there by Newton's method; a is brought
 * to full width too, so that the product keeps all its bits.
 */
static inline int32_t quotient(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    int32_t dividend = a - p->zero_a;
    int32_t divisor = b - p->zero_b;
    if (divisor < 0) {
        dividend = -dividend;
        divisor = -divisor;
    }
    int leading_zeros = spare_bits(divisor) + 1;
    int32_t fraction = (int32_t)(((uint32_t)divisor << leading_zeros) - (UINT32_C(1) << 31));
    int32_t reciprocal = mg_fixed_one_over_one_plus(32, fraction);
    int headroom = spare_bits(dividend);
    int32_t unscaled =
        mg_saturating_doubling_high_multiply(mg_shift_left(dividend, headroom), reciprocal);
    int32_t scaled = mg_saturating_doubling_high_multiply(unscaled, p->factor_out.multiplier);
    int right = 31 - leading_zeros + headroom - p->factor_out.shift;
    if (right > 31) return stored(p, 0);
    return stored(p, right >= 0 ? mg_rounding_shift_right(scaled, right)
                                : mg_saturating_shift_left(scaled, -right));
}

static inline int32_t squared_difference(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    int32_t distance = scaled_a(p, a) - scaled_b(p, b);
    return stored(p, mg_multiply_by_quantized(distance * distance, p->factor_out));
}

static inline int32_t prelu(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    int32_t value = a - p->zero_a;
    if (value >= 0) return stored(p, mg_multiply_by_quantized(value, p->factor_a));
    return stored(p, mg_multiply_by_quantized(value * (b - p->zero_b), p->factor_b));
}

static inline int32_t equal(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return scaled_a(p, a) == scaled_b(p, b);
}

static inline int32_t not_equal(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return scaled_a(p, a) != scaled_b(p, b);
}

static inline int32_t less(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return scaled_a(p, a) < scaled_b(p, b);
}

static inline int32_t less_equal(const mg_quantized_pair *p, int32_t a, int32_t b)
{
    return scaled_a(p, a) <= scaled_b(p, b);
}

/* The parameters are copied: a store of 8 bits could otherwise change them for all the compiler
 * knows. */
#define ROW(name, first, second, answer, function)                                        \
    void mg_row_quantized_##name(const void *const *operands, void *result, size_t count, \
                                 const void *quantized_pair)                              \
    {                                                                                     \
        const first *a = operands[0];                                                     \
        const second *b = operands[1];                                                    \
        answer *out = result;                                                             \
        const mg_quantized_pair p = *(const mg_quantized_pair *)quantized_pair;           \
        for (size_t i = 0; i < count; ++i) out[i] = (answer)function(&p, a[i], b[i]);     \
    }
#include "kernel/ref/quantized_rows.def"
