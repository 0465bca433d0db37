/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_int with AVX2. int8 and uint8 rows: gemm_bytes_avx2.h. Here int16 rows: both sides as int16
 * freed of their zero points, multiplied and added in pairs (vpmaddwd).
 *
 * Depth is padded to a multiple of 4 with zeros. Packed row: int16 in order. Panel: 16 int32
 * biases; then for each pair of depths the 16 columns' pairs side by side (64 bytes).
 */
#include <stdbool.h>

#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/repeat.h"
#include "kernel/x86/columns_avx2.h"
#include "kernel/x86/gemm_bytes_avx2.h"
#include "kernel/x86/widen_avx2.h"

enum { COLUMNS = 16, TILE_ROWS = 6, PAIR_CELLS = 2 * COLUMNS };

static size_t padded_depth(const mg_gemm_int_form *form)
{
    return (form->depth + 3) & ~(size_t)3;
}

static bool is_bytes(const mg_gemm_int_form *form)
{
    return form->left != MG_CELL_I16;
}

static size_t row_bytes(const mg_gemm_int_form *form)
{
    if (is_bytes(form)) return mg_bytes_row_bytes_avx2(form);
    return padded_depth(form) * sizeof(int16_t);
}

static size_t panel_bytes(const mg_gemm_int_form *form)
{
    if (is_bytes(form)) return mg_bytes_panel_bytes_avx2(form);
    return COLUMNS * sizeof(int32_t) + padded_depth(form) * COLUMNS * sizeof(int16_t);
}

static void pack_rows(const mg_gemm_int_form *form, const mg_rows *rows, void *packed)
{
    if (is_bytes(form)) {
        mg_bytes_pack_rows_avx2(form, rows, packed);
        return;
    }
    const size_t padded = padded_depth(form);
    int16_t *out = packed;
    for (size_t r = 0; r < rows->count; r++) {
        int16_t *end = out + padded;
        for (size_t s = 0; s < rows->segments; s++, out += rows->length)
            mg_widen_avx2(form->left, rows->start[s * rows->stride + r], rows->length,
                          form->left_zero, out);
        while (out < end) *out++ = 0;
    }
}

#define LOAD_COLUMN(i)                                   \
    block[i] = _mm256_castsi256_ps(mg_load_sixteen_avx2( \
        cell, columns->weights, (first + i) * columns->column_step + d, form->right_zero));
#define STORE_PAIR(i) \
    _mm256_store_si256((__m256i *)(void *)(panel + i * PAIR_CELLS), _mm256_castps_si256(block[i]));

/* The pairs of 8 columns whose depth is contiguous, 16 depths at a time. */
static MG_ALWAYS_INLINE void pack_eight_cells(const mg_gemm_int_form *form, mg_cell cell,
                                              const mg_columns *columns, size_t first,
                                              int16_t *panel)
{
    const size_t depth = columns->depth;
    size_t d = 0;
    for (; d + 16 <= depth; d += 16, panel += 8 * PAIR_CELLS) {
        __m256 block[8];
        MG_REPEAT_8(LOAD_COLUMN)
        mg_transpose_8x8_avx2(block);
        MG_REPEAT_8(STORE_PAIR)
    }
    for (; d < depth; d++)
        for (size_t i = 0; i < 8; i++)
            panel[(d % 16 / 2) * PAIR_CELLS + 2 * i + d % 2] = mg_narrow_at(
                cell, columns->weights, (first + i) * columns->column_step + d, form->right_zero);
}

static void pack_eight(const mg_gemm_int_form *form, const mg_columns *columns, size_t first,
                       int16_t *panel)
{
    switch (form->right) {
    case MG_CELL_I8: pack_eight_cells(form, MG_CELL_I8, columns, first, panel); break;
    case MG_CELL_U8: pack_eight_cells(form, MG_CELL_U8, columns, first, panel); break;
    default: pack_eight_cells(form, MG_CELL_I16, columns, first, panel); break;
    }
}

