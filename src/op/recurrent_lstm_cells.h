/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM cells of the kernels, made from the tensors of a node. Pointers to data are set in run:
 * weights need not be constant. */
#ifndef MG_RECURRENT_LSTM_CELLS_H
#define MG_RECURRENT_LSTM_CELLS_H

#include "kernel/ref/lstm_int16.h"
#include "kernel/ref/lstm_integer.h"
#include "kernel/ref/lstm_integer_narrow.h"
#include "op/recurrent_ahead.h"
#include "op/recurrent_lstm_tensors.h"

/* What the options tables of the operators have in common. */
typedef struct mg_lstm_settings {
    int activation;
    float cell_clip;
    float projection_clip;
    bool asymmetric;
} mg_lstm_settings;

/* Checks clips and activation. */
midge_status mg_lstm_check_settings(midge_op_context *context, const mg_lstm_settings *settings);

/* In prepare: that int8 weights of a float or hybrid cell have scales. */
midge_status mg_lstm_check_hybrid(midge_op_context *context, const mg_lstm_tensors *tensors);

/* In prepare and run: the float or hybrid cell, complete but for data that is not there yet. */
mg_lstm_f32 mg_lstm_cell_f32(const midge_op_context *context, const mg_lstm_tensors *tensors,
                             const mg_lstm_settings *settings);

/* In prepare: sizes and factors of an integer cell; the node has 5 intermediates. */
midge_status mg_lstm_prepare_integer(midge_op_context *context, const mg_lstm_tensors *tensors,
                                     const mg_lstm_settings *settings, mg_lstm_integer *cell);
/* In run: the pointers. */
void mg_lstm_bind_integer(const midge_op_context *context, const mg_lstm_tensors *tensors,
                          mg_lstm_integer *cell);

/* The same for the cell with 12 intermediates. */
midge_status mg_lstm_prepare_narrow(midge_op_context *context, const mg_lstm_tensors *tensors,
                                    const mg_lstm_settings *settings, mg_lstm_narrow *cell);
void mg_lstm_bind_narrow(const midge_op_context *context, const mg_lstm_tensors *tensors,
                         mg_lstm_narrow *cell);

/* The same for int16 input. */
midge_status mg_lstm_prepare_int16(midge_op_context *context, const mg_lstm_tensors *tensors,
                                   const mg_lstm_settings *settings, mg_lstm_int16 *cell);
void mg_lstm_bind_int16(const midge_op_context *context, const mg_lstm_tensors *tensors,
                        mg_lstm_int16 *cell);

/* In prepare: plans the products that a float, hybrid or (inputs of int8) integer cell makes ahead.
 * `row_sums` are [4][cells] int32 in packed memory for an asymmetric hybrid cell, filled when
 * `fresh`; else NULL. */
mg_ahead mg_lstm_plan_ahead(const midge_op_context *context, const mg_lstm_tensors *tensors,
                            bool asymmetric, size_t batch, size_t time, int32_t *row_sums,
                            bool fresh);
/* True when the cell needs row sums for that, and can have them. */
bool mg_lstm_has_row_sums(const mg_lstm_tensors *tensors, bool asymmetric);
/* SIZE_MAX: too many, no allocation will give them. */
size_t mg_lstm_row_sums_bytes(const mg_lstm_tensors *tensors);
/* In run: the pointers. */
void mg_lstm_bind_ahead(const mg_lstm_tensors *tensors, const int32_t *row_sums, mg_ahead *ahead);

/* A step of the float or hybrid cell, for mg_recurrence. */
void mg_lstm_step_f32(const void *cell, const mg_step *step);

/* The kernels of a session that cells use. */
mg_cell_kernels mg_cell_kernels_of(const midge_op_context *context);

/* The matrix that a tensor holds; of none, one without weights. */
mg_matrix mg_matrix_of(const midge_tensor *tensor);

#endif
