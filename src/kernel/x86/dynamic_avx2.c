/* SPDX-License-Identifier: Apache-2.0 */
/* dynamic with AVX2. Rounding half away from zero is cutting off after adding the largest float
 * below 1/2 with the sign of the value. */
#include "kernel/compiler.h"
#include "kernel/dynamic.h"
#include "kernel/x86/columns_avx2.h"

#include <string.h>

static MG_ALWAYS_INLINE __m256 load_part(const float *values, size_t count)
{
    return _mm256_maskload_ps(values, mg_lane_mask_avx2(count));
}

static void range(const float *values, size_t count, float *least, float *most)
{
    /* The operand order passes over not-a-number in `values`. */
    __m256 low = _mm256_set1_ps(values[0]), high = low;
    __m256 low_odd = low, high_odd = low;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m256 even = _mm256_loadu_ps(values + i), odd = _mm256_loadu_ps(values + i + 8);
        low = _mm256_min_ps(even, low);
        high = _mm256_max_ps(even, high);
        low_odd = _mm256_min_ps(odd, low_odd);
        high_odd = _mm256_max_ps(odd, high_odd);
    }
    low = _mm256_min_ps(low_odd, low);
    high = _mm256_max_ps(high_odd, high);
    float lows[8], highs[8];
    _mm256_storeu_ps(lows, low);
    _mm256_storeu_ps(highs, high);
    *least = lows[0];
    *most = highs[0];
    for (int lane = 1; lane < 8; lane++) {
        if (lows[lane] < *least) *least = lows[lane];
        if (highs[lane] > *most) *most = highs[lane];
    }
    for (; i < count; i++) {
        if (values[i] < *least) *least = values[i];
        if (values[i] > *most) *most = values[i];
    }
}

static MG_ALWAYS_INLINE __m256i quantise(__m256 values, __m256 factor, __m256 zero, __m256 least)
{
    const __m256 half = _mm256_set1_ps(0x1.fffffep-2f), sign = _mm256_set1_ps(-0.0f);
    const __m256 scaled = _mm256_mul_ps(values, factor);
    const __m256 raised = _mm256_add_ps(scaled, _mm256_or_ps(half, _mm256_and_ps(scaled, sign)));
    const __m256 rounded = _mm256_round_ps(raised, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    const __m256 low = _mm256_max_ps(_mm256_add_ps(rounded, zero), least);
    return _mm256_cvtps_epi32(_mm256_min_ps(low, _mm256_set1_ps(127.0f)));
}

static void bytes(const float *values, size_t count, float factor, int32_t zero_point,
                  int32_t lowest, int8_t *out)
{
    const __m256 factors = _mm256_set1_ps(factor), least = _mm256_set1_ps((float)lowest);
    const __m256 zero = _mm256_set1_ps((float)zero_point);
    for (size_t i = 0; i < count; i += 16) {
        const size_t left = count - i;
        __m256 low, high;
        if (left >= 16) {
            low = _mm256_loadu_ps(values + i);
            high = _mm256_loadu_ps(values + i + 8);
        } else {
            low = load_part(values + i, left);
            high = left > 8 ? load_part(values + i + 8, left - 8) : zero;
        }
        const __m256i sixteen =
            _mm256_permute4x64_epi64(_mm256_packs_epi32(quantise(low, factors, zero, least),
                                                        quantise(high, factors, zero, least)),
                                     0xD8);
        const __m128i narrow =
            _mm_packs_epi16(_mm256_castsi256_si128(sixteen), _mm256_extracti128_si256(sixteen, 1));
        if (left >= 16) {
            _mm_storeu_si128((__m128i *)(void *)(out + i), narrow);
        } else {
            int8_t part[16];
            _mm_storeu_si128((__m128i *)(void *)part, narrow);
            memcpy(out + i, part, left);
        }
    }
}

static void words(const float *values, size_t count, float factor, int32_t zero_point, int16_t *out)
{
    const __m256 factors = _mm256_set1_ps(factor), least = _mm256_set1_ps(-128.0f);
    const __m256 zero = _mm256_set1_ps((float)zero_point);
    const __m256i zeros = _mm256_set1_epi16((short)zero_point);
    for (size_t i = 0; i < count; i += 16) {
        const size_t left = count - i;
        __m256 low, high;
        if (left >= 16) {
            low = _mm256_loadu_ps(values + i);
            high = _mm256_loadu_ps(values + i + 8);
        } else {
            low = load_part(values + i, left);
            high = left > 8 ? load_part(values + i + 8, left - 8) : zero;
        }
        const __m256i sixteen = _mm256_sub_epi16(
            _mm256_permute4x64_epi64(_mm256_packs_epi32(quantise(low, factors, zero, least),
                                                        quantise(high, factors, zero, least)),
                                     0xD8),
            zeros);
        if (left >= 16) {
            _mm256_storeu_si256((__m256i *)(void *)(out + i), sixteen);
        } else {
            int16_t part[16];
            _mm256_storeu_si256((__m256i *)(void *)part, sixteen);
            memcpy(out + i, part, left * sizeof(int16_t));
        }
    }
}

const mg_dynamic_kernel mg_dynamic_avx2 = {range, bytes, words};
