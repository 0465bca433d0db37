/* SPDX-License-Identifier: Apache-2.0 */
/* winograd_int with AVX2, 16 int16 or 8 int32 at a time. */

#include <immintrin.h>

#define HALF_AT(p) _mm_loadu_si128((const __m128i *)(const void *)(p))
#define WHOLE_AT(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define STORE_AT(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)

#define SHORTS __m256i
#define LOAD_I8(p) _mm256_cvtepi8_epi16(HALF_AT(p))
#define LOAD_U8(p) _mm256_cvtepu8_epi16(HALF_AT(p))
#define LOAD_I16(p) WHOLE_AT(p)
#define STORE_I16(p, v) STORE_AT(p, v)
#define ADD_SHORTS(a, b) _mm256_add_epi16(a, b)
#define SUBTRACT_SHORTS(a, b) _mm256_sub_epi16(a, b)
#define SHIFT_SHORTS(a, bits) _mm256_slli_epi16(a, bits)
#define SPREAD_SHORTS(x) _mm256_set1_epi16((short)(x))
#define WORDS __m256i
#define LOAD_WORDS(p) WHOLE_AT(p)
#define STORE_WORDS(p, v) STORE_AT(p, v)
#define ADD_WORDS(a, b) _mm256_add_epi32(a, b)
#define SUBTRACT_WORDS(a, b) _mm256_sub_epi32(a, b)
#define SHIFT_WORDS(a, bits) _mm256_slli_epi32(a, bits)
#define HALVE_WORDS(a, bits) _mm256_srai_epi32(a, bits)
#define MULTIPLY_WORDS(a, constant) _mm256_mullo_epi32(a, _mm256_set1_epi32((int)(constant)))
#define SPREAD_WORDS(x) _mm256_set1_epi32(x)
enum { SHORT_LANES = 16, WORD_LANES = 8 };

#include "kernel/winograd_int_body.h"

const mg_winograd_int_kernel mg_winograd_int_avx2 = {16, weights, input, output};
