/* SPDX-License-Identifier: Apache-2.0 */
/* unpacked_f32 with AVX-512: sixteen depths a step. */
#include <immintrin.h>
#include <stddef.h>

typedef __m512 vector;
enum { LANES = 16 };

static inline vector zero(void)
{
    return _mm512_set1_ps(0.0f);
}

static inline vector load(const float *from)
{
    return _mm512_loadu_ps(from);
}

static inline vector load_part(const float *from, size_t count)
{
    const __mmask16 mask = count >= 16 ? 0xFFFF : (__mmask16)((1u << count) - 1);
    return _mm512_maskz_loadu_ps(mask, from);
}

static inline void store(float *to, vector values)
{
    _mm512_storeu_ps(to, values);
}

static inline vector multiply_add(vector a, vector b, vector sum)
{
    return _mm512_fmadd_ps(a, b, sum);
}

static inline __m256 halves(vector values)
{
    return _mm256_add_ps(_mm512_castps512_ps256(values), _mm512_extractf32x8_ps(values, 1));
}

static inline __m128 sum_four(vector a, vector b, vector c, vector d)
{
    const __m256 pairs =
        _mm256_hadd_ps(_mm256_hadd_ps(halves(a), halves(b)), _mm256_hadd_ps(halves(c), halves(d)));
    return _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1));
}

#include "kernel/x86/unpacked_f32_body.h"

const mg_unpacked_f32_kernel mg_unpacked_f32_avx512 = {MOST_ROWS, LEAST_LENGTH, COPY_FLOATS,
                                                       multiply};
