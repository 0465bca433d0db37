/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_int with VNNI, for vectors of any width: four products of bytes, or two of int16, are added
 * to 32 bits in one instruction, without saturation. A tile is up to 12 rows (6 with 16 registers)
 * by two vectors of columns, or by one for a panel with no more columns.
 *
 * Both forms read 4 bytes of a row, a unit, at a time. Bytes: rows and signs as in
 * gemm_bytes_avx2.h, a unit is four depths, unsigned in rows and signed in panels. Words, for int16
 * rows: both sides freed of their zero points, a unit is two depths.
 *
 * Panel: an int32 bias per column; 64 bytes that begin with two uint32_t, whether rows have terms
 * and whether there are no more columns than one vector has; then unit by unit that of each column.
 *
 * The file that includes this defines VECTOR, its LANES of 32 bits, TILE_ROWS, MG_TILES(X) that is
 * X(1, ROWS_1) X(2, ROWS_2) … up to it, and LOAD, STORE, SET_ALL, SUBTRACT, MULTIPLY, DOT_BYTES
 * (sums, unsigned, signed) and DOT_WORDS.
 */
#include <stdbool.h>

#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/x86/columns_avx2.h"
#include "kernel/x86/gemm_bytes_avx2.h"
#include "kernel/x86/widen_avx2.h"

enum { COLUMNS = 2 * LANES, UNIT = 4, HEAD_BYTES = COLUMNS * 4 + 64 };

static bool is_bytes(const mg_gemm_int_form *form)
{
    return form->left != MG_CELL_I16;
}

/* Depths of a unit. */
static size_t unit_depth(const mg_gemm_int_form *form)
{
    return is_bytes(form) ? 4 : 2;
}

static size_t units_of(const mg_gemm_int_form *form)
{
    return (form->depth + unit_depth(form) - 1) / unit_depth(form);
}

static size_t row_bytes(const mg_gemm_int_form *form)
{
    if (is_bytes(form)) return mg_bytes_row_bytes_avx2(form);
    return units_of(form) * UNIT;
}

static size_t panel_bytes(const mg_gemm_int_form *form)
{
    return HEAD_BYTES + units_of(form) * COLUMNS * UNIT;
}

static void pack_rows(const mg_gemm_int_form *form, const mg_rows *rows, void *packed)
{
    if (is_bytes(form)) {
        mg_bytes_pack_rows_avx2(form, rows, packed);
        return;
    }
    int16_t *out = packed;
    for (size_t r = 0; r < rows->count; r++) {
        int16_t *end = out + units_of(form) * 2;
        for (size_t s = 0; s < rows->segments; s++, out += rows->length)
            mg_widen_avx2(form->left, rows->start[s * rows->stride + r], rows->length,
                          form->left_zero, out);
        while (out < end) *out++ = 0;
    }
}

/* ---- Panels --------------------------------------------------------------------------------- */

/* Eight units of a column from depth `d` on, which lie side by side. */
static MG_ALWAYS_INLINE __m256i load_units(const mg_gemm_int_form *form, const mg_columns *columns,
                                           size_t column, size_t d)
{
    const size_t at = column * columns->column_step + d;
    if (!is_bytes(form))
        return mg_load_sixteen_avx2(form->right, columns->weights, at, form->right_zero);
    const char *weights = (const char *)columns->weights + at;
    const __m256i flips = _mm256_set1_epi8(form->right == MG_CELL_U8 ? (char)0x80 : 0);
    return _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)weights), flips);
}

/* One unit of a column that may end within it. */
static void write_unit(const mg_gemm_int_form *form, const mg_columns *columns, size_t column,
                       size_t d, char *out)
{
    uint8_t bytes[UNIT] = {0};
    int16_t words[2] = {0};
    const uint8_t flip = form->right == MG_CELL_U8 ? 0x80 : 0;
    const size_t left = column < columns->count ? columns->depth - d : 0;
    for (size_t i = 0; i < unit_depth(form) && i < left; i++) {
        const size_t at = column * columns->column_step + (d + i) * columns->depth_step;
        if (is_bytes(form))
            bytes[i] = ((const uint8_t *)columns->weights)[at] ^ flip;
        else
            words[i] = mg_narrow_at(form->right, columns->weights, at, form->right_zero);
    }
    memcpy(out, is_bytes(form) ? (const void *)bytes : (const void *)words, UNIT);
}

