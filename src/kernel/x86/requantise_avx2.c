/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requantise with AVX2, 16 columns and two rows at a time.
 *
 * Factors below 1/2, with n = -shift >= 1, need only one shift. Both roundings are floors of sums,
 * and floors of floors join: for x >= 0 the result is floor((x * multiplier + 2^30 + 2^(30 + n)) /
 * 2^(31 + n)); for x < 0, where the second rounds ties down, 2^31 is subtracted. (That the sign of
 * x stands for that of the value after the first rounding changes nothing, for it differs only when
 * that value is 0.) The upper halves of the 64-bit sums have all bits that the last shift needs.
 */
#include "kernel/x86/requantise_avx2.h"

/* Of 8 columns, all factors below 1/2. */
typedef struct small_factors {
    __m256i even; /* multipliers in 64-bit lanes */
    __m256i odd;
    __m256i even_addend;
    __m256i odd_addend;
    __m256i right; /* of the upper halves, columns in the order 0, 2, 1, 3 of each four */
} small_factors;

/* The lower or upper halves of 64-bit lanes; columns come out in the order 0, 2, 1, 3. */
static MG_ALWAYS_INLINE __m256i lower_halves(__m256i even, __m256i odd)
{
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castsi256_ps(even), _mm256_castsi256_ps(odd), 0x88));
}

static MG_ALWAYS_INLINE __m256i upper_halves(__m256i even, __m256i odd)
{
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castsi256_ps(even), _mm256_castsi256_ps(odd), 0xDD));
}

static MG_ALWAYS_INLINE __m256i load_eight(const int32_t *in)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)in);
}

static MG_ALWAYS_INLINE small_factors load_small_factors(const mg_requantisation *how, size_t first)
{
    const __m256i half = _mm256_set1_epi64x((long long)1 << 30);
    const __m256i n = _mm256_sub_epi32(_mm256_setzero_si256(), load_eight(how->shift + first));
    const __m256i odd_n = _mm256_srli_epi64(n, 32);
    const __m256i even_n = _mm256_blend_epi32(n, _mm256_setzero_si256(), 0xAA);
    small_factors factors;
    factors.even = load_eight(how->multiplier + first);
    factors.odd = mg_odd_lanes_avx2(factors.even);
    factors.even_addend = _mm256_add_epi64(half, _mm256_sllv_epi64(half, even_n));
    factors.odd_addend = _mm256_add_epi64(half, _mm256_sllv_epi64(half, odd_n));
    factors.right = _mm256_sub_epi32(lower_halves(even_n, odd_n), _mm256_set1_epi32(1));
    return factors;
}

/* Of columns 0 … 7 and from `high` on. */
static MG_ALWAYS_INLINE bool factors_are_small(const mg_requantisation *how, size_t high)
{
    const __m256i all = _mm256_and_si256(load_eight(how->shift), load_eight(how->shift + high));
    return _mm256_movemask_ps(_mm256_castsi256_ps(all)) == 0xFF;
}

/* x in the lower halves; bit 31 is its sign, and what to subtract. */
static MG_ALWAYS_INLINE __m256i rounded_product(__m256i x, __m256i multiplier, __m256i addend)
{
    const __m256i sign = _mm256_and_si256(x, _mm256_set1_epi64x(0x80000000));
    return _mm256_add_epi64(_mm256_mul_epi32(x, multiplier), _mm256_sub_epi64(addend, sign));
}

/* Without zero point and clamping; columns in the order 0, 2, 1, 3. */
static MG_ALWAYS_INLINE __m256i scale_small(__m256i x, const small_factors *factors)
{
    const __m256i even = rounded_product(x, factors->even, factors->even_addend);
    const __m256i odd = rounded_product(mg_odd_lanes_avx2(x), factors->odd, factors->odd_addend);
    return _mm256_srav_epi32(upper_halves(even, odd), factors->right);
}

typedef struct column_factors {
    bool small;
    small_factors small_low;
    small_factors small_high;
    mg_factors_avx2 low;
    mg_factors_avx2 high;
    __m256i zero_point; /* int16 */
} column_factors;

/* Of columns 0 … 7 and from `high` on. */
static MG_ALWAYS_INLINE column_factors load_column_factors(const mg_requantisation *how, bool small,
                                                           size_t high)
{
    column_factors factors;
    factors.small = small;
    factors.zero_point = _mm256_set1_epi16((short)how->zero_point);
    if (small) {
        factors.small_low = load_small_factors(how, 0);
        factors.small_high = load_small_factors(how, high);
    } else {
        const __m256i all = _mm256_set1_epi32(-1);
        factors.low = mg_load_factors_avx2(how, 0, all);
        factors.high = mg_load_factors_avx2(how, high, all);
    }
    return factors;
}

