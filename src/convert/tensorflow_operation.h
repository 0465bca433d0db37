/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of operation families share: putting nodes into the network under the name of the
 * operation at hand. Tensors are numbers of the graph at hand; a node whose inputs are all
 * constants is computed at once and leaves only its results. */
#ifndef MG_TENSORFLOW_OPERATION_H
#define MG_TENSORFLOW_OPERATION_H

#include "convert/tensorflow.h"

/* The functions of all rows. */
#define TENSORFLOW(name, family, code, outputs) \
    midge_status mg_tf_lower_##family(mg_tensorflow *tf, mg_tf_operation *operation);
#include "convert/tensorflow_ops.def"

/* ---- Inputs and outputs of the operation at hand */

/* The tensor that is input `place`; fails when there is none. */
midge_status mg_tf_input(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                         int32_t *tensor);
/* All of them from `first` to before `end`, in memory of the region. */
midge_status mg_tf_inputs(mg_tensorflow *tf, const mg_tf_operation *operation, size_t first,
                          size_t end, int32_t **tensors);
/* The numbers of a constant integer input, at most `capacity`. */
midge_status mg_tf_input_ints(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                              size_t capacity, int32_t *values, size_t *count);
midge_status mg_tf_input_int(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                             int32_t *value);
/* A constant input as a float. */
midge_status mg_tf_input_float(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                               float *value);
/* As mg_tf_input_ints, of a tensor; false when it is no such constant. */
bool mg_tf_constant_ints(const mg_tensorflow *tf, int32_t tensor, size_t capacity, int32_t *values,
                         size_t *count);
midge_status mg_tf_give(mg_tensorflow *tf, mg_tf_operation *operation, size_t count,
                        const int32_t *tensors);
midge_status mg_tf_give_value(mg_tensorflow *tf, mg_tf_operation *operation, mg_tf_value value);
static inline midge_status mg_tf_give_one(mg_tensorflow *tf, mg_tf_operation *operation,
                                          int32_t tensor)
{
    return mg_tf_give(tf, operation, 1, &tensor);
}
/* A negative axis counts from the end; refuses those out of range. */
midge_status mg_tf_axis(mg_tensorflow *tf, int32_t axis, int32_t rank, int32_t *result);
/* Refuses a tensor of another rank. */
midge_status mg_tf_rank(mg_tensorflow *tf, int32_t tensor, int32_t rank);
/* The type of an attribute. */
midge_status mg_tf_type_attr(mg_tensorflow *tf, const mg_tf_operation *operation, const char *key,
                             int32_t fallback, midge_type *type);

/* As mg_tf_input; of a variable its value. */
midge_status mg_tf_read_input(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                              int32_t *tensor);

/* Where the operation itself stands. */
static inline mg_tf_source mg_tf_own_source(const mg_tf_operation *operation)
{
    return (mg_tf_source){operation->frame, operation->number, 0};
}

/* ---- Nodes */

/* Begins a node whose options may be filled in before mg_tf_finish, and whose outputs have the
 * given type, MIDGE_… or that of the first input for -1. */
midge_status mg_tf_begin(mg_tensorflow *tf, int32_t op, size_t input_count, const int32_t *inputs,
                         size_t output_count, int type, mg_network_node **node);
/* Gives its outputs, their shapes known. */
midge_status mg_tf_finish(mg_tensorflow *tf, int32_t *outputs);
/* Both, for a node without options and with one output. */
midge_status mg_tf_node(mg_tensorflow *tf, int32_t op, size_t input_count, const int32_t *inputs,
                        int type, int32_t *output);
midge_status mg_tf_unary(mg_tensorflow *tf, int32_t op, int32_t input, int32_t *output);
midge_status mg_tf_binary(mg_tensorflow *tf, int32_t op, int32_t a, int32_t b, int32_t *output);
/* A node of two inputs, the second of which is a float. */
midge_status mg_tf_with_scalar(mg_tensorflow *tf, int32_t op, int32_t input, float value,
                               int32_t *output);

/* ---- Constants and changes of shape */

midge_status mg_tf_scalar(mg_tensorflow *tf, float value, int32_t *tensor);
/* A scalar of the type of another tensor. */
midge_status mg_tf_scalar_like(mg_tensorflow *tf, int32_t like, int32_t value, int32_t *tensor);
/* Zeros, for operators whose kernels count on a bias; sums that follow are added to it later. */
midge_status mg_tf_zero_bias(mg_tensorflow *tf, int32_t count, int32_t *tensor);
midge_status mg_tf_int32s(mg_tensorflow *tf, size_t count, const int32_t *values, int32_t *tensor);
midge_status mg_tf_int32_scalar(mg_tensorflow *tf, int32_t value, int32_t *tensor);
/* Integers of a constant as int32, in its shape. */
midge_status mg_tf_as_int32(mg_tensorflow *tf, int32_t input, int32_t *output);
midge_status mg_tf_reshape(mg_tensorflow *tf, int32_t input, int32_t rank, const int32_t *shape,
                           int32_t *output);
midge_status mg_tf_transpose(mg_tensorflow *tf, int32_t input, const int32_t *order,
                             int32_t *output);
midge_status mg_tf_cast(mg_tensorflow *tf, int32_t input, midge_type type, int32_t *output);
/* `amounts`: before and after, for each dimension; value: NULL for zeros. */
midge_status mg_tf_pad(mg_tensorflow *tf, int32_t input, const int32_t *amounts, const float *value,
                       int32_t *output);
/* From channels first to last, and back; nothing for the usual format. */
midge_status mg_tf_channels_last(mg_tensorflow *tf, const mg_tf_operation *operation, int32_t input,
                                 int32_t *output);
midge_status mg_tf_channels_back(mg_tensorflow *tf, const mg_tf_operation *operation, int32_t input,
                                 int32_t *output);
bool mg_tf_is_channels_first(const mg_tf_operation *operation);

/* ---- tensorflow_product.c */

/* FULLY_CONNECTED; weights are [in, out], or [out, in] when transposed. */
midge_status mg_tf_product(mg_tensorflow *tf, int32_t input, int32_t weights, bool transposed,
                           int32_t *output);
midge_status mg_tf_matmul(mg_tensorflow *tf, int32_t a, int32_t b, bool swap_a, bool swap_b,
                          int32_t *output);

/* ---- tensorflow_control.c */

/* A graph of its own, for what a node of control runs. */
midge_status mg_tf_add_graph(mg_tensorflow *tf, const char *name, int32_t *graph);
/* Takes out the graphs that no node runs. */
midge_status mg_tf_drop_graphs(mg_network *network);

/* ---- tensorflow_lstm.c */

/* Loops that are an LSTM layer become one operator. */
midge_status mg_tf_fuse_lstm(mg_network *network);

/* ---- tensorflow_infer.c */

/* Gives the outputs of the last node their shapes; *folded: their values, too. */
midge_status mg_tf_infer(mg_tensorflow *tf, const mg_network_node *node, bool *folded);

#endif
