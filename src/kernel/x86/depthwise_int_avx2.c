/* SPDX-License-Identifier: Apache-2.0 */
/*
 * depthwise_int with AVX2: four output pixels and 16 channels at a time, channels innermost; with
 * fewer than 16 channels, eight output pixels and 8 channels, the outputs 4 … 7 in the upper halves
 * of the vectors. Two taps are widened to int16, interleaved and multiplied in one vpmaddwd; in
 * filters of 3x3, neighbouring outputs share the interleaved columns. depthwise_pack_avx2.h tells
 * the layout of the filter.
 *
 * Activations keep their zero point, whose share is taken from the bias; taps outside the input
 * read 32 bytes of zero point.
 */
#include "kernel/compiler.h"
#include "kernel/repeat.h"
#include "kernel/x86/depthwise_pack_avx2.h"
#include "kernel/x86/widen_avx2.h"

enum { GROUP = 4, FIRST_PLACES = 3, LAST_PLACES = 6 };

/* Where the channels of a tap lie: at in + (offset & mask). */
typedef struct tap_place {
    const char *in;
    size_t mask; /* 0: outside the input, all read the zero point */
} tap_place;

static MG_ALWAYS_INLINE __m256i widen_bytes(mg_cell cell, __m128i bytes)
{
    return cell == MG_CELL_I8 ? _mm256_cvtepi8_epi16(bytes) : _mm256_cvtepu8_epi16(bytes);
}

/* 16 channels, or if narrow 8 of each of two outputs. */
static MG_ALWAYS_INLINE __m256i widen(mg_cell cell, bool narrow, tap_place place, size_t at,
                                      size_t apart)
{
    const void *from = place.in + (at & place.mask);
    if (cell == MG_CELL_I16) return _mm256_loadu_si256((const __m256i *)from);
    if (!narrow) return widen_bytes(cell, _mm_loadu_si128((const __m128i *)from));
    const void *far = place.in + ((at + apart) & place.mask);
    return widen_bytes(cell, _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)from),
                                                _mm_loadl_epi64((const __m128i *)far)));
}

typedef struct group_call {
    const tap_place *places; /* of slots, or of three rows in inner, first and last columns */
    size_t at;               /* 3x3: bytes from the places to the first column, which may wrap */
    size_t slot_pairs;
    size_t step;  /* bytes of input from output to output */
    size_t pixel; /* bytes of input from pixel to pixel */
    size_t apart; /* narrow: bytes of input between the outputs that share a vector */
    size_t channels;
    size_t outputs; /* of a group */
    size_t groups;  /* one after the other; 3x3 only */
    const char *packed;
    int32_t *out;
} group_call;

/* Sums of a block back in order. */
static MG_ALWAYS_INLINE void store_first(int32_t *out, __m256i low, __m256i high)
{
    _mm256_storeu_si256((__m256i *)(void *)out, _mm256_permute2x128_si256(low, high, 0x20));
}

static MG_ALWAYS_INLINE void store_second(int32_t *out, __m256i low, __m256i high)
{
    _mm256_storeu_si256((__m256i *)(void *)out, _mm256_permute2x128_si256(low, high, 0x31));
}

#define START_OUTPUT(i) \
    __m256i low##i = _mm256_load_si256(memory), high##i = _mm256_load_si256(memory + 1);
