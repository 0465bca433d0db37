/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/requantize.h"

#include <math.h>

#include "kernel/ref/real_functions.h"

/* The zero point is added after the cut, where it cannot overflow. */
static inline int32_t finish(const mg_requantization *p, int32_t value)
{
    int64_t least = (int64_t)p->least - p->zero_out;
    int64_t most = (int64_t)p->most - p->zero_out;
    return (int32_t)((value < least ? least : value > most ? most : value) + p->zero_out);
}

/* Without a sign: an int32 operand may be far from its zero point. */
static inline int32_t centred(const mg_requantization *p, int32_t stored)
{
    return (int32_t)((uint32_t)stored - (uint32_t)p->zero_in);
}

static inline int32_t requantize(const mg_requantization *p, int32_t stored)
{
    return finish(p, mg_multiply_by_quantized(centred(p, stored), p->factor));
}

static inline int32_t leaky_relu(const mg_requantization *p, int32_t stored)
{
    int32_t value = centred(p, stored);
    if (value >= 0) return finish(p, mg_multiply_by_quantized(value, p->factor));
    int32_t magnitude = mg_multiply_by_quantized(value, p->negative_factor);
    return finish(p, (int32_t)((uint32_t)magnitude * (uint32_t)p->negative_sign));
}

static inline int32_t absolute(const mg_requantization *p, int32_t stored)
{
    int32_t value = centred(p, stored);
    return finish(p, mg_multiply_by_quantized(value < 0 ? -value : value, p->factor));
}

/* Cut off, not rounded. */
static inline int32_t square_root(const mg_requantization *p, int32_t stored)
{
    float real = p->scale_in * (float)centred(p, stored);
    float steps = sqrtf(real < 0 ? 0 : real) / p->scale_out;
    return finish(p, steps < 1e9f ? (int32_t)steps : 1000000000);
}

int32_t mg_requantize_stored(int32_t stored, const void *requantization)
{
    return requantize(requantization, stored);
}

int32_t mg_leaky_relu_stored(int32_t stored, const void *requantization)
{
    return leaky_relu(requantization, stored);
}

int32_t mg_absolute_stored(int32_t stored, const void *requantization)
{
    return absolute(requantization, stored);
}

int32_t mg_square_root_stored(int32_t stored, const void *requantization)
{
    return square_root(requantization, stored);
}

/* x is brought to 2^27 … 2^29 - 1 by powers of 4, then five Newton steps y * (3 - x * y^2) / 2 in
 * fixed point with three integer bits. */
mg_multiplier mg_inverse_square_root(int32_t x)
{
    mg_multiplier result = {INT32_MAX, 0};
    if (x <= 1) return result;
    int shift = 11;
    for (; x >= 1 << 29; x /= 4) ++shift;
    for (; x < 1 << 27; x *= 4) --shift;
    const int32_t three_halves = (1 << 28) + (1 << 27);
    const int32_t half_of_square_root_of_2 = 1518500250;
    int32_t half_x = mg_rounding_shift_right(x >> 1, 1);
    int32_t y = 1 << 28;
    for (int step = 0; step < 5; ++step) {
        int32_t square = mg_saturating_doubling_high_multiply(y, y);
        int32_t cube = mg_saturating_shift_left(mg_saturating_doubling_high_multiply(square, y), 6);
        int32_t difference = mg_saturating_doubling_high_multiply(three_halves, y) -
                             mg_saturating_doubling_high_multiply(half_x, cube);
        y = mg_saturating_shift_left(difference, 3);
    }
    result.multiplier = mg_saturating_doubling_high_multiply(y, half_of_square_root_of_2);
    if (shift < 0) {
        result.multiplier = mg_shift_left(result.multiplier, -shift);
        shift = 0;
    }
    result.shift = -shift;
    return result;
}

int32_t mg_reciprocal_square_root_stored(int32_t stored, const void *requantization)
{
    enum { FRACTION_BITS = 20 };
    const mg_requantization *p = requantization;
    int32_t value = centred(p, stored);
    if (value <= 0) return p->most;
    mg_multiplier inverse = mg_inverse_square_root(value);
    inverse.shift += FRACTION_BITS;
    int32_t fraction = mg_multiply_by_quantized(1, inverse);
    mg_multiplier factor = p->factor;
    factor.shift -= FRACTION_BITS;
    if (factor.shift < -31) return finish(p, 0);
    return finish(p, mg_multiply_by_quantized(fraction, factor));
}

