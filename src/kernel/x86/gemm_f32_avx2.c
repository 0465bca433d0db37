/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_f32 with AVX2 and FMA: tiles of up to 6 rows by 16 columns, held in 12 registers; each step
 * of the depth loads the panel's 16 weights once and broadcasts one value per row. Up to 8 columns
 * that remain are taken by tiles of 8 to 10 rows by 8 columns.
 *
 * Panel: 16 biases, then 16 weights for each depth. Rows are shared out evenly over the tiles (49
 * rows are 4 tiles of 6 and 5 of 5), since a tile of one row would leave the multipliers idle.
 */
#include "kernel/panel_f32.h"
#include "kernel/repeat.h"
#include "kernel/x86/columns_avx2.h"

enum { COLUMNS = 16, HALF = 8, TILE_ROWS = 6, NARROW_ROWS = 10, LEAST_NARROW_ROWS = 8 };

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
#define POINT_ROW(i) const float *left##i = start[s * stride + i];
#define STEP_ROW(i)                                     \
    value = _mm256_broadcast_ss(left##i + d);           \
    low##i = _mm256_fmadd_ps(value, right_low, low##i); \
    high##i = _mm256_fmadd_ps(value, right_high, high##i);
#define STORE_ROW(i) store_row(&target, i, low##i, high##i);

/* `tiles` tiles of `count` rows, one after the other. */
#define DEFINE_TILES(count, ROWS)                                                                 \
    static MG_NEVER_INLINE void tiles_of_##count(const mg_rows *rows, size_t first, size_t tiles, \
                                                 const float *panel, tile_target target)          \
    {                                                                                             \
        const size_t length = rows->length, segments = rows->segments;                            \
        const size_t stride = rows->stride;                                                       \
        const float *const *start = (const float *const *)rows->start + first;                    \
        for (; tiles > 0; tiles--, start += count, target.out += count * target.stride) {         \
            ROWS(START_ROW)                                                                       \
            const float *right = panel + COLUMNS;                                                 \
            for (size_t s = 0; s < segments; s++) {                                               \
                ROWS(POINT_ROW)                                                                   \
                for (size_t d = 0; d < length; d++, right += COLUMNS) {                           \
                    const __m256 right_low = _mm256_load_ps(right);                               \
                    const __m256 right_high = _mm256_load_ps(right + 8);                          \
                    __m256 value;                                                                 \
                    ROWS(STEP_ROW)                                                                \
                }                                                                                 \
            }                                                                                     \
            ROWS(STORE_ROW)                                                                       \
        }                                                                                         \
    }

DEFINE_TILES(1, MG_REPEAT_1)
DEFINE_TILES(2, MG_REPEAT_2)
DEFINE_TILES(3, MG_REPEAT_3)
DEFINE_TILES(4, MG_REPEAT_4)
DEFINE_TILES(5, MG_REPEAT_5)
DEFINE_TILES(6, MG_REPEAT_6)

#define START_NARROW(i) __m256 sum##i = _mm256_load_ps(panel);
#define STEP_NARROW(i) sum##i = _mm256_fmadd_ps(_mm256_broadcast_ss(left##i + d), weights, sum##i);
#define STORE_NARROW(i) store_narrow(&target, i, sum##i);

static MG_ALWAYS_INLINE void store_narrow(const tile_target *target, size_t row, __m256 sum)
{
    sum = _mm256_min_ps(target->maximum, _mm256_max_ps(target->minimum, sum));
    mg_store_columns_avx2(target->out + row * target->stride, sum, target->columns);
}

#define DEFINE_NARROW_TILES(count, ROWS)                                                         \
    static MG_NEVER_INLINE void narrow_tiles_of_##count(                                         \
        const mg_rows *rows, size_t first, size_t tiles, const float *panel, tile_target target) \
    {                                                                                            \
        const size_t length = rows->length, segments = rows->segments;                           \
        const size_t stride = rows->stride;                                                      \
        const float *const *start = (const float *const *)rows->start + first;                   \
        for (; tiles > 0; tiles--, start += count, target.out += count * target.stride) {        \
            ROWS(START_NARROW)                                                                   \
            const float *right = panel + COLUMNS;                                                \
            for (size_t s = 0; s < segments; s++) {                                              \
                ROWS(POINT_ROW)                                                                  \
                for (size_t d = 0; d < length; d++, right += COLUMNS) {                          \
                    const __m256 weights = _mm256_load_ps(right);                                \
                    ROWS(STEP_NARROW)                                                            \
                }                                                                                \
            }                                                                                    \
            ROWS(STORE_NARROW)                                                                   \
        }                                                                                        \
    }

DEFINE_NARROW_TILES(8, MG_REPEAT_8)
DEFINE_NARROW_TILES(9, MG_REPEAT_9)
DEFINE_NARROW_TILES(10, MG_REPEAT_10)

