/* SPDX-License-Identifier: Apache-2.0 */
/* pointwise_f32 with AVX2: the plain loops, compiled for it. No multiplication is fused with an
 * addition, so the bits are those of ref. */
#define TIER_ROW(name) static void name##_avx2
#include "kernel/ref/float_rows_body.h"

const mg_pointwise_f32_kernel mg_pointwise_f32_avx2 = {{
#define UNARY(name, expression) name##_avx2,
#define BINARY(name, expression) name##_avx2,
#define SCALED(name, expression) name##_avx2,
#define CLAMPED_UNARY(name, expression) name##_avx2,
#define CLAMPED_BINARY(name, expression) name##_avx2,
#include "kernel/ref/float_rows.def"
}};
