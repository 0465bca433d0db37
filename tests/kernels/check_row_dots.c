/* SPDX-License-Identifier: Apache-2.0 */
/* row_dots: integers equal ref; floats keep the bound of the contract. */
#include <math.h>
#include <stdio.h>

#include "check.h"

enum { MOST_ROWS = 9, MOST_DEPTH = 70 };

static void case_s16(check *run, const mg_row_dots_kernel *kernel,
                     const mg_row_dots_kernel *reference, check_values values)
{
    size_t rows = 1 + check_random(run) % MOST_ROWS, depth = check_size(run, 8, MOST_DEPTH);
    check_case(run, "int16, %zu rows of %zu, values %d", rows, depth, (int)values);
    int16_t *a = check_memory(run, rows * depth * 2, 2),
            *b = check_memory(run, rows * depth * 2, 2);
    check_fill_i16(run, values, a, rows * depth);
    check_fill_i16(run, values, b, rows * depth);
    check_seal(run, a);
    check_seal(run, b);
    int32_t *got = check_output(run, rows * 4, 4, 0x55),
            *want = check_output(run, rows * 4, 4, 0xaa);
    kernel->s16(a, b, rows, depth, got);
    reference->s16(a, b, rows, depth, want);
    check_equal(run, got, want, rows * 4, 4);
    check_case_end(run);
}

static void case_s8(check *run, const mg_row_dots_kernel *kernel,
                    const mg_row_dots_kernel *reference, check_values values)
{
    size_t rows = 1 + check_random(run) % MOST_ROWS, depth = check_size(run, 8, MOST_DEPTH);
    int32_t zero = check_between(run, INT8_MIN, INT8_MAX);
    check_case(run, "int8, %zu rows of %zu, zero point %d, values %d", rows, depth, (int)zero,
               (int)values);
    int8_t *a = check_memory(run, rows * depth, 1), *b = check_memory(run, rows * depth, 1);
    check_fill_i8(run, values, a, rows * depth);
    check_fill_i8(run, values, b, rows * depth);
    check_seal(run, a);
    check_seal(run, b);
    int32_t *got = check_output(run, rows * 4, 4, 0x55),
            *want = check_output(run, rows * 4, 4, 0xaa);
    kernel->s8(a, b, zero, rows, depth, got);
    reference->s8(a, b, zero, rows, depth, want);
    check_equal(run, got, want, rows * 4, 4);
    check_case_end(run);
}

static void case_f32(check *run, const mg_row_dots_kernel *kernel, check_values values)
{
    size_t rows = 1 + check_random(run) % MOST_ROWS, depth = check_size(run, 8, MOST_DEPTH);
    check_case(run, "float, %zu rows of %zu, values %d", rows, depth, (int)values);
    float *a = check_memory(run, rows * depth * 4, 4), *b = check_memory(run, rows * depth * 4, 4);
    check_fill_f32(run, values, a, rows * depth);
    check_fill_f32(run, values, b, rows * depth);
    check_seal(run, a);
    check_seal(run, b);
    float *got = check_output(run, rows * 4, 4, 0x7f);
    kernel->f32(a, b, rows, depth, got);
    for (size_t row = 0; row < rows; ++row) {
        double want = 0, size = 0;
        for (size_t i = row * depth; i < (row + 1) * depth; ++i) {
            want += (double)a[i] * (double)b[i];
            size += fabs((double)a[i] * (double)b[i]);
        }
        check_close(run, got[row], (float)want,
                    (double)depth * size / (1 << 24) + fabs(want) / (1 << 24), row);
    }
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    for (int round = 0; round < 80; ++round) {
        for (int values = 0; values < CHECK_VALUES_COUNT; ++values) {
            case_s16(run, kernel, reference, (check_values)values);
            case_s8(run, kernel, reference, (check_values)values);
            case_f32(run, kernel, (check_values)values);
        }
    }
}

enum { BENCH_ROWS = 64, BENCH_DEPTH = 10 };

typedef struct bench_case {
    const mg_row_dots_kernel *kernel;
    int16_t a[BENCH_ROWS * BENCH_DEPTH], b[BENCH_ROWS * BENCH_DEPTH];
    int32_t sums[BENCH_ROWS];
} bench_case;

static void call(void *argument)
{
    bench_case *at = argument;
    at->kernel->s16(at->a, at->b, BENCH_ROWS, BENCH_DEPTH, at->sums);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    at.kernel = kernel;
    check_fill_i16(run, CHECK_RANDOM, at.a, BENCH_ROWS * BENCH_DEPTH);
    check_fill_i16(run, CHECK_RANDOM, at.b, BENCH_ROWS * BENCH_DEPTH);
    check_measure(run, "64 x 10 int16", BENCH_ROWS * BENCH_DEPTH, call, &at);
}

const check_family check_row_dots = {test, bench};