/* 16 results as int16, in the order of vpackssdw, clamped. */
static MG_ALWAYS_INLINE __m256i words_of(const int32_t *low_in, const int32_t *high_in,
                                         const column_factors *factors,
                                         const mg_result_range_avx2 *range)
{
    const __m256i low = load_eight(low_in), high = load_eight(high_in);
    __m256i words;
    if (factors->small)
        words = _mm256_adds_epi16(_mm256_packs_epi32(scale_small(low, &factors->small_low),
                                                     scale_small(high, &factors->small_high)),
                                  factors->zero_point);
    else
        words = _mm256_packs_epi32(mg_scale_avx2(low, &factors->low),
                                   mg_scale_avx2(high, &factors->high));
    return range->open ? words : mg_clamp_words_avx2(range, words);
}

/* Words 0 … 7 and 8 … 15. */
static MG_ALWAYS_INLINE void store_words(__m256i words, bool shuffled, char *first, char *second)
{
    words = _mm256_permute4x64_epi64(words, 0xD8);
    if (shuffled)
        words =
            _mm256_shuffle_epi8(words, _mm256_broadcastsi128_si256(_mm_setr_epi8(
                                           0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15)));
    _mm_storeu_si128((__m128i *)(void *)first, _mm256_castsi256_si128(words));
    _mm_storeu_si128((__m128i *)(void *)second, _mm256_extracti128_si256(words, 1));
}

/* 16 results of `near` as bytes, then those of `far`. */
static MG_ALWAYS_INLINE void bytes_of(const mg_result_range_avx2 *range, __m256i near, __m256i far,
                                      bool shuffled, __m128i bytes[2])
{
    __m256i both =
        range->cell == MG_CELL_U8 ? _mm256_packus_epi16(near, far) : _mm256_packs_epi16(near, far);
    if (shuffled)
        both =
            _mm256_shuffle_epi8(both, _mm256_broadcastsi128_si256(_mm_setr_epi8(
                                          0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15)));
    const __m128i low = _mm256_castsi256_si128(both), high = _mm256_extracti128_si256(both, 1);
    bytes[0] = _mm_unpacklo_epi32(low, high);
    bytes[1] = _mm_unpackhi_epi32(low, high);
}

/* Two rows of 16 columns. */
static MG_ALWAYS_INLINE void store_pair(const mg_result_range_avx2 *range, __m256i near,
                                        __m256i far, bool shuffled, char *out, size_t out_bytes)
{
    if (range->cell == MG_CELL_I16) {
        store_words(near, shuffled, out, out + 16);
        store_words(far, shuffled, out + out_bytes, out + out_bytes + 16);
        return;
    }
    __m128i bytes[2];
    bytes_of(range, near, far, shuffled, bytes);
    _mm_storeu_si128((__m128i *)(void *)out, bytes[0]);
    _mm_storeu_si128((__m128i *)(void *)(out + out_bytes), bytes[1]);
}

static MG_ALWAYS_INLINE void store_halves(__m128i bytes, char *first, char *second)
{
    _mm_storel_epi64((__m128i *)(void *)first, bytes);
    _mm_storel_epi64((__m128i *)(void *)second, _mm_unpackhi_epi64(bytes, bytes));
}

/* Four rows of 8 columns. */
static MG_ALWAYS_INLINE void store_four(const mg_result_range_avx2 *range, __m256i near,
                                        __m256i far, bool shuffled, char *out, size_t out_bytes)
{
    char *third = out + 2 * out_bytes;
    if (range->cell == MG_CELL_I16) {
        store_words(near, shuffled, out, out + out_bytes);
        store_words(far, shuffled, third, third + out_bytes);
        return;
    }
    __m128i bytes[2];
    bytes_of(range, near, far, shuffled, bytes);
    store_halves(bytes[0], out, out + out_bytes);
    store_halves(bytes[1], third, third + out_bytes);
}

static MG_ALWAYS_INLINE void rows_of_sixteen(const mg_requantisation *how, bool small,
                                             const int32_t *in, size_t in_stride, size_t rows,
                                             char *out, size_t out_bytes)
{
    const column_factors factors = load_column_factors(how, small, 8);
    const mg_result_range_avx2 range = mg_result_range_of_avx2(how);
    for (; rows >= 2; rows -= 2, in += 2 * in_stride, out += 2 * out_bytes)
        store_pair(&range, words_of(in, in + 8, &factors, &range),
                   words_of(in + in_stride, in + in_stride + 8, &factors, &range), small, out,
                   out_bytes);
    if (rows == 0) return;
    char results[2 * 32];
    const __m256i words = words_of(in, in + 8, &factors, &range);
    store_pair(&range, words, words, small, results, 32);
    memcpy(out, results, 16 * mg_cell_bytes(how->cell));
}

