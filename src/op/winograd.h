/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions of 3x3 filters with stride 1 by Winograd's F(4x4, 3x3): a quarter of the products
 * (kernel/winograd.h). Floats with a bound of the error of their own; bytes exactly, where products
 * of int16 cost as little as those of bytes.
 *
 * All patches of a block of tiles are transformed first; then each panel of output channels is 36
 * matrix products, one for each position, and the way back. As for other products the weights are
 * packed, and here transformed, each time.
 */
#ifndef MG_WINOGRAD_OP_H
#define MG_WINOGRAD_OP_H

#include "op/convolve.h"

/* Whether it is possible, and faster than the plain product. weights: NULL unless constant. */
bool mg_winograd_pays(const mg_kernels *kernels, const mg_convolve *convolve, const void *weights);

midge_status mg_winograd_scratch(midge_op_context *context, const mg_convolve *convolve,
                                 size_t *bytes);
void mg_winograd_run(midge_op_context *context, const mg_convolve *convolve,
                     const mg_convolve_call *call, void *scratch);

#endif
