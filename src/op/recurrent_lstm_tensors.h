/* SPDX-License-Identifier: Apache-2.0 */
/* The tensors of an LSTM cell, found among the inputs of a node and checked against each other. */
#ifndef MG_RECURRENT_LSTM_TENSORS_H
#define MG_RECURRENT_LSTM_TENSORS_H

#include "kernel/ref/lstm_f32.h"
#include "op/op.h"

/* Where the inputs of a cell lie: the first of each group, MG_LSTM_NOWHERE for none. Groups have
 * one tensor for each gate in the order of MG_GATE_…; peepholes have none for the modulation. */
enum { MG_LSTM_NOWHERE = -1 };

typedef struct mg_lstm_places {
    int input_weights;
    int recurrent_weights;
    int peepholes;
    int biases;
    int projection;   /* followed by its bias */
    int output_state; /* followed by the cell state */
    int norms;
    int aux_weights;
} mg_lstm_places;

/* Of LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM. */
extern const mg_lstm_places mg_lstm_places_full;

typedef struct mg_lstm_gate_tensors {
    midge_tensor *input;
    midge_tensor *aux;
    midge_tensor *recurrent;
    midge_tensor *peephole;
    midge_tensor *bias;
    midge_tensor *norm;
} mg_lstm_gate_tensors;

typedef struct mg_lstm_tensors {
    mg_lstm_gate_tensors gates[MG_GATE_COUNT];
    midge_tensor *projection;
    midge_tensor *projection_bias;
    midge_tensor *output_state;
    midge_tensor *cell_state;
    int32_t input_size;
    int32_t aux_size; /* 0 without weights for a second input */
    int32_t cell_size;
    int32_t output_size;
} mg_lstm_tensors;

/* The element types of the groups. */
typedef struct mg_lstm_types {
    uint32_t weights;               /* a set: the type of one fixes it for all */
    midge_type peephole_or_weights; /* of peepholes; MIDGE_FLOAT32: that of the weights */
    midge_type bias;
    midge_type norm;
    midge_type output_state;
    midge_type cell_state;
    bool diagonal; /* recurrent weights may be diagonals of floats */
} mg_lstm_types;

/* Finds the tensors and, where they exist, the sizes; no check but that sizes can be read. */
midge_status mg_lstm_find(midge_op_context *context, const mg_lstm_places *places,
                          mg_lstm_tensors *tensors);

/* Checks types and shapes for `batch` sequences, and that optional parts are complete. */
midge_status mg_lstm_check(midge_op_context *context, const mg_lstm_tensors *tensors,
                           const mg_lstm_types *types, int32_t batch);

#endif
