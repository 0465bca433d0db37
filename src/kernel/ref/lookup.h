/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of one quantised operand by table.
 *
 * 8 bits: a table of 256 results, indexed by the stored byte. Any function goes.
 * 16 bits: 513 samples of a smooth function at every 128th stored value from -32768 to 32768, and
 * straight lines between; logistic and tanh have a common built-in table instead.
 */
#ifndef MG_LOOKUP_H
#define MG_LOOKUP_H

#include "kernel/ref/elementwise.h"

enum { MG_LOOKUP_8 = 256, MG_LOOKUP_16 = 513 };

/* real = scale * (stored - zero_point) */
typedef struct mg_affine {
    float scale;
    int32_t zero_point;
} mg_affine;

typedef float (*mg_real_function)(float x, const void *parameters);

/* Tables of real functions; is_signed: int8, else uint8. */
void mg_lookup_fill_8(uint8_t table[MG_LOOKUP_8], int is_signed, mg_affine input, mg_affine output,
                      mg_real_function function, const void *parameters);
void mg_lookup_fill_16(int16_t table[MG_LOOKUP_16], mg_affine input, mg_affine output,
                       mg_real_function function, const void *parameters);

/* Table of a function from stored to stored values. */
typedef int32_t (*mg_stored_function)(int32_t stored, const void *parameters);
void mg_lookup_fill_stored(uint8_t table[MG_LOOKUP_8], int is_signed, mg_stored_function function,
                           const void *parameters);

/* Rows (elementwise.h). */
void mg_row_lookup_8(const void *const *operands, void *result, size_t count, const void *table);
void mg_row_lookup_16(const void *const *operands, void *result, size_t count, const void *table);

/*
 * logistic and tanh of int16, zero points 0, output scale 2^-15. The input is brought to the scale
 * 2^-12 / 3 by round(stored * multiplier / 2^right_shift).
 */
typedef struct mg_sigmoid_16 {
    int32_t multiplier;  /* above 0 */
    int32_t right_shift; /* 0 … 31 */
} mg_sigmoid_16;
void mg_row_logistic_i16(const void *const *operands, void *result, size_t count,
                         const void *sigmoid_16);
void mg_row_tanh_i16(const void *const *operands, void *result, size_t count,
                     const void *sigmoid_16);

#endif
