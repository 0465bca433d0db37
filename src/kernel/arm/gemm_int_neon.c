/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_int with NEON: both sides as int16 freed of their zero points, multiplied by single lanes of
 * the rows (SMLAL) in tiles of up to 4 rows by 8 columns.
 *
 * Depth is padded to a multiple of 4 with zeros. Packed row: int16 in order. Panel: 8 int32 biases,
 * then 8 int16 weights for each depth.
 */
#include "kernel/arm/widen_neon.h"
#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/repeat.h"

enum { COLUMNS = 8, TILE_ROWS = 4 };

static size_t padded_depth(const mg_gemm_int_form *form)
{
    return (form->depth + 3) & ~(size_t)3;
}

static size_t row_bytes(const mg_gemm_int_form *form)
{
    return padded_depth(form) * sizeof(int16_t);
}

static size_t panel_bytes(const mg_gemm_int_form *form)
{
    return COLUMNS * (sizeof(int32_t) + padded_depth(form) * sizeof(int16_t));
}

static void pack_rows(const mg_gemm_int_form *form, const mg_rows *rows, void *packed)
{
    const size_t padded = padded_depth(form);
    int16_t *out = packed;
    for (size_t r = 0; r < rows->count; r++) {
        int16_t *end = out + padded;
        for (size_t s = 0; s < rows->segments; s++, out += rows->length)
            mg_widen_neon(form->left, rows->start[s * rows->stride + r], rows->length,
                          form->left_zero, out);
        while (out < end) *out++ = 0;
    }
}

/* Rows of pairs (c, c + 4), … interleaved three times are columns of 8. */
static MG_ALWAYS_INLINE void transpose_eight(int16x8_t row[8])
{
    for (int round = 0; round < 3; round++) {
        const int16x8x2_t a = vzipq_s16(row[0], row[4]), b = vzipq_s16(row[1], row[5]);
        const int16x8x2_t c = vzipq_s16(row[2], row[6]), d = vzipq_s16(row[3], row[7]);
        row[0] = a.val[0];
        row[1] = a.val[1];
        row[2] = b.val[0];
        row[3] = b.val[1];
        row[4] = c.val[0];
        row[5] = c.val[1];
        row[6] = d.val[0];
        row[7] = d.val[1];
    }
}

#define LOAD_COLUMN(i)                                                                             \
    block[i] = vsubq_s16(mg_load_eight_neon(cell, columns->weights, i * columns->column_step + d), \
                         zeros);
#define STORE_DEPTH(i) vst1q_s16(panel + (d + i) * COLUMNS, block[i]);

/* All columns, their depth contiguous; returns how many depths are done. */
static MG_ALWAYS_INLINE size_t pack_straight(mg_cell cell, int32_t zero, const mg_columns *columns,
                                             int16_t *panel)
{
    const int16x8_t zeros = vdupq_n_s16((int16_t)zero);
    size_t d = 0;
    for (; d + 8 <= columns->depth; d += 8) {
        int16x8_t block[8];
        MG_REPEAT_8(LOAD_COLUMN)
        transpose_eight(block);
        MG_REPEAT_8(STORE_DEPTH)
    }
    return d;
}

static void pack(const mg_gemm_int_form *form, const mg_columns *columns, const int32_t *bias,
                 void *memory)
{
    const size_t padded = padded_depth(form), count = columns->count;
    int32_t *biases = memory;
    for (size_t c = 0; c < COLUMNS; c++) biases[c] = bias && c < count ? bias[c] : 0;
    int16_t *panel = (int16_t *)(void *)(biases + COLUMNS);
    size_t d = 0;
    if (count == COLUMNS && columns->depth_step == 1) {
        if (form->right == MG_CELL_I8)
            d = pack_straight(MG_CELL_I8, form->right_zero, columns, panel);
        else if (form->right == MG_CELL_U8)
            d = pack_straight(MG_CELL_U8, form->right_zero, columns, panel);
        else
            d = pack_straight(MG_CELL_I16, form->right_zero, columns, panel);
    }
    for (; d < padded; d++)
        for (size_t c = 0; c < COLUMNS; c++) {
            const size_t at = c * columns->column_step + d * columns->depth_step;
            panel[d * COLUMNS + c] =
                c < count && d < columns->depth
                    ? mg_narrow_at(form->right, columns->weights, at, form->right_zero)
                    : 0;
        }
}

#define START_ROW(i) int32x4_t low##i = vld1q_s32(panel), high##i = vld1q_s32(panel + 4);
#define LOAD_ROW(i) const int16x4_t left##i = vld1_s16(left + i * row_stride);
#define STEP_ROW(i, lane)                                                  \
    low##i = vmlal_lane_s16(low##i, vget_low_s16(weights), left##i, lane); \
    high##i = vmlal_lane_s16(high##i, vget_high_s16(weights), left##i, lane);
#define STEP_0(i) STEP_ROW(i, 0)
#define STEP_1(i) STEP_ROW(i, 1)
#define STEP_2(i) STEP_ROW(i, 2)
#define STEP_3(i) STEP_ROW(i, 3)
#define STORE_ROW(i)                      \
    vst1q_s32(out + i * COLUMNS, low##i); \
    vst1q_s32(out + i * COLUMNS + 4, high##i);

#define DEFINE_TILE(count, ROWS)                                                                   \
    static MG_NEVER_INLINE void tile_##count(const int16_t *left, size_t row_stride, size_t depth, \
                                             const int32_t *panel, int32_t *out)                   \
    {                                                                                              \
        ROWS(START_ROW)                                                                            \
        const int16_t *right = (const int16_t *)(const void *)(panel + COLUMNS);                   \
        for (; depth > 0; depth -= 4, left += 4, right += 4 * COLUMNS) {                           \
            ROWS(LOAD_ROW)                                                                         \
            int16x8_t weights = vld1q_s16(right);                                                  \
            ROWS(STEP_0)                                                                           \
            weights = vld1q_s16(right + COLUMNS);                                                  \
            ROWS(STEP_1)                                                                           \
            weights = vld1q_s16(right + 2 * COLUMNS);                                              \
            ROWS(STEP_2)                                                                           \
            weights = vld1q_s16(right + 3 * COLUMNS);                                              \
            ROWS(STEP_3)                                                                           \
        }                                                                                          \
        ROWS(STORE_ROW)                                                                            \
    }

DEFINE_TILE(1, MG_REPEAT_1)
DEFINE_TILE(2, MG_REPEAT_2)
DEFINE_TILE(3, MG_REPEAT_3)
DEFINE_TILE(4, MG_REPEAT_4)

static void multiply(const mg_gemm_int_form *form, const void *packed, size_t rows,
                     const void *panel, int32_t *out)
{
    const size_t depth = padded_depth(form);
    const int16_t *left = packed;
    for (size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS; tiles > 0; tiles--) {
        const size_t count = (rows + tiles - 1) / tiles;
        switch (count) {
        case 1: tile_1(left, depth, depth, panel, out); break;
        case 2: tile_2(left, depth, depth, panel, out); break;
        case 3: tile_3(left, depth, depth, panel, out); break;
        default: tile_4(left, depth, depth, panel, out); break;
        }
        rows -= count;
        left += count * depth;
        out += count * COLUMNS;
    }
}

const mg_gemm_int_kernel mg_gemm_int_neon = {COLUMNS,   TILE_ROWS, COLUMNS * sizeof(int32_t),
                                             1,         row_bytes, panel_bytes,
                                             pack_rows, pack,      multiply};
