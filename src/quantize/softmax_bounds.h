/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From where on softmax tells numbers apart. Masks put -1e9 or so in front of a SOFTMAX, and steps
 * that reach that far leave nothing of the scores. What lies 14 or more below the largest of its
 * row vanishes in the integer kernels: exp(-14) is less than half of the last bit of their sums.
 */
#ifndef MG_QUANTIZE_SOFTMAX_BOUNDS_H
#define MG_QUANTIZE_SOFTMAX_BOUNDS_H

#include "network/network.h"
#include "quantize/range.h"
#include "quantize/scheme.h"

/* By tensor: INFINITY for those that a SOFTMAX reads, -INFINITY for others. */
midge_status mg_softmax_floors_want(mg_network *network, float **floors);

/* *floor as the least of what it was and of the rows' largest elements. */
void mg_softmax_floor_look(float *floor, const float *values, size_t elements, size_t depth);

/* By tensor: below this all numbers are the same to every reader; -INFINITY where they are not.
 * `schemes`: of each node of graph 0. */
midge_status mg_softmax_bounds(mg_network *network, const mg_scheme *const *schemes,
                               const mg_range *ranges, const float *floors, float **bounds);

/* The range with the bound for what is below it. */
mg_range mg_range_above(mg_range range, float bound);

#endif
