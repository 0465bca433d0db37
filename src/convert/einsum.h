/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Einsum of one or two tensors. Of two, each label is one of
 *   batch       in both and in the result
 *   contracted  in both, not in the result
 *   left, right in one and in the result
 * and the product is one of matrices [batch, left, contracted] x [batch, right, contracted].
 */
#ifndef MG_EINSUM_H
#define MG_EINSUM_H

#include <stdbool.h>

#include "model/model.h"

/* What to do with the inputs: turn each by its order; of two, see each as matrices, multiply the
 * first with the second transposed, and see what comes out as `made`; then turn it by `result`. */
typedef struct mg_einsum {
    int32_t order[2][MIDGE_MAX_RANK];
    int32_t matrices[2][3]; /* batch, rows, contracted */
    int32_t made_rank;
    int32_t made[MIDGE_MAX_RANK];
    int32_t result[MIDGE_MAX_RANK];
} mg_einsum;

/* `count` inputs, 1 or 2. NULL, or why there is no plan. */
const char *mg_einsum_plan(const char *equation, size_t count, const int32_t *ranks,
                           const int32_t *const *shapes, mg_einsum *plan);

#endif
