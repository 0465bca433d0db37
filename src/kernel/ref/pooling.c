/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/pooling.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/fixed_point.h"
#include "kernel/pool.h"

/* Goes over the window a row of channels at a time, so that the inner loop runs along memory. */
#define FOR_EACH_PIXEL(type, pixel)                                        \
    for (size_t row = 0; row < window->rows; row++)                        \
        for (const type *pixel = input + row * window->row_stride,         \
                        *end = pixel + window->columns * window->channels; \
             pixel != end; pixel += window->channels)

static float clamp_f32(float value, float least, float most)
{
    value = value < least ? least : value;
    return value > most ? most : value;
}

void mg_average_window_f32(const float *input, const mg_pool_window *window, float least,
                           float most, float *output)
{
    size_t channels = window->channels;
    float count = (float)(window->rows * window->columns);
    for (size_t c = 0; c < channels; c++) output[c] = 0.0f;
    FOR_EACH_PIXEL(float, pixel)
    {
        for (size_t c = 0; c < channels; c++) output[c] += pixel[c];
    }
    for (size_t c = 0; c < channels; c++) output[c] = clamp_f32(output[c] / count, least, most);
}

void mg_l2_window_f32(const float *input, const mg_pool_window *window, float least, float most,
                      float *output)
{
    size_t channels = window->channels;
    float count = (float)(window->rows * window->columns);
    for (size_t c = 0; c < channels; c++) output[c] = 0.0f;
    FOR_EACH_PIXEL(float, pixel)
    {
        for (size_t c = 0; c < channels; c++) output[c] += pixel[c] * pixel[c];
    }
    for (size_t c = 0; c < channels; c++)
        output[c] = clamp_f32(sqrtf(output[c] / count), least, most);
}

void mg_max_window_f32(const float *input, const mg_pool_window *window, float least, float most,
                       float *output)
{
    size_t channels = window->channels;
    for (size_t c = 0; c < channels; c++) output[c] = -FLT_MAX;
    FOR_EACH_PIXEL(float, pixel)
    {
        for (size_t c = 0; c < channels; c++)
            output[c] = pixel[c] > output[c] ? pixel[c] : output[c];
    }
    for (size_t c = 0; c < channels; c++) output[c] = clamp_f32(output[c], least, most);
}

/* x / n for 0 <= x < 2^31 is x * factor >> shift: the factor is 2^shift / n rounded up, and shift
 * so large that the error of the factor, below n / 2^shift, stays below 1 / x. */
typedef struct reciprocal {
    uint64_t factor;
    int shift;
} reciprocal;

static reciprocal reciprocal_of(int32_t n)
{
    int shift = 31;
    while ((INT64_C(1) << (shift - 31)) < n) ++shift;
    reciprocal result = {(UINT64_C(1) << shift) / (uint64_t)n + 1, shift};
    return result;
}

/* sum / count to nearest, ties away from zero. */
static int32_t mean(int32_t sum, int32_t count, reciprocal inverse)
{
    int64_t magnitude = (sum < 0 ? -(int64_t)sum : sum) + count / 2;
    int64_t quotient = magnitude <= INT32_MAX
                           ? (int64_t)((uint64_t)magnitude * inverse.factor >> inverse.shift)
                           : magnitude / count;
    return (int32_t)(sum < 0 ? -quotient : quotient);
}

#define INTEGER_KERNELS(suffix, type)                                                             \
    void mg_max_window_##suffix(const type *input, const mg_pool_window *window, int32_t least,   \
                                int32_t most, type *output)                                       \
    {                                                                                             \
        size_t channels = window->channels;                                                       \
        memcpy(output, input, channels * sizeof(type));                                           \
        FOR_EACH_PIXEL(type, pixel)                                                               \
        {                                                                                         \
            for (size_t c = 0; c < channels; c++)                                                 \
                output[c] = pixel[c] > output[c] ? pixel[c] : output[c];                          \
        }                                                                                         \
        for (size_t c = 0; c < channels; c++) output[c] = (type)mg_clamp(output[c], least, most); \
    }                                                                                             \
                                                                                                  \
    void mg_sum_window_##suffix(const type *input, const mg_pool_window *window, int32_t *sums)   \
    {                                                                                             \
        size_t channels = window->channels;                                                       \
        memset(sums, 0, channels * sizeof(int32_t));                                              \
        FOR_EACH_PIXEL(type, pixel)                                                               \
        {                                                                                         \
            for (size_t c = 0; c < channels; c++)                                                 \
                sums[c] = (int32_t)((uint32_t)sums[c] + (uint32_t)pixel[c]);                      \
        }                                                                                         \
    }                                                                                             \
                                                                                                  \
    void mg_average_sums_##suffix(const int32_t *sums, size_t channels, int32_t count,            \
                                  int32_t least, int32_t most, type *output)                      \
    {                                                                                             \
        reciprocal inverse = reciprocal_of(count);                                                \
        for (size_t c = 0; c < channels; c++)                                                     \
            output[c] = (type)mg_clamp(mean(sums[c], count, inverse), least, most);               \
    }

INTEGER_KERNELS(s8, int8_t)
INTEGER_KERNELS(u8, uint8_t)
INTEGER_KERNELS(s16, int16_t)

const mg_pool_kernel mg_pool_ref = {
    mg_average_window_f32, mg_max_window_f32, mg_max_window_s8,
    mg_max_window_u8,      mg_sum_window_s8,  mg_sum_window_u8,
};
