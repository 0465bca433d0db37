/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes of graph 0 become integer ones, and the scale of every activation then. Tensors that
 * a MG_SCALES_SAME operator ties together form a group with one scale.
 */
#ifndef MG_QUANTIZE_SCALES_H
#define MG_QUANTIZE_SCALES_H

#include "quantize/calibrate.h"
#include "quantize/quantize.h"
#include "quantize/scheme.h"

/* A set of tensors, kept at its first member. */
typedef struct mg_scale_group {
    int32_t parent; /* towards the first member, whose parent is itself */
    mg_range range;
    bool fixed;
    mg_scale scale;
} mg_scale_group;

typedef struct mg_scales {
    mg_network *network;
    midge_type type;           /* of activations: int8 or int16 */
    size_t node_count;         /* of the float graph */
    const mg_scheme **schemes; /* of each node; NULL: stays float */
    size_t tensor_count;
    mg_scale_group *groups;        /* by tensor */
    const mg_channel_means *means; /* by tensor of the float graph */
    float *bounds;                 /* by tensor: below this its readers tell nothing apart */
    size_t lstm_count;
    const mg_lstm_watch *lstms; /* what occurred inside of them */
    int32_t *twins;             /* by tensor, once rewritten: the integer tensor; -1: none */
} mg_scales;

/* The calibration covers each tensor of graph 0. Memory is of the network. */
midge_status mg_scales_choose(mg_network *network, const midge_optimize_options *options,
                              const mg_calibration *calibration, mg_scales *scales);

mg_scale mg_scales_of(const mg_scales *scales, int32_t tensor);

/* The scale whose integers cover a range and 0. */
mg_scale mg_scale_of_range(midge_type type, mg_range range);

/* Of the numbers of a float constant; without those that its readers do not tell apart. */
mg_range mg_scales_of_constant_range(const mg_scales *scales, int32_t tensor);
/* Of all of its numbers. */
mg_range mg_range_of_constant(const mg_network_tensor *tensor);

#endif
