/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pooling windows with AVX2: a block of channels is taken through the whole window before the next,
 * so that its accumulators stay in registers. Floats go in blocks of 32 and 8 channels, the last
 * one masked. Bytes go in blocks of 32 or 16; a last block that is not full is moved back to
 * overlap the one before it, and fewer than 16 channels run one by one.
 */
#include "kernel/pool.h"
#include "kernel/x86/columns_avx2.h"

#include <float.h>

/* Goes over the pixels of the window, `pixel` pointing to channel `c` of each. */
#define FOR_EACH_PIXEL(type, pixel)                                        \
    for (size_t row = 0; row < window->rows; row++)                        \
        for (const type *pixel = input + c + row * window->row_stride,     \
                        *end = pixel + window->columns * window->channels; \
             pixel != end; pixel += window->channels)

static inline __m256 clamp(__m256 value, __m256 least, __m256 most)
{
    return _mm256_min_ps(most, _mm256_max_ps(least, value));
}

static void average_f32(const float *input, const mg_pool_window *window, float least, float most,
                        float *output)
{
    const __m256 low = _mm256_set1_ps(least), high = _mm256_set1_ps(most);
    const __m256 count = _mm256_set1_ps((float)(window->rows * window->columns));
    size_t c = 0;
    for (; c + 32 <= window->channels; c += 32) {
        __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
        FOR_EACH_PIXEL(float, pixel)
        {
            s0 = _mm256_add_ps(s0, _mm256_loadu_ps(pixel));
            s1 = _mm256_add_ps(s1, _mm256_loadu_ps(pixel + 8));
            s2 = _mm256_add_ps(s2, _mm256_loadu_ps(pixel + 16));
            s3 = _mm256_add_ps(s3, _mm256_loadu_ps(pixel + 24));
        }
        _mm256_storeu_ps(output + c, clamp(_mm256_div_ps(s0, count), low, high));
        _mm256_storeu_ps(output + c + 8, clamp(_mm256_div_ps(s1, count), low, high));
        _mm256_storeu_ps(output + c + 16, clamp(_mm256_div_ps(s2, count), low, high));
        _mm256_storeu_ps(output + c + 24, clamp(_mm256_div_ps(s3, count), low, high));
    }
    for (; c < window->channels; c += 8) {
        const __m256i mask = mg_lane_mask_avx2(window->channels - c);
        __m256 sum = _mm256_setzero_ps();
        FOR_EACH_PIXEL(float, pixel) sum = _mm256_add_ps(sum, _mm256_maskload_ps(pixel, mask));
        _mm256_maskstore_ps(output + c, mask, clamp(_mm256_div_ps(sum, count), low, high));
    }
}

static void max_f32(const float *input, const mg_pool_window *window, float least, float most,
                    float *output)
{
    const __m256 low = _mm256_set1_ps(least), high = _mm256_set1_ps(most);
    const __m256 none = _mm256_set1_ps(-FLT_MAX);
    size_t c = 0;
    for (; c + 32 <= window->channels; c += 32) {
        __m256 m0 = none, m1 = none, m2 = none, m3 = none;
        FOR_EACH_PIXEL(float, pixel)
        {
            m0 = _mm256_max_ps(_mm256_loadu_ps(pixel), m0);
            m1 = _mm256_max_ps(_mm256_loadu_ps(pixel + 8), m1);
            m2 = _mm256_max_ps(_mm256_loadu_ps(pixel + 16), m2);
            m3 = _mm256_max_ps(_mm256_loadu_ps(pixel + 24), m3);
        }
        _mm256_storeu_ps(output + c, clamp(m0, low, high));
        _mm256_storeu_ps(output + c + 8, clamp(m1, low, high));
        _mm256_storeu_ps(output + c + 16, clamp(m2, low, high));
        _mm256_storeu_ps(output + c + 24, clamp(m3, low, high));
    }
    for (; c < window->channels; c += 8) {
        const __m256i mask = mg_lane_mask_avx2(window->channels - c);
        __m256 most_yet = none;
        FOR_EACH_PIXEL(float, pixel)
        {
            most_yet = _mm256_max_ps(_mm256_maskload_ps(pixel, mask), most_yet);
        }
        _mm256_maskstore_ps(output + c, mask, clamp(most_yet, low, high));
    }
}

