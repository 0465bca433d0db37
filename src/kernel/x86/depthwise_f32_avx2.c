/* SPDX-License-Identifier: Apache-2.0 */
/*
 * depthwise_f32 with AVX2 and FMA: four output pixels at a time, channels innermost, so that all
 * streams are contiguous and a weight or an input column serves several outputs.
 *
 * Packed filter: biases, then [tap][channel]. Taps outside the input are left out. Filters of 3x3
 * have loops of their own in which neighbouring outputs share columns; rows so short that no four
 * outputs lie inside are walked column by column.
 */
#include "kernel/compiler.h"
#include "kernel/depthwise.h"
#include "kernel/repeat.h"
#include "kernel/x86/columns_avx2.h"

#include <stdbool.h>
#include <string.h>

enum { GROUP = 4, MOST_TAPS = 64, FEW_PIXELS = 5 };

typedef struct tap {
    const float *in; /* of the first output of a group, channel 0 */
    const float *weights;
} tap;

typedef struct clamp_range {
    __m256 minimum;
    __m256 maximum;
} clamp_range;

static MG_ALWAYS_INLINE __m256 clamp(__m256 value, const clamp_range *range)
{
    return _mm256_min_ps(range->maximum, _mm256_max_ps(range->minimum, value));
}

static MG_ALWAYS_INLINE __m256 load(const float *from, bool whole, __m256i mask)
{
    return whole ? _mm256_loadu_ps(from) : _mm256_maskload_ps(from, mask);
}

static MG_ALWAYS_INLINE void store(float *to, __m256 value, bool whole, __m256i mask)
{
    if (whole)
        _mm256_storeu_ps(to, value);
    else
        _mm256_maskstore_ps(to, mask, value);
}

/* ---- Any filter: outputs `step` floats of input apart --------------------------------------- */

#define START_OUTPUT(i) __m256 sum##i = load(start + i * start_step + c, whole, mask);
#define ADD_TAP(i) \
    sum##i = _mm256_fmadd_ps(load(taps[t].in + i * step + c, whole, mask), weight, sum##i);
#define STORE_OUTPUT(i) store(out + i * channels + c, clamp(sum##i, limits), whole, mask);

#define DEFINE_ADD_TAPS(outputs, REPEAT)                                                   \
    static MG_ALWAYS_INLINE void add_taps_to_##outputs(                                    \
        const tap *taps, size_t count, size_t step, const float *start, size_t start_step, \
        size_t c, size_t channels, const clamp_range *limits, float *out, bool whole)      \
    {                                                                                      \
        const __m256i mask = mg_lane_mask_avx2(channels - c);                              \
        REPEAT(START_OUTPUT)                                                               \
        for (size_t t = 0; t < count; t++) {                                               \
            const __m256 weight = load(taps[t].weights + c, whole, mask);                  \
            REPEAT(ADD_TAP)                                                                \
        }                                                                                  \
        REPEAT(STORE_OUTPUT)                                                               \
    }

DEFINE_ADD_TAPS(one, MG_REPEAT_1)
DEFINE_ADD_TAPS(four, MG_REPEAT_4)

/* Sums start from `start`, start_step floats apart for neighbouring outputs. */
static void add_taps(const tap *taps, size_t count, size_t step, const float *start,
                     size_t start_step, size_t channels, const clamp_range *limits, bool four,
                     float *out)
{
    size_t c = 0;
    if (four) {
        for (; c + 8 <= channels; c += 8)
            add_taps_to_four(taps, count, step, start, start_step, c, channels, limits, out, true);
        if (c < channels)
            add_taps_to_four(taps, count, step, start, start_step, c, channels, limits, out, false);
        return;
    }
    for (; c + 8 <= channels; c += 8)
        add_taps_to_one(taps, count, step, start, start_step, c, channels, limits, out, true);
    if (c < channels)
        add_taps_to_one(taps, count, step, start, start_step, c, channels, limits, out, false);
}

/* One output, or GROUP whose taps are all inside, from any filter. Filters of many taps take
 * several rounds, the first of which starts from the biases. */
