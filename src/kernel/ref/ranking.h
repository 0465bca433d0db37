/* SPDX-License-Identifier: Apache-2.0 */
/* The largest of a row of numbers, in order; and where the largest or smallest along an axis is. */
#ifndef MG_RANKING_H
#define MG_RANKING_H

#include <stdbool.h>

#include "kernel/ref/number.h"

/* Orders numbers: a larger number has a larger key, equal ones (also 0 and -0) the same; not a
 * number comes before all of them. Not for U64, F16 and F64. */
int64_t mg_rank_key(mg_number number, const void *values, size_t i);

/* The positions of the `most` largest of `count` values, the largest first, equal ones in their own
 * order. most <= count <= INT32_MAX. */
void mg_rank(mg_number number, const void *values, size_t count, size_t most, int32_t *positions);

/*
 * The position of the largest (or smallest) of `size` values along the middle of outer x size x
 * inner; the first of equal ones. For BOOL, I8, U8, I32 and F32; size is not 0. Positions are
 * written as int64 when `wide`, else as int32.
 */
void mg_find_extreme(mg_number number, bool largest, const void *values, size_t outer, size_t size,
                     size_t inner, bool wide, void *positions);

#endif
