/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pooling windows with NEON: a block of channels is taken through the whole window before the next,
 * so that its accumulators stay in registers: 4 floats or 16 bytes a vector. A last block that is
 * not full is moved back to overlap the one before it; fewer channels than a block run in ref.
 */
#include <arm_neon.h>
#include <float.h>

#include "kernel/pool.h"

/* Goes over the pixels of the window, `pixel` pointing to channel `c` of each. */
#define FOR_EACH_PIXEL(type, pixel)                                        \
    for (size_t row = 0; row < window->rows; row++)                        \
        for (const type *pixel = input + c + row * window->row_stride,     \
                        *end = pixel + window->columns * window->channels; \
             pixel != end; pixel += window->channels)

/* Where the next block of `size` channels begins: at c, or earlier when it would not be full. */
static inline size_t block_at(size_t c, size_t size, size_t channels)
{
    return c + size <= channels ? c : channels - size;
}

/* NaN is not larger than anything, and stays where it is clamped. */
static inline float32x4_t larger(float32x4_t a, float32x4_t b)
{
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}

static inline float32x4_t clamp(float32x4_t value, float least, float most)
{
    const float32x4_t low = vdupq_n_f32(least), high = vdupq_n_f32(most);
    value = vbslq_f32(vcltq_f32(value, low), low, value);
    return vbslq_f32(vcgtq_f32(value, high), high, value);
}

static inline float32x4_t divide(float32x4_t values, float divisor)
{
    float lanes[4];
    vst1q_f32(lanes, values);
    for (int i = 0; i < 4; i++) lanes[i] /= divisor;
    return vld1q_f32(lanes);
}

static void average_f32(const float *input, const mg_pool_window *window, float least, float most,
                        float *output)
{
    const size_t channels = window->channels;
    const float count = (float)(window->rows * window->columns);
    if (channels < 4) {
        mg_average_window_f32(input, window, least, most, output);
        return;
    }
    size_t from = 0;
    for (; from + 16 <= channels; from += 16) {
        const size_t c = from;
        float32x4_t s0 = vdupq_n_f32(0.0f), s1 = s0, s2 = s0, s3 = s0;
        FOR_EACH_PIXEL(float, pixel)
        {
            s0 = vaddq_f32(s0, vld1q_f32(pixel));
            s1 = vaddq_f32(s1, vld1q_f32(pixel + 4));
            s2 = vaddq_f32(s2, vld1q_f32(pixel + 8));
            s3 = vaddq_f32(s3, vld1q_f32(pixel + 12));
        }
        vst1q_f32(output + c, clamp(divide(s0, count), least, most));
        vst1q_f32(output + c + 4, clamp(divide(s1, count), least, most));
        vst1q_f32(output + c + 8, clamp(divide(s2, count), least, most));
        vst1q_f32(output + c + 12, clamp(divide(s3, count), least, most));
    }
    for (; from < channels; from += 4) {
        const size_t c = block_at(from, 4, channels);
        float32x4_t sum = vdupq_n_f32(0.0f);
        FOR_EACH_PIXEL(float, pixel) sum = vaddq_f32(sum, vld1q_f32(pixel));
        vst1q_f32(output + c, clamp(divide(sum, count), least, most));
    }
}

static void max_f32(const float *input, const mg_pool_window *window, float least, float most,
                    float *output)
{
    const size_t channels = window->channels;
    if (channels < 4) {
        mg_max_window_f32(input, window, least, most, output);
        return;
    }
    size_t from = 0;
    for (; from + 8 <= channels; from += 8) {
        const size_t c = from;
        float32x4_t m0 = vdupq_n_f32(-FLT_MAX), m1 = m0;
        FOR_EACH_PIXEL(float, pixel)
        {
            m0 = larger(vld1q_f32(pixel), m0);
            m1 = larger(vld1q_f32(pixel + 4), m1);
        }
        vst1q_f32(output + c, clamp(m0, least, most));
        vst1q_f32(output + c + 4, clamp(m1, least, most));
    }
    for (; from < channels; from += 4) {
        const size_t c = block_at(from, 4, channels);
        float32x4_t m = vdupq_n_f32(-FLT_MAX);
        FOR_EACH_PIXEL(float, pixel) m = larger(vld1q_f32(pixel), m);
        vst1q_f32(output + c, clamp(m, least, most));
    }
}