/* 8 columns, of two rows in a vector. */
static MG_ALWAYS_INLINE void rows_of_eight(const mg_requantisation *how, bool small,
                                           const int32_t *in, size_t in_stride, size_t rows,
                                           char *out, size_t out_bytes)
{
    const column_factors factors = load_column_factors(how, small, 0);
    const mg_result_range_avx2 range = mg_result_range_of_avx2(how);
    for (; rows >= 4; rows -= 4, in += 4 * in_stride, out += 4 * out_bytes)
        store_four(&range, words_of(in, in + in_stride, &factors, &range),
                   words_of(in + 2 * in_stride, in + 3 * in_stride, &factors, &range), small, out,
                   out_bytes);
    for (; rows > 0; rows--, in += in_stride, out += out_bytes) {
        char results[4 * 16];
        const __m256i words = words_of(in, in, &factors, &range);
        store_four(&range, words, words, small, results, 16);
        memcpy(out, results, 8 * mg_cell_bytes(how->cell));
    }
}

/* The last 1 to 7 columns. */
static void rows_of_rest(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                         size_t rows, size_t columns, char *out, size_t out_bytes)
{
    const __m256i mask = mg_lane_mask_avx2(columns);
    const mg_factors_avx2 factors = mg_load_factors_avx2(how, 0, mask);
    const mg_result_range_avx2 range = mg_result_range_of_avx2(how);
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_bytes) {
        const __m256i scaled = mg_scale_avx2(_mm256_maskload_epi32(in, mask), &factors);
        const __m256i words = _mm256_packs_epi32(scaled, scaled);
        char results[4 * 16];
        store_four(&range, words, words, false, results, 16);
        memcpy(out, results, columns * mg_cell_bytes(range.cell));
    }
}

static void requantise_rows(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                            size_t rows, size_t columns, void *out, size_t out_stride)
{
    const size_t cell_bytes = mg_cell_bytes(how->cell), out_bytes = out_stride * cell_bytes;
    /* Small factors add the zero point to int16, which may cut it off but for results of a byte. */
    const bool zero_fits = how->cell != MG_CELL_I16 || how->zero_point == 0;
    char *to = out;
    for (size_t c = 0; c < columns;) {
        const mg_requantisation here = mg_requantisation_from(how, c);
        const size_t left = columns - c, count = left >= 16 ? 16 : left >= 8 ? 8 : left;
        if (count < 8)
            rows_of_rest(&here, in, in_stride, rows, count, to, out_bytes);
        else if (count == 16 && zero_fits && factors_are_small(&here, 8))
            rows_of_sixteen(&here, true, in, in_stride, rows, to, out_bytes);
        else if (count == 16)
            rows_of_sixteen(&here, false, in, in_stride, rows, to, out_bytes);
        else if (zero_fits && factors_are_small(&here, 0))
            rows_of_eight(&here, true, in, in_stride, rows, to, out_bytes);
        else
            rows_of_eight(&here, false, in, in_stride, rows, to, out_bytes);
        c += count;
        in += count;
        to += count * cell_bytes;
    }
}

/* 8 columns, or those of the mask. */
static MG_ALWAYS_INLINE void scale_eight(const mg_scaling *how, __m256i mask, bool whole,
                                         const int32_t *in, size_t in_stride, size_t rows,
                                         float *out, size_t out_stride)
{
    const __m256 scales = how->column_scale_step == 0 ? _mm256_broadcast_ss(how->column_scale)
                                                      : _mm256_maskload_ps(how->column_scale, mask);
    const __m256 bias = how->bias ? _mm256_maskload_ps(how->bias, mask) : _mm256_setzero_ps();
    const __m256 least = _mm256_set1_ps(how->minimum), most = _mm256_set1_ps(how->maximum);
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride) {
        const __m256 sums =
            _mm256_cvtepi32_ps(whole ? load_eight(in) : _mm256_maskload_epi32(in, mask));
        __m256 values = _mm256_mul_ps(_mm256_mul_ps(sums, scales), _mm256_set1_ps(how->row_scale));
        if (how->bias) values = _mm256_add_ps(values, bias);
        values = _mm256_min_ps(most, _mm256_max_ps(least, values));
        if (whole)
            _mm256_storeu_ps(out, values);
        else
            _mm256_maskstore_ps(out, mask, values);
    }
}

static void scale(const mg_scaling *how, const int32_t *in, size_t in_stride, size_t rows,
                  size_t columns, float *out, size_t out_stride)
{
    for (size_t c = 0; c < columns; c += 8) {
        const mg_scaling here = mg_scaling_from(how, c);
        const size_t left = columns - c;
        if (left >= 8)
            scale_eight(&here, _mm256_set1_epi32(-1), true, in + c, in_stride, rows, out + c,
                        out_stride);
        else
            scale_eight(&here, mg_lane_mask_avx2(left), false, in + c, in_stride, rows, out + c,
                        out_stride);
    }
}

const mg_requantise_kernel mg_requantise_avx2 = {requantise_rows, mg_requantise_real_avx2, scale};
