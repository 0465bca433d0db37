/* SPDX-License-Identifier: Apache-2.0 */
/* winograd_f32: each transform against its matrices in double precision; and all three together
 * against the convolution that they stand for. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum {
    TAPS = MG_WINOGRAD_TAPS,
    POSITIONS = MG_WINOGRAD_POSITIONS,
    PATCH = MG_WINOGRAD_PATCH,
    TILE = MG_WINOGRAD_TILE,
    PIXELS = TILE * TILE,
    MOST_COUNT = 70
};

#define NEAR 0.70710678118654752440
#define FAR 1.41421356237309504880
static const double input_matrix[PATCH][PATCH] = {
    {1, 0, -2.5, 0, 1, 0},          {0, -2 * NEAR, -2, NEAR, 1, 0}, {0, 2 * NEAR, -2, -NEAR, 1, 0},
    {0, -FAR / 2, -0.5, FAR, 1, 0}, {0, FAR / 2, -0.5, -FAR, 1, 0}, {0, 1, 0, -2.5, 0, 1}};
static const double weight_matrix[PATCH][PATCH] = {{1, 0, 0},
                                                   {-2.0 / 3, -2 * NEAR / 3, -1.0 / 3},
                                                   {-2.0 / 3, 2 * NEAR / 3, -1.0 / 3},
                                                   {1.0 / 6, FAR / 6, 1.0 / 3},
                                                   {1.0 / 6, -FAR / 6, 1.0 / 3},
                                                   {0, 0, 1}};
static const double output_matrix[TILE][PATCH] = {{1, 1, 1, 1, 1, 0},
                                                  {0, NEAR, -NEAR, FAR, -FAR, 0},
                                                  {0, 0.5, 0.5, 2, 2, 0},
                                                  {0, NEAR / 2, -NEAR / 2, 2 * FAR, -2 * FAR, 1}};

/* matrix * in * matrix' at (row, column), and the same of absolute values. */
static void transform(const double (*matrix)[PATCH], size_t side, const double *in, size_t row,
                      size_t column, double *sum, double *size)
{
    *sum = *size = 0;
    for (size_t y = 0; y < side; ++y)
        for (size_t x = 0; x < side; ++x) {
            const double term = matrix[row][y] * matrix[column][x] * in[y * side + x];
            *sum += term;
            *size += fabs(term);
        }
}

/* Two passes of up to six terms each. */
static double rounding(double size)
{
    return 16 * size / (1 << 24) + 1e-36;
}

static void judge_square(check *run, const double (*matrix)[PATCH], size_t side, const double *in,
                         const float *got, size_t stride, size_t i)
{
    for (size_t p = 0; p < POSITIONS; ++p) {
        double sum, size;
        transform(matrix, side, in, p / PATCH, p % PATCH, &sum, &size);
        check_close(run, got[p * stride + i], (float)sum, rounding(size), p * stride + i);
    }
}

typedef struct sizes {
    size_t count, stride, tap_stride;
} sizes;

static sizes draw(check *run, const char *what, check_values values)
{
    sizes at;
    at.count = check_size(run, 8, MOST_COUNT);
    at.stride = at.count + check_random(run) % 20;
    at.tap_stride = at.count + check_random(run) % 20;
    check_case(run, "%s, %zu elements, strides %zu and %zu, values %d", what, at.count, at.stride,
               at.tap_stride, (int)values);
    return at;
}

/* Rows of `count` floats, `stride` apart. */
static size_t extent(size_t rows, size_t stride, size_t count)
{
    return (rows - 1) * stride + count;
}

static void one_weights(check *run, const mg_winograd_f32_kernel *kernel, check_values values)
{
    const sizes at = draw(run, "weights", values);
    const size_t floats = extent(TAPS, at.tap_stride, at.count);
    float *taps = check_memory(run, floats * 4, 4);
    check_fill_f32(run, values, taps, floats);
    check_seal(run, taps);
    float *out = check_output(run, extent(POSITIONS, at.stride, at.count) * 4, 4, 0x7f);
    kernel->weights(taps, at.tap_stride, at.count, out, at.stride);
    for (size_t i = 0; i < at.count; ++i) {
        double in[TAPS];
        for (size_t t = 0; t < TAPS; ++t) in[t] = (double)taps[t * at.tap_stride + i];
        judge_square(run, weight_matrix, 3, in, out, at.stride, i);
    }
    check_case_end(run);
}

