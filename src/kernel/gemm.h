/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contracts of the matrix kernels: out[r][c] = sum over d of left[r][d] * right[c][d].
 *
 * The left matrix is activations: rows of pixels. A row is gathered from `segments` runs of
 * `length` elements each, depth = segments * length, through pointers, so that a convolution is a
 * matrix product without a copy of its input: one segment per tap of the filter, padding taps point
 * to a row that the caller filled with the zero point. The right matrix is weights: columns of
 * output channels. Kernels read it from panels of `panel_columns` columns, made by the kernel's own
 * `pack`, once when the model is prepared or each time into scratch memory.
 *
 * All kernels compute whole outputs in a fixed order per output, so results do not depend on how
 * rows and columns are split between calls. Nothing outside the stated extents is read or written.
 */
#ifndef MG_GEMM_H
#define MG_GEMM_H

#include <stddef.h>
#include <stdint.h>

typedef enum mg_cell { MG_CELL_F32, MG_CELL_I8, MG_CELL_U8, MG_CELL_I16, MG_CELL_I32 } mg_cell;

/* Rows of the left matrix. Row r, segment s starts at start[s * stride + r]. */
typedef struct mg_rows {
    const void *const *start;
    size_t stride; /* pointers between segments, >= count */
    size_t count;
    size_t segments;
    size_t length; /* elements of a segment, > 0 */
} mg_rows;

/* Columns of the right matrix. Element d of column c is weights[c * column_step + d * depth_step];
 * one of the steps is 1. */
typedef struct mg_columns {
    const void *weights;
    size_t column_step;
    size_t depth_step;
    size_t count; /* for pack: 1 … panel_columns */
    size_t depth;
} mg_columns;

/* ---- gemm_f32 ---------------------------------------------------------------------------------
 * Result: clamp(bias + sum). Error of a result <= (depth + 1) * 2^-24 * (|bias| + sum |l * r|). */

typedef struct mg_gemm_f32_kernel {
    uint32_t panel_columns;
    uint32_t tile_rows; /* counts of rows that are multiples of it are fastest */

    /* A panel is panel_columns * (depth + 1) floats, aligned to 64 bytes. bias: count floats, or
     * NULL. */
    void (*pack)(const mg_columns *columns, const float *bias, float *panel);

    /* columns <= panel_columns results of each row go to out[r * out_stride + c]. */
    void (*multiply)(const mg_rows *rows, const float *panel, size_t columns, float minimum,
                     float maximum, float *out, size_t out_stride);
} mg_gemm_f32_kernel;

/* ---- gemm_int ---------------------------------------------------------------------------------
 * Result: bias + sum (left - left_zero) * (right - right_zero), modulo 2^32, as int32. Left is I8,
 * U8 or I16, right I8, U8 or I16 (I16 only with I16 on the left); the zero point of I16 is 0. Rows
 * are packed too: widened, gathered, freed of their zero point, in a form of the kernel's own.
 *
 * Of I16 rows the form is common: a packed row is its int16 in order, then zeros; a panel is
 * `words_at` bytes of biases and the like, then its weights as int16 in an order of the kernel's
 * own. So what is linear can be done with whole panels, word by word. */

typedef struct mg_gemm_int_form {
    mg_cell left;
    mg_cell right;
    int32_t left_zero;
    int32_t right_zero;
    size_t depth;
} mg_gemm_int_form;

typedef struct mg_gemm_int_kernel {
    uint32_t panel_columns;
    uint32_t tile_rows;
    uint32_t words_at;
    uint32_t word_cost; /* of a product of I16 rows, in those of I8 rows; rounded up */

    /* Bytes of a packed row and of a panel; each is a multiple of 4; panels are aligned to 64. */
    size_t (*row_bytes)(const mg_gemm_int_form *form);
    size_t (*panel_bytes)(const mg_gemm_int_form *form);

    void (*pack_rows)(const mg_gemm_int_form *form, const mg_rows *rows, void *packed);

    /* bias: count values, or NULL. */
    void (*pack)(const mg_gemm_int_form *form, const mg_columns *columns, const int32_t *bias,
                 void *panel);

    /* All panel_columns results of each of `rows` packed rows go to out[r * panel_columns + c];
     * those of columns that the panel lacks are arbitrary. */
    void (*multiply)(const mg_gemm_int_form *form, const void *packed, size_t rows,
                     const void *panel, int32_t *out);
} mg_gemm_int_kernel;

