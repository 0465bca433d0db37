/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Radix 2: elements are put in bit-reversed order, then pairs of transforms of length 1, 2, 4, …
 * are joined. A real row of length n is transformed as n / 2 complex numbers z, even elements real
 * and odd ones imaginary; with Z their transform,
 *
 *   X[k] = E[k] + w^k O[k],   E[k] = (Z[k] + Z*[n/2 - k]) / 2,   O[k] = (Z[k] - Z*[n/2 - k]) / 2i
 *
 * where w = exp(-2 pi i / n).
 */
#include "kernel/ref/fourier.h"

#include <math.h>

typedef struct complex_double {
    double re, im;
} complex_double;

static complex_double root(size_t k, size_t length, bool inverse)
{
    const double two_pi = 6.283185307179586476925286766559;
    double angle = two_pi * (double)k / (double)length;
    complex_double value = {cos(angle), inverse ? sin(angle) : -sin(angle)};
    return value;
}

static void swap(float *a, float *b)
{
    float re = a[0], im = a[1];
    a[0] = b[0];
    a[1] = b[1];
    b[0] = re;
    b[1] = im;
}

static void reverse_bits(const mg_fourier *fourier, float *values)
{
    size_t reversed = 0;
    for (size_t i = 1; i < fourier->length; i++) {
        size_t bit = fourier->length >> 1;
        for (; reversed & bit; bit >>= 1) reversed ^= bit;
        reversed |= bit;
        if (i >= reversed) continue;
        for (size_t b = 0; b < fourier->batch; b++)
            swap(values + 2 * (i * fourier->stride + b * fourier->distance),
                 values + 2 * (reversed * fourier->stride + b * fourier->distance));
    }
}

/* (a, b) becomes (a + factor * b, a - factor * b). */
static void butterfly(float *a, float *b, complex_double factor)
{
    double re = factor.re * (double)b[0] - factor.im * (double)b[1];
    double im = factor.re * (double)b[1] + factor.im * (double)b[0];
    b[0] = (float)((double)a[0] - re);
    b[1] = (float)((double)a[1] - im);
    a[0] = (float)((double)a[0] + re);
    a[1] = (float)((double)a[1] + im);
}

void mg_fourier_complex(const mg_fourier *fourier, bool inverse, float *values)
{
    reverse_bits(fourier, values);
    for (size_t half = 1; half < fourier->length; half *= 2) {
        for (size_t k = 0; k < half; k++) {
            complex_double factor = root(k, 2 * half, inverse);
            for (size_t first = k; first < fourier->length; first += 2 * half) {
                float *a = values + 2 * first * fourier->stride;
                float *b = a + 2 * half * fourier->stride;
                for (size_t i = 0; i < fourier->batch; i++)
                    butterfly(a + 2 * i * fourier->distance, b + 2 * i * fourier->distance, factor);
            }
        }
    }
}

static mg_fourier halves(const mg_fourier *fourier)
{
    mg_fourier half = {fourier->length / 2, 1, fourier->batch, fourier->distance};
    return half;
}

/*
 * Elements k and n/2 - k of one row. Forward: Z to X. Inverse: X to 2 Z; the factor is then the
 * conjugate and the sign of O turns with i.
 */
static void split_pair(float *a, float *b, complex_double factor, double scale, double sign)
{
    double even_re = scale * ((double)a[0] + (double)b[0]);
    double even_im = scale * ((double)a[1] - (double)b[1]);
    double difference_re = scale * ((double)a[0] - (double)b[0]);
    double difference_im = scale * ((double)a[1] + (double)b[1]);
    /* odd = factor * difference / (sign * i) */
    double odd_re = sign * (factor.re * difference_im + factor.im * difference_re);
    double odd_im = sign * (factor.im * difference_im - factor.re * difference_re);
    a[0] = (float)(even_re + odd_re);
    a[1] = (float)(even_im + odd_im);
    b[0] = (float)(even_re - odd_re);
    b[1] = (float)(odd_im - even_im);
}

static void split(const mg_fourier *fourier, bool inverse, float *rows)
{
    size_t half = fourier->length / 2;
    for (size_t k = 1; k <= half - k; k++) {
        complex_double factor = root(k, fourier->length, inverse);
        for (size_t i = 0; i < fourier->batch; i++) {
            float *row = rows + 2 * i * fourier->distance;
            split_pair(row + 2 * k, row + 2 * (half - k), factor, inverse ? 1.0 : 0.5,
                       inverse ? -1.0 : 1.0);
        }
    }
}

void mg_fourier_real(const mg_fourier *fourier, float *rows)
{
    size_t length = fourier->length;
    if (length > 1) {
        mg_fourier half = halves(fourier);
        mg_fourier_complex(&half, false, rows);
        split(fourier, false, rows);
    }
    for (size_t i = 0; i < fourier->batch; i++) {
        float *row = rows + 2 * i * fourier->distance;
        float re = row[0], im = length > 1 ? row[1] : 0.0f;
        row[0] = re + im;
        row[1] = 0.0f;
        if (length == 1) continue;
        row[length] = re - im;
        row[length + 1] = 0.0f;
    }
}

void mg_fourier_real_inverse(const mg_fourier *fourier, float *rows)
{
    size_t length = fourier->length;
    if (length == 1) return;
    for (size_t i = 0; i < fourier->batch; i++) {
        float *row = rows + 2 * i * fourier->distance;
        float first = row[0], last = row[length];
        row[0] = first + last;
        row[1] = first - last;
    }
    split(fourier, true, rows);
    mg_fourier half = halves(fourier);
    mg_fourier_complex(&half, true, rows);
    for (size_t i = 0; i < fourier->batch; i++) {
        float *row = rows + 2 * i * fourier->distance;
        for (size_t j = 0; j < length; j++) row[j] /= (float)length;
    }
}
