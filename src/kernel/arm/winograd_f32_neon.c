/* SPDX-License-Identifier: Apache-2.0 */
/* winograd_f32 with NEON, 4 elements at a time. A last vector that is not full reaches back; fewer
 * elements than a vector go to the plain kernel. */
#include "kernel/arm/lanes_neon.h"

enum { LANES = 4 };
#define VECTOR float32x4_t
#define LOAD(p) vld1q_f32(p)
#define STORE(p, v) vst1q_f32(p, v)
#define SPREAD(x) vdupq_n_f32(x)
#define ADD(a, b) vaddq_f32(a, b)
#define SUBTRACT(a, b) vsubq_f32(a, b)
#define MULTIPLY(a, constant) vmulq_f32(a, vdupq_n_f32(constant))
#define FUSE(a, constant, b) vfmaq_f32(b, a, vdupq_n_f32(constant))
#define CLAMP(v, minimum, maximum) mg_clamp_neon(v, minimum, maximum)

#include "kernel/winograd_loops.h"

extern const mg_winograd_f32_kernel mg_winograd_f32_ref;

/* The vector after the one at `i`. */
static inline size_t next_vector(size_t i, size_t count)
{
    if (i + LANES == count) return count;
    return i + 2 * LANES <= count ? i + LANES : count - LANES;
}

static void weights(const float *taps, size_t tap_stride, size_t count, float *out, size_t stride)
{
    if (count < LANES) {
        mg_winograd_f32_ref.weights(taps, tap_stride, count, out, stride);
        return;
    }
    for (size_t i = 0; i < count; i = next_vector(i, count))
        transform_weights(taps + i, tap_stride, out + i, stride);
}

static void input(const float *const *patch, size_t count, float *out, size_t stride)
{
    if (count < LANES) {
        mg_winograd_f32_ref.input(patch, count, out, stride);
        return;
    }
    for (size_t i = 0; i < count; i = next_vector(i, count))
        transform_input(patch, i, out + i, stride);
}

static void output(const float *in, size_t stride, size_t count, const float *bias, float minimum,
                   float maximum, float *const *tile)
{
    if (count < LANES) {
        mg_winograd_f32_ref.output(in, stride, count, bias, minimum, maximum, tile);
        return;
    }
    const VECTOR low = SPREAD(minimum), high = SPREAD(maximum);
    for (size_t i = 0; i < count; i = next_vector(i, count))
        transform_output(in + i, stride, bias ? LOAD(bias + i) : SPREAD(0.0f), low, high, i, tile);
}

const mg_winograd_f32_kernel mg_winograd_f32_neon = {weights, input, output};
