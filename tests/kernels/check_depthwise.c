/* SPDX-License-Identifier: Apache-2.0 */
/* depthwise_f32 against sums in double precision, depthwise_int against plain C. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { MOST_CHANNELS = 70, MOST_WIDTH = 20, MOST_FILTER = 5 };

/* A window over `height` rows of memory of their own; some rows are padding. */
static void draw_window(check *run, mg_depthwise_window *window)
{
    const bool square = check_random(run) % 2 == 0;
    window->filter_width = square ? 3 : 1 + check_random(run) % MOST_FILTER;
    window->filter_height = square ? 3 : 1 + check_random(run) % MOST_FILTER;
    window->channels = check_size(run, 16, MOST_CHANNELS);
    window->width = check_size(run, 5, MOST_WIDTH);
    window->stride = 1 + check_random(run) % 3;
    window->dilation = check_random(run) % 3 ? 1 : 1 + check_random(run) % 2;
    const size_t reach = window->filter_width * window->dilation;
    window->first_x = -(ptrdiff_t)(check_random(run) % (reach + 1));
    window->pixels = 1 + check_random(run) % ((window->width + reach) / window->stride + 1);
    check_case(run, "%zux%zu, %zu channels, width %zu, stride %zu, dilation %zu, from %td, %zu out",
               window->filter_height, window->filter_width, window->channels, window->width,
               window->stride, window->dilation, window->first_x, window->pixels);
}

static const void **draw_rows(check *run, mg_depthwise_window *window)
{
    const void **rows = check_memory(run, window->filter_height * sizeof(void *), sizeof(void *));
    memset(rows, 0, window->filter_height * sizeof(void *));
    window->rows = rows;
    return rows;
}

/* ---- depthwise_f32 */

static void judge_f32(check *run, const mg_depthwise_window *window, const float *filter,
                      const float *bias, const float range[2], const float *out)
{
    const size_t channels = window->channels;
    const size_t taps = window->filter_height * window->filter_width;
    for (size_t i = 0; i < window->pixels * channels; ++i) {
        const size_t c = i % channels;
        double sum = bias ? (double)bias[c] : 0, size = fabs(sum);
        for (size_t t = 0; t < taps; ++t) {
            const float *row = window->rows[t / window->filter_width];
            const ptrdiff_t x =
                window->first_x + (ptrdiff_t)(i / channels * window->stride +
                                              t % window->filter_width * window->dilation);
            if (row == NULL || x < 0 || x >= (ptrdiff_t)window->width) continue;
            const double product =
                (double)row[(size_t)x * channels + c] * (double)filter[t * channels + c];
            sum += product;
            size += fabs(product);
        }
        sum = fmin(fmax(sum, (double)range[0]), (double)range[1]);
        check_close(run, out[i], (float)sum, (double)(taps + 1) * size / (1 << 24) + 1e-37, i);
    }
}

static void test_f32(check *run, const void *kernel, const void *reference)
{
    const mg_depthwise_f32_kernel *depthwise = kernel;
    (void)reference;
    for (int round = 0; round < 400; ++round) {
        const check_values values = (check_values)(round % CHECK_VALUES_COUNT);
        mg_depthwise_window window;
        draw_window(run, &window);
        const size_t channels = window.channels;
        const size_t taps = window.filter_height * window.filter_width;
        const void **rows = draw_rows(run, &window);
        for (size_t y = 0; y < window.filter_height; ++y) {
            if (check_random(run) % 5 == 0) continue;
            float *row = check_memory(run, window.width * channels * 4, 4);
            check_fill_f32(run, values, row, window.width * channels);
            check_seal(run, row);
            rows[y] = row;
        }
        float *filter = check_memory(run, taps * channels * 4, 4);
        float *bias = check_memory(run, channels * 4, 4);
        check_fill_f32(run, values, filter, taps * channels);
        check_fill_f32(run, CHECK_RANDOM, bias, channels);
        const float range[2] = {check_random(run) % 2 ? -INFINITY : 0,
                                check_random(run) % 2 ? INFINITY : 0.5f};
        const float *bias_used = check_random(run) % 3 ? bias : NULL;
        float *packed = check_output(run, depthwise->filter_floats(taps, channels) * 4, 64, 0x7f);
        float *out = check_output(run, window.pixels * channels * 4, 4, 0x7f);
        depthwise->pack(filter, bias_used, taps, channels, packed);
        check_seal(run, packed);
        depthwise->run(&window, packed, range[0], range[1], out);
        judge_f32(run, &window, filter, bias_used, range, out);
        check_case_end(run);
    }
}

/* ---- depthwise_int */

static void *draw_cells(check *run, mg_cell cell, check_values how, size_t count)
{
    void *cells =
        check_memory(run, cell == MG_CELL_I16 ? 2 * count : count, cell == MG_CELL_I16 ? 2 : 1);
    switch (cell) {
    case MG_CELL_I8: check_fill_i8(run, how, cells, count); break;
    case MG_CELL_U8: check_fill_u8(run, how, cells, count); break;
    default: check_fill_i16(run, how, cells, count); break;
    }
    check_seal(run, cells);
    return cells;
}

static int32_t draw_zero(check *run, mg_cell cell)
{
    switch (cell) {
    case MG_CELL_I8: return check_between(run, INT8_MIN, INT8_MAX);
    case MG_CELL_U8: return check_between(run, 0, UINT8_MAX);
    default: return 0;
    }
}

