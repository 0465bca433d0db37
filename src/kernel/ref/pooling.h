/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pixel of a pooling: all channels of a rectangle of pixels, reduced to one value a channel.
 *
 * Images lie channels innermost. A window is what is left of the filter inside the image, so it
 * has at least one pixel. Sums run over the rows of the window, then its columns: float results do
 * not depend on the tier by more than their bound, integers not at all.
 */
#ifndef MG_POOLING_H
#define MG_POOLING_H

#include <stddef.h>
#include <stdint.h>

typedef struct mg_pool_window {
    size_t row_stride; /* elements from a pixel to the one below */
    size_t rows;
    size_t columns;
    size_t channels;
} mg_pool_window;

/* Mean, and root of the mean of squares, clamped to least … most; NaN stays. */
void mg_average_window_f32(const float *input, const mg_pool_window *window, float least,
                           float most, float *output);
void mg_l2_window_f32(const float *input, const mg_pool_window *window, float least, float most,
                      float *output);

/* Maximum, clamped. NaN is never the maximum. */
void mg_max_window_f32(const float *input, const mg_pool_window *window, float least, float most,
                       float *output);
void mg_max_window_s8(const int8_t *input, const mg_pool_window *window, int32_t least,
                      int32_t most, int8_t *output);
void mg_max_window_u8(const uint8_t *input, const mg_pool_window *window, int32_t least,
                      int32_t most, uint8_t *output);
void mg_max_window_s16(const int16_t *input, const mg_pool_window *window, int32_t least,
                       int32_t most, int16_t *output);

/* Sums of stored values; they wrap beyond 32 bits. */
void mg_sum_window_s8(const int8_t *input, const mg_pool_window *window, int32_t *sums);
void mg_sum_window_u8(const uint8_t *input, const mg_pool_window *window, int32_t *sums);
void mg_sum_window_s16(const int16_t *input, const mg_pool_window *window, int32_t *sums);

/* sum / count to nearest, ties away from zero, clamped. */
void mg_average_sums_s8(const int32_t *sums, size_t channels, int32_t count, int32_t least,
                        int32_t most, int8_t *output);
void mg_average_sums_u8(const int32_t *sums, size_t channels, int32_t count, int32_t least,
                        int32_t most, uint8_t *output);
void mg_average_sums_s16(const int32_t *sums, size_t channels, int32_t count, int32_t least,
                         int32_t most, int16_t *output);

#endif
