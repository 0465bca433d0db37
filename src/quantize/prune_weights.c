/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize/prune_weights.h"

#include <math.h>
#include <stdlib.h>

static int smaller_first(const void *x, const void *y)
{
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

midge_status mg_prune_weights(mg_heap *heap, float *weights, size_t count, double sparsity,
                              midge_error *error)
{
    size_t zeros = (size_t)((double)count * sparsity);
    void *memory = NULL;
    if (zeros == 0) return MIDGE_OK;
    TRY(mg_heap_get_array(heap, count, sizeof(float), &memory, error));
    float *sorted = memory;
    for (size_t i = 0; i < count; ++i) sorted[i] = fabsf(weights[i]);
    qsort(sorted, count, sizeof *sorted, smaller_first);
    /* All below the bound go; of those that equal it, as many as are left to go. */
    float bound = sorted[zeros - 1];
    size_t equal = zeros;
    while (equal > 0 && !(sorted[zeros - equal] >= bound)) --equal;
    for (size_t i = 0; i < count; ++i) {
        float magnitude = fabsf(weights[i]);
        if (magnitude > bound || (magnitude == bound && equal == 0)) continue;
        equal -= magnitude == bound;
        weights[i] = 0;
    }
    mg_heap_release(heap, memory);
    return MIDGE_OK;
}
