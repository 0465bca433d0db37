/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model while it is being made or changed: converters build one, the optimiser rewrites one, and
 * both write it as a .tflite file. Tensors and nodes have numbers that never change; what is no
 * longer used is left out when the file is written. All memory is of the network's region.
 */
#ifndef MG_NETWORK_H
#define MG_NETWORK_H

#include "model/model.h"

typedef struct mg_network_tensor {
    const char *name;
    midge_type type;
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    bool open[MIDGE_MAX_RANK]; /* any size; the shape holds the one to plan with */
    bool is_variable;
    const void *data; /* of a constant; NULL otherwise */
    size_t bytes;
    midge_quantization quantization;
    bool ranged; /* of floats: training has learned which range integers are to cover */
    float least, most;
    const mg_QuantizationParameters *details; /* block-wise and such; NULL for plain scales */
    const mg_SparsityParameters *sparsity;
} mg_network_tensor;

typedef struct mg_network_node {
    int32_t op; /* enum mg_builtin */
    const char *custom_name;
    const char *origin; /* the layer or operation it was made from, for messages; may be "" */
    size_t input_count;
    int32_t *inputs; /* -1: absent */
    size_t output_count;
    int32_t *outputs;
    size_t intermediate_count;
    int32_t *intermediates;
    uint8_t options_type;
    void *options; /* mg_Conv2DOptions, … by options_type; may be changed */
    uint8_t options_2_type;
    void *options_2;
    const uint8_t *custom_options;
    size_t custom_options_bytes;
    bool removed;
} mg_network_node;

typedef struct mg_network_binding {
    const char *name;
    int32_t tensor;
} mg_network_binding;

typedef struct mg_network_signature {
    const char *key;
    int32_t graph;
    size_t input_count;
    mg_network_binding *inputs;
    size_t output_count;
    mg_network_binding *outputs;
} mg_network_signature;

typedef struct mg_network_graph {
    const char *name;
    size_t tensor_count, tensor_capacity;
    mg_network_tensor *tensors; /* moves when tensors are added: keep numbers, not pointers */
    size_t node_count, node_capacity;
    mg_network_node *nodes; /* in the order they run; moves, too */
    size_t input_count;
    int32_t *inputs;
    size_t output_count;
    int32_t *outputs;
} mg_network_graph;

typedef struct mg_network_metadata {
    const char *name;
    const void *data;
    size_t bytes;
} mg_network_metadata;

typedef struct mg_network {
    mg_heap *heap;
    mg_region region;
    midge_error *error; /* of the call at hand */
    const char *description;
    size_t graph_count;
    mg_network_graph *graphs;
    size_t signature_count;
    mg_network_signature *signatures;
    size_t metadata_count;
    mg_network_metadata *metadata;
} mg_network;

/* ---- Life ---- */

/* An empty network with one graph. mg_network_free may be called on a failed one. */
midge_status mg_network_create(mg_heap *heap, midge_error *error, mg_network *network);
void mg_network_free(mg_network *network);

/* The network of a loaded model, which must outlive it: constants are not copied. */
midge_status mg_network_read(mg_heap *heap, const midge_model *model, midge_error *error,
                             mg_network *network);

/* The range that training has learned for a float tensor, which stands as min and max where others
 * have scales; false where there is none. */
bool mg_model_range(const midge_model *model, size_t graph, size_t tensor, float range[2]);

/*
 * The network as a .tflite file in memory of the heap. Leaves out removed nodes, nodes and tensors
 * that no output needs; equal constants share a buffer; each operator gets the smallest version
 * that covers its use; the result depends on the network alone.
 */
midge_status mg_network_write(mg_network *network, void **bytes, size_t *size);

/* ---- Building ---- */

/* Zeroed memory that lives as long as the network. */
midge_status mg_network_memory(mg_network *network, size_t bytes, void **memory);
/* printf into such memory. */
midge_status mg_network_text(mg_network *network, const char **text, const char *format, ...)
    MG_PRINTF(3, 4);

/* Adds a tensor to graph 0 unless said otherwise; *tensor is its number. `name` is kept by pointer.
 * Any size < 0 in `shape` is open and planned as 1. */
midge_status mg_network_add(mg_network *network, mg_network_graph *graph, const char *name,
                            midge_type type, int32_t rank, const int32_t *shape, int32_t *tensor);
/* A constant; `data` is kept by pointer. Bytes follow from type and shape. */
midge_status mg_network_add_constant(mg_network *network, mg_network_graph *graph, const char *name,
                                     midge_type type, int32_t rank, const int32_t *shape,
                                     const void *data, int32_t *tensor);
/* A vector of int32, copied: axes, shapes, paddings. */
midge_status mg_network_add_int32s(mg_network *network, mg_network_graph *graph, const char *name,
                                   size_t count, const int32_t *values, int32_t *tensor);
/* One scale for all; count scales along an axis. The arrays are kept by pointer. */
midge_status mg_network_quantize(mg_network *network, mg_network_tensor *tensor, float scale,
                                 int64_t zero_point);

/*
 * Appends a node (with `before` < 0) or puts one before node number `before`; the numbers of later
 * nodes move up then. Its options are zeroed memory of the size that options_type says, to be
 * filled in: *node is valid until the next one is added.
 */
midge_status mg_network_add_node(mg_network *network, mg_network_graph *graph, int32_t before,
                                 int32_t op, const char *origin, size_t input_count,
                                 const int32_t *inputs, size_t output_count, const int32_t *outputs,
                                 mg_network_node **node);

/*
 * Puts a UNIDIRECTIONAL_SEQUENCE_LSTM with tanh, whose states are variables, as mg_network_add_node
 * does. `inputs` are MG_LSTM_INPUTS tensors: 0 the sequence [batch, steps, features], from 1 the
 * kernels [units, features], from 5 the recurrent kernels [units, units] and from 12 the biases
 * [units] of the input, forget, cell and output gates; -1 elsewhere. *output is the whole sequence.
 */
enum { MG_LSTM_INPUTS = 24 };
midge_status mg_network_add_lstm(mg_network *network, mg_network_graph *graph, int32_t before,
                                 const char *origin, int32_t *inputs, int32_t *output);

midge_status mg_network_set_inputs(mg_network *network, mg_network_graph *graph, size_t count,
                                   const int32_t *tensors);
midge_status mg_network_set_outputs(mg_network *network, mg_network_graph *graph, size_t count,
                                    const int32_t *tensors);
/* A signature over graph 0 with room for its inputs and outputs, to be named by the caller. */
midge_status mg_network_add_signature(mg_network *network, const char *key, size_t input_count,
                                      size_t output_count, mg_network_signature **signature);

/* ---- Looking ---- */

/* The number of the node that makes a tensor, or -1. */
int32_t mg_network_producer(const mg_network_graph *graph, int32_t tensor);
/* How many uses a tensor has: node inputs, and 1 for each graph output. */
size_t mg_network_uses(const mg_network_graph *graph, int32_t tensor);
/* The node that reads the tensor, if it is read once by a node and nothing else; else -1. */
int32_t mg_network_only_reader(const mg_network_graph *graph, int32_t tensor);
/* Lets everything that reads `from` read `to`. */
void mg_network_replace(mg_network_graph *graph, int32_t from, int32_t to);

/* The operator version that a node needs. Source: the version rules of TensorFlow Lite's writer. */
int32_t mg_network_version(const mg_network_graph *graph, const mg_network_node *node);

#endif
