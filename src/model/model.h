/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model as plain structs: what a .tflite file means once it is read and checked. Immutable and
 * shared by all sessions. Every index is in range, every constant has the bytes that its type and
 * shape demand and lies aligned for its type, every node's inputs are made before it runs.
 */
#ifndef MG_MODEL_H
#define MG_MODEL_H

#include <stdatomic.h>

#include "base/alloc.h"
#include "schema/schema.h"

/* A tensor as the file describes it. */
typedef struct mg_tensor {
    const char *name; /* "" when the file gives none */
    midge_type type;
    int32_t rank;
    const int32_t *shape; /* rank sizes >= 0; unknown sizes stand as in the file, usually 1 */
    int32_t signature_rank;
    const int32_t *signature; /* -1 where the size is open; the shape when the file gives none */
    bool has_rank;            /* false with rank 0: a scalar, or a shape nobody knows */
    bool is_variable;
    const void *constant; /* NULL: not a constant */
    size_t constant_bytes;
    midge_quantization quantization; /* arrays of `count`, never NULL when count > 0 */
    uint8_t quantization_details_type;
    const void *quantization_details;      /* mg_BlockwiseQuantization, … by the type above */
    const mg_SparsityParameters *sparsity; /* checked; NULL: dense */
} mg_tensor;

typedef struct mg_node {
    int32_t op;              /* enum mg_builtin */
    const char *custom_name; /* of MG_BUILTIN_CUSTOM; "" otherwise */
    int32_t version;
    size_t input_count;
    const int32_t *inputs; /* tensor index, or -1 for an absent optional input */
    size_t output_count;
    const int32_t *outputs;
    size_t intermediate_count;
    const int32_t *intermediates;
    uint8_t options_type; /* tag of BuiltinOptions, 0 when absent */
    const void *options;
    uint8_t options_2_type; /* tag of BuiltinOptions2 */
    const void *options_2;
    const uint8_t *custom_options;
    size_t custom_options_bytes;
} mg_node;

typedef struct mg_graph {
    const char *name;
    size_t tensor_count;
    const mg_tensor *tensors;
    size_t node_count;
    const mg_node *nodes;
    size_t input_count;
    const int32_t *inputs;
    size_t output_count;
    const int32_t *outputs;
} mg_graph;

/* One named input or output of a signature. */
typedef struct mg_binding {
    const char *name;
    int32_t tensor;
} mg_binding;

typedef struct mg_signature {
    const char *key;
    int32_t graph;
    size_t input_count;
    const mg_binding *inputs; /* sorted by name */
    size_t output_count;
    const mg_binding *outputs;
} mg_signature;

struct midge_model {
    mg_heap heap;
    mg_region region; /* everything below that is not the file */
    atomic_size_t holders;
    midge_limits limits; /* with the defaults filled in */
    const unsigned char *file;
    size_t file_bytes;
    int file_origin; /* enum mg_file_origin: how to let go of it */
    const mg_Model *schema;
    size_t graph_count;
    const mg_graph *graphs;
    size_t signature_count;
    const mg_signature *signatures;
};

/* Takes a hold of, or lets go of, a model; the last release frees it. */
void mg_model_hold(midge_model *model);
void mg_model_release(midge_model *model);

/* Bytes of `elements` dense elements of a type; false on overflow and for types without a size. */
bool mg_type_bytes(midge_type type, size_t elements, size_t *bytes);

/* Its operator has parameters, and the file gives them. */
bool mg_node_has_options(const mg_node *node);

/* The number of elements of a shape; false when it passes INT32_MAX or a size is negative. */
bool mg_shape_elements(int32_t rank, const int32_t *shape, size_t *elements);

#endif
