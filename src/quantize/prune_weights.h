/* SPDX-License-Identifier: Apache-2.0 */
/* Magnitude pruning: the smallest weights become 0. */
#ifndef MG_QUANTIZE_PRUNE_WEIGHTS_H
#define MG_QUANTIZE_PRUNE_WEIGHTS_H

#include "base/alloc.h"

/* Makes `count * sparsity` weights, rounded down, 0: those of least magnitude, the earlier ones
 * first among equals. `sparsity` is within 0 … 1. */
midge_status mg_prune_weights(mg_heap *heap, float *weights, size_t count, double sparsity,
                              midge_error *error);

#endif
