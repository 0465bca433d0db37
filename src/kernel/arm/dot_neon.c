/* SPDX-License-Identifier: Apache-2.0 */
/* dot_f32 and dot_int with NEON: four columns at a time, each read once in the order of memory. */
#include "kernel/arm/lanes_neon.h"
#include "kernel/arm/widen_neon.h"
#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/repeat.h"

#define ZERO_F32(i) float32x4_t even##i = vdupq_n_f32(0.0f), odd##i = even##i;
#define STEP_F32(i)                                                \
    even##i = vfmaq_f32(even##i, near, vld1q_f32(weights[i] + d)); \
    odd##i = vfmaq_f32(odd##i, far, vld1q_f32(weights[i] + d + 4));
#define REST_F32(i) \
    even##i = vfmaq_f32(even##i, near, mg_load_part_f32_neon(weights[i] + d, depth - d));
#define JOIN_F32(i) sums[i] = mg_sum_f32_neon(vaddq_f32(even##i, odd##i));

static MG_ALWAYS_INLINE void dot_four_f32(const float *row, const float *const weights[4],
                                          size_t depth, float sums[4])
{
    MG_REPEAT_4(ZERO_F32)
    size_t d = 0;
    for (; d + 8 <= depth; d += 8) {
        const float32x4_t near = vld1q_f32(row + d), far = vld1q_f32(row + d + 4);
        MG_REPEAT_4(STEP_F32)
    }
    for (; d < depth; d += 4) {
        const float32x4_t near = mg_load_part_f32_neon(row + d, depth - d);
        MG_REPEAT_4(REST_F32)
    }
    MG_REPEAT_4(JOIN_F32)
}

static void multiply_f32(const float *row, const mg_columns *columns, const float *bias,
                         float minimum, float maximum, float *out)
{
    const float *first = columns->weights;
    for (size_t c = 0; c < columns->count; c += 4) {
        const size_t count = columns->count - c < 4 ? columns->count - c : 4;
        const float *weights[4];
        float sums[4];
        for (size_t i = 0; i < 4; i++)
            weights[i] = first + (c + (i < count ? i : 0)) * columns->column_step;
        dot_four_f32(row, weights, columns->depth, sums);
        for (size_t i = 0; i < count; i++) {
            const float sum = bias ? sums[i] + bias[c + i] : sums[i];
            const float low = sum < minimum ? minimum : sum;
            out[c + i] = low > maximum ? maximum : low;
        }
    }
}

#define ZERO_INT(i) int32x4_t sum##i = vdupq_n_s32(0);
#define STEP_INT(i)                                                                        \
    {                                                                                      \
        const int16x8_t right = vsubq_s16(mg_load_eight_neon(cell, weights[i], d), zeros); \
        sum##i = vmlal_s16(sum##i, vget_low_s16(values), vget_low_s16(right));             \
        sum##i = vmlal_s16(sum##i, vget_high_s16(values), vget_high_s16(right));           \
    }
#define JOIN_INT(i) sums[i] = (uint32_t)mg_sum_s32_neon(sum##i);

static MG_ALWAYS_INLINE void dot_four_int(const int16_t *row, mg_cell cell,
                                          const char *const weights[4], size_t depth, int32_t zero,
                                          uint32_t sums[4])
{
    const int16x8_t zeros = vdupq_n_s16((int16_t)zero);
    MG_REPEAT_4(ZERO_INT)
    size_t d = 0;
    for (; d + 8 <= depth; d += 8) {
        const int16x8_t values = vld1q_s16(row + d);
        MG_REPEAT_4(STEP_INT)
    }
    MG_REPEAT_4(JOIN_INT)
    for (; d < depth; d++)
        for (int i = 0; i < 4; i++)
            sums[i] += (uint32_t)row[d] * (uint32_t)(mg_cell_at(cell, weights[i], d) - zero);
}

static MG_ALWAYS_INLINE void dot_int(mg_cell cell, int32_t zero, const int16_t *row,
                                     const mg_columns *columns, const int32_t *bias, int32_t *out)
{
    const char *first = columns->weights;
    const size_t step = columns->column_step * mg_cell_bytes(cell);
    for (size_t c = 0; c < columns->count; c += 4) {
        const size_t count = columns->count - c < 4 ? columns->count - c : 4;
        const char *weights[4];
        uint32_t sums[4];
        for (size_t i = 0; i < 4; i++) weights[i] = first + (c + (i < count ? i : 0)) * step;
        dot_four_int(row, cell, weights, columns->depth, zero, sums);
        for (size_t i = 0; i < count; i++)
            out[c + i] = (int32_t)(sums[i] + (bias ? (uint32_t)bias[c + i] : 0u));
    }
}

static void multiply_int(const mg_gemm_int_form *form, const void *row, const mg_columns *columns,
                         const int32_t *bias, void *scratch, int32_t *out)
{
    int16_t *wide = scratch;
    mg_widen_neon(form->left, row, columns->depth, form->left_zero, wide);
    if (form->right == MG_CELL_I8)
        dot_int(MG_CELL_I8, form->right_zero, wide, columns, bias, out);
    else if (form->right == MG_CELL_U8)
        dot_int(MG_CELL_U8, form->right_zero, wide, columns, bias, out);
    else
        dot_int(MG_CELL_I16, form->right_zero, wide, columns, bias, out);
}

const mg_dot_f32_kernel mg_dot_f32_neon = {multiply_f32};
const mg_dot_int_kernel mg_dot_int_neon = {multiply_int};
