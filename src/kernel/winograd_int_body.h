/* SPDX-License-Identifier: Apache-2.0 */
/*
 * winograd_int for vectors of any width: included by a kernel file after it has defined vectors of
 * int16
 *
 *   SHORTS, SHORT_LANES, LOAD_I8, LOAD_U8, LOAD_I16, STORE_I16, ADD_SHORTS, SUBTRACT_SHORTS,
 *   SHIFT_SHORTS (to the left), SPREAD_SHORTS
 *
 * and of int32, modulo 2^32
 *
 *   WORDS, WORD_LANES, LOAD_WORDS, STORE_WORDS, ADD_WORDS, SUBTRACT_WORDS, SHIFT_WORDS (to the
 *   left), HALVE_WORDS (to the right, keeping signs), MULTIPLY_WORDS, SPREAD_WORDS.
 *
 * A last vector that is not full reaches back; fewer elements than a vector go to the plain kernel.
 *
 * Polynomials are evaluated at 0, +-1, +-2 and infinity. One-dimensional transforms, as matrices:
 *
 *   input   4  0 -5  0  1  0    weights  1  0  0    output   6 -4 -4  1  1  0
 *           0 -4 -4  1  1  0             1  1  1             0 -4  4  2 -2  0
 *           0  4 -4 -1  1  0             1 -1  1             0 -4 -4  4  4  0
 *           0 -2 -1  2  1  0             1  2  4             0 -4  4  8 -8 24
 *           0  2 -1 -2  1  0             1 -2  4
 *           0  4  0 -5  0  1             0  0  1
 */
#include "kernel/compiler.h"
#include "kernel/winograd.h"

enum {
    POSITIONS = MG_WINOGRAD_POSITIONS,
    PATCH = MG_WINOGRAD_PATCH,
    TILE = MG_WINOGRAD_TILE,
    /* Of input positions only this one, row 1 and column 1, does not cancel a constant. */
    CENTRE = PATCH + 1,
    CENTRE_WEIGHT = 36
};

static const uint32_t inverse_of_9 = 0x38E38E39;

#define INPUT_SHORTS(d0, d1, d2, d3, d4, d5, to, step)                                 \
    {                                                                                  \
        const SHORTS near_even = SUBTRACT_SHORTS(d4, SHIFT_SHORTS(d2, 2));             \
        const SHORTS near_odd = SUBTRACT_SHORTS(d3, SHIFT_SHORTS(d1, 2));              \
        const SHORTS far_even = SUBTRACT_SHORTS(d4, d2);                               \
        const SHORTS far_odd = SHIFT_SHORTS(SUBTRACT_SHORTS(d3, d1), 1);               \
        const SHORTS last = SUBTRACT_SHORTS(d5, d3);                                   \
        STORE_I16(to, ADD_SHORTS(SHIFT_SHORTS(SUBTRACT_SHORTS(d0, d2), 2), far_even)); \
        STORE_I16((to) + (step), ADD_SHORTS(near_even, near_odd));                     \
        STORE_I16((to) + 2 * (step), SUBTRACT_SHORTS(near_even, near_odd));            \
        STORE_I16((to) + 3 * (step), ADD_SHORTS(far_even, far_odd));                   \
        STORE_I16((to) + 4 * (step), SUBTRACT_SHORTS(far_even, far_odd));              \
        STORE_I16((to) + 5 * (step), SUBTRACT_SHORTS(last, SHIFT_SHORTS(far_odd, 1))); \
    }

#define WEIGHT_SHORTS(g0, g1, g2, to, step)                                  \
    {                                                                        \
        const SHORTS near = ADD_SHORTS(g0, g2), twice = SHIFT_SHORTS(g1, 1); \
        const SHORTS far = ADD_SHORTS(g0, SHIFT_SHORTS(g2, 2));              \
        STORE_I16(to, g0);                                                   \
        STORE_I16((to) + (step), ADD_SHORTS(near, g1));                      \
        STORE_I16((to) + 2 * (step), SUBTRACT_SHORTS(near, g1));             \
        STORE_I16((to) + 3 * (step), ADD_SHORTS(far, twice));                \
        STORE_I16((to) + 4 * (step), SUBTRACT_SHORTS(far, twice));           \
        STORE_I16((to) + 5 * (step), g2);                                    \
    }

