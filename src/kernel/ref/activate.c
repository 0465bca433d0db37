/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/activate.h"

#include <math.h>
#include <string.h>

static void clamp(const float *values, size_t count, float least, float most, float *result)
{
    for (size_t i = 0; i < count; i++) {
        float low = values[i] < least ? least : values[i];
        result[i] = low > most ? most : low;
    }
}

void mg_activate_f32(const mg_pointwise_f32_kernel *pointwise, mg_activate kind,
                     const float *values, size_t count, float *result)
{
    const void *operands[] = {values};
    switch (kind) {
    case MG_ACTIVATE_NONE:
        if (result != values && count > 0) memcpy(result, values, count * sizeof(float));
        break;
    case MG_ACTIVATE_RELU: clamp(values, count, 0.0f, INFINITY, result); break;
    case MG_ACTIVATE_RELU_N1_TO_1: clamp(values, count, -1.0f, 1.0f, result); break;
    case MG_ACTIVATE_RELU6: clamp(values, count, 0.0f, 6.0f, result); break;
    case MG_ACTIVATE_TANH: pointwise->rows[MG_FLOAT_ROW_tanh](operands, result, count, NULL); break;
    case MG_ACTIVATE_SIGN_BIT:
        for (size_t i = 0; i < count; i++) result[i] = signbit(values[i]) ? 1.0f : 0.0f;
        break;
    case MG_ACTIVATE_LOGISTIC:
        pointwise->rows[MG_FLOAT_ROW_logistic](operands, result, count, NULL);
        break;
    }
}

void mg_clip_f32(float *values, size_t count, float limit)
{
    if (limit > 0.0f) clamp(values, count, -limit, limit, values);
}

void mg_normalize_f32(float *values, size_t count)
{
    const float least_variance = 1e-8f;
    float sum = 0.0f, squares = 0.0f;
    for (size_t i = 0; i < count; i++) sum += values[i];
    float mean = sum / (float)count;
    for (size_t i = 0; i < count; i++) squares += (values[i] - mean) * (values[i] - mean);
    float inverse = 1.0f / sqrtf(squares / (float)count + least_variance);
    for (size_t i = 0; i < count; i++) values[i] = (values[i] - mean) * inverse;
}
