/* SPDX-License-Identifier: Apache-2.0 */
/*
 * into[i] = into[i] (operation) with[i]: what scattering, segments and windows do with elements
 * that meet. Integers wrap around.
 */
#ifndef MG_COMBINE_H
#define MG_COMBINE_H

#include "kernel/ref/number.h"

typedef enum mg_combination {
    MG_COMBINE_REPLACE,
    MG_COMBINE_ADD,
    MG_COMBINE_MULTIPLY,
    MG_COMBINE_MAXIMUM, /* keeps the old value when either is not a number */
    MG_COMBINE_MINIMUM,
    MG_COMBINE_UPPER, /* the same, but takes the new value then */
    MG_COMBINE_LOWER,
    MG_COMBINE_ALL, /* both are not 0, as 1 or 0 */
    MG_COMBINE_ANY
} mg_combination;

/* `step` is the distance of two elements of `with`, in elements; 0 repeats one. */
void mg_combine(mg_combination combination, mg_number number, void *into, const void *with,
                ptrdiff_t step, size_t count);

/* Bytes of a number. */
size_t mg_number_bytes(mg_number number);

/* The value that a combination starts from: 0 for ADD, 1 for MULTIPLY, the smallest finite value
 * for MAXIMUM, the largest for MINIMUM; for I32 and F32. */
void mg_combine_start(mg_combination combination, mg_number number, void *value);

#endif
