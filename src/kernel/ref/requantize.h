/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of one quantised operand that are defined on stored values, and the ways between real
 * and stored values, bit-exact to TensorFlow Lite's reference kernels.
 */
#ifndef MG_REQUANTIZE_H
#define MG_REQUANTIZE_H

#include "kernel/fixed_point.h"
#include "kernel/ref/elementwise.h"

typedef struct mg_requantization {
    int32_t zero_in;
    int32_t zero_out;
    mg_multiplier factor;
    mg_multiplier negative_factor; /* of leaky_relu: its magnitude */
    int32_t negative_sign;         /* 1 or -1 */
    float scale_in;                /* of square_root */
    float scale_out;
    int32_t least;
    int32_t most;
} mg_requantization;

/* Functions of a stored value (mg_stored_function of lookup.h) with an mg_requantization. */
int32_t mg_requantize_stored(int32_t stored, const void *requantization);
int32_t mg_leaky_relu_stored(int32_t stored, const void *requantization);
int32_t mg_absolute_stored(int32_t stored, const void *requantization);
int32_t mg_square_root_stored(int32_t stored, const void *requantization);
/* `most` at zero; factor is 1 / (sqrt(input scale) * output scale). */
int32_t mg_reciprocal_square_root_stored(int32_t stored, const void *requantization);

typedef struct mg_hard_swish {
    int32_t zero_in;
    int32_t zero_out;
    int16_t output_multiplier; /* input scale / 128 to output scale, shift <= 0 */
    int32_t output_shift;
    int16_t reluish_multiplier; /* input scale / 128 to 3 / 32768 */
    int32_t reluish_shift;
    int32_t least;
    int32_t most;
} mg_hard_swish;
int32_t mg_hard_swish_stored(int32_t stored, const void *hard_swish);

/* 1 / sqrt(x) for x > 0 as multiplier and shift. */
mg_multiplier mg_inverse_square_root(int32_t x);

/* Rows (elementwise.h) of int16 with an mg_requantization. */
void mg_row_leaky_relu_i16(const void *const *operands, void *result, size_t count,
                           const void *requantization);
void mg_row_absolute_quantized_i16(const void *const *operands, void *result, size_t count,
                                   const void *requantization);
void mg_row_square_root_i16(const void *const *operands, void *result, size_t count,
                            const void *requantization);

/*
 * Rows with an mg_requantization between types of any width, mg_row_requantize_<in>_to_<out>, and
 * from float by scale_out and zero_out, mg_row_quantize_<out>, and back to float by scale_in and
 * zero_in, mg_row_dequantize_<in>.
 *
 * The forms …_channels take one scale (float) and zero point (int32) per element as operands 1 and
 * 2; least and most come from the mg_requantization.
 */
#define MG_REQUANTIZE_ROWS(ROW) \
    ROW(requantize_u8_to_i16)   \
    ROW(requantize_i8_to_i16)   \
    ROW(requantize_i8_to_i32)   \
    ROW(requantize_i16_to_u8)   \
    ROW(requantize_i16_to_i8)   \
    ROW(requantize_i16_to_i16)  \
    ROW(requantize_i16_to_i32)  \
    ROW(requantize_i32_to_i8)   \
    ROW(requantize_i32_to_i16)  \
    ROW(quantize_u8)            \
    ROW(quantize_i8)            \
    ROW(quantize_i16)           \
    ROW(quantize_u8_channels)   \
    ROW(quantize_i8_channels)   \
    ROW(quantize_i16_channels)  \
    ROW(dequantize_u8)          \
    ROW(dequantize_i8)          \
    ROW(dequantize_i16)         \
    ROW(dequantize_u8_channels) \
    ROW(dequantize_i8_channels) \
    ROW(dequantize_i16_channels)
#define ROW(name)                                                               \
    void mg_row_##name(const void *const *operands, void *result, size_t count, \
                       const void *requantization);
MG_REQUANTIZE_ROWS(ROW)
#undef ROW

#endif
