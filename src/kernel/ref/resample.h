/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resizing images along one axis at a time: which input positions an output position draws from.
 * All arithmetic follows TensorFlow Lite's reference, whose results depend on its roundings.
 */
#ifndef MG_RESAMPLE_H
#define MG_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mg_resample_axis {
    int32_t input;
    int32_t output;
    bool align_corners;
    bool half_pixel_centers;
    float scale;      /* input positions per output position */
    int64_t scale_10; /* the same with 10 fraction bits */
} mg_resample_axis;

/* Fills scale and scale_10 from the rest; sizes are at least 1. */
void mg_resample_init(mg_resample_axis *axis);

int32_t mg_nearest(const mg_resample_axis *axis, int32_t index);

/* The two neighbours of a position and how far it is from the first to the second. Beyond the edge
 * both are the edge; `fraction` may then be outside 0 … 1, `fraction_10` is 0. */
typedef struct mg_blend_step {
    int32_t first;
    int32_t second;
    float fraction;
    int32_t fraction_10; /* in 1/1024 */
} mg_blend_step;

/* Neighbours by single precision, and by 10 fraction bits. */
mg_blend_step mg_blend_step_float(const mg_resample_axis *axis, int32_t index);
mg_blend_step mg_blend_step_fixed(const mg_resample_axis *axis, int32_t index);

/*
 * One row of output: `columns` pixels of `channels` values, each blended from four pixels: those
 * at steps[i].first and .second of the rows above and below. float and uint8 use the fractions in
 * single precision, int8 and int16 those in 1/1024.
 */
void mg_blend_row_f32(const float *above, const float *below, float fraction,
                      const mg_blend_step *steps, size_t columns, size_t channels, float *output);
void mg_blend_row_u8(const uint8_t *above, const uint8_t *below, float fraction,
                     const mg_blend_step *steps, size_t columns, size_t channels, uint8_t *output);
void mg_blend_row_s8(const int8_t *above, const int8_t *below, int32_t fraction_10,
                     const mg_blend_step *steps, size_t columns, size_t channels, int8_t *output);
void mg_blend_row_s16(const int16_t *above, const int16_t *below, int32_t fraction_10,
                      const mg_blend_step *steps, size_t columns, size_t channels, int16_t *output);

#endif
