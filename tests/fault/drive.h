/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a file through load, prepare and invoke, as a careless program would, and says where it
 * ended. What must hold for any file at all is checked here. */
#ifndef DRIVE_H
#define DRIVE_H

#include "midge.h"
#include "unit/expect.h"

/* Where a file ended; a set of them is what a case allows. */
typedef enum drive_outcome {
    DRIVE_REJECT_LOAD = 1,
    DRIVE_REJECT_PREPARE = 2,
    DRIVE_RUN_ERROR = 4,
    DRIVE_OK = 8,
    DRIVE_REJECT = DRIVE_REJECT_LOAD | DRIVE_REJECT_PREPARE,
    DRIVE_BEFORE_RUN_OR_OK = DRIVE_REJECT | DRIVE_OK,
    DRIVE_ANY = 15
} drive_outcome;

/* What input tensors hold. */
typedef enum drive_fill {
    DRIVE_SMALL, /* 0, 1, 2, 3, 0, … */
    DRIVE_ZEROS,
    DRIVE_LARGEST,
    DRIVE_SMALLEST, /* negative where there is a sign */
    DRIVE_WILD,     /* alternating extremes; NaN, infinities and denormals among floats */
    DRIVE_FILLS
} drive_fill;

typedef struct drive_options {
    drive_fill fill;
    int threads;
    const char *kernels;
    size_t refuse_from; /* number of the first allocation to refuse */
    size_t refuse_count;
    uint64_t memory_bytes;
    uint64_t milliseconds;
    uint64_t while_iterations;
} drive_options;

typedef struct drive_result {
    drive_outcome outcome;
    midge_status status;
    char message[500];
    double seconds;     /* of processor time */
    size_t allocations; /* calls of the allocator */
    const char *broken; /* NULL, or what no file may cause: a leak, a wrong status, … */
} drive_result;

/* One thread, 64 MiB, 2 s, 1000 iterations, nothing refused. */
drive_options drive_defaults(void);

/* `bytes` should end where their memory ends, so that a read past the end is noticed. */
drive_result drive(const void *bytes, size_t size, const drive_options *options);

/* Fills `data` of a tensor that is no string. */
void drive_fill_elements(midge_type type, void *data, size_t bytes, drive_fill fill);

const char *drive_outcome_name(drive_outcome outcome);

#endif
