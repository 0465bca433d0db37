/* SPDX-License-Identifier: Apache-2.0 */
/* winograd_int: each transform against plain C, bit for bit; and all three together against the
 * convolution that they stand for, which they must give exactly. */
#include <stdio.h>
#include <string.h>

#include "check.h"

enum {
    TAPS = MG_WINOGRAD_TAPS,
    POSITIONS = MG_WINOGRAD_POSITIONS,
    PATCH = MG_WINOGRAD_PATCH,
    TILE = MG_WINOGRAD_TILE,
    PIXELS = TILE * TILE,
    MOST_COUNT = 70,
    MOST_DEPTH = 24
};

static const mg_cell cells[] = {MG_CELL_I8, MG_CELL_U8, MG_CELL_I16};

static size_t cell_bytes(mg_cell cell)
{
    return cell == MG_CELL_I16 ? 2 : 1;
}

/* Cells as activations have them; int16 ones are dynamically quantised. */
static void *draw_cells(check *run, mg_cell cell, check_values values, size_t count)
{
    void *memory = check_memory(run, count * cell_bytes(cell), cell_bytes(cell));
    if (cell == MG_CELL_I8) check_fill_i8(run, values, memory, count);
    if (cell == MG_CELL_U8) check_fill_u8(run, values, memory, count);
    if (cell == MG_CELL_I16) {
        int16_t *words = memory;
        check_fill_i16(run, values, words, count);
        for (size_t i = 0; i < count; ++i)
            words[i] = words[i] == INT16_MIN ? -255 : words[i] == INT16_MAX ? 255 : words[i] % 256;
    }
    check_seal(run, memory);
    return memory;
}

static int32_t draw_zero(check *run, mg_cell cell)
{
    if (cell == MG_CELL_I16) return 0;
    const int32_t zero = check_random(run) % 3 == 0 ? 0
                         : check_random(run) % 2    ? 255
                                                    : check_between(run, 0, 255);
    return cell == MG_CELL_U8 ? zero : zero - 128;
}

static int32_t cell_at(mg_cell cell, const void *start, size_t at)
{
    switch (cell) {
    case MG_CELL_I8: return ((const int8_t *)start)[at];
    case MG_CELL_U8: return ((const uint8_t *)start)[at];
    default: return ((const int16_t *)start)[at];
    }
}

/* Weights freed of a zero point: -255 … 255. */
static int16_t *draw_taps(check *run, check_values values, size_t count)
{
    int16_t *taps = draw_cells(run, MG_CELL_I16, values, count);
    return taps;
}

/* Rows of `count` elements, `stride` apart. */
static size_t extent(size_t rows, size_t stride, size_t count)
{
    return (rows - 1) * stride + count;
}

static void one_weights(check *run, const mg_winograd_int_kernel *const kernels[2],
                        check_values values)
{
    const size_t count = check_size(run, 16, MOST_COUNT);
    const size_t stride = count + check_random(run) % 20,
                 taps_apart = count + check_random(run) % 9;
    const size_t bytes = extent(POSITIONS, stride, count) * 2;
    check_case(run, "weights, %zu elements, strides %zu and %zu, values %d", count, stride,
               taps_apart, (int)values);
    const int16_t *taps = draw_taps(run, values, extent(TAPS, taps_apart, count));
    int16_t *out[2];
    for (int i = 0; i < 2; ++i) {
        out[i] = check_output(run, bytes, 2, 0x7f);
        kernels[i]->weights(taps, taps_apart, count, out[i], stride);
    }
    check_equal(run, out[0], out[1], bytes, 2);
    check_case_end(run);
}

static void one_input(check *run, const mg_winograd_int_kernel *const kernels[2],
                      check_values values)
{
    const mg_cell cell = cells[check_random(run) % 3];
    const size_t count = check_size(run, 16, MOST_COUNT), stride = count + check_random(run) % 20;
    const size_t bytes = extent(POSITIONS, stride, count) * 2;
    const int32_t zero = draw_zero(run, cell);
    const void *patch[POSITIONS];
    check_case(run, "input, cells %d, %zu elements, stride %zu, zero point %d, values %d",
               (int)cell, count, stride, (int)zero, (int)values);
    const char *image = draw_cells(run, cell, values, POSITIONS * count);
    for (size_t p = 0; p < POSITIONS; ++p)
        patch[p] = image + (POSITIONS - 1 - p) * count * cell_bytes(cell);
    int16_t *out[2];
    for (int i = 0; i < 2; ++i) {
        out[i] = check_output(run, bytes, 2, 0x7f);
        kernels[i]->input(cell, zero, patch, count, out[i], stride);
    }
    check_equal(run, out[0], out[1], bytes, 2);
    check_case_end(run);
}

static void one_output(check *run, const mg_winograd_int_kernel *const kernels[2],
                       check_values values)
{
    const size_t count = check_size(run, 8, MOST_COUNT), stride = count + check_random(run) % 20;
    const size_t pixel = count + check_random(run) % 5, line = TILE * pixel + check_random(run) % 9;
    const size_t bytes = extent(TILE, line, extent(TILE, pixel, count)) * 4;
    check_case(run, "output, %zu elements, strides %zu, %zu and %zu, values %d", count, stride,
               pixel, line, (int)values);
    int32_t *in = check_memory(run, extent(POSITIONS, stride, count) * 4, 4);
    check_fill_i32(run, values, in, extent(POSITIONS, stride, count));
    check_seal(run, in);
    int32_t *bias = check_memory(run, count * 4, 4);
    check_fill_i32(run, CHECK_RANDOM, bias, count);
    const int32_t *bias_used = check_random(run) % 3 ? bias : NULL;
    int32_t *out[2];
    for (int i = 0; i < 2; ++i) {
        out[i] = check_output(run, bytes, 4, 0x7f);
        kernels[i]->output(in, stride, count, bias_used, out[i], pixel, line);
    }
    check_equal(run, out[0], out[1], bytes, 4);
    check_case_end(run);
}

