/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows of updates combined with elements of a tensor.
 *
 * Each dimension of the updates either walks through windows, then it walks along a dimension of
 * the tensor; or it walks through index vectors, which say where the windows start. Updates are
 * taken in row-major order; what falls outside the tensor is left out.
 */
#ifndef MG_SCATTER_WINDOWS_H
#define MG_SCATTER_WINDOWS_H

#include "kernel/ref/combine.h"

enum { MG_SCATTER_RANK = 8 };

typedef struct mg_window_scatter {
    int32_t rank; /* of the tensor */
    int32_t shape[MG_SCATTER_RANK];
    int32_t update_rank;
    int32_t update_shape[MG_SCATTER_RANK];
    int32_t along[MG_SCATTER_RANK];     /* dimension of the tensor; -1: through index vectors */
    size_t index_step[MG_SCATTER_RANK]; /* indices from one vector to the next */
    mg_indices indices;
    int32_t components; /* of an index vector */
    size_t component_step;
    int32_t component_of[MG_SCATTER_RANK]; /* the dimension that a component is for */
} mg_window_scatter;

void mg_scatter_windows(const mg_window_scatter *scatter, mg_combination combination,
                        mg_number number, const void *updates, void *tensor);

#endif
