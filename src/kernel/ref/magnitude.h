/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqrt(x^2 + y^2) without overflow on the way. Our own, because hypot of C libraries differ in the
 * last bits, and its newest version would bind what we build to the C library of the day. As there,
 * inf with anything, NaN too, is inf.
 */
#ifndef MG_MAGNITUDE_H
#define MG_MAGNITUDE_H

#include <math.h>

/* Squares of floats are exact in double, so that only the last rounding is seen. */
static inline float mg_magnitude_f32(float x, float y)
{
    double a = x, b = y;
    float root = (float)sqrt(a * a + b * b);
    return isinf(x) || isinf(y) ? INFINITY : root;
}

/* x * x in two parts, exactly, for |x| from 2^-400 to 2^400: x is split into halves of 26 bits,
 * whose products are exact. */
static inline void mg_square_exactly(double x, double *high, double *low)
{
    double shifted = x * 134217729.0; /* 2^27 + 1 */
    double head = shifted - (shifted - x);
    double tail = x - head;
    *high = x * x;
    *low = ((head * head - *high) + 2.0 * head * tail) + tail * tail;
}

/* The root of the rounded sum, and one step of Newton's with what that rounding lost: at most one
 * unit of the last place away from the true result. */
static inline double mg_magnitude_f64(double x, double y)
{
    double larger = fmax(fabs(x), fabs(y)), smaller = fmin(fabs(x), fabs(y));
    if (isinf(larger)) return INFINITY;
    if (isnan(x) || isnan(y)) return x + y;
    if (smaller <= larger * 0x1p-54) return larger;
    int exponent;
    larger = frexp(larger, &exponent);
    smaller = ldexp(smaller, -exponent);
    double root = sqrt(larger * larger + smaller * smaller);
    double larger_high, larger_low, smaller_high, smaller_low, root_high, root_low;
    mg_square_exactly(larger, &larger_high, &larger_low);
    mg_square_exactly(smaller, &smaller_high, &smaller_low);
    mg_square_exactly(root, &root_high, &root_low);
    double rest =
        ((larger_high - root_high) + smaller_high) + ((larger_low - root_low) + smaller_low);
    return ldexp(root + rest / (2.0 * root), exponent);
}

#endif