/* Columns first … first + 7, as many units as are whole eights; returns how many. */
static size_t write_eights(const mg_gemm_int_form *form, const mg_columns *columns, size_t first,
                           char *units)
{
    const size_t depths = 8 * unit_depth(form);
    size_t d = 0;
    for (; d + depths <= columns->depth; d += depths, units += 8 * COLUMNS * UNIT) {
        __m256 block[8];
        for (size_t i = 0; i < 8; i++)
            block[i] = _mm256_castsi256_ps(load_units(form, columns, first + i, d));
        mg_transpose_8x8_avx2(block);
        for (size_t i = 0; i < 8; i++)
            _mm256_store_ps((float *)(void *)(units + (i * COLUMNS + first) * UNIT), block[i]);
    }
    return d / unit_depth(form);
}

/* Biases less the share of the rows' zero point. */
static void write_biases(const mg_gemm_int_form *form, const mg_columns *columns,
                         const int32_t *bias, int32_t right_zero, char *panel)
{
    const int32_t left_zero = form->left == MG_CELL_I8 ? form->left_zero + 128 : form->left_zero;
    const uint32_t weights_zero = (uint32_t)columns->depth * (uint32_t)right_zero;
    int32_t biases[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++) biases[c] = bias && c < columns->count ? bias[c] : 0;
    for (size_t half = 0; half < COLUMNS; half += LANES) {
        VECTOR sums = SET_ALL(0);
        const char *units = panel + HEAD_BYTES + half * UNIT;
        if (is_bytes(form))
            for (size_t u = 0; u < units_of(form); u++)
                sums = DOT_BYTES(sums, SET_ALL(0x01010101), LOAD(units + u * COLUMNS * UNIT));
        sums = SUBTRACT(sums, SET_ALL((int32_t)weights_zero));
        STORE(panel + half * UNIT,
              SUBTRACT(LOAD(biases + half), MULTIPLY(sums, SET_ALL(left_zero))));
    }
}

static void pack(const mg_gemm_int_form *form, const mg_columns *columns, const int32_t *bias,
                 void *panel)
{
    char *memory = panel, *units = memory + HEAD_BYTES;
    const size_t whole = columns->depth_step == 1 ? columns->count & ~(size_t)7 : 0;
    for (size_t c = 0; c < COLUMNS; c += 8) {
        const size_t done = c < whole ? write_eights(form, columns, c, units) : 0;
        for (size_t u = done; u < units_of(form); u++)
            for (size_t i = c; i < c + 8; i++)
                write_unit(form, columns, i, u * unit_depth(form),
                           units + (u * COLUMNS + i) * UNIT);
    }
    /* Words are free of their zero points already. */
    int32_t right_zero = 0;
    if (is_bytes(form))
        right_zero = form->right == MG_CELL_U8 ? form->right_zero - 128 : form->right_zero;
    uint32_t *facts = (uint32_t *)(void *)(memory + COLUMNS * 4);
    facts[0] = right_zero != 0;
    facts[1] = columns->count <= LANES;
    write_biases(form, columns, bias, right_zero, memory);
}

/* ---- Products ------------------------------------------------------------------------------- */

/* Rows are addressed in threes, so that few pointers and one stride reach all. */
#define ROWS_1(X) X(0, left0, 0)
#define ROWS_2(X) ROWS_1(X) X(1, left0, 1)
#define ROWS_3(X) ROWS_2(X) X(2, left0, 2)
#define ROWS_4(X) ROWS_3(X) X(3, left3, 0)
#define ROWS_5(X) ROWS_4(X) X(4, left3, 1)
#define ROWS_6(X) ROWS_5(X) X(5, left3, 2)
#define ROWS_7(X) ROWS_6(X) X(6, left6, 0)
#define ROWS_8(X) ROWS_7(X) X(7, left6, 1)
#define ROWS_9(X) ROWS_8(X) X(8, left6, 2)
#define ROWS_10(X) ROWS_9(X) X(9, left9, 0)
#define ROWS_11(X) ROWS_10(X) X(10, left9, 1)
#define ROWS_12(X) ROWS_11(X) X(11, left9, 2)

