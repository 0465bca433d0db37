/* SPDX-License-Identifier: Apache-2.0 */
/* What layers share that contain a convolution of one or two dimensions. */
#ifndef MG_KERAS_CONVOLUTION_H
#define MG_KERAS_CONVOLUTION_H

#include "convert/keras_layer.h"

typedef struct mg_keras_geometry {
    int32_t dimensions; /* 1 or 2 */
    int32_t stride[2];
    int32_t dilation[2];
    bool causal;
    bool same;
} mg_keras_geometry;

/* Padding, strides and dilation of a configuration. */
midge_status mg_keras_read_geometry(mg_keras *keras, const mg_keras_layer *layer,
                                    mg_keras_geometry *made);
/* The kernel of rank dimensions + 2 as [h, w, in, out]; h is 1 for one dimension. */
midge_status mg_keras_read_kernel(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                                  const mg_keras_geometry *at, mg_keras_weight *kernel);
/* CONV_2D of [batch, h, w, in]; `bias` is a tensor. */
midge_status mg_keras_convolve(mg_keras *keras, const mg_keras_layer *layer,
                               const mg_keras_geometry *at, const mg_keras_weight *kernel,
                               int32_t bias, int32_t input, int32_t *output);

#endif
