/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The integer steps of the microcontroller audio front end, from samples to a logarithmic mel
 * spectrum. Bit-equal to the front end's reference.
 */
#ifndef MG_FILTER_BANK_H
#define MG_FILTER_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* input * window / 2^shift, rounded down, saturated. */
void mg_apply_window(const int16_t *input, const int16_t *window, size_t count, int shift,
                     int16_t *output);

/* Shifts left until the largest magnitude has no headroom; returns by how much. */
int32_t mg_scale_up(const int16_t *input, size_t count, int16_t *output);

/* Squared magnitudes of `count` complex numbers. */
void mg_energy(const int16_t *input, size_t count, uint32_t *output);

/* Triangular filters that overlap by half: each frequency goes to one channel with a weight and to
 * the next with an unweight. Channel 0 only collects unweights for channel 1. */
typedef struct mg_filter_bank {
    const int16_t *weights;
    const int16_t *unweights;
    const int16_t *frequency_starts; /* these three have channels + 1 elements */
    const int16_t *weight_starts;
    const int16_t *widths;
    size_t channels;
} mg_filter_bank;

/* False when a filter reaches beyond `frequencies` or `weights`. */
bool mg_filter_bank_fits(const mg_filter_bank *bank, size_t frequencies, size_t weights);
void mg_filter_bank_apply(const mg_filter_bank *bank, const uint32_t *input, uint64_t *output);

/* Square roots to nearest, shifted right. */
void mg_square_roots(const uint64_t *input, size_t count, int shift, uint32_t *output);

typedef struct mg_spectral_subtraction {
    uint32_t smoothing[2]; /* of even and odd channels */
    uint32_t one_minus_smoothing[2];
    uint32_t min_signal_remaining;
    int smoothing_bits; /* by which the noise is kept more precise, 0 … 31 */
    int fraction_bits;  /* of the factors, 0 … 63 */
    bool clamping;      /* the estimate never exceeds the signal */
} mg_spectral_subtraction;

/* Takes a running estimate of the noise off the signal. */
void mg_subtract_noise(const mg_spectral_subtraction *parameters, const uint32_t *input,
                       size_t count, uint32_t *noise, uint32_t *output);

/* Elements of the table of gains: three coefficients for each power of two of the noise. */
enum { MG_GAIN_TABLE = 125 };

/* Per-channel gain control: signal times a gain that falls with the noise, compressed. */
void mg_control_gain(const uint32_t *input, const uint32_t *noise, size_t count,
                     const int16_t gains[MG_GAIN_TABLE], int shift, uint32_t *output);

enum { MG_LOG_SEGMENTS = 128 };

/* 65536 * (log2(1 + i / 128) - i / 128), and a 0 at the end. */
void mg_log_table(uint16_t table[MG_LOG_SEGMENTS + 2]);

/* scale * log(input * 2^correction_bits), at most 32767; 0 for arguments up to 1. */
void mg_logarithms(const uint32_t *input, size_t count, const uint16_t *table, uint32_t scale,
                   int correction_bits, int16_t *output);

#endif
