/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The measure of all networks: the matrix kernels over and over on rows and a panel of weights that
 * stay in the first-level cache, which is as fast as this processor multiplies in any use of them.
 */
#include "run/peak.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

enum { ROWS = 24, DEPTH = 128, SAMPLES = 12, SAMPLE_NANOSECONDS = 500000 };

/* Both kernels' operands, cut from one piece of memory. */
typedef struct bench {
    const mg_kernels *kernels;
    mg_gemm_int_form form;
    const void *start[ROWS];
    char *left; /* ROWS x DEPTH values */
    char *packed;
    char *panel;
    char *out;
} bench;

static void multiply_f32(const bench *at)
{
    const mg_gemm_f32_kernel *kernel = at->kernels->gemm_f32;
    const mg_rows rows = {at->start, ROWS, ROWS, 1, DEPTH};
    kernel->multiply(&rows, (const float *)(const void *)at->panel, kernel->panel_columns,
                     -INFINITY, INFINITY, (float *)(void *)at->out, kernel->panel_columns);
}

static void multiply_int(const bench *at)
{
    at->kernels->gemm_int->multiply(&at->form, at->packed, ROWS, at->panel,
                                    (int32_t *)(void *)at->out);
}

/* Multiply-accumulates a second, the best of some samples. */
static double fastest(const bench *at, void (*multiply)(const bench *at), size_t columns)
{
    double best = 0.0;
    for (int sample = 0; sample < SAMPLES; sample++) {
        const uint64_t begin = mg_clock_nanoseconds();
        uint64_t spent = 0, calls = 0;
        for (; spent < SAMPLE_NANOSECONDS; spent = mg_clock_nanoseconds() - begin)
            for (int i = 0; i < 8; i++, calls++) multiply(at);
        const double rate = (double)calls * ROWS * DEPTH * (double)columns / (double)spent * 1e9;
        if (rate > best) best = rate;
    }
    return best;
}

static double measure_f32(bench *at)
{
    const mg_gemm_f32_kernel *kernel = at->kernels->gemm_f32;
    const mg_columns columns = {at->left, 0, 1, kernel->panel_columns, DEPTH};
    for (size_t r = 0; r < ROWS; r++) at->start[r] = at->left + r * DEPTH * sizeof(float);
    kernel->pack(&columns, NULL, (float *)(void *)at->panel);
    return fastest(at, multiply_f32, kernel->panel_columns);
}

static double measure_int(bench *at)
{
    const mg_gemm_int_kernel *kernel = at->kernels->gemm_int;
    const mg_columns columns = {at->left, 0, 1, kernel->panel_columns, DEPTH};
    for (size_t r = 0; r < ROWS; r++) at->start[r] = at->left + r * DEPTH;
    const mg_rows rows = {at->start, ROWS, ROWS, 1, DEPTH};
    kernel->pack_rows(&at->form, &rows, at->packed);
    kernel->pack(&at->form, &columns, NULL, at->panel);
    return fastest(at, multiply_int, kernel->panel_columns);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The place of the next piece; *end moves behind it. The pieces are small. */
static size_t cut(size_t *end, size_t bytes)
{
    const size_t place = *end;
    (void)mg_size_align(place + bytes, MG_ALIGNMENT, end);
    return place;
}

midge_status mg_session_peak(midge_session *session, midge_peak *peak)
{
    const mg_kernels *kernels = &session->kernels;
    bench at = {.kernels = kernels, .form = {MG_CELL_I8, MG_CELL_I8, 0, 0, DEPTH}};
    const size_t f32_columns = kernels->gemm_f32->panel_columns;
    const size_t int_columns = kernels->gemm_int->panel_columns;
    size_t bytes = 0;
    const size_t left = cut(&bytes, ROWS * DEPTH * sizeof(float));
    const size_t packed = cut(&bytes, ROWS * kernels->gemm_int->row_bytes(&at.form));
    const size_t panel = cut(&bytes, larger(f32_columns * (DEPTH + 1) * sizeof(float),
                                            kernels->gemm_int->panel_bytes(&at.form)));
    const size_t out = cut(&bytes, ROWS * larger(f32_columns, int_columns) * sizeof(float));
    void *memory = NULL;
    TRY(mg_heap_get(&session->heap, bytes, &memory, &session->error));
    memset(memory, 0, bytes);
    at.left = (char *)memory + left;
    at.packed = (char *)memory + packed;
    at.panel = (char *)memory + panel;
    at.out = (char *)memory + out;
    peak->float_macs = measure_f32(&at);
    peak->integer_macs = measure_int(&at);
    mg_heap_release(&session->heap, memory);
    return MIDGE_OK;
}
