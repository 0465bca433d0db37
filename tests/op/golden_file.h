/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models with the answers of a reference runtime, in one file each. Little-endian:
 *
 *   per case                    uint32 bytes and text of the name, uint32 bytes and data of the
 *                               model, uint32 invocations
 *
 *   per invocation and tensor   uint32 bytes and data: all inputs, then all outputs
 *
 * Everything fails the test (cmocka) when it cannot be done.
 */
#ifndef GOLDEN_FILE_H
#define GOLDEN_FILE_H

#include <stddef.h>
#include <stdint.h>

enum { GOLDEN_MOST_NAME = 100, GOLDEN_MOST_CASES = 400 };

typedef struct golden_block {
    const unsigned char *data;
    size_t bytes;
} golden_block;

typedef struct golden_case {
    char name[GOLDEN_MOST_NAME];
    golden_block model;
    uint32_t invocations;
    const unsigned char *tensors; /* the first block of the first invocation */
} golden_case;

typedef struct golden_file {
    unsigned char *data;
    size_t bytes;
    golden_case cases[GOLDEN_MOST_CASES];
    size_t count;
} golden_file;

void golden_read(golden_file *file, const char *path);
void golden_free(golden_file *file);

/*
 * Runs all cases twice, with a reset in between. Integers must be equal; floats may differ by
 * `tolerance` of the largest value of their tensor, or be NaN in both.
 */
void golden_check(const golden_file *file, const char *kernels, int threads, float tolerance);

#endif
