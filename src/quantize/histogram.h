/* SPDX-License-Identifier: Apache-2.0 */
/* How often values fall into equal bins between two bounds, and which narrower bounds suit
 * integers best. */
#ifndef MG_QUANTIZE_HISTOGRAM_H
#define MG_QUANTIZE_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MG_HISTOGRAM_BINS = 2048 };

typedef struct mg_histogram {
    float low, high;
    uint64_t *counts; /* MG_HISTOGRAM_BINS */
} mg_histogram;

void mg_histogram_add(mg_histogram *histogram, const float *values, size_t count);

/* The bounds that leave out at most 1 - share of the values, half of it at either end. */
void mg_histogram_percentile(const mg_histogram *histogram, double share, float *low, float *high);

/* The bounds for which `steps` equal steps between them (from -high to high when symmetric) give
 * the least mean square error, clipping included. */
void mg_histogram_least_error(const mg_histogram *histogram, int steps, bool symmetric, float *low,
                              float *high);

#endif
