/* SPDX-License-Identifier: Apache-2.0 */
/* Weight clustering: k-means in one dimension, so that few different values remain. */
#ifndef MG_QUANTIZE_CLUSTER_WEIGHTS_H
#define MG_QUANTIZE_CLUSTER_WEIGHTS_H

#include "base/alloc.h"

/* Replaces each weight by the mean of its cluster; weights of 0 stay 0 and are a cluster of their
 * own where there are any. At most `clusters` (at least 2) different values remain. Equal weights
 * give equal results. */
midge_status mg_cluster_weights(mg_heap *heap, float *weights, size_t count, size_t clusters,
                                midge_error *error);

#endif
