/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax with NEON, 4 elements at a time; the last ones go through a padded vector.
 *
 * exp(x) for x <= 0: x = n * log(2) + r with |r| <= log(2) / 2, n to nearest by adding and taking
 * away a number whose last place is 1. exp(r) is a polynomial of degree 6, and 2^n goes into the
 * exponent. Results below 2^-126 are 0.
 */
#include <arm_neon.h>
#include <float.h>
#include <string.h>

#include "kernel/softmax.h"

static inline float32x4_t exp_of_negative(float32x4_t x)
{
    const float32x4_t least = vdupq_n_f32(-87.33654f), magic = vdupq_n_f32(12582912.0f);
    const uint32x4_t nothing = vcltq_f32(x, least);
    x = vbslq_f32(nothing, least, x);
    const float32x4_t n = vsubq_f32(vaddq_f32(vmulq_n_f32(x, 1.44269504088896341f), magic), magic);
    /* log(2) in two parts, of which the first has few enough bits for n times it to be exact */
    float32x4_t r = vfmsq_f32(x, n, vdupq_n_f32(0.693359375f));
    r = vfmsq_f32(r, n, vdupq_n_f32(-2.12194440e-4f));
    float32x4_t p = vdupq_n_f32(1.0f / 720);
    p = vfmaq_f32(vdupq_n_f32(1.0f / 120), p, r);
    p = vfmaq_f32(vdupq_n_f32(1.0f / 24), p, r);
    p = vfmaq_f32(vdupq_n_f32(1.0f / 6), p, r);
    p = vfmaq_f32(vdupq_n_f32(0.5f), p, r);
    p = vfmaq_f32(vdupq_n_f32(1.0f), p, r);
    p = vfmaq_f32(vdupq_n_f32(1.0f), p, r);
    const int32x4_t power = vshlq_n_s32(vcvtq_s32_f32(n), 23);
    const int32x4_t scaled = vaddq_s32(vreinterpretq_s32_f32(p), power);
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_s32(scaled), nothing));
}

/* Up to 4 elements, the rest of the vector filled. */
static inline float32x4_t load_part(const float *from, size_t count, float filling)
{
    if (count >= 4) return vld1q_f32(from);
    float lanes[4] = {filling, filling, filling, filling};
    memcpy(lanes, from, count * sizeof(float));
    return vld1q_f32(lanes);
}

static inline void store_part(float *to, float32x4_t values, size_t count)
{
    float lanes[4];
    if (count >= 4) {
        vst1q_f32(to, values);
        return;
    }
    vst1q_f32(lanes, values);
    memcpy(to, lanes, count * sizeof(float));
}

/* NaN is never the largest. */
static float largest(const float *input, size_t depth)
{
    float32x4_t most = vdupq_n_f32(-FLT_MAX);
    for (size_t i = 0; i < depth; i += 4) {
        const float32x4_t x = load_part(input + i, depth - i, -FLT_MAX);
        most = vbslq_f32(vcgtq_f32(x, most), x, most);
    }
    float lanes[4];
    vst1q_f32(lanes, most);
    for (int i = 1; i < 4; i++) lanes[0] = lanes[i] > lanes[0] ? lanes[i] : lanes[0];
    return lanes[0];
}

static void one_row(const float *input, size_t depth, float beta, float *output)
{
    const float most = largest(input, depth);
    float32x4_t sums = vdupq_n_f32(0.0f);
    for (size_t i = 0; i < depth; i += 4) {
        float32x4_t x = vsubq_f32(load_part(input + i, depth - i, most), vdupq_n_f32(most));
        float32x4_t e = exp_of_negative(vmulq_n_f32(x, beta));
        if (depth - i < 4) { /* what fills the vector does not count */
            float lanes[4] = {0.0f, 0.0f, 0.0f, 0.0f};
            store_part(lanes, e, depth - i);
            e = vld1q_f32(lanes);
        }
        sums = vaddq_f32(sums, e);
        store_part(output + i, e, depth - i);
    }
    float lanes[4];
    vst1q_f32(lanes, sums);
    const float sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    for (size_t i = 0; i < depth; i++) output[i] /= sum;
}

static void rows(const float *input, size_t count, size_t depth, float beta, float *output)
{
    if (!(beta >= 0.0f)) { /* exponents above 0 */
        mg_softmax_f32(input, count, depth, beta, output);
        return;
    }
    for (size_t row = 0; row < count; row++)
        one_row(input + row * depth, depth, beta, output + row * depth);
}

const mg_softmax_f32_kernel mg_softmax_f32_neon = {rows};
