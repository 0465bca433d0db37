/* SPDX-License-Identifier: Apache-2.0 */
/* Sparse constants made dense, for DENSIFY and for operators that take sparse weights. */
#ifndef MG_DENSIFY_H
#define MG_DENSIFY_H

#include "op/op.h"

/* True for a constant that is stored sparse. */
static inline bool mg_is_sparse(const midge_tensor *tensor)
{
    return tensor->definition->sparsity != NULL && tensor->definition->constant != NULL;
}

/* Writes all elements of a sparse constant of whole-byte elements, densely. */
void mg_densify(const midge_tensor *tensor, void *dense);

#endif