static void run_outputs(const mg_depthwise_window *window, const float *packed, size_t pixel,
                        bool four, const clamp_range *limits, float *out)
{
    const size_t channels = window->channels;
    const clamp_range open = {_mm256_set1_ps(-__builtin_inff()), _mm256_set1_ps(__builtin_inff())};
    const size_t tap_count = window->filter_height * window->filter_width;
    const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(pixel * window->stride);
    const float *start = packed;
    size_t start_step = 0;
    tap taps[MOST_TAPS];
    size_t t = 0;
    do {
        size_t count = 0;
        for (; t < tap_count && count < MOST_TAPS; t++) {
            const float *row = window->rows[t / window->filter_width];
            const ptrdiff_t x = first_x + (ptrdiff_t)(t % window->filter_width * window->dilation);
            if (row == NULL || x < 0 || x >= (ptrdiff_t)window->width) continue;
            taps[count].in = row + (size_t)x * channels;
            taps[count++].weights = packed + (1 + t) * channels;
        }
        add_taps(taps, count, window->stride * channels, start, start_step, channels,
                 t < tap_count ? &open : limits, four, out);
        start = out;
        start_step = channels;
    } while (t < tap_count);
}

/* ---- 3x3, without the rows that are padding ------------------------------------------------- */

#define COLUMN(j) load(row + j * channels, whole, mask)
#define START_FOUR(i) __m256 sum##i = load(packed + c, whole, mask);
#define STORE_FOUR(i) store(out + i * channels + c, clamp(sum##i, limits), whole, mask);
#define ADD(i, w) sum##i = _mm256_fmadd_ps(column, w, sum##i);

#define ROW_STRIDE_1                                              \
    column = COLUMN(0);                                           \
    ADD(0, left)                                                  \
    column = COLUMN(1);                                           \
    ADD(0, middle) ADD(1, left) column = COLUMN(2);               \
    ADD(0, right) ADD(1, middle) ADD(2, left) column = COLUMN(3); \
    ADD(1, right) ADD(2, middle) ADD(3, left) column = COLUMN(4); \
    ADD(2, right) ADD(3, middle) column = COLUMN(5);              \
    ADD(3, right)

#define ROW_STRIDE_2                               \
    column = COLUMN(0);                            \
    ADD(0, left)                                   \
    column = COLUMN(1);                            \
    ADD(0, middle)                                 \
    column = COLUMN(2);                            \
    ADD(0, right) ADD(1, left) column = COLUMN(3); \
    ADD(1, middle)                                 \
    column = COLUMN(4);                            \
    ADD(1, right) ADD(2, left) column = COLUMN(5); \
    ADD(2, middle)                                 \
    column = COLUMN(6);                            \
    ADD(2, right) ADD(3, left) column = COLUMN(7); \
    ADD(3, middle)                                 \
    column = COLUMN(8);                            \
    ADD(3, right)

#define DEFINE_THREE_BY_THREE(stride, ROW)                                                  \
    static MG_ALWAYS_INLINE void three_by_three_##stride(                                   \
        const float *const rows[3], const float *packed, size_t c, size_t channels,         \
        const clamp_range *limits, float *out, bool whole)                                  \
    {                                                                                       \
        const __m256i mask = mg_lane_mask_avx2(channels - c);                               \
        MG_REPEAT_4(START_FOUR)                                                             \
        for (size_t y = 0; y < 3; y++) {                                                    \
            if (rows[y] == NULL) continue;                                                  \
            const float *row = rows[y] + c, *weights = packed + (1 + 3 * y) * channels + c; \
            const __m256 left = load(weights, whole, mask);                                 \
            const __m256 middle = load(weights + channels, whole, mask);                    \
            const __m256 right = load(weights + 2 * channels, whole, mask);                 \
            __m256 column;                                                                  \
            ROW                                                                             \
        }                                                                                   \
        MG_REPEAT_4(STORE_FOUR)                                                             \
    }

DEFINE_THREE_BY_THREE(1, ROW_STRIDE_1)
DEFINE_THREE_BY_THREE(2, ROW_STRIDE_2)

static void run_three_by_three(const mg_depthwise_window *window, const float *packed, size_t pixel,
                               const clamp_range *limits, float *out)
{
    const size_t channels = window->channels;
    const size_t x = (size_t)(window->first_x + (ptrdiff_t)(pixel * window->stride));
    const float *rows[3];
    for (size_t y = 0; y < 3; y++) {
        const float *row = window->rows[y];
        rows[y] = row ? row + x * channels : NULL;
    }
    size_t c = 0;
    if (window->stride == 1) {
        for (; c + 8 <= channels; c += 8)
            three_by_three_1(rows, packed, c, channels, limits, out, true);
        if (c < channels) three_by_three_1(rows, packed, c, channels, limits, out, false);
        return;
    }
    for (; c + 8 <= channels; c += 8)
        three_by_three_2(rows, packed, c, channels, limits, out, true);
    if (c < channels) three_by_three_2(rows, packed, c, channels, limits, out, false);
}

/* ---- 3x3 of stride 1, rows of few pixels -------------------------------------------------------
 * A column of the input is loaded once and goes to the three outputs that see it. */

