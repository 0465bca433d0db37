/* SPDX-License-Identifier: Apache-2.0 */
/* dynamic with NEON. Rounding half away from zero is cutting off after adding the largest float
 * below 1/2 with the sign of the value; the conversion to integers cuts off and saturates. */
#include "kernel/arm/lanes_neon.h"
#include "kernel/compiler.h"
#include "kernel/dynamic.h"

static void range(const float *values, size_t count, float *least, float *most)
{
    float32x4_t low = vdupq_n_f32(values[0]), high = low;
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const float32x4_t next = vld1q_f32(values + i);
        low = vbslq_f32(vcltq_f32(next, low), next, low);
        high = vbslq_f32(vcgtq_f32(next, high), next, high);
    }
    float lows[4], highs[4];
    vst1q_f32(lows, low);
    vst1q_f32(highs, high);
    *least = lows[0];
    *most = highs[0];
    for (int lane = 1; lane < 4; lane++) {
        if (lows[lane] < *least) *least = lows[lane];
        if (highs[lane] > *most) *most = highs[lane];
    }
    for (; i < count; i++) {
        if (values[i] < *least) *least = values[i];
        if (values[i] > *most) *most = values[i];
    }
}

/* Not-a-number compares false with everything and so becomes `least`. */
static MG_ALWAYS_INLINE int16x4_t quantise(float32x4_t values, float32x4_t factor, int32x4_t zero,
                                           int32x4_t least)
{
    const float32x4_t scaled = vmulq_f32(values, factor);
    const uint32x4_t sign = vandq_u32(vreinterpretq_u32_f32(scaled), vdupq_n_u32(0x80000000u));
    const float32x4_t half =
        vreinterpretq_f32_u32(vorrq_u32(sign, vreinterpretq_u32_f32(vdupq_n_f32(0x1.fffffep-2f))));
    const int32x4_t rounded = vcvtq_s32_f32(vaddq_f32(scaled, half));
    const int32x4_t moved = vqaddq_s32(rounded, zero);
    const int32x4_t cut = vminq_s32(vmaxq_s32(moved, least), vdupq_n_s32(127));
    return vmovn_s32(vbslq_s32(vceqq_f32(scaled, scaled), cut, least));
}

static void bytes(const float *values, size_t count, float factor, int32_t zero_point,
                  int32_t lowest, int8_t *out)
{
    const float32x4_t factors = vdupq_n_f32(factor);
    const int32x4_t zero = vdupq_n_s32(zero_point), least = vdupq_n_s32(lowest);
    for (size_t i = 0; i < count; i += 8) {
        const size_t left = count - i;
        const float32x4_t low =
            left >= 4 ? vld1q_f32(values + i) : mg_load_part_f32_neon(values + i, left);
        const float32x4_t high = left >= 8  ? vld1q_f32(values + i + 4)
                                 : left > 4 ? mg_load_part_f32_neon(values + i + 4, left - 4)
                                            : vdupq_n_f32(0.0f);
        const int8x8_t eight = vmovn_s16(vcombine_s16(quantise(low, factors, zero, least),
                                                      quantise(high, factors, zero, least)));
        int8_t part[8];
        vst1_s8(part, eight);
        memcpy(out + i, part, left < 8 ? left : 8);
    }
}

static void words(const float *values, size_t count, float factor, int32_t zero_point, int16_t *out)
{
    const float32x4_t factors = vdupq_n_f32(factor);
    const int32x4_t zero = vdupq_n_s32(zero_point), least = vdupq_n_s32(-128);
    const int16x4_t zeros = vdup_n_s16((int16_t)zero_point);
    for (size_t i = 0; i < count; i += 4) {
        const size_t left = count - i;
        const float32x4_t four =
            left >= 4 ? vld1q_f32(values + i) : mg_load_part_f32_neon(values + i, left);
        int16_t part[4];
        vst1_s16(part, vsub_s16(quantise(four, factors, zero, least), zeros));
        memcpy(out + i, part, (left < 4 ? left : 4) * sizeof(int16_t));
    }
}

const mg_dynamic_kernel mg_dynamic_neon = {range, bytes, words};
