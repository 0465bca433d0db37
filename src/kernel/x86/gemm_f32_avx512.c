/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_f32 with AVX-512: tiles of up to 10 rows by 32 columns, or by 16 for the last columns, held
 * in 20 registers; each step of the depth loads the panel's 32 weights once and broadcasts one
 * value per row.
 *
 * Panel: 32 biases, then 32 weights for each depth. Rows are shared out evenly over the tiles.
 */
#include <stdbool.h>

#include "kernel/panel_f32.h"
#include "kernel/repeat.h"
#include "kernel/x86/columns_avx2.h"

enum { COLUMNS = 32, HALF = 16, TILE_ROWS = 10 };

typedef struct tile_target {
    float *out;
    size_t stride;
    __mmask16 low; /* columns there are */
    __mmask16 high;
    __m512 minimum;
    __m512 maximum;
} tile_target;

static MG_ALWAYS_INLINE __m512 clamp(const tile_target *target, __m512 value)
{
    return _mm512_min_ps(target->maximum, _mm512_max_ps(target->minimum, value));
}

#define START_ROW(i) __m512 low##i = _mm512_load_ps(panel), high##i = _mm512_load_ps(panel + HALF);
#define POINT_ROW(i) const float *left##i = start[s * stride + i];
#define STEP_ROW(i)                                     \
    value = _mm512_set1_ps(left##i[d]);                 \
    low##i = _mm512_fmadd_ps(value, right_low, low##i); \
    if (wide) high##i = _mm512_fmadd_ps(value, right_high, high##i);
#define STORE_ROW(i)                                                                           \
    _mm512_mask_storeu_ps(target.out + i * target.stride, target.low, clamp(&target, low##i)); \
    if (wide)                                                                                  \
        _mm512_mask_storeu_ps(target.out + i * target.stride + HALF, target.high,              \
                              clamp(&target, high##i));

/* `tiles` tiles of `count` rows, one after the other. */
#define DEFINE_TILES(name, count, is_wide, ROWS)                                          \
    static MG_NEVER_INLINE void name(const mg_rows *rows, size_t first, size_t tiles,     \
                                     const float *panel, tile_target target)              \
    {                                                                                     \
        const bool wide = is_wide;                                                        \
        const size_t length = rows->length, segments = rows->segments;                    \
        const size_t stride = rows->stride;                                               \
        const float *const *start = (const float *const *)rows->start + first;            \
        for (; tiles > 0; tiles--, start += count, target.out += count * target.stride) { \
            ROWS(START_ROW)                                                               \
            const float *right = panel + COLUMNS;                                         \
            for (size_t s = 0; s < segments; s++) {                                       \
                ROWS(POINT_ROW)                                                           \
                for (size_t d = 0; d < length; d++, right += COLUMNS) {                   \
                    const __m512 right_low = _mm512_load_ps(right);                       \
                    const __m512 right_high = _mm512_load_ps(right + HALF);               \
                    __m512 value;                                                         \
                    (void)right_high;                                                     \
                    ROWS(STEP_ROW)                                                        \
                }                                                                         \
            }                                                                             \
            ROWS(STORE_ROW)                                                               \
        }                                                                                 \
    }

/* clang-format off */
#define TILES(X) \
    X(1, MG_REPEAT_1) X(2, MG_REPEAT_2) X(3, MG_REPEAT_3) X(4, MG_REPEAT_4) \
    X(5, MG_REPEAT_5) X(6, MG_REPEAT_6) X(7, MG_REPEAT_7) X(8, MG_REPEAT_8) \
    X(9, MG_REPEAT_9) X(10, MG_REPEAT_10)
/* clang-format on */
#define DEFINE_BOTH(count, ROWS)                  \
    DEFINE_TILES(wide_##count, count, true, ROWS) \
    DEFINE_TILES(single_##count, count, false, ROWS)
TILES(DEFINE_BOTH)

typedef void tiles_function(const mg_rows *rows, size_t first, size_t tiles, const float *panel,
                            tile_target target);
#define WIDE_TILE(count, ROWS) wide_##count,
#define SINGLE_TILE(count, ROWS) single_##count,
static tiles_function *const wide_tiles[TILE_ROWS] = {TILES(WIDE_TILE)};
static tiles_function *const single_tiles[TILE_ROWS] = {TILES(SINGLE_TILE)};

static __mmask16 mask_of(size_t columns)
{
    return columns >= HALF ? (__mmask16)0xFFFF : (__mmask16)((1u << columns) - 1u);
}

static void multiply(const mg_rows *rows, const float *panel, size_t columns, float minimum,
                     float maximum, float *out, size_t out_stride)
{
    if (rows->count == 0) return;
    tile_target target = {out,
                          out_stride,
                          mask_of(columns),
                          mask_of(columns > HALF ? columns - HALF : 0),
                          _mm512_set1_ps(minimum),
                          _mm512_set1_ps(maximum)};
    tiles_function *const *functions = columns > HALF ? wide_tiles : single_tiles;
    const size_t tiles = (rows->count + TILE_ROWS - 1) / TILE_ROWS;
    const size_t least = rows->count / tiles, larger = rows->count % tiles;
    if (larger > 0) functions[least](rows, 0, larger, panel, target);
    target.out += larger * (least + 1) * out_stride;
    functions[least - 1](rows, larger * (least + 1), tiles - larger, panel, target);
}

/* Eight depths of 8 columns, `step` floats apart, to eight rows of the panel. */
static void transpose_eight(const float *column, size_t step, float *panel)
{
    __m256 block[8];
    for (size_t i = 0; i < 8; i++) block[i] = _mm256_loadu_ps(column + i * step);
    mg_transpose_8x8_avx2(block);
    for (size_t i = 0; i < 8; i++) _mm256_store_ps(panel + i * COLUMNS, block[i]);
}

/* All columns, their depth contiguous; returns how many depths are done. */
static size_t pack_straight(const float *weights, size_t step, size_t depth, float *panel)
{
    size_t d = 0;
    for (; d + 8 <= depth; d += 8, panel += 8 * COLUMNS)
        for (size_t c = 0; c < COLUMNS; c += 8)
            transpose_eight(weights + c * step + d, step, panel + c);
    return d;
}

/* All columns side by side. */
static size_t pack_side_by_side(const float *weights, size_t step, size_t depth, float *panel)
{
    for (size_t d = 0; d < depth; d++, panel += COLUMNS, weights += step)
        for (size_t c = 0; c < COLUMNS; c += 8)
            _mm256_store_ps(panel + c, _mm256_loadu_ps(weights + c));
    return depth;
}

static void pack(const mg_columns *columns, const float *bias, float *panel)
{
    mg_pack_panel_f32(columns, bias, COLUMNS, pack_straight, pack_side_by_side, panel);
}

const mg_gemm_f32_kernel mg_gemm_f32_avx512 = {COLUMNS, TILE_ROWS, pack, multiply};
