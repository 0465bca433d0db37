/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and panels for the products of bytes; gemm_bytes_avx2.h tells their layout. */
#include "kernel/x86/gemm_bytes_avx2.h"

#include <stdbool.h>
#include <string.h>

enum { COLUMNS = MG_BYTES_COLUMNS, BLOCK_DEPTH = 16 };

/* The zero points that are left after the shift. */
static int32_t left_zero_of(const mg_gemm_int_form *form)
{
    return form->left == MG_CELL_I8 ? form->left_zero + 128 : form->left_zero;
}

static int32_t right_zero_of(const mg_gemm_int_form *form)
{
    return form->right == MG_CELL_I8 ? form->right_zero : form->right_zero - 128;
}

size_t mg_bytes_row_bytes_avx2(const mg_gemm_int_form *form)
{
    return mg_bytes_padded(form->depth) + (right_zero_of(form) != 0 ? sizeof(int32_t) : 0);
}

size_t mg_bytes_panel_bytes_avx2(const mg_gemm_int_form *form)
{
    return mg_bytes_panel_of(form->depth).bytes;
}

/* ---- Rows --------------------------------------------------------------------------------------
 */

/* A vector or word of bytes with their signs flipped. */
#define FLIP_WORD(type, at)                         \
    {                                               \
        type word;                                  \
        memcpy(&word, from + (at), sizeof word);    \
        word ^= (type)(0x0101010101010101u * flip); \
        memcpy(to + (at), &word, sizeof word);      \
    }

static MG_ALWAYS_INLINE void flip_32(const uint8_t *from, __m256i flips, uint8_t *to)
{
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)from);
    _mm256_storeu_si256((__m256i *)(void *)to, _mm256_xor_si256(bytes, flips));
}

static MG_ALWAYS_INLINE void flip_16(const uint8_t *from, __m256i flips, uint8_t *to)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
    _mm_storeu_si128((__m128i *)(void *)to, _mm_xor_si128(bytes, _mm256_castsi256_si128(flips)));
}

/* Bytes with their signs flipped. What is left of whole vectors or words overlaps them. */
static MG_ALWAYS_INLINE void copy_flipped(const uint8_t *from, size_t count, uint8_t flip,
                                          uint8_t *to)
{
    const __m256i flips = _mm256_set1_epi8((char)flip);
    if (count >= 32) {
        for (size_t i = 0; i + 32 <= count; i += 32) flip_32(from + i, flips, to + i);
        if (count % 32 != 0) flip_32(from + count - 32, flips, to + count - 32);
    } else if (count >= 16) {
        flip_16(from, flips, to);
        if (count > 16) flip_16(from + count - 16, flips, to + count - 16);
    } else if (count >= 8) {
        FLIP_WORD(uint64_t, 0)
        if (count > 8) FLIP_WORD(uint64_t, count - 8)
    } else if (count >= 4) {
        FLIP_WORD(uint32_t, 0)
        FLIP_WORD(uint32_t, count - 4)
    } else {
        for (size_t i = 0; i < count; i++) to[i] = from[i] ^ flip;
    }
}

/* Of a multiple of 4 bytes. */
static MG_ALWAYS_INLINE uint32_t sum_of_bytes(const uint8_t *bytes, size_t count)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums = zero;
    size_t i = 0;
    for (; i + 32 <= count; i += 32)
        sums = _mm256_add_epi64(
            sums,
            _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)(const void *)(bytes + i)), zero));
    __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    for (; i + 8 <= count; i += 8)
        sum = _mm_add_epi64(
            sum, _mm_sad_epu8(_mm_loadl_epi64((const __m128i *)(const void *)(bytes + i)),
                              _mm_setzero_si128()));
    if (i < count) {
        int32_t word;
        memcpy(&word, bytes + i, sizeof word);
        sum = _mm_add_epi64(sum, _mm_sad_epu8(_mm_cvtsi32_si128(word), _mm_setzero_si128()));
    }
    return (uint32_t)_mm_cvtsi128_si32(_mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum)));
}

/* True when rows are one run of memory, as in products of dense matrices. */
static bool follow_each_other(const mg_rows *rows)
{
    if (rows->segments != 1 || rows->count == 0) return false;
    const uint8_t *next = rows->start[0];
    for (size_t r = 0; r < rows->count; r++, next += rows->length)
        if (rows->start[r] != next) return false;
    return true;
}

void mg_bytes_pack_rows_avx2(const mg_gemm_int_form *form, const mg_rows *rows, void *packed)
{
    const size_t row_bytes = mg_bytes_row_bytes_avx2(form);
    const size_t padded = mg_bytes_padded(form->depth);
    const uint8_t flip = form->left == MG_CELL_I8 ? 0x80 : 0;
    const uint32_t zero = (uint32_t)right_zero_of(form);
    uint8_t *out = packed;
    if (row_bytes == form->depth && follow_each_other(rows)) {
        copy_flipped(rows->start[0], rows->count * row_bytes, flip, out);
        return;
    }
    for (size_t r = 0; r < rows->count; r++, out += row_bytes) {
        uint8_t *to = out;
        for (size_t s = 0; s < rows->segments; s++, to += rows->length)
            copy_flipped(rows->start[s * rows->stride + r], rows->length, flip, to);
        while (to < out + padded) *to++ = 0;
        if (zero == 0) continue;
        const uint32_t term = zero * sum_of_bytes(out, padded);
        memcpy(out + padded, &term, sizeof term);
    }
}

