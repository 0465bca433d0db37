/* SPDX-License-Identifier: Apache-2.0 */
/* Rows (elementwise.h) of one operand on plain numbers: mg_row_<name> for each in unary_rows.def,
 * and those below, which have parameters. */
#ifndef MG_UNARY_ROWS_H
#define MG_UNARY_ROWS_H

#include "kernel/ref/binary_rows.h"

typedef struct mg_complex128 {
    double real;
    double imaginary;
} mg_complex128;

#define ROW(name, operand, answer, expression) \
    void mg_row_##name(const void *const *operands, void *result, size_t count, const void *none);
#include "kernel/ref/unary_rows.def"

/* Rounds to the nearest of the numbers least + n * scale, n = 0, 1, …, at most `most`. */
typedef struct mg_fake_quantization {
    float scale;
    float least;
    float most;
} mg_fake_quantization;
void mg_row_fake_quantize_f32(const void *const *operands, void *result, size_t count,
                              const void *fake_quantization);

/* How many of the sorted boundaries are not above x, as int32. */
typedef struct mg_buckets {
    const float *boundaries;
    size_t count;
} mg_buckets;
void mg_row_bucketize_f32(const void *const *operands, void *result, size_t count,
                          const void *buckets);
void mg_row_bucketize_f64(const void *const *operands, void *result, size_t count,
                          const void *buckets);
void mg_row_bucketize_i32(const void *const *operands, void *result, size_t count,
                          const void *buckets);
void mg_row_bucketize_i64(const void *const *operands, void *result, size_t count,
                          const void *buckets);

/* Operand 1 where operand 0, a bool, is not 0, else operand 2; by bytes of an element. */
void mg_row_select_8(const void *const *operands, void *result, size_t count, const void *none);
void mg_row_select_16(const void *const *operands, void *result, size_t count, const void *none);
void mg_row_select_32(const void *const *operands, void *result, size_t count, const void *none);
void mg_row_select_64(const void *const *operands, void *result, size_t count, const void *none);
void mg_row_select_128(const void *const *operands, void *result, size_t count, const void *none);

#endif
