/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real Fourier transforms in fixed point, bit-equal to those of the microcontroller audio front
 * end.
 *
 * Numbers are signed fractions of 16 or 32 bits, held in int32_t; complex ones are pairs, real part
 * first. Every stage divides by its radix, so a forward transform is scaled by 1 / length. A row of
 * n reals is transformed as n / 2 complex numbers by stages of radix 4, 2, 3 and 5.
 */
#ifndef MG_SIGNAL_FFT_H
#define MG_SIGNAL_FFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MG_SIGNAL_FFT_STAGES = 16 };

typedef struct mg_signal_fft {
    int width; /* 16 or 32 */
    bool inverse;
    size_t length; /* complex: half of the reals */
    size_t stages;
    size_t radix[MG_SIGNAL_FFT_STAGES];
    size_t rest[MG_SIGNAL_FFT_STAGES]; /* length of the transforms that a stage joins */
    const int32_t *twiddles;           /* `length` complex numbers */
    const int32_t *super_twiddles;     /* length / 2 complex numbers */
} mg_signal_fft;

/* False when `reals` is odd, below 4, or half of it has a prime factor above 5. */
bool mg_signal_fft_plan(mg_signal_fft *fft, int width, bool inverse, size_t reals);

/* int32_t that the tables take; filled into `tables`, which the plan then refers to. */
size_t mg_signal_fft_table_size(const mg_signal_fft *fft);
void mg_signal_fft_fill(mg_signal_fft *fft, int32_t *tables);

/* 2 * length reals to length + 1 complex numbers; `work` has room for `length` complex numbers. */
void mg_signal_fft_forward(const mg_signal_fft *fft, const int32_t *reals, int32_t *work,
                           int32_t *spectrum);

/* length + 1 complex numbers to 2 * length reals. */
void mg_signal_fft_inverse(const mg_signal_fft *fft, const int32_t *spectrum, int32_t *work,
                           int32_t *reals);

#endif
