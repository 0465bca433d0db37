/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_int with AVX-VNNI: 16 columns, 16 registers; see gemm_vnni_body.h. */
#include <immintrin.h>

#define VECTOR __m256i
#define LANES 8
#define TILE_ROWS 6
/* clang-format off */
#define MG_TILES(X) \
    X(1, ROWS_1) X(2, ROWS_2) X(3, ROWS_3) X(4, ROWS_4) \
    X(5, ROWS_5) X(6, ROWS_6)
/* clang-format on */
#define LOAD(from) _mm256_loadu_si256((const __m256i *)(const void *)(from))
#define STORE(to, value) _mm256_storeu_si256((__m256i *)(void *)(to), value)
#define SET_ALL(value) _mm256_set1_epi32(value)
#define SUBTRACT(a, b) _mm256_sub_epi32(a, b)
#define MULTIPLY(a, b) _mm256_mullo_epi32(a, b)
#define DOT_BYTES(sums, a, b) _mm256_dpbusd_avx_epi32(sums, a, b)
#define DOT_WORDS(sums, a, b) _mm256_dpwssd_avx_epi32(sums, a, b)

#include "kernel/x86/gemm_vnni_body.h"

const mg_gemm_int_kernel mg_gemm_int_avxvnni = {
    COLUMNS, TILE_ROWS, HEAD_BYTES, 2, row_bytes, panel_bytes, pack_rows, pack, multiply};
