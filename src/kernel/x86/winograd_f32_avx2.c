/* SPDX-License-Identifier: Apache-2.0 */
/* winograd_f32 with AVX2 and FMA, 8 elements at a time. A last vector that is not full reaches
 * back; fewer elements than a vector go to the plain kernel. */
#include <immintrin.h>

enum { LANES = 8 };
#define VECTOR __m256
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define SPREAD(x) _mm256_set1_ps(x)
#define ADD(a, b) _mm256_add_ps(a, b)
#define SUBTRACT(a, b) _mm256_sub_ps(a, b)
#define MULTIPLY(a, constant) _mm256_mul_ps(a, _mm256_set1_ps(constant))
#define FUSE(a, constant, b) _mm256_fmadd_ps(a, _mm256_set1_ps(constant), b)
#define CLAMP(v, minimum, maximum) _mm256_min_ps(maximum, _mm256_max_ps(minimum, v))

#include "kernel/winograd_loops.h"

extern const mg_winograd_f32_kernel mg_winograd_f32_ref;

/* The vector after the one at `i`. */
static inline size_t next_vector(size_t i, size_t count)
{
    if (i + LANES == count) return count;
    return i + 2 * LANES <= count ? i + LANES : count - LANES;
}

static void weights(const float *taps, size_t tap_stride, size_t count, float *out, size_t stride)
{
    if (count < LANES) {
        mg_winograd_f32_ref.weights(taps, tap_stride, count, out, stride);
        return;
    }
    for (size_t i = 0; i < count; i = next_vector(i, count))
        transform_weights(taps + i, tap_stride, out + i, stride);
}

static void input(const float *const *patch, size_t count, float *out, size_t stride)
{
    if (count < LANES) {
        mg_winograd_f32_ref.input(patch, count, out, stride);
        return;
    }
    for (size_t i = 0; i < count; i = next_vector(i, count))
        transform_input(patch, i, out + i, stride);
}

static void output(const float *in, size_t stride, size_t count, const float *bias, float minimum,
                   float maximum, float *const *tile)
{
    if (count < LANES) {
        mg_winograd_f32_ref.output(in, stride, count, bias, minimum, maximum, tile);
        return;
    }
    const VECTOR low = SPREAD(minimum), high = SPREAD(maximum);
    for (size_t i = 0; i < count; i = next_vector(i, count))
        transform_output(in + i, stride, bias ? LOAD(bias + i) : SPREAD(0.0f), low, high, i, tile);
}

const mg_winograd_f32_kernel mg_winograd_f32_avx2 = {weights, input, output};
