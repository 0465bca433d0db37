/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last step of sums, means and products: from accumulators to outputs.
 *
 * Quantised accumulators hold sums of stored values; with n inputs per output the real sum is
 * input scale * (sum - n * input zero point).
 */
#ifndef MG_REDUCTION_SCALE_H
#define MG_REDUCTION_SCALE_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/fixed_point.h"

/* Divides by n >= 1; integers towards zero. Sums of int64 may lie where the outputs lie. */
void mg_mean_f32(float *sums, size_t count, size_t n);
void mg_mean_s32(const int64_t *sums, size_t count, size_t n, int32_t *outputs);
void mg_mean_s64(const int64_t *sums, size_t count, size_t n, int64_t *outputs);

typedef struct mg_mean_scale {
    mg_multiplier factor; /* of mg_mean_factor */
    int64_t zero_sum;     /* n * input zero point */
    int32_t zero_point;   /* of the output */
} mg_mean_scale;

/* input scale / output scale as a multiplier, divided by n. */
mg_multiplier mg_mean_factor(mg_multiplier factor, int64_t n);

void mg_mean_sums_s8(const int32_t *sums, size_t count, const mg_mean_scale *scale,
                     int8_t *outputs);
void mg_mean_sums_u8(const int32_t *sums, size_t count, const mg_mean_scale *scale,
                     uint8_t *outputs);
void mg_mean_sums_s16(const int32_t *sums, size_t count, const mg_mean_scale *scale,
                      int16_t *outputs);

/* Real sums in single precision: output = round(sum * factor + bias) + zero point. */
typedef struct mg_sum_scale {
    float factor; /* input scale / output scale */
    float bias;   /* -(input zero point) * factor * n */
    int32_t zero_point;
} mg_sum_scale;

void mg_scale_sums_s8(const int32_t *sums, size_t count, const mg_sum_scale *scale,
                      int8_t *outputs);
void mg_scale_sums_u8(const int32_t *sums, size_t count, const mg_sum_scale *scale,
                      uint8_t *outputs);
void mg_scale_sums_s16(const int32_t *sums, size_t count, const mg_sum_scale *scale,
                       int16_t *outputs);

/* Products of mg_quantized_product_row_…, scaled once more. */
void mg_scale_products_s8(const int32_t *products, size_t count, mg_multiplier factor,
                          int32_t zero_point, int8_t *outputs);
void mg_scale_products_s16(const int32_t *products, size_t count, mg_multiplier factor,
                           int32_t zero_point, int16_t *outputs);

#endif
