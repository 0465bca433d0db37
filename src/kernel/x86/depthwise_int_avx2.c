/* SPDX-License-Identifier: Apache-2.0 */
/*
 * depthwise_int with AVX2: four output pixels and 16 channels at a time, channels innermost. Two
 * taps are widened to int16, interleaved and multiplied in one vpmaddwd; in filters of 3x3,
 * neighbouring outputs share the interleaved columns.
 *
 * Packed filter: blocks of 16 channels; the last block reaches back so that it is whole. A block is
 * 16 biases, then for each pair of slots 16 pairs of int16. Slots are the taps in order, filled up
 * to an even number with weights of 0; of 3x3 filters they are the columns from left to right, each
 * with its three taps and a weight of 0. Within a block the order of channels is that of the
 * interleave: 0-3, 8-11, then 4-7, 12-15.
 *
 * Activations keep their zero point, whose share is taken from the bias; taps outside the input
 * read 32 bytes of zero point. Filters of many taps and inputs of few channels go to the plain
 * kernel.
 */
#include "kernel/compiler.h"
#include "kernel/depthwise.h"
#include "kernel/repeat.h"
#include "kernel/x86/widen_avx2.h"

#include <stdbool.h>

extern const mg_depthwise_int_kernel mg_depthwise_int_ref;

enum { BLOCK = 16, GROUP = 4, MOST_SLOTS = 128, COLUMN_SLOTS = 4, NO_TAP = MOST_SLOTS };

static bool is_three_by_three(size_t height, size_t width)
{
    return height == 3 && width == 3;
}

static size_t slots_of(size_t height, size_t width)
{
    if (is_three_by_three(height, width)) return 3 * COLUMN_SLOTS;
    return (height * width + 1) & ~(size_t)1;
}

/* The tap of a slot, or NO_TAP. */
static size_t tap_of(size_t slot, size_t height, size_t width)
{
    if (is_three_by_three(height, width)) {
        const size_t row = slot % COLUMN_SLOTS;
        return row < 3 ? row * 3 + slot / COLUMN_SLOTS : NO_TAP;
    }
    return slot < height * width ? slot : NO_TAP;
}

static bool is_plain(size_t height, size_t width, size_t channels)
{
    return height > MOST_SLOTS || width > MOST_SLOTS || height * width > MOST_SLOTS ||
           channels < BLOCK;
}

static size_t blocks_of(size_t channels)
{
    return (channels + BLOCK - 1) / BLOCK;
}

static size_t block_bytes(size_t slots)
{
    return BLOCK * sizeof(int32_t) * (1 + slots / 2);
}

static size_t first_channel(size_t block, size_t channels)
{
    const size_t first = block * BLOCK;
    return first + BLOCK <= channels ? first : channels - BLOCK;
}

/* The channel within a block at place `i`. */
static size_t channel_at(size_t i)
{
    return (i & 3) + ((i & 4) ? 8 : 0) + ((i & 8) ? 4 : 0);
}

static size_t filter_bytes(size_t height, size_t width, size_t channels)
{
    if (is_plain(height, width, channels))
        return mg_depthwise_int_ref.filter_bytes(height, width, channels);
    return blocks_of(channels) * block_bytes(slots_of(height, width));
}

static void pack(const mg_gemm_int_form *form, size_t height, size_t width, size_t channels,
                 const void *filter, const int32_t *bias, void *packed)
{
    if (is_plain(height, width, channels)) {
        mg_depthwise_int_ref.pack(form, height, width, channels, filter, bias, packed);
        return;
    }
    const size_t slots = slots_of(height, width);
    for (size_t block = 0; block < blocks_of(channels); block++) {
        int32_t *biases = (int32_t *)(void *)((char *)packed + block * block_bytes(slots));
        int16_t *pairs = (int16_t *)(void *)(biases + BLOCK);
        for (size_t i = 0; i < BLOCK; i++) {
            const size_t channel = first_channel(block, channels) + channel_at(i);
            uint32_t sum = bias ? (uint32_t)bias[channel] : 0u;
            for (size_t slot = 0; slot < slots; slot++) {
                const size_t tap = tap_of(slot, height, width);
                const int32_t weight =
                    tap == NO_TAP ? 0
                                  : mg_narrow_at(form->right, filter, tap * channels + channel,
                                                 form->right_zero);
                pairs[slot / 2 * 2 * BLOCK + 2 * i + slot % 2] = (int16_t)weight;
                sum -= (uint32_t)weight * (uint32_t)form->left_zero;
            }
            biases[i] = (int32_t)sum;
        }
    }
}

