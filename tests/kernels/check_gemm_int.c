/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_int and dot_int against plain C, bit for bit, for all combinations of types. */
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { MOST_ROWS = 20, MOST_DEPTH = 300, MOST_SEGMENTS = 9, MOST_COLUMNS = 40 };

typedef struct problem {
    mg_gemm_int_form form;
    mg_rows rows;
    mg_columns right;
    const int32_t *bias;
} problem;

static size_t cell_bytes(mg_cell cell)
{
    return cell == MG_CELL_I16 ? 2 : 1;
}

static int32_t draw_zero(check *run, mg_cell cell)
{
    switch (cell) {
    case MG_CELL_I8: return check_random(run) % 3 ? check_between(run, INT8_MIN, INT8_MAX) : 0;
    case MG_CELL_U8: return check_between(run, 0, UINT8_MAX);
    default: return 0;
    }
}

static void *draw_cells(check *run, mg_cell cell, check_values how, size_t count)
{
    void *cells = check_memory(run, count * cell_bytes(cell), cell_bytes(cell));
    switch (cell) {
    case MG_CELL_I8: check_fill_i8(run, how, cells, count); break;
    case MG_CELL_U8: check_fill_u8(run, how, cells, count); break;
    default: check_fill_i16(run, how, cells, count); break;
    }
    check_seal(run, cells);
    return cells;
}

/* Weights as training makes them, mostly small, a few at the limits: some sums of neighbours are
 * bytes and some are not, which kernels tell apart. */
static void *draw_weights(check *run, mg_cell cell, check_values how, size_t count)
{
    if (how != CHECK_RANDOM || cell == MG_CELL_I16 || check_random(run) % 2 == 0)
        return draw_cells(run, cell, how, count);
    uint8_t *cells = check_memory(run, count, 1);
    for (size_t i = 0; i < count; ++i) {
        int32_t value = 0;
        for (int part = 0; part < 4; ++part) value += check_between(run, -32, 32);
        if (check_random(run) % 50 == 0) value = check_random(run) % 2 ? INT8_MIN : INT8_MAX;
        value = value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value;
        cells[i] = (uint8_t)(cell == MG_CELL_U8 ? value + 128 : value);
    }
    check_seal(run, cells);
    return cells;
}

static void draw(check *run, problem *at, size_t tile, check_values left, check_values right)
{
    static const mg_cell cells[] = {MG_CELL_I8, MG_CELL_U8, MG_CELL_I16};
    const size_t rows = check_size(run, tile, MOST_ROWS);
    const size_t segments = 1 + check_random(run) % (check_random(run) % 2 ? 1 : MOST_SEGMENTS);
    const size_t length = check_size(run, 16, MOST_DEPTH / segments);
    const size_t columns = check_size(run, 16, MOST_COLUMNS), depth = segments * length;
    const bool by_depth = check_random(run) % 3 != 0;
    at->form.left = cells[check_random(run) % 3];
    at->form.right = cells[check_random(run) % (at->form.left == MG_CELL_I16 ? 3 : 2)];
    at->form.left_zero = draw_zero(run, at->form.left);
    at->form.right_zero = draw_zero(run, at->form.right);
    at->form.depth = depth;
    check_case(run, "%zu rows, %zu x %zu deep, %zu columns, %s, cells %d and %d, values %d and %d",
               rows, segments, length, columns, by_depth ? "depth first" : "columns first",
               (int)at->form.left, (int)at->form.right, (int)left, (int)right);
    const char *cells_left = draw_cells(run, at->form.left, left, rows * depth);
    const void **start = check_memory(run, segments * rows * sizeof(void *), sizeof(void *));
    for (size_t s = 0; s < segments; ++s)
        for (size_t r = 0; r < rows; ++r)
            start[s * rows + r] = cells_left + (r * depth + s * length) * cell_bytes(at->form.left);
    at->rows = (mg_rows){start, rows, rows, segments, length};
    at->right = (mg_columns){draw_weights(run, at->form.right, right, columns * depth),
                             by_depth ? depth : 1, by_depth ? 1 : columns, columns, depth};
    int32_t *bias = check_memory(run, columns * 4, 4);
    check_fill_i32(run, CHECK_RANDOM, bias, columns);
    at->bias = check_random(run) % 4 ? bias : NULL;
}

/* All columns through `kernel`; results row by row into `out`. */
static void multiply(check *run, const problem *at, const mg_gemm_int_kernel *kernel, int32_t *out,
                     unsigned char pattern)
{
    const size_t width = kernel->panel_columns, rows = at->rows.count;
    void *packed = check_output(run, rows * kernel->row_bytes(&at->form), 4, pattern);
    int32_t *sums = check_output(run, rows * width * 4, 4, pattern);
    void *panel = check_output(run, kernel->panel_bytes(&at->form), 64, pattern);
    kernel->pack_rows(&at->form, &at->rows, packed);
    check_seal(run, packed);
    for (size_t c = 0; c < at->right.count; c += width) {
        mg_columns columns = at->right;
        columns.weights =
            (const char *)columns.weights + c * columns.column_step * cell_bytes(at->form.right);
        if (columns.count - c < width)
            columns.count -= c;
        else
            columns.count = width;
        kernel->pack(&at->form, &columns, at->bias ? at->bias + c : NULL, panel);
        kernel->multiply(&at->form, packed, rows, panel, sums);
        for (size_t r = 0; r < rows; ++r)
            memcpy(out + r * at->right.count + c, sums + r * width, columns.count * 4);
    }
}

