/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_f32, dot_f32 and unpacked_f32 against sums in double precision, with the bound of their
 * contract. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { MOST_ROWS = 40, MOST_DEPTH = 300, MOST_SEGMENTS = 9, MOST_COLUMNS = 64 };

typedef struct problem {
    size_t rows, segments, length, depth, columns;
    const void **start;
    const float *left; /* rows * depth, row by row */
    const float *weights;
    mg_columns right;
    const float *bias;
    float minimum, maximum;
} problem;

static void draw(check *run, problem *at, size_t tile, size_t most_depth, size_t most_columns,
                 check_values values)
{
    at->rows = check_size(run, tile, MOST_ROWS);
    at->segments = 1 + check_random(run) % (check_random(run) % 2 ? 1 : MOST_SEGMENTS);
    at->length = check_size(run, 8, most_depth / at->segments);
    at->depth = at->segments * at->length;
    at->columns = 1 + check_random(run) % most_columns;
    at->minimum = check_random(run) % 2 ? -INFINITY : 0;
    at->maximum = check_random(run) % 2 ? INFINITY : 0.5f;
    bool by_depth = check_random(run) % 2 == 0;
    check_case(run, "%zu rows, %zu x %zu deep, %zu columns, %s, values %d", at->rows, at->segments,
               at->length, at->columns, by_depth ? "depth first" : "columns first", (int)values);

    float *left = check_memory(run, at->rows * at->depth * 4, 4);
    check_fill_f32(run, values, left, at->rows * at->depth);
    at->left = left;
    check_seal(run, left);
    at->start = check_memory(run, at->segments * at->rows * sizeof(void *), sizeof(void *));
    for (size_t s = 0; s < at->segments; ++s)
        for (size_t r = 0; r < at->rows; ++r)
            at->start[s * at->rows + r] = left + r * at->depth + s * at->length;
    float *weights = check_memory(run, at->columns * at->depth * 4, 4);
    check_fill_f32(run, values, weights, at->columns * at->depth);
    at->weights = weights;
    check_seal(run, weights);
    at->right = (mg_columns){weights, by_depth ? at->depth : 1, by_depth ? 1 : at->columns,
                             at->columns, at->depth};
    float *bias = check_memory(run, at->columns * 4, 4);
    check_fill_f32(run, CHECK_RANDOM, bias, at->columns);
    at->bias = check_random(run) % 3 ? bias : NULL;
}

/* Compares one result with the sum in double precision. */
static void judge(check *run, const problem *at, size_t r, size_t c, float got)
{
    double sum = at->bias != NULL ? (double)at->bias[c] : 0, size = fabs(sum);
    for (size_t d = 0; d < at->depth; ++d) {
        double product = (double)at->left[r * at->depth + d] *
                         (double)at->weights[c * at->right.column_step + d * at->right.depth_step];
        sum += product;
        size += fabs(product);
    }
    if (sum < (double)at->minimum) sum = (double)at->minimum;
    if (sum > (double)at->maximum) sum = (double)at->maximum;
    check_close(run, got, (float)sum, (double)(at->depth + 1) * size / (1 << 24) + 1e-37,
                r * at->columns + c);
}

static void one_case(check *run, const mg_gemm_f32_kernel *kernel, check_values values)
{
    problem at;
    draw(run, &at, kernel->tile_rows, MOST_DEPTH, kernel->panel_columns, values);
    float *panel = check_output(run, kernel->panel_columns * (at.depth + 1) * 4, 64, 0x7f);
    size_t stride = at.columns + check_random(run) % 4;
    float *out = check_output(run, ((at.rows - 1) * stride + at.columns) * 4, 4, 0x7f);
    kernel->pack(&at.right, at.bias, panel);
    check_seal(run, panel);
    mg_rows rows = {at.start, at.rows, at.rows, at.segments, at.length};
    kernel->multiply(&rows, panel, at.columns, at.minimum, at.maximum, out, stride);
    for (size_t r = 0; r < at.rows; ++r)
        for (size_t c = 0; c < at.columns; ++c) judge(run, &at, r, c, out[r * stride + c]);
    /* Rows are independent: a single row gives the same bits. */
    size_t lone = check_random(run) % at.rows;
    float *again = check_output(run, at.columns * 4, 4, 0x11);
    mg_rows one = {at.start + lone, at.rows, 1, at.segments, at.length};
    kernel->multiply(&one, panel, at.columns, at.minimum, at.maximum, again, at.columns);
    check_equal(run, again, out + lone * stride, at.columns * 4, 4);
    check_case_end(run);
}

