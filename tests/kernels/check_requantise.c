/* SPDX-License-Identifier: Apache-2.0 */
/* requantise: multipliers and shifts at their limits, inputs at ties and extremes. */
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { ROWS = 5, MOST_COLUMNS = 70 };

static void draw_factors(check *run, int32_t *multiplier, int32_t *shift, size_t columns)
{
    for (size_t c = 0; c < columns; ++c) {
        switch (check_random(run) % 8) {
        case 0: multiplier[c] = INT32_MAX; break;
        case 1: multiplier[c] = 1 << 30; break;
        case 2: multiplier[c] = 0; break;
        default: multiplier[c] = check_between(run, 1 << 30, INT32_MAX); break;
        }
        /* Left shifts occur only where inputs stay small; wrap-around is defined all the same. */
        shift[c] = multiplier[c] == 0 ? 0 : check_between(run, -31, check_random(run) % 8 ? 0 : 7);
    }
}

static void draw_range(check *run, mg_requantisation *how)
{
    static const mg_cell cells[] = {MG_CELL_I8, MG_CELL_U8, MG_CELL_I16};
    static const int32_t least[] = {INT8_MIN, 0, INT16_MIN};
    static const int32_t most[] = {INT8_MAX, UINT8_MAX, INT16_MAX};
    size_t kind = check_random(run) % 3;
    how->cell = cells[kind];
    how->zero_point = check_between(run, least[kind], most[kind]);
    how->minimum = check_random(run) % 2 ? least[kind] : check_between(run, least[kind], 50);
    how->maximum =
        check_random(run) % 2 ? most[kind] : check_between(run, how->minimum, most[kind]);
}

static void one_case(check *run, const mg_requantise_kernel *kernel,
                     const mg_requantise_kernel *reference, check_values values)
{
    size_t columns = check_size(run, 16, MOST_COLUMNS), rows = 1 + check_random(run) % ROWS;
    size_t in_stride = columns + check_random(run) % 5,
           out_stride = columns + check_random(run) % 5;
    mg_requantisation how;
    draw_range(run, &how);
    check_case(run, "%zu rows of %zu, strides %zu and %zu, cell %d, values %d", rows, columns,
               in_stride, out_stride, (int)how.cell, (int)values);

    int32_t *multiplier = check_memory(run, columns * 4, 4);
    int32_t *shift = check_memory(run, columns * 4, 4);
    draw_factors(run, multiplier, shift, columns);
    check_seal(run, multiplier);
    check_seal(run, shift);
    how.multiplier = multiplier;
    how.shift = shift;
    size_t in_count = (rows - 1) * in_stride + columns;
    int32_t *in = check_memory(run, in_count * 4, 4);
    check_fill_i32(run, values, in, in_count);
    if (values == CHECK_RANDOM && check_random(run) % 2)
        for (size_t i = 0; i < in_count; ++i) in[i] >>= 12; /* as sums of real networks are */
    check_seal(run, in);

    size_t element = how.cell == MG_CELL_I16 ? 2 : 1;
    size_t out_bytes = ((rows - 1) * out_stride + columns) * element;
    unsigned char *got = check_output(run, out_bytes, element, 0x11);
    unsigned char *want = check_output(run, out_bytes, element, 0xee);
    kernel->rows(&how, in, in_stride, rows, columns, got, out_stride);
    reference->rows(&how, in, in_stride, rows, columns, want, out_stride);
    for (size_t r = 0; r < rows; ++r)
        check_equal(run, got + r * out_stride * element, want + r * out_stride * element,
                    columns * element, element);
    check_case_end(run);
}

static void scale_case(check *run, const mg_requantise_kernel *kernel,
                       const mg_requantise_kernel *reference, check_values values)
{
    const size_t columns = check_size(run, 16, MOST_COLUMNS), rows = 1 + check_random(run) % ROWS;
    const size_t in_stride = columns + check_random(run) % 5;
    const size_t out_stride = columns + check_random(run) % 5;
    check_case(run, "scale of %zu rows of %zu columns, values %d", rows, columns, (int)values);
    float *scale = check_memory(run, columns * 4, 4), *bias = check_memory(run, columns * 4, 4);
    check_fill_f32(run, CHECK_RANDOM, scale, columns);
    check_fill_f32(run, CHECK_RANDOM, bias, columns);
    check_seal(run, scale);
    check_seal(run, bias);
    const size_t sums = (rows - 1) * in_stride + columns;
    int32_t *in = check_memory(run, sums * 4, 4);
    check_fill_i32(run, values, in, sums);
    mg_scaling how = {scale,
                      check_random(run) % 2,
                      0.01f,
                      check_random(run) % 3 ? bias : NULL,
                      check_random(run) % 2 ? -1e30f : 0.0f,
                      check_random(run) % 2 ? 1e30f : 6.0f};
    const size_t bytes = ((rows - 1) * out_stride + columns) * 4;
    float *got = check_output(run, bytes, 4, 0x11), *want = check_output(run, bytes, 4, 0x11);
    kernel->scale(&how, in, in_stride, rows, columns, got, out_stride);
    reference->scale(&how, in, in_stride, rows, columns, want, out_stride);
    check_equal(run, got, want, bytes, 4);
    check_case_end(run);
}

