/* SPDX-License-Identifier: Apache-2.0 */
/* dot_f32 and dot_int with AVX2: some columns at a time, each read once in the order of memory. */
#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/repeat.h"
#include "kernel/x86/columns_avx2.h"
#include "kernel/x86/widen_avx2.h"

#include <stdbool.h>

/*
 * Floats go eight columns at a time, one sum each: as many as hide the latency of a multiplication,
 * and as many streams of weights. The columns that are left go four at a time; their sums are added
 * in the same order, so that no result depends on where a call begins.
 */
/* Columns that are not there are read as the first. */
#define AT(i) (weights + (i < count ? i : 0) * step + d)
#define ZERO_F32(i) __m256 sum##i = _mm256_setzero_ps();
#define STEP_F32(i) sum##i = _mm256_fmadd_ps(part, _mm256_loadu_ps(AT(i)), sum##i);
#define REST_F32(i) sum##i = _mm256_fmadd_ps(part, _mm256_maskload_ps(AT(i), mask), sum##i);

#define DEFINE_DOTS(name, REPEAT, RESULT)                                                          \
    static MG_ALWAYS_INLINE RESULT dot_##name##_f32(const float *row, const float *weights,        \
                                                    size_t step, size_t count, size_t depth)       \
    {                                                                                              \
        REPEAT(ZERO_F32)                                                                           \
        size_t d = 0;                                                                              \
        for (; d + 8 <= depth; d += 8) {                                                           \
            const __m256 part = _mm256_loadu_ps(row + d);                                          \
            REPEAT(STEP_F32)                                                                       \
        }                                                                                          \
        if (d < depth) {                                                                           \
            const __m256i mask = mg_lane_mask_avx2(depth - d);                                     \
            const __m256 part = _mm256_maskload_ps(row + d, mask);                                 \
            REPEAT(REST_F32)                                                                       \
        }                                                                                          \
        const __m256 low = _mm256_hadd_ps(_mm256_hadd_ps(sum0, sum1), _mm256_hadd_ps(sum2, sum3)); \
        JOIN_##name                                                                                \
    }
#define JOIN_four return _mm_add_ps(_mm256_castps256_ps128(low), _mm256_extractf128_ps(low, 1));
#define JOIN_eight                                                                              \
    const __m256 high = _mm256_hadd_ps(_mm256_hadd_ps(sum4, sum5), _mm256_hadd_ps(sum6, sum7)); \
    return _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20),                               \
                         _mm256_permute2f128_ps(low, high, 0x31));

DEFINE_DOTS(four, MG_REPEAT_4, __m128)
DEFINE_DOTS(eight, MG_REPEAT_8, __m256)

static void multiply_f32(const float *row, const mg_columns *columns, const float *bias,
                         float minimum, float maximum, float *out)
{
    const float *weights = columns->weights;
    const size_t step = columns->column_step, depth = columns->depth;
    size_t c = 0;
    for (; c + 8 <= columns->count; c += 8) {
        __m256 sums = dot_eight_f32(row, weights + c * step, step, 8, depth);
        if (bias) sums = _mm256_add_ps(sums, _mm256_loadu_ps(bias + c));
        sums = _mm256_min_ps(_mm256_set1_ps(maximum), _mm256_max_ps(_mm256_set1_ps(minimum), sums));
        _mm256_storeu_ps(out + c, sums);
    }
    for (; c < columns->count; c += 4) {
        const size_t count = columns->count - c < 4 ? columns->count - c : 4;
        const __m128i mask = _mm256_castsi256_si128(mg_lane_mask_avx2(count));
        __m128 sums = dot_four_f32(row, weights + c * step, step, count, depth);
        if (bias) sums = _mm_add_ps(sums, _mm_maskload_ps(bias + c, mask));
        sums = _mm_min_ps(_mm_set1_ps(maximum), _mm_max_ps(_mm_set1_ps(minimum), sums));
        _mm_maskstore_ps(out + c, mask, sums);
    }
}

/*
 * Weights of 8 bits are widened as they are read; their zero point costs one sum over the row.
 * Sixteen depths a step: the last step of a depth of at least 16 overlaps the one before, with what
 * is multiplied already taken as 0.
 */