static void test_int(check *run, const void *kernel, const void *reference)
{
    static const mg_cell cells[] = {MG_CELL_I8, MG_CELL_U8, MG_CELL_I16};
    const mg_depthwise_int_kernel *kernels[2] = {kernel, reference};
    for (int round = 0; round < 600; ++round) {
        const check_values values = (check_values)(round % CHECK_VALUES_COUNT);
        mg_depthwise_window window;
        draw_window(run, &window);
        const size_t channels = window.channels;
        const size_t height = window.filter_height, width = window.filter_width;
        mg_gemm_int_form form = {cells[check_random(run) % 3], cells[check_random(run) % 2], 0, 0,
                                 height * width};
        form.left_zero = draw_zero(run, form.left);
        form.right_zero = check_random(run) % 2 ? draw_zero(run, form.right) : 0;
        const void **rows = draw_rows(run, &window);
        for (size_t y = 0; y < height; ++y)
            if (check_random(run) % 5 != 0)
                rows[y] = draw_cells(run, form.left, values, window.width * channels);
        const void *filter =
            draw_cells(run, form.right, (check_values)(check_random(run) % CHECK_VALUES_COUNT),
                       height * width * channels);
        int32_t *bias = check_memory(run, channels * 4, 4);
        check_fill_i32(run, CHECK_RANDOM, bias, channels);
        const size_t out_bytes = window.pixels * channels * 4;
        int32_t *out[2];
        for (int i = 0; i < 2; ++i) {
            void *packed =
                check_output(run, kernels[i]->filter_bytes(height, width, channels), 64, 0x11);
            out[i] = check_output(run, out_bytes, 4, i ? 0x11 : 0xee);
            kernels[i]->pack(&form, height, width, channels, filter, round % 3 ? bias : NULL,
                             packed);
            check_seal(run, packed);
            kernels[i]->sums(&form, &window, packed, out[i]);
        }
        check_equal(run, out[0], out[1], out_bytes, 4);
        check_case_end(run);
    }
}

/* ---- Speed: a row of MobileNet, 28 pixels of 256 channels */

enum { BENCH_WIDTH = 28, BENCH_CHANNELS = 256, BENCH_TAPS = 9 };

typedef struct bench_case {
    const void *kernel;
    mg_depthwise_window window;
    const void *rows[3];
    mg_gemm_int_form form;
    float in[3 * BENCH_WIDTH * BENCH_CHANNELS], out[BENCH_WIDTH * BENCH_CHANNELS];
    int32_t sums[BENCH_WIDTH * BENCH_CHANNELS];
    float filter[BENCH_TAPS * BENCH_CHANNELS];
    _Alignas(64) char packed[BENCH_CHANNELS * 4 * (BENCH_TAPS + 8)];
} bench_case;

static void call_f32(void *argument)
{
    bench_case *at = argument;
    ((const mg_depthwise_f32_kernel *)at->kernel)
        ->run(&at->window, (const float *)(const void *)at->packed, -1e9f, 1e9f, at->out);
}

static void call_int(void *argument)
{
    bench_case *at = argument;
    ((const mg_depthwise_int_kernel *)at->kernel)
        ->sums(&at->form, &at->window, at->packed, at->sums);
}

static void prepare_bench(bench_case *at, const void *kernel, size_t stride, size_t cell_bytes)
{
    at->kernel = kernel;
    for (size_t y = 0; y < 3; ++y)
        at->rows[y] = (const char *)at->in + y * BENCH_WIDTH * BENCH_CHANNELS * cell_bytes;
    at->window = (mg_depthwise_window){at->rows, 3, 3,  BENCH_CHANNELS,      BENCH_WIDTH,
                                       stride,   1, -1, BENCH_WIDTH / stride};
}

static double work_of(const bench_case *at)
{
    return 2.0 * BENCH_TAPS * (double)(at->window.pixels * BENCH_CHANNELS);
}

static void bench_f32(check *run, const void *kernel)
{
    static bench_case at;
    const mg_depthwise_f32_kernel *depthwise = kernel;
    for (size_t stride = 1; stride <= 2; ++stride) {
        prepare_bench(&at, kernel, stride, 4);
        depthwise->pack(at.filter, NULL, BENCH_TAPS, BENCH_CHANNELS, (float *)(void *)at.packed);
        check_measure(run, stride == 1 ? "3x3, stride 1" : "3x3, stride 2", work_of(&at), call_f32,
                      &at);
    }
}

static void bench_int(check *run, const void *kernel)
{
    static bench_case at;
    const mg_depthwise_int_kernel *depthwise = kernel;
    at.form = (mg_gemm_int_form){MG_CELL_I8, MG_CELL_I8, -128, 0, BENCH_TAPS};
    for (size_t stride = 1; stride <= 2; ++stride) {
        prepare_bench(&at, kernel, stride, 1);
        depthwise->pack(&at.form, 3, 3, BENCH_CHANNELS, at.filter, NULL, at.packed);
        check_measure(run, stride == 1 ? "3x3, stride 1" : "3x3, stride 2", work_of(&at), call_int,
                      &at);
    }
}

const check_family check_depthwise_f32 = {test_f32, bench_f32};
const check_family check_depthwise_int = {test_int, bench_int};
