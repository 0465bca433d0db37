/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimation in time. The input is spread in digit-reversed order, then stages join `radix`
 * transforms of length `rest` to one, in place, the innermost stage first. A joined value k of
 * sub-transform j is first divided by the radix, then turned by twiddle j * k.
 */
#include "kernel/ref/signal_fft.h"

#include <math.h>

#include "kernel/ref/fixed_point_functions.h"

typedef struct complex_fixed {
    int32_t re, im;
} complex_fixed;

enum { RADIX_MOST = 5 };

static int32_t most(int width)
{
    return mg_fixed_most(width);
}

/* The sum of products back to a fraction, to nearest, ties up. */
static int32_t fraction(int width, int64_t product)
{
    return mg_fixed_wrap(width, (product + (INT64_C(1) << (width - 2))) >> (width - 1));
}

static complex_fixed add(int width, complex_fixed a, complex_fixed b)
{
    complex_fixed sum = {mg_fixed_wrap(width, (int64_t)a.re + b.re),
                         mg_fixed_wrap(width, (int64_t)a.im + b.im)};
    return sum;
}

static complex_fixed subtract(int width, complex_fixed a, complex_fixed b)
{
    complex_fixed difference = {mg_fixed_wrap(width, (int64_t)a.re - b.re),
                                mg_fixed_wrap(width, (int64_t)a.im - b.im)};
    return difference;
}

/* a + b * i */
static complex_fixed add_turned(int width, complex_fixed a, complex_fixed b)
{
    complex_fixed sum = {mg_fixed_wrap(width, (int64_t)a.re - b.im),
                         mg_fixed_wrap(width, (int64_t)a.im + b.re)};
    return sum;
}

/* a - b * i */
static complex_fixed subtract_turned(int width, complex_fixed a, complex_fixed b)
{
    complex_fixed sum = {mg_fixed_wrap(width, (int64_t)a.re + b.im),
                         mg_fixed_wrap(width, (int64_t)a.im - b.re)};
    return sum;
}

static complex_fixed scale(int width, complex_fixed a, int32_t factor)
{
    complex_fixed scaled = {fraction(width, (int64_t)a.re * factor),
                            fraction(width, (int64_t)a.im * factor)};
    return scaled;
}

static complex_fixed divide(int width, complex_fixed a, int32_t divisor)
{
    return scale(width, a, most(width) / divisor);
}

/* a * b + c * d; extremes of 32 bits wrap around. */
static int64_t product_sum(int64_t a, int64_t b, int64_t c, int64_t d)
{
    return (int64_t)((uint64_t)(a * b) + (uint64_t)(c * d));
}

static complex_fixed multiply(int width, complex_fixed a, complex_fixed b)
{
    complex_fixed product = {
        fraction(width, product_sum(a.re, b.re, -(int64_t)a.im, b.im)),
        fraction(width, product_sum(a.re, b.im, a.im, b.re)),
    };
    return product;
}

static complex_fixed at(const int32_t *values, size_t index)
{
    complex_fixed value = {values[2 * index], values[2 * index + 1]};
    return value;
}

static void put(int32_t *values, size_t index, complex_fixed value)
{
    values[2 * index] = value.re;
    values[2 * index + 1] = value.im;
}

/* ---- Plan and tables ---- */

bool mg_signal_fft_plan(mg_signal_fft *fft, int width, bool inverse, size_t reals)
{
    static const size_t radices[] = {4, 2, 3, 5};
    size_t rest = reals / 2;
    *fft = (mg_signal_fft){.width = width, .inverse = inverse, .length = rest};
    if (reals % 2 != 0 || rest < 2) return false;
    for (size_t i = 0; i < sizeof radices / sizeof radices[0]; i++) {
        for (; rest % radices[i] == 0; fft->stages++) {
            if (fft->stages == MG_SIGNAL_FFT_STAGES) return false;
            rest /= radices[i];
            fft->radix[fft->stages] = radices[i];
            fft->rest[fft->stages] = rest;
        }
    }
    return rest == 1;
}

size_t mg_signal_fft_table_size(const mg_signal_fft *fft)
{
    return 2 * fft->length + 2 * (fft->length / 2);
}

