/* SPDX-License-Identifier: Apache-2.0 */
/* unpacked_f32 with AVX2 and FMA: eight depths a step. */
#include <immintrin.h>
#include <stddef.h>

#include "kernel/x86/columns_avx2.h"

typedef __m256 vector;
enum { LANES = 8 };

static inline vector zero(void)
{
    return _mm256_setzero_ps();
}

static inline vector load(const float *from)
{
    return _mm256_loadu_ps(from);
}

static inline vector load_part(const float *from, size_t count)
{
    return _mm256_maskload_ps(from, mg_lane_mask_avx2(count));
}

static inline void store(float *to, vector values)
{
    _mm256_storeu_ps(to, values);
}

static inline vector multiply_add(vector a, vector b, vector sum)
{
    return _mm256_fmadd_ps(a, b, sum);
}

static inline __m128 sum_four(vector a, vector b, vector c, vector d)
{
    const vector halves = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    return _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps(halves, 1));
}

#include "kernel/x86/unpacked_f32_body.h"

const mg_unpacked_f32_kernel mg_unpacked_f32_avx2 = {MOST_ROWS, LEAST_LENGTH, COPY_FLOATS,
                                                     multiply};
