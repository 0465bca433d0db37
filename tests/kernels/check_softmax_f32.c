/* SPDX-License-Identifier: Apache-2.0 */
/* softmax_f32 against exponentials in double precision, with the bound of its contract. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { MOST_ROWS = 4, MOST_DEPTH = 600 };

static void judge(check *run, const float *input, size_t depth, float beta, const float *got,
                  size_t first)
{
    double most = (double)input[0], sum = 0;
    for (size_t i = 1; i < depth; ++i) most = fmax(most, (double)input[i]);
    for (size_t i = 0; i < depth; ++i) {
        float argument = (float)((double)input[i] - most) * beta;
        sum += exp((double)argument);
    }
    for (size_t i = 0; i < depth; ++i) {
        float argument = (float)((double)input[i] - most) * beta;
        double want = exp((double)argument) / sum;
        double bound = (double)(depth + 16) * want / (1 << 24) + 0x1p-126;
        check_close(run, got[i], (float)want, bound, first + i);
    }
}

static void one_case(check *run, const mg_softmax_f32_kernel *kernel, check_values values)
{
    static const float betas[] = {1.0f, 0.5f, 10.0f, 0.0f, -1.0f};
    static const float ranges[] = {1.0f, 8.0f, 100.0f};
    size_t rows = 1 + check_random(run) % MOST_ROWS, depth = check_size(run, 8, MOST_DEPTH);
    float beta = betas[check_random(run) % 5], range = ranges[check_random(run) % 3];
    bool in_place = check_random(run) % 2 == 0;
    check_case(run, "%zu rows of %zu, beta %g, range %g, %s, values %d", rows, depth, (double)beta,
               (double)range, in_place ? "in place" : "apart", (int)values);
    float *input = check_memory(run, rows * depth * 4, 4);
    check_fill_f32(run, values, input, rows * depth);
    for (size_t i = 0; i < rows * depth; ++i) {
        input[i] *= range;
        /* Exponents above 0 are not shifted away: they have to stay within the range of float. */
        if (beta < 0) input[i] = fminf(fmaxf(input[i], -20.0f), 20.0f);
    }
    float *output = check_output(run, rows * depth * 4, 4, 0x7f);
    if (in_place) memcpy(output, input, rows * depth * 4);
    check_seal(run, input);
    kernel->rows(in_place ? output : input, rows, depth, beta, output);
    for (size_t row = 0; row < rows; ++row)
        judge(run, input + row * depth, depth, beta, output + row * depth, row * depth);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    (void)reference;
    for (int round = 0; round < 80; ++round)
        for (int values = 0; values < CHECK_VALUES_COUNT; ++values)
            one_case(run, kernel, (check_values)values);
}

enum { BENCH_DEPTH = 1001 };

typedef struct bench_case {
    const mg_softmax_f32_kernel *kernel;
    float input[BENCH_DEPTH], output[BENCH_DEPTH];
} bench_case;

static void call(void *argument)
{
    bench_case *at = argument;
    at->kernel->rows(at->input, 1, BENCH_DEPTH, 1.0f, at->output);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    at.kernel = kernel;
    check_fill_f32(run, CHECK_RANDOM, at.input, BENCH_DEPTH);
    check_measure(run, "1 x 1001", BENCH_DEPTH, call, &at);
}

const check_family check_softmax_f32 = {test, bench};
