/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A convolution as a matrix product: each output pixel is a row, gathered through the taps of the
 * filter, each output channel a column.
 *
 * Inputs of few channels are taken line by line (lines.h).
 */
#ifndef MG_CONVOLVE_H
#define MG_CONVOLVE_H

#include "op/lines.h"
#include "op/weighted.h"

typedef struct mg_convolve {
    mg_weighted weighted;
    mg_taps taps; /* without pointers; pixel counts all channels */
    mg_columns columns;
    size_t groups;
    size_t length;        /* channels of a group of the input */
    size_t group_columns; /* channels of a group of the output */
    size_t out_channels;
    mg_placement placement;
    bool placed;         /* results go where `placement` says, else row after row */
    const void *padding; /* length cells at the zero point */
    bool by_lines;
    mg_lines lines;
    bool by_winograd; /* winograd.h */
    bool kept;        /* the node's packed memory has the weights as panels */
} mg_convolve;

/* Bytes of the padding row of a convolution over `channels` channels. */
size_t mg_convolve_padding_bytes(size_t channels);

/* Decides whether to go by lines and fills `padding`, memory of mg_convolve_padding_bytes. */
midge_status mg_convolve_finish(midge_op_context *context, mg_convolve *convolve, void *padding);

/* Scratch beside the quantised activations. */
midge_status mg_convolve_scratch(midge_op_context *context, const mg_convolve *convolve,
                                 size_t *bytes);

/* An upper bound for any outputs and up to `taps` taps. */
midge_status mg_convolve_most_scratch(midge_op_context *context, const mg_convolve *convolve,
                                      size_t taps, size_t *bytes);

typedef struct mg_convolve_call {
    const void *input; /* activations as mg_activations gives them */
    const void *weights;
    const void *bias; /* or NULL */
    void *output;
    const float *row_scale;
    size_t rows_per_scale;
} mg_convolve_call;

/* In prepare, for weights and biases that are constant: decides `kept`; `always`: also where many
 * rows would repay packing them in each run. */
midge_status mg_convolve_keep(midge_op_context *context, mg_convolve *convolve, bool always,
                              const void *weights, const void *bias);

void mg_convolve_run(midge_op_context *context, const mg_convolve *convolve,
                     const mg_convolve_call *call, void *scratch);

#endif
