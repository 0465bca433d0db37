/* SPDX-License-Identifier: Apache-2.0 */
/*
 * depthwise_int with AVX2: four output pixels and 16 channels at a time, channels innermost. Two
 * taps are widened, interleaved and multiplied in one vpmaddwd.
 *
 * Packed filter: blocks of 16 channels; the last block reaches back so that it is whole. A block is
 * 16 biases, then 16 pairs of int16 for each pair of taps. Within a block the order is that of the
 * interleave: channels 0-3, 8-11, then 4-7, 12-15; packing the results to 16 bits restores it.
 *
 * Activations keep their zero point, whose share is taken from the bias; taps outside the input
 * read 16 bytes of zero point. Filters of many taps and inputs of few channels go to the plain
 * kernel.
 */
#include "kernel/compiler.h"
#include "kernel/depthwise.h"
#include "kernel/repeat.h"
#include "kernel/x86/requantise_avx2.h"
#include "kernel/x86/widen_avx2.h"

extern const mg_depthwise_int_kernel mg_depthwise_int_ref;

enum { BLOCK = 16, GROUP = 4, MOST_TAPS = 128 };

static bool is_plain(size_t taps, size_t channels)
{
    return taps > MOST_TAPS || channels < BLOCK;
}

static size_t blocks_of(size_t channels)
{
    return (channels + BLOCK - 1) / BLOCK;
}

static size_t block_bytes(size_t taps)
{
    return BLOCK * sizeof(int32_t) * (1 + (taps + 1) / 2);
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

static size_t filter_bytes(size_t taps, size_t channels)
{
    if (is_plain(taps, channels)) return mg_depthwise_int_ref.filter_bytes(taps, channels);
    return blocks_of(channels) * block_bytes(taps);
}

static void pack(const mg_gemm_int_form *form, const void *filter, const int32_t *bias,
                 size_t channels, void *packed)
{
    const size_t taps = form->depth;
    if (is_plain(taps, channels)) {
        mg_depthwise_int_ref.pack(form, filter, bias, channels, packed);
        return;
    }
    for (size_t block = 0; block < blocks_of(channels); block++) {
        char *memory = (char *)packed + block * block_bytes(taps);
        int32_t *biases = (int32_t *)(void *)memory;
        int16_t *pairs = (int16_t *)(void *)(biases + BLOCK);
        for (size_t i = 0; i < BLOCK; i++) {
            const size_t channel = first_channel(block, channels) + channel_at(i);
            uint32_t sum = 0;
            for (size_t t = 0; t < taps + taps % 2; t++) {
                const int16_t weight = t < taps
                                           ? mg_narrow_at(form->right, filter,
                                                          t * channels + channel, form->right_zero)
                                           : 0;
                pairs[t / 2 * 2 * BLOCK + 2 * i + t % 2] = (int16_t)weight;
                sum = sum + (uint32_t)weight;
            }
            biases[i] =
                (int32_t)((uint32_t)(bias ? bias[channel] : 0) - sum * (uint32_t)form->left_zero);
        }
    }
}

typedef struct tap {
    const char *in; /* of the first output of a group, channel 0 */
    size_t mask;    /* for channel offsets and pixel steps: 0 where all read the zero point */
} tap;

static MG_ALWAYS_INLINE __m256i widen(mg_cell cell, const char *from)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
    return cell == MG_CELL_I8 ? _mm256_cvtepi8_epi16(bytes) : _mm256_cvtepu8_epi16(bytes);
}

/* Factors in the order of a block. */
static MG_ALWAYS_INLINE void load_factors(const mg_requantisation *how, size_t channel,
                                          mg_factors_avx2 *low, mg_factors_avx2 *high)
{
    const __m256i *multiplier = (const __m256i *)(const void *)(how->multiplier + channel);
    const __m256i *shift = (const __m256i *)(const void *)(how->shift + channel);
    const __m256i m0 = _mm256_loadu_si256(multiplier), m1 = _mm256_loadu_si256(multiplier + 1);
    const __m256i s0 = _mm256_loadu_si256(shift), s1 = _mm256_loadu_si256(shift + 1);
    *low = mg_factors_of_avx2(how, _mm256_permute2x128_si256(m0, m1, 0x20),
                              _mm256_permute2x128_si256(s0, s1, 0x20));
    *high = mg_factors_of_avx2(how, _mm256_permute2x128_si256(m0, m1, 0x31),
                               _mm256_permute2x128_si256(s0, s1, 0x31));
}

