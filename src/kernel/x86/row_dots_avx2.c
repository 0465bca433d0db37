/* SPDX-License-Identifier: Apache-2.0 */
/* row_dots with AVX2: one row after another, eight elements at a time. Rows are short in practice
 * (the memory of an SVDF layer), so what a row costs besides its elements counts. */
#include "kernel/compiler.h"
#include "kernel/row_dots.h"
#include "kernel/x86/columns_avx2.h"

static MG_ALWAYS_INLINE __m128i load_eight(const int16_t *from)
{
    return _mm_loadu_si128((const __m128i *)(const void *)from);
}

static MG_ALWAYS_INLINE __m128i load_eight_bytes(const int8_t *from)
{
    return _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)from));
}

static MG_ALWAYS_INLINE uint32_t add_lanes(__m128i sum)
{
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(sum);
}

static MG_ALWAYS_INLINE uint32_t dot_s16(const int16_t *a, const int16_t *b, size_t depth)
{
    __m128i sum = _mm_setzero_si128();
    size_t i = 0;
    for (; i + 8 <= depth; i += 8) {
        sum = _mm_add_epi32(sum, _mm_madd_epi16(load_eight(a + i), load_eight(b + i)));
    }
    uint32_t whole = add_lanes(sum);
    for (; i < depth; i++) whole += (uint32_t)((int32_t)a[i] * b[i]);
    return whole;
}

static void dots_s16(const int16_t *a, const int16_t *b, size_t rows, size_t depth, int32_t *sums)
{
    for (size_t row = 0; row < rows; row++) {
        sums[row] = (int32_t)dot_s16(a + row * depth, b + row * depth, depth);
    }
}

static void dots_s8(const int8_t *a, const int8_t *b, int32_t b_zero, size_t rows, size_t depth,
                    int32_t *sums)
{
    const __m128i zero = _mm_set1_epi16((short)b_zero);
    for (size_t row = 0; row < rows; row++, a += depth, b += depth) {
        __m128i sum = _mm_setzero_si128();
        size_t i = 0;
        for (; i + 8 <= depth; i += 8) {
            const __m128i right = _mm_sub_epi16(load_eight_bytes(b + i), zero);
            sum = _mm_add_epi32(sum, _mm_madd_epi16(load_eight_bytes(a + i), right));
        }
        uint32_t whole = add_lanes(sum);
        for (; i < depth; i++) whole += (uint32_t)(a[i] * (b[i] - b_zero));
        sums[row] = (int32_t)whole;
    }
}

static MG_ALWAYS_INLINE float dot_f32(const float *a, const float *b, size_t depth)
{
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < depth; i += 8) {
        const __m256i mask = mg_lane_mask_avx2(depth - i);
        sum =
            _mm256_fmadd_ps(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask), sum);
    }
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

static void dots_f32(const float *a, const float *b, size_t rows, size_t depth, float *sums)
{
    for (size_t row = 0; row < rows; row++) {
        sums[row] = dot_f32(a + row * depth, b + row * depth, depth);
    }
}

const mg_row_dots_kernel mg_row_dots_avx2 = {dots_s16, dots_s8, dots_f32};
