/* SPDX-License-Identifier: Apache-2.0 */
/* Packing filters for depthwise_int with AVX2. */
#include "kernel/x86/depthwise_pack_avx2.h"

#include "kernel/x86/widen_avx2.h"

enum { NO_TAP = MG_MOST_SLOTS };

/* The tap of a slot, or NO_TAP. */
static size_t tap_of(size_t slot, size_t height, size_t width)
{
    if (mg_taps_three_by_three(height, width)) {
        const size_t row = slot % MG_COLUMN_SLOTS;
        return row < 3 ? row * 3 + slot / MG_COLUMN_SLOTS : NO_TAP;
    }
    return slot < height * width ? slot : NO_TAP;
}

/* The channel within a block at place `i`. */
static size_t channel_at(size_t i, size_t block)
{
    return ((i & 3) + ((i & 4) ? 8 : 0) + ((i & 8) ? 4 : 0)) % block;
}

size_t mg_taps_filter_bytes_avx2(size_t height, size_t width, size_t channels)
{
    const size_t plain = mg_depthwise_int_ref.filter_bytes(height, width, channels);
    if (mg_taps_are_plain(MG_CELL_I8, height, width, channels)) return plain;
    const size_t bytes =
        mg_taps_blocks(channels) * mg_taps_block_bytes(mg_taps_slots(height, width));
    return channels < MG_TAPS_BLOCK && plain > bytes ? plain : bytes;
}

void mg_taps_pack_avx2(const mg_gemm_int_form *form, size_t height, size_t width, size_t channels,
                       const void *filter, const int32_t *bias, void *packed)
{
    if (mg_taps_are_plain(form->left, height, width, channels)) {
        mg_depthwise_int_ref.pack(form, height, width, channels, filter, bias, packed);
        return;
    }
    const size_t slots = mg_taps_slots(height, width), width_of_block = mg_taps_block(channels);
    for (size_t block = 0; block < mg_taps_blocks(channels); block++) {
        int32_t *biases = (int32_t *)(void *)((char *)packed + block * mg_taps_block_bytes(slots));
        int16_t *pairs = (int16_t *)(void *)(biases + MG_TAPS_BLOCK);
        for (size_t i = 0; i < MG_TAPS_BLOCK; i++) {
            const size_t channel =
                mg_taps_first_channel(block, channels) + channel_at(i, width_of_block);
            uint32_t sum = bias ? (uint32_t)bias[channel] : 0u;
            for (size_t slot = 0; slot < slots; slot++) {
                const size_t tap = tap_of(slot, height, width);
                const int32_t weight =
                    tap == NO_TAP ? 0
                                  : mg_narrow_at(form->right, filter, tap * channels + channel,
                                                 form->right_zero);
                pairs[slot / 2 * 2 * MG_TAPS_BLOCK + 2 * i + slot % 2] = (int16_t)weight;
                sum -= (uint32_t)weight * (uint32_t)form->left_zero;
            }
            biases[i] = (int32_t)sum;
        }
    }
}
