/* SPDX-License-Identifier: Apache-2.0 */
/* pointwise_f32: every row at every length, on ordinary numbers and on those that functions fear.
 * Functions may differ by twice their bound, everything else in no bit. */
#include <math.h>
#include <string.h>

#include "check.h"

enum { MOST_ELEMENTS = 150, BENCH_ELEMENTS = 4096 };

static const char *const row_names[] = {
#define UNARY(name, expression) #name,
#define BINARY(name, expression) #name,
#define SCALED(name, expression) #name,
#define CLAMPED_UNARY(name, expression) #name,
#define CLAMPED_BINARY(name, expression) #name,
#include "kernel/ref/float_rows.def"
};

/* Ordinary numbers over the range where functions bend, and one in eight out of the way. */
static void fill(check *run, float *values, size_t count)
{
    static const float feared[] = {
        0.0f,        -0.0f,      1e-45f,          -1e-38f,         0.5f,
        -0.5f,       2.5f,       8388607.5f,      1e30f,           -3.4e38f,
        88.72284f,   88.8f,      -87.4f,          -103.9f,         -104.1f,
        16777216.0f, (float)NAN, (float)INFINITY, -(float)INFINITY};
    for (size_t i = 0; i < count; ++i) {
        uint32_t draw = check_random(run);
        values[i] = draw % 8 == 0 ? feared[draw / 8 % (sizeof feared / sizeof feared[0])]
                                  : ldexpf((float)check_between(run, -1000000, 1000000),
                                           (int)(draw % 16) - 28);
    }
}

/* Units of the last place that two forms of a row may differ by: twice the bound of
 * real_functions.h. */
static float units_of(size_t row, float x)
{
    switch ((mg_float_row)row) {
    case MG_FLOAT_ROW_exp: return 4;
    case MG_FLOAT_ROW_logistic:
    case MG_FLOAT_ROW_tanh:
    case MG_FLOAT_ROW_elu: return 6;
    case MG_FLOAT_ROW_swish: return 8;
    case MG_FLOAT_ROW_gelu: return 16 + 2 * fminf(x * x, 1000.0f);
    case MG_FLOAT_ROW_gelu_approximate: return 32 + 16 * fminf(x * x, 1000.0f);
    default: return 0;
    }
}

static void accept_within(size_t row, const float *x, const float *want, float *got, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const float units = units_of(row, x[i]);
        const bool nan = isnan(got[i]) && isnan(want[i]); /* which one it is may differ */
        const float away = fabsf(got[i] - want[i]);
        if (nan || (units > 0 && away <= units * (fabsf(want[i]) * 0x1p-23f + 0x1p-149f)))
            memcpy(&got[i], &want[i], sizeof *got);
    }
}

static void one_case(check *run, const mg_pointwise_f32_kernel *kernel,
                     const mg_pointwise_f32_kernel *reference, size_t row)
{
    size_t count = check_size(run, 8, MOST_ELEMENTS);
    check_case(run, "%s of %zu", row_names[row], count);
    const void *operands[2];
    for (int k = 0; k < 2; ++k) {
        float *values = check_memory(run, count * sizeof *values, sizeof *values);
        fill(run, values, count);
        check_seal(run, values);
        operands[k] = values;
    }
    mg_range_f32 range = {-1.5f, 6.0f};
    float *got = check_output(run, count * sizeof *got, sizeof *got, 0x11);
    float *want = check_output(run, count * sizeof *want, sizeof *want, 0xee);
    kernel->rows[row](operands, got, count, &range);
    reference->rows[row](operands, want, count, &range);
    accept_within(row, operands[0], want, got, count);
    check_equal(run, got, want, count * sizeof *got, sizeof *got);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    for (int round = 0; round < 60; ++round)
        for (size_t row = 0; row < MG_FLOAT_ROWS; ++row) one_case(run, kernel, reference, row);
}

typedef struct bench_case {
    mg_elementwise_row row;
    float in[2][BENCH_ELEMENTS];
    float out[BENCH_ELEMENTS];
} bench_case;

static void call(void *argument)
{
    static const mg_range_f32 range = {-1000.0f, 1000.0f};
    bench_case *at = argument;
    const void *operands[2] = {at->in[0], at->in[1]};
    at->row(operands, at->out, BENCH_ELEMENTS, &range);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    for (int k = 0; k < 2; ++k) check_fill_f32(run, CHECK_RANDOM, at.in[k], BENCH_ELEMENTS);
    for (size_t row = 0; row < MG_FLOAT_ROWS; ++row) {
        at.row = ((const mg_pointwise_f32_kernel *)kernel)->rows[row];
        check_measure(run, row_names[row], BENCH_ELEMENTS, call, &at);
    }
}

const check_family check_pointwise_f32 = {test, bench};