/* ---- Panels ------------------------------------------------------------------------------------
 */

typedef struct panel_writer {
    uint32_t *plain_offset;
    uint32_t *turned_offset; /* one past */
    uint32_t *exact_offset;
    char *plain;
    char *turned; /* one past */
    char *exact;
    __m256i sums[2]; /* of the weights, by column */
} panel_writer;

static MG_ALWAYS_INLINE void store(char *to, __m256i value)
{
    _mm256_store_si256((__m256i *)(void *)to, value);
}

static MG_ALWAYS_INLINE __m256i sums_of_pairs(__m256i bytes)
{
    return _mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes);
}

/* 1 if a sum of two bytes is no byte, else 0. */
static MG_ALWAYS_INLINE size_t is_unsafe(__m256i low_sums, __m256i high_sums)
{
    const __m256i middle = _mm256_set1_epi16(128);
    const __m256i bits =
        _mm256_or_si256(_mm256_add_epi16(low_sums, middle), _mm256_add_epi16(high_sums, middle));
    return (size_t)!_mm256_testz_si256(bits, _mm256_set1_epi16((short)0xFF00));
}

/* Depths 0 and 2, then 1 and 3, since rows are widened by masking and shifting. */
static MG_ALWAYS_INLINE void store_exact(char *to, __m256i low, __m256i high)
{
    store(to, _mm256_srai_epi16(_mm256_slli_epi16(low, 8), 8));
    store(to + 32, _mm256_srai_epi16(_mm256_slli_epi16(high, 8), 8));
    store(to + 64, _mm256_srai_epi16(low, 8));
    store(to + 96, _mm256_srai_epi16(high, 8));
}

/*
 * A quad at depth `at`: four bytes for each of columns 0 to 7 and 8 to 15. Which kind it is cannot
 * be predicted, so it is written as all three, and only one of the positions moves on.
 */
static MG_ALWAYS_INLINE void write_quad(panel_writer *writer, size_t at, __m256i low, __m256i high)
{
    const __m256i low_sums = sums_of_pairs(low), high_sums = sums_of_pairs(high);
    const __m256i ones = _mm256_set1_epi16(1);
    writer->sums[0] = _mm256_add_epi32(writer->sums[0], _mm256_madd_epi16(low_sums, ones));
    writer->sums[1] = _mm256_add_epi32(writer->sums[1], _mm256_madd_epi16(high_sums, ones));
    const __m256i second = mg_bytes_order_avx2(1), third = mg_bytes_order_avx2(2);
    const size_t no_first = is_unsafe(low_sums, high_sums);
    const size_t no_second = is_unsafe(sums_of_pairs(_mm256_shuffle_epi8(low, second)),
                                       sums_of_pairs(_mm256_shuffle_epi8(high, second)));
    const size_t no_third = is_unsafe(sums_of_pairs(_mm256_shuffle_epi8(low, third)),
                                      sums_of_pairs(_mm256_shuffle_epi8(high, third)));
    const size_t order = 1 + no_second;
    const size_t exact = no_first & no_second & no_third, turned = no_first - exact;
    const __m256i turn = mg_bytes_order_avx2(order);

    *writer->plain_offset = (uint32_t)at;
    store(writer->plain, low);
    store(writer->plain + 32, high);
    writer->plain_offset += 1 - no_first;
    writer->plain += (1 - no_first) * MG_BYTES_QUICK;

    *(writer->turned_offset - 1) = (uint32_t)(at + order);
    store(writer->turned - MG_BYTES_QUICK, _mm256_shuffle_epi8(low, turn));
    store(writer->turned - MG_BYTES_QUICK + 32, _mm256_shuffle_epi8(high, turn));
    writer->turned_offset -= turned;
    writer->turned -= turned * MG_BYTES_QUICK;

    *writer->exact_offset = (uint32_t)at;
    store_exact(writer->exact, low, high);
    writer->exact_offset += exact;
    writer->exact += exact * MG_BYTES_EXACT;
}

/* 16 depths of 16 columns, a column per row; `zero` where there is none. */
static void gather_block(const mg_columns *columns, size_t depth, int zero,
                         uint8_t block[COLUMNS][BLOCK_DEPTH])
{
    const uint8_t *weights = columns->weights;
    const size_t left = columns->depth - depth;
    const size_t depths = left < BLOCK_DEPTH ? left : BLOCK_DEPTH;
    memset(block, zero, COLUMNS * BLOCK_DEPTH);
    for (size_t c = 0; c < columns->count; c++)
        for (size_t d = 0; d < depths; d++)
            block[c][d] = weights[c * columns->column_step + (depth + d) * columns->depth_step];
}