#define START_ROW(i, base, step) VECTOR low##i = LOAD(panel), high##i = LOAD(panel + LANES * 4);
#define STEP_ROW(i, base, step)                                                               \
    unit = SET_ALL(mg_pair_at(base + step * row_stride));                                     \
    low##i = words ? DOT_WORDS(low##i, unit, right_low) : DOT_BYTES(low##i, unit, right_low); \
    if (wide)                                                                                 \
        high##i =                                                                             \
            words ? DOT_WORDS(high##i, unit, right_high) : DOT_BYTES(high##i, unit, right_high);
#define SUBTRACT_TERM(i, base, step)                      \
    unit = SET_ALL(mg_pair_at(base + step * row_stride)); \
    low##i = SUBTRACT(low##i, unit);                      \
    high##i = SUBTRACT(high##i, unit);
#define STORE_ROW(i, base, step)      \
    STORE(out + i * COLUMNS, low##i); \
    if (wide) STORE(out + i * COLUMNS + LANES, high##i);

#define DEFINE_TILE(name, is_words, is_wide, ROWS)                                         \
    static MG_NEVER_INLINE void name(const char *left0, size_t row_stride, size_t units,   \
                                     bool terms, const char *panel, int32_t *out)          \
    {                                                                                      \
        const bool words = is_words, wide = is_wide;                                       \
        const char *left3 = left0 + 3 * row_stride, *left6 = left3 + 3 * row_stride;       \
        const char *left9 = left6 + 3 * row_stride;                                        \
        VECTOR unit;                                                                       \
        (void)left3, (void)left6, (void)left9;                                             \
        ROWS(START_ROW)                                                                    \
        const char *right = panel + HEAD_BYTES;                                            \
        for (; units > 0; units--, right += COLUMNS * UNIT) {                              \
            const VECTOR right_low = LOAD(right), right_high = LOAD(right + LANES * UNIT); \
            (void)right_high;                                                              \
            ROWS(STEP_ROW)                                                                 \
            left0 += UNIT;                                                                 \
            left3 += UNIT;                                                                 \
            left6 += UNIT;                                                                 \
            left9 += UNIT;                                                                 \
        }                                                                                  \
        if (terms) {                                                                       \
            ROWS(SUBTRACT_TERM)                                                            \
        }                                                                                  \
        ROWS(STORE_ROW)                                                                    \
    }

#define DEFINE_TILES(count, ROWS)                         \
    DEFINE_TILE(bytes_wide_##count, false, true, ROWS)    \
    DEFINE_TILE(bytes_single_##count, false, false, ROWS) \
    DEFINE_TILE(words_wide_##count, true, true, ROWS)
MG_TILES(DEFINE_TILES)

typedef void tile_function(const char *left, size_t row_stride, size_t units, bool terms,
                           const char *panel, int32_t *out);
#define WIDE_TILE(count, ROWS) bytes_wide_##count,
#define SINGLE_TILE(count, ROWS) bytes_single_##count,
#define WORDS_TILE(count, ROWS) words_wide_##count,
static tile_function *const wide_tiles[TILE_ROWS] = {MG_TILES(WIDE_TILE)};
static tile_function *const single_tiles[TILE_ROWS] = {MG_TILES(SINGLE_TILE)};
static tile_function *const words_tiles[TILE_ROWS] = {MG_TILES(WORDS_TILE)};

static void multiply(const mg_gemm_int_form *form, const void *packed, size_t rows,
                     const void *panel, int32_t *out)
{
    const char *left = packed, *memory = panel;
    const uint32_t *facts = (const uint32_t *)(const void *)(memory + COLUMNS * 4);
    const size_t stride = row_bytes(form), units = units_of(form);
    tile_function *const *functions = !is_bytes(form) ? words_tiles
                                      : facts[1] != 0 ? single_tiles
                                                      : wide_tiles;
    for (size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS; tiles > 0; tiles--) {
        const size_t count = (rows + tiles - 1) / tiles;
        functions[count - 1](left, stride, units, facts[0] != 0, memory, out);
        rows -= count;
        left += count * stride;
        out += count * COLUMNS;
    }
}
