/* SPDX-License-Identifier: Apache-2.0 */
/* blend: rows of real resizings, all bit-equal to plain C. */
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { MOST_CHANNELS = 40, MOST_COLUMNS = 50, MOST_INPUT = 60 };

typedef struct problem {
    size_t channels, columns;
    mg_resample_axis width;
    mg_resample_axis height;
    mg_blend_step *steps;
    mg_blend_step y;
    size_t elements; /* of a row of the input */
} problem;

static mg_resample_axis draw_axis(check *run, int32_t output)
{
    mg_resample_axis axis = {check_between(run, 1, MOST_INPUT), output, false, false, 0.0f, 0};
    uint32_t mode = check_random(run) % 3;
    axis.align_corners = mode == 1;
    axis.half_pixel_centers = mode == 2;
    mg_resample_init(&axis);
    return axis;
}

static void draw(check *run, problem *at, const char *what, check_values values, bool fixed)
{
    mg_blend_step (*step)(const mg_resample_axis *axis, int32_t index) =
        fixed ? mg_blend_step_fixed : mg_blend_step_float;
    at->channels = check_size(run, 8, MOST_CHANNELS);
    at->columns = check_size(run, 2, MOST_COLUMNS);
    at->width = draw_axis(run, (int32_t)at->columns);
    at->height = draw_axis(run, check_between(run, 1, MOST_INPUT));
    at->elements = (size_t)at->width.input * at->channels;
    at->y = step(&at->height, check_between(run, 0, at->height.output - 1));
    check_case(run, "%s: %d to %zu columns, %zu channels, rows %d and %d, values %d", what,
               (int)at->width.input, at->columns, at->channels, (int)at->y.first, (int)at->y.second,
               (int)values);
    at->steps = check_memory(run, at->columns * sizeof *at->steps, sizeof(int32_t));
    for (size_t i = 0; i < at->columns; ++i) at->steps[i] = step(&at->width, (int32_t)i);
    check_seal(run, at->steps);
}

/* Beyond the edge of an image, where fractions leave 0 … 1, both rows are the same one. */
#define BLEND_CASE(suffix, type, fill, member, fixed)                                            \
    static void case_##suffix(check *run, const mg_blend_kernel *kernel,                         \
                              const mg_blend_kernel *reference, check_values values)             \
    {                                                                                            \
        problem at;                                                                              \
        draw(run, &at, #suffix, values, fixed);                                                  \
        type *above = check_memory(run, at.elements * sizeof(type), sizeof(type));               \
        type *below = check_memory(run, at.elements * sizeof(type), sizeof(type));               \
        fill(run, values, above, at.elements);                                                   \
        fill(run, CHECK_RANDOM, below, at.elements);                                             \
        if (at.y.first == at.y.second) memcpy(below, above, at.elements * sizeof(type));         \
        check_seal(run, above);                                                                  \
        check_seal(run, below);                                                                  \
        size_t bytes = at.columns * at.channels * sizeof(type);                                  \
        type *got = check_output(run, bytes, sizeof(type), 0x11);                                \
        type *want = check_output(run, bytes, sizeof(type), 0xee);                               \
        kernel->row_##suffix(above, below, at.y.member, at.steps, at.columns, at.channels, got); \
        reference->row_##suffix(above, below, at.y.member, at.steps, at.columns, at.channels,    \
                                want);                                                           \
        check_equal(run, got, want, bytes, sizeof(type));                                        \
        check_case_end(run);                                                                     \
    }

BLEND_CASE(f32, float, check_fill_f32, fraction, false)
BLEND_CASE(u8, uint8_t, check_fill_u8, fraction, false)
BLEND_CASE(s8, int8_t, check_fill_i8, fraction_10, true)

static void test(check *run, const void *kernel, const void *reference)
{
    for (int round = 0; round < 60; ++round)
        for (int values = 0; values < CHECK_VALUES_COUNT; ++values) {
            case_f32(run, kernel, reference, (check_values)values);
            case_u8(run, kernel, reference, (check_values)values);
            case_s8(run, kernel, reference, (check_values)values);
        }
}

enum { BENCH_INPUT = 33, BENCH_COLUMNS = 257, BENCH_CHANNELS = 21 };

typedef struct bench_case {
    const mg_blend_kernel *kernel;
    mg_blend_step float_steps[BENCH_COLUMNS], fixed_steps[BENCH_COLUMNS];
    float floats[BENCH_INPUT * BENCH_CHANNELS], float_row[BENCH_COLUMNS * BENCH_CHANNELS];
    int8_t bytes[BENCH_INPUT * BENCH_CHANNELS], byte_row[BENCH_COLUMNS * BENCH_CHANNELS];
} bench_case;

static void call_f32(void *argument)
{
    bench_case *at = argument;
    at->kernel->row_f32(at->floats, at->floats, 0.25f, at->float_steps, BENCH_COLUMNS,
                        BENCH_CHANNELS, at->float_row);
}

static void call_s8(void *argument)
{
    bench_case *at = argument;
    at->kernel->row_s8(at->bytes, at->bytes, 256, at->fixed_steps, BENCH_COLUMNS, BENCH_CHANNELS,
                       at->byte_row);
}

static void bench(check *run, const void *kernel)
{
    static bench_case at;
    mg_resample_axis axis = {BENCH_INPUT, BENCH_COLUMNS, true, false, 0.0f, 0};
    mg_resample_init(&axis);
    at.kernel = kernel;
    for (int32_t i = 0; i < BENCH_COLUMNS; ++i) {
        at.float_steps[i] = mg_blend_step_float(&axis, i);
        at.fixed_steps[i] = mg_blend_step_fixed(&axis, i);
    }
    check_fill_f32(run, CHECK_RANDOM, at.floats, BENCH_INPUT * BENCH_CHANNELS);
    check_fill_i8(run, CHECK_RANDOM, at.bytes, BENCH_INPUT * BENCH_CHANNELS);
    check_measure(run, "f32 33 to 257 x 21", BENCH_COLUMNS * BENCH_CHANNELS, call_f32, &at);
    check_measure(run, "i8 33 to 257 x 21", BENCH_COLUMNS * BENCH_CHANNELS, call_s8, &at);
}

const check_family check_blend = {test, bench};
