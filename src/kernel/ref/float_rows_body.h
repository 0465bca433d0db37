/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of float_rows.def as functions, and their table. A file of each tier includes this with
 * TIER_ROW(name) defined as the name of a function, and gets them in the tier's instructions.
 */
#include <math.h>

#include "kernel/ref/real_functions.h"
#include "kernel/rows.h"

/* Both values are computed, so that no branch is needed. */
static inline float select_f32(int condition, float yes, float no)
{
    return condition ? yes : no;
}

static inline float clamp_f32(float value, mg_range_f32 range)
{
    float above = value < range.least ? range.least : value;
    return above > range.most ? range.most : above;
}

#define UNARY(name, expression)                                                               \
    TIER_ROW(name)(const void *const *operands, void *result, size_t count, const void *none) \
    {                                                                                         \
        const float *in = operands[0];                                                        \
        float *out = result;                                                                  \
        (void)none;                                                                           \
        for (size_t i = 0; i < count; ++i) {                                                  \
            float x = in[i];                                                                  \
            out[i] = expression;                                                              \
        }                                                                                     \
    }
#define BINARY(name, expression)                                                              \
    TIER_ROW(name)(const void *const *operands, void *result, size_t count, const void *none) \
    {                                                                                         \
        const float *first = operands[0];                                                     \
        const float *second = operands[1];                                                    \
        float *out = result;                                                                  \
        (void)none;                                                                           \
        for (size_t i = 0; i < count; ++i) {                                                  \
            float a = first[i];                                                               \
            float b = second[i];                                                              \
            out[i] = expression;                                                              \
        }                                                                                     \
    }
#define SCALED(name, expression)                                                               \
    TIER_ROW(name)(const void *const *operands, void *result, size_t count, const void *scale) \
    {                                                                                          \
        const float *in = operands[0];                                                         \
        float *out = result;                                                                   \
        float factor = *(const float *)scale;                                                  \
        for (size_t i = 0; i < count; ++i) {                                                   \
            float x = in[i];                                                                   \
            out[i] = expression;                                                               \
        }                                                                                      \
    }
#define CLAMPED_UNARY(name, expression)                                                            \
    TIER_ROW(name)(const void *const *operands, void *result, size_t count, const void *range_f32) \
    {                                                                                              \
        const float *in = operands[0];                                                             \
        float *out = result;                                                                       \
        const mg_range_f32 range = *(const mg_range_f32 *)range_f32;                               \
        for (size_t i = 0; i < count; ++i) {                                                       \
            float x = in[i];                                                                       \
            out[i] = clamp_f32(expression, range);                                                 \
        }                                                                                          \
    }
#define CLAMPED_BINARY(name, expression)                                                           \
    TIER_ROW(name)(const void *const *operands, void *result, size_t count, const void *range_f32) \
    {                                                                                              \
        const float *first = operands[0];                                                          \
        const float *second = operands[1];                                                         \
        float *out = result;                                                                       \
        const mg_range_f32 range = *(const mg_range_f32 *)range_f32;                               \
        for (size_t i = 0; i < count; ++i) {                                                       \
            float a = first[i];                                                                    \
            float b = second[i];                                                                   \
            out[i] = clamp_f32(expression, range);                                                 \
        }                                                                                          \
    }
#include "kernel/ref/float_rows.def"
