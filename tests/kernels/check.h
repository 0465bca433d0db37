/* SPDX-License-Identifier: Apache-2.0 */
/*
 * midge-check: every row of kernels.def against the plain C row of its family, and how fast it is.
 *
 * A family's file gives one check_family. Its test function draws shapes and values, runs both
 * kernels and compares. What it must not do by hand is here: memory that ends at a page nobody may
 * touch, canaries around it, random numbers that repeat for a seed, the verdict.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"

typedef struct check check;

typedef struct check_family {
    /* `kernel` is the row's, `reference` that of tier ref. */
    void (*test)(check *run, const void *kernel, const void *reference);
    /* Calls check_measure for shapes that matter. */
    void (*bench)(check *run, const void *kernel);
} check_family;

/* ---- Random values ---- */

uint32_t check_random(check *run);
/* least … most, both included. */
int32_t check_between(check *run, int32_t least, int32_t most);
/* Every size up to 2 * tile + 1 comes up often, then primes and larger ones. */
size_t check_size(check *run, size_t tile, size_t most);

/* How values of a case are drawn; a family runs through all of them. */
typedef enum check_values {
    CHECK_RANDOM,
    CHECK_SMALLEST,
    CHECK_LARGEST,
    CHECK_ALTERNATING, /* smallest and largest in turn */
    CHECK_ZERO,
    CHECK_SPARSE,
    CHECK_VALUES_COUNT
} check_values;

void check_fill_i8(check *run, check_values how, int8_t *data, size_t count);
void check_fill_u8(check *run, check_values how, uint8_t *data, size_t count);
void check_fill_i16(check *run, check_values how, int16_t *data, size_t count);
void check_fill_i32(check *run, check_values how, int32_t *data, size_t count);
/* Within [-1, 1], with powers of two far apart in the alternating case. */
void check_fill_f32(check *run, check_values how, float *data, size_t count);

/* ---- Guarded memory ---- */

/* Memory of exactly `bytes` bytes: every second buffer of a case ends where an unreadable page
 * begins, the others begin where one ends, as far as `alignment` allows. Freed after the case. */
void *check_memory(check *run, size_t bytes, size_t alignment);
/* The same, and filled with `pattern`, so that what is never written shows. */
void *check_output(check *run, size_t bytes, size_t alignment, unsigned char pattern);
/* As check_memory; fails the case when the bytes have changed by its end. Call it once filled. */
void check_seal(check *run, const void *memory);

/* ---- Verdict ---- */

/* Begins a case and describes it for the message of a failure. */
void check_case(check *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Ends it: canaries and seals are looked at, memory is freed. */
void check_case_end(check *run);
/* Bit-equal. */
void check_equal(check *run, const void *got, const void *want, size_t bytes, size_t element_bytes);
/* |got - want| <= bound, or both are the same kind of not-a-number or infinity. */
void check_close(check *run, float got, float want, double bound, size_t index);
bool check_failed(const check *run);

/* ---- Speed ---- */

/* Times `call` and prints operations per second; `work` counts what one call does. */
void check_measure(check *run, const char *shape, double work, void (*call)(void *argument),
                   void *argument);

#endif
