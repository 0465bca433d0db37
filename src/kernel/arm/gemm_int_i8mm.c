/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_int with SMMLA: pairs of rows by pairs of columns, 8 depths at a time, in tiles of up to 8
 * rows by 8 columns. int16 rows go to gemm_int_neon.
 *
 * Panel: 8 int32 biases, then for each eight depths 8 bytes of each of the 8 columns. An odd last
 * row is paired with itself.
 */
#include "kernel/arm/bytes_arm.h"
#include "kernel/compiler.h"
#include "kernel/repeat.h"

extern const mg_gemm_int_kernel mg_gemm_int_neon;

enum { COLUMNS = 8, TILE_PAIRS = 4, TILE_ROWS = 2 * TILE_PAIRS, STEP = 8 };

static size_t row_bytes(const mg_gemm_int_form *form)
{
    return form->left == MG_CELL_I16 ? mg_gemm_int_neon.row_bytes(form) : mg_bytes_row_bytes(form);
}

static size_t panel_bytes(const mg_gemm_int_form *form)
{
    if (form->left == MG_CELL_I16) return mg_gemm_int_neon.panel_bytes(form);
    return COLUMNS * (sizeof(int32_t) + mg_bytes_padded(form->depth));
}

static void pack_rows(const mg_gemm_int_form *form, const mg_rows *rows, void *packed)
{
    if (form->left == MG_CELL_I16)
        mg_gemm_int_neon.pack_rows(form, rows, packed);
    else
        mg_bytes_pack_rows(form, rows, packed);
}

/* Eight depths of all columns whose depth is contiguous. */
static void copy_steps(const mg_gemm_int_form *form, const mg_columns *columns, size_t depth,
                       int8_t *out)
{
    const uint8_t *weights = (const uint8_t *)columns->weights + depth;
    const uint8x8_t flips = vdup_n_u8(mg_bytes_flip(form->right));
    for (size_t c = 0; c < COLUMNS; c++)
        vst1_s8(out + c * STEP,
                vreinterpret_s8_u8(veor_u8(vld1_u8(weights + c * columns->column_step), flips)));
}

static void gather_steps(const mg_gemm_int_form *form, const mg_columns *columns, size_t depth,
                         int8_t *out)
{
    for (size_t c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < STEP; i++)
            out[c * STEP + i] = mg_bytes_weight(form, columns, c, depth + i);
}

static void pack(const mg_gemm_int_form *form, const mg_columns *columns, const int32_t *bias,
                 void *panel)
{
    if (form->left == MG_CELL_I16) {
        mg_gemm_int_neon.pack(form, columns, bias, panel);
        return;
    }
    int32_t *biases = panel;
    int8_t *out = (int8_t *)(biases + COLUMNS);
    int32x4_t sums[COLUMNS / 2];
    for (size_t pair = 0; pair < COLUMNS / 2; pair++) sums[pair] = vdupq_n_s32(0);
    for (size_t d = 0; d < mg_bytes_padded(form->depth); d += STEP, out += STEP * COLUMNS) {
        if (columns->depth_step == 1 && columns->count == COLUMNS && d + STEP <= columns->depth)
            copy_steps(form, columns, d, out);
        else
            gather_steps(form, columns, d, out);
        for (size_t pair = 0; pair < COLUMNS / 2; pair++)
            sums[pair] = vdotq_s32(sums[pair], vld1q_s8(out + pair * 2 * STEP), vdupq_n_s8(1));
    }
    for (size_t pair = 0; pair < COLUMNS / 2; pair++) {
        const int32x4_t whole = vpaddq_s32(sums[pair], sums[pair]);
        biases[2 * pair] = mg_bytes_bias(form, columns, bias, 2 * pair, vgetq_lane_s32(whole, 0));
        biases[2 * pair + 1] =
            mg_bytes_bias(form, columns, bias, 2 * pair + 1, vgetq_lane_s32(whole, 1));
    }
}

/* A pair of rows: where they lie, and what they sum to with each pair of columns. */
typedef struct row_pair {
    const char *first;
    const char *second;
} row_pair;

#define START_PAIR(i)                                                                   \
    int32x4_t sum##i##0 = vdupq_n_s32(0), sum##i##1 = sum##i##0, sum##i##2 = sum##i##0, \
              sum##i##3 = sum##i##0;
