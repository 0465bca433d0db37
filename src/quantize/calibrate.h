/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What values each tensor takes while the float model runs on the samples. The first pass finds
 * least and largest; a range of MIDGE_RANGE_PERCENTILE or _LEAST_ERROR takes a second one that
 * counts values in bins between those.
 */
#ifndef MG_QUANTIZE_CALIBRATE_H
#define MG_QUANTIZE_CALIBRATE_H

#include "midge_tools.h"
#include "quantize/lstm_ranges.h"
#include "quantize/weight_shift.h"

/* Of graph 0; memory of the network. */
typedef struct mg_calibration {
    size_t tensor_count;
    mg_range *ranges;        /* by tensor */
    mg_channel_means *means; /* by tensor */
    float *floors;           /* by tensor, as softmax_bounds.h has them */
    size_t lstm_count;
    mg_lstm_watch *lstms; /* of the nodes that have an integer form */
} mg_calibration;

/* `network` was read from the model. Numbers that are not finite fail. */
midge_status mg_calibrate(mg_network *network, midge_model *model,
                          const midge_optimize_options *options, mg_calibration *calibration);

/* How often that and what precedes it run all samples. */
size_t mg_passes(const midge_optimize_options *options);

/* Runs all samples through a session that keeps every tensor and lets `look` see it after each.
 * `done` of `total` runs are over before the first, for the progress. */
typedef midge_status (*mg_look)(void *context, const midge_session *session, size_t sample,
                                midge_error *error);
midge_status mg_run_samples(midge_model *model, const midge_optimize_options *options, size_t done,
                            size_t total, mg_look look, void *context, midge_error *error);

#endif
