/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpacked_f32 for vectors of any width: tiles of 3 rows by 4 columns, 12 sums of a vector each; a
 * step takes as many depths as a vector has lanes, loads a vector of each row and of each column,
 * and multiplies all pairs. The lanes of a sum are added at its end, which costs less than packing
 * where few rows meet many weights.
 *
 * The outer loop goes over four columns, so that weights come from memory once; they are copied
 * side by side, a vector of each of the 4 columns per step, since columns that lie a multiple of 4
 * KiB apart would fall into one set of the first-level cache. A copy holds BLOCK depths at most: it
 * stays in that cache while the rows stream past from the second level. With more depths than that,
 * sums wait in `out`. While the rows pass, the weights of the next copy are fetched.
 *
 * The file that includes this defines the type `vector`, LANES, and inline functions: zero(),
 * load(p), load_part(p, count), store(p, v), multiply_add(a, b, sum), and sum_four(a, b, c, d),
 * which adds the lanes of each.
 */
#ifndef MG_UNPACKED_F32_BODY_H
#define MG_UNPACKED_F32_BODY_H

#include "kernel/compiler.h"
#include "kernel/gemm.h"
#include "kernel/repeat.h"
#include "kernel/x86/columns_avx2.h"

#include <math.h>
#include <stdbool.h>

enum {
    COLUMNS = 4,
    ROWS = 3,
    BLOCK = 1024,
    LINE = 16, /* floats of a cache line */
    MOST_ROWS = 64,
    LEAST_LENGTH = 64,
    COPY_FLOATS = COLUMNS * BLOCK
};

/* Part of the depth: `segments` whole segments, or a part of one. */
typedef struct block {
    size_t segment;
    size_t offset;
    size_t segments;
    size_t length; /* of each segment */
} block;

typedef struct tile_target {
    float *out;
    size_t stride;
    size_t columns;
    bool first; /* block of the depth: starts from the bias, else from what is in `out` */
    __m128 bias;
    __m128 minimum; /* none but in the last block */
    __m128 maximum;
} tile_target;

static size_t whole_steps(size_t length)
{
    return (length + LANES - 1) / LANES * LANES;
}

/* Blocks of a segment are of even lengths. */
static block block_at(const mg_rows *rows, size_t segment, size_t offset)
{
    const size_t padded = whole_steps(rows->length);
    if (padded * 2 <= BLOCK) {
        const size_t most = BLOCK / padded, left = rows->segments - segment;
        return (block){segment, 0, left < most ? left : most, rows->length};
    }
    const size_t pieces = (padded + BLOCK - 1) / BLOCK;
    const size_t piece = whole_steps((rows->length + pieces - 1) / pieces);
    const size_t left = rows->length - offset;
    return (block){segment, offset, 1, left < piece ? left : piece};
}

/* False at the end of the depth. */
static bool next_block(const mg_rows *rows, block *at)
{
    size_t segment = at->segment, offset = at->offset + at->length;
    if (offset >= rows->length) {
        segment += at->segments;
        offset = 0;
    }
    if (segment >= rows->segments) return false;
    *at = block_at(rows, segment, offset);
    return true;
}

/* Of `length` depths of four columns; those that are not there are 0. */
static MG_ALWAYS_INLINE void copy_steps(const float *const column[COLUMNS], size_t length,
                                        float *copy)
{
    size_t d = 0;
    for (; d + LANES <= length; d += LANES, copy += COLUMNS * LANES)
        for (size_t c = 0; c < COLUMNS; c++) store(copy + c * LANES, load(column[c] + d));
    if (d < length)
        for (size_t c = 0; c < COLUMNS; c++)
            store(copy + c * LANES, load_part(column[c] + d, length - d));
}

/* Columns that are not there are read as the first. */
static void copy_weights(const block *at, const float *weights, size_t step, size_t columns,
                         float *copy)
{
    for (size_t s = 0; s < at->segments; s++, weights += at->length) {
        const float *column[COLUMNS];
        for (size_t c = 0; c < COLUMNS; c++) column[c] = weights + (c < columns ? c * step : 0);
        copy_steps(column, at->length, copy);
        copy += whole_steps(at->length) * COLUMNS;
    }
}

static MG_NEVER_INLINE __m128 load_columns(const float *from, size_t columns)
{
    return _mm_maskload_ps(from, _mm256_castsi256_si128(mg_lane_mask_avx2(columns)));
}

static MG_ALWAYS_INLINE void store_row(const tile_target *target, float *out, vector a, vector b,
                                       vector c, vector d)
{
    __m128 sums = sum_four(a, b, c, d);
    if (target->columns < COLUMNS) {
        sums = _mm_add_ps(sums, target->first ? target->bias : load_columns(out, target->columns));
        sums = _mm_min_ps(target->maximum, _mm_max_ps(target->minimum, sums));
        _mm_maskstore_ps(out, _mm256_castsi256_si128(mg_lane_mask_avx2(target->columns)), sums);
        return;
    }
    sums = _mm_add_ps(sums, target->first ? target->bias : _mm_loadu_ps(out));
    _mm_storeu_ps(out, _mm_min_ps(target->maximum, _mm_max_ps(target->minimum, sums)));
}

/* Weights to be fetched: `columns` runs from `from` to `end`, the next one `step` further, `share`
 * floats with each tile of rows. */
typedef struct upcoming {
    const float *from;
    const float *end;
    size_t length;
    size_t step;
    size_t columns;
    size_t share;
} upcoming;