/* ---- dot_f32, dot_int -------------------------------------------------------------------------
 * The same results straight from unpacked weights (depth_step 1), for few rows: each weight is
 * used once, so packing would cost more than it saves. */

typedef struct mg_dot_f32_kernel {
    /* One row of `depth` floats; columns->count results. Same bound of the error as gemm_f32. */
    void (*multiply)(const float *row, const mg_columns *columns, const float *bias, float minimum,
                     float maximum, float *out);
} mg_dot_f32_kernel;

typedef struct mg_dot_int_kernel {
    /* One row; `scratch` has mg_dot_scratch_bytes. Result as gemm_int, columns->count values. */
    void (*multiply)(const mg_gemm_int_form *form, const void *row, const mg_columns *columns,
                     const int32_t *bias, void *scratch, int32_t *out);
} mg_dot_int_kernel;

/* Of the scratch memory of dot_int, aligned to 64. */
static inline size_t mg_dot_scratch_bytes(size_t depth)
{
    return 2 * depth + 128;
}

/* ---- unpacked_f32 -----------------------------------------------------------------------------
 * gemm_f32's results, with its bound of the error, straight from weights of depth_step 1, for some
 * dozens of rows: too many to read the weights once for each, too few to repay packing them. */

typedef struct mg_unpacked_f32_kernel {
    uint32_t most_rows;    /* with more, packing is faster; and with less than */
    uint32_t least_length; /* so many elements of a segment */
    uint32_t scratch;      /* floats, aligned to 64 bytes */

    /* Any rows and columns; columns->count results of each row go to out[r * out_stride + c], which
     * holds partial sums until it returns. bias: count floats, or NULL. */
    void (*multiply)(const mg_rows *rows, const mg_columns *columns, const float *bias,
                     float minimum, float maximum, float *scratch, float *out, size_t out_stride);
} mg_unpacked_f32_kernel;

/* ---- requantise -------------------------------------------------------------------------------
 * y = clamp(zero_point + x * factor[c]) with the roundings of fixed_point.h. */

typedef struct mg_requantisation {
    const int32_t *multiplier; /* per column */
    const int32_t *shift;
    int32_t zero_point;
    int32_t minimum; /* within the range of `cell` */
    int32_t maximum;
    mg_cell cell; /* of the results: I8, U8 or I16 */
} mg_requantisation;

/* To float: y = clamp(x * column_scale[c * column_scale_step] * row_scale + bias[c]), in this
 * order, not fused. */
typedef struct mg_scaling {
    const float *column_scale;
    size_t column_scale_step; /* 1, or 0: one for all */
    float row_scale;
    const float *bias; /* or NULL */
    float minimum;
    float maximum;
} mg_scaling;

typedef struct mg_requantise_kernel {
    /* in[r * in_stride + c] -> out[r * out_stride + c], c < columns; factors from index 0. */
    void (*rows)(const mg_requantisation *how, const int32_t *in, size_t in_stride, size_t rows,
                 size_t columns, void *out, size_t out_stride);
    /* The same with a factor per column in double: one rounding, ties away from zero. */
    void (*real_rows)(const mg_requantisation *how, const double *factors, const int32_t *in,
                      size_t in_stride, size_t rows, size_t columns, void *out, size_t out_stride);
    void (*scale)(const mg_scaling *how, const int32_t *in, size_t in_stride, size_t rows,
                  size_t columns, float *out, size_t out_stride);
} mg_requantise_kernel;

/* The arrays of `how` from column `first` on. */
static inline mg_scaling mg_scaling_from(const mg_scaling *how, size_t first)
{
    mg_scaling rest = *how;
    rest.column_scale += first * how->column_scale_step;
    if (rest.bias) rest.bias += first;
    return rest;
}

static inline mg_requantisation mg_requantisation_from(const mg_requantisation *how, size_t first)
{
    mg_requantisation rest = *how;
    rest.multiplier += first;
    rest.shift += first;
    return rest;
}

#endif
