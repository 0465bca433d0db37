/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requantise by factors in double with AVX2, 8 columns at a time.
 *
 * Limits are whole numbers, so cutting before rounding gives what cutting after it does, and what
 * is rounded is small. Ties go away from zero by adding the largest double below 1/2 with the sign
 * of the value and cutting the fraction off.
 */
#include "kernel/x86/requantise_avx2.h"

typedef struct limits {
    __m256d least; /* less the zero point */
    __m256d most;
    __m256i zero_point;
} limits;

static MG_ALWAYS_INLINE __m128i round_four(__m128i in, __m256d factors, const limits *range)
{
    const __m256d below_half = _mm256_set1_pd(0.49999999999999994);
    const __m256d sign = _mm256_set1_pd(-0.0);
    __m256d value = _mm256_mul_pd(_mm256_cvtepi32_pd(in), factors);
    value = _mm256_min_pd(_mm256_max_pd(value, range->least), range->most);
    value = _mm256_add_pd(value, _mm256_or_pd(below_half, _mm256_and_pd(value, sign)));
    return _mm256_cvttpd_epi32(value);
}

/* 8 columns of one row; `count` of them are stored. */
static MG_ALWAYS_INLINE void store_eight(mg_cell cell, __m256i values, size_t count, void *out)
{
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
    const __m128i part = cell == MG_CELL_I16  ? words
                         : cell == MG_CELL_U8 ? _mm_packus_epi16(words, words)
                                              : _mm_packs_epi16(words, words);
    if (count == 8 && cell == MG_CELL_I16) {
        _mm_storeu_si128((__m128i *)out, part);
    } else if (count == 8) {
        _mm_storel_epi64((__m128i *)out, part);
    } else {
        char results[16];
        _mm_storeu_si128((__m128i *)(void *)results, part);
        memcpy(out, results, count * mg_cell_bytes(cell));
    }
}

static MG_ALWAYS_INLINE __m256i round_eight(__m128i low, __m128i high, __m256d low_factors,
                                            __m256d high_factors, const limits *range)
{
    const __m128i low_values = round_four(low, low_factors, range);
    const __m128i high_values = round_four(high, high_factors, range);
    return _mm256_add_epi32(
        _mm256_inserti128_si256(_mm256_castsi128_si256(low_values), high_values, 1),
        range->zero_point);
}

void mg_requantise_real_avx2(const mg_requantisation *how, const double *factors, const int32_t *in,
                             size_t in_stride, size_t rows, size_t columns, void *out,
                             size_t out_stride)
{
    const limits range = {_mm256_set1_pd((double)(how->minimum - how->zero_point)),
                          _mm256_set1_pd((double)(how->maximum - how->zero_point)),
                          _mm256_set1_epi32(how->zero_point)};
    const size_t cell_bytes = mg_cell_bytes(how->cell);
    char *to = out;
    for (size_t r = 0; r < rows; r++, in += in_stride, to += out_stride * cell_bytes) {
        size_t c = 0;
        for (; c + 8 <= columns; c += 8) {
            const __m256i sums = _mm256_loadu_si256((const __m256i *)(const void *)(in + c));
            store_eight(how->cell,
                        round_eight(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1),
                                    _mm256_loadu_pd(factors + c), _mm256_loadu_pd(factors + c + 4),
                                    &range),
                        8, to + c * cell_bytes);
        }
        if (c == columns) continue;
        int32_t sums[8] = {0};
        double rest[8] = {0};
        memcpy(sums, in + c, (columns - c) * sizeof *sums);
        memcpy(rest, factors + c, (columns - c) * sizeof *rest);
        store_eight(how->cell,
                    round_eight(_mm_loadu_si128((const __m128i *)(const void *)sums),
                                _mm_loadu_si128((const __m128i *)(const void *)(sums + 4)),
                                _mm256_loadu_pd(rest), _mm256_loadu_pd(rest + 4), &range),
                    columns - c, to + c * cell_bytes);
    }
}
