/* SPDX-License-Identifier: Apache-2.0 */
/* What prepare and run of CONV_2D and CONV_3D share. */
#ifndef MG_CONVOLUTION_PLAN_H
#define MG_CONVOLUTION_PLAN_H

#include "op/convolve.h"
#include "op/strips.h"

/* The prepared memory: this, the factors, the padding row. */
typedef struct mg_convolution {
    mg_convolve convolve;
    size_t vectors; /* dynamically quantised: one per image */
    void *zero_row; /* the padding, where run learns the zero point, else NULL */
    size_t activations_bytes;
    mg_convolve linewise; /* the same with weights that are kept packed, if line by line */
    mg_strips strips;     /* of a filter of one tap, if its input comes line by line */
    size_t worker_bytes;  /* then */
} mg_convolution;

/* In prepare, when all else is settled: takes the node before over where that pays. */
midge_status mg_convolution_prepare_strips(midge_op_context *context, mg_convolution *plan);

/* Runs a convolution whose input comes line by line. */
void mg_convolution_run_strips(midge_op_context *context, const mg_convolution *plan);

#endif
