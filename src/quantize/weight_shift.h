/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rounding the weights of a node adds to each channel of its output on average: the rounding
 * error of every weight times the mean of what it multiplies. Biases take it off.
 */
#ifndef MG_QUANTIZE_WEIGHT_SHIFT_H
#define MG_QUANTIZE_WEIGHT_SHIFT_H

#include "network/network.h"

/* Of a tensor over the samples, by its last dimension. */
typedef struct mg_channel_means {
    size_t channels; /* 0: not wanted */
    double *sums;
    double count; /* of values in each */
} mg_channel_means;

/* Wants the means of what nodes of the graph multiply with constant weights; `means` has a member
 * for each tensor. */
midge_status mg_channel_means_want(mg_network *network, const mg_network_graph *graph,
                                   mg_channel_means *means);

void mg_channel_means_add(mg_channel_means *means, const float *values, size_t elements);

/* A copy of a float bias from which the shift is taken. `weights` are floats, `rounded` the same as
 * integers. The bias itself where the shift cannot be told. */
midge_status mg_without_shift(mg_network *network, mg_network_graph *graph, int32_t op,
                              const mg_channel_means *means, int32_t weights, int32_t rounded,
                              int32_t *bias);

#endif