static void multiply_tiles(const mg_rows *rows, size_t first, size_t tiles, size_t count,
                           const float *panel, const tile_target *target)
{
    switch (count) {
    case 0: break;
    case 1: tiles_of_1(rows, first, tiles, panel, *target); break;
    case 2: tiles_of_2(rows, first, tiles, panel, *target); break;
    case 3: tiles_of_3(rows, first, tiles, panel, *target); break;
    case 4: tiles_of_4(rows, first, tiles, panel, *target); break;
    case 5: tiles_of_5(rows, first, tiles, panel, *target); break;
    case 6: tiles_of_6(rows, first, tiles, panel, *target); break;
    case 8: narrow_tiles_of_8(rows, first, tiles, panel, *target); break;
    case 9: narrow_tiles_of_9(rows, first, tiles, panel, *target); break;
    default: narrow_tiles_of_10(rows, first, tiles, panel, *target); break;
    }
}

static void multiply(const mg_rows *rows, const float *panel, size_t columns, float minimum,
                     float maximum, float *out, size_t out_stride)
{
    tile_target target = {out, out_stride, columns, _mm256_set1_ps(minimum),
                          _mm256_set1_ps(maximum)};
    if (rows->count == 0) return;
    size_t tiles = (rows->count + NARROW_ROWS - 1) / NARROW_ROWS;
    if (columns > HALF || rows->count < LEAST_NARROW_ROWS * tiles)
        tiles = (rows->count + TILE_ROWS - 1) / TILE_ROWS;
    const size_t least = rows->count / tiles, larger = rows->count % tiles;
    multiply_tiles(rows, 0, larger, least + 1, panel, &target);
    target.out += larger * (least + 1) * out_stride;
    multiply_tiles(rows, larger * (least + 1), tiles - larger, least, panel, &target);
    /* Compilers hand the limits to the tiles in registers and then leave the upper halves dirty;
     * some CPUs make each change between old and new instructions afterwards, as in the C
     * library's expf, cost a hundred cycles. */
    _mm256_zeroupper();
}

static MG_ALWAYS_INLINE __m256 load_two(const float *low, const float *high)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
}

/* Four depths of 8 columns, `step` floats apart, to four rows of the panel. */
static MG_ALWAYS_INLINE void transpose_four(const float *column, size_t step, float *panel)
{
    const __m256 c0 = load_two(column, column + 4 * step);
    const __m256 c1 = load_two(column + step, column + 5 * step);
    const __m256 c2 = load_two(column + 2 * step, column + 6 * step);
    const __m256 c3 = load_two(column + 3 * step, column + 7 * step);
    const __m256 a0 = _mm256_unpacklo_ps(c0, c1), a1 = _mm256_unpackhi_ps(c0, c1);
    const __m256 a2 = _mm256_unpacklo_ps(c2, c3), a3 = _mm256_unpackhi_ps(c2, c3);
    _mm256_store_ps(panel, _mm256_shuffle_ps(a0, a2, 0x44));
    _mm256_store_ps(panel + COLUMNS, _mm256_shuffle_ps(a0, a2, 0xEE));
    _mm256_store_ps(panel + 2 * COLUMNS, _mm256_shuffle_ps(a1, a3, 0x44));
    _mm256_store_ps(panel + 3 * COLUMNS, _mm256_shuffle_ps(a1, a3, 0xEE));
}

/* All columns, their depth contiguous; returns how many depths are done. A step takes whole lines
 * of 8 columns, which may all fall into one set of the first-level cache, and fills whole lines of
 * the panel, which is often larger than that cache. */
static size_t pack_straight(const float *weights, size_t step, size_t depth, float *panel)
{
    enum { LINE = 16 };
    size_t d = 0;
    for (; d + LINE <= depth; d += LINE, panel += LINE * COLUMNS)
        for (size_t half = 0; half < COLUMNS; half += 8)
            for (size_t i = 0; i < LINE; i += 4)
                transpose_four(weights + half * step + d + i, step, panel + half + i * COLUMNS);
    for (; d + 4 <= depth; d += 4, panel += 4 * COLUMNS) {
        transpose_four(weights + d, step, panel);
        transpose_four(weights + 8 * step + d, step, panel + 8);
    }
    return d;
}

/* All columns side by side. */
static size_t pack_side_by_side(const float *weights, size_t step, size_t depth, float *panel)
{
    for (size_t d = 0; d < depth; d++, panel += COLUMNS, weights += step) {
        _mm256_store_ps(panel, _mm256_loadu_ps(weights));
        _mm256_store_ps(panel + 8, _mm256_loadu_ps(weights + 8));
    }
    return depth;
}

static void pack(const mg_columns *columns, const float *bias, float *panel)
{
    mg_pack_panel_f32(columns, bias, COLUMNS, pack_straight, pack_side_by_side, panel);
}

const mg_gemm_f32_kernel mg_gemm_f32_avx2 = {COLUMNS, TILE_ROWS, pack, multiply};