static MG_ALWAYS_INLINE void fetch_share(upcoming *next)
{
    if (next->columns == 0) return;
    const float *from = next->from;
    const size_t left = (size_t)(next->end - from);
    const float *const to = from + (left < next->share ? left : next->share);
    for (; from < to; from += LINE) _mm_prefetch((const char *)from, _MM_HINT_T0);
    next->from = to;
    if (to < next->end) return;
    next->columns--;
    next->end += next->step;
    next->from = next->end - next->length;
}

#define START_ROW(i) vector a##i = zero(), b##i = a##i, c##i = a##i, d##i = a##i;
#define POINT_ROW(i) const float *left##i = start[s * stride + i] + at->offset;
#define LOAD_ROW(i) const vector values##i = load(left##i + step);
#define LOAD_PART(i) const vector values##i = load_part(left##i + step, length - step);
#define MULTIPLY_A(i) a##i = multiply_add(values##i, weights, a##i);
#define MULTIPLY_B(i) b##i = multiply_add(values##i, weights, b##i);
#define MULTIPLY_C(i) c##i = multiply_add(values##i, weights, c##i);
#define MULTIPLY_D(i) d##i = multiply_add(values##i, weights, d##i);
#define STORE_ROW(i) store_row(&target, target.out + i * target.stride, a##i, b##i, c##i, d##i);
#define MULTIPLY_STEP(REPEAT)          \
    vector weights = load(right);      \
    REPEAT(MULTIPLY_A)                 \
    weights = load(right + LANES);     \
    REPEAT(MULTIPLY_B)                 \
    weights = load(right + 2 * LANES); \
    REPEAT(MULTIPLY_C)                 \
    weights = load(right + 3 * LANES); \
    REPEAT(MULTIPLY_D)                 \
    right += COLUMNS * LANES;

#define DEFINE_TILES(count, REPEAT)                                                             \
    static MG_NEVER_INLINE void tiles_of_##count(const mg_rows *rows, size_t row, size_t tiles, \
                                                 const block *at, const float *copy,            \
                                                 tile_target target, upcoming *next)            \
    {                                                                                           \
        const size_t stride = rows->stride, segments = at->segments, length = at->length;       \
        const float *const *start =                                                             \
            (const float *const *)rows->start + at->segment * stride + row;                     \
        for (; tiles > 0; tiles--, start += count, target.out += count * target.stride) {       \
            const float *right = copy;                                                          \
            REPEAT(START_ROW)                                                                   \
            for (size_t s = 0; s < segments; s++) {                                             \
                REPEAT(POINT_ROW)                                                               \
                size_t step = 0;                                                                \
                for (; step + LANES <= length; step += LANES) {                                 \
                    REPEAT(LOAD_ROW)                                                            \
                    MULTIPLY_STEP(REPEAT)                                                       \
                }                                                                               \
                if (step < length) {                                                            \
                    REPEAT(LOAD_PART)                                                           \
                    MULTIPLY_STEP(REPEAT)                                                       \
                }                                                                               \
            }                                                                                   \
            REPEAT(STORE_ROW)                                                                   \
            fetch_share(next);                                                                  \
        }                                                                                       \
    }

DEFINE_TILES(1, MG_REPEAT_1)
DEFINE_TILES(2, MG_REPEAT_2)
DEFINE_TILES(3, MG_REPEAT_3)

static void multiply_rows(const mg_rows *rows, const block *at, const float *copy,
                          tile_target target, upcoming *next)
{
    const size_t count = rows->count;
    const size_t pairs = count % ROWS == 2 ? 1 : count % ROWS == 1 && count > 1 ? 2 : 0;
    const size_t triples = (count - 2 * pairs) / ROWS;
    tiles_of_3(rows, 0, triples, at, copy, target, next);
    target.out += triples * ROWS * target.stride;
    tiles_of_2(rows, triples * ROWS, pairs, at, copy, target, next);
    if (count == 1) tiles_of_1(rows, 0, 1, at, copy, target, next);
}

static upcoming fetch_of(const mg_rows *rows, const block *at, const float *weights, size_t step,
                         size_t columns)
{
    const float *from = weights + at->segment * rows->length + at->offset;
    const size_t length = at->segments * at->length;
    const size_t tiles_of_column = rows->count / (ROWS * COLUMNS) + 1;
    return (upcoming){from, from + length, length, step, columns, length / tiles_of_column + LINE};
}

static void multiply(const mg_rows *rows, const mg_columns *columns, const float *bias,
                     float minimum, float maximum, float *scratch, float *out, size_t out_stride)
{
    const block start = block_at(rows, 0, 0);
    const size_t step = columns->column_step;
    for (size_t c = 0; c < columns->count; c += COLUMNS) {
        const float *weights = (const float *)columns->weights + c * step;
        const size_t left = columns->count - c, count = left < COLUMNS ? left : COLUMNS;
        block at = start, ahead = start;
        for (bool more = true; more; at = ahead) {
            more = next_block(rows, &ahead);
            if (!more) ahead = start;
            upcoming next = fetch_of(rows, &ahead, more ? weights : weights + COLUMNS * step, step,
                                     more || left >= 2 * COLUMNS ? count : left - count);
            const tile_target target = {out + c,
                                        out_stride,
                                        count,
                                        at.segment == 0 && at.offset == 0,
                                        bias == NULL ? _mm_setzero_ps()
                                                     : load_columns(bias + c, count),
                                        _mm_set1_ps(more ? -INFINITY : minimum),
                                        _mm_set1_ps(more ? INFINITY : maximum)};
            copy_weights(&at, weights + at.segment * rows->length + at.offset, step, count,
                         scratch);
            multiply_rows(rows, &at, scratch, target, &next);
        }
    }
}

#endif