static void one_input(check *run, const mg_winograd_f32_kernel *kernel, check_values values)
{
    const sizes at = draw(run, "input", values);
    const float *patch[POSITIONS];
    float *image = check_memory(run, POSITIONS * at.count * 4, 4);
    check_fill_f32(run, values, image, POSITIONS * at.count);
    check_seal(run, image);
    for (size_t p = 0; p < POSITIONS; ++p) patch[p] = image + (POSITIONS - 1 - p) * at.count;
    float *out = check_output(run, extent(POSITIONS, at.stride, at.count) * 4, 4, 0x7f);
    kernel->input(patch, at.count, out, at.stride);
    for (size_t i = 0; i < at.count; ++i) {
        double in[POSITIONS];
        for (size_t p = 0; p < POSITIONS; ++p) in[p] = (double)patch[p][i];
        judge_square(run, input_matrix, PATCH, in, out, at.stride, i);
    }
    check_case_end(run);
}

static void judge_pixels(check *run, const float *in, const sizes *at, const float *bias,
                         const float range[2], float *const *tile)
{
    for (size_t i = 0; i < at->count; ++i) {
        double sums[POSITIONS];
        for (size_t p = 0; p < POSITIONS; ++p) sums[p] = (double)in[p * at->stride + i];
        for (size_t p = 0; p < PIXELS; ++p) {
            if (tile[p] == NULL) continue;
            double sum, size;
            transform(output_matrix, PATCH, sums, p / TILE, p % TILE, &sum, &size);
            if (bias != NULL) {
                sum += (double)bias[i];
                size += fabs((double)bias[i]);
            }
            sum = fmin(fmax(sum, (double)range[0]), (double)range[1]);
            check_close(run, tile[p][i], (float)sum, rounding(size), p * at->count + i);
        }
    }
}

static void one_output(check *run, const mg_winograd_f32_kernel *kernel, check_values values)
{
    const sizes at = draw(run, "output", values);
    const size_t floats = extent(POSITIONS, at.stride, at.count);
    float *in = check_memory(run, floats * 4, 4);
    check_fill_f32(run, values, in, floats);
    check_seal(run, in);
    float *bias = check_memory(run, at.count * 4, 4);
    check_fill_f32(run, CHECK_RANDOM, bias, at.count);
    const float *bias_used = check_random(run) % 3 ? bias : NULL;
    const float range[2] = {check_random(run) % 2 ? -INFINITY : 0,
                            check_random(run) % 2 ? INFINITY : 0.5f};
    float *out = check_output(run, PIXELS * at.count * 4, 4, 0x7f);
    float *outside = check_memory(run, at.count * 4, 4);
    memset(outside, 0x7f, at.count * 4);
    float *tile[PIXELS];
    for (size_t p = 0; p < PIXELS; ++p) tile[p] = check_random(run) % 5 ? out + p * at.count : NULL;
    kernel->output(in, at.stride, at.count, bias_used, range[0], range[1], tile);
    for (size_t p = 0; p < PIXELS; ++p)
        if (tile[p] == NULL) check_equal(run, out + p * at.count, outside, at.count * 4, 4);
    judge_pixels(run, in, &at, bias_used, range, tile);
    check_case_end(run);
}

