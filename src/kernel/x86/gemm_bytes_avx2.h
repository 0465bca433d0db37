/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gemm_int with AVX2 for int8 and uint8 rows: unsigned bytes times signed bytes (vpmaddubsw), four
 * depths of 8 columns in one instruction.
 *
 * vpmaddubsw saturates the sum of two products at 16 bits. Rows are 0 to 255, so a pair of weights
 * is safe when its sum is within -128 … 127: products of different signs cannot pass the limit, and
 * of the same they are at most 255 times the sum. A quad of depths in which all pairs of all 16
 * columns are safe is quick. Four depths make two pairs in three ways; a quad that is quick only in
 * another order is turned, and so are the rows that it meets (vpshufb). All others are exact: they
 * hold weights as int16, twice the size, and meet widened rows (vpmaddwd). Quads are sorted by
 * kind; each names its depth.
 *
 * Signs: int8 rows and uint8 weights are shifted by 128. The zero point of the rows is taken from
 * the biases; that of the weights, when it is not 0 after the shift, times the sum of a row, is the
 * term of the row.
 *
 * Packed row: depth bytes, padded to a multiple of 4, then, if rows have terms, the term as int32.
 */
#ifndef MG_GEMM_BYTES_AVX2_H
#define MG_GEMM_BYTES_AVX2_H

#include <immintrin.h>

#include "kernel/compiler.h"
#include "kernel/gemm.h"

/* As of mg_gemm_int_kernel. */
size_t mg_bytes_row_bytes_avx2(const mg_gemm_int_form *form);
size_t mg_bytes_panel_bytes_avx2(const mg_gemm_int_form *form);
void mg_bytes_pack_rows_avx2(const mg_gemm_int_form *form, const mg_rows *rows, void *packed);
void mg_bytes_pack_avx2(const mg_gemm_int_form *form, const mg_columns *columns,
                        const int32_t *bias, void *panel);
void mg_bytes_multiply_avx2(const mg_gemm_int_form *form, const void *packed, size_t rows,
                            const void *panel, int32_t *out);

/*
 * The layout of a panel, in bytes from its start, after the biases. A quad is 4 depths of all 16
 * columns. Plain quads lie from the start of their part, turned ones from its end; one place is to
 * spare. So do their offsets in a row, uint32_t; a turned quad's also has its order, added.
 */
typedef struct mg_bytes_panel {
    size_t counts; /* uint32_t: plain, turned and exact quads, whether rows have terms, whether
                    * there are no more than 8 columns */
    size_t quick_offsets;
    size_t quick;
    size_t exact_offsets;
    size_t exact;
    size_t bytes;
} mg_bytes_panel;

enum { MG_BYTES_COLUMNS = 16, MG_BYTES_HALF = 8, MG_BYTES_QUICK = 64, MG_BYTES_EXACT = 128 };

/* Bytes of a row before its term. */
static inline size_t mg_bytes_padded(size_t depth)
{
    return (depth + 3) & ~(size_t)3;
}

static inline mg_bytes_panel mg_bytes_panel_of(size_t depth)
{
    const size_t quads = (depth + 3) / 4;
    const size_t offsets_bytes = ((quads + 1) * sizeof(uint32_t) + 63) & ~(size_t)63;
    mg_bytes_panel panel;
    panel.counts = MG_BYTES_COLUMNS * sizeof(int32_t);
    panel.quick_offsets = panel.counts + 64;
    panel.quick = panel.quick_offsets + offsets_bytes;
    panel.exact_offsets = panel.quick + (quads + 1) * MG_BYTES_QUICK;
    panel.exact = panel.exact_offsets + offsets_bytes;
    panel.bytes = panel.exact + quads * MG_BYTES_EXACT;
    return panel;
}

/* Where the bytes of 4 quads come from in each order. */
static MG_ALWAYS_INLINE __m256i mg_bytes_order_avx2(size_t order)
{
    static const uint8_t orders[3][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                          {0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15},
                                          {0, 3, 1, 2, 4, 7, 5, 6, 8, 11, 9, 10, 12, 15, 13, 14}};
    return _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i *)(const void *)orders[order]));
}

#endif
