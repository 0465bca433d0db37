/* SPDX-License-Identifier: Apache-2.0 */
/* pointwise_f32 in plain C. */
#include "kernel/ref/float_rows.h"

#define TIER_ROW(name) void mg_row_##name##_f32
#include "kernel/ref/float_rows_body.h"

const mg_pointwise_f32_kernel mg_pointwise_f32_ref = {{
#define UNARY(name, expression) mg_row_##name##_f32,
#define BINARY(name, expression) mg_row_##name##_f32,
#define SCALED(name, expression) mg_row_##name##_f32,
#define CLAMPED_UNARY(name, expression) mg_row_##name##_f32,
#define CLAMPED_BINARY(name, expression) mg_row_##name##_f32,
#include "kernel/ref/float_rows.def"
}};