/* Factors that make ties, that overflow 32 bits, and the double below 1/2. */
static double draw_real_factor(check *run)
{
    switch (check_random(run) % 8) {
    case 0: return 0.5;
    case 1: return 1.0 / 128.0;
    case 2: return 0.0;
    case 3: return 3e9;
    case 4: return 1e300;
    case 5: return 0.49999999999999994;
    default: return (double)check_between(run, 1, 1 << 24) / (double)(1 << 30);
    }
}

static void real_case(check *run, const mg_requantise_kernel *kernel,
                      const mg_requantise_kernel *reference, check_values values)
{
    size_t columns = check_size(run, 8, MOST_COLUMNS), rows = 1 + check_random(run) % ROWS;
    size_t in_stride = columns + check_random(run) % 5,
           out_stride = columns + check_random(run) % 5;
    mg_requantisation how = {0};
    draw_range(run, &how);
    check_case(run, "real factors, %zu rows of %zu, strides %zu and %zu, cell %d, values %d", rows,
               columns, in_stride, out_stride, (int)how.cell, (int)values);
    double *factors = check_memory(run, columns * sizeof(double), sizeof(double));
    for (size_t c = 0; c < columns; ++c) factors[c] = draw_real_factor(run);
    check_seal(run, factors);
    size_t in_count = (rows - 1) * in_stride + columns;
    int32_t *in = check_memory(run, in_count * 4, 4);
    check_fill_i32(run, values, in, in_count);
    if (values == CHECK_RANDOM)
        for (size_t i = 0; i < in_count; ++i) in[i] >>= check_random(run) % 32;
    check_seal(run, in);

    size_t element = how.cell == MG_CELL_I16 ? 2 : 1;
    size_t out_bytes = ((rows - 1) * out_stride + columns) * element;
    unsigned char *got = check_output(run, out_bytes, element, 0x11);
    unsigned char *want = check_output(run, out_bytes, element, 0xee);
    kernel->real_rows(&how, factors, in, in_stride, rows, columns, got, out_stride);
    reference->real_rows(&how, factors, in, in_stride, rows, columns, want, out_stride);
    for (size_t r = 0; r < rows; ++r)
        check_equal(run, got + r * out_stride * element, want + r * out_stride * element,
                    columns * element, element);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    for (int round = 0; round < 150; ++round)
        for (int values = 0; values < CHECK_VALUES_COUNT; ++values) {
            one_case(run, kernel, reference, (check_values)values);
            real_case(run, kernel, reference, (check_values)values);
            scale_case(run, kernel, reference, (check_values)values);
        }
}

enum { BENCH_COLUMNS = 256, BENCH_ROWS = 8 };

typedef struct bench_case {
    const mg_requantise_kernel *kernel;
    mg_requantisation how;
    int32_t multiplier[BENCH_COLUMNS], shift[BENCH_COLUMNS];
    int32_t in[BENCH_ROWS * BENCH_COLUMNS];
    int8_t out[BENCH_ROWS * BENCH_COLUMNS];
} bench_case;

static void call(void *argument)
{
    bench_case *at = argument;
    at->kernel->rows(&at->how, at->in, BENCH_COLUMNS, BENCH_ROWS, BENCH_COLUMNS, at->out,
                     BENCH_COLUMNS);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    at.kernel = kernel;
    at.how = (mg_requantisation){at.multiplier, at.shift, 3, INT8_MIN, INT8_MAX, MG_CELL_I8};
    for (size_t c = 0; c < BENCH_COLUMNS; ++c)
        at.multiplier[c] = 1500000000 + (int32_t)c, at.shift[c] = -8;
    check_fill_i32(run, CHECK_RANDOM, at.in, BENCH_ROWS * BENCH_COLUMNS);
    check_measure(run, "8 x 256 to int8", BENCH_ROWS * BENCH_COLUMNS, call, &at);
}

const check_family check_requantise = {test, bench};
