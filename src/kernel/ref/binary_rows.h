/* SPDX-License-Identifier: Apache-2.0 */
/* Rows (elementwise.h) of two operands on plain numbers: mg_row_<name> for each in binary_rows.def.
 */
#ifndef MG_BINARY_ROWS_H
#define MG_BINARY_ROWS_H

#include "kernel/ref/elementwise.h"

typedef struct mg_range_i64 {
    int64_t least;
    int64_t most;
} mg_range_i64;

typedef struct mg_complex64 {
    float real;
    float imaginary;
} mg_complex64;

#define ROW(name, operand, answer, expression) \
    void mg_row_##name(const void *const *operands, void *result, size_t count, const void *none);
#include "kernel/ref/binary_rows.def"

void mg_row_multiply_c64(const void *const *operands, void *result, size_t count, const void *none);

/* A row of signed integers whose results are then cut to a range. */
typedef struct mg_clamped_row {
    mg_elementwise_row row;
    int element_bytes; /* 2, 4 or 8 */
    mg_range_i64 range;
} mg_clamped_row;
void mg_row_clamped(const void *const *operands, void *result, size_t count,
                    const void *clamped_row);

#endif
