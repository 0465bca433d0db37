/* SPDX-License-Identifier: Apache-2.0 */
/* Scales are single precision products in a fixed order, because results must agree with other
 * runtimes to the last bit of the quantised values. */
#include "kernel/ref/hybrid.h"

#include <math.h>
#include <string.h>

#include "kernel/dynamic.h"

bool mg_all_zero_f32(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i] != 0.0f) return false;
    }
    return true;
}

static void find_range(const float *values, size_t count, float *least, float *most)
{
    *least = *most = count > 0 ? values[0] : 0.0f;
    for (size_t i = 1; i < count; i++) {
        if (values[i] < *least) *least = values[i];
        if (values[i] > *most) *most = values[i];
    }
}

/* To the nearest integer within -1000 … 1000, ties away from zero. Not-a-number becomes -1000. */
static int32_t round_small(float value)
{
    float bounded = value > -1000.0f ? value : -1000.0f;
    if (bounded > 1000.0f) bounded = 1000.0f;
    int32_t whole = (int32_t)bounded;
    float rest = bounded - (float)whole;
    return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

static int8_t cut_to_int8(int32_t value, int32_t least)
{
    return (int8_t)(value < least ? least : value > INT8_MAX ? INT8_MAX : value);
}

static void quantize_symmetric(const float *values, size_t count, int8_t *quantized, float *scale)
{
    float least, most;
    find_range(values, count, &least, &most);
    float range = fabsf(least) > fabsf(most) ? fabsf(least) : fabsf(most);
    if (range == 0.0f) {
        memset(quantized, 0, count);
        *scale = 1.0f;
        return;
    }
    *scale = range / 127.0f;
    float inverse = 127.0f / range;
    for (size_t i = 0; i < count; i++) {
        quantized[i] = cut_to_int8(round_small(values[i] * inverse), -INT8_MAX);
    }
}

void mg_quantize_asymmetric_f32(const float *values, size_t count, int8_t *quantized, float *scale,
                                int32_t *zero_point)
{
    float least, most, factor;
    find_range(values, count, &least, &most);
    mg_asymmetric_scale(least, most, scale, &factor, zero_point);
    if (factor == 0.0f) {
        memset(quantized, 0, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        quantized[i] = cut_to_int8(*zero_point + round_small(values[i] * factor), INT8_MIN);
    }
}

void mg_quantize_vectors_f32(const float *values, size_t vectors, size_t depth, int8_t *quantized,
                             float *scales, int32_t *zero_points)
{
    for (size_t v = 0; v < vectors; v++) {
        const float *from = values + v * depth;
        int8_t *to = quantized + v * depth;
        if (zero_points != NULL) {
            mg_quantize_asymmetric_f32(from, depth, to, &scales[v], &zero_points[v]);
        } else {
            quantize_symmetric(from, depth, to, &scales[v]);
        }
    }
}

void mg_row_sums_s8(const int8_t *matrix, size_t rows, size_t depth, int32_t *sums)
{
    for (size_t row = 0; row < rows; row++) {
        int32_t sum = 0;
        for (size_t i = 0; i < depth; i++) sum += matrix[row * depth + i];
        sums[row] = sum;
    }
}
