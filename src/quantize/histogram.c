/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/histogram.h"

#include <math.h>

static double bin_width(const mg_histogram *histogram)
{
    return ((double)histogram->high - (double)histogram->low) / MG_HISTOGRAM_BINS;
}

void mg_histogram_add(mg_histogram *histogram, const float *values, size_t count)
{
    double width = bin_width(histogram);
    for (size_t i = 0; i < count; ++i) {
        double place = width > 0 ? ((double)values[i] - (double)histogram->low) / width : 0;
        int bin = place > 0 ? (int)fmin(place, MG_HISTOGRAM_BINS - 1) : 0;
        ++histogram->counts[bin];
    }
}

void mg_histogram_percentile(const mg_histogram *histogram, double share, float *low, float *high)
{
    double total = 0, width = bin_width(histogram);
    for (int i = 0; i < MG_HISTOGRAM_BINS; ++i) total += (double)histogram->counts[i];
    double budget = total * (1.0 - share) / 2, passed = 0;
    int first = 0, last = MG_HISTOGRAM_BINS - 1;
    for (; first < last; ++first) {
        passed += (double)histogram->counts[first];
        if (passed > budget) break;
    }
    for (passed = 0; last > first; --last) {
        passed += (double)histogram->counts[last];
        if (passed > budget) break;
    }
    *low = (float)((double)histogram->low + first * width);
    *high = last == MG_HISTOGRAM_BINS - 1 ? histogram->high
                                          : (float)((double)histogram->low + (last + 1) * width);
}

/* Of rounding to steps between the bounds: a twelfth of the square of a step for what lies within,
 * the square of the distance for what is clipped. */
static double error_of(const mg_histogram *histogram, double low, double high, int steps)
{
    double step = (high - low) / steps, width = bin_width(histogram);
    double rounding = step * step / 12, sum = 0;
    for (int i = 0; i < MG_HISTOGRAM_BINS; ++i) {
        if (histogram->counts[i] == 0) continue;
        double centre = (double)histogram->low + (i + 0.5) * width;
        double outside = centre < low ? low - centre : centre > high ? centre - high : 0;
        /* Zero is exact: what activations clip to it costs nothing. */
        double error = fabs(centre) <= width / 2 ? 0 : rounding;
        sum += (double)histogram->counts[i] * (error + outside * outside);
    }
    return sum;
}

void mg_histogram_least_error(const mg_histogram *histogram, int steps, bool symmetric, float *low,
                              float *high)
{
    enum { tries = 100 };
    double bottom = fmin(0, (double)histogram->low), top = fmax(0, (double)histogram->high);
    if (symmetric) {
        top = fmax(-bottom, top);
        bottom = -top;
    }
    double best_bottom = bottom, best_top = top;
    double best = error_of(histogram, bottom, top, steps);
    /* The two ends in turn; a second round lets the first see the second's result. */
    for (int round = 0; round < 2; ++round) {
        for (int side = 0; side < 2; ++side) {
            double from_bottom = best_bottom, from_top = best_top;
            for (int i = 1; i < tries; ++i) {
                double factor = 1.0 - (double)i / tries;
                double try_bottom = side == 0 || symmetric ? bottom * factor : from_bottom;
                double try_top = side == 1 || symmetric ? top * factor : from_top;
                double error = error_of(histogram, try_bottom, try_top, steps);
                if (error >= best) continue;
                best = error;
                best_bottom = try_bottom;
                best_top = try_top;
            }
        }
    }
    *low = (float)best_bottom;
    *high = (float)best_top;
}
