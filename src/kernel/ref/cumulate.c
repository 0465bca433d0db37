/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/ref/cumulate.h"

/* One sum after the other. */
#define RUNNING_SUM(name, type, wide)                                                       \
    static void sum_##name(const type *source, size_t size, ptrdiff_t step, bool exclusive, \
                           type *destination)                                               \
    {                                                                                       \
        wide sum = 0;                                                                       \
        for (size_t i = 0; i < size; ++i, source += step, destination += step) {            \
            const wide next = sum + (wide)*source;                                          \
            *destination = (type)(exclusive ? sum : next);                                  \
            sum = next;                                                                     \
        }                                                                                   \
    }

/*
 * Rows of `inner` sums that go on side by side. The row behind the last is the sum of all; an
 * exclusive sum is the one that ends just before its place. The first sum starts from 0.
 */
#define SUMS_SIDE_BY_SIDE(name, type, wide)                                                  \
    static void sums_##name(const type *source, size_t size, ptrdiff_t step, bool exclusive, \
                            type *destination)                                               \
    {                                                                                        \
        const size_t inner = (size_t)(step < 0 ? -step : step);                              \
        for (size_t i = 0; i < inner; ++i)                                                   \
            destination[i] = exclusive ? (type)0 : (type)((wide)0 + (wide)source[i]);        \
        for (size_t row = 1; row < size; ++row) {                                            \
            const type *before = destination, *added = exclusive ? source : source + step;   \
            source += step;                                                                  \
            destination += step;                                                             \
            for (size_t i = 0; i < inner; ++i)                                               \
                destination[i] = (type)((wide)before[i] + (wide)added[i]);                   \
        }                                                                                    \
    }

#define SUMS(name, type, wide)                                                                   \
    RUNNING_SUM(name, type, wide)                                                                \
    SUMS_SIDE_BY_SIDE(name, type, wide)                                                          \
    static void cumulate_##name(const type *source, size_t size, ptrdiff_t step, bool exclusive, \
                                type *destination)                                               \
    {                                                                                            \
        if (step == 1 || step == -1)                                                             \
            sum_##name(source, size, step, exclusive, destination);                              \
        else                                                                                     \
            sums_##name(source, size, step, exclusive, destination);                             \
    }

SUMS(f32, float, float)
SUMS(i32, int32_t, uint32_t)
SUMS(i64, int64_t, uint64_t)

void mg_cumulate(mg_number number, const void *source, size_t outer, size_t size, size_t inner,
                 bool exclusive, bool reverse, void *destination)
{
    const ptrdiff_t step = reverse ? -(ptrdiff_t)inner : (ptrdiff_t)inner;
    if (size == 0 || inner == 0) return;
    for (size_t o = 0; o < outer; ++o) {
        const size_t first = (o * size + (reverse ? size - 1 : 0)) * inner;
        if (number == MG_NUMBER_F32)
            cumulate_f32((const float *)source + first, size, step, exclusive,
                         (float *)destination + first);
        else if (number == MG_NUMBER_I32)
            cumulate_i32((const int32_t *)source + first, size, step, exclusive,
                         (int32_t *)destination + first);
        else
            cumulate_i64((const int64_t *)source + first, size, step, exclusive,
                         (int64_t *)destination + first);
    }
}