#define STORE_WIDE(i)                                       \
    store_first(out + i * call->channels, low##i, high##i); \
    store_second(out + i * call->channels + 8, low##i, high##i);
#define STORE_NARROW(i)                                     \
    store_first(out + i * call->channels, low##i, high##i); \
    store_second(out + (i + GROUP) * call->channels, low##i, high##i);
/* The upper half is the same output once more. */
#define STORE_HALF(i) store_first(out, low##i, high##i);

/* ---- Any filter ----------------------------------------------------------------------------- */

#define ADD_PAIR(i)                                                                                \
    {                                                                                              \
        const __m256i a = widen(cell, narrow, near, offset + i * call->step, apart);               \
        const __m256i b = widen(cell, narrow, far, offset + i * call->step, apart);                \
        low##i =                                                                                   \
            _mm256_add_epi32(low##i, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), weights_low)); \
        high##i = _mm256_add_epi32(high##i,                                                        \
                                   _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), weights_high));  \
        MG_KEEP_VECTOR(low##i);                                                                    \
        MG_KEEP_VECTOR(high##i);                                                                   \
    }

#define DEFINE_GROUP(name, cell_type, is_narrow, REPEAT, STORE)                                    \
    static MG_NEVER_INLINE void name(const group_call *call)                                       \
    {                                                                                              \
        const mg_cell cell = cell_type;                                                            \
        const bool narrow = is_narrow;                                                             \
        const size_t apart = call->apart;                                                          \
        (void)apart;                                                                               \
        const size_t bytes = mg_taps_block_bytes(2 * call->slot_pairs);                            \
        for (size_t block = 0; block < mg_taps_blocks(call->channels); block++) {                  \
            const size_t c = mg_taps_first_channel(block, call->channels);                         \
            const size_t offset = c * mg_cell_bytes(cell);                                         \
            const __m256i *memory = (const __m256i *)(const void *)(call->packed + block * bytes); \
            int32_t *out = call->out + c;                                                          \
            REPEAT(START_OUTPUT)                                                                   \
            for (size_t pair = 0; pair < call->slot_pairs; pair++) {                               \
                const tap_place near = call->places[2 * pair], far = call->places[2 * pair + 1];   \
                memory += 2;                                                                       \
                const __m256i weights_low = _mm256_load_si256(memory);                             \
                const __m256i weights_high = _mm256_load_si256(memory + 1);                        \
                REPEAT(ADD_PAIR)                                                                   \
            }                                                                                      \
            REPEAT(STORE)                                                                          \
        }                                                                                          \
    }

DEFINE_GROUP(one_i8, MG_CELL_I8, false, MG_REPEAT_1, STORE_WIDE)
DEFINE_GROUP(one_u8, MG_CELL_U8, false, MG_REPEAT_1, STORE_WIDE)
DEFINE_GROUP(one_i16, MG_CELL_I16, false, MG_REPEAT_1, STORE_WIDE)
DEFINE_GROUP(four_i8, MG_CELL_I8, false, MG_REPEAT_4, STORE_WIDE)
DEFINE_GROUP(four_u8, MG_CELL_U8, false, MG_REPEAT_4, STORE_WIDE)
DEFINE_GROUP(four_i16, MG_CELL_I16, false, MG_REPEAT_4, STORE_WIDE)
DEFINE_GROUP(narrow_one_i8, MG_CELL_I8, true, MG_REPEAT_1, STORE_HALF)
DEFINE_GROUP(narrow_one_u8, MG_CELL_U8, true, MG_REPEAT_1, STORE_HALF)
DEFINE_GROUP(narrow_eight_i8, MG_CELL_I8, true, MG_REPEAT_4, STORE_NARROW)
DEFINE_GROUP(narrow_eight_u8, MG_CELL_U8, true, MG_REPEAT_4, STORE_NARROW)

/* ---- 3x3, groups of outputs ----------------------------------------------------------------- */

/* A column of the input: rows 0 and 1 interleaved, row 2 with 0. The first or the last one may be
 * outside, so they have places of their own. */
#define COLUMN_OF(places)                                 \
    MG_KEEP_POINTER(memory);                              \
    top = widen(cell, narrow, (places)[0], at, apart);    \
    middle = widen(cell, narrow, (places)[1], at, apart); \
    bottom = widen(cell, narrow, (places)[2], at, apart); \
    at += pixel;                                          \
    pair_low = _mm256_unpacklo_epi16(top, middle);        \
    pair_high = _mm256_unpackhi_epi16(top, middle);       \
    last_low = _mm256_unpacklo_epi16(bottom, zero);       \
    last_high = _mm256_unpackhi_epi16(bottom, zero);
#define COLUMN(j) COLUMN_OF(rows)
#define FIRST_COLUMN COLUMN_OF(call->places + FIRST_PLACES)
#define LAST_COLUMN COLUMN_OF(call->places + LAST_PLACES)

#define ADD(sum, pairs, weights)                                            \
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, memory[weights])); \
    MG_KEEP_VECTOR(sum);

/* Adds the column to output i as its column k. */
#define ADD_COLUMN(i, k)                 \
    ADD(low##i, pair_low, 2 + 4 * (k))   \
    ADD(high##i, pair_high, 3 + 4 * (k)) \
    ADD(low##i, last_low, 4 + 4 * (k))   \
    ADD(high##i, last_high, 5 + 4 * (k))

/* A line is an input column and the outputs that it is added to. */
/* clang-format off */
#define COLUMNS_STRIDE_1                                         \
    FIRST_COLUMN ADD_COLUMN(0, 0)                                \
    COLUMN(1) ADD_COLUMN(0, 1) ADD_COLUMN(1, 0)                  \
    COLUMN(2) ADD_COLUMN(0, 2) ADD_COLUMN(1, 1) ADD_COLUMN(2, 0) \
    COLUMN(3) ADD_COLUMN(1, 2) ADD_COLUMN(2, 1) ADD_COLUMN(3, 0) \
    COLUMN(4) ADD_COLUMN(2, 2) ADD_COLUMN(3, 1)                  \
    LAST_COLUMN ADD_COLUMN(3, 2)

#define COLUMNS_STRIDE_2                        \
    FIRST_COLUMN ADD_COLUMN(0, 0)               \
    COLUMN(1) ADD_COLUMN(0, 1)                  \
    COLUMN(2) ADD_COLUMN(0, 2) ADD_COLUMN(1, 0) \
    COLUMN(3) ADD_COLUMN(1, 1)                  \
    COLUMN(4) ADD_COLUMN(1, 2) ADD_COLUMN(2, 0) \
    COLUMN(5) ADD_COLUMN(2, 1)                  \
    COLUMN(6) ADD_COLUMN(2, 2) ADD_COLUMN(3, 0) \
    COLUMN(7) ADD_COLUMN(3, 1)                  \
    LAST_COLUMN ADD_COLUMN(3, 2)
/* clang-format on */

#define DEFINE_THREE_BY_THREE(name, cell_type, is_narrow, COLUMNS, STORE)                    \
    static MG_NEVER_INLINE void name(const group_call *call)                                 \
    {                                                                                        \
        const mg_cell cell = cell_type;                                                      \
        const bool narrow = is_narrow;                                                       \
        const size_t apart = call->apart;                                                    \
        (void)apart;                                                                         \
        const size_t bytes = mg_taps_block_bytes(3 * MG_COLUMN_SLOTS), pixel = call->pixel;  \
        const tap_place rows[3] = {call->places[0], call->places[1], call->places[2]};       \
        const __m256i zero = _mm256_setzero_si256();                                         \
        const size_t blocks = mg_taps_blocks(call->channels);                                \
        for (size_t group = 0; group < call->groups; group++)                                \
            for (size_t block = 0; block < blocks; block++) {                                \
                const size_t c = mg_taps_first_channel(block, call->channels);               \
                const __m256i *memory =                                                      \
                    (const __m256i *)(const void *)(call->packed + block * bytes);           \
                int32_t *out = call->out + group * call->outputs * call->channels + c;       \
                size_t at =                                                                  \
                    call->at + group * call->outputs * call->step + c * mg_cell_bytes(cell); \
                __m256i top, middle, bottom, pair_low, pair_high, last_low, last_high;       \
                MG_REPEAT_4(START_OUTPUT)                                                    \
                COLUMNS                                                                      \
                MG_REPEAT_4(STORE)                                                           \
            }                                                                                \
    }

DEFINE_THREE_BY_THREE(three_by_three_1_i8, MG_CELL_I8, false, COLUMNS_STRIDE_1, STORE_WIDE)
DEFINE_THREE_BY_THREE(three_by_three_1_u8, MG_CELL_U8, false, COLUMNS_STRIDE_1, STORE_WIDE)
DEFINE_THREE_BY_THREE(three_by_three_1_i16, MG_CELL_I16, false, COLUMNS_STRIDE_1, STORE_WIDE)
DEFINE_THREE_BY_THREE(three_by_three_2_i8, MG_CELL_I8, false, COLUMNS_STRIDE_2, STORE_WIDE)
DEFINE_THREE_BY_THREE(three_by_three_2_u8, MG_CELL_U8, false, COLUMNS_STRIDE_2, STORE_WIDE)
DEFINE_THREE_BY_THREE(three_by_three_2_i16, MG_CELL_I16, false, COLUMNS_STRIDE_2, STORE_WIDE)
DEFINE_THREE_BY_THREE(narrow_three_by_three_1_i8, MG_CELL_I8, true, COLUMNS_STRIDE_1, STORE_NARROW)
DEFINE_THREE_BY_THREE(narrow_three_by_three_1_u8, MG_CELL_U8, true, COLUMNS_STRIDE_1, STORE_NARROW)
DEFINE_THREE_BY_THREE(narrow_three_by_three_2_i8, MG_CELL_I8, true, COLUMNS_STRIDE_2, STORE_NARROW)
DEFINE_THREE_BY_THREE(narrow_three_by_three_2_u8, MG_CELL_U8, true, COLUMNS_STRIDE_2, STORE_NARROW)

/* ---- A run of outputs ----------------------------------------------------------------------- */

typedef void (*group_function)(const group_call *call);

typedef struct group_functions {
    group_function one;
    group_function group;
    group_function three_by_three[2]; /* by stride */
} group_functions;

/* By mg_cell - MG_CELL_I8. */
static const group_functions wide_functions[] = {
    {one_i8, four_i8, {three_by_three_1_i8, three_by_three_2_i8}},
    {one_u8, four_u8, {three_by_three_1_u8, three_by_three_2_u8}},
    {one_i16, four_i16, {three_by_three_1_i16, three_by_three_2_i16}}};
static const group_functions narrow_functions[] = {
    {narrow_one_i8, narrow_eight_i8, {narrow_three_by_three_1_i8, narrow_three_by_three_2_i8}},
    {narrow_one_u8, narrow_eight_u8, {narrow_three_by_three_1_u8, narrow_three_by_three_2_u8}}};

/* The places of the slots of one output. */
static void place_slots(const mg_depthwise_window *window, size_t pixel, size_t pixel_bytes,
                        const char *zero_points, tap_place *places)
{
    const size_t height = window->filter_height, width = window->filter_width;
    const bool by_columns = mg_taps_three_by_three(height, width);
    const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(pixel * window->stride);
    const tap_place outside = {zero_points, 0};
    for (size_t y = 0; y < height; y++)
        for (size_t i = 0; i < width; i++) {
            const char *row = window->rows[y];
            const ptrdiff_t x = first_x + (ptrdiff_t)(i * window->dilation);
            const bool inside = row && x >= 0 && x < (ptrdiff_t)window->width;
            places[by_columns ? i * MG_COLUMN_SLOTS + y : y * width + i] =
                inside ? (tap_place){row + (size_t)x * pixel_bytes, SIZE_MAX} : outside;
        }
    if (by_columns)
        for (size_t i = 0; i < width; i++) places[i * MG_COLUMN_SLOTS + height] = outside;
    else
        places[height * width] = outside;
}

/* The places of the three rows for groups whose first column is at `x`, their last at `last`. */
static void place_rows(const mg_depthwise_window *window, ptrdiff_t x, ptrdiff_t last,
                       const char *zero_points, tap_place *places)
{
    const tap_place outside = {zero_points, 0};
    for (size_t y = 0; y < 3; y++) {
        const char *row = window->rows[y];
        places[y] = row ? (tap_place){row, SIZE_MAX} : outside;
        places[FIRST_PLACES + y] = x < 0 ? outside : places[y];
        places[LAST_PLACES + y] = last >= (ptrdiff_t)window->width ? outside : places[y];
    }
}

typedef struct row_extent {
    const mg_depthwise_window *window;
    bool three;     /* 3x3 with functions of its own */
    size_t outputs; /* of a group */
    size_t begin;   /* outputs whose taps are all inside */
    size_t end;
} row_extent;

/* How many groups can be taken together from output `p` on: all that are inside, or of 3x3 one that
 * hangs over the input by a column, which outputs that share a vector cannot. */
static size_t groups_from(const row_extent *row, size_t p)
{
    const mg_depthwise_window *window = row->window;
    if (p >= row->begin && p < row->end && row->end - p >= row->outputs)
        return (row->end - p) / row->outputs;
    const ptrdiff_t stride = (ptrdiff_t)window->stride;
    const ptrdiff_t x = window->first_x + (ptrdiff_t)p * stride;
    return row->three && row->outputs == GROUP && window->pixels - p >= GROUP && x >= -1 &&
           x + (GROUP - 1) * stride + 2 <= (ptrdiff_t)window->width;
}

/* Where to go on from output `p`: there or, when too few are left for a group, at one that computes
 * outputs once more. */
static size_t next_group(const row_extent *row, size_t p, size_t *groups)
{
    const size_t ends[2] = {row->window->pixels, row->end};
    *groups = groups_from(row, p);
    for (size_t i = 0; i < 2 && *groups == 0; i++) {
        const size_t back = ends[i] - row->outputs;
        if (ends[i] <= p || ends[i] < row->outputs || back > p) continue;
        *groups = groups_from(row, back);
        if (*groups > 0) return back;
    }
    return p;
}

static void sums(const mg_gemm_int_form *form, const mg_depthwise_window *window,
                 const void *packed, int32_t *out)
{
    const size_t height = window->filter_height, width = window->filter_width;
    const size_t channels = window->channels;
    if (mg_taps_are_plain(form->left, height, width, channels)) {
        mg_depthwise_int_ref.sums(form, window, packed, out);
        return;
    }
    const bool narrow = channels < MG_TAPS_BLOCK;
    const group_functions *functions =
        (narrow ? narrow_functions : wide_functions) + (form->left - MG_CELL_I8);
    const bool three =
        mg_taps_three_by_three(height, width) && window->dilation == 1 && window->stride <= 2;
    const size_t pixel_bytes = channels * mg_cell_bytes(form->left);
    const size_t step = window->stride * pixel_bytes, outputs = narrow ? 2 * GROUP : GROUP;
    char zero_points[2 * MG_TAPS_BLOCK];
    tap_place places[MG_MOST_SLOTS + 1];
    memset(zero_points, form->left_zero, sizeof zero_points);
    group_call call = {.places = places,
                       .slot_pairs = mg_taps_slots(height, width) / 2,
                       .step = step,
                       .pixel = pixel_bytes,
                       .channels = channels,
                       .outputs = outputs,
                       .packed = packed};
    row_extent row = {window, three, outputs, 0, 0};
    mg_depthwise_inside(window, &row.begin, &row.end);
    for (size_t p = 0; p < window->pixels;) {
        size_t groups;
        p = next_group(&row, p, &groups);
        call.out = out + p * channels;
        call.groups = groups;
        call.apart = groups > 0 ? GROUP * step : 0;
        if (groups > 0 && three) {
            const ptrdiff_t x = window->first_x + (ptrdiff_t)(p * window->stride);
            const size_t reach = (groups * outputs - 1) * window->stride + 2;
            place_rows(window, x, x + (ptrdiff_t)reach, zero_points, places);
            call.at = (size_t)x * pixel_bytes;
            functions->three_by_three[window->stride - 1](&call);
            p += groups * outputs;
        } else {
            place_slots(window, p, pixel_bytes, zero_points, places);
            (groups > 0 ? functions->group : functions->one)(&call);
            p += groups > 0 ? outputs : 1;
        }
    }
}

const mg_depthwise_int_kernel mg_depthwise_int_avx2 = {mg_taps_filter_bytes_avx2, mg_taps_pack_avx2,
                                                       sums};
