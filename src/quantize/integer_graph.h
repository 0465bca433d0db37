/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rewrites graph 0 by the scales chosen. A float tensor gets an integer twin where an integer node
 * makes or reads it; QUANTIZE and DEQUANTIZE lead from one to the other where both are needed. The
 * twin takes the tensor's name, except where the float one stays an input or output of the graph.
 */
#ifndef MG_QUANTIZE_INTEGER_GRAPH_H
#define MG_QUANTIZE_INTEGER_GRAPH_H

#include "quantize/scales.h"

typedef struct mg_integer_graph {
    mg_network *network;
    mg_network_graph *graph;
    mg_scales *scales;
    const midge_optimize_options *options;
    int32_t *twins;      /* of each tensor of the float graph; -1: none */
    bool *read_as_float; /* each tensor of it: by a float node, or as a float output */
} mg_integer_graph;

/* Sets scales->twins. */
midge_status mg_make_integer(mg_network *network, const midge_optimize_options *options,
                             mg_scales *scales);

/* Corrects the biases of the rewritten graph by the samples. */
midge_status mg_correct_biases(mg_network *network, midge_model *model,
                               const midge_optimize_options *options, const mg_scales *scales);

/* A tensor like `like` of an integer type; *made is its number. */
midge_status mg_add_twin(mg_integer_graph *at, int32_t like, const char *suffix, midge_type type,
                         mg_scale scale, int32_t *made);

/* A QUANTIZE or DEQUANTIZE node in front of node number `before`; at the end for -1. */
midge_status mg_add_conversion(mg_integer_graph *at, int32_t before, int32_t op, int32_t from,
                               int32_t to);

/* The rest of an LSTM node whose input is integer already; `output` is the float tensor. */
midge_status mg_make_integer_lstm(mg_integer_graph *at, int32_t node, int32_t output);

/* Gives inputs and outputs of the graph the types of the options: inputs before the nodes are
 * rewritten, outputs after. */
midge_status mg_set_input_types(mg_integer_graph *at);
midge_status mg_set_output_types(mg_integer_graph *at);

#endif
