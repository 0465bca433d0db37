/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the kernels that quantise float activations as they come, so that they can meet int8
 * weights. Equal to ref bit for bit: the steps that values fall into must agree with other
 * runtimes.
 */
#ifndef MG_DYNAMIC_H
#define MG_DYNAMIC_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mg_dynamic_kernel {
    /* Smallest and largest of count > 0 values; not-a-number is passed over, but for the first. */
    void (*range)(const float *values, size_t count, float *least, float *most);

    /* round(value * factor) + zero_point, ties away from zero, cut to least … 127; not-a-number
     * gives least. */
    void (*bytes)(const float *values, size_t count, float factor, int32_t zero_point,
                  int32_t least, int8_t *out);

    /* The same with least = -128, and zero_point taken off again. */
    void (*words)(const float *values, size_t count, float factor, int32_t zero_point,
                  int16_t *out);
} mg_dynamic_kernel;

/* value = scale * q for q = round(value * factor). A range of nothing but 0 gives scale 1, factor
 * 0.
 */
static inline void mg_symmetric_scale(float least, float most, float *scale, float *factor)
{
    const float range = fabsf(least) > fabsf(most) ? fabsf(least) : fabsf(most);
    *scale = range == 0.0f ? 1.0f : range / 127.0f;
    *factor = range == 0.0f ? 0.0f : 127.0f / range;
}

/* value = scale * (q - zero_point); the range is widened to hold 0, and the end of it with the
 * smaller error stays exact. The width of the range is rounded to single precision, as other
 * runtimes have it: a scale one bit off moves values that lie on a half. */
static inline void mg_asymmetric_scale(float least, float most, float *scale, float *factor,
                                       int32_t *zero_point)
{
    if (!(least <= 0.0f)) least = 0.0f;
    if (!(most >= 0.0f)) most = 0.0f;
    *scale = 1.0f;
    *factor = 0.0f;
    *zero_point = 0;
    if (least == most) return;
    const double step = (double)(most - least) / 255.0;
    const double from_least = -128.0 - (double)least / step,
                 from_most = 127.0 - (double)most / step;
    const double error_least = 128.0 + fabs((double)least / step);
    const double error_most = 127.0 + fabs((double)most / step);
    const double chosen = error_least < error_most ? from_least : from_most;
    *zero_point = !(chosen > -128.0) ? -128 : chosen >= 127.0 ? 127 : (int32_t)round(chosen);
    *scale = (float)step;
    *factor = 1.0f / *scale;
}

#endif
