/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/unary_rows.h"

#include <math.h>

#include "kernel/ref/magnitude.h"
#include "kernel/ref/real_functions.h"

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
        out[i] = mg_round_half_away_f32((value - p.least) * inverse_scale) * p.scale + p.least;
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

/* Both values are read, so that no branch is needed. */
#define SELECT(bits, type)                                                             \
    void mg_row_select_##bits(const void *const *operands, void *result, size_t count, \
                              const void *none)                                        \
    {                                                                                  \
        const uint8_t *condition = operands[0];                                        \
        const type *yes = operands[1];                                                 \
        const type *no = operands[2];                                                  \
        type *out = result;                                                            \
        (void)none;                                                                    \
        for (size_t i = 0; i < count; ++i) {                                           \
            type a = yes[i];                                                           \
            type b = no[i];                                                            \
            out[i] = condition[i] != 0 ? a : b;                                        \
        }                                                                              \
    }
SELECT(8, uint8_t)
SELECT(16, uint16_t)
SELECT(32, uint32_t)
SELECT(64, uint64_t)
SELECT(128, mg_complex128)