static void put_root(const mg_signal_fft *fft, double angle, int32_t *table, size_t index)
{
    if (fft->inverse) angle = -angle;
    table[2 * index] = (int32_t)floor(0.5 + most(fft->width) * cos(angle));
    table[2 * index + 1] = (int32_t)floor(0.5 + most(fft->width) * sin(angle));
}

void mg_signal_fft_fill(mg_signal_fft *fft, int32_t *tables)
{
    const double pi = 3.141592653589793238462643383279502884;
    int32_t *super = tables + 2 * fft->length;
    for (size_t i = 0; i < fft->length; i++)
        put_root(fft, -2 * pi * (double)i / (double)fft->length, tables, i);
    for (size_t i = 0; i < fft->length / 2; i++)
        put_root(fft, -pi * ((double)(i + 1) / (double)fft->length + 0.5), super, i);
    fft->twiddles = tables;
    fft->super_twiddles = super;
}

/* ---- Transforms of a few values, in place ---- */

static void transform_2(int width, complex_fixed *v)
{
    complex_fixed first = v[0];
    v[0] = add(width, first, v[1]);
    v[1] = subtract(width, first, v[1]);
}

static void transform_3(int width, complex_fixed *v, int32_t sine)
{
    complex_fixed sum = add(width, v[1], v[2]);
    complex_fixed difference = scale(width, subtract(width, v[1], v[2]), sine);
    complex_fixed half = {sum.re >> 1, sum.im >> 1};
    complex_fixed middle = subtract(width, v[0], half);
    v[0] = add(width, v[0], sum);
    v[1] = add_turned(width, middle, difference);
    v[2] = subtract_turned(width, middle, difference);
}

static void transform_4(int width, complex_fixed *v, bool inverse)
{
    complex_fixed even = add(width, v[0], v[2]), odd = add(width, v[1], v[3]);
    complex_fixed even_difference = subtract(width, v[0], v[2]);
    complex_fixed odd_difference = subtract(width, v[1], v[3]);
    complex_fixed plus = add_turned(width, even_difference, odd_difference);
    complex_fixed minus = subtract_turned(width, even_difference, odd_difference);
    v[0] = add(width, even, odd);
    v[2] = subtract(width, even, odd);
    v[1] = inverse ? plus : minus;
    v[3] = inverse ? minus : plus;
}

/* `a` and `b` are the first and second fifth root of 1. */
static void transform_5(int width, complex_fixed *v, complex_fixed a, complex_fixed b)
{
    complex_fixed first = v[0];
    complex_fixed sum_1 = add(width, v[1], v[4]), difference_1 = subtract(width, v[1], v[4]);
    complex_fixed sum_2 = add(width, v[2], v[3]), difference_2 = subtract(width, v[2], v[3]);
    complex_fixed even_1 =
        add(width, add(width, first, scale(width, sum_1, a.re)), scale(width, sum_2, b.re));
    complex_fixed even_2 =
        add(width, add(width, first, scale(width, sum_1, b.re)), scale(width, sum_2, a.re));
    complex_fixed odd_1 =
        add(width, scale(width, difference_1, a.im), scale(width, difference_2, b.im));
    complex_fixed odd_2 =
        subtract(width, scale(width, difference_1, b.im), scale(width, difference_2, a.im));
    v[0] = add(width, first, add(width, sum_1, sum_2));
    v[1] = add_turned(width, even_1, odd_1);
    v[4] = subtract_turned(width, even_1, odd_1);
    v[2] = add_turned(width, even_2, odd_2);
    v[3] = subtract_turned(width, even_2, odd_2);
}

/* ---- Stages ---- */

/* Joins the transforms of one block; `step` is the distance between twiddles. */
static void join(const mg_signal_fft *fft, size_t stage, size_t step, int32_t *block)
{
    size_t radix = fft->radix[stage], rest = fft->rest[stage];
    int width = fft->width;
    complex_fixed a = at(fft->twiddles, step * rest % fft->length);
    complex_fixed b = at(fft->twiddles, 2 * step * rest % fft->length);
    for (size_t k = 0; k < rest; k++) {
        complex_fixed v[RADIX_MOST];
        for (size_t j = 0; j < radix; j++) {
            v[j] = divide(width, at(block, j * rest + k), (int32_t)radix);
            if (j > 0) v[j] = multiply(width, v[j], at(fft->twiddles, j * k * step));
        }
        switch (radix) {
        case 2: transform_2(width, v); break;
        case 3: transform_3(width, v, a.im); break;
        case 4: transform_4(width, v, fft->inverse); break;
        default: transform_5(width, v, a, b); break;
        }
        for (size_t j = 0; j < radix; j++) put(block, j * rest + k, v[j]);
    }
}