static void test_gemm(check *run, const void *kernel, const void *reference)
{
    const mg_gemm_int_kernel *gemm = kernel;
    for (int round = 0; round < 400; ++round) {
        problem at;
        draw(run, &at, gemm->tile_rows, (check_values)(round % CHECK_VALUES_COUNT),
             (check_values)(round / CHECK_VALUES_COUNT % CHECK_VALUES_COUNT));
        const size_t bytes = at.rows.count * at.right.count * 4;
        int32_t *got = check_output(run, bytes, 4, 0x11);
        int32_t *want = check_output(run, bytes, 4, 0xee);
        multiply(run, &at, gemm, got, 0x11);
        multiply(run, &at, reference, want, 0xee);
        check_equal(run, got, want, bytes, 4);
        check_case_end(run);
    }
}

static void test_dot(check *run, const void *kernel, const void *reference)
{
    const mg_dot_int_kernel *dots[2] = {kernel, reference};
    for (int round = 0; round < 400; ++round) {
        problem at;
        draw(run, &at, 1, (check_values)(round % CHECK_VALUES_COUNT),
             (check_values)(round / CHECK_VALUES_COUNT % CHECK_VALUES_COUNT));
        const size_t depth = at.form.depth, columns = at.right.count;
        int32_t *sums[2];
        at.right.column_step = depth;
        at.right.depth_step = 1;
        for (int i = 0; i < 2; ++i) {
            void *scratch = check_output(run, mg_dot_scratch_bytes(depth), 64, 0x11);
            sums[i] = check_output(run, columns * 4, 4, i ? 0x11 : 0xee);
            dots[i]->multiply(&at.form, at.rows.start[0], &at.right, at.bias, scratch, sums[i]);
        }
        check_equal(run, sums[0], sums[1], columns * 4, 4);
        check_case_end(run);
    }
}

/* ---- Speed: layers of MobileNet */

enum { BENCH_ROWS = 96, BENCH_DEPTH = 512 };

typedef struct bench_case {
    const mg_gemm_int_kernel *kernel;
    mg_gemm_int_form form;
    mg_rows rows;
    const void *start[BENCH_ROWS];
    int8_t left[BENCH_ROWS * BENCH_DEPTH];
    int8_t weights[64 * BENCH_DEPTH];
    _Alignas(64) char packed[BENCH_ROWS * BENCH_DEPTH * 4];
    _Alignas(64) char panel[64 * (BENCH_DEPTH + 16) * 4];
    int32_t sums[BENCH_ROWS * 64];
} bench_case;

static void call(void *argument)
{
    bench_case *at = argument;
    at->kernel->multiply(&at->form, at->packed, BENCH_ROWS, at->panel, at->sums);
}

static void call_pack(void *argument)
{
    bench_case *at = argument;
    at->kernel->pack_rows(&at->form, &at->rows, at->packed);
}

static void bench_gemm(check *run, const void *kernel)
{
    static bench_case at;
    static const size_t depths[] = {32, 128, 512};
    at.kernel = kernel;
    check_fill_i8(run, CHECK_RANDOM, at.left, sizeof at.left);
    check_fill_i8(run, CHECK_RANDOM, at.weights, sizeof at.weights);
    for (size_t k = 0; k < sizeof depths / sizeof depths[0]; ++k) {
        const size_t depth = depths[k], width = at.kernel->panel_columns;
        char shape[64];
        at.form = (mg_gemm_int_form){MG_CELL_I8, MG_CELL_I8, -128, 0, depth};
        for (size_t r = 0; r < BENCH_ROWS; ++r) at.start[r] = at.left + r * depth;
        at.rows = (mg_rows){at.start, BENCH_ROWS, BENCH_ROWS, 1, depth};
        const mg_columns columns = {at.weights, depth, 1, width, depth};
        at.kernel->pack(&at.form, &columns, NULL, at.panel);
        (void)snprintf(shape, sizeof shape, "pack rows %d x %zu", BENCH_ROWS, depth);
        check_measure(run, shape, (double)(BENCH_ROWS * depth), call_pack, &at);
        (void)snprintf(shape, sizeof shape, "%d x %zu x %zu", BENCH_ROWS, depth, width);
        check_measure(run, shape, 2.0 * BENCH_ROWS * (double)(depth * width), call, &at);
    }
}

typedef struct dot_case {
    const mg_dot_int_kernel *kernel;
    mg_gemm_int_form form;
    mg_columns columns;
    int8_t row[1024], weights[1024 * 100];
    _Alignas(64) char scratch[4096];
    int32_t sums[100];
} dot_case;

static void call_dot(void *argument)
{
    dot_case *at = argument;
    at->kernel->multiply(&at->form, at->row, &at->columns, NULL, at->scratch, at->sums);
}

static void bench_dot(check *run, const void *kernel)
{
    static dot_case at;
    at.kernel = kernel;
    at.form = (mg_gemm_int_form){MG_CELL_I8, MG_CELL_I8, -128, 0, 1024};
    at.columns = (mg_columns){at.weights, 1024, 1, 100, 1024};
    check_fill_i8(run, CHECK_RANDOM, at.weights, sizeof at.weights);
    check_measure(run, "1 x 1024 x 100", 2.0 * 1024 * 100, call_dot, &at);
}

const check_family check_gemm_int = {test_gemm, bench_gemm};
const check_family check_dot_int = {test_dot, bench_dot};