#define OUTPUT_WORDS(m0, m1, m2, m3, m4, m5, y0, y1, y2, y3)                                       \
    {                                                                                              \
        const WORDS near_sum = SHIFT_WORDS(ADD_WORDS(m1, m2), 2);                                  \
        const WORDS near_difference = SHIFT_WORDS(SUBTRACT_WORDS(m1, m2), 2);                      \
        const WORDS far_sum = ADD_WORDS(m3, m4);                                                   \
        const WORDS far_difference = SHIFT_WORDS(SUBTRACT_WORDS(m3, m4), 1);                       \
        const WORDS thrice_first = ADD_WORDS(m0, SHIFT_WORDS(m0, 1));                              \
        const WORDS thrice_last = ADD_WORDS(m5, SHIFT_WORDS(m5, 1));                               \
        y0 = ADD_WORDS(SHIFT_WORDS(thrice_first, 1), SUBTRACT_WORDS(far_sum, near_sum));           \
        y1 = SUBTRACT_WORDS(far_difference, near_difference);                                      \
        y2 = SUBTRACT_WORDS(SHIFT_WORDS(far_sum, 2), near_sum);                                    \
        y3 =                                                                                       \
            SUBTRACT_WORDS(SHIFT_WORDS(ADD_WORDS(SHIFT_WORDS(thrice_last, 1), far_difference), 2), \
                           near_difference);                                                       \
    }

static MG_ALWAYS_INLINE SHORTS load_cells(mg_cell cell, const void *start, size_t at)
{
    switch (cell) {
    case MG_CELL_I8: return LOAD_I8((const int8_t *)start + at);
    case MG_CELL_U8: return LOAD_U8((const uint8_t *)start + at);
    default: return LOAD_I16((const int16_t *)start + at);
    }
}

static MG_ALWAYS_INLINE void transform_weights(const int16_t *taps, size_t tap_stride, int16_t *out,
                                               size_t stride)
{
    int16_t columns[3 * PATCH * SHORT_LANES];
    for (size_t c = 0; c < 3; c++) {
        const SHORTS g0 = LOAD_I16(taps + c * tap_stride);
        const SHORTS g1 = LOAD_I16(taps + (3 + c) * tap_stride);
        const SHORTS g2 = LOAD_I16(taps + (6 + c) * tap_stride);
        WEIGHT_SHORTS(g0, g1, g2, columns + c * SHORT_LANES, 3 * SHORT_LANES)
    }
    for (size_t r = 0; r < PATCH; r++) {
        const int16_t *row = columns + r * 3 * SHORT_LANES;
        const SHORTS g0 = LOAD_I16(row), g1 = LOAD_I16(row + SHORT_LANES);
        const SHORTS g2 = LOAD_I16(row + 2 * SHORT_LANES);
        int16_t *to = out + r * PATCH * stride;
        WEIGHT_SHORTS(g0, g1, g2, to, stride)
    }
}

static MG_ALWAYS_INLINE void transform_input(mg_cell cell, int32_t zero, const void *const *patch,
                                             size_t at, int16_t *out, size_t stride)
{
    int16_t columns[POSITIONS * SHORT_LANES];
    for (size_t c = 0; c < PATCH; c++) {
        const SHORTS d0 = load_cells(cell, patch[c], at);
        const SHORTS d1 = load_cells(cell, patch[PATCH + c], at);
        const SHORTS d2 = load_cells(cell, patch[2 * PATCH + c], at);
        const SHORTS d3 = load_cells(cell, patch[3 * PATCH + c], at);
        const SHORTS d4 = load_cells(cell, patch[4 * PATCH + c], at);
        const SHORTS d5 = load_cells(cell, patch[5 * PATCH + c], at);
        INPUT_SHORTS(d0, d1, d2, d3, d4, d5, columns + c * SHORT_LANES, PATCH * SHORT_LANES)
    }
    for (size_t r = 0; r < PATCH; r++) {
        const int16_t *row = columns + r * PATCH * SHORT_LANES;
        const SHORTS d0 = LOAD_I16(row), d1 = LOAD_I16(row + SHORT_LANES);
        const SHORTS d2 = LOAD_I16(row + 2 * SHORT_LANES), d3 = LOAD_I16(row + 3 * SHORT_LANES);
        const SHORTS d4 = LOAD_I16(row + 4 * SHORT_LANES), d5 = LOAD_I16(row + 5 * SHORT_LANES);
        int16_t *to = out + r * PATCH * stride;
        INPUT_SHORTS(d0, d1, d2, d3, d4, d5, to, stride)
    }
    int16_t *centre = out + CENTRE * stride;
    STORE_I16(centre, SUBTRACT_SHORTS(LOAD_I16(centre), SPREAD_SHORTS(CENTRE_WEIGHT * zero)));
}

