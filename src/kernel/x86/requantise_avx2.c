/* SPDX-License-Identifier: Apache-2.0 */
/* requantise with AVX2, 16 columns and two rows at a time. */
#include "kernel/x86/requantise_avx2.h"

typedef struct column_factors {
    mg_factors_avx2 low;
    mg_factors_avx2 high;
} column_factors;

static MG_ALWAYS_INLINE __m256i load_eight(const int32_t *in)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)in);
}

/* 16 results as int16, in the order of vpackssdw. */
static MG_ALWAYS_INLINE __m256i words_of(__m256i low, __m256i high, const column_factors *factors,
                                         const mg_result_range_avx2 *range, bool small)
{
    low = small ? mg_scale_small_avx2(low, &factors->low) : mg_scale_avx2(low, &factors->low);
    high = small ? mg_scale_small_avx2(high, &factors->high) : mg_scale_avx2(high, &factors->high);
    const __m256i words = _mm256_packs_epi32(low, high);
    return range->open ? words : mg_clamp_words_avx2(range, words);
}

static MG_ALWAYS_INLINE __m256i in_order(__m256i words)
{
    return _mm256_permute4x64_epi64(words, 0xD8);
}

static MG_ALWAYS_INLINE void store_words(void *out, __m256i words)
{
    _mm256_storeu_si256((__m256i *)(void *)out, words);
}

/* Two rows of 16 columns. */
static MG_ALWAYS_INLINE void store_pair(const mg_result_range_avx2 *range, __m256i near,
                                        __m256i far, char *out, size_t out_bytes)
{
    if (range->cell == MG_CELL_I16) {
        store_words(out, in_order(near));
        store_words(out + out_bytes, in_order(far));
        return;
    }
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const __m256i bytes = _mm256_permutevar8x32_epi32(
        range->cell == MG_CELL_U8 ? _mm256_packus_epi16(near, far) : _mm256_packs_epi16(near, far),
        order);
    _mm_storeu_si128((__m128i *)(void *)out, _mm256_castsi256_si128(bytes));
    _mm_storeu_si128((__m128i *)(void *)(out + out_bytes), _mm256_extracti128_si256(bytes, 1));
}

static MG_ALWAYS_INLINE void store_one(const mg_result_range_avx2 *range, __m256i words,
                                       size_t columns, char *out)
{
    unsigned char part[32];
    words = in_order(words);
    if (range->cell == MG_CELL_I16)
        store_words(part, words);
    else
        _mm_storeu_si128((__m128i *)(void *)part, mg_result_bytes_avx2(range, words));
    memcpy(out, part, columns * mg_cell_bytes(range->cell));
}

static MG_ALWAYS_INLINE void rows_of_sixteen(const mg_requantisation *how, bool small,
                                             const int32_t *in, size_t in_stride, size_t rows,
                                             char *out, size_t out_bytes)
{
    const __m256i all = _mm256_set1_epi32(-1);
    const column_factors factors = {mg_load_factors_avx2(how, 0, all),
                                    mg_load_factors_avx2(how, 8, all)};
    const mg_result_range_avx2 range = mg_result_range_of_avx2(how);
    for (; rows >= 2; rows -= 2, in += 2 * in_stride, out += 2 * out_bytes) {
        const int32_t *next = in + in_stride;
        const __m256i near = words_of(load_eight(in), load_eight(in + 8), &factors, &range, small);
        const __m256i far =
            words_of(load_eight(next), load_eight(next + 8), &factors, &range, small);
        store_pair(&range, near, far, out, out_bytes);
    }
    if (rows > 0)
        store_one(&range, words_of(load_eight(in), load_eight(in + 8), &factors, &range, small), 16,
                  out);
}

/* The last 1 to 15 columns. */
static void rows_of_rest(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                         size_t rows, size_t columns, char *out, size_t out_bytes)
{
    const __m256i low = mg_lane_mask_avx2(columns);
    const __m256i high = mg_lane_mask_avx2(columns > 8 ? columns - 8 : 0);
    const column_factors factors = {mg_load_factors_avx2(how, 0, low),
                                    mg_load_factors_avx2(how, 8, high)};
    const mg_result_range_avx2 range = mg_result_range_of_avx2(how);
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_bytes)
        store_one(&range,
                  words_of(_mm256_maskload_epi32(in, low), _mm256_maskload_epi32(in + 8, high),
                           &factors, &range, false),
                  columns, out);
}

static void requantise_rows(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                            size_t rows, size_t columns, void *out, size_t out_stride)
{
    const size_t cell_bytes = mg_cell_bytes(how->cell), out_bytes = out_stride * cell_bytes;
    char *to = out;
    for (size_t c = 0; c < columns; c += 16) {
        const mg_requantisation here = mg_requantisation_from(how, c);
        if (columns - c < 16)
            rows_of_rest(&here, in + c, in_stride, rows, columns - c, to + c * cell_bytes,
                         out_bytes);
        else if (mg_factors_are_small_avx2(&here))
            rows_of_sixteen(&here, true, in + c, in_stride, rows, to + c * cell_bytes, out_bytes);
        else
            rows_of_sixteen(&here, false, in + c, in_stride, rows, to + c * cell_bytes, out_bytes);
    }
}

/* 8 columns from `c` on, or those of the mask. */
static MG_ALWAYS_INLINE void scale_eight(const mg_scaling *how, const int32_t *in, size_t c,
                                         __m256i mask, bool whole, float *out)
{
    const __m256 sums = _mm256_cvtepi32_ps(_mm256_maskload_epi32(in + c, mask));
    const __m256 scales = how->column_scale_step == 0
                              ? _mm256_broadcast_ss(how->column_scale)
                              : _mm256_maskload_ps(how->column_scale + c, mask);
    __m256 values = _mm256_mul_ps(_mm256_mul_ps(sums, scales), _mm256_set1_ps(how->row_scale));
    if (how->bias) values = _mm256_add_ps(values, _mm256_maskload_ps(how->bias + c, mask));
    values = _mm256_max_ps(_mm256_set1_ps(how->minimum), values);
    values = _mm256_min_ps(_mm256_set1_ps(how->maximum), values);
    if (whole)
        _mm256_storeu_ps(out + c, values);
    else
        _mm256_maskstore_ps(out + c, mask, values);
}

static void scale(const mg_scaling *how, const int32_t *in, size_t columns, float *out)
{
    size_t c = 0;
    for (; c + 8 <= columns; c += 8) scale_eight(how, in, c, _mm256_set1_epi32(-1), true, out);
    if (c < columns) scale_eight(how, in, c, mg_lane_mask_avx2(columns - c), false, out);
}

const mg_requantise_kernel mg_requantise_avx2 = {requantise_rows, scale};
