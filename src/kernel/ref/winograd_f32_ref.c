/* SPDX-License-Identifier: Apache-2.0 */
/* winograd_f32 in plain C, one element at a time. */
#include <stddef.h>

enum { LANES = 1 };
#define VECTOR float
#define LOAD(p) (*(p))
#define STORE(p, v) (*(p) = (v))
#define ADD(a, b) ((a) + (b))
#define SUBTRACT(a, b) ((a) - (b))
#define MULTIPLY(a, constant) ((a) * (constant))
#define FUSE(a, constant, b) ((a) * (constant) + (b))
#define CLAMP(v, minimum, maximum) clamp(v, minimum, maximum)

static inline float clamp(float value, float minimum, float maximum)
{
    const float low = value < minimum ? minimum : value;
    return low > maximum ? maximum : low;
}

#include "kernel/winograd_loops.h"

static void weights(const float *taps, size_t tap_stride, size_t count, float *out, size_t stride)
{
    for (size_t i = 0; i < count; i++) transform_weights(taps + i, tap_stride, out + i, stride);
}

static void input(const float *const *patch, size_t count, float *out, size_t stride)
{
    for (size_t i = 0; i < count; i++) transform_input(patch, i, out + i, stride);
}

static void output(const float *in, size_t stride, size_t count, const float *bias, float minimum,
                   float maximum, float *const *tile)
{
    for (size_t i = 0; i < count; i++)
        transform_output(in + i, stride, bias ? bias[i] : 0.0f, minimum, maximum, i, tile);
}

const mg_winograd_f32_kernel mg_winograd_f32_ref = {weights, input, output};
