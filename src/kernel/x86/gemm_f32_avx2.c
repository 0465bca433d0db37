/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_f32 with AVX2 and FMA: tiles of up to 6 rows by 16 columns, held in 12 registers; each step
 * of the depth loads the panel's 16 weights once and broadcasts one value per row.
 *
 * Panel: 16 biases, then 16 weights for each depth. Rows are shared out evenly over the tiles (49
 * rows are 4 tiles of 6 and 5 of 5), since a tile of one row would leave the multipliers idle.
 */
#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/repeat.h"
#include "kernel/x86/columns_avx2.h"

enum { COLUMNS = 16, TILE_ROWS = 6 };

typedef struct tile_target {
    float *out;
    size_t stride;
    size_t columns;
    __m256 minimum;
    __m256 maximum;
} tile_target;

static MG_ALWAYS_INLINE void store_row(const tile_target *target, size_t row, __m256 low,
                                       __m256 high)
{
    float *out = target->out + row * target->stride;
    low = _mm256_min_ps(target->maximum, _mm256_max_ps(target->minimum, low));
    high = _mm256_min_ps(target->maximum, _mm256_max_ps(target->minimum, high));
    if (target->columns == COLUMNS) {
        _mm256_storeu_ps(out, low);
        _mm256_storeu_ps(out + 8, high);
        return;
    }
    mg_store_columns_avx2(out, low, target->columns);
    if (target->columns > 8) mg_store_columns_avx2(out + 8, high, target->columns - 8);
}

#define START_ROW(i) __m256 low##i = _mm256_load_ps(panel), high##i = _mm256_load_ps(panel + 8);
#define POINT_ROW(i) const float *left##i = start[i];
#define STEP_ROW(i)                                     \
    value = _mm256_broadcast_ss(left##i + d);           \
    low##i = _mm256_fmadd_ps(value, right_low, low##i); \
    high##i = _mm256_fmadd_ps(value, right_high, high##i);
#define STORE_ROW(i) store_row(target, i, low##i, high##i);

#define DEFINE_TILE(count, ROWS)                                                            \
    static MG_NEVER_INLINE void tile_##count(const mg_rows *rows, size_t first,             \
                                             const float *panel, const tile_target *target) \
    {                                                                                       \
        ROWS(START_ROW)                                                                     \
        const float *right = panel + COLUMNS;                                               \
        const size_t length = rows->length;                                                 \
        for (size_t s = 0; s < rows->segments; s++) {                                       \
            const float *const *start =                                                     \
                (const float *const *)rows->start + s * rows->stride + first;               \
            ROWS(POINT_ROW)                                                                 \
            for (size_t d = 0; d < length; d++, right += COLUMNS) {                         \
                const __m256 right_low = _mm256_load_ps(right);                             \
                const __m256 right_high = _mm256_load_ps(right + 8);                        \
                __m256 value;                                                               \
                ROWS(STEP_ROW)                                                              \
            }                                                                               \
        }                                                                                   \
        ROWS(STORE_ROW)                                                                     \
    }

DEFINE_TILE(1, MG_REPEAT_1)
DEFINE_TILE(2, MG_REPEAT_2)
DEFINE_TILE(3, MG_REPEAT_3)
DEFINE_TILE(4, MG_REPEAT_4)
DEFINE_TILE(5, MG_REPEAT_5)
DEFINE_TILE(6, MG_REPEAT_6)

static void multiply(const mg_rows *rows, const float *panel, size_t columns, float minimum,
                     float maximum, float *out, size_t out_stride)
{
    tile_target target = {out, out_stride, columns, _mm256_set1_ps(minimum),
                          _mm256_set1_ps(maximum)};
    size_t tiles = (rows->count + TILE_ROWS - 1) / TILE_ROWS;
    for (size_t first = 0; tiles > 0; tiles--) {
        const size_t count = (rows->count - first + tiles - 1) / tiles;
        switch (count) {
        case 1: tile_1(rows, first, panel, &target); break;
        case 2: tile_2(rows, first, panel, &target); break;
        case 3: tile_3(rows, first, panel, &target); break;
        case 4: tile_4(rows, first, panel, &target); break;
        case 5: tile_5(rows, first, panel, &target); break;
        default: tile_6(rows, first, panel, &target); break;
        }
        first += count;
        target.out += count * out_stride;
    }
}

#define LOAD_COLUMN(i) block[i] = _mm256_loadu_ps(column + i * step + d);
#define STORE_DEPTH(i) _mm256_store_ps(panel + i * COLUMNS, block[i]);

/* 8 columns whose depth is contiguous, the first at `column`. */
static void pack_eight(const float *column, size_t step, size_t depth, float *panel)
{
    size_t d = 0;
    for (; d + 8 <= depth; d += 8, panel += 8 * COLUMNS) {
        __m256 block[8];
        MG_REPEAT_8(LOAD_COLUMN)
        mg_transpose_8x8_avx2(block);
        MG_REPEAT_8(STORE_DEPTH)
    }
    for (; d < depth; d++, panel += COLUMNS)
        for (size_t i = 0; i < 8; i++) panel[i] = column[i * step + d];
}

static void pack(const mg_columns *columns, const float *bias, float *panel)
{
    const size_t count = columns->count;
    for (size_t c = 0; c < COLUMNS; c++) panel[c] = bias && c < count ? bias[c] : 0.0f;
    panel += COLUMNS;
    const float *weights = columns->weights;
    size_t done = 0;
    if (columns->depth_step == 1) {
        for (; done + 8 <= count; done += 8)
            pack_eight(weights + done * columns->column_step, columns->column_step, columns->depth,
                       panel + done);
    }
    for (size_t d = 0; d < columns->depth; d++, panel += COLUMNS)
        for (size_t c = done; c < COLUMNS; c++)
            panel[c] = c < count ? weights[c * columns->column_step + d * columns->depth_step] : 0;
}

const mg_gemm_f32_kernel mg_gemm_f32_avx2 = {COLUMNS, TILE_ROWS, pack, multiply};
