/* SPDX-License-Identifier: Apache-2.0 */
/* The least and the largest of the values seen. */
#ifndef MG_QUANTIZE_RANGE_H
#define MG_QUANTIZE_RANGE_H

#include <stdbool.h>

typedef struct mg_range {
    float low, high;
    bool seen;
} mg_range;

static inline void mg_range_add(mg_range *range, float value)
{
    if (!range->seen || value < range->low) range->low = value;
    if (!range->seen || value > range->high) range->high = value;
    range->seen = true;
}

static inline void mg_range_widen(mg_range *range, mg_range other)
{
    if (!other.seen) return;
    mg_range_add(range, other.low);
    mg_range_add(range, other.high);
}

/* The larger magnitude of the two ends. */
static inline float mg_range_magnitude(mg_range range)
{
    float low = range.low < 0 ? -range.low : range.low;
    float high = range.high < 0 ? -range.high : range.high;
    return low > high ? low : high;
}

#endif
