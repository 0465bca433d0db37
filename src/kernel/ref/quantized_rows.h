/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows (elementwise.h) of two quantised operands: mg_row_quantized_<name> for each in
 * quantized_rows.def, bit-exact to TensorFlow Lite's reference kernels. An operand of real value
 * scale * (stored - zero point) enters by its zero point and the factors below:
 *
 *   sum, difference     (a and b on a common scale, a * factor_a and b * factor_b after
 * 2^left_shift)
 *                       * factor_out
 *   …_shifted           a / 2^shift_a and b / 2^shift_b, no zero points
 *   product             a * b * factor_out
 *   fraction_product    a and b as fractions of 2^15; the result as one of 2^7
 *   quotient            a / b * factor_out; b is not 0
 *   squared_difference  as difference, squared before factor_out
 *   prelu               a * factor_a for a >= 0, else a * b * factor_b
 *   comparisons         of a * factor_a and b * factor_b after 2^left_shift
 *
 * Results get the output's zero point and are cut to least … most.
 */
#ifndef MG_QUANTIZED_ROWS_H
#define MG_QUANTIZED_ROWS_H

#include "kernel/fixed_point.h"
#include "kernel/ref/elementwise.h"

typedef struct mg_quantized_pair {
    int32_t zero_a;
    int32_t zero_b;
    int32_t zero_out;
    int32_t left_shift;
    int32_t shift_a; /* 0 … 31 */
    int32_t shift_b;
    mg_multiplier factor_a;
    mg_multiplier factor_b;
    mg_multiplier factor_out;
    int32_t least;
    int32_t most;
} mg_quantized_pair;

#define ROW(name, first, second, answer, function)                                        \
    void mg_row_quantized_##name(const void *const *operands, void *result, size_t count, \
                                 const void *quantized_pair);
#include "kernel/ref/quantized_rows.def"

#endif