/* A convolution of depth 1 for each element, with the bound that winograd.h states. */
static void one_convolution(check *run, const mg_winograd_f32_kernel *kernel, check_values values)
{
    const size_t count = check_size(run, 8, MOST_COUNT);
    check_case(run, "convolution, %zu elements, values %d", count, (int)values);
    float *image = check_memory(run, POSITIONS * count * 4, 4);
    float *taps = check_memory(run, TAPS * count * 4, 4);
    check_fill_f32(run, values, image, POSITIONS * count);
    check_fill_f32(run, CHECK_RANDOM, taps, TAPS * count);
    float *left = check_output(run, POSITIONS * count * 4, 4, 0x7f);
    float *right = check_output(run, POSITIONS * count * 4, 4, 0x7f);
    float *out = check_output(run, PIXELS * count * 4, 4, 0x7f);
    const float *patch[POSITIONS];
    float *tile[PIXELS];
    for (size_t p = 0; p < POSITIONS; ++p) patch[p] = image + p * count;
    for (size_t p = 0; p < PIXELS; ++p) tile[p] = out + p * count;
    kernel->input(patch, count, left, count);
    kernel->weights(taps, count, count, right, count);
    for (size_t i = 0; i < POSITIONS * count; ++i) left[i] *= right[i];
    kernel->output(left, count, count, NULL, -INFINITY, INFINITY, tile);
    for (size_t i = 0; i < PIXELS * count; ++i) {
        const size_t y = i / count / TILE, x = i / count % TILE, c = i % count;
        double sum = 0, weights = 0, most = 0;
        for (size_t p = 0; p < POSITIONS; ++p) most = fmax(most, fabs((double)patch[p][c]));
        for (size_t t = 0; t < TAPS; ++t) {
            sum += (double)taps[t * count + c] * (double)patch[(y + t / 3) * PATCH + x + t % 3][c];
            weights += fabs((double)taps[t * count + c]);
        }
        check_close(run, out[i], (float)sum,
                    MG_WINOGRAD_GROWTH * (1 + 40) * most * weights / (1 << 24) + 1e-36, i);
    }
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    (void)reference;
    for (int round = 0; round < 240; ++round) {
        const check_values values = (check_values)(round % CHECK_VALUES_COUNT);
        one_weights(run, kernel, values);
        one_input(run, kernel, values);
        one_output(run, kernel, values);
        one_convolution(run, kernel, values);
    }
}

/* ---- Speed: one tile of 128 channels */

enum { BENCH_COUNT = 128, BENCH_STRIDE = BENCH_COUNT + 16 };

typedef struct bench_case {
    const mg_winograd_f32_kernel *kernel;
    const float *patch[POSITIONS];
    float *tile[PIXELS];
    float image[POSITIONS * BENCH_COUNT], positions[POSITIONS * BENCH_STRIDE];
    float taps[TAPS * BENCH_STRIDE], out[PIXELS * BENCH_COUNT];
} bench_case;

static void call_input(void *argument)
{
    bench_case *at = argument;
    at->kernel->input(at->patch, BENCH_COUNT, at->positions, BENCH_STRIDE);
}

static void call_weights(void *argument)
{
    bench_case *at = argument;
    at->kernel->weights(at->taps, BENCH_STRIDE, BENCH_COUNT, at->positions, BENCH_STRIDE);
}

static void call_output(void *argument)
{
    bench_case *at = argument;
    at->kernel->output(at->positions, BENCH_STRIDE, BENCH_COUNT, NULL, -1e9f, 1e9f, at->tile);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    at.kernel = kernel;
    check_fill_f32(run, CHECK_RANDOM, at.image, POSITIONS * BENCH_COUNT);
    check_fill_f32(run, CHECK_RANDOM, at.positions, POSITIONS * BENCH_STRIDE);
    check_fill_f32(run, CHECK_RANDOM, at.taps, TAPS * BENCH_STRIDE);
    for (size_t p = 0; p < POSITIONS; ++p) at.patch[p] = at.image + p * BENCH_COUNT;
    for (size_t p = 0; p < PIXELS; ++p) at.tile[p] = at.out + p * BENCH_COUNT;
    check_measure(run, "input, elements", POSITIONS * BENCH_COUNT, call_input, &at);
    check_measure(run, "weights, elements", POSITIONS * BENCH_COUNT, call_weights, &at);
    check_measure(run, "output, elements", POSITIONS * BENCH_COUNT, call_output, &at);
}

const check_family check_winograd_f32 = {test, bench};