#define STEP_PAIR(i)                                                  \
    left = vcombine_s8(vld1_s8((const int8_t *)pairs[i].first + d),   \
                       vld1_s8((const int8_t *)pairs[i].second + d)); \
    sum##i##0 = vmmlaq_s32(sum##i##0, left, right0);                  \
    sum##i##1 = vmmlaq_s32(sum##i##1, left, right1);                  \
    sum##i##2 = vmmlaq_s32(sum##i##2, left, right2);                  \
    sum##i##3 = vmmlaq_s32(sum##i##3, left, right3);
#define STORE_PAIR(i)                                                               \
    store_row(&pairs[i].first[depth], panel,                                        \
              vcombine_s32(vget_low_s32(sum##i##0), vget_low_s32(sum##i##1)),       \
              vcombine_s32(vget_low_s32(sum##i##2), vget_low_s32(sum##i##3)),       \
              out + (2 * i) * COLUMNS);                                             \
    if (2 * i + 1 < rows)                                                           \
        store_row(&pairs[i].second[depth], panel,                                   \
                  vcombine_s32(vget_high_s32(sum##i##0), vget_high_s32(sum##i##1)), \
                  vcombine_s32(vget_high_s32(sum##i##2), vget_high_s32(sum##i##3)), \
                  out + (2 * i + 1) * COLUMNS);

static MG_ALWAYS_INLINE void store_row(const void *term, const int32_t *biases, int32x4_t low,
                                       int32x4_t high, int32_t *out)
{
    const int32x4_t terms = vld1q_dup_s32(term);
    vst1q_s32(out, vaddq_s32(low, vsubq_s32(vld1q_s32(biases), terms)));
    vst1q_s32(out + 4, vaddq_s32(high, vsubq_s32(vld1q_s32(biases + 4), terms)));
}

#define DEFINE_TILE(count, PAIRS)                                                              \
    static MG_NEVER_INLINE void tile_##count(const row_pair *pairs, size_t rows, size_t depth, \
                                             const int32_t *panel, int32_t *out)               \
    {                                                                                          \
        const int8_t *right = (const int8_t *)(panel + COLUMNS);                               \
        PAIRS(START_PAIR)                                                                      \
        for (size_t d = 0; d < depth; d += STEP, right += STEP * COLUMNS) {                    \
            const int8x16_t right0 = vld1q_s8(right), right1 = vld1q_s8(right + 16);           \
            const int8x16_t right2 = vld1q_s8(right + 32), right3 = vld1q_s8(right + 48);      \
            int8x16_t left;                                                                    \
            PAIRS(STEP_PAIR)                                                                   \
        }                                                                                      \
        PAIRS(STORE_PAIR)                                                                      \
    }

DEFINE_TILE(1, MG_REPEAT_1)
DEFINE_TILE(2, MG_REPEAT_2)
DEFINE_TILE(3, MG_REPEAT_3)
DEFINE_TILE(4, MG_REPEAT_4)

typedef void (*tile_function)(const row_pair *pairs, size_t rows, size_t depth,
                              const int32_t *panel, int32_t *out);
static const tile_function tiles_by_pairs[TILE_PAIRS] = {tile_1, tile_2, tile_3, tile_4};

static void multiply(const mg_gemm_int_form *form, const void *packed, size_t rows,
                     const void *panel, int32_t *out)
{
    if (form->left == MG_CELL_I16) {
        mg_gemm_int_neon.multiply(form, packed, rows, panel, out);
        return;
    }
    const size_t depth = mg_bytes_padded(form->depth), stride = mg_bytes_row_bytes(form);
    const char *left = packed;
    while (rows > 0) {
        const size_t count = rows < TILE_ROWS ? rows : TILE_ROWS;
        row_pair pairs[TILE_PAIRS];
        for (size_t i = 0; 2 * i < count; i++) {
            pairs[i].first = left + 2 * i * stride;
            pairs[i].second = 2 * i + 1 < count ? pairs[i].first + stride : pairs[i].first;
        }
        tiles_by_pairs[(count + 1) / 2 - 1](pairs, count, depth, panel, out);
        rows -= count;
        left += count * stride;
        out += count * COLUMNS;
    }
}

const mg_gemm_int_kernel mg_gemm_int_i8mm = {COLUMNS,   TILE_ROWS, COLUMNS * sizeof(int32_t),
                                             8,         row_bytes, panel_bytes,
                                             pack_rows, pack,      multiply};
