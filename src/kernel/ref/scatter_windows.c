/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/scatter_windows.h"

/* The element of the tensor that the update at `at` meets; SIZE_MAX when there is none. */
static size_t meet(const mg_window_scatter *s, const int32_t *at)
{
    int64_t place[MG_SCATTER_RANK] = {0};
    size_t first = 0, element = 0;
    for (int32_t i = 0; i < s->update_rank; ++i) {
        if (s->along[i] < 0)
            first += (size_t)at[i] * s->index_step[i];
        else
            place[s->along[i]] = at[i];
    }
    for (int32_t c = 0; c < s->components; ++c) {
        const int64_t start = mg_indices_at(&s->indices, first + (size_t)c * s->component_step);
        if (start < INT32_MIN || start > INT32_MAX) return SIZE_MAX;
        place[s->component_of[c]] += start;
    }
    for (int32_t i = 0; i < s->rank; ++i) {
        if (place[i] < 0 || place[i] >= s->shape[i]) return SIZE_MAX;
        element = element * (size_t)s->shape[i] + (size_t)place[i];
    }
    return element;
}

void mg_scatter_windows(const mg_window_scatter *scatter, mg_combination combination,
                        mg_number number, const void *updates, void *tensor)
{
    const size_t bytes = mg_number_bytes(number);
    const unsigned char *update = updates;
    int32_t at[MG_SCATTER_RANK] = {0};
    for (int32_t i = 0; i < scatter->update_rank; ++i) {
        if (scatter->update_shape[i] == 0) return;
    }
    for (;; update += bytes) {
        const size_t element = meet(scatter, at);
        if (element != SIZE_MAX)
            mg_combine(combination, number, (unsigned char *)tensor + element * bytes, update, 1,
                       1);
        int32_t i = scatter->update_rank - 1;
        for (; i >= 0 && ++at[i] == scatter->update_shape[i]; --i) at[i] = 0;
        if (i < 0) return;
    }
}
