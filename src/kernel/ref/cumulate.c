/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/cumulate.h"

/* `first` and `step` count elements; the sum starts from 0 and takes them in order. */
#define RUNNING_SUM(name, type, wide)                                                     \
    static void sum_##name(const type *source, size_t first, ptrdiff_t step, size_t size, \
                           bool exclusive, type *destination)                             \
    {                                                                                     \
        wide sum = 0;                                                                     \
        ptrdiff_t at = (ptrdiff_t)first;                                                  \
        for (size_t i = 0; i < size; ++i, at += step) {                                   \
            const wide next = sum + (wide)source[at];                                     \
            destination[at] = (type)(exclusive ? sum : next);                             \
            sum = next;                                                                   \
        }                                                                                 \
    }

RUNNING_SUM(f32, float, float)
RUNNING_SUM(i32, int32_t, uint32_t)
RUNNING_SUM(i64, int64_t, uint64_t)

void mg_cumulate(mg_number number, const void *source, size_t outer, size_t size, size_t inner,
                 bool exclusive, bool reverse, void *destination)
{
    const ptrdiff_t step = reverse ? -(ptrdiff_t)inner : (ptrdiff_t)inner;
    if (size == 0) return;
    for (size_t o = 0; o < outer; ++o) {
        for (size_t i = 0; i < inner; ++i) {
            const size_t first = (o * size + (reverse ? size - 1 : 0)) * inner + i;
            if (number == MG_NUMBER_F32)
                sum_f32(source, first, step, size, exclusive, destination);
            else if (number == MG_NUMBER_I32)
                sum_i32(source, first, step, size, exclusive, destination);
            else
                sum_i64(source, first, step, size, exclusive, destination);
        }
    }
}
