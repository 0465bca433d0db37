/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the families of rows (kernel/ref/elementwise.h): loops over dense elements that tiers
 * have in forms of their own. All results equal those of ref bit for bit, but for the functions of
 * real_functions.h, which are held to the bounds there.
 *
 *   pointwise_f32   the rows of float_rows.def, of float; parameters as there
 *   pointwise_int   rows of quantised elements, parameters as in kernel/ref/quantized_rows.h,
 *                   requantize.h and lookup.h
 */
#ifndef MG_ROWS_H
#define MG_ROWS_H

#include "kernel/ref/elementwise.h"

typedef struct mg_range_f32 {
    float least;
    float most;
} mg_range_f32;

typedef enum mg_float_row {
#define UNARY(name, expression) MG_FLOAT_ROW_##name,
#define BINARY(name, expression) MG_FLOAT_ROW_##name,
#define SCALED(name, expression) MG_FLOAT_ROW_##name,
#define CLAMPED_UNARY(name, expression) MG_FLOAT_ROW_##name,
#define CLAMPED_BINARY(name, expression) MG_FLOAT_ROW_##name,
#include "kernel/ref/float_rows.def"
    MG_FLOAT_ROWS
} mg_float_row;

typedef struct mg_pointwise_f32_kernel {
    mg_elementwise_row rows[MG_FLOAT_ROWS];
} mg_pointwise_f32_kernel;

/* ROW(name): the plain form is mg_row_<name>. */
#define MG_INT_ROWS(ROW)        \
    ROW(quantized_add_u8)       \
    ROW(quantized_add_i8)       \
    ROW(quantized_add_i16)      \
    ROW(quantized_subtract_u8)  \
    ROW(quantized_subtract_i8)  \
    ROW(quantized_subtract_i16) \
    ROW(quantized_multiply_u8)  \
    ROW(quantized_multiply_i8)  \
    ROW(quantized_multiply_i16) \
    ROW(quantize_u8)            \
    ROW(quantize_i8)            \
    ROW(dequantize_u8)          \
    ROW(dequantize_i8)          \
    ROW(lookup_8)

typedef enum mg_int_row {
#define ROW(name) MG_INT_ROW_##name,
    MG_INT_ROWS(ROW)
#undef ROW
        MG_INT_ROW_COUNT
} mg_int_row;

typedef struct mg_pointwise_int_kernel {
    mg_elementwise_row rows[MG_INT_ROW_COUNT];
} mg_pointwise_int_kernel;

extern const mg_pointwise_int_kernel mg_pointwise_int_ref;
extern const mg_pointwise_f32_kernel mg_pointwise_f32_ref;

#endif