/* Where the next block of `size` channels begins: at c, or earlier when it would not be full. */
static inline size_t block_at(size_t c, size_t size, size_t channels)
{
    return c + size <= channels ? c : channels - size;
}

static inline __m256i load_32(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

static inline __m128i load_16(const void *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

#define MAX_BYTES(name, type, epi, first, one_by_one)                                              \
    static void name(const type *input, const mg_pool_window *window, int32_t least, int32_t most, \
                     type *output)                                                                 \
    {                                                                                              \
        const size_t channels = window->channels;                                                  \
        const __m256i low = _mm256_set1_epi8((char)least), high = _mm256_set1_epi8((char)most);    \
        if (channels < 16) {                                                                       \
            one_by_one(input, window, least, most, output);                                        \
            return;                                                                                \
        }                                                                                          \
        for (size_t from = 0; channels >= 32 && from < channels; from += 32) {                     \
            const size_t c = block_at(from, 32, channels);                                         \
            __m256i m = _mm256_set1_epi8(first);                                                   \
            FOR_EACH_PIXEL(type, pixel) m = _mm256_max_##epi(m, load_32(pixel));                   \
            m = _mm256_min_##epi(high, _mm256_max_##epi(low, m));                                  \
            _mm256_storeu_si256((__m256i *)(void *)(output + c), m);                               \
        }                                                                                          \
        for (size_t from = 0; channels < 32 && from < channels; from += 16) {                      \
            const size_t c = block_at(from, 16, channels);                                         \
            __m128i m = _mm_set1_epi8(first);                                                      \
            FOR_EACH_PIXEL(type, pixel) m = _mm_max_##epi(m, load_16(pixel));                      \
            m = _mm_max_##epi(_mm256_castsi256_si128(low), m);                                     \
            m = _mm_min_##epi(_mm256_castsi256_si128(high), m);                                    \
            _mm_storeu_si128((__m128i *)(void *)(output + c), m);                                  \
        }                                                                                          \
    }

MAX_BYTES(max_s8, int8_t, epi8, INT8_MIN, mg_max_window_s8)
MAX_BYTES(max_u8, uint8_t, epu8, 0, mg_max_window_u8)

static inline void spill(__m256i words, __m256i *low, __m256i *high)
{
    *low = _mm256_add_epi32(*low, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(words)));
    *high = _mm256_add_epi32(*high, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(words, 1)));
}

/* Sums of 16 channels run in 16 bits for as many pixels as surely fit. */
#define SUM_BYTES(name, type, widen, one_by_one)                                     \
    static void name(const type *input, const mg_pool_window *window, int32_t *sums) \
    {                                                                                \
        enum { PIXELS_IN_16_BITS = 128 };                                            \
        const size_t channels = window->channels;                                    \
        if (channels < 16) {                                                         \
            one_by_one(input, window, sums);                                         \
            return;                                                                  \
        }                                                                            \
        for (size_t from = 0; from < channels; from += 16) {                         \
            const size_t c = block_at(from, 16, channels);                           \
            __m256i low = _mm256_setzero_si256(), high = low, words = low;           \
            size_t pixels = 0;                                                       \
            FOR_EACH_PIXEL(type, pixel)                                              \
            {                                                                        \
                words = _mm256_add_epi16(words, widen(load_16(pixel)));              \
                if (++pixels % PIXELS_IN_16_BITS == 0) {                             \
                    spill(words, &low, &high);                                       \
                    words = _mm256_setzero_si256();                                  \
                }                                                                    \
            }                                                                        \
            spill(words, &low, &high);                                               \
            _mm256_storeu_si256((__m256i *)(void *)(sums + c), low);                 \
            _mm256_storeu_si256((__m256i *)(void *)(sums + c + 8), high);            \
        }                                                                            \
    }

SUM_BYTES(sum_s8, int8_t, _mm256_cvtepi8_epi16, mg_sum_window_s8)
SUM_BYTES(sum_u8, uint8_t, _mm256_cvtepu8_epi16, mg_sum_window_u8)

const mg_pool_kernel mg_pool_avx2 = {average_f32, max_f32, max_s8, max_u8, sum_s8, sum_u8};
