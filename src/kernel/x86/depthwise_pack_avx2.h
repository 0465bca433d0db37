/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packed filter of depthwise_int with AVX2.
 *
 * Blocks of 16 channels, or of 8 where there are fewer than 16, for two outputs at a time; the last
 * block reaches back so that it is whole. A block is 16 biases, then for each pair of slots 16
 * pairs of int16. Slots are the taps in order, filled up to an even number with weights of 0; of
 * 3x3 filters they are the columns from left to right, each with its three taps and a weight of 0.
 * Within a block the order of channels is that of the interleave: 0-3, 8-11, then 4-7, 12-15; of
 * two outputs, 0-3 of both, then 4-7 of both.
 *
 * Filters of many taps and inputs of fewer channels go to the plain kernel, and those of fewer than
 * 16 channels of int16.
 */
#ifndef MG_DEPTHWISE_PACK_AVX2_H
#define MG_DEPTHWISE_PACK_AVX2_H

#include "kernel/depthwise.h"

#include <stdbool.h>

extern const mg_depthwise_int_kernel mg_depthwise_int_ref;

enum {
    MG_TAPS_BLOCK = 16,
    MG_TAPS_HALF = 8,
    MG_MOST_SLOTS = 128,
    MG_COLUMN_SLOTS = 4 /* of a column of a 3x3 filter */
};

size_t mg_taps_filter_bytes_avx2(size_t height, size_t width, size_t channels);
void mg_taps_pack_avx2(const mg_gemm_int_form *form, size_t height, size_t width, size_t channels,
                       const void *filter, const int32_t *bias, void *packed);

static inline bool mg_taps_are_plain(mg_cell cell, size_t height, size_t width, size_t channels)
{
    return height > MG_MOST_SLOTS || width > MG_MOST_SLOTS || height * width > MG_MOST_SLOTS ||
           channels < MG_TAPS_HALF || (channels < MG_TAPS_BLOCK && cell == MG_CELL_I16);
}

static inline bool mg_taps_three_by_three(size_t height, size_t width)
{
    return height == 3 && width == 3;
}

static inline size_t mg_taps_slots(size_t height, size_t width)
{
    if (mg_taps_three_by_three(height, width)) return 3 * MG_COLUMN_SLOTS;
    return (height * width + 1) & ~(size_t)1;
}

/* Channels of a block. */
static inline size_t mg_taps_block(size_t channels)
{
    return channels < MG_TAPS_BLOCK ? MG_TAPS_HALF : MG_TAPS_BLOCK;
}

static inline size_t mg_taps_blocks(size_t channels)
{
    const size_t block = mg_taps_block(channels);
    return (channels + block - 1) / block;
}

static inline size_t mg_taps_block_bytes(size_t slots)
{
    return MG_TAPS_BLOCK * sizeof(int32_t) * (1 + slots / 2);
}

static inline size_t mg_taps_first_channel(size_t block, size_t channels)
{
    const size_t width = mg_taps_block(channels), first = block * width;
    return first + width <= channels ? first : channels - width;
}

#endif
