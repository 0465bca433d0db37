/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_f32 with NEON: tiles of up to 6 rows by 8 columns, held in 12 registers, which leaves enough
 * of the 16 of ARMv7; each step of the depth loads the panel's 8 weights once and spreads one value
 * per row.
 *
 * Panel: 8 biases, then 8 weights for each depth. Rows are shared out evenly over the tiles.
 */
#include "kernel/arm/lanes_neon.h"
#include "kernel/panel_f32.h"
#include "kernel/repeat.h"

enum { COLUMNS = 8, TILE_ROWS = 6 };

typedef struct tile_target {
    float *out;
    size_t stride;
    size_t columns;
    float32x4_t minimum;
    float32x4_t maximum;
} tile_target;

static MG_ALWAYS_INLINE void store_row(const tile_target *target, size_t row, float32x4_t low,
                                       float32x4_t high)
{
    float *out = target->out + row * target->stride;
    low = mg_clamp_neon(low, target->minimum, target->maximum);
    high = mg_clamp_neon(high, target->minimum, target->maximum);
    if (target->columns == COLUMNS) {
        vst1q_f32(out, low);
        vst1q_f32(out + 4, high);
        return;
    }
    mg_store_part_f32_neon(out, low, target->columns);
    if (target->columns > 4) mg_store_part_f32_neon(out + 4, high, target->columns - 4);
}

#define START_ROW(i) float32x4_t low##i = vld1q_f32(panel), high##i = vld1q_f32(panel + 4);
#define POINT_ROW(i) const float *left##i = start[s * stride + i];
#define STEP_ROW(i)                               \
    value = vld1q_dup_f32(left##i + d);           \
    low##i = vfmaq_f32(low##i, value, right_low); \
    high##i = vfmaq_f32(high##i, value, right_high);
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
                    const float32x4_t right_low = vld1q_f32(right);                               \
                    const float32x4_t right_high = vld1q_f32(right + 4);                          \
                    float32x4_t value;                                                            \
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
    default: tiles_of_6(rows, first, tiles, panel, *target); break;
    }
}

static void multiply(const mg_rows *rows, const float *panel, size_t columns, float minimum,
                     float maximum, float *out, size_t out_stride)
{
    tile_target target = {out, out_stride, columns, vdupq_n_f32(minimum), vdupq_n_f32(maximum)};
    if (rows->count == 0) return;
    const size_t tiles = (rows->count + TILE_ROWS - 1) / TILE_ROWS;
    const size_t least = rows->count / tiles, larger = rows->count % tiles;
    multiply_tiles(rows, 0, larger, least + 1, panel, &target);
    target.out += larger * (least + 1) * out_stride;
    multiply_tiles(rows, larger * (least + 1), tiles - larger, least, panel, &target);
}

/* Four depths of 4 columns, `step` floats apart, to four rows of the panel. */
static MG_ALWAYS_INLINE void transpose_four(const float *column, size_t step, float *panel)
{
    const float32x4x2_t near = vtrnq_f32(vld1q_f32(column), vld1q_f32(column + step));
    const float32x4x2_t far = vtrnq_f32(vld1q_f32(column + 2 * step), vld1q_f32(column + 3 * step));
    vst1q_f32(panel, vcombine_f32(vget_low_f32(near.val[0]), vget_low_f32(far.val[0])));
    vst1q_f32(panel + COLUMNS, vcombine_f32(vget_low_f32(near.val[1]), vget_low_f32(far.val[1])));
    vst1q_f32(panel + 2 * COLUMNS,
              vcombine_f32(vget_high_f32(near.val[0]), vget_high_f32(far.val[0])));
    vst1q_f32(panel + 3 * COLUMNS,
              vcombine_f32(vget_high_f32(near.val[1]), vget_high_f32(far.val[1])));
}

/* All columns, their depth contiguous; returns how many depths are done. */
static size_t pack_straight(const float *weights, size_t step, size_t depth, float *panel)
{
    size_t d = 0;
    for (; d + 4 <= depth; d += 4)
        for (size_t half = 0; half < COLUMNS; half += 4)
            transpose_four(weights + half * step + d, step, panel + d * COLUMNS + half);
    return d;
}

static void pack(const mg_columns *columns, const float *bias, float *panel)
{
    mg_pack_panel_f32(columns, bias, COLUMNS, pack_straight, NULL, panel);
}

const mg_gemm_f32_kernel mg_gemm_f32_neon = {COLUMNS, TILE_ROWS, pack, multiply};