/* Where the value at `position` of the digit-reversed order comes from. */
static size_t source(const mg_signal_fft *fft, size_t position)
{
    size_t from = 0, step = 1;
    for (size_t stage = 0; stage < fft->stages; stage++) {
        from += position / fft->rest[stage] * step;
        position %= fft->rest[stage];
        step *= fft->radix[stage];
    }
    return from;
}

static void transform(const mg_signal_fft *fft, const int32_t *input, int32_t *output)
{
    for (size_t i = 0; i < fft->length; i++) put(output, i, at(input, source(fft, i)));
    for (size_t stage = fft->stages; stage-- > 0;) {
        size_t block = fft->radix[stage] * fft->rest[stage];
        size_t step = fft->length / block;
        for (size_t first = 0; first < fft->length; first += block)
            join(fft, stage, step, output + 2 * first);
    }
}

/* ---- Real rows ---- */

static complex_fixed conjugate(int width, complex_fixed value)
{
    complex_fixed result = {value.re, mg_fixed_wrap(width, -(int64_t)value.im)};
    return result;
}

static complex_fixed halve(complex_fixed value)
{
    complex_fixed half = {value.re >> 1, value.im >> 1};
    return half;
}

void mg_signal_fft_forward(const mg_signal_fft *fft, const int32_t *reals, int32_t *work,
                           int32_t *spectrum)
{
    int width = fft->width;
    size_t length = fft->length;
    transform(fft, reals, work);
    complex_fixed zero = divide(width, at(work, 0), 2);
    put(spectrum, 0, (complex_fixed){mg_fixed_wrap(width, (int64_t)zero.re + zero.im), 0});
    put(spectrum, length, (complex_fixed){mg_fixed_wrap(width, (int64_t)zero.re - zero.im), 0});
    for (size_t k = 1; k <= length / 2; k++) {
        complex_fixed a = divide(width, at(work, k), 2);
        complex_fixed b = divide(width, conjugate(width, at(work, length - k)), 2);
        complex_fixed even = add(width, a, b);
        complex_fixed odd = multiply(width, subtract(width, a, b), at(fft->super_twiddles, k - 1));
        complex_fixed sum = {(int32_t)((uint32_t)even.re + (uint32_t)odd.re),
                             (int32_t)((uint32_t)even.im + (uint32_t)odd.im)};
        complex_fixed difference = {(int32_t)((uint32_t)even.re - (uint32_t)odd.re),
                                    (int32_t)((uint32_t)odd.im - (uint32_t)even.im)};
        put(spectrum, k, halve(sum));
        put(spectrum, length - k, halve(difference));
    }
}

void mg_signal_fft_inverse(const mg_signal_fft *fft, const int32_t *spectrum, int32_t *work,
                           int32_t *reals)
{
    int width = fft->width;
    size_t length = fft->length;
    complex_fixed first = at(spectrum, 0), last = at(spectrum, length);
    complex_fixed zero = {mg_fixed_wrap(width, (int64_t)first.re + last.re),
                          mg_fixed_wrap(width, (int64_t)first.re - last.re)};
    put(work, 0, divide(width, zero, 2));
    for (size_t k = 1; k <= length / 2; k++) {
        complex_fixed a = divide(width, at(spectrum, k), 2);
        complex_fixed b = divide(width, conjugate(width, at(spectrum, length - k)), 2);
        complex_fixed even = add(width, a, b);
        complex_fixed odd = multiply(width, subtract(width, a, b), at(fft->super_twiddles, k - 1));
        put(work, k, add(width, even, odd));
        put(work, length - k, conjugate(width, subtract(width, even, odd)));
    }
    transform(fft, work, reals);
}
