/* SPDX-License-Identifier: Apache-2.0 */
/* Shape arithmetic that operators share: axes, broadcasting, windows, index tensors. */
#ifndef MG_SHAPE_H
#define MG_SHAPE_H

#include "op/op.h"

enum { MG_SHAPE_TEXT = 96 };

/* "[1,224,224,3]" */
const char *mg_shape_text(int32_t rank, const int32_t *shape, char text[MG_SHAPE_TEXT]);

bool mg_same_shape(const midge_tensor *a, const midge_tensor *b);

/* Product of shape[first … last - 1]; the whole shape is known to fit. */
size_t mg_elements_between(const midge_tensor *tensor, int32_t first, int32_t last);

/* Maps -rank … rank - 1 to 0 … rank - 1. */
midge_status mg_resolve_axis(midge_op_context *context, int64_t axis, int32_t rank,
                             int32_t *resolved);

/* Element `index` of an integer tensor (int8 to int64, bool) whose data is there. */
int64_t mg_index_at(const midge_tensor *tensor, size_t index);

/* Reads a tensor of sizes (int32 or int64, rank 1 or scalar) whose data is there. Negative sizes
 * are refused. */
midge_status mg_read_shape(midge_op_context *context, const midge_tensor *tensor, const char *role,
                           int32_t *rank, int32_t shape[MIDGE_MAX_RANK]);

/* Shape of the NumPy-like broadcast of two shapes. */
midge_status mg_broadcast_shape(midge_op_context *context, const midge_tensor *a,
                                const midge_tensor *b, int32_t *rank,
                                int32_t shape[MIDGE_MAX_RANK]);

/*
 * How far to step in a dense operand for each step in the broadcast result: strides in elements,
 * 0 where the operand is stretched. `shape` is the result's.
 */
void mg_broadcast_strides(const midge_tensor *operand, int32_t rank, const int32_t *shape,
                          size_t strides[MIDGE_MAX_RANK]);

/* One spatial dimension of a convolution or pooling. */
typedef struct mg_window {
    int32_t input;
    int32_t filter;
    int32_t stride;
    int32_t dilation;
    int32_t output;
    int32_t padding; /* before the first element */
} mg_window;

/*
 * Fills output and padding from the rest. `padding` is MG_PADDING_SAME or MG_PADDING_VALID. Fails
 * when stride, dilation or filter are not within 1 … 2^24, or the filter does not fit.
 * SAME: output = ceil(input / stride), padding = half of what is missing, rounded down.
 */
midge_status mg_window_fill(midge_op_context *context, const char *role, int padding,
                            mg_window *window);

#endif
