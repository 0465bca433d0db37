/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What values occur inside UNIDIRECTIONAL_SEQUENCE_LSTM: in its cell after each step, in what goes
 * into its projection, and in the sums of its gates before they are normalised. No tensor of the
 * float model shows them, so the cell is computed once more from the node's input.
 */
#ifndef MG_QUANTIZE_LSTM_RANGES_H
#define MG_QUANTIZE_LSTM_RANGES_H

#include "network/network.h"
#include "quantize/range.h"

enum {
    /* Gates in the order of the inputs: input, forget, modulation, output. */
    MG_LSTM_GATES = 4,
    /* The first input of each group. */
    MG_LSTM_INPUT_WEIGHTS = 1,
    MG_LSTM_STATE_WEIGHTS = 5,
    MG_LSTM_PEEPHOLES = 9, /* input, forget, output */
    MG_LSTM_PEEPHOLE_COUNT = 3,
    MG_LSTM_BIASES = 12,
    MG_LSTM_PROJECTION = 16,
    MG_LSTM_PROJECTION_BIAS = 17,
    MG_LSTM_OUTPUT_STATE = 18,
    MG_LSTM_CELL_STATE = 19,
    MG_LSTM_NORMS = 20
};

typedef struct mg_lstm_ranges {
    int32_t output; /* of the node, by which it is known */
    mg_range cell;
    mg_range hidden;
    mg_range sums[MG_LSTM_GATES];
} mg_lstm_ranges;

/* Whether the node has a form in which integer kernels compute: tanh, constant weights and biases,
 * states of its own. */
bool mg_lstm_has_integer_form(const mg_network_graph *graph, const mg_network_node *node);

/* The tensor at an input of the node; NULL where it is absent. */
const mg_network_tensor *mg_lstm_tensor(const mg_network_graph *graph, const mg_network_node *node,
                                        size_t index);

/* The float cell of a node with an integer form. */
typedef struct mg_lstm_watch {
    const float *input_weights[MG_LSTM_GATES]; /* NULL: there is no such gate, norm or projection */
    const float *state_weights[MG_LSTM_GATES];
    const float *peepholes[MG_LSTM_GATES];
    const float *biases[MG_LSTM_GATES];
    const float *norms[MG_LSTM_GATES];
    const float *projection, *projection_bias;
    size_t inputs, cells, outputs;
    float cell_clip, projection_clip;
    bool time_major;
    int32_t input; /* tensor */
    float *state;  /* `outputs` numbers, followed by the cell and the gates, `cells` each */
    mg_lstm_ranges ranges;
} mg_lstm_watch;

midge_status mg_lstm_watch_make(mg_network *network, const mg_network_graph *graph,
                                const mg_network_node *node, mg_lstm_watch *watch);

/* Widens the ranges by what one input leads to, from states of 0. */
void mg_lstm_watch_look(mg_lstm_watch *watch, const float *input, const int32_t *shape);

#endif
