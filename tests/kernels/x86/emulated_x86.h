/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instructions of AVX-512 and VNNI that kernels use, in plain C, so that a kernel's own source
 * can be checked on a CPU that lacks them. Include it before the kernel's file.
 *
 * Vectors of 512 bits are arrays of lanes; those of 256 bits stay real, so the CPU needs AVX2.
 */
#ifndef EMULATED_X86_H
#define EMULATED_X86_H

#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* One lane: four products of an unsigned and a signed byte, or two of int16, added modulo 2^32. */
static inline int32_t emulated_dot_bytes(int32_t sum, int32_t a, int32_t b)
{
    uint8_t left[4];
    int8_t right[4];
    memcpy(left, &a, sizeof left);
    memcpy(right, &b, sizeof right);
    uint32_t total = (uint32_t)sum;
    for (int i = 0; i < 4; ++i) total += (uint32_t)((int32_t)left[i] * right[i]);
    return (int32_t)total;
}

static inline int32_t emulated_dot_words(int32_t sum, int32_t a, int32_t b)
{
    int16_t left[2], right[2];
    memcpy(left, &a, sizeof left);
    memcpy(right, &b, sizeof right);
    uint32_t total = (uint32_t)sum;
    for (int i = 0; i < 2; ++i) total += (uint32_t)((int32_t)left[i] * right[i]);
    return (int32_t)total;
}

typedef struct emulated_i {
    int32_t lane[16];
} emulated_i;

typedef struct emulated_f {
    float lane[16];
} emulated_f;

#define EMULATED(type, name, parameters, expression)              \
    static inline type emulated_##name parameters                 \
    {                                                             \
        type result;                                              \
        for (int i = 0; i < 16; ++i) result.lane[i] = expression; \
        return result;                                            \
    }
#define EMULATED_I(name, parameters, expression) EMULATED(emulated_i, name, parameters, expression)
#define EMULATED_F(name, parameters, expression) EMULATED(emulated_f, name, parameters, expression)

EMULATED_I(set1_epi32, (int32_t x), x)
EMULATED_I(sub_epi32, (emulated_i a, emulated_i b),
           (int32_t)((uint32_t)a.lane[i] - (uint32_t)b.lane[i]))
EMULATED_I(mullo_epi32, (emulated_i a, emulated_i b),
           (int32_t)((uint32_t)a.lane[i] * (uint32_t)b.lane[i]))
EMULATED_I(dpbusd_epi32, (emulated_i sum, emulated_i a, emulated_i b),
           emulated_dot_bytes(sum.lane[i], a.lane[i], b.lane[i]))
EMULATED_I(dpwssd_epi32, (emulated_i sum, emulated_i a, emulated_i b),
           emulated_dot_words(sum.lane[i], a.lane[i], b.lane[i]))
EMULATED_F(set1_ps, (float x), x)
EMULATED_F(fmadd_ps, (emulated_f a, emulated_f b, emulated_f c),
           fmaf(a.lane[i], b.lane[i], c.lane[i]))
/* The second operand when one is not a number or both are zeros. */
EMULATED_F(min_ps, (emulated_f a, emulated_f b), a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i])
EMULATED_F(max_ps, (emulated_f a, emulated_f b), a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i])

static inline emulated_i emulated_loadu_si512(const void *from)
{
    emulated_i result;
    memcpy(&result, from, sizeof result);
    return result;
}

static inline void emulated_storeu_si512(void *to, emulated_i value)
{
    memcpy(to, &value, sizeof value);
}

/* Faults as the instruction does. */
static inline emulated_f emulated_load_ps(const float *from)
{
    emulated_f result;
    if ((uintptr_t)from % 64 != 0) __builtin_trap();
    memcpy(&result, from, sizeof result);
    return result;
}

static inline emulated_f emulated_loadu_ps(const float *from)
{
    emulated_f result;
    memcpy(&result, from, sizeof result);
    return result;
}

static inline emulated_f emulated_maskz_loadu_ps(__mmask16 mask, const float *from)
{
    emulated_f result;
    for (int i = 0; i < 16; ++i) result.lane[i] = (mask >> i & 1) != 0 ? from[i] : 0.0f;
    return result;
}

static inline void emulated_storeu_ps(float *to, emulated_f value)
{
    memcpy(to, &value, sizeof value);
}

static inline __m256 emulated_extractf32x8_ps(emulated_f value, int half)
{
    return _mm256_loadu_ps(value.lane + 8 * half);
}

static inline void emulated_mask_storeu_ps(float *to, __mmask16 mask, emulated_f value)
{
    for (int i = 0; i < 16; ++i)
        if ((mask >> i & 1) != 0) to[i] = value.lane[i];
}

static inline __m256i emulated_dpbusd_256(__m256i sum, __m256i a, __m256i b)
{
    int32_t sums[8], left[8], right[8];
    memcpy(sums, &sum, sizeof sums);
    memcpy(left, &a, sizeof left);
    memcpy(right, &b, sizeof right);
    for (int i = 0; i < 8; ++i) sums[i] = emulated_dot_bytes(sums[i], left[i], right[i]);
    return _mm256_loadu_si256((const __m256i *)(const void *)sums);
}

static inline __m256i emulated_dpwssd_256(__m256i sum, __m256i a, __m256i b)
{
    int32_t sums[8], left[8], right[8];
    memcpy(sums, &sum, sizeof sums);
    memcpy(left, &a, sizeof left);
    memcpy(right, &b, sizeof right);
    for (int i = 0; i < 8; ++i) sums[i] = emulated_dot_words(sums[i], left[i], right[i]);
    return _mm256_loadu_si256((const __m256i *)(const void *)sums);
}

#define __m512i emulated_i
#define __m512 emulated_f
#define _mm512_set1_epi32 emulated_set1_epi32
#define _mm512_sub_epi32 emulated_sub_epi32
#define _mm512_mullo_epi32 emulated_mullo_epi32
#define _mm512_dpbusd_epi32 emulated_dpbusd_epi32
#define _mm512_dpwssd_epi32 emulated_dpwssd_epi32
#define _mm512_set1_ps emulated_set1_ps
#define _mm512_fmadd_ps emulated_fmadd_ps
#define _mm512_min_ps emulated_min_ps
#define _mm512_max_ps emulated_max_ps
#define _mm512_loadu_si512 emulated_loadu_si512
#define _mm512_storeu_si512 emulated_storeu_si512
#define _mm512_load_ps emulated_load_ps
#define _mm512_loadu_ps emulated_loadu_ps
#define _mm512_maskz_loadu_ps emulated_maskz_loadu_ps
#define _mm512_storeu_ps emulated_storeu_ps
#undef _mm512_extractf32x8_ps /* a macro of clang */
#define _mm512_extractf32x8_ps emulated_extractf32x8_ps
#define _mm512_castps512_ps256(value) emulated_extractf32x8_ps(value, 0)
#define _mm512_mask_storeu_ps emulated_mask_storeu_ps
#define _mm256_dpbusd_avx_epi32 emulated_dpbusd_256
#define _mm256_dpwssd_avx_epi32 emulated_dpwssd_256

#endif
