/* SPDX-License-Identifier: Apache-2.0 */
/* Windows that move over height and width: convolutions and pooling. One dimension is a plane of
 * height 1. */
#ifndef MG_TRAIN_WINDOW_H
#define MG_TRAIN_WINDOW_H

#include "train/train_build.h"

typedef struct mg_train_window {
    int32_t height, width, channels; /* of the input */
    int32_t out_height, out_width;
    int32_t kernel_height, kernel_width;
    int32_t stride_y, stride_x;
    int32_t dilation_y, dilation_x;
    int32_t top, left; /* padding */
} mg_train_window;

/* The window of a layer, whose class ends in 1D or 2D, by the keys of its configuration. */
midge_status mg_train_read_window(midge_trainer *trainer, const mg_keras_layer *layer,
                                  const mg_keras_call *call, const char *size_key,
                                  mg_train_window *window);
/* The shape of an output with these channels, in the rank of the layer's input. */
int32_t mg_train_window_shape(const midge_trainer *trainer, const mg_keras_call *call,
                              const mg_train_window *window, int32_t channels, int32_t *shape);

static inline size_t mg_train_positions(const mg_train_window *window)
{
    return (size_t)window->out_height * (size_t)window->out_width;
}

/* Taps of the position (y, x) that lie inside the input: [*first, *end) of the kernel. */
static inline void mg_train_taps(int32_t position, int32_t stride, int32_t padding,
                                 int32_t dilation, int32_t kernel, int32_t size, int32_t *first,
                                 int32_t *end)
{
    int32_t start = position * stride - padding;
    *first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    *end = start >= size ? 0 : (size - start + dilation - 1) / dilation;
    if (*end > kernel) *end = kernel;
    if (*first > *end) *first = *end;
}

/* Samples [*first, *end) of part `part` of `parts` parts of a batch. */
static inline void mg_train_part(size_t batch, size_t part, size_t parts, size_t *first,
                                 size_t *end)
{
    *first = part * batch / parts;
    *end = (part + 1) * batch / parts;
}

/* In how many parts a batch is learned from; each has sums of its own, added in order. */
static inline size_t mg_train_parts(size_t batch)
{
    enum { MOST_PARTS = 8 };
    return batch < MOST_PARTS ? batch : MOST_PARTS;
}

/* to[i] = the sum over parts of from[part * count + i]. */
void mg_train_add_parts(const mg_train_pass *pass, const float *from, size_t parts, size_t count,
                        float *to);

/* train_convolution.c: the node of a convolution over the call's input, for other layers, too. */
midge_status mg_train_add_convolution(midge_trainer *trainer, const mg_keras_layer *layer,
                                      const mg_keras_call *call, const mg_train_window *window,
                                      int32_t filters, int32_t kernel, int32_t bias,
                                      int32_t *output);

#endif
