/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one run of midge-check; families see only check.h. */
#ifndef CHECK_RUN_H
#define CHECK_RUN_H

#include "check.h"

enum { CHECK_MOST_BUFFERS = 24 };

typedef struct check_buffer {
    unsigned char *pages; /* guard page, inner bytes, guard page */
    size_t inner;
    size_t page;
    unsigned char *data;
    size_t bytes;
    uint64_t digest;
    bool sealed;
} check_buffer;

struct check {
    const mg_kernel_row *row;
    uint64_t state; /* of the random numbers */
    unsigned cases;
    unsigned failures;
    bool quiet; /* planted faults: failing is what is expected */
    char description[240];
    size_t buffer_count;
    check_buffer buffers[CHECK_MOST_BUFFERS];
};

/* Frees the memory of the case at hand. */
void check_release(check *run);

/* Runs a family's test on a kernel; a signal counts as a failure. Returns the failures. */
unsigned check_kernel(check *run, const check_family *family, const void *kernel,
                      const void *reference);

/* The row on emulated instructions; NULL: there is no such form, or it cannot run here. */
const void *check_emulated_kernel(const mg_kernel_row *row);

/* Kernels with planted faults: each must be caught. Returns how many were not; *count of all. */
unsigned check_planted_faults(uint64_t seed, unsigned *count);

#endif
