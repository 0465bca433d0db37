/* SPDX-License-Identifier: Apache-2.0 */
/* Partial vectors and transposes that several AVX2 kernels need. */
#ifndef MG_COLUMNS_AVX2_H
#define MG_COLUMNS_AVX2_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

/* All bits set in the first `count` of 8 lanes; any count. */
static inline __m256i mg_lane_mask_avx2(size_t count)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count > 8 ? 8 : (int)count), lane);
}

/* Stores the first `count` of 8 floats; any count > 0. */
static inline void mg_store_columns_avx2(float *out, __m256 values, size_t count)
{
    if (count >= 8)
        _mm256_storeu_ps(out, values);
    else
        _mm256_maskstore_ps(out, mg_lane_mask_avx2(count), values);
}

/* Row i, lane j to row j, lane i. */
static inline void mg_transpose_8x8_avx2(__m256 row[8])
{
    const __m256 a0 = _mm256_unpacklo_ps(row[0], row[1]), a1 = _mm256_unpackhi_ps(row[0], row[1]);
    const __m256 a2 = _mm256_unpacklo_ps(row[2], row[3]), a3 = _mm256_unpackhi_ps(row[2], row[3]);
    const __m256 a4 = _mm256_unpacklo_ps(row[4], row[5]), a5 = _mm256_unpackhi_ps(row[4], row[5]);
    const __m256 a6 = _mm256_unpacklo_ps(row[6], row[7]), a7 = _mm256_unpackhi_ps(row[6], row[7]);
    const __m256 b0 = _mm256_shuffle_ps(a0, a2, 0x44), b1 = _mm256_shuffle_ps(a0, a2, 0xEE);
    const __m256 b2 = _mm256_shuffle_ps(a1, a3, 0x44), b3 = _mm256_shuffle_ps(a1, a3, 0xEE);
    const __m256 b4 = _mm256_shuffle_ps(a4, a6, 0x44), b5 = _mm256_shuffle_ps(a4, a6, 0xEE);
    const __m256 b6 = _mm256_shuffle_ps(a5, a7, 0x44), b7 = _mm256_shuffle_ps(a5, a7, 0xEE);
    row[0] = _mm256_permute2f128_ps(b0, b4, 0x20);
    row[1] = _mm256_permute2f128_ps(b1, b5, 0x20);
    row[2] = _mm256_permute2f128_ps(b2, b6, 0x20);
    row[3] = _mm256_permute2f128_ps(b3, b7, 0x20);
    row[4] = _mm256_permute2f128_ps(b0, b4, 0x31);
    row[5] = _mm256_permute2f128_ps(b1, b5, 0x31);
    row[6] = _mm256_permute2f128_ps(b2, b6, 0x31);
    row[7] = _mm256_permute2f128_ps(b3, b7, 0x31);
}

#endif
