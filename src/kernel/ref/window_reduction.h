/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements seen through a moving window, combined into one for each place of the window.
 *
 * In each dimension, element i of the input lies at low + i * pace of an imagined tensor whose
 * other elements all have the initial value. Window k starts at k * stride there and sees `window`
 * elements that are `dilation` apart. Elements are taken in row-major order, beginning from the
 * initial value.
 */
#ifndef MG_WINDOW_REDUCTION_H
#define MG_WINDOW_REDUCTION_H

#include "kernel/ref/combine.h"

enum { MG_REDUCTION_RANK = 8 };

typedef struct mg_window_reduction {
    int32_t rank; /* at least 1 */
    int64_t input[MG_REDUCTION_RANK];
    int64_t output[MG_REDUCTION_RANK];
    int64_t window[MG_REDUCTION_RANK];
    int64_t stride[MG_REDUCTION_RANK];
    int64_t dilation[MG_REDUCTION_RANK];
    int64_t pace[MG_REDUCTION_RANK];
    int64_t low[MG_REDUCTION_RANK];
} mg_window_reduction;

/* Rows are the output's last dimension. No size, but those of the input, is 0. */
void mg_reduce_windows(const mg_window_reduction *reduction, mg_combination combination,
                       mg_number number, const void *source, const void *initial, void *destination,
                       size_t begin_row, size_t end_row);

#endif
