/* SPDX-License-Identifier: Apache-2.0 */
/* requantise with AVX2, 16 columns at a time, all rows of the block per step. */
#include "kernel/x86/requantise_avx2.h"

static void store_part(void *out, size_t cell_bytes, __m256i values, size_t count)
{
    unsigned char bytes[32];
    _mm256_storeu_si256((__m256i *)(void *)bytes, values);
    memcpy(out, bytes, count * cell_bytes);
}

/* 16 results as they lie in memory: 16 bytes or 16 int16. */
static MG_ALWAYS_INLINE __m256i cells_of(const mg_result_range_avx2 *range, __m256i low,
                                         __m256i high)
{
    const __m256i words = mg_result_words_avx2(range, low, high);
    if (range->cell == MG_CELL_I16) return words;
    return _mm256_castsi128_si256(mg_result_bytes_avx2(range, words));
}

static MG_ALWAYS_INLINE void rows_of_sixteen(const mg_requantisation *how, bool small,
                                             const int32_t *in, size_t in_stride, size_t rows,
                                             size_t columns, char *out, size_t out_bytes)
{
    const __m256i mask_low = mg_lane_mask_avx2(columns);
    const __m256i mask_high = mg_lane_mask_avx2(columns > 8 ? columns - 8 : 0);
    const mg_factors_avx2 low = mg_load_factors_avx2(how, 0, mask_low);
    const mg_factors_avx2 high = mg_load_factors_avx2(how, 8, mask_high);
    const mg_result_range_avx2 range = mg_result_range_of_avx2(how);
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_bytes) {
        __m256i a, b;
        if (columns == 16) {
            a = _mm256_loadu_si256((const __m256i *)(const void *)in);
            b = _mm256_loadu_si256((const __m256i *)(const void *)(in + 8));
        } else {
            a = _mm256_maskload_epi32(in, mask_low);
            b = _mm256_maskload_epi32(in + 8, mask_high);
        }
        a = small ? mg_scale_small_avx2(a, &low) : mg_scale_avx2(a, &low);
        b = small ? mg_scale_small_avx2(b, &high) : mg_scale_avx2(b, &high);
        const __m256i cells = cells_of(&range, a, b);
        if (columns < 16)
            store_part(out, mg_cell_bytes(range.cell), cells, columns);
        else if (range.cell == MG_CELL_I16)
            _mm256_storeu_si256((__m256i *)(void *)out, cells);
        else
            _mm_storeu_si128((__m128i *)(void *)out, _mm256_castsi256_si128(cells));
    }
}

static void requantise_rows(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                            size_t rows, size_t columns, void *out, size_t out_stride)
{
    const size_t cell_bytes = mg_cell_bytes(how->cell);
    char *to = out;
    for (size_t c = 0; c < columns; c += 16) {
        const size_t count = columns - c < 16 ? columns - c : 16;
        const mg_requantisation here = mg_requantisation_from(how, c);
        if (!mg_factors_are_small_avx2(&here, count))
            rows_of_sixteen(&here, false, in + c, in_stride, rows, count, to + c * cell_bytes,
                            out_stride * cell_bytes);
        else if (count == 16)
            rows_of_sixteen(&here, true, in + c, in_stride, rows, 16, to + c * cell_bytes,
                            out_stride * cell_bytes);
        else
            rows_of_sixteen(&here, true, in + c, in_stride, rows, count, to + c * cell_bytes,
                            out_stride * cell_bytes);
    }
}

const mg_requantise_kernel mg_requantise_avx2 = {requantise_rows};
