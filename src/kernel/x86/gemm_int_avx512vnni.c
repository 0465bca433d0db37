/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_int with AVX-512 VNNI: 32 columns, 32 registers; see gemm_vnni_body.h. */
#include <immintrin.h>

#define VECTOR __m512i
#define LANES 16
#define TILE_ROWS 12
/* clang-format off */
#define MG_TILES(X) \
    X(1, ROWS_1) X(2, ROWS_2) X(3, ROWS_3) X(4, ROWS_4) \
    X(5, ROWS_5) X(6, ROWS_6) X(7, ROWS_7) X(8, ROWS_8) \
    X(9, ROWS_9) X(10, ROWS_10) X(11, ROWS_11) X(12, ROWS_12)
/* clang-format on */
#define LOAD(from) _mm512_loadu_si512(from)
#define STORE(to, value) _mm512_storeu_si512(to, value)
#define SET_ALL(value) _mm512_set1_epi32(value)
#define SUBTRACT(a, b) _mm512_sub_epi32(a, b)
#define MULTIPLY(a, b) _mm512_mullo_epi32(a, b)
#define DOT_BYTES(sums, a, b) _mm512_dpbusd_epi32(sums, a, b)
#define DOT_WORDS(sums, a, b) _mm512_dpwssd_epi32(sums, a, b)

#include "kernel/x86/gemm_vnni_body.h"

const mg_gemm_int_kernel mg_gemm_int_avx512vnni = {
    COLUMNS, TILE_ROWS, HEAD_BYTES, 2, row_bytes, panel_bytes, pack_rows, pack, multiply};
