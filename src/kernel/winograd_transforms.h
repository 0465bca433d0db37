/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one-dimensional transforms of F(4, 3) for any vector type: the including file defines VECTOR,
 * ADD(a, b), SUBTRACT(a, b), MULTIPLY(a, constant) and FUSE(a, constant, b), which is
 * a * constant + b, and whether that is rounded once or twice is its choice. Each macro reads and
 * writes plain variables by name.
 *
 * They evaluate polynomials at 0, +-sqrt(1/2), +-sqrt(2) and infinity: with the usual 0, +-1, +-2
 * intermediate values grow five times as much, and rounding errors with them.
 */
#ifndef MG_WINOGRAD_TRANSFORMS_H
#define MG_WINOGRAD_TRANSFORMS_H

#define MG_WINOGRAD_NEAR 0.70710678118654752440f
#define MG_WINOGRAD_FAR 1.41421356237309504880f

/* Six inputs d0 … d5 to six. */
#define MG_WINOGRAD_INPUT(d0, d1, d2, d3, d4, d5, t0, t1, t2, t3, t4, t5) \
    {                                                                     \
        const VECTOR near_even = FUSE(d2, -2.0f, d4);                     \
        const VECTOR near_odd = FUSE(d1, -2.0f, d3);                      \
        const VECTOR far_even = FUSE(d2, -0.5f, d4);                      \
        const VECTOR far_odd = FUSE(d1, -0.5f, d3);                       \
        t0 = ADD(FUSE(d2, -2.5f, d0), d4);                                \
        t1 = FUSE(near_odd, MG_WINOGRAD_NEAR, near_even);                 \
        t2 = FUSE(near_odd, -MG_WINOGRAD_NEAR, near_even);                \
        t3 = FUSE(far_odd, MG_WINOGRAD_FAR, far_even);                    \
        t4 = FUSE(far_odd, -MG_WINOGRAD_FAR, far_even);                   \
        t5 = ADD(FUSE(d3, -2.5f, d1), d5);                                \
    }

/* Three weights to six. */
#define MG_WINOGRAD_WEIGHTS(g0, g1, g2, u0, u1, u2, u3, u4, u5)              \
    {                                                                        \
        const VECTOR near_even = FUSE(g2, 0.5f, g0);                         \
        const VECTOR far_even = FUSE(g2, 2.0f, g0);                          \
        u0 = g0;                                                             \
        u1 = MULTIPLY(FUSE(g1, MG_WINOGRAD_NEAR, near_even), -2.0f / 3.0f);  \
        u2 = MULTIPLY(FUSE(g1, -MG_WINOGRAD_NEAR, near_even), -2.0f / 3.0f); \
        u3 = MULTIPLY(FUSE(g1, MG_WINOGRAD_FAR, far_even), 1.0f / 6.0f);     \
        u4 = MULTIPLY(FUSE(g1, -MG_WINOGRAD_FAR, far_even), 1.0f / 6.0f);    \
        u5 = g2;                                                             \
    }

/* Six sums to four outputs. */
#define MG_WINOGRAD_OUTPUT(m0, m1, m2, m3, m4, m5, y0, y1, y2, y3)                               \
    {                                                                                            \
        const VECTOR near_sum = ADD(m1, m2), near_difference = SUBTRACT(m1, m2);                 \
        const VECTOR far_sum = ADD(m3, m4), far_difference = SUBTRACT(m3, m4);                   \
        y0 = ADD(ADD(m0, near_sum), far_sum);                                                    \
        y1 = FUSE(far_difference, MG_WINOGRAD_FAR, MULTIPLY(near_difference, MG_WINOGRAD_NEAR)); \
        y2 = FUSE(far_sum, 2.0f, MULTIPLY(near_sum, 0.5f));                                      \
        y3 = FUSE(far_difference, 2.0f * MG_WINOGRAD_FAR,                                        \
                  FUSE(near_difference, 0.5f * MG_WINOGRAD_NEAR, m5));                           \
    }

#endif
