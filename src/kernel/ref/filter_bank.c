/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/filter_bank.h"

#include <math.h>

#include "kernel/fixed_point.h"

/* Position of the highest one, counted from 1; 0 for 0. */
static int highest_bit(uint32_t value)
{
    int bits = 0;
    for (; value != 0; value >>= 1) ++bits;
    return bits;
}

void mg_apply_window(const int16_t *input, const int16_t *window, size_t count, int shift,
                     int16_t *output)
{
    for (size_t i = 0; i < count; i++)
        output[i] = (int16_t)mg_clamp((input[i] * window[i]) >> shift, INT16_MIN, INT16_MAX);
}

int32_t mg_scale_up(const int16_t *input, size_t count, int16_t *output)
{
    int32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t magnitude = input[i] < 0 ? -input[i] : input[i];
        largest = magnitude > largest ? magnitude : largest;
    }
    int shift = largest == 0 ? 0 : 15 - highest_bit((uint32_t)largest);
    if (shift < 0) shift = 0;
    for (size_t i = 0; i < count; i++) output[i] = (int16_t)(input[i] * (1 << shift));
    return shift;
}

void mg_energy(const int16_t *input, size_t count, uint32_t *output)
{
    for (size_t i = 0; i < count; i++) {
        int32_t re = input[2 * i], im = input[2 * i + 1];
        output[i] = (uint32_t)(re * re) + (uint32_t)(im * im);
    }
}

bool mg_filter_bank_fits(const mg_filter_bank *bank, size_t frequencies, size_t weights)
{
    for (size_t i = 0; i <= bank->channels; i++) {
        int32_t width = bank->widths[i];
        if (width <= 0) continue;
        if (bank->frequency_starts[i] < 0 || bank->weight_starts[i] < 0) return false;
        if ((size_t)(bank->frequency_starts[i] + width) > frequencies) return false;
        if ((size_t)(bank->weight_starts[i] + width) > weights) return false;
    }
    return true;
}

void mg_filter_bank_apply(const mg_filter_bank *bank, const uint32_t *input, uint64_t *output)
{
    uint64_t sum = 0;
    for (size_t i = 0; i <= bank->channels; i++) {
        uint64_t next = 0;
        for (int32_t j = 0; j < bank->widths[i]; j++) {
            uint64_t energy = input[bank->frequency_starts[i] + j];
            sum += (uint64_t)(int64_t)bank->weights[bank->weight_starts[i] + j] * energy;
            next += (uint64_t)(int64_t)bank->unweights[bank->weight_starts[i] + j] * energy;
        }
        if (i > 0) output[i - 1] = sum;
        sum = next;
    }
}

/* Bit by bit; rounded up unless that would need another bit. */
static uint32_t square_root(uint64_t value)
{
    uint64_t limit = value >> 32 == 0 ? UINT16_MAX : UINT32_MAX;
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 62; bit != 0; bit >>= 2) {
        bool fits = value >= root + bit;
        if (fits) value -= root + bit;
        root = (root >> 1) + (fits ? bit : 0);
    }
    return (uint32_t)(value > root && root != limit ? root + 1 : root);
}

void mg_square_roots(const uint64_t *input, size_t count, int shift, uint32_t *output)
{
    for (size_t i = 0; i < count; i++) output[i] = square_root(input[i]) >> shift;
}

void mg_subtract_noise(const mg_spectral_subtraction *parameters, const uint32_t *input,
                       size_t count, uint32_t *noise, uint32_t *output)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t scaled = input[i] << parameters->smoothing_bits;
        uint64_t mixed = (uint64_t)scaled * parameters->smoothing[i & 1] +
                         (uint64_t)noise[i] * parameters->one_minus_smoothing[i & 1];
        uint32_t estimate = (uint32_t)(mixed >> parameters->fraction_bits);
        uint32_t clamped = estimate < scaled ? estimate : scaled;
        noise[i] = parameters->clamping ? clamped : estimate;
        uint32_t floor = (uint32_t)((uint64_t)input[i] * parameters->min_signal_remaining >>
                                    parameters->fraction_bits);
        uint32_t rest = (scaled - clamped) >> parameters->smoothing_bits;
        output[i] = rest > floor ? rest : floor;
    }
}

/* A quadratic in the 10 bits after the highest one; the coefficients are those of its power. */
static int16_t gain_of(uint32_t noise, const int16_t *gains)
{
    if (noise <= 2) return gains[noise];
    int bits = highest_bit(noise);
    const int16_t *coefficients = gains + 4 * bits - 6;
    int32_t x = (int32_t)((bits < 11 ? noise << (11 - bits) : noise >> (bits - 11)) & 0x3ff);
    int64_t value = (coefficients[2] * x) >> 5;
    value = (int32_t)(uint32_t)(uint64_t)((value + coefficients[1] * 32) * x);
    return (int16_t)(((value + (1 << 14)) >> 15) + coefficients[0]);
}

/* x^2 / 4 below 2, x - 1 above, from 12 fraction bits to 6. */
static uint32_t compress(uint32_t x)
{
    return x < 2u << 12 ? (x * x) >> 20 : (x >> 6) - (1u << 6);
}

void mg_control_gain(const uint32_t *input, const uint32_t *noise, size_t count,
                     const int16_t gains[MG_GAIN_TABLE], int shift, uint32_t *output)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t gain = (uint32_t)(int32_t)gain_of(noise[i], gains);
        output[i] = compress((uint32_t)((uint64_t)input[i] * gain >> shift));
    }
}

void mg_log_table(uint16_t table[MG_LOG_SEGMENTS + 2])
{
    for (int i = 0; i <= MG_LOG_SEGMENTS; i++) {
        double x = (double)i / MG_LOG_SEGMENTS;
        table[i] = (uint16_t)floor(65536.0 * (log2(1.0 + x) - x) + 0.5);
    }
    table[MG_LOG_SEGMENTS + 1] = 0;
}

/* scale * log(x), x > 0: log2 with 16 fraction bits from the place of the highest bit, the bits
 * below it, and the table's correction to them; then to base e and to the scale. */
static uint32_t logarithm(uint32_t x, const uint16_t *table, uint32_t scale)
{
    const uint64_t log_of_2 = 45426; /* 16 fraction bits, as have all numbers below */
    int place = highest_bit(x) - 1;
    uint32_t below = x - (UINT32_C(1) << place);
    int32_t fraction = (int32_t)(place < 16 ? below << (16 - place) : below >> (place - 16));
    int32_t segment = fraction >> 9;
    int32_t slope = table[segment + 1] - table[segment];
    int32_t correction = table[segment] + ((slope * (fraction - (segment << 9))) >> 16);
    uint32_t base_2 = ((uint32_t)place << 16) + (uint32_t)(fraction + correction);
    uint32_t base_e = (uint32_t)((log_of_2 * base_2 + 32768) >> 16);
    return (scale * base_e + 32768) >> 16;
}

void mg_logarithms(const uint32_t *input, size_t count, const uint16_t *table, uint32_t scale,
                   int correction_bits, int16_t *output)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t x = input[i] << correction_bits;
        uint32_t value = x > 1 ? logarithm(x, table, scale) : 0;
        output[i] = (int16_t)(value < INT16_MAX ? value : INT16_MAX);
    }
}
