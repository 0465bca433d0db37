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

/* The layout of a panel, in bytes from its start. A quad is 4 depths of all 16 columns. */
typedef struct mg_bytes_panel {
    size_t counts;  /* uint32_t: quick quads, exact quads, whether rows have terms */
    size_t offsets; /* uint32_t per quad: quick ones from the start, exact ones from the end */
    size_t quads;   /* data: quick ones from the start, exact ones from the end */
    size_t bytes;
} mg_bytes_panel;

enum { MG_BYTES_COLUMNS = 16, MG_BYTES_QUICK = 64, MG_BYTES_EXACT = 128 };

static inline mg_bytes_panel mg_bytes_panel_of(size_t depth)
{
    const size_t quads = (depth + 3) / 4;
    mg_bytes_panel panel;
    panel.counts = MG_BYTES_COLUMNS * sizeof(int32_t);
    panel.offsets = panel.counts + 64;
    panel.quads = panel.offsets + ((quads * sizeof(uint32_t) + 63) & ~(size_t)63);
    panel.bytes = panel.quads + quads * MG_BYTES_EXACT;
    return panel;
}

#endif
