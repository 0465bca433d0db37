/* SPDX-License-Identifier: Apache-2.0 */
/* dot_f32 and dot_int with AVX2: four columns at a time, each read once in the order of memory. */
#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/repeat.h"
#include "kernel/x86/columns_avx2.h"
#include "kernel/x86/widen_avx2.h"

#define ZERO_F32(i) __m256 even##i = _mm256_setzero_ps(), odd##i = even##i;
#define STEP_F32(i)                                                            \
    even##i = _mm256_fmadd_ps(near, _mm256_loadu_ps(weights[i] + d), even##i); \
    odd##i = _mm256_fmadd_ps(far, _mm256_loadu_ps(weights[i] + d + 8), odd##i);
#define REST_F32(i) \
    even##i = _mm256_fmadd_ps(rest, _mm256_maskload_ps(weights[i] + d, mask), even##i);
#define JOIN_F32(i) even##i = _mm256_add_ps(even##i, odd##i);

static MG_ALWAYS_INLINE __m128 dot_four_f32(const float *row, const float *const weights[4],
                                            size_t depth)
{
    MG_REPEAT_4(ZERO_F32)
    size_t d = 0;
    for (; d + 16 <= depth; d += 16) {
        const __m256 near = _mm256_loadu_ps(row + d), far = _mm256_loadu_ps(row + d + 8);
        MG_REPEAT_4(STEP_F32)
    }
    for (; d < depth; d += 8) {
        const __m256i mask = mg_lane_mask_avx2(depth - d);
        const __m256 rest = _mm256_maskload_ps(row + d, mask);
        MG_REPEAT_4(REST_F32)
    }
    MG_REPEAT_4(JOIN_F32)
    const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(even0, even1), _mm256_hadd_ps(even2, even3));
    return _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1));
}

static void multiply_f32(const float *row, const mg_columns *columns, const float *bias,
                         float minimum, float maximum, float *out)
{
    const float *first = columns->weights;
    for (size_t c = 0; c < columns->count; c += 4) {
        const size_t count = columns->count - c < 4 ? columns->count - c : 4;
        const float *weights[4];
        for (size_t i = 0; i < 4; i++)
            weights[i] = first + (c + (i < count ? i : 0)) * columns->column_step;
        const __m128i mask = _mm256_castsi256_si128(mg_lane_mask_avx2(count));
        __m128 sums = dot_four_f32(row, weights, columns->depth);
        if (bias) sums = _mm_add_ps(sums, _mm_maskload_ps(bias + c, mask));
        sums = _mm_min_ps(_mm_set1_ps(maximum), _mm_max_ps(_mm_set1_ps(minimum), sums));
        _mm_maskstore_ps(out + c, mask, sums);
    }
}

#define ZERO_INT(i) __m256i sum##i = _mm256_setzero_si256();
#define STEP_INT(i)            \
    sum##i = _mm256_add_epi32( \
        sum##i, _mm256_madd_epi16(values, mg_load_sixteen_avx2(right, weights[i], d, zero)));

static MG_ALWAYS_INLINE __m128i dot_four_int(const int16_t *row, mg_cell right,
                                             const char *const weights[4], size_t depth,
                                             int32_t zero)
{
    MG_REPEAT_4(ZERO_INT)
    size_t d = 0;
    for (; d + 16 <= depth; d += 16) {
        const __m256i values = _mm256_load_si256((const __m256i *)(const void *)(row + d));
        MG_REPEAT_4(STEP_INT)
    }
    const __m256i pairs =
        _mm256_hadd_epi32(_mm256_hadd_epi32(sum0, sum1), _mm256_hadd_epi32(sum2, sum3));
    const __m128i whole =
        _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    uint32_t rest[4] = {0, 0, 0, 0};
    for (; d < depth; d++)
        for (int i = 0; i < 4; i++)
            rest[i] += (uint32_t)row[d] * (uint32_t)(mg_cell_at(right, weights[i], d) - zero);
    return _mm_add_epi32(whole, _mm_loadu_si128((const __m128i *)(const void *)rest));
}

static MG_ALWAYS_INLINE void dot_int(const mg_gemm_int_form *form, mg_cell right, int32_t zero,
                                     const int16_t *row, const mg_columns *columns,
                                     const int32_t *bias, int32_t *out)
{
    const char *first = columns->weights;
    const size_t step = columns->column_step * mg_cell_bytes(form->right);
    for (size_t c = 0; c < columns->count; c += 4) {
        const size_t count = columns->count - c < 4 ? columns->count - c : 4;
        const char *weights[4];
        for (size_t i = 0; i < 4; i++) weights[i] = first + (c + (i < count ? i : 0)) * step;
        const __m128i mask = _mm256_castsi256_si128(mg_lane_mask_avx2(count));
        __m128i sums = dot_four_int(row, right, weights, columns->depth, zero);
        if (bias) sums = _mm_add_epi32(sums, _mm_maskload_epi32(bias + c, mask));
        _mm_maskstore_epi32(out + c, mask, sums);
    }
}

static void multiply_int(const mg_gemm_int_form *form, const void *row, const mg_columns *columns,
                         const int32_t *bias, void *scratch, int32_t *out)
{
    int16_t *wide = scratch;
    mg_widen_avx2(form->left, row, columns->depth, form->left_zero, wide);
    if (form->right == MG_CELL_I8 && form->right_zero == 0)
        dot_int(form, MG_CELL_I8, 0, wide, columns, bias, out);
    else if (form->right == MG_CELL_I8)
        dot_int(form, MG_CELL_I8, form->right_zero, wide, columns, bias, out);
    else if (form->right == MG_CELL_U8)
        dot_int(form, MG_CELL_U8, form->right_zero, wide, columns, bias, out);
    else
        dot_int(form, MG_CELL_I16, form->right_zero, wide, columns, bias, out);
}

const mg_dot_f32_kernel mg_dot_f32_avx2 = {multiply_f32};
const mg_dot_int_kernel mg_dot_int_avx2 = {multiply_int};
