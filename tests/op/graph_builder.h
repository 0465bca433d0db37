/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models of several nodes and subgraphs, built in memory, written by the schema's own writer and
 * run through midge.h.
 *
 *   graph_builder builder;
 *   builder_begin(&builder);
 *   int32_t x = builder_input(&builder, MIDGE_FLOAT32, 2, (int32_t[]){1, 4});
 *   int32_t y = builder_output(&builder, MIDGE_FLOAT32, 2, (int32_t[]){1, 4});
 *   builder_node(&builder, MG_BUILTIN_RELU, 1, (int32_t[]){x}, 1, (int32_t[]){y});
 *   builder_run(&builder, NULL);              (or builder_session to look before running)
 *   const float *result = builder_data(&builder, 0);
 *   builder_end(&builder);
 *
 * Everything fails the test (cmocka) when it cannot be done. Shapes of outputs are what the file
 * claims; midge computes its own.
 */
#ifndef GRAPH_BUILDER_H
#define GRAPH_BUILDER_H

#include "midge.h"
#include "schema/schema.h"

enum {
    BUILDER_MOST_TENSORS = 64,
    BUILDER_MOST_NODES = 32,
    BUILDER_MOST_GRAPHS = 8,
    BUILDER_MOST_ENDS = 64
};

typedef struct builder_graph {
    mg_Tensor tensors[BUILDER_MOST_TENSORS];
    mg_Operator nodes[BUILDER_MOST_NODES];
    int32_t inputs[BUILDER_MOST_ENDS];
    int32_t outputs[BUILDER_MOST_ENDS];
} builder_graph;

typedef struct graph_builder {
    mg_heap heap;
    mg_region region;
    mg_Model model;
    mg_SubGraph subgraphs[BUILDER_MOST_GRAPHS];
    builder_graph *graphs[BUILDER_MOST_GRAPHS];
    mg_OperatorCode codes[BUILDER_MOST_NODES];
    mg_Buffer buffers[BUILDER_MOST_TENSORS * 2];
    mg_SignatureDef signatures[BUILDER_MOST_GRAPHS];
    size_t graph; /* the one that tensors and nodes are added to */
    void *file;
    size_t file_bytes;
    midge_model *loaded;
    midge_session *session;
    midge_error error;
} graph_builder;

void builder_begin(graph_builder *builder);
void builder_end(graph_builder *builder);

/* Adds a subgraph and makes it current; returns its number. The first exists from the start. */
int32_t builder_subgraph(graph_builder *builder);

/* Tensors of the current subgraph; all return the tensor's number. */
int32_t builder_tensor(graph_builder *builder, midge_type type, int32_t rank, const int32_t *shape);
int32_t builder_input(graph_builder *builder, midge_type type, int32_t rank, const int32_t *shape);
int32_t builder_output(graph_builder *builder, midge_type type, int32_t rank, const int32_t *shape);
/* The bytes are copied. */
int32_t builder_constant(graph_builder *builder, midge_type type, int32_t rank,
                         const int32_t *shape, const void *data, size_t bytes);
/* A vector of int32: axes, shapes, paddings. */
int32_t builder_int32s(graph_builder *builder, size_t count, const int32_t *values);
/* Zero-initialised state. */
int32_t builder_variable(graph_builder *builder, midge_type type, int32_t rank,
                         const int32_t *shape);
/* A tensor in the file, to change what the functions above do not cover. */
mg_Tensor *builder_at(graph_builder *builder, int32_t tensor);

void builder_quantize(graph_builder *builder, int32_t tensor, float scale, int64_t zero_point);
void builder_quantize_channels(graph_builder *builder, int32_t tensor, size_t count,
                               const float *scales, const int64_t *zero_points, int32_t axis);

/* The operator's file entry, to add options: node->builtin_options_type and builtin_options. What
 * options point to must live until the model is loaded. */
mg_Operator *builder_node(graph_builder *builder, int32_t op, size_t input_count,
                          const int32_t *inputs, size_t output_count, const int32_t *outputs);
mg_Operator *builder_custom(graph_builder *builder, const char *name, size_t input_count,
                            const int32_t *inputs, size_t output_count, const int32_t *outputs);
/* Options in one go. */
void builder_options(mg_Operator *node, uint8_t tag, void *options);

/* Names the inputs and outputs of the current subgraph x0, x1, … and y0, y1, …. */
void builder_signature(graph_builder *builder, const char *key);

/* Writes the file into builder->file. */
void builder_write(graph_builder *builder);

/* Writes, loads and creates a session; the status of the first step that fails, its message in
 * builder->error. `options` may be NULL. */
midge_status builder_session(graph_builder *builder, const midge_session_options *options);

/* builder_session, fills input i from inputs[i], and invokes; fails the test when any step does.
 * `inputs` may be NULL for zeros. */
void builder_run(graph_builder *builder, const void *const *inputs);

/* Data, elements and shape of output `index`. */
const void *builder_data(const graph_builder *builder, size_t index);
size_t builder_elements(const graph_builder *builder, size_t index);

#endif