static MG_ALWAYS_INLINE void store_pixel(int32_t *pixel, WORDS value, WORDS bias)
{
    const WORDS sum = HALVE_WORDS(MULTIPLY_WORDS(value, inverse_of_9), 6);
    STORE_WORDS(pixel, ADD_WORDS(sum, bias));
}

static MG_ALWAYS_INLINE void transform_output(const int32_t *in, size_t stride, WORDS bias,
                                              int32_t *out, size_t pixel_stride, size_t line_stride)
{
    int32_t columns[TILE * PATCH * WORD_LANES];
    for (size_t c = 0; c < PATCH; c++) {
        const int32_t *from = in + c * stride;
        const size_t row = PATCH * stride;
        const WORDS m0 = LOAD_WORDS(from), m1 = LOAD_WORDS(from + row);
        const WORDS m2 = LOAD_WORDS(from + 2 * row), m3 = LOAD_WORDS(from + 3 * row);
        const WORDS m4 = LOAD_WORDS(from + 4 * row), m5 = LOAD_WORDS(from + 5 * row);
        WORDS y0, y1, y2, y3;
        OUTPUT_WORDS(m0, m1, m2, m3, m4, m5, y0, y1, y2, y3)
        STORE_WORDS(columns + c * WORD_LANES, y0);
        STORE_WORDS(columns + (PATCH + c) * WORD_LANES, y1);
        STORE_WORDS(columns + (2 * PATCH + c) * WORD_LANES, y2);
        STORE_WORDS(columns + (3 * PATCH + c) * WORD_LANES, y3);
    }
    for (size_t r = 0; r < TILE; r++) {
        const int32_t *row = columns + r * PATCH * WORD_LANES;
        const WORDS m0 = LOAD_WORDS(row), m1 = LOAD_WORDS(row + WORD_LANES);
        const WORDS m2 = LOAD_WORDS(row + 2 * WORD_LANES), m3 = LOAD_WORDS(row + 3 * WORD_LANES);
        const WORDS m4 = LOAD_WORDS(row + 4 * WORD_LANES), m5 = LOAD_WORDS(row + 5 * WORD_LANES);
        WORDS y0, y1, y2, y3;
        OUTPUT_WORDS(m0, m1, m2, m3, m4, m5, y0, y1, y2, y3)
        int32_t *line = out + r * line_stride;
        store_pixel(line, y0, bias);
        store_pixel(line + pixel_stride, y1, bias);
        store_pixel(line + 2 * pixel_stride, y2, bias);
        store_pixel(line + 3 * pixel_stride, y3, bias);
    }
}

extern const mg_winograd_int_kernel mg_winograd_int_ref;

/* The vector after the one at `i`. */
static inline size_t next_vector(size_t i, size_t lanes, size_t count)
{
    if (i + lanes == count) return count;
    return i + 2 * lanes <= count ? i + lanes : count - lanes;
}

static void weights(const int16_t *taps, size_t tap_stride, size_t count, int16_t *out,
                    size_t stride)
{
    if (count < SHORT_LANES) {
        mg_winograd_int_ref.weights(taps, tap_stride, count, out, stride);
        return;
    }
    for (size_t i = 0; i < count; i = next_vector(i, SHORT_LANES, count))
        transform_weights(taps + i, tap_stride, out + i, stride);
}

static void input(mg_cell cell, int32_t zero, const void *const *patch, size_t count, int16_t *out,
                  size_t stride)
{
    if (count < SHORT_LANES) {
        mg_winograd_int_ref.input(cell, zero, patch, count, out, stride);
        return;
    }
    for (size_t i = 0; i < count; i = next_vector(i, SHORT_LANES, count)) {
        if (cell == MG_CELL_I8)
            transform_input(MG_CELL_I8, zero, patch, i, out + i, stride);
        else if (cell == MG_CELL_U8)
            transform_input(MG_CELL_U8, zero, patch, i, out + i, stride);
        else
            transform_input(MG_CELL_I16, zero, patch, i, out + i, stride);
    }
}

static void output(const int32_t *in, size_t stride, size_t count, const int32_t *bias,
                   int32_t *out, size_t pixel_stride, size_t line_stride)
{
    if (count < WORD_LANES) {
        mg_winograd_int_ref.output(in, stride, count, bias, out, pixel_stride, line_stride);
        return;
    }
    for (size_t i = 0; i < count; i = next_vector(i, WORD_LANES, count))
        transform_output(in + i, stride, bias ? LOAD_WORDS(bias + i) : SPREAD_WORDS(0), out + i,
                         pixel_stride, line_stride);
}
