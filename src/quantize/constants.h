/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants in fewer bits. Each function adds a tensor that stands for the float constant `source`
 * and leaves that one alone, since other nodes may read it.
 */
#ifndef MG_QUANTIZE_CONSTANTS_H
#define MG_QUANTIZE_CONSTANTS_H

#include "network/network.h"

/* Weights lie symmetrically in [-WEIGHT_LIMIT, WEIGHT_LIMIT], so that no kernel meets -128. */
enum { MG_WEIGHT_LIMIT = 127 };

/* A dense constant of finite float32 numbers? */
bool mg_is_float_constant(const mg_network_tensor *tensor);
bool mg_all_finite(const mg_network_tensor *tensor);

/*
 * int8 with a scale for each slice of `axis`, or one for all when `axis` is -1. A scale is at least
 * least_scales[slice] (NULL: no such demand): sums that begin with a large bias need that.
 */
midge_status mg_add_int8_weights(mg_network *network, mg_network_graph *graph, int32_t source,
                                 int32_t axis, const float *least_scales, int32_t *made);

/* int8 or int16 with the scale and zero point given. */
midge_status mg_add_integers(mg_network *network, mg_network_graph *graph, int32_t source,
                             midge_type type, float scale, int64_t zero_point, int32_t *made);

/* The nearest int8, uint8 or int16 of each number. */
void mg_store_integers(const float *values, size_t count, midge_type type, float scale,
                       int64_t zero_point, void *integers);

/* int32 or int64 with the scales of products, `scales` being kept by pointer; saturates. */
midge_status mg_add_bias(mg_network *network, mg_network_graph *graph, int32_t source,
                         midge_type type, size_t count, const float *scales, int32_t *made);

midge_status mg_add_halves(mg_network *network, mg_network_graph *graph, int32_t source,
                           int32_t *made);

#endif