/* Where 16 channels of a tap lie: at in + (offset & mask). */
typedef struct tap_place {
    const char *in;
    size_t mask; /* 0: outside the input, all read the zero point */
} tap_place;

static MG_ALWAYS_INLINE __m256i widen(mg_cell cell, const char *from)
{
    if (cell == MG_CELL_I16) return _mm256_loadu_si256((const __m256i *)(const void *)from);
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
    return cell == MG_CELL_I8 ? _mm256_cvtepi8_epi16(bytes) : _mm256_cvtepu8_epi16(bytes);
}

typedef struct group_call {
    const tap_place *places; /* of slots, or of the three rows */
    size_t slot_pairs;
    size_t step;  /* bytes of input from output to output */
    size_t pixel; /* bytes of input from pixel to pixel */
    size_t channels;
    size_t groups; /* of outputs, one after the other; 3x3 only */
    const char *packed;
    int32_t *out;
} group_call;

/* Sums of a block back in order. */
static MG_ALWAYS_INLINE void store_sums(int32_t *out, __m256i low, __m256i high)
{
    _mm256_storeu_si256((__m256i *)(void *)out, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256((__m256i *)(void *)(out + 8), _mm256_permute2x128_si256(low, high, 0x31));
}

#define START_OUTPUT(i) \
    __m256i low##i = _mm256_load_si256(memory), high##i = _mm256_load_si256(memory + 1);
#define STORE_OUTPUT(i) store_sums(out + i * call->channels, low##i, high##i);

/* ---- Any filter --------------------------------------------------------------------------------
 */

#define ADD_PAIR(i)                                                                                \
    {                                                                                              \
        const __m256i a = widen(cell, near.in + ((offset + i * call->step) & near.mask));          \
        const __m256i b = widen(cell, far.in + ((offset + i * call->step) & far.mask));            \
        low##i =                                                                                   \
            _mm256_add_epi32(low##i, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), weights_low)); \
        high##i = _mm256_add_epi32(high##i,                                                        \
                                   _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), weights_high));  \
        MG_KEEP_VECTOR(low##i);                                                                    \
        MG_KEEP_VECTOR(high##i);                                                                   \
    }

#define DEFINE_GROUP(name, cell_type, REPEAT)                                                      \
    static MG_NEVER_INLINE void name(const group_call *call)                                       \
    {                                                                                              \
        const mg_cell cell = cell_type;                                                            \
        const size_t bytes = block_bytes(2 * call->slot_pairs);                                    \
        for (size_t block = 0; block < blocks_of(call->channels); block++) {                       \
            const size_t c = first_channel(block, call->channels);                                 \
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
            REPEAT(STORE_OUTPUT)                                                                   \
        }                                                                                          \
    }

DEFINE_GROUP(one_i8, MG_CELL_I8, MG_REPEAT_1)
DEFINE_GROUP(one_u8, MG_CELL_U8, MG_REPEAT_1)
DEFINE_GROUP(one_i16, MG_CELL_I16, MG_REPEAT_1)
DEFINE_GROUP(four_i8, MG_CELL_I8, MG_REPEAT_4)
DEFINE_GROUP(four_u8, MG_CELL_U8, MG_REPEAT_4)
DEFINE_GROUP(four_i16, MG_CELL_I16, MG_REPEAT_4)

/* ---- 3x3, four outputs -------------------------------------------------------------------------
 */

/* Column j of the input: rows 0 and 1 interleaved, row 2 with 0. */
#define COLUMN(j)                                           \
    MG_KEEP_POINTER(memory);                                \
    top = widen(cell, rows[0].in + (at & rows[0].mask));    \
    middle = widen(cell, rows[1].in + (at & rows[1].mask)); \
    bottom = widen(cell, rows[2].in + (at & rows[2].mask)); \
    at += pixel;                                            \
    pair_low = _mm256_unpacklo_epi16(top, middle);          \
    pair_high = _mm256_unpackhi_epi16(top, middle);         \
    last_low = _mm256_unpacklo_epi16(bottom, zero);         \
    last_high = _mm256_unpackhi_epi16(bottom, zero);

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
    COLUMN(0) ADD_COLUMN(0, 0)                                   \
    COLUMN(1) ADD_COLUMN(0, 1) ADD_COLUMN(1, 0)                  \
    COLUMN(2) ADD_COLUMN(0, 2) ADD_COLUMN(1, 1) ADD_COLUMN(2, 0) \
    COLUMN(3) ADD_COLUMN(1, 2) ADD_COLUMN(2, 1) ADD_COLUMN(3, 0) \
    COLUMN(4) ADD_COLUMN(2, 2) ADD_COLUMN(3, 1)                  \
    COLUMN(5) ADD_COLUMN(3, 2)

#define COLUMNS_STRIDE_2                        \
    COLUMN(0) ADD_COLUMN(0, 0)                  \
    COLUMN(1) ADD_COLUMN(0, 1)                  \
    COLUMN(2) ADD_COLUMN(0, 2) ADD_COLUMN(1, 0) \
    COLUMN(3) ADD_COLUMN(1, 1)                  \
    COLUMN(4) ADD_COLUMN(1, 2) ADD_COLUMN(2, 0) \
    COLUMN(5) ADD_COLUMN(2, 1)                  \
    COLUMN(6) ADD_COLUMN(2, 2) ADD_COLUMN(3, 0) \
    COLUMN(7) ADD_COLUMN(3, 1)                  \
    COLUMN(8) ADD_COLUMN(3, 2)
/* clang-format on */

#define DEFINE_THREE_BY_THREE(name, cell_type, COLUMNS)                                \
    static MG_NEVER_INLINE void name(const group_call *call)                           \
    {                                                                                  \
        const mg_cell cell = cell_type;                                                \
        const size_t bytes = block_bytes(3 * COLUMN_SLOTS), pixel = call->pixel;       \
        const tap_place rows[3] = {call->places[0], call->places[1], call->places[2]}; \
        const __m256i zero = _mm256_setzero_si256();                                   \
        const size_t blocks = blocks_of(call->channels);                               \
        for (size_t group = 0; group < call->groups; group++)                          \
            for (size_t block = 0; block < blocks; block++) {                          \
                const size_t c = first_channel(block, call->channels);                 \
                const __m256i *memory =                                                \
                    (const __m256i *)(const void *)(call->packed + block * bytes);     \
                int32_t *out = call->out + group * GROUP * call->channels + c;         \
                size_t at = group * GROUP * call->step + c * mg_cell_bytes(cell);      \
                __m256i top, middle, bottom, pair_low, pair_high, last_low, last_high; \
                MG_REPEAT_4(START_OUTPUT)                                              \
                COLUMNS                                                                \
                MG_REPEAT_4(STORE_OUTPUT)                                              \
            }                                                                          \
    }

DEFINE_THREE_BY_THREE(three_by_three_1_i8, MG_CELL_I8, COLUMNS_STRIDE_1)
DEFINE_THREE_BY_THREE(three_by_three_1_u8, MG_CELL_U8, COLUMNS_STRIDE_1)
DEFINE_THREE_BY_THREE(three_by_three_1_i16, MG_CELL_I16, COLUMNS_STRIDE_1)
DEFINE_THREE_BY_THREE(three_by_three_2_i8, MG_CELL_I8, COLUMNS_STRIDE_2)
DEFINE_THREE_BY_THREE(three_by_three_2_u8, MG_CELL_U8, COLUMNS_STRIDE_2)
DEFINE_THREE_BY_THREE(three_by_three_2_i16, MG_CELL_I16, COLUMNS_STRIDE_2)

/* ---- A run of outputs --------------------------------------------------------------------------
 */

typedef void (*group_function)(const group_call *call);

typedef struct group_functions {
    group_function one;
    group_function four;
    group_function three_by_three[2]; /* by stride */
} group_functions;

static const group_functions functions_i8 = {
    one_i8, four_i8, {three_by_three_1_i8, three_by_three_2_i8}};
static const group_functions functions_u8 = {
    one_u8, four_u8, {three_by_three_1_u8, three_by_three_2_u8}};
static const group_functions functions_i16 = {
    one_i16, four_i16, {three_by_three_1_i16, three_by_three_2_i16}};

/* The places of the slots of one output. */
static void place_slots(const mg_depthwise_window *window, size_t pixel, size_t pixel_bytes,
                        const char *zero_points, tap_place *places)
{
    const size_t height = window->filter_height, width = window->filter_width;
    const bool by_columns = is_three_by_three(height, width);
    const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(pixel * window->stride);
    const tap_place outside = {zero_points, 0};
    for (size_t y = 0; y < height; y++)
        for (size_t i = 0; i < width; i++) {
            const char *row = window->rows[y];
            const ptrdiff_t x = first_x + (ptrdiff_t)(i * window->dilation);
            const bool inside = row && x >= 0 && x < (ptrdiff_t)window->width;
            places[by_columns ? i * COLUMN_SLOTS + y : y * width + i] =
                inside ? (tap_place){row + (size_t)x * pixel_bytes, SIZE_MAX} : outside;
        }
    if (by_columns)
        for (size_t i = 0; i < width; i++) places[i * COLUMN_SLOTS + height] = outside;
    else
        places[height * width] = outside;
}

/* The places of the three rows for the group that begins at `pixel`. */
static void place_rows(const mg_depthwise_window *window, size_t pixel, size_t pixel_bytes,
                       const char *zero_points, tap_place *places)
{
    const size_t x = (size_t)(window->first_x + (ptrdiff_t)(pixel * window->stride));
    for (size_t y = 0; y < 3; y++) {
        const char *row = window->rows[y];
        places[y] =
            row ? (tap_place){row + x * pixel_bytes, SIZE_MAX} : (tap_place){zero_points, 0};
    }
}

static void sums(const mg_gemm_int_form *form, const mg_depthwise_window *window,
                 const void *packed, int32_t *out)
{
    const size_t height = window->filter_height, width = window->filter_width;
    const size_t channels = window->channels;
    if (is_plain(height, width, channels)) {
        mg_depthwise_int_ref.sums(form, window, packed, out);
        return;
    }
    const group_functions *functions = form->left == MG_CELL_I8   ? &functions_i8
                                       : form->left == MG_CELL_U8 ? &functions_u8
                                                                  : &functions_i16;
    const bool three =
        is_three_by_three(height, width) && window->dilation == 1 && window->stride <= 2;
    const size_t pixel_bytes = channels * mg_cell_bytes(form->left);
    char zero_points[2 * BLOCK];
    tap_place places[MOST_SLOTS + 1];
    memset(zero_points, form->left_zero, sizeof zero_points);
    group_call call = {places,
                       slots_of(height, width) / 2,
                       window->stride * pixel_bytes,
                       pixel_bytes,
                       channels,
                       0,
                       packed,
                       NULL};
    size_t begin, end;
    mg_depthwise_inside(window, &begin, &end);
    for (size_t p = 0; p < window->pixels;) {
        const size_t groups = p >= begin && p < end ? (end - p) / GROUP : 0;
        call.out = out + p * channels;
        call.groups = groups;
        if (groups > 0 && three) {
            place_rows(window, p, pixel_bytes, zero_points, places);
            functions->three_by_three[window->stride - 1](&call);
            p += groups * GROUP;
        } else {
            place_slots(window, p, pixel_bytes, zero_points, places);
            (groups > 0 ? functions->four : functions->one)(&call);
            p += groups > 0 ? GROUP : 1;
        }
    }
}

const mg_depthwise_int_kernel mg_depthwise_int_avx2 = {filter_bytes, pack, sums};