static void test_gemm(check *run, const void *kernel, const void *reference)
{
    (void)reference;
    for (int round = 0; round < 60; ++round)
        for (int values = 0; values < CHECK_VALUES_COUNT; ++values)
            one_case(run, kernel, (check_values)values);
}

static void test_dot(check *run, const void *kernel, const void *reference)
{
    (void)reference;
    const mg_dot_f32_kernel *dot = kernel;
    for (int round = 0; round < 300; ++round) {
        problem at;
        draw(run, &at, 4, MOST_DEPTH, MOST_COLUMNS, (check_values)(round % CHECK_VALUES_COUNT));
        at.right.column_step = at.depth;
        at.right.depth_step = 1;
        float *out = check_output(run, at.columns * 4, 4, 0x7f);
        dot->multiply(at.left, &at.right, at.bias, at.minimum, at.maximum, out);
        for (size_t c = 0; c < at.columns; ++c) judge(run, &at, 0, c, out[c]);
        check_case_end(run);
    }
}

/* Of every second case the depth fills several copies of the kernel's weights. */
static void test_unpacked(check *run, const void *kernel, const void *reference)
{
    (void)reference;
    const mg_unpacked_f32_kernel *unpacked = kernel;
    for (int round = 0; round < 200; ++round) {
        problem at;
        draw(run, &at, 3, round % 2 ? MOST_DEPTH : 3000, 9,
             (check_values)(round % CHECK_VALUES_COUNT));
        at.right.column_step = at.depth;
        at.right.depth_step = 1;
        const size_t stride = at.columns + check_random(run) % 4;
        float *out = check_output(run, ((at.rows - 1) * stride + at.columns) * 4, 4, 0x7f);
        float *scratch = check_output(run, unpacked->scratch * sizeof(float), 64, 0x11);
        const mg_rows rows = {at.start, at.rows, at.rows, at.segments, at.length};
        unpacked->multiply(&rows, &at.right, at.bias, at.minimum, at.maximum, scratch, out, stride);
        for (size_t r = 0; r < at.rows; ++r)
            for (size_t c = 0; c < at.columns; ++c) judge(run, &at, r, c, out[r * stride + c]);
        /* So are columns: the last alone gives the same bits. */
        float *again = check_output(run, at.rows * 4, 4, 0x11);
        mg_columns last = at.right;
        last.weights = at.weights + (at.columns - 1) * at.depth;
        last.count = 1;
        unpacked->multiply(&rows, &last, at.bias ? at.bias + at.columns - 1 : NULL, at.minimum,
                           at.maximum, scratch, again, 1);
        for (size_t r = 0; r < at.rows; ++r)
            check_equal(run, again + r, out + r * stride + at.columns - 1, 4, 4);
        check_case_end(run);
    }
}

/* ---- Speed: layers of MobileNet */

enum { BENCH_ROWS = 96, BENCH_DEPTH = 512, BENCH_COLUMNS = 64 };

typedef struct bench_case {
    const mg_gemm_f32_kernel *kernel;
    mg_rows rows;
    size_t panels;
    const void *start[BENCH_ROWS];
    float left[BENCH_ROWS * BENCH_DEPTH];
    float weights[BENCH_COLUMNS * BENCH_DEPTH];
    _Alignas(64) float panel[BENCH_COLUMNS * (BENCH_DEPTH + 1)];
    float out[BENCH_ROWS * BENCH_COLUMNS];
} bench_case;

static void call(void *argument)
{
    bench_case *at = argument;
    size_t width = at->kernel->panel_columns;
    for (size_t p = 0; p < at->panels; ++p)
        at->kernel->multiply(&at->rows, at->panel + p * width * (at->rows.length + 1), width, -1e9f,
                             1e9f, at->out + p * width, BENCH_COLUMNS);
}

