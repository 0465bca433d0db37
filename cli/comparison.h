/* SPDX-License-Identifier: Apache-2.0 */
/* How far the tensors of two sessions are apart, over any number of runs. */
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
    double signal, noise, sum, count;
} cli_difference;

typedef struct cli_comparison {
    size_t count;
    cli_difference *rows;
    size_t unmatched; /* computed tensors of the first without a partner */
    size_t runs;
} cli_comparison;

/*
 * Pairs every computed tensor of `a` with the one of `b` that has the same name, or the same index
 * when `same_model`, in the order of `a`. Both have been run with all tensors preserved. The caller
 * frees with cli_comparison_free.
 */
midge_status cli_comparison_open(const midge_session *a, const midge_session *b, bool same_model,
                                 cli_comparison *comparison, midge_error *error);
/* Takes in what both computed in their last run. */
void cli_comparison_add(cli_comparison *comparison, const midge_session *a, const midge_session *b);
/* Worst first; among equals the one that is computed first. */
void cli_comparison_sort(cli_comparison *comparison);
void cli_comparison_free(cli_comparison *comparison);

/* The same of two tensors alone: takes in the numbers of one more run. */
void cli_difference_add(cli_difference *difference, const midge_tensor *a, const midge_tensor *b);

#endif