static void pack(const mg_gemm_int_form *form, const mg_columns *columns, const int32_t *bias,
                 void *panel)
{
    if (is_bytes(form)) {
        mg_bytes_pack_avx2(form, columns, bias, panel);
        return;
    }
    const size_t padded = padded_depth(form);
    const size_t count = columns->count;
    int32_t *biases = panel;
    for (size_t c = 0; c < COLUMNS; c++) biases[c] = bias && c < count ? bias[c] : 0;
    int16_t *pairs = (int16_t *)(void *)(biases + COLUMNS);
    const size_t whole = columns->depth_step == 1 ? count & ~(size_t)7 : 0;
    for (size_t d = columns->depth & ~(size_t)1; d < padded; d++)
        for (size_t c = 0; c < COLUMNS; c++) pairs[d / 2 * PAIR_CELLS + 2 * c + d % 2] = 0;
    for (size_t first = 0; first < whole; first += 8)
        pack_eight(form, columns, first, pairs + 2 * first);
    for (size_t d = 0; d < columns->depth; d++)
        for (size_t c = whole; c < COLUMNS; c++) {
            const size_t at = c * columns->column_step + d * columns->depth_step;
            pairs[d / 2 * PAIR_CELLS + 2 * c + d % 2] =
                c < count ? mg_narrow_at(form->right, columns->weights, at, form->right_zero) : 0;
        }
}

#define ROWS_1(X) X(0, near, 0)
#define ROWS_2(X) ROWS_1(X) X(1, near, 1)
#define ROWS_3(X) ROWS_2(X) X(2, near, 2)
#define ROWS_4(X) ROWS_3(X) X(3, far, 0)
#define ROWS_5(X) ROWS_4(X) X(4, far, 1)
#define ROWS_6(X) ROWS_5(X) X(5, far, 2)

#define START_ROW(i, base, step)                                \
    __m256i low##i = _mm256_load_si256((const __m256i *)panel), \
            high##i = _mm256_load_si256((const __m256i *)panel + 1);
#define STEP_ROW(i, at, right_low, right_high)                             \
    pair = _mm256_set1_epi32(mg_pair_at(at));                              \
    low##i = _mm256_add_epi32(low##i, _mm256_madd_epi16(pair, right_low)); \
    high##i = _mm256_add_epi32(high##i, _mm256_madd_epi16(pair, right_high));
#define FIRST_PAIR(i, base, step) STEP_ROW(i, base + step * row_stride, right[0], right[1])
#define SECOND_PAIR(i, base, step) STEP_ROW(i, base + step * row_stride + 4, right[2], right[3])
#define STORE_ROW(i, base, step)                                         \
    _mm256_storeu_si256((__m256i *)(void *)(out + i * COLUMNS), low##i); \
    _mm256_storeu_si256((__m256i *)(void *)(out + i * COLUMNS + 8), high##i);

/* Rows 0 to 2 are addressed from `near`, 3 to 5 from `far`, so that two pointers and one stride
 * reach all. */
#define DEFINE_TILE(count, ROWS)                                                                \
    static MG_NEVER_INLINE void tile_##count(const char *near, size_t row_stride, size_t depth, \
                                             const void *panel, int32_t *out)                   \
    {                                                                                           \
        ROWS(START_ROW)                                                                         \
        const __m256i *right = (const __m256i *)panel + 2;                                      \
        const char *far = near + 3 * row_stride;                                                \
        (void)far;                                                                              \
        for (; depth > 0; depth -= 4, near += 8, far += 8, right += 4) {                        \
            __m256i pair;                                                                       \
            ROWS(FIRST_PAIR)                                                                    \
            ROWS(SECOND_PAIR)                                                                   \
        }                                                                                       \
        ROWS(STORE_ROW)                                                                         \
    }

DEFINE_TILE(1, ROWS_1)
DEFINE_TILE(2, ROWS_2)
DEFINE_TILE(3, ROWS_3)
DEFINE_TILE(4, ROWS_4)
DEFINE_TILE(5, ROWS_5)
DEFINE_TILE(6, ROWS_6)

static void multiply(const mg_gemm_int_form *form, const void *packed, size_t rows,
                     const void *panel, int32_t *out)
{
    if (is_bytes(form)) {
        mg_bytes_multiply_avx2(form, packed, rows, panel, out);
        return;
    }
    const size_t depth = padded_depth(form);
    const size_t stride = row_bytes(form);
    const char *left = packed;
    for (size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS; tiles > 0; tiles--) {
        const size_t count = (rows + tiles - 1) / tiles;
        switch (count) {
        case 1: tile_1(left, stride, depth, panel, out); break;
        case 2: tile_2(left, stride, depth, panel, out); break;
        case 3: tile_3(left, stride, depth, panel, out); break;
        case 4: tile_4(left, stride, depth, panel, out); break;
        case 5: tile_5(left, stride, depth, panel, out); break;
        default: tile_6(left, stride, depth, panel, out); break;
        }
        rows -= count;
        left += count * stride;
        out += count * COLUMNS;
    }
}

const mg_gemm_int_kernel mg_gemm_int_avx2 = {COLUMNS,   TILE_ROWS, COLUMNS * sizeof(int32_t),
                                             1,         row_bytes, panel_bytes,
                                             pack_rows, pack,      multiply};