static void bench_gemm(check *run, const void *kernel)
{
    static bench_case at;
    static const size_t depths[] = {32, 128, 512};
    at.kernel = kernel;
    size_t width = at.kernel->panel_columns;
    at.panels = BENCH_COLUMNS / width;
    for (size_t k = 0; k < sizeof depths / sizeof depths[0]; ++k) {
        size_t depth = depths[k];
        check_fill_f32(run, CHECK_RANDOM, at.left, BENCH_ROWS * depth);
        check_fill_f32(run, CHECK_RANDOM, at.weights, BENCH_COLUMNS * depth);
        for (size_t r = 0; r < BENCH_ROWS; ++r) at.start[r] = at.left + r * depth;
        at.rows = (mg_rows){at.start, BENCH_ROWS, BENCH_ROWS, 1, depth};
        for (size_t p = 0; p < at.panels; ++p) {
            mg_columns columns = {at.weights + p * width * depth, depth, 1, width, depth};
            at.kernel->pack(&columns, NULL, at.panel + p * width * (depth + 1));
        }
        char shape[64];
        (void)snprintf(shape, sizeof shape, "%d x %zu x %zu", BENCH_ROWS, depth, at.panels * width);
        check_measure(run, shape, 2.0 * BENCH_ROWS * (double)(depth * at.panels * width), call,
                      &at);
    }
}

typedef struct dot_case {
    const mg_dot_f32_kernel *kernel;
    mg_columns columns;
    float row[1024], weights[1024 * 100], out[100];
} dot_case;

static void call_dot(void *argument)
{
    dot_case *at = argument;
    at->kernel->multiply(at->row, &at->columns, NULL, -1e9f, 1e9f, at->out);
}

static void bench_dot(check *run, const void *kernel)
{
    static dot_case at;
    at.kernel = kernel;
    at.columns = (mg_columns){at.weights, 1024, 1, 100, 1024};
    check_fill_f32(run, CHECK_RANDOM, at.weights, 1024 * 100);
    check_measure(run, "1 x 1024 x 100", 2.0 * 1024 * 100, call_dot, &at);
}

enum { UNPACKED_ROWS = 49, UNPACKED_DEPTH = 960, UNPACKED_COLUMNS = 64 };

typedef struct unpacked_case {
    const mg_unpacked_f32_kernel *kernel;
    mg_rows rows;
    mg_columns columns;
    const void *start[UNPACKED_ROWS];
    float left[UNPACKED_ROWS * UNPACKED_DEPTH];
    float weights[UNPACKED_COLUMNS * UNPACKED_DEPTH];
    float out[UNPACKED_ROWS * UNPACKED_COLUMNS];
    _Alignas(64) float scratch[8192];
} unpacked_case;

static void call_unpacked(void *argument)
{
    unpacked_case *at = argument;
    at->kernel->multiply(&at->rows, &at->columns, NULL, -1e9f, 1e9f, at->scratch, at->out,
                         UNPACKED_COLUMNS);
}

static void bench_unpacked(check *run, const void *kernel)
{
    static unpacked_case at;
    at.kernel = kernel;
    at.rows = (mg_rows){at.start, UNPACKED_ROWS, UNPACKED_ROWS, 1, UNPACKED_DEPTH};
    at.columns = (mg_columns){at.weights, UNPACKED_DEPTH, 1, UNPACKED_COLUMNS, UNPACKED_DEPTH};
    for (size_t r = 0; r < UNPACKED_ROWS; ++r) at.start[r] = at.left + r * UNPACKED_DEPTH;
    check_fill_f32(run, CHECK_RANDOM, at.left, UNPACKED_ROWS * UNPACKED_DEPTH);
    check_fill_f32(run, CHECK_RANDOM, at.weights, UNPACKED_COLUMNS * UNPACKED_DEPTH);
    check_measure(run, "49 x 960 x 64", 2.0 * UNPACKED_ROWS * UNPACKED_DEPTH * UNPACKED_COLUMNS,
                  call_unpacked, &at);
}

const check_family check_gemm_f32 = {test_gemm, bench_gemm};
const check_family check_dot_f32 = {test_dot, bench_dot};
const check_family check_unpacked_f32 = {test_unpacked, bench_unpacked};
