/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/reduction_scale.h"

void mg_mean_f32(float *sums, size_t count, size_t n)
{
    for (size_t i = 0; i < count; i++) sums[i] /= (float)n;
}

void mg_mean_s32(const int64_t *sums, size_t count, size_t n, int32_t *outputs)
{
    for (size_t i = 0; i < count; i++) outputs[i] = (int32_t)(sums[i] / (int64_t)n);
}

void mg_mean_s64(const int64_t *sums, size_t count, size_t n, int64_t *outputs)
{
    for (size_t i = 0; i < count; i++) outputs[i] = sums[i] / (int64_t)n;
}

/* The multiplier is first moved up as far as 32 bits and the smallest shift allow, so that the
 * division by n costs the least precision. */
mg_multiplier mg_mean_factor(mg_multiplier factor, int64_t n)
{
    int32_t up = 0;
    while (up < 32 && n >> (up + 1) != 0) ++up;
    if (up > 31 + factor.shift) up = 31 + factor.shift;
    mg_multiplier divided = {(int32_t)(factor.multiplier * (INT64_C(1) << up) / n),
                             factor.shift - up};
    return divided;
}

static int32_t saturate(int64_t value, int32_t least, int32_t most)
{
    return (int32_t)(value < least ? least : value > most ? most : value);
}

static int32_t mean(int32_t sum, const mg_mean_scale *scale, int32_t least, int32_t most)
{
    int32_t centred = (int32_t)(uint32_t)(uint64_t)(sum - scale->zero_sum);
    int64_t value = mg_multiply_by_quantized(centred, scale->factor);
    return saturate(value + scale->zero_point, least, most);
}

static int32_t scaled_sum(int32_t sum, const mg_sum_scale *scale, int32_t least, int32_t most)
{
    float value = mg_round_half_away((float)sum * scale->factor + scale->bias);
    if (!(value > -2147483648.0f)) return least;
    if (!(value < 2147483648.0f)) return most;
    return saturate((int64_t)value + scale->zero_point, least, most);
}

#define SCALE(suffix, type, least, most)                                                         \
    void mg_mean_sums_##suffix(const int32_t *sums, size_t count, const mg_mean_scale *scale,    \
                               type *outputs)                                                    \
    {                                                                                            \
        for (size_t i = 0; i < count; i++) outputs[i] = (type)mean(sums[i], scale, least, most); \
    }                                                                                            \
                                                                                                 \
    void mg_scale_sums_##suffix(const int32_t *sums, size_t count, const mg_sum_scale *scale,    \
                                type *outputs)                                                   \
    {                                                                                            \
        for (size_t i = 0; i < count; i++)                                                       \
            outputs[i] = (type)scaled_sum(sums[i], scale, least, most);                          \
    }

SCALE(s8, int8_t, INT8_MIN, INT8_MAX)
SCALE(u8, uint8_t, 0, UINT8_MAX)
SCALE(s16, int16_t, INT16_MIN, INT16_MAX)

#define SCALE_PRODUCTS(suffix, type, least, most)                                                \
    void mg_scale_products_##suffix(const int32_t *products, size_t count, mg_multiplier factor, \
                                    int32_t zero_point, type *outputs)                           \
    {                                                                                            \
        for (size_t i = 0; i < count; i++) {                                                     \
            int64_t value = mg_multiply_by_quantized_64(products[i], factor);                    \
            outputs[i] = (type)saturate(value + zero_point, least, most);                        \
        }                                                                                        \
    }

SCALE_PRODUCTS(s8, int8_t, INT8_MIN, INT8_MAX)
SCALE_PRODUCTS(s16, int16_t, INT16_MIN, INT16_MAX)