#define ZERO_INT(i) __m256i sum##i = _mm256_setzero_si256();
#define STEP_INT(i)            \
    sum##i = _mm256_add_epi32( \
        sum##i, _mm256_madd_epi16(values, mg_load_sixteen_avx2(right, weights##i, d, 0)));

/* Four columns, `step` bytes apart. */
static MG_ALWAYS_INLINE __m128i dot_four_int(const int16_t *row, __m256i last, mg_cell right,
                                             const char *weights0, size_t step, size_t depth)
{
    const char *weights1 = weights0 + step, *weights2 = weights1 + step,
               *weights3 = weights2 + step;
    MG_REPEAT_4(ZERO_INT)
    size_t d = 0;
    for (; d + 16 <= depth; d += 16) {
        const __m256i values = _mm256_load_si256((const __m256i *)(const void *)(row + d));
        MG_REPEAT_4(STEP_INT)
    }
    if (d < depth) {
        const __m256i values = last;
        d = depth - 16;
        MG_REPEAT_4(STEP_INT)
    }
    const __m256i pairs =
        _mm256_hadd_epi32(_mm256_hadd_epi32(sum0, sum1), _mm256_hadd_epi32(sum2, sum3));
    return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

static int32_t sum_of_row(const int16_t *row, size_t depth)
{
    uint32_t sum = 0;
    for (size_t d = 0; d < depth; d++) sum += (uint32_t)(int32_t)row[d];
    return (int32_t)sum;
}

/* Any depth, one column. */
static int32_t dot_one_int(const int16_t *row, mg_cell right, const char *weights, size_t depth)
{
    uint32_t sum = 0;
    for (size_t d = 0; d < depth; d++)
        sum += (uint32_t)row[d] * (uint32_t)mg_cell_at(right, weights, d);
    return (int32_t)sum;
}

/* The last 16 depths, 0 where they belong to a whole step. */
static __m256i last_step(const int16_t *row, size_t depth)
{
    int16_t last[16];
    const size_t done = 16 - depth % 16;
    for (size_t i = 0; i < 16; i++) last[i] = i < done ? 0 : row[depth - 16 + i];
    return _mm256_loadu_si256((const __m256i *)(const void *)last);
}

static MG_ALWAYS_INLINE void dot_int(mg_cell right, const int16_t *row, int32_t row_term,
                                     const mg_columns *columns, const int32_t *bias, int32_t *out)
{
    const char *weights = columns->weights;
    const size_t step = columns->column_step * mg_cell_bytes(right), depth = columns->depth;
    const __m128i term = _mm_set1_epi32(row_term);
    const bool by_fours = depth >= 16 && columns->count >= 4;
    const __m256i last = by_fours ? last_step(row, depth) : _mm256_setzero_si256();
    size_t c = 0;
    while (by_fours && c < columns->count) {
        if (columns->count - c < 4) c = columns->count - 4;
        __m128i sums = dot_four_int(row, last, right, weights + c * step, step, depth);
        sums = _mm_sub_epi32(sums, term);
        if (bias)
            sums = _mm_add_epi32(sums, _mm_loadu_si128((const __m128i *)(const void *)(bias + c)));
        _mm_storeu_si128((__m128i *)(void *)(out + c), sums);
        c += 4;
    }
    for (; c < columns->count; c++)
        out[c] = (int32_t)((uint32_t)dot_one_int(row, right, weights + c * step, depth) -
                           (uint32_t)row_term + (bias ? (uint32_t)bias[c] : 0u));
}

static void multiply_int(const mg_gemm_int_form *form, const void *row, const mg_columns *columns,
                         const int32_t *bias, void *scratch, int32_t *out)
{
    int16_t *wide = scratch;
    mg_widen_avx2(form->left, row, columns->depth, form->left_zero, wide);
    const int32_t term =
        form->right_zero == 0
            ? 0
            : (int32_t)((uint32_t)sum_of_row(wide, columns->depth) * (uint32_t)form->right_zero);
    if (form->right == MG_CELL_I8)
        dot_int(MG_CELL_I8, wide, term, columns, bias, out);
    else if (form->right == MG_CELL_U8)
        dot_int(MG_CELL_U8, wide, term, columns, bias, out);
    else
        dot_int(MG_CELL_I16, wide, term, columns, bias, out);
}

const mg_dot_f32_kernel mg_dot_f32_avx2 = {multiply_f32};
const mg_dot_int_kernel mg_dot_int_avx2 = {multiply_int};