static MG_ALWAYS_INLINE __m256i load_two(const uint8_t *low, const uint8_t *high)
{
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)low)),
        _mm_loadu_si128((const __m128i *)(const void *)high), 1);
}

/* The four quads of 8 columns, `step` bytes apart: vector q has depths 4q … 4q + 3 of each. */
static MG_ALWAYS_INLINE void load_quads(const uint8_t *weights, size_t step, __m256i flips,
                                        __m256i quads[4])
{
    const __m256i c0 = load_two(weights, weights + 4 * step);
    const __m256i c1 = load_two(weights + step, weights + 5 * step);
    const __m256i c2 = load_two(weights + 2 * step, weights + 6 * step);
    const __m256i c3 = load_two(weights + 3 * step, weights + 7 * step);
    const __m256i a0 = _mm256_unpacklo_epi32(c0, c1), a1 = _mm256_unpackhi_epi32(c0, c1);
    const __m256i a2 = _mm256_unpacklo_epi32(c2, c3), a3 = _mm256_unpackhi_epi32(c2, c3);
    quads[0] = _mm256_xor_si256(_mm256_unpacklo_epi64(a0, a2), flips);
    quads[1] = _mm256_xor_si256(_mm256_unpackhi_epi64(a0, a2), flips);
    quads[2] = _mm256_xor_si256(_mm256_unpacklo_epi64(a1, a3), flips);
    quads[3] = _mm256_xor_si256(_mm256_unpackhi_epi64(a1, a3), flips);
}

/* Biases less the share of the rows' zero point. */
static void write_biases(const mg_gemm_int_form *form, const mg_columns *columns,
                         const int32_t *bias, const panel_writer *writer, char *memory)
{
    const int32_t zero = left_zero_of(form);
    const int32_t weights_zero = (int32_t)columns->depth * right_zero_of(form);
    int32_t biases[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++) biases[c] = bias && c < columns->count ? bias[c] : 0;
    for (size_t i = 0; i < 2; i++) {
        const __m256i given = _mm256_loadu_si256((const __m256i *)(void *)(biases + 8 * i));
        const __m256i sums = _mm256_sub_epi32(writer->sums[i], _mm256_set1_epi32(weights_zero));
        store(memory + 32 * i,
              _mm256_sub_epi32(given, _mm256_mullo_epi32(sums, _mm256_set1_epi32(zero))));
    }
}

void mg_bytes_pack_avx2(const mg_gemm_int_form *form, const mg_columns *columns,
                        const int32_t *bias, void *panel)
{
    const mg_bytes_panel layout = mg_bytes_panel_of(columns->depth);
    const size_t depth = columns->depth;
    const int flip = form->right == MG_CELL_U8 ? 0x80 : 0;
    const __m256i flips = _mm256_set1_epi8((char)flip);
    char *memory = panel;
    panel_writer writer = {(uint32_t *)(void *)(memory + layout.quick_offsets),
                           (uint32_t *)(void *)(memory + layout.quick),
                           (uint32_t *)(void *)(memory + layout.exact_offsets),
                           memory + layout.quick,
                           memory + layout.exact_offsets,
                           memory + layout.exact,
                           {_mm256_setzero_si256(), _mm256_setzero_si256()}};
    const bool straight = columns->depth_step == 1 && columns->count == COLUMNS;
    for (size_t d = 0; d < depth; d += BLOCK_DEPTH) {
        const uint8_t *weights = (const uint8_t *)columns->weights + d;
        size_t step = columns->column_step;
        uint8_t block[COLUMNS][BLOCK_DEPTH];
        __m256i low[4], high[4];
        if (!straight || depth - d < BLOCK_DEPTH) {
            gather_block(columns, d, flip, block);
            weights = block[0];
            step = BLOCK_DEPTH;
        }
        load_quads(weights, step, flips, low);
        load_quads(weights + 8 * step, step, flips, high);
        write_quad(&writer, d, low[0], high[0]);
        if (d + 4 < depth) write_quad(&writer, d + 4, low[1], high[1]);
        if (d + 8 < depth) write_quad(&writer, d + 8, low[2], high[2]);
        if (d + 12 < depth) write_quad(&writer, d + 12, low[3], high[3]);
    }
    uint32_t *counts = (uint32_t *)(void *)(memory + layout.counts);
    counts[0] = (uint32_t)((size_t)(writer.plain - (memory + layout.quick)) / MG_BYTES_QUICK);
    counts[1] =
        (uint32_t)((size_t)(memory + layout.exact_offsets - writer.turned) / MG_BYTES_QUICK);
    counts[2] = (uint32_t)((size_t)(writer.exact - (memory + layout.exact)) / MG_BYTES_EXACT);
    counts[3] = right_zero_of(form) != 0;
    counts[4] = columns->count <= MG_BYTES_HALF;
    write_biases(form, columns, bias, &writer, memory);
}