typedef struct group_call {
    mg_cell cell;
    bool small;  /* all factors are */
    bool inside; /* all rows of taps are */
    const tap *taps;
    size_t tap_pairs;
    size_t step; /* bytes of input between outputs */
    size_t channels;
    const char *packed;
    const mg_requantisation *how;
    mg_result_range_avx2 range;
    char *out;
} group_call;

#define START_OUTPUT(i) \
    __m256i low##i = _mm256_load_si256(memory), high##i = _mm256_load_si256(memory + 1);
#define ADD_PAIR(i)                                                                                \
    {                                                                                              \
        const __m256i a = widen(cell, near + (inside ? i * step : i * step & near_mask));          \
        const __m256i b = widen(cell, far + (inside ? i * step : i * step & far_mask));            \
        low##i =                                                                                   \
            _mm256_add_epi32(low##i, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), weights_low)); \
        high##i = _mm256_add_epi32(high##i,                                                        \
                                   _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), weights_high));  \
    }
#define STORE_OUTPUT(i)                                                                        \
    {                                                                                          \
        low##i = small ? mg_scale_small_avx2(low##i, &low) : mg_scale_avx2(low##i, &low);      \
        high##i = small ? mg_scale_small_avx2(high##i, &high) : mg_scale_avx2(high##i, &high); \
        const __m256i words =                                                                  \
            mg_clamp_words_avx2(&call->range, _mm256_packs_epi32(low##i, high##i));            \
        _mm_storeu_si128((__m128i *)(void *)(out + i * call->channels),                        \
                         mg_result_bytes_avx2(&call->range, words));                           \
    }

/* `inside`: no tap reads the zero point, but for an odd one out. */
#define DEFINE_GROUP(outputs, REPEAT)                                                              \
    static MG_ALWAYS_INLINE void group_of_##outputs(const group_call *call, mg_cell cell,          \
                                                    bool small, bool inside)                       \
    {                                                                                              \
        const size_t bytes = BLOCK * sizeof(int32_t) * (1 + call->tap_pairs);                      \
        const size_t step = call->step;                                                            \
        for (size_t block = 0; block < blocks_of(call->channels); block++) {                       \
            const size_t c = first_channel(block, call->channels);                                 \
            const __m256i *memory = (const __m256i *)(const void *)(call->packed + block * bytes); \
            const tap *taps = call->taps;                                                          \
            REPEAT(START_OUTPUT)                                                                   \
            for (size_t t = 0; t < call->tap_pairs; t++, taps += 2) {                              \
                memory += 2;                                                                       \
                const __m256i weights_low = _mm256_load_si256(memory);                             \
                const __m256i weights_high = _mm256_load_si256(memory + 1);                        \
                const size_t near_mask = taps[0].mask, far_mask = taps[1].mask;                    \
                const char *near = taps[0].in + (inside ? c : c & near_mask);                      \
                const char *far = taps[1].in + (inside ? c : c & far_mask);                        \
                REPEAT(ADD_PAIR)                                                                   \
            }                                                                                      \
            mg_factors_avx2 low, high;                                                             \
            char *out = call->out + c;                                                             \
            load_factors(call->how, c, &low, &high);                                               \
            REPEAT(STORE_OUTPUT)                                                                   \
        }                                                                                          \
    }

DEFINE_GROUP(one, MG_REPEAT_1)
DEFINE_GROUP(four, MG_REPEAT_4)

#define DEFINE_RUN(name, outputs, cell, small, inside)       \
    static MG_NEVER_INLINE void name(const group_call *call) \
    {                                                        \
        group_of_##outputs(call, cell, small, inside);       \
    }

DEFINE_RUN(four_inside_i8, four, MG_CELL_I8, true, true)
DEFINE_RUN(four_inside_u8, four, MG_CELL_U8, true, true)
DEFINE_RUN(four_i8, four, MG_CELL_I8, true, false)
DEFINE_RUN(four_u8, four, MG_CELL_U8, true, false)
DEFINE_RUN(one_small_i8, one, MG_CELL_I8, true, false)
DEFINE_RUN(one_small_u8, one, MG_CELL_U8, true, false)
DEFINE_RUN(one_i8, one, MG_CELL_I8, false, false)
DEFINE_RUN(one_u8, one, MG_CELL_U8, false, false)

static void run_one(const group_call *call)
{
    const bool is_signed = call->cell == MG_CELL_I8;
    if (call->small)
        (is_signed ? one_small_i8 : one_small_u8)(call);
    else
        (is_signed ? one_i8 : one_u8)(call);
}

static void run_four(const group_call *call)
{
    const bool is_signed = call->cell == MG_CELL_I8;
    if (call->inside)
        (is_signed ? four_inside_i8 : four_inside_u8)(call);
    else
        (is_signed ? four_i8 : four_u8)(call);
}

/* GROUP outputs whose taps are all inside, or any number one by one. */
static void run_outputs(const group_call *call, size_t outputs)
{
    if (outputs == GROUP && call->small) {
        run_four(call);
        return;
    }
    tap taps[MOST_TAPS];
    group_call one = *call;
    one.taps = taps;
    for (size_t i = 0; i < outputs; i++) {
        for (size_t t = 0; t < 2 * call->tap_pairs; t++) {
            taps[t] = call->taps[t];
            taps[t].in += i * call->step & taps[t].mask;
        }
        run_one(&one);
        one.out += call->channels;
    }
}

/* The taps of one output. An odd one out meets weights of 0. */
static void point_taps(const mg_depthwise_window *window, size_t pixel, const char *zero_points,
                       tap *taps)
{
    const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(pixel * window->stride);
    for (size_t y = 0; y < window->filter_height; y++)
        for (size_t i = 0; i < window->filter_width; i++, taps++) {
            const ptrdiff_t x = first_x + (ptrdiff_t)(i * window->dilation);
            const bool inside = window->rows[y] && x >= 0 && x < (ptrdiff_t)window->width;
            taps->in =
                inside ? (const char *)window->rows[y] + (size_t)x * window->channels : zero_points;
            taps->mask = inside ? SIZE_MAX : 0;
        }
    /* Any memory of the input does. */
    taps->in = taps[-1].in;
    taps->mask = taps[-1].mask;
}

static bool rows_are_inside(const mg_depthwise_window *window)
{
    bool inside = true;
    for (size_t y = 0; y < window->filter_height; y++) inside = inside && window->rows[y] != NULL;
    return inside;
}

static void run(const mg_gemm_int_form *form, const mg_depthwise_window *window, const void *packed,
                const mg_requantisation *how, void *out)
{
    const size_t channels = window->channels;
    if (is_plain(form->depth, channels)) {
        mg_depthwise_int_ref.run(form, window, packed, how, out);
        return;
    }
    char zero_points[BLOCK];
    tap taps[MOST_TAPS + 1];
    memset(zero_points, form->left_zero, sizeof zero_points);
    group_call call = {form->left,
                       mg_factors_are_small_avx2(how, channels),
                       rows_are_inside(window),
                       taps,
                       (form->depth + 1) / 2,
                       window->stride * channels,
                       channels,
                       packed,
                       how,
                       mg_result_range_of_avx2(how),
                       NULL};
    size_t begin, end;
    mg_depthwise_inside(window, &begin, &end);
    for (size_t p = 0; p < window->pixels;) {
        const size_t group = p >= begin && p + GROUP <= end ? GROUP : 1;
        point_taps(window, p, zero_points, taps);
        call.out = (char *)out + p * channels;
        run_outputs(&call, group);
        p += group;
    }
}

const mg_depthwise_int_kernel mg_depthwise_int_avx2 = {filter_bytes, pack, run};
