/* SPDX-License-Identifier: Apache-2.0 */
/*
 * depthwise_int with NEON: four output pixels and 8 channels at a time, channels innermost. Pixels
 * are widened to int16 and freed of their zero point in one instruction (SSUBL, USUBL).
 *
 * Packed filter: blocks of 8 channels; the last block reaches back so that it is whole. A block is
 * 8 int32 biases, then 8 int16 weights for each tap. Taps outside the input are left out. Filters
 * of many taps and inputs of few channels go to the plain kernel.
 */
#include "kernel/arm/widen_neon.h"
#include "kernel/compiler.h"
#include "kernel/depthwise.h"
#include "kernel/repeat.h"

#include <stdbool.h>

extern const mg_depthwise_int_kernel mg_depthwise_int_ref;

enum { BLOCK = 8, GROUP = 4, MOST_TAPS = 128 };

static bool is_plain(size_t height, size_t width, size_t channels)
{
    return height > MOST_TAPS || width > MOST_TAPS || height * width > MOST_TAPS ||
           channels < BLOCK;
}

static size_t blocks_of(size_t channels)
{
    return (channels + BLOCK - 1) / BLOCK;
}

static size_t block_bytes(size_t taps)
{
    return BLOCK * (sizeof(int32_t) + taps * sizeof(int16_t));
}

static size_t first_channel(size_t block, size_t channels)
{
    const size_t first = block * BLOCK;
    return first + BLOCK <= channels ? first : channels - BLOCK;
}

static size_t filter_bytes(size_t height, size_t width, size_t channels)
{
    if (is_plain(height, width, channels))
        return mg_depthwise_int_ref.filter_bytes(height, width, channels);
    return blocks_of(channels) * block_bytes(height * width);
}

static void pack(const mg_gemm_int_form *form, size_t height, size_t width, size_t channels,
                 const void *filter, const int32_t *bias, void *packed)
{
    if (is_plain(height, width, channels)) {
        mg_depthwise_int_ref.pack(form, height, width, channels, filter, bias, packed);
        return;
    }
    const size_t taps = height * width;
    for (size_t block = 0; block < blocks_of(channels); block++) {
        const size_t first = first_channel(block, channels);
        int32_t *biases = (int32_t *)(void *)((char *)packed + block * block_bytes(taps));
        int16_t *weights = (int16_t *)(void *)(biases + BLOCK);
        for (size_t i = 0; i < BLOCK; i++) biases[i] = bias ? bias[first + i] : 0;
        for (size_t t = 0; t < taps; t++)
            for (size_t i = 0; i < BLOCK; i++)
                *weights++ =
                    mg_narrow_at(form->right, filter, t * channels + first + i, form->right_zero);
    }
}

typedef struct tap {
    const char *in; /* of the first output of a group, channel 0 */
    size_t index;
} tap;

typedef struct group_call {
    const tap *taps;
    size_t tap_count;
    size_t all_taps; /* of the filter */
    size_t step;     /* bytes of input from output to output */
    size_t channels;
    int32_t zero;
    const char *packed;
    int32_t *out;
} group_call;

/* 8 channels without their zero point. */
static MG_ALWAYS_INLINE int16x8_t load_freed(mg_cell cell, const char *from, int32_t zero)
{
    if (cell == MG_CELL_I8) return vsubl_s8(vld1_s8((const int8_t *)from), vdup_n_s8((int8_t)zero));
    if (cell == MG_CELL_U8)
        return vreinterpretq_s16_u16(
            vsubl_u8(vld1_u8((const uint8_t *)from), vdup_n_u8((uint8_t)zero)));
    return vld1q_s16((const int16_t *)(const void *)from);
}

#define START_OUTPUT(i) int32x4_t low##i = vld1q_s32(biases), high##i = vld1q_s32(biases + 4);
#define ADD_TAP(i)                                                             \
    {                                                                          \
        const int16x8_t x = load_freed(cell, in + i * call->step, call->zero); \
        low##i = vmlal_s16(low##i, vget_low_s16(x), vget_low_s16(weight));     \
        high##i = vmlal_s16(high##i, vget_high_s16(x), vget_high_s16(weight)); \
    }
