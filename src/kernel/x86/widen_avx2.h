/* SPDX-License-Identifier: Apache-2.0 */
/* Integers of several types as int16 freed of their zero point. */
#ifndef MG_WIDEN_AVX2_H
#define MG_WIDEN_AVX2_H

#include "kernel/ref/cell.h"

#include <immintrin.h>
#include <string.h>

static inline int16_t mg_narrow_at(mg_cell cell, const void *start, size_t index, int32_t zero)
{
    return (int16_t)(mg_cell_at(cell, start, index) - zero);
}

/* Two int16 as the 32 bits in memory. */
static inline int32_t mg_pair_at(const char *at)
{
    int32_t pair;
    memcpy(&pair, at, sizeof pair);
    return pair;
}

/* Elements index … index + 15. */
static inline __m256i mg_load_sixteen_avx2(mg_cell cell, const void *start, size_t index,
                                           int32_t zero)
{
    const char *bytes = start;
    __m256i wide;
    if (cell == MG_CELL_I8)
        wide =
            _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(bytes + index)));
    else if (cell == MG_CELL_U8)
        wide =
            _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(bytes + index)));
    else
        wide = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 2 * index));
    return _mm256_sub_epi16(wide, _mm256_set1_epi16((short)zero));
}

static inline void mg_widen_run_avx2(mg_cell cell, const void *start, size_t count, int32_t zero,
                                     int16_t *out)
{
    size_t i = 0;
    if (count >= 16) {
        for (; i + 16 <= count; i += 16)
            _mm256_storeu_si256((__m256i *)(void *)(out + i),
                                mg_load_sixteen_avx2(cell, start, i, zero));
        if (i == count) return;
        /* The tail overlaps what is written already. */
        i = count - 16;
        _mm256_storeu_si256((__m256i *)(void *)(out + i),
                            mg_load_sixteen_avx2(cell, start, i, zero));
        return;
    }
    for (; i < count; i++) out[i] = mg_narrow_at(cell, start, i, zero);
}

/* Elements 0 … count - 1. */
static inline void mg_widen_avx2(mg_cell cell, const void *start, size_t count, int32_t zero,
                                 int16_t *out)
{
    switch (cell) {
    case MG_CELL_I8: mg_widen_run_avx2(MG_CELL_I8, start, count, zero, out); break;
    case MG_CELL_U8: mg_widen_run_avx2(MG_CELL_U8, start, count, zero, out); break;
    default: mg_widen_run_avx2(MG_CELL_I16, start, count, zero, out); break;
    }
}

#endif
