/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contracts of the depthwise kernels: each channel has its own small filter.
 *
 * A call computes a run of output pixels of one output row, for all channels. The caller gives one
 * pointer per filter row (NULL where the filter hangs over the top or bottom edge); the kernel sees
 * to the left and right edges. Input rows are [width][channels], the output [pixels][channels].
 */
#ifndef MG_DEPTHWISE_H
#define MG_DEPTHWISE_H

#include "kernel/gemm.h"

typedef struct mg_depthwise_window {
    const void *const *rows; /* filter_height pointers to input rows; NULL: all padding */
    size_t filter_height;
    size_t filter_width;
    size_t channels;
    size_t width;      /* pixels of an input row */
    size_t stride;     /* horizontal, between outputs */
    size_t dilation;   /* horizontal, between taps */
    ptrdiff_t first_x; /* input pixel of the leftmost tap of output 0; may be negative */
    size_t pixels;     /* outputs */
} mg_depthwise_window;

/* The outputs *begin … *end - 1 whose taps are all within the width. */
static inline void mg_depthwise_inside(const mg_depthwise_window *window, size_t *begin,
                                       size_t *end)
{
    const ptrdiff_t reach = (ptrdiff_t)((window->filter_width - 1) * window->dilation);
    const ptrdiff_t stride = (ptrdiff_t)window->stride;
    const ptrdiff_t last = (ptrdiff_t)window->width - 1 - reach - window->first_x;
    *begin = window->first_x < 0 ? (size_t)((-window->first_x + stride - 1) / stride) : 0;
    *end = last < 0 ? 0 : (size_t)(last / stride) + 1;
    if (*begin > window->pixels) *begin = window->pixels;
    if (*end > window->pixels) *end = window->pixels;
    if (*end < *begin) *end = *begin;
}

/* ---- depthwise_f32 ----------------------------------------------------------------------------
 * clamp(bias + sum), error <= (taps + 1) * 2^-24 * (|bias| + sum |x * w|). */

typedef struct mg_depthwise_f32_kernel {
    /* Floats of the packed filter. */
    size_t (*filter_floats)(size_t taps, size_t channels);
    /* filter: [taps][channels]; bias: [channels] or NULL. */
    void (*pack)(const float *filter, const float *bias, size_t taps, size_t channels,
                 float *packed);
    void (*run)(const mg_depthwise_window *window, const float *packed, float minimum,
                float maximum, float *out);
} mg_depthwise_f32_kernel;

/* ---- depthwise_int ----------------------------------------------------------------------------
 * bias + sum (left - left_zero) * (right - right_zero), modulo 2^32. Left I8, U8 or I16, right I8
 * or U8; form->depth is height * width. */

typedef struct mg_depthwise_int_kernel {
    /* Of the packed filter, which is aligned to 64. */
    size_t (*filter_bytes)(size_t height, size_t width, size_t channels);
    /* filter: [height][width][channels]; bias: [channels] or NULL. */
    void (*pack)(const mg_gemm_int_form *form, size_t height, size_t width, size_t channels,
                 const void *filter, const int32_t *bias, void *packed);
    /* The window has the filter's height and width. */
    void (*sums)(const mg_gemm_int_form *form, const mg_depthwise_window *window,
                 const void *packed, int32_t *out);
} mg_depthwise_int_kernel;

#endif
