/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic on sizes that may come from a file. Each function returns false, and leaves *result
 * alone, when the mathematical result does not fit. */
#ifndef MG_SIZE_H
#define MG_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool mg_size_add(size_t a, size_t b, size_t *result)
{
    if (a > SIZE_MAX - b) return false;
    *result = a + b;
    return true;
}

static inline bool mg_size_multiply(size_t a, size_t b, size_t *result)
{
    if (b != 0 && a > SIZE_MAX / b) return false;
    *result = a * b;
    return true;
}

/* `alignment` is a power of two. */
static inline bool mg_size_align(size_t a, size_t alignment, size_t *result)
{
    if (a > SIZE_MAX - (alignment - 1)) return false;
    *result = (a + alignment - 1) & ~(alignment - 1);
    return true;
}

static inline bool mg_int32_add(int32_t a, int32_t b, int32_t *result)
{
    int64_t wide = (int64_t)a + b;
    if (wide > INT32_MAX || wide < INT32_MIN) return false;
    *result = (int32_t)wide;
    return true;
}

static inline bool mg_int32_multiply(int32_t a, int32_t b, int32_t *result)
{
    int64_t wide = (int64_t)a * b;
    if (wide > INT32_MAX || wide < INT32_MIN) return false;
    *result = (int32_t)wide;
    return true;
}

#endif
