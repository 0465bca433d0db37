/* SPDX-License-Identifier: Apache-2.0 */
/* pool: windows within images, all bit-equal to plain C. */
#include <math.h>
#include <stdio.h>

#include "check.h"

enum { MOST_CHANNELS = 150, MOST_ROWS = 9, MOST_COLUMNS = 40 };

typedef struct problem {
    mg_pool_window window;
    size_t elements; /* from the first of the window to its last */
    check_values values;
} problem;

static void draw(check *run, problem *at, const char *what, check_values values)
{
    mg_pool_window *window = &at->window;
    window->channels = check_size(run, 16, MOST_CHANNELS);
    window->rows = 1 + check_random(run) % MOST_ROWS;
    window->columns = check_size(run, 2, MOST_COLUMNS);
    window->row_stride = (window->columns + check_random(run) % 3) * window->channels;
    at->elements = (window->rows - 1) * window->row_stride + window->columns * window->channels;
    at->values = values;
    check_case(run, "%s: %zu x %zu pixels, %zu channels, rows %zu apart, values %d", what,
               window->rows, window->columns, window->channels, window->row_stride, (int)values);
}

static void float_case(check *run, const mg_pool_kernel *kernel, const mg_pool_kernel *reference,
                       check_values values)
{
    problem at;
    bool average = check_random(run) % 2 == 0;
    draw(run, &at, average ? "average_f32" : "max_f32", values);
    float *input = check_memory(run, at.elements * 4, 4);
    check_fill_f32(run, values, input, at.elements);
    check_seal(run, input);
    float least = check_random(run) % 2 ? -INFINITY : 0.0f;
    float most = check_random(run) % 2 ? INFINITY : 0.5f;
    size_t bytes = at.window.channels * 4;
    float *got = check_output(run, bytes, 4, 0x11), *want = check_output(run, bytes, 4, 0xee);
    (average ? kernel->average_f32 : kernel->max_f32)(input, &at.window, least, most, got);
    (average ? reference->average_f32 : reference->max_f32)(input, &at.window, least, most, want);
    check_equal(run, got, want, bytes, 4);
    check_case_end(run);
}

static void max_case(check *run, const mg_pool_kernel *kernel, const mg_pool_kernel *reference,
                     check_values values)
{
    problem at;
    bool has_sign = check_random(run) % 2 == 0;
    draw(run, &at, has_sign ? "max_s8" : "max_u8", values);
    void *input = check_memory(run, at.elements, 1);
    size_t bytes = at.window.channels;
    void *got = check_output(run, bytes, 1, 0x11), *want = check_output(run, bytes, 1, 0xee);
    int32_t lowest = has_sign ? INT8_MIN : 0;
    int32_t least = check_random(run) % 2 ? lowest : check_between(run, lowest, lowest + 200);
    int32_t most = check_between(run, least, lowest + 255);
    if (has_sign)
        check_fill_i8(run, values, input, at.elements);
    else
        check_fill_u8(run, values, input, at.elements);
    check_seal(run, input);
    if (has_sign) {
        kernel->max_s8(input, &at.window, least, most, got);
        reference->max_s8(input, &at.window, least, most, want);
    } else {
        kernel->max_u8(input, &at.window, least, most, got);
        reference->max_u8(input, &at.window, least, most, want);
    }
    check_equal(run, got, want, bytes, 1);
    check_case_end(run);
}

static void sum_case(check *run, const mg_pool_kernel *kernel, const mg_pool_kernel *reference,
                     check_values values)
{
    problem at;
    bool has_sign = check_random(run) % 2 == 0;
    draw(run, &at, has_sign ? "sum_s8" : "sum_u8", values);
    void *input = check_memory(run, at.elements, 1);
    size_t bytes = at.window.channels * 4;
    int32_t *got = check_output(run, bytes, 4, 0x11), *want = check_output(run, bytes, 4, 0xee);
    if (has_sign)
        check_fill_i8(run, values, input, at.elements);
    else
        check_fill_u8(run, values, input, at.elements);
    check_seal(run, input);
    if (has_sign) {
        kernel->sum_s8(input, &at.window, got);
        reference->sum_s8(input, &at.window, want);
    } else {
        kernel->sum_u8(input, &at.window, got);
        reference->sum_u8(input, &at.window, want);
    }
    check_equal(run, got, want, bytes, 4);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    for (int round = 0; round < 60; ++round)
        for (int values = 0; values < CHECK_VALUES_COUNT; ++values) {
            float_case(run, kernel, reference, (check_values)values);
            max_case(run, kernel, reference, (check_values)values);
            sum_case(run, kernel, reference, (check_values)values);
        }
}

enum { BENCH_SIDE = 7, BENCH_CHANNELS = 1280, BENCH_PIXELS = BENCH_SIDE * BENCH_SIDE };

typedef struct bench_case {
    const mg_pool_kernel *kernel;
    mg_pool_window window;
    float input[BENCH_PIXELS * BENCH_CHANNELS], output[BENCH_CHANNELS];
    int8_t bytes[BENCH_PIXELS * BENCH_CHANNELS], maxima[BENCH_CHANNELS];
    int32_t sums[BENCH_CHANNELS];
} bench_case;

static void call_average(void *argument)
{
    bench_case *at = argument;
    at->kernel->average_f32(at->input, &at->window, -INFINITY, INFINITY, at->output);
}

static void call_sum(void *argument)
{
    bench_case *at = argument;
    at->kernel->sum_s8(at->bytes, &at->window, at->sums);
}

static void call_max(void *argument)
{
    bench_case *at = argument;
    at->kernel->max_s8(at->bytes, &at->window, INT8_MIN, INT8_MAX, at->maxima);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    double work = BENCH_PIXELS * BENCH_CHANNELS;
    at.kernel = kernel;
    at.window =
        (mg_pool_window){BENCH_SIDE * BENCH_CHANNELS, BENCH_SIDE, BENCH_SIDE, BENCH_CHANNELS};
    check_fill_f32(run, CHECK_RANDOM, at.input, BENCH_PIXELS * BENCH_CHANNELS);
    check_fill_i8(run, CHECK_RANDOM, at.bytes, BENCH_PIXELS * BENCH_CHANNELS);
    check_measure(run, "average_f32 7 x 7 x 1280", work, call_average, &at);
    check_measure(run, "sum_s8 7 x 7 x 1280", work, call_sum, &at);
    check_measure(run, "max_s8 7 x 7 x 1280", work, call_max, &at);
}

const check_family check_pool = {test, bench};
