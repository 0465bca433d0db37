/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target is a file fuzz_<name>.c with the one function below. It is linked twice: with
 * replay.c, which runs the files of corpus/<name> and regress/<name>, and, when
 * MIDGE_BUILD_FUZZERS is on, with libFuzzer. A finding ends the program.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program with the reason when `what` is not NULL. */
static inline void fuzz_require(const char *what)
{
    if (what == NULL) return;
    (void)fprintf(stderr, "finding: %s\n", what);
    __builtin_trap();
}

#endif
