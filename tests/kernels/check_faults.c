/* SPDX-License-Identifier: Apache-2.0 */
/* The checker checked: kernels that are wrong in the ways kernels are wrong. */
#include <string.h>

#include "base/cpu.h"
#include "check_run.h"

extern const check_family check_requantise;
extern const check_family check_gemm_f32;

static const mg_requantise_kernel *right_requantise(void)
{
    return mg_kernel_selected(MG_FAMILY_requantise, MG_TIER_ref)->kernel;
}

static const mg_gemm_f32_kernel *right_gemm(void)
{
    return mg_kernel_selected(MG_FAMILY_gemm_f32, MG_TIER_ref)->kernel;
}

/* Leaves the last column of odd counts unwritten. */
static void short_tail(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                       size_t rows, size_t columns, void *out, size_t out_stride)
{
    right_requantise()->rows(how, in, in_stride, rows, columns - columns % 2, out, out_stride);
}

/* Off by one where the sum is the most negative one. */
static void wrong_extreme(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                          size_t rows, size_t columns, void *out, size_t out_stride)
{
    right_requantise()->rows(how, in, in_stride, rows, columns, out, out_stride);
    if (how->cell == MG_CELL_I8 && in[0] == INT32_MIN) ((int8_t *)out)[0] ^= 1;
}

/* Reads one value too many. */
static void over_read(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                      size_t rows, size_t columns, void *out, size_t out_stride)
{
    volatile int32_t beyond = in[(rows - 1) * in_stride + columns];
    (void)beyond;
    right_requantise()->rows(how, in, in_stride, rows, columns, out, out_stride);
}

/* Writes one byte too many. */
static void over_write(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                       size_t rows, size_t columns, void *out, size_t out_stride)
{
    right_requantise()->rows(how, in, in_stride, rows, columns, out, out_stride);
    size_t element = how->cell == MG_CELL_I16 ? 2 : 1;
    ((volatile unsigned char *)out)[((rows - 1) * out_stride + columns) * element] = 0;
}

/* Changes what it only may read. */
static void spoil_input(const mg_requantisation *how, const int32_t *in, size_t in_stride,
                        size_t rows, size_t columns, void *out, size_t out_stride)
{
    right_requantise()->rows(how, in, in_stride, rows, columns, out, out_stride);
    ((int32_t *)(uintptr_t)in)[0] += 1;
}

static void forget_clamp(const mg_rows *rows, const float *panel, size_t columns, float minimum,
                         float maximum, float *out, size_t out_stride)
{
    (void)maximum;
    right_gemm()->multiply(rows, panel, columns, minimum, 3e38f, out, out_stride);
}

/* A relative error of 2^-18 in one column: a sum in half the precision. */
static void lose_bits(const mg_rows *rows, const float *panel, size_t columns, float minimum,
                      float maximum, float *out, size_t out_stride)
{
    right_gemm()->multiply(rows, panel, columns, minimum, maximum, out, out_stride);
    if (columns > 1) out[columns - 1] *= 1.0f + 1.0f / (1 << 12);
}

static bool caught(const check_family *family, mg_kernel_family number, const void *kernel,
                   uint64_t seed)
{
    const mg_kernel_row *row = mg_kernel_selected(number, MG_TIER_ref);
    check run = {.row = row, .state = seed, .quiet = true};
    return check_kernel(&run, family, kernel, row->kernel) > 0;
}

unsigned check_planted_faults(uint64_t seed, unsigned *count)
{
    const mg_requantise_kernel requantise[] = {{.rows = short_tail},
                                               {.rows = wrong_extreme},
                                               {.rows = over_read},
                                               {.rows = over_write},
                                               {.rows = spoil_input}};
    mg_gemm_f32_kernel gemm[2] = {*right_gemm(), *right_gemm()};
    gemm[0].multiply = forget_clamp;
    gemm[1].multiply = lose_bits;
    unsigned missed = 0;
    *count = 0;
    for (size_t i = 0; i < sizeof requantise / sizeof requantise[0]; ++i, ++*count)
        if (!caught(&check_requantise, MG_FAMILY_requantise, &requantise[i], seed)) ++missed;
    for (size_t i = 0; i < sizeof gemm / sizeof gemm[0]; ++i, ++*count)
        if (!caught(&check_gemm_f32, MG_FAMILY_gemm_f32, &gemm[i], seed)) ++missed;
    return missed;
}
