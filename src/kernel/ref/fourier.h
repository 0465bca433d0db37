/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fourier transforms in place, of power-of-two lengths. Complex numbers are two floats, real part
 * first. Butterflies compute in double precision and store floats: the error is about
 * log2(length) * 2^-24 of the largest result.
 *
 * `batch` transforms are done together, so that each twiddle factor is computed once. Distances and
 * strides count complex numbers.
 */
#ifndef MG_FOURIER_H
#define MG_FOURIER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct mg_fourier {
    size_t length;   /* of a transform */
    size_t stride;   /* between its elements */
    size_t batch;    /* transforms */
    size_t distance; /* between them */
} mg_fourier;

/* Sums of x[n] * exp(-+2 pi i n k / length); not scaled. */
void mg_fourier_complex(const mg_fourier *fourier, bool inverse, float *values);

/* Each transform is a row of `length` reals, with room for two more; it becomes length / 2 + 1
 * complex numbers. The stride is not used. */
void mg_fourier_real(const mg_fourier *fourier, float *rows);

/* The inverse of mg_fourier_real, scaled by 1 / length. */
void mg_fourier_real_inverse(const mg_fourier *fourier, float *rows);

#endif
