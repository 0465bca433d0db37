/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What values each tensor takes while the float model runs on the samples. The first pass finds
 * least and largest; a range of MIDGE_RANGE_PERCENTILE or _LEAST_ERROR takes a second one that
 * counts values in bins between those.
 */
#ifndef MG_QUANTIZE_CALIBRATE_H
#define MG_QUANTIZE_CALIBRATE_H

#include "base/alloc.h"
#include "midge_tools.h"

typedef struct mg_range {
    float low, high;
    bool seen;
} mg_range;

/* ranges[i] for tensor i of graph 0; memory of the region. Numbers that are not finite fail. */
midge_status mg_calibrate(midge_model *model, const midge_optimize_options *options,
                          mg_region *region, size_t *count, mg_range **ranges, midge_error *error);

/* Runs all samples through a session that keeps every tensor and lets `look` see it after each.
 * `done` of `total` runs are over before the first, for the progress. */
typedef midge_status (*mg_look)(void *context, const midge_session *session, size_t sample,
                                midge_error *error);
midge_status mg_run_samples(midge_model *model, const midge_optimize_options *options, size_t done,
                            size_t total, mg_look look, void *context, midge_error *error);

#endif
