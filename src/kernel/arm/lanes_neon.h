/* SPDX-License-Identifier: Apache-2.0 */
/* Partial vectors and clamps that several NEON kernels need; ARMv7 and AArch64. */
#ifndef MG_LANES_NEON_H
#define MG_LANES_NEON_H

#include <arm_neon.h>
#include <stddef.h>
#include <string.h>

/* Not-a-number stays. */
static inline float32x4_t mg_clamp_neon(float32x4_t value, float32x4_t minimum, float32x4_t maximum)
{
    value = vbslq_f32(vcltq_f32(value, minimum), minimum, value);
    return vbslq_f32(vcgtq_f32(value, maximum), maximum, value);
}

/* The first `count` of 4 lanes, the others 0. */
static inline float32x4_t mg_load_part_f32_neon(const float *from, size_t count)
{
    float lanes[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    memcpy(lanes, from, (count < 4 ? count : 4) * sizeof(float));
    return vld1q_f32(lanes);
}

static inline void mg_store_part_f32_neon(float *to, float32x4_t value, size_t count)
{
    float lanes[4];
    vst1q_f32(lanes, value);
    memcpy(to, lanes, (count < 4 ? count : 4) * sizeof(float));
}

static inline float mg_sum_f32_neon(float32x4_t value)
{
    const float32x2_t halves = vadd_f32(vget_low_f32(value), vget_high_f32(value));
    return vget_lane_f32(vpadd_f32(halves, halves), 0);
}

static inline int32_t mg_sum_s32_neon(int32x4_t value)
{
    const int32x2_t halves = vadd_s32(vget_low_s32(value), vget_high_s32(value));
    return vget_lane_s32(vpadd_s32(halves, halves), 0);
}

#endif
