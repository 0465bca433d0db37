/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blending of image rows with AVX2, 8 channels at a time. Float operations are those of ref in the
 * same order, without fused multiply-add. Channels beyond a multiple of 8: masked for floats; for
 * bytes the last 8 channels overlap, and fewer than 8 are left to ref.
 */
#include <string.h>

#include "kernel/blend.h"
#include "kernel/x86/columns_avx2.h"

typedef struct fractions {
    __m256 up, down; /* 1 - y and y */
} fractions;

static inline __m256 blend(__m256 top_left, __m256 bottom_left, __m256 top_right,
                           __m256 bottom_right, fractions y, float x)
{
    const __m256 right = _mm256_set1_ps(x), left = _mm256_set1_ps(1.0f - x);
    __m256 sum = _mm256_mul_ps(_mm256_mul_ps(top_left, y.up), left);
    sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_mul_ps(bottom_left, y.down), left));
    sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_mul_ps(top_right, y.up), right));
    return _mm256_add_ps(sum, _mm256_mul_ps(_mm256_mul_ps(bottom_right, y.down), right));
}

static void row_f32(const float *above, const float *below, float fraction,
                    const mg_blend_step *steps, size_t columns, size_t channels, float *output)
{
    const fractions y = {_mm256_set1_ps(1.0f - fraction), _mm256_set1_ps(fraction)};
    for (size_t i = 0; i < columns; i++, output += channels) {
        const size_t left = (size_t)steps[i].first * channels;
        const size_t right = (size_t)steps[i].second * channels;
        for (size_t c = 0; c < channels; c += 8) {
            const __m256i mask = mg_lane_mask_avx2(channels - c);
            const __m256 result =
                blend(_mm256_maskload_ps(above + left + c, mask),
                      _mm256_maskload_ps(below + left + c, mask),
                      _mm256_maskload_ps(above + right + c, mask),
                      _mm256_maskload_ps(below + right + c, mask), y, steps[i].fraction);
            mg_store_columns_avx2(output + c, _mm256_add_ps(result, _mm256_setzero_ps()),
                                  channels - c);
        }
    }
}

static inline __m128i load_8(const void *from)
{
    return _mm_loadl_epi64((const __m128i *)from);
}

static inline __m256 load_u8(const uint8_t *from)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(load_8(from)));
}

/* The low byte of each of 8 lanes. */
static inline void store_bytes(void *to, __m256i lanes)
{
    const __m256i low_bytes = _mm256_and_si256(lanes, _mm256_set1_epi32(0xff));
    const __m128i words =
        _mm_packus_epi32(_mm256_castsi256_si128(low_bytes), _mm256_extracti128_si256(low_bytes, 1));
    _mm_storel_epi64((__m128i *)to, _mm_packus_epi16(words, words));
}

static inline size_t block_at(size_t c, size_t channels)
{
    return c + 8 <= channels ? c : channels - 8;
}

static void row_u8(const uint8_t *above, const uint8_t *below, float fraction,
                   const mg_blend_step *steps, size_t columns, size_t channels, uint8_t *output)
{
    const fractions y = {_mm256_set1_ps(1.0f - fraction), _mm256_set1_ps(fraction)};
    if (channels < 8) {
        mg_blend_row_u8(above, below, fraction, steps, columns, channels, output);
        return;
    }
    for (size_t i = 0; i < columns; i++, output += channels) {
        const size_t left = (size_t)steps[i].first * channels;
        const size_t right = (size_t)steps[i].second * channels;
        for (size_t from = 0; from < channels; from += 8) {
            const size_t c = block_at(from, channels);
            const __m256 sum =
                blend(load_u8(above + left + c), load_u8(below + left + c),
                      load_u8(above + right + c), load_u8(below + right + c), y, steps[i].fraction);
            store_bytes(output + c, _mm256_cvttps_epi32(_mm256_add_ps(sum, _mm256_set1_ps(0.5f))));
        }
    }
}

static inline __m256i weigh(const int8_t *from, int32_t weight)
{
    return _mm256_mullo_epi32(_mm256_cvtepi8_epi32(load_8(from)), _mm256_set1_epi32(weight));
}

/* x / 2^20 to nearest, ties away from zero: half is added to the magnitude, then cut. */
static inline __m256i round_20_bits(__m256i x)
{
    const __m256i half = _mm256_set1_epi32(1 << 19);
    return _mm256_sign_epi32(_mm256_srli_epi32(_mm256_add_epi32(_mm256_abs_epi32(x), half), 20), x);
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
            const size_t c = block_at(from, channels);
            __m256i sum = weigh(above + left + c, (UNIT - y) * (UNIT - x));
            sum = _mm256_add_epi32(sum, weigh(below + left + c, y * (UNIT - x)));
            sum = _mm256_add_epi32(sum, weigh(above + right + c, (UNIT - y) * x));
            sum = _mm256_add_epi32(sum, weigh(below + right + c, y * x));
            store_bytes(output + c, round_20_bits(sum));
        }
    }
}

const mg_blend_kernel mg_blend_avx2 = {row_f32, row_u8, row_s8};
