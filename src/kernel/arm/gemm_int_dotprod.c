/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_int with SDOT: tiles of up to 8 rows by 8 columns; a step takes four depths. int16 rows go
 * to gemm_int_neon.
 *
 * Panel: 8 int32 biases, then for each four depths 4 bytes of each of the 8 columns.
 */
#include "kernel/arm/bytes_arm.h"
#include "kernel/compiler.h"
#include "kernel/repeat.h"

extern const mg_gemm_int_kernel mg_gemm_int_neon;

enum { COLUMNS = 8, TILE_ROWS = 8, QUAD = 4 };

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

/* Four depths of all columns whose depth is contiguous. */
static void copy_quads(const mg_gemm_int_form *form, const mg_columns *columns, size_t depth,
                       int8_t *out)
{
    const char *weights = (const char *)columns->weights + depth;
    const uint32_t flips = 0x01010101u * mg_bytes_flip(form->right);
    for (size_t c = 0; c < COLUMNS; c++) {
        uint32_t quad;
        memcpy(&quad, weights + c * columns->column_step, sizeof quad);
        quad ^= flips;
        memcpy(out + c * QUAD, &quad, sizeof quad);
    }
}

static void gather_quads(const mg_gemm_int_form *form, const mg_columns *columns, size_t depth,
                         int8_t *out)
{
    for (size_t c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < QUAD; i++)
            out[c * QUAD + i] = mg_bytes_weight(form, columns, c, depth + i);
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
    int32x4_t low = vdupq_n_s32(0), high = low;
    for (size_t d = 0; d < mg_bytes_padded(form->depth); d += QUAD, out += QUAD * COLUMNS) {
        if (columns->depth_step == 1 && columns->count == COLUMNS && d + QUAD <= columns->depth)
            copy_quads(form, columns, d, out);
        else
            gather_quads(form, columns, d, out);
        low = vdotq_s32(low, vld1q_s8(out), vdupq_n_s8(1));
        high = vdotq_s32(high, vld1q_s8(out + 16), vdupq_n_s8(1));
    }
    int32_t sums[COLUMNS];
    vst1q_s32(sums, low);
    vst1q_s32(sums + 4, high);
    for (size_t c = 0; c < COLUMNS; c++) biases[c] = mg_bytes_bias(form, columns, bias, c, sums[c]);
}

#define START_ROW(i)                                                                   \
    const int32x4_t term##i =                                                          \
        vld1q_dup_s32((const int32_t *)(const void *)(left + i * row_stride + depth)); \
    int32x4_t low##i = vsubq_s32(vld1q_s32(panel), term##i);                           \
    int32x4_t high##i = vsubq_s32(vld1q_s32(panel + 4), term##i);
#define STEP_ROW(i)                                                                 \
    four = vreinterpretq_s8_s32(                                                    \
        vld1q_dup_s32((const int32_t *)(const void *)(left + i * row_stride + d))); \
    low##i = vdotq_s32(low##i, right_low, four);                                    \
    high##i = vdotq_s32(high##i, right_high, four);
#define STORE_ROW(i)                      \
    vst1q_s32(out + i * COLUMNS, low##i); \
    vst1q_s32(out + i * COLUMNS + 4, high##i);

#define DEFINE_TILE(count, ROWS)                                                                \
    static MG_NEVER_INLINE void tile_##count(const char *left, size_t row_stride, size_t depth, \
                                             const int32_t *panel, int32_t *out)                \
    {                                                                                           \
        const int8_t *right = (const int8_t *)(panel + COLUMNS);                                \
        ROWS(START_ROW)                                                                         \
        for (size_t d = 0; d < depth; d += QUAD, right += QUAD * COLUMNS) {                     \
            const int8x16_t right_low = vld1q_s8(right), right_high = vld1q_s8(right + 16);     \
            int8x16_t four;                                                                     \
            ROWS(STEP_ROW)                                                                      \
        }                                                                                       \
        ROWS(STORE_ROW)                                                                         \
    }

DEFINE_TILE(1, MG_REPEAT_1)
DEFINE_TILE(2, MG_REPEAT_2)
DEFINE_TILE(3, MG_REPEAT_3)
DEFINE_TILE(4, MG_REPEAT_4)
DEFINE_TILE(5, MG_REPEAT_5)
DEFINE_TILE(6, MG_REPEAT_6)
DEFINE_TILE(7, MG_REPEAT_7)
DEFINE_TILE(8, MG_REPEAT_8)

typedef void (*tile_function)(const char *left, size_t row_stride, size_t depth,
                              const int32_t *panel, int32_t *out);
static const tile_function tiles_by_rows[TILE_ROWS] = {tile_1, tile_2, tile_3, tile_4,
                                                       tile_5, tile_6, tile_7, tile_8};

static void multiply(const mg_gemm_int_form *form, const void *packed, size_t rows,
                     const void *panel, int32_t *out)
{
    if (form->left == MG_CELL_I16) {
        mg_gemm_int_neon.multiply(form, packed, rows, panel, out);
        return;
    }
    const size_t depth = mg_bytes_padded(form->depth), stride = mg_bytes_row_bytes(form);
    const char *left = packed;
    for (size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS; tiles > 0; tiles--) {
        const size_t count = (rows + tiles - 1) / tiles;
        tiles_by_rows[count - 1](left, stride, depth, panel, out);
        rows -= count;
        left += count * stride;
        out += count * COLUMNS;
    }
}

const mg_gemm_int_kernel mg_gemm_int_dotprod = {COLUMNS,   TILE_ROWS, COLUMNS * sizeof(int32_t),
                                                4,         row_bytes, panel_bytes,
                                                pack_rows, pack,      multiply};