/* The sum of products for one element of one pixel. */
static int32_t convolved(mg_cell cell, int32_t zero, const void *const *patch, const int16_t *taps,
                         size_t count, size_t depth, size_t y, size_t x)
{
    int32_t sum = 0;
    for (size_t d = 0; d < depth; ++d)
        for (size_t t = 0; t < TAPS; ++t) {
            const void *pixel = patch[(y + t / 3) * PATCH + x + t % 3];
            sum += (cell_at(cell, pixel, d) - zero) * taps[t * count + d];
        }
    return sum;
}

/* One filter over `depth` channels. */
static void one_convolution(check *run, const mg_winograd_int_kernel *kernel, check_values left,
                            check_values right)
{
    const mg_cell cell = cells[check_random(run) % 3];
    const size_t depth = check_size(run, 16, MOST_DEPTH);
    const int32_t zero = draw_zero(run, cell);
    check_case(run, "convolution, cells %d, depth %zu, zero point %d, values %d and %d", (int)cell,
               depth, (int)zero, (int)left, (int)right);
    const char *image = draw_cells(run, cell, left, POSITIONS * depth);
    const int16_t *taps = draw_taps(run, right, TAPS * depth);
    int16_t *patches = check_output(run, POSITIONS * depth * 2, 2, 0x7f);
    int16_t *weights = check_output(run, POSITIONS * depth * 2, 2, 0x7f);
    const void *patch[POSITIONS];
    int32_t sums[POSITIONS], got[PIXELS], want[PIXELS];
    for (size_t p = 0; p < POSITIONS; ++p) patch[p] = image + p * depth * cell_bytes(cell);
    kernel->input(cell, zero, patch, depth, patches, depth);
    kernel->weights(taps, depth, depth, weights, depth);
    for (size_t p = 0; p < POSITIONS; ++p) {
        uint32_t sum = 0;
        for (size_t d = 0; d < depth; ++d)
            sum += (uint32_t)(patches[p * depth + d] * weights[p * depth + d]);
        sums[p] = (int32_t)sum;
    }
    kernel->output(sums, 1, 1, NULL, got, 1, TILE);
    for (size_t p = 0; p < PIXELS; ++p)
        want[p] = convolved(cell, zero, patch, taps, depth, depth, p / TILE, p % TILE);
    check_equal(run, got, want, sizeof want, 4);
    check_case_end(run);
}

static void test(check *run, const void *kernel, const void *reference)
{
    const mg_winograd_int_kernel *const kernels[2] = {kernel, reference};
    for (int round = 0; round < 360; ++round) {
        const check_values values = (check_values)(round % CHECK_VALUES_COUNT);
        one_weights(run, kernels, values);
        one_input(run, kernels, values);
        one_output(run, kernels, values);
        one_convolution(run, kernel, values,
                        (check_values)(round / CHECK_VALUES_COUNT % CHECK_VALUES_COUNT));
    }
}

/* ---- Speed: one tile of 128 channels */

enum { BENCH_COUNT = 128, BENCH_STRIDE = BENCH_COUNT + 16 };

typedef struct bench_case {
    const mg_winograd_int_kernel *kernel;
    const void *patch[POSITIONS];
    int8_t image[POSITIONS * BENCH_COUNT];
    int16_t positions[POSITIONS * BENCH_STRIDE], taps[TAPS * BENCH_STRIDE];
    int32_t sums[POSITIONS * BENCH_STRIDE], out[PIXELS * BENCH_COUNT];
} bench_case;

static void call_input(void *argument)
{
    bench_case *at = argument;
    at->kernel->input(MG_CELL_I8, -3, at->patch, BENCH_COUNT, at->positions, BENCH_STRIDE);
}

static void call_weights(void *argument)
{
    bench_case *at = argument;
    at->kernel->weights(at->taps, BENCH_STRIDE, BENCH_COUNT, at->positions, BENCH_STRIDE);
}

static void call_output(void *argument)
{
    bench_case *at = argument;
    at->kernel->output(at->sums, BENCH_STRIDE, BENCH_COUNT, NULL, at->out, BENCH_COUNT,
                       TILE * BENCH_COUNT);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    at.kernel = kernel;
    check_fill_i8(run, CHECK_RANDOM, at.image, sizeof at.image);
    check_fill_i16(run, CHECK_RANDOM, at.taps, TAPS * BENCH_STRIDE);
    check_fill_i32(run, CHECK_RANDOM, at.sums, POSITIONS * BENCH_STRIDE);
    for (size_t p = 0; p < POSITIONS; ++p) at.patch[p] = at.image + p * BENCH_COUNT;
    check_measure(run, "input, elements", POSITIONS * BENCH_COUNT, call_input, &at);
    check_measure(run, "weights, elements", POSITIONS * BENCH_COUNT, call_weights, &at);
    check_measure(run, "output, elements", POSITIONS * BENCH_COUNT, call_output, &at);
}

const check_family check_winograd_int = {test, bench};
