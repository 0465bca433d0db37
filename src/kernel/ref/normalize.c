/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/normalize.h"

#include <math.h>

#include "kernel/fixed_point.h"
#include "kernel/ref/requantize.h"

void mg_l2_normalize_f32(const float *input, size_t rows, size_t depth, float epsilon,
                         float *output)
{
    for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
        float sum = 0.0f;
        for (size_t i = 0; i < depth; i++) sum += input[i] * input[i];
        float length = sqrtf(sum);
        length = length < epsilon ? epsilon : length;
        for (size_t i = 0; i < depth; i++) output[i] = input[i] / length;
    }
}

/* Sums beyond 32 bits are brought there by powers of 4, which halve the root. */
static mg_multiplier inverse_length(int64_t sum_of_squares)
{
    int32_t halvings = 0;
    for (; sum_of_squares > INT32_MAX; sum_of_squares /= 4) ++halvings;
    mg_multiplier inverse = mg_inverse_square_root((int32_t)sum_of_squares);
    inverse.shift -= halvings;
    return inverse;
}

void mg_l2_normalize_s8(const int8_t *input, size_t rows, size_t depth, int32_t zero_point,
                        int8_t *output)
{
    enum { OUTPUT_SHIFT = 7 };
    for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
        int64_t sum = 0;
        for (size_t i = 0; i < depth; i++) {
            int32_t value = input[i] - zero_point;
            sum += value * value;
        }
        mg_multiplier inverse = inverse_length(sum);
        inverse.shift += OUTPUT_SHIFT;
        for (size_t i = 0; i < depth; i++) {
            int32_t value = mg_multiply_by_quantized(input[i] - zero_point, inverse);
            output[i] = (int8_t)mg_clamp(value, INT8_MIN, INT8_MAX);
        }
    }
}

void mg_l2_normalize_u8(const uint8_t *input, size_t rows, size_t depth, int32_t zero_point,
                        uint8_t *output)
{
    for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
        int64_t sum = 0;
        for (size_t i = 0; i < depth; i++) {
            int32_t value = input[i] - zero_point;
            sum += value * value;
        }
        mg_multiplier inverse = inverse_length(sum);
        for (size_t i = 0; i < depth; i++) {
            int32_t value = mg_multiply_below_one(128 * (input[i] - zero_point), inverse);
            output[i] = (uint8_t)mg_clamp(value + 128, 0, UINT8_MAX);
        }
    }
}

static float response(float value, double sum, const mg_local_response *parameters)
{
    double base = (double)parameters->bias + (double)parameters->alpha * sum;
    if (parameters->beta == 0.5f) return (float)((double)value / sqrt(base));
    if (parameters->beta == 1.0f) return (float)((double)value / base);
    return (float)((double)value * pow(base, -(double)parameters->beta));
}

static double square(float value)
{
    return (double)value * (double)value;
}

void mg_local_response_f32(const float *input, size_t rows, size_t depth,
                           const mg_local_response *parameters, float *output)
{
    size_t radius = parameters->radius;
    for (size_t row = 0; row < rows; row++, input += depth, output += depth) {
        double sum = 0.0;
        for (size_t i = 0; i < radius && i < depth; i++) sum += square(input[i]);
        for (size_t i = 0; i < depth; i++) {
            if (i + radius < depth) sum += square(input[i + radius]);
            output[i] = response(input[i], sum, parameters);
            if (i >= radius) sum -= square(input[i - radius]);
        }
    }
}
