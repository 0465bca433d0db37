/* SPDX-License-Identifier: Apache-2.0 */
/* The part of gemm_int_avx2 for int8 and uint8 on the left; functions as of mg_gemm_int_kernel. */
#ifndef MG_GEMM_BYTES_AVX2_H
#define MG_GEMM_BYTES_AVX2_H

#include "kernel/gemm.h"

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
    size_t counts; /* uint32_t: plain, turned and exact quads, whether rows have terms */
    size_t quick_offsets;
    size_t quick;
    size_t exact_offsets;
    size_t exact;
    size_t bytes;
} mg_bytes_panel;

enum { MG_BYTES_COLUMNS = 16, MG_BYTES_QUICK = 64, MG_BYTES_EXACT = 128 };

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

#endif