#define STORE_OUTPUT(i)                          \
    vst1q_s32(out + i * call->channels, low##i); \
    vst1q_s32(out + i * call->channels + 4, high##i);

#define DEFINE_GROUP(name, cell_type, REPEAT)                                              \
    static MG_NEVER_INLINE void name(const group_call *call)                               \
    {                                                                                      \
        const mg_cell cell = cell_type;                                                    \
        for (size_t block = 0; block < blocks_of(call->channels); block++) {               \
            const size_t c = first_channel(block, call->channels);                         \
            const int32_t *biases =                                                        \
                (const int32_t *)(const void *)(call->packed +                             \
                                                block * block_bytes(call->all_taps));      \
            const int16_t *weights = (const int16_t *)(const void *)(biases + BLOCK);      \
            int32_t *out = call->out + c;                                                  \
            REPEAT(START_OUTPUT)                                                           \
            for (size_t t = 0; t < call->tap_count; t++) {                                 \
                const char *in = call->taps[t].in + c * mg_cell_bytes(cell);               \
                const int16x8_t weight = vld1q_s16(weights + call->taps[t].index * BLOCK); \
                REPEAT(ADD_TAP)                                                            \
            }                                                                              \
            REPEAT(STORE_OUTPUT)                                                           \
        }                                                                                  \
    }

DEFINE_GROUP(one_i8, MG_CELL_I8, MG_REPEAT_1)
DEFINE_GROUP(one_u8, MG_CELL_U8, MG_REPEAT_1)
DEFINE_GROUP(one_i16, MG_CELL_I16, MG_REPEAT_1)
DEFINE_GROUP(four_i8, MG_CELL_I8, MG_REPEAT_4)
DEFINE_GROUP(four_u8, MG_CELL_U8, MG_REPEAT_4)
DEFINE_GROUP(four_i16, MG_CELL_I16, MG_REPEAT_4)

static void run_group(mg_cell cell, const group_call *call, bool four)
{
    switch (cell) {
    case MG_CELL_I8: (four ? four_i8 : one_i8)(call); break;
    case MG_CELL_U8: (four ? four_u8 : one_u8)(call); break;
    default: (four ? four_i16 : one_i16)(call); break;
    }
}

/* The taps of an output that are inside the input; returns how many. */
static size_t find_taps(const mg_depthwise_window *window, size_t pixel, size_t pixel_bytes,
                        tap *taps)
{
    const ptrdiff_t first_x = window->first_x + (ptrdiff_t)(pixel * window->stride);
    size_t count = 0, index = 0;
    for (size_t y = 0; y < window->filter_height; y++)
        for (size_t i = 0; i < window->filter_width; i++, index++) {
            const char *row = window->rows[y];
            const ptrdiff_t x = first_x + (ptrdiff_t)(i * window->dilation);
            if (row && x >= 0 && x < (ptrdiff_t)window->width)
                taps[count++] = (tap){row + (size_t)x * pixel_bytes, index};
        }
    return count;
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
    const size_t pixel_bytes = channels * mg_cell_bytes(form->left);
    tap taps[MOST_TAPS];
    group_call call = {
        taps,   0,   height * width, window->stride * pixel_bytes, channels, form->left_zero,
        packed, NULL};
    size_t begin, end;
    mg_depthwise_inside(window, &begin, &end);
    for (size_t p = 0; p < window->pixels;) {
        const bool four = p >= begin && p + GROUP <= end;
        call.tap_count = find_taps(window, p, pixel_bytes, taps);
        call.out = out + p * channels;
        run_group(form->left, &call, four);
        p += four ? GROUP : 1;
    }
}

const mg_depthwise_int_kernel mg_depthwise_int_neon = {filter_bytes, pack, sums};
