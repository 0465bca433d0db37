/* SPDX-License-Identifier: Apache-2.0 */
/* Products of bytes: tiles of up to 6 rows by 16 columns, or by 8 for a panel with no more. */
#include "kernel/x86/gemm_bytes_avx2.h"

#include "kernel/x86/widen_avx2.h"

#include <stdbool.h>

enum { COLUMNS = MG_BYTES_COLUMNS, TILE_ROWS = 6 };

#define ROWS_1(X) X(0, near, 0)
#define ROWS_2(X) ROWS_1(X) X(1, near, 1)
#define ROWS_3(X) ROWS_2(X) X(2, near, 2)
#define ROWS_4(X) ROWS_3(X) X(3, far, 0)
#define ROWS_5(X) ROWS_4(X) X(4, far, 1)
#define ROWS_6(X) ROWS_5(X) X(5, far, 2)

#define TAKE_ROW(base, step) four = _mm256_set1_epi32(mg_pair_at(base + step * row_stride));
#define ADD_TO(sum, product) sum = _mm256_add_epi32(sum, product);
#define QUICK_PRODUCT(vector) _mm256_madd_epi16(_mm256_maddubs_epi16(four, vector), ones)

/* The steps of a row of 16 columns, then of one of 8. */
#define START_WIDE(i, base, step) __m256i low##i = biases[0], high##i = biases[1];
#define PLAIN_WIDE(i, base, step)          \
    TAKE_ROW(base, step)                   \
    ADD_TO(low##i, QUICK_PRODUCT(quad[0])) \
    ADD_TO(high##i, QUICK_PRODUCT(quad[1]))
#define TURNED_WIDE(i, base, step)          \
    TAKE_ROW(base, step)                    \
    four = _mm256_shuffle_epi8(four, turn); \
    ADD_TO(low##i, QUICK_PRODUCT(quad[0]))  \
    ADD_TO(high##i, QUICK_PRODUCT(quad[1]))
#define EXACT_WIDE(i, base, step)                     \
    TAKE_ROW(base, step)                              \
    even = _mm256_and_si256(four, even_mask);         \
    four = _mm256_srli_epi16(four, 8);                \
    ADD_TO(low##i, _mm256_madd_epi16(even, quad[0]))  \
    ADD_TO(high##i, _mm256_madd_epi16(even, quad[1])) \
    ADD_TO(low##i, _mm256_madd_epi16(four, quad[2]))  \
    ADD_TO(high##i, _mm256_madd_epi16(four, quad[3]))
#define SUBTRACT_WIDE(i, base, step)         \
    TAKE_ROW(base, step)                     \
    low##i = _mm256_sub_epi32(low##i, four); \
    high##i = _mm256_sub_epi32(high##i, four);
#define STORE_WIDE(i, base, step)                                        \
    _mm256_storeu_si256((__m256i *)(void *)(out + i * COLUMNS), low##i); \
    _mm256_storeu_si256((__m256i *)(void *)(out + i * COLUMNS + 8), high##i);

#define START_NARROW(i, base, step) __m256i low##i = biases[0];
#define PLAIN_NARROW(i, base, step) \
    TAKE_ROW(base, step)            \
    ADD_TO(low##i, QUICK_PRODUCT(quad[0]))
#define TURNED_NARROW(i, base, step)        \
    TAKE_ROW(base, step)                    \
    four = _mm256_shuffle_epi8(four, turn); \
    ADD_TO(low##i, QUICK_PRODUCT(quad[0]))
#define EXACT_NARROW(i, base, step)                  \
    TAKE_ROW(base, step)                             \
    even = _mm256_and_si256(four, even_mask);        \
    four = _mm256_srli_epi16(four, 8);               \
    ADD_TO(low##i, _mm256_madd_epi16(even, quad[0])) \
    ADD_TO(low##i, _mm256_madd_epi16(four, quad[2]))
#define SUBTRACT_NARROW(i, base, step) \
    TAKE_ROW(base, step)               \
    low##i = _mm256_sub_epi32(low##i, four);
#define STORE_NARROW(i, base, step) \
    _mm256_storeu_si256((__m256i *)(void *)(out + i * COLUMNS), low##i);

typedef struct quads {
    const uint32_t *offsets;
    const __m256i *begin;
    const __m256i *end;
} quads;

typedef struct panel_reader {
    const __m256i *biases;
    quads plain;
    quads turned;
    quads exact;
    size_t term_at; /* in a row */
    bool terms;
    bool narrow;
} panel_reader;

/* Rows 0 to 2 are addressed from `near`, 3 to 5 from `far`, so that two pointers and one stride
 * reach all. */
#define POINT(offset)                                   \
    const size_t at = (offset);                         \
    const char *near = left + at, *far = left_far + at; \
    (void)far;

#define DEFINE_TILE(width, count, ROWS)                                                         \
    static MG_NEVER_INLINE void tile_##width##_##count(const char *left, size_t row_stride,     \
                                                       const panel_reader *panel, int32_t *out) \
    {                                                                                           \
        const __m256i *biases = panel->biases;                                                  \
        const __m256i ones = _mm256_set1_epi16(1);                                              \
        const __m256i even_mask = _mm256_set1_epi16(0xFF);                                      \
        const char *left_far = left + 3 * row_stride;                                           \
        (void)left_far;                                                                         \
        ROWS(START_##width)                                                                     \
        const uint32_t *offset = panel->plain.offsets;                                          \
        for (const __m256i *quad = panel->plain.begin; quad < panel->plain.end; quad += 2) {    \
            __m256i four;                                                                       \
            POINT(*offset++)                                                                    \
            ROWS(PLAIN_##width)                                                                 \
        }                                                                                       \
        offset = panel->turned.offsets;                                                         \
        for (const __m256i *quad = panel->turned.begin; quad < panel->turned.end; quad += 2) {  \
            const size_t order = *offset & 3;                                                   \
            const __m256i turn = mg_bytes_order_avx2(order);                                    \
            __m256i four;                                                                       \
            POINT(*offset++ - order)                                                            \
            ROWS(TURNED_##width)                                                                \
        }                                                                                       \
        offset = panel->exact.offsets;                                                          \
        for (const __m256i *quad = panel->exact.begin; quad < panel->exact.end; quad += 4) {    \
            __m256i four, even;                                                                 \
            POINT(*offset++)                                                                    \
            ROWS(EXACT_##width)                                                                 \
        }                                                                                       \
        if (panel->terms) {                                                                     \
            __m256i four;                                                                       \
            POINT(panel->term_at)                                                               \
            ROWS(SUBTRACT_##width)                                                              \
        }                                                                                       \
        ROWS(STORE_##width)                                                                     \
    }
#define DEFINE_TILES(width)       \
    DEFINE_TILE(width, 1, ROWS_1) \
    DEFINE_TILE(width, 2, ROWS_2) \
    DEFINE_TILE(width, 3, ROWS_3) \
    DEFINE_TILE(width, 4, ROWS_4) \
    DEFINE_TILE(width, 5, ROWS_5) \
    DEFINE_TILE(width, 6, ROWS_6)

DEFINE_TILES(WIDE)
DEFINE_TILES(NARROW)

typedef void tile_function(const char *left, size_t row_stride, const panel_reader *panel,
                           int32_t *out);
static tile_function *const wide_tiles[TILE_ROWS] = {tile_WIDE_1, tile_WIDE_2, tile_WIDE_3,
                                                     tile_WIDE_4, tile_WIDE_5, tile_WIDE_6};
static tile_function *const narrow_tiles[TILE_ROWS] = {tile_NARROW_1, tile_NARROW_2, tile_NARROW_3,
                                                       tile_NARROW_4, tile_NARROW_5, tile_NARROW_6};

static quads quads_of(const char *offsets, const char *begin, size_t bytes)
{
    const quads result = {(const uint32_t *)(const void *)offsets,
                          (const __m256i *)(const void *)begin,
                          (const __m256i *)(const void *)(begin + bytes)};
    return result;
}

static panel_reader read_panel(const char *memory, size_t depth)
{
    const mg_bytes_panel layout = mg_bytes_panel_of(depth);
    const uint32_t *counts = (const uint32_t *)(const void *)(memory + layout.counts);
    const size_t plain = counts[0], turned = counts[1], exact = counts[2];
    panel_reader panel;
    panel.biases = (const __m256i *)(const void *)memory;
    panel.plain =
        quads_of(memory + layout.quick_offsets, memory + layout.quick, plain * MG_BYTES_QUICK);
    panel.turned =
        quads_of(memory + layout.quick - turned * sizeof(uint32_t),
                 memory + layout.exact_offsets - turned * MG_BYTES_QUICK, turned * MG_BYTES_QUICK);
    panel.exact =
        quads_of(memory + layout.exact_offsets, memory + layout.exact, exact * MG_BYTES_EXACT);
    panel.term_at = mg_bytes_padded(depth);
    panel.terms = counts[3] != 0;
    panel.narrow = counts[4] != 0;
    return panel;
}

void mg_bytes_multiply_avx2(const mg_gemm_int_form *form, const void *packed, size_t rows,
                            const void *memory, int32_t *out)
{
    const panel_reader panel = read_panel(memory, form->depth);
    const size_t stride = mg_bytes_row_bytes_avx2(form);
    tile_function *const *functions = panel.narrow ? narrow_tiles : wide_tiles;
    const char *left = packed;
    for (size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS; tiles > 0; tiles--) {
        const size_t count = (rows + tiles - 1) / tiles;
        functions[count - 1](left, stride, &panel, out);
        rows -= count;
        left += count * stride;
        out += count * COLUMNS;
    }
}
