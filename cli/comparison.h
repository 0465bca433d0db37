/* SPDX-License-Identifier: Apache-2.0 */
/* How far the tensors of two sessions are apart. */
#ifndef CLI_COMPARISON_H
#define CLI_COMPARISON_H

#include "report.h"

/* Of two tensors, as real numbers. */
typedef struct cli_difference {
    size_t a, b;     /* tensor indices in the two sessions */
    bool comparable; /* false: of different sizes */
    bool equal;
    double snr;     /* decibels: 10 log10(sum a^2 / sum (a - b)^2); infinite when equal */
    double largest; /* |a - b| */
    double mean;    /* of |a - b| */
} cli_difference;

typedef struct cli_comparison {
    size_t count;
    cli_difference *rows;
    size_t unmatched; /* computed tensors of the first without a partner */
} cli_comparison;

/*
 * Compares every computed tensor of `a` with the one of `b` that has the same name, or the same
 * index when `same_model`. Both have been run with all tensors preserved. Worst first. The caller
 * frees with cli_comparison_free.
 */
midge_status cli_compare_sessions(const midge_session *a, const midge_session *b, bool same_model,
                                  cli_comparison *comparison, midge_error *error);
void cli_comparison_free(cli_comparison *comparison);

/* Compares two tensors. */
cli_difference cli_compare_tensors(const midge_tensor *a, const midge_tensor *b);

#endif
