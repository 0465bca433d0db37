/* SPDX-License-Identifier: Apache-2.0 */
/* dynamic in plain C. */
#include "kernel/dynamic.h"

static void range(const float *values, size_t count, float *least, float *most)
{
    *least = *most = values[0];
    for (size_t i = 1; i < count; i++) {
        if (values[i] < *least) *least = values[i];
        if (values[i] > *most) *most = values[i];
    }
}

static float cut(float value, float least)
{
    if (!(value >= least)) return least;
    return value <= 127.0f ? value : 127.0f;
}

static void bytes(const float *values, size_t count, float factor, int32_t zero_point,
                  int32_t least, int8_t *out)
{
    const float zero = (float)zero_point;
    for (size_t i = 0; i < count; i++)
        out[i] = (int8_t)cut(roundf(values[i] * factor) + zero, (float)least);
}

static void words(const float *values, size_t count, float factor, int32_t zero_point, int16_t *out)
{
    const float zero = (float)zero_point;
    for (size_t i = 0; i < count; i++)
        out[i] = (int16_t)(cut(roundf(values[i] * factor) + zero, -128.0f) - zero);
}

const mg_dynamic_kernel mg_dynamic_ref = {range, bytes, words};
