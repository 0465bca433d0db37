/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/unary_rows.h"

#include <math.h>

float mg_round_half_even_f32(float x)
{
    if (!(fabsf(x) < 8388608.0f)) return x;
    float below = floorf(x);
    float rest = x - below;
    float half = below * 0.5f;
    int up = rest > 0.5f || (rest == 0.5f && floorf(half) != half);
    return copysignf(up ? below + 1.0f : below, x);
}

float mg_logistic_f32(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

float mg_elu_f32(float x)
{
    return x < 0.0f ? expm1f(x) : x;
}

/* x * Phi(x), by the complement of the error function, which keeps its precision for x < 0. */
float mg_gelu_f32(float x)
{
    return 0.5f * x * erfcf(x * -0.70710678118654752f);
}

float mg_gelu_approximate_f32(float x)
{
    const float sqrt_of_2_over_pi = 0.79788456080286536f;
    return 0.5f * x * (1.0f + tanhf(sqrt_of_2_over_pi * (x + 0.044715f * x * x * x)));
}

static inline float hard_swish_f32(float x)
{
    float relu6 = x + 3.0f;
    relu6 = relu6 < 0.0f ? 0.0f : relu6;
    relu6 = relu6 > 6.0f ? 6.0f : relu6;
    return x * relu6 / 6.0f;
}

#define ROW(name, operand, answer, expression)                                                    \
    void mg_row_##name(const void *const *operands, void *result, size_t count, const void *none) \
    {                                                                                             \
        const operand *in = operands[0];                                                          \
        answer *out = result;                                                                     \
        (void)none;                                                                               \
        for (size_t i = 0; i < count; ++i) {                                                      \
            operand x = in[i];                                                                    \
            out[i] = (answer)(expression);                                                        \
        }                                                                                         \
    }
#include "kernel/ref/unary_rows.def"

void mg_row_clamp_f32(const void *const *operands, void *result, size_t count,
                      const void *range_f32)
{
    const float *in = operands[0];
    float *out = result;
    float least = ((const mg_range_f32 *)range_f32)->least;
    float most = ((const mg_range_f32 *)range_f32)->most;
    for (size_t i = 0; i < count; ++i) {
        float value = in[i] < least ? least : in[i];
        out[i] = value > most ? most : value;
    }
}

void mg_row_leaky_relu_f32(const void *const *operands, void *result, size_t count,
                           const void *alpha)
{
    const float *in = operands[0];
    float *out = result;
    float factor = *(const float *)alpha;
    for (size_t i = 0; i < count; ++i) out[i] = in[i] > 0 ? in[i] : in[i] * factor;
}

void mg_row_prelu_f32(const void *const *operands, void *result, size_t count, const void *none)
{
    const float *in = operands[0];
    const float *alpha = operands[1];
    float *out = result;
    (void)none;
    for (size_t i = 0; i < count; ++i) out[i] = in[i] >= 0 ? in[i] : in[i] * alpha[i];
}

void mg_row_fake_quantize_f32(const void *const *operands, void *result, size_t count,
                              const void *fake_quantization)
{
    const float *in = operands[0];
    float *out = result;
    const mg_fake_quantization p = *(const mg_fake_quantization *)fake_quantization;
    float inverse_scale = 1.0f / p.scale;
    for (size_t i = 0; i < count; ++i) {
        float value = in[i] < p.least ? p.least : in[i];
        value = value > p.most ? p.most : value;
        out[i] = roundf((value - p.least) * inverse_scale) * p.scale + p.least;
    }
}

/* Comparisons promote x and boundary to their common type, as C does. */
#define BUCKETIZE(name, operand)                                                              \
    void mg_row_bucketize_##name(const void *const *operands, void *result, size_t count,     \
                                 const void *buckets)                                         \
    {                                                                                         \
        const operand *in = operands[0];                                                      \
        int32_t *out = result;                                                                \
        const mg_buckets p = *(const mg_buckets *)buckets;                                    \
        for (size_t i = 0; i < count; ++i) {                                                  \
            size_t first = 0;                                                                 \
            for (size_t rest = p.count; rest > 0;) {                                          \
                size_t half = rest / 2;                                                       \
                int below = (COMMON_##name)in[i] < (COMMON_##name)p.boundaries[first + half]; \
                first = below ? first : first + half + 1;                                     \
                rest = below ? half : rest - half - 1;                                        \
            }                                                                                 \
            out[i] = (int32_t)first;                                                          \
        }                                                                                     \
    }
#define COMMON_f32 float
#define COMMON_f64 double
#define COMMON_i32 float
#define COMMON_i64 float
BUCKETIZE(f32, float)
BUCKETIZE(f64, double)
BUCKETIZE(i32, int32_t)
BUCKETIZE(i64, int64_t)

#define SELECT(bits, type)                                                             \
    void mg_row_select_##bits(const void *const *operands, void *result, size_t count, \
                              const void *none)                                        \
    {                                                                                  \
        const uint8_t *condition = operands[0];                                        \
        const type *yes = operands[1];                                                 \
        const type *no = operands[2];                                                  \
        type *out = result;                                                            \
        (void)none;                                                                    \
        for (size_t i = 0; i < count; ++i) out[i] = condition[i] ? yes[i] : no[i];     \
    }
SELECT(8, uint8_t)
SELECT(16, uint16_t)
SELECT(32, uint32_t)
SELECT(64, uint64_t)
SELECT(128, mg_complex128)
