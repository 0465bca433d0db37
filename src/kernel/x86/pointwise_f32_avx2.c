/* SPDX-License-Identifier: Apache-2.0 */
/* pointwise_f32 with AVX2 and FMA: the plain loops, compiled for them; the functions that networks
 * have most of have vector code of their own. Nothing but functions fuses products with sums. */
#define MG_FUSE(a, b, c) __builtin_fmaf(a, b, c)
#include "kernel/rows.h"

#define TIER_ROW(name) static void name##_avx2
#define FUNCTION(name, expression)
#include "kernel/ref/float_rows_body.h"
#include "kernel/x86/columns_avx2.h"
#include "kernel/x86/real_functions_avx2.h"

#define UNARY(name, expression)
#define BINARY(name, expression)
#define SCALED(name, expression)
#define CLAMPED_UNARY(name, expression)
#define CLAMPED_BINARY(name, expression)
#define FUNCTION(name, expression)                                                              \
    static void name##_avx2(const void *const *operands, void *result, size_t count,            \
                            const void *none)                                                   \
    {                                                                                           \
        const float *in = operands[0];                                                          \
        float *out = result;                                                                    \
        size_t i = 0;                                                                           \
        (void)none;                                                                             \
        for (; i + 8 <= count; i += 8)                                                          \
            _mm256_storeu_ps(out + i, mg_##name##_avx2(_mm256_loadu_ps(in + i)));               \
        if (i == count) return;                                                                 \
        const __m256i mask = mg_lane_mask_avx2(count - i);                                      \
        _mm256_maskstore_ps(out + i, mask, mg_##name##_avx2(_mm256_maskload_ps(in + i, mask))); \
    }
#include "kernel/ref/float_rows.def"

const mg_pointwise_f32_kernel mg_pointwise_f32_avx2 = {{
#define UNARY(name, expression) name##_avx2,
#define BINARY(name, expression) name##_avx2,
#define SCALED(name, expression) name##_avx2,
#define CLAMPED_UNARY(name, expression) name##_avx2,
#define CLAMPED_BINARY(name, expression) name##_avx2,
#include "kernel/ref/float_rows.def"
}};