/* In 16 bits throughout: x on 128 times its scale, times relu6(x + 3) / 6 as a fraction of 2^15. */
int32_t mg_hard_swish_stored(int32_t stored, const void *hard_swish)
{
    const mg_hard_swish *p = hard_swish;
    int16_t fine = (int16_t)((stored - p->zero_in) * 128);
    int16_t scaled = mg_saturating_doubling_high_multiply_16(fine, p->output_multiplier);
    int16_t reluish = fine;
    if (p->reluish_shift > 0) reluish = mg_saturating_shift_left_16(reluish, p->reluish_shift - 1);
    reluish = mg_saturating_doubling_high_multiply_16(reluish, p->reluish_multiplier);
    if (p->reluish_shift > 0) reluish = mg_saturating_shift_left_16(reluish, 1);
    if (p->reluish_shift < 0)
        reluish = (int16_t)mg_rounding_shift_right(reluish, -p->reluish_shift);
    int32_t fraction = (reluish + (1 << 15)) >> 1;
    int32_t product = fraction * scaled / (1 << 15);
    int32_t value = mg_rounding_shift_right(product, -p->output_shift) + p->zero_out;
    return mg_clamp(value, p->least, p->most);
}

/* A row that maps each element by `function`; the parameters are copied, because a store of 8 bits
 * could otherwise change them for all the compiler knows. */
#define MAP(name, operand, answer, function)                                     \
    void mg_row_##name(const void *const *operands, void *result, size_t count,  \
                       const void *requantization)                               \
    {                                                                            \
        const operand *in = operands[0];                                         \
        answer *out = result;                                                    \
        const mg_requantization p = *(const mg_requantization *)requantization;  \
        for (size_t i = 0; i < count; ++i) out[i] = (answer)function(&p, in[i]); \
    }
MAP(leaky_relu_i16, int16_t, int16_t, leaky_relu)
MAP(absolute_quantized_i16, int16_t, int16_t, absolute)
MAP(square_root_i16, int16_t, int16_t, square_root)
MAP(requantize_u8_to_i16, uint8_t, int16_t, requantize)
MAP(requantize_i8_to_i16, int8_t, int16_t, requantize)
MAP(requantize_i8_to_i32, int8_t, int32_t, requantize)
MAP(requantize_i16_to_u8, int16_t, uint8_t, requantize)
MAP(requantize_i16_to_i8, int16_t, int8_t, requantize)
MAP(requantize_i16_to_i16, int16_t, int16_t, requantize)
MAP(requantize_i16_to_i32, int16_t, int32_t, requantize)
MAP(requantize_i32_to_i8, int32_t, int8_t, requantize)
MAP(requantize_i32_to_i16, int32_t, int16_t, requantize)

/* Half away from zero; saturates, NaN gives the zero point. */
static inline int32_t quantize(float real, float scale, int32_t zero, const mg_requantization *p)
{
    float least = (float)(p->least - zero);
    float most = (float)(p->most - zero);
    float steps = mg_round_half_away_f32(real / scale);
    steps = steps == steps ? steps : 0.0f;
    steps = steps < least ? least : steps;
    steps = steps > most ? most : steps;
    return (int32_t)steps + zero;
}

/* The reference multiplies in double; the product of a float and 17 bits is exact there, so its
 * rounding to float is that of a product of floats. */
static inline float dequantize(const mg_requantization *p, int32_t stored)
{
    return p->scale_in * (float)(stored - p->zero_in);
}

static inline int32_t quantize_all(const mg_requantization *p, float real)
{
    return quantize(real, p->scale_out, p->zero_out, p);
}

MAP(quantize_u8, float, uint8_t, quantize_all)
MAP(quantize_i8, float, int8_t, quantize_all)
MAP(quantize_i16, float, int16_t, quantize_all)
MAP(dequantize_u8, uint8_t, float, dequantize)
MAP(dequantize_i8, int8_t, float, dequantize)
MAP(dequantize_i16, int16_t, float, dequantize)

#define QUANTIZE_CHANNELS(name, answer)                                               \
    void mg_row_quantize_##name##_channels(const void *const *operands, void *result, \
                                           size_t count, const void *requantization)  \
    {                                                                                 \
        const float *in = operands[0];                                                \
        const float *scale = operands[1];                                             \
        const int32_t *zero = operands[2];                                            \
        answer *out = result;                                                         \
        const mg_requantization p = *(const mg_requantization *)requantization;       \
        for (size_t i = 0; i < count; ++i)                                            \
            out[i] = (answer)quantize(in[i], scale[i], zero[i], &p);                  \
    }
QUANTIZE_CHANNELS(u8, uint8_t)
QUANTIZE_CHANNELS(i8, int8_t)
QUANTIZE_CHANNELS(i16, int16_t)

#define DEQUANTIZE_CHANNELS(name, operand)                                               \
    void mg_row_dequantize_##name##_channels(const void *const *operands, void *result,  \
                                             size_t count, const void *requantization)   \
    {                                                                                    \
        const operand *in = operands[0];                                                 \
        const float *scale = operands[1];                                                \
        const int32_t *zero = operands[2];                                               \
        float *out = result;                                                             \
        (void)requantization;                                                            \
        for (size_t i = 0; i < count; ++i) out[i] = scale[i] * (float)(in[i] - zero[i]); \
    }
DEQUANTIZE_CHANNELS(u8, uint8_t)
DEQUANTIZE_CHANNELS(i8, int8_t)
DEQUANTIZE_CHANNELS(i16, int16_t)
