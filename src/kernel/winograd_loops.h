/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two-dimensional transforms for one vector of elements, written once: included by a kernel
 * file after it has defined the operations of winograd_transforms.h and LOAD(p), STORE(p, v).
 */
#include "kernel/compiler.h"
#include "kernel/winograd.h"
#include "kernel/winograd_transforms.h"

enum { POSITIONS = MG_WINOGRAD_POSITIONS, PATCH = MG_WINOGRAD_PATCH, TILE = MG_WINOGRAD_TILE };

static MG_ALWAYS_INLINE void transform_weights(const float *taps, size_t tap_stride, float *out,
                                               size_t stride)
{
    float columns[3 * PATCH * LANES];
    for (size_t c = 0; c < 3; c++) {
        const VECTOR g0 = LOAD(taps + c * tap_stride), g1 = LOAD(taps + (3 + c) * tap_stride);
        const VECTOR g2 = LOAD(taps + (6 + c) * tap_stride);
        VECTOR u0, u1, u2, u3, u4, u5;
        MG_WINOGRAD_WEIGHTS(g0, g1, g2, u0, u1, u2, u3, u4, u5)
        STORE(columns + c * LANES, u0);
        STORE(columns + (3 + c) * LANES, u1);
        STORE(columns + (6 + c) * LANES, u2);
        STORE(columns + (9 + c) * LANES, u3);
        STORE(columns + (12 + c) * LANES, u4);
        STORE(columns + (15 + c) * LANES, u5);
    }
    for (size_t r = 0; r < PATCH; r++) {
        const float *row = columns + r * 3 * LANES;
        const VECTOR g0 = LOAD(row), g1 = LOAD(row + LANES), g2 = LOAD(row + 2 * LANES);
        VECTOR u0, u1, u2, u3, u4, u5;
        MG_WINOGRAD_WEIGHTS(g0, g1, g2, u0, u1, u2, u3, u4, u5)
        float *to = out + r * PATCH * stride;
        STORE(to, u0);
        STORE(to + stride, u1);
        STORE(to + 2 * stride, u2);
        STORE(to + 3 * stride, u3);
        STORE(to + 4 * stride, u4);
        STORE(to + 5 * stride, u5);
    }
}

static MG_ALWAYS_INLINE void transform_input(const float *const *patch, size_t offset, float *out,
                                             size_t stride)
{
    float columns[POSITIONS * LANES];
    for (size_t c = 0; c < PATCH; c++) {
        const VECTOR d0 = LOAD(patch[c] + offset), d1 = LOAD(patch[PATCH + c] + offset);
        const VECTOR d2 = LOAD(patch[2 * PATCH + c] + offset);
        const VECTOR d3 = LOAD(patch[3 * PATCH + c] + offset);
        const VECTOR d4 = LOAD(patch[4 * PATCH + c] + offset);
        const VECTOR d5 = LOAD(patch[5 * PATCH + c] + offset);
        VECTOR t0, t1, t2, t3, t4, t5;
        MG_WINOGRAD_INPUT(d0, d1, d2, d3, d4, d5, t0, t1, t2, t3, t4, t5)
        STORE(columns + c * LANES, t0);
        STORE(columns + (PATCH + c) * LANES, t1);
        STORE(columns + (2 * PATCH + c) * LANES, t2);
        STORE(columns + (3 * PATCH + c) * LANES, t3);
        STORE(columns + (4 * PATCH + c) * LANES, t4);
        STORE(columns + (5 * PATCH + c) * LANES, t5);
    }
    for (size_t r = 0; r < PATCH; r++) {
        const float *row = columns + r * PATCH * LANES;
        const VECTOR d0 = LOAD(row), d1 = LOAD(row + LANES), d2 = LOAD(row + 2 * LANES);
        const VECTOR d3 = LOAD(row + 3 * LANES), d4 = LOAD(row + 4 * LANES);
        const VECTOR d5 = LOAD(row + 5 * LANES);
        VECTOR t0, t1, t2, t3, t4, t5;
        MG_WINOGRAD_INPUT(d0, d1, d2, d3, d4, d5, t0, t1, t2, t3, t4, t5)
        float *to = out + r * PATCH * stride;
        STORE(to, t0);
        STORE(to + stride, t1);
        STORE(to + 2 * stride, t2);
        STORE(to + 3 * stride, t3);
        STORE(to + 4 * stride, t4);
        STORE(to + 5 * stride, t5);
    }
}

static MG_ALWAYS_INLINE void store_pixel(float *pixel, size_t offset, VECTOR value, VECTOR bias,
                                         VECTOR minimum, VECTOR maximum)
{
    if (pixel) STORE(pixel + offset, CLAMP(ADD(value, bias), minimum, maximum));
}

static MG_ALWAYS_INLINE void transform_output(const float *in, size_t stride, VECTOR bias,
                                              VECTOR minimum, VECTOR maximum, size_t offset,
                                              float *const *tile)
{
    float columns[TILE * PATCH * LANES];
    for (size_t c = 0; c < PATCH; c++) {
        const float *from = in + c * stride;
        const size_t row = PATCH * stride;
        const VECTOR m0 = LOAD(from), m1 = LOAD(from + row), m2 = LOAD(from + 2 * row);
        const VECTOR m3 = LOAD(from + 3 * row), m4 = LOAD(from + 4 * row);
        const VECTOR m5 = LOAD(from + 5 * row);
        VECTOR y0, y1, y2, y3;
        MG_WINOGRAD_OUTPUT(m0, m1, m2, m3, m4, m5, y0, y1, y2, y3)
        STORE(columns + c * LANES, y0);
        STORE(columns + (PATCH + c) * LANES, y1);
        STORE(columns + (2 * PATCH + c) * LANES, y2);
        STORE(columns + (3 * PATCH + c) * LANES, y3);
    }
    for (size_t r = 0; r < TILE; r++) {
        const float *row = columns + r * PATCH * LANES;
        const VECTOR m0 = LOAD(row), m1 = LOAD(row + LANES), m2 = LOAD(row + 2 * LANES);
        const VECTOR m3 = LOAD(row + 3 * LANES), m4 = LOAD(row + 4 * LANES);
        const VECTOR m5 = LOAD(row + 5 * LANES);
        VECTOR y0, y1, y2, y3;
        MG_WINOGRAD_OUTPUT(m0, m1, m2, m3, m4, m5, y0, y1, y2, y3)
        store_pixel(tile[r * TILE], offset, y0, bias, minimum, maximum);
        store_pixel(tile[r * TILE + 1], offset, y1, bias, minimum, maximum);
        store_pixel(tile[r * TILE + 2], offset, y2, bias, minimum, maximum);
        store_pixel(tile[r * TILE + 3], offset, y3, bias, minimum, maximum);
    }
}
