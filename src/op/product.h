/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matrix products for operators: rows of activations times columns of weights, split over threads,
 * through the kernels of gemm.h.
 *
 * Weights are not packed once and for all: that would hold them twice. A worker packs a group of
 * panels that fits its cache into scratch memory and runs all rows past it, which costs little as
 * soon as there are some hundreds of rows; for a few rows the dot kernels read the weights as they
 * lie in the file. Small weights that meet rows in between may be packed by prepare.
 *
 * Integer products hand their sums to a `finish` function in blocks while these are in the cache.
 */
#ifndef MG_PRODUCT_H
#define MG_PRODUCT_H

#include "base/threads.h"
#include "kernel/kernel.h"

/* A count of rows for which a scratch size is a bound: for all counts, and for up to as many
 * segments. */
#define MG_ANY_ROWS SIZE_MAX

typedef struct mg_product_rows {
    size_t count;
    size_t segments;
    size_t length; /* elements of a segment */
    /* Pointers of rows first … first + count - 1, as mg_taps_point. */
    void (*point)(const void *argument, size_t first, size_t count, const void **start,
                  size_t stride);
    const void *argument;
} mg_product_rows;

/* The rows of a dense matrix, for mg_product_rows. */
typedef struct mg_dense_rows {
    const void *first;
    size_t row_bytes;
} mg_dense_rows;
void mg_dense_rows_point(const void *dense_rows, size_t first, size_t count, const void **start,
                         size_t stride);

/* Where result rows lie: row r at element (batch, z, y, x) of a grid numbered row by row. */
typedef struct mg_placement {
    size_t grid[3];
    size_t step[4]; /* elements between neighbours along batch, depth, height, width */
} mg_placement;

/* Element offset of a row; *run: how many rows from it on follow each other at step[3]. */
size_t mg_placement_at(const mg_placement *placement, size_t row, size_t *run);

typedef struct mg_product_f32 {
    const mg_kernels *kernels;
    mg_product_rows rows;
    mg_columns columns;
    const float *bias; /* or NULL */
    float minimum;
    float maximum;
    float *out;
    size_t out_stride;
    const mg_placement *placement; /* NULL: row r at out + r * out_stride */
    const void *packed;            /* by mg_product_f32_pack, aligned to 64, or NULL */
} mg_product_f32;

/* Whether weights are worth to be kept packed: small ones, and so few rows that packing them takes
 * a good part of the time. *bytes: of memory for mg_product_f32_pack. */
bool mg_product_f32_keeps(const mg_product_f32 *product, size_t *bytes);
void mg_product_f32_pack(const mg_product_f32 *product, void *packed);

/* The kernel that multiplies. */
const void *mg_product_f32_kernel(const mg_product_f32 *product);

/* Bytes of scratch for `workers` threads; false when they pass SIZE_MAX. Only the sizes of the
 * product need be set. */
bool mg_product_f32_scratch(const mg_product_f32 *product, int workers, size_t *bytes);
void mg_product_f32_run(const mg_product_f32 *product, mg_pool *pool, void *scratch);

/* Sums of rows × columns results: that of row r, column c is sums[r * stride + c]. */
typedef struct mg_sums {
    size_t first_row;
    size_t rows;
    size_t first_column;
    size_t columns;
    const int32_t *sums;
    size_t stride;
} mg_sums;

typedef struct mg_product_int {
    const mg_kernels *kernels;
    mg_gemm_int_form form; /* form.depth = columns.depth */
    mg_product_rows rows;
    mg_columns columns;
    const int32_t *bias; /* or NULL */
    void (*finish)(const void *argument, const mg_sums *sums);
    const void *argument;
    const void *packed; /* by mg_product_int_pack, aligned to 64, or NULL */
} mg_product_int;

/* As for floats. */
bool mg_product_int_keeps(const mg_product_int *product, size_t *bytes);
void mg_product_int_pack(const mg_product_int *product, void *packed);

const void *mg_product_int_kernel(const mg_product_int *product);
bool mg_product_int_scratch(const mg_product_int *product, int workers, size_t *bytes);
void mg_product_int_run(const mg_product_int *product, mg_pool *pool, void *scratch);

/* ---- Ways to finish sums -------------------------------------------------------------------- */

/* mg_finish_requantised: to int8, uint8 or int16. */
typedef struct mg_requantised {
    const mg_requantise_kernel *kernel;
    mg_requantisation how;
    const double *real_factors; /* per column, instead of multiplier and shift; or NULL */
    void *out;
    size_t out_stride;
    const mg_placement *placement;
} mg_requantised;
void mg_finish_requantised(const void *requantised, const mg_sums *sums);

/* The same for sums in int64. */
typedef struct mg_wide_sums {
    size_t first_row;
    size_t rows;
    size_t first_column;
    size_t columns;
    const int64_t *sums;
    size_t stride;
} mg_wide_sums;
void mg_finish_wide(const mg_requantised *requantised, const mg_wide_sums *sums);

/* mg_finish_plain: int32 as it is. */
typedef struct mg_plain_sums {
    int32_t *out;
    size_t out_stride;
} mg_plain_sums;
void mg_finish_plain(const void *plain_sums, const mg_sums *sums);

/* mg_finish_scaled: floats of a product of dynamically quantised rows. */
typedef struct mg_scaled_sums {
    const mg_requantise_kernel *kernel;
    mg_scaling how;         /* but for row_scale */
    const float *row_scale; /* row_scale[row / rows_per_scale] */
    size_t rows_per_scale;
    float *out;
    size_t out_stride;
    const mg_placement *placement;
} mg_scaled_sums;
void mg_finish_scaled(const void *scaled_sums, const mg_sums *sums);

#endif