static MG_ALWAYS_INLINE __m256 line_at(const mg_depthwise_window *window, size_t y, ptrdiff_t x,
                                       size_t c, bool whole, __m256i mask)
{
    const float *row = window->rows[y];
    return row ? load(row + (size_t)x * window->channels + c, whole, mask) : _mm256_setzero_ps();
}

#define COLUMN_TO(sum, first)                              \
    {                                                      \
        sum = _mm256_fmadd_ps(top, weight##first##0, sum); \
        sum = _mm256_fmadd_ps(mid, weight##first##1, sum); \
        sum = _mm256_fmadd_ps(low, weight##first##2, sum); \
    }
#define WEIGHT(x, y) load(weights + (3 * (y) + (x)) * channels, whole, mask)

static MG_ALWAYS_INLINE void slide(const mg_depthwise_window *window, const float *packed, size_t c,
                                   const clamp_range *limits, float *out, bool whole)
{
    const size_t channels = window->channels;
    const __m256i mask = mg_lane_mask_avx2(channels - c);
    const float *weights = packed + channels + c;
    const __m256 bias = load(packed + c, whole, mask);
    const __m256 weight00 = WEIGHT(0, 0), weight01 = WEIGHT(0, 1), weight02 = WEIGHT(0, 2);
    const __m256 weight10 = WEIGHT(1, 0), weight11 = WEIGHT(1, 1), weight12 = WEIGHT(1, 2);
    const __m256 weight20 = WEIGHT(2, 0), weight21 = WEIGHT(2, 1), weight22 = WEIGHT(2, 2);
    __m256 oldest = bias, older = bias, newest;
    for (size_t k = 0; k < window->pixels + 2; k++, oldest = older, older = newest) {
        const ptrdiff_t x = window->first_x + (ptrdiff_t)k;
        newest = bias;
        if (x >= 0 && x < (ptrdiff_t)window->width) {
            const __m256 top = line_at(window, 0, x, c, whole, mask);
            const __m256 mid = line_at(window, 1, x, c, whole, mask);
            const __m256 low = line_at(window, 2, x, c, whole, mask);
            COLUMN_TO(oldest, 2)
            COLUMN_TO(older, 1)
            COLUMN_TO(newest, 0)
        }
        if (k >= 2) store(out + (k - 2) * channels + c, clamp(oldest, limits), whole, mask);
    }
}

static void slide_over(const mg_depthwise_window *window, const float *packed,
                       const clamp_range *limits, float *out)
{
    const size_t channels = window->channels;
    size_t c = 0;
    for (; c + 8 <= channels; c += 8) slide(window, packed, c, limits, out, true);
    if (c < channels) slide(window, packed, c, limits, out, false);
}

static bool is_three_by_three(const mg_depthwise_window *window)
{
    return window->filter_height == 3 && window->filter_width == 3 && window->dilation == 1 &&
           window->stride <= 2;
}

static void run(const mg_depthwise_window *window, const float *packed, float minimum,
                float maximum, float *out)
{
    const clamp_range limits = {_mm256_set1_ps(minimum), _mm256_set1_ps(maximum)};
    const size_t channels = window->channels;
    const bool three = is_three_by_three(window);
    size_t begin, end;
    if (three && window->stride == 1 && window->pixels <= FEW_PIXELS) {
        slide_over(window, packed, &limits, out);
        return;
    }
    mg_depthwise_inside(window, &begin, &end);
    for (size_t p = 0; p < begin; p++)
        run_outputs(window, packed, p, false, &limits, out + p * channels);
    for (size_t p = begin; p < end; p += GROUP) {
        /* The last group reaches back over outputs that are done already. */
        const bool four = end - begin >= GROUP;
        if (four && end - p < GROUP) p = end - GROUP;
        if (four && three)
            run_three_by_three(window, packed, p, &limits, out + p * channels);
        else
            run_outputs(window, packed, p, four, &limits, out + p * channels);
        if (!four) p -= GROUP - 1;
    }
    for (size_t p = end; p < window->pixels; p++)
        run_outputs(window, packed, p, false, &limits, out + p * channels);
}

static size_t filter_floats(size_t taps, size_t channels)
{
    return (taps + 1) * channels;
}

static void pack(const float *filter, const float *bias, size_t taps, size_t channels,
                 float *packed)
{
    for (size_t c = 0; c < channels; c++) packed[c] = bias ? bias[c] : 0.0f;
    memcpy(packed + channels, filter, taps * channels * sizeof(float));
}

const mg_depthwise_f32_kernel mg_depthwise_f32_avx2 = {filter_floats, pack, run};