#define MAX_BYTES(suffix, type, vector, intrinsic, first)                                    \
    static void max_##suffix(const type *input, const mg_pool_window *window, int32_t least, \
                             int32_t most, type *output)                                     \
    {                                                                                        \
        const size_t channels = window->channels;                                            \
        const vector low = vdupq_n_##intrinsic((type)least);                                 \
        const vector high = vdupq_n_##intrinsic((type)most);                                 \
        if (channels < 16) {                                                                 \
            mg_max_window_##suffix(input, window, least, most, output);                      \
            return;                                                                          \
        }                                                                                    \
        for (size_t from = 0; from < channels; from += 16) {                                 \
            const size_t c = block_at(from, 16, channels);                                   \
            vector m = vdupq_n_##intrinsic(first);                                           \
            FOR_EACH_PIXEL(type, pixel) m = vmaxq_##intrinsic(m, vld1q_##intrinsic(pixel));  \
            m = vminq_##intrinsic(high, vmaxq_##intrinsic(low, m));                          \
            vst1q_##intrinsic(output + c, m);                                                \
        }                                                                                    \
    }

MAX_BYTES(s8, int8_t, int8x16_t, s8, INT8_MIN)
MAX_BYTES(u8, uint8_t, uint8x16_t, u8, 0)

enum { PIXELS_IN_16_BITS = 128 };

static void sum_s8(const int8_t *input, const mg_pool_window *window, int32_t *sums)
{
    const size_t channels = window->channels;
    if (channels < 8) {
        mg_sum_window_s8(input, window, sums);
        return;
    }
    for (size_t from = 0; from < channels; from += 8) {
        const size_t c = block_at(from, 8, channels);
        int32x4_t low = vdupq_n_s32(0), high = low;
        int16x8_t words = vdupq_n_s16(0);
        size_t pixels = 0;
        FOR_EACH_PIXEL(int8_t, pixel)
        {
            words = vaddw_s8(words, vld1_s8(pixel));
            if (++pixels % PIXELS_IN_16_BITS != 0) continue;
            low = vaddw_s16(low, vget_low_s16(words));
            high = vaddw_s16(high, vget_high_s16(words));
            words = vdupq_n_s16(0);
        }
        vst1q_s32(sums + c, vaddw_s16(low, vget_low_s16(words)));
        vst1q_s32(sums + c + 4, vaddw_s16(high, vget_high_s16(words)));
    }
}

static void sum_u8(const uint8_t *input, const mg_pool_window *window, int32_t *sums)
{
    const size_t channels = window->channels;
    if (channels < 8) {
        mg_sum_window_u8(input, window, sums);
        return;
    }
    for (size_t from = 0; from < channels; from += 8) {
        const size_t c = block_at(from, 8, channels);
        uint32x4_t low = vdupq_n_u32(0), high = low;
        uint16x8_t words = vdupq_n_u16(0);
        size_t pixels = 0;
        FOR_EACH_PIXEL(uint8_t, pixel)
        {
            words = vaddw_u8(words, vld1_u8(pixel));
            if (++pixels % PIXELS_IN_16_BITS != 0) continue;
            low = vaddw_u16(low, vget_low_u16(words));
            high = vaddw_u16(high, vget_high_u16(words));
            words = vdupq_n_u16(0);
        }
        vst1q_s32(sums + c, vreinterpretq_s32_u32(vaddw_u16(low, vget_low_u16(words))));
        vst1q_s32(sums + c + 4, vreinterpretq_s32_u32(vaddw_u16(high, vget_high_u16(words))));
    }
}

const mg_pool_kernel mg_pool_neon = {average_f32, max_f32, max_s8, max_u8, sum_s8, sum_u8};
