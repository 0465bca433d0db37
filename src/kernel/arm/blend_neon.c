/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blending of image rows with NEON: 4 floats or 8 bytes at a time, the last block moved back to
 * overlap; fewer channels are left to ref. Float operations are those of ref in the same order,
 * without fused multiply-add.
 */
#include <arm_neon.h>

#include "kernel/blend.h"

static inline size_t block_at(size_t c, size_t size, size_t channels)
{
    return c + size <= channels ? c : channels - size;
}

static inline float32x4_t blend(float32x4_t top_left, float32x4_t bottom_left,
                                float32x4_t top_right, float32x4_t bottom_right, float y, float x)
{
    float32x4_t sum = vmulq_n_f32(vmulq_n_f32(top_left, 1.0f - y), 1.0f - x);
    sum = vaddq_f32(sum, vmulq_n_f32(vmulq_n_f32(bottom_left, y), 1.0f - x));
    sum = vaddq_f32(sum, vmulq_n_f32(vmulq_n_f32(top_right, 1.0f - y), x));
    return vaddq_f32(sum, vmulq_n_f32(vmulq_n_f32(bottom_right, y), x));
}

static void row_f32(const float *above, const float *below, float y, const mg_blend_step *steps,
                    size_t columns, size_t channels, float *output)
{
    if (channels < 4) {
        mg_blend_row_f32(above, below, y, steps, columns, channels, output);
        return;
    }
    for (size_t i = 0; i < columns; i++, output += channels) {
        const size_t left = (size_t)steps[i].first * channels;
        const size_t right = (size_t)steps[i].second * channels;
        for (size_t from = 0; from < channels; from += 4) {
            const size_t c = block_at(from, 4, channels);
            const float32x4_t result = blend(
                vld1q_f32(above + left + c), vld1q_f32(below + left + c),
                vld1q_f32(above + right + c), vld1q_f32(below + right + c), y, steps[i].fraction);
            vst1q_f32(output + c, vaddq_f32(result, vdupq_n_f32(0.0f)));
        }
    }
}

typedef struct eight_floats {
    float32x4_t low, high;
} eight_floats;

static inline eight_floats load_u8(const uint8_t *from)
{
    const uint16x8_t words = vmovl_u8(vld1_u8(from));
    const eight_floats values = {vcvtq_f32_u32(vmovl_u16(vget_low_u16(words))),
                                 vcvtq_f32_u32(vmovl_u16(vget_high_u16(words)))};
    return values;
}

/* The low byte of each lane. */
static inline uint8x8_t low_bytes(int32x4_t low, int32x4_t high)
{
    return vmovn_u16(vreinterpretq_u16_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high))));
}

static void row_u8(const uint8_t *above, const uint8_t *below, float y, const mg_blend_step *steps,
                   size_t columns, size_t channels, uint8_t *output)
{
    const float32x4_t half = vdupq_n_f32(0.5f);
    if (channels < 8) {
        mg_blend_row_u8(above, below, y, steps, columns, channels, output);
        return;
    }
    for (size_t i = 0; i < columns; i++, output += channels) {
        const size_t left = (size_t)steps[i].first * channels;
        const size_t right = (size_t)steps[i].second * channels;
        const float x = steps[i].fraction;
        for (size_t from = 0; from < channels; from += 8) {
            const size_t c = block_at(from, 8, channels);
            const eight_floats tl = load_u8(above + left + c), bl = load_u8(below + left + c);
            const eight_floats tr = load_u8(above + right + c), br = load_u8(below + right + c);
            const float32x4_t low = blend(tl.low, bl.low, tr.low, br.low, y, x);
            const float32x4_t high = blend(tl.high, bl.high, tr.high, br.high, y, x);
            vst1_u8(output + c, low_bytes(vcvtq_s32_f32(vaddq_f32(low, half)),
                                          vcvtq_s32_f32(vaddq_f32(high, half))));
        }
    }
}

/* sums += 8 bytes * weight */
static inline void weigh(int32x4_t sums[2], const int8_t *from, int32_t weight)
{
    const int16x8_t words = vmovl_s8(vld1_s8(from));
    sums[0] = vmlaq_n_s32(sums[0], vmovl_s16(vget_low_s16(words)), weight);
    sums[1] = vmlaq_n_s32(sums[1], vmovl_s16(vget_high_s16(words)), weight);
}

/* x / 2^20 to nearest, ties away from zero: half is added to the magnitude, then cut. */
static inline int32x4_t round_20_bits(int32x4_t x)
{
    const int32x4_t magnitude = vshrq_n_s32(vaddq_s32(vabsq_s32(x), vdupq_n_s32(1 << 19)), 20);
    return vbslq_s32(vcltq_s32(x, vdupq_n_s32(0)), vnegq_s32(magnitude), magnitude);
}

static void row_s8(const int8_t *above, const int8_t *below, int32_t y, const mg_blend_step *steps,
                   size_t columns, size_t channels, int8_t *output)
{
    enum { UNIT = 1 << 10 };
    if (channels < 8) {
        mg_blend_row_s8(above, below, y, steps, columns, channels, output);
        return;
    }
    for (size_t i = 0; i < columns; i++, output += channels) {
        const size_t left = (size_t)steps[i].first * channels;
        const size_t right = (size_t)steps[i].second * channels;
        const int32_t x = steps[i].fraction_10;
        for (size_t from = 0; from < channels; from += 8) {
            const size_t c = block_at(from, 8, channels);
            int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
            weigh(sums, above + left + c, (UNIT - y) * (UNIT - x));
            weigh(sums, below + left + c, y * (UNIT - x));
            weigh(sums, above + right + c, (UNIT - y) * x);
            weigh(sums, below + right + c, y * x);
            vst1_s8(output + c,
                    vreinterpret_s8_u8(low_bytes(round_20_bits(sums[0]), round_20_bits(sums[1]))));
        }
    }
}

const mg_blend_kernel mg_blend_neon = {row_f32, row_u8, row_s8};
