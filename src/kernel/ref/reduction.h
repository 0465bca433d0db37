/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reductions over any set of dimensions.
 *
 * Neighbouring dimensions of the same kind are merged, sizes of 1 dropped, so that what remains
 * alternates: kept, reduced, kept, … beginning with a kept one (perhaps of size 1). The driver
 * walks the input in memory order; a row function takes a run of the innermost dimension into the
 * accumulators. Each output thus sees its inputs in memory order.
 */
#ifndef MG_REDUCTION_H
#define MG_REDUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/fixed_point.h"

enum { MG_REDUCTION_RANK = 9 };

typedef struct mg_reduction {
    size_t rank; /* at least 2 */
    size_t sizes[MG_REDUCTION_RANK];
    size_t input_strides[MG_REDUCTION_RANK];
    size_t output_strides[MG_REDUCTION_RANK]; /* 0: reduced */
    size_t outputs;
    size_t inputs_per_output;
} mg_reduction;

/* `shape` has up to 8 dimensions, `reduced` says which go. */
void mg_reduction_plan(mg_reduction *plan, size_t rank, const int32_t *shape, const bool *reduced);

/*
 * Takes `count` inputs into accumulators `step` (0 or 1) apart. `first`: the accumulators hold
 * nothing yet, and the first input of each is to be stored.
 */
typedef void mg_reduce_row(const void *input, size_t count, size_t step, bool first,
                           const void *parameters, void *accumulators);

typedef struct mg_reducer {
    mg_reduce_row *row;
    size_t input_bytes;
    size_t accumulator_bytes;
    const void *parameters;
} mg_reducer;

/* Indices begin … end - 1 of the outermost dimension. Nothing is done for an empty input. */
void mg_reduce(const mg_reduction *plan, const mg_reducer *reducer, const void *input,
               void *accumulators, size_t begin, size_t end);

/* Row functions; the accumulator has the type of the input, or the second type named. Integers wrap
 * around. */
mg_reduce_row mg_sum_row_f32, mg_sum_row_s32, mg_sum_row_s64, mg_sum_row_s32_s64, mg_sum_row_s8_s32,
    mg_sum_row_u8_s32, mg_sum_row_s16_s32;
mg_reduce_row mg_product_row_f32, mg_product_row_s32, mg_product_row_s64, mg_product_row_s8,
    mg_product_row_u8, mg_product_row_s16;
mg_reduce_row mg_maximum_row_f32, mg_maximum_row_s32, mg_maximum_row_s64, mg_maximum_row_s8,
    mg_maximum_row_u8, mg_maximum_row_s16;
mg_reduce_row mg_minimum_row_f32, mg_minimum_row_s32, mg_minimum_row_s64, mg_minimum_row_s8,
    mg_minimum_row_u8, mg_minimum_row_s16;

/* Product of real values: rescaled after every factor, so that 32 bits hold it. */
typedef struct mg_quantized_product {
    int32_t zero_point;
    mg_multiplier factor;
} mg_quantized_product;

/* Parameters: an mg_quantized_product; accumulators are int32. */
mg_reduce_row mg_quantized_product_row_s8, mg_quantized_product_row_s16;

#endif
