/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of layer families share: putting nodes and constants into the network, under the
 * name of the layer at hand. */
#ifndef MG_KERAS_LAYER_H
#define MG_KERAS_LAYER_H

#include <math.h>
#include <string.h>

#include "convert/keras.h"

/* The functions of all rows. */
#define LAYER(name, weights, at, lower)                                               \
    midge_status mg_keras_lower_##lower(mg_keras *keras, const mg_keras_layer *layer, \
                                        mg_keras_call *call);
#include "convert/keras_layers.def"

/* ---- Nodes; *output is the tensor they make */

/* One output of the given shape. *node, unless NULL, is for its options. */
midge_status mg_keras_node(mg_keras *keras, int32_t op, size_t input_count, const int32_t *inputs,
                           midge_type type, int32_t rank, const int32_t *shape, int32_t *output,
                           mg_network_node **node);
/* As its input. */
midge_status mg_keras_unary(mg_keras *keras, int32_t op, int32_t input, int32_t *output);
/* Broadcasts as NumPy. */
midge_status mg_keras_binary(mg_keras *keras, int32_t op, int32_t a, int32_t b, int32_t *output);
midge_status mg_keras_reshape(mg_keras *keras, int32_t input, int32_t rank, const int32_t *shape,
                              int32_t *output);
midge_status mg_keras_transpose(mg_keras *keras, int32_t input, const int32_t *order,
                                int32_t *output);
/* MEAN, SUM, REDUCE_MAX, … over axes. */
midge_status mg_keras_reduce(mg_keras *keras, int32_t op, int32_t input, int32_t axis_count,
                             const int32_t *axes, bool keep, int32_t *output);
midge_status mg_keras_slice(mg_keras *keras, int32_t input, const int32_t *begin,
                            const int32_t *size, int32_t *output);
/* `amounts`: before and after, for each dimension. */
midge_status mg_keras_pad(mg_keras *keras, int32_t input, const int32_t *amounts, int32_t *output);
midge_status mg_keras_concatenate(mg_keras *keras, size_t count, const int32_t *inputs,
                                  int32_t axis, int32_t *output);
midge_status mg_keras_cast(mg_keras *keras, int32_t input, midge_type type, int32_t *output);
midge_status mg_keras_softmax(mg_keras *keras, int32_t input, int32_t axis, int32_t *output);
midge_status mg_keras_reverse(mg_keras *keras, int32_t input, int32_t axis, int32_t *output);
/* Scales height and width of [batch, height, width, channel]. */
midge_status mg_keras_resize(mg_keras *keras, int32_t input, int32_t height, int32_t width,
                             bool linear, int32_t *output);
/* As mg_keras_binary, but of bools. */
midge_status mg_keras_compare(mg_keras *keras, int32_t op, int32_t a, int32_t b, int32_t *output);
/* *output = a * b, b perhaps with its last two dimensions swapped. */
midge_status mg_keras_matmul(mg_keras *keras, int32_t a, int32_t b, bool swap_b, int32_t *output);

/* ---- Constants */

/* Copies the values. */
midge_status mg_keras_constant(mg_keras *keras, const char *name, int32_t rank,
                               const int32_t *shape, const float *values, int32_t *tensor);
midge_status mg_keras_scalar(mg_keras *keras, float value, int32_t *tensor);
/* Room for a constant that the caller fills at once. */
midge_status mg_keras_room(mg_keras *keras, const char *name, int32_t rank, const int32_t *shape,
                           float **values, int32_t *tensor);
/* A vector weight as it is, or zeros where the layer has none. */
midge_status mg_keras_vector(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                             int32_t count, int32_t *tensor);
/* rows x columns becomes columns x rows. */
void mg_keras_transpose_matrix(const float *from, size_t rows, size_t columns, float *to);

/* ---- keras_activation.c */

/* The activation that JSON names; a missing one is linear. */
midge_status mg_keras_activate(mg_keras *keras, const mg_keras_layer *layer, const json_t *name,
                               int32_t input, int32_t *output);
/* The plain name of an activation in JSON; NULL for a custom one. */
const char *mg_keras_activation_name(const json_t *name);
midge_status mg_keras_activate_named(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                                     int32_t input, int32_t *output);

/* ---- keras_dense.c */

/* FULLY_CONNECTED over the last dimension; `kernel` is rows (in) x columns (out), which is
 * transposed here; bias -1: none. */
midge_status mg_keras_product(mg_keras *keras, int32_t input, const float *kernel, int32_t rows,
                              int32_t columns, int32_t bias, int32_t *output);

/* ---- keras_attention.c */

/* Scores vanish of keys later than the query's place (`causal`), or `window` and more away from it
 * (0: no window). */
midge_status mg_keras_hide_places(mg_keras *keras, bool causal, int32_t window, int32_t scores,
                                  int32_t *output);

/* ---- keras_convolution.c */

/* The size after a window has moved over the input; false when it does not fit. */
bool mg_keras_slide(int32_t input, int32_t filter, int32_t stride, int32_t dilation, bool same,
                    int32_t *output);
/* The sizes that a transposed convolution gives; false for impossible ones. */
bool mg_keras_grow(const mg_keras_layer *layer, int32_t dimensions, const int32_t *input,
                   const int32_t *filter, const int32_t *stride, bool same, int32_t *output);

/* ---- Arguments */

/* Negative axes count from the end; refuses those out of range. */
midge_status mg_keras_axis(mg_keras *keras, const mg_keras_layer *layer, int32_t axis, int32_t rank,
                           int32_t *result);
/* The member "axis": an integer, a list, or nothing, which means all. */
midge_status mg_keras_axes(mg_keras *keras, const mg_keras_layer *layer, int32_t rank,
                           int32_t *count, int32_t *axes);
/* An argument of a function, by place or name: a tensor, a number of the type of the first, or an
 * array. */
midge_status mg_keras_operand(mg_keras *keras, const mg_keras_call *call, size_t place,
                              const char *name, int32_t *tensor);
/* Nested lists of numbers as a constant. */
midge_status mg_keras_array(mg_keras *keras, const json_t *value, int32_t *tensor);
/* Casts the narrower of two to the type of the other. */
midge_status mg_keras_promote(mg_keras *keras, int32_t *a, int32_t *b);
midge_status mg_keras_as_float(mg_keras *keras, int32_t input, int32_t *output);
/* A number of the file as a constant. */
midge_status mg_keras_number(mg_keras *keras, double number, midge_type type, int32_t *tensor);
bool mg_keras_is_channels_first(const mg_keras_layer *layer);
/* Lowers a layer whose channels come first. */
midge_status mg_keras_lower_turned(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call);
/* Refuses anything but channels_last. */
midge_status mg_keras_channels_last(mg_keras *keras, const mg_keras_layer *layer);
/* 1, 2 or 3, which the name of the class says. */
int32_t mg_keras_dimensions(const mg_keras_layer *layer);
/* Refuses an input that is not of this rank. */
midge_status mg_keras_rank(mg_keras *keras, const mg_keras_layer *layer, const mg_keras_call *call,
                           int32_t rank);

#endif
