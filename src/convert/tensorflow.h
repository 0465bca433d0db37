/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SavedModel or frozen graph on its way into a network.
 *
 *   saved_model.pb ── tensorflow_file.c ──> graph, signature     variables ── bundle_*.c ──> bytes
 *        │                                                              │
 *   tensorflow_graph.c   bodies and frames: what an input's name means  │
 *   tensorflow_order.c   the operations that outputs need, in order     │
 *   tensorflow_variable.c  which variable has which bytes <─────────────┘
 *        │
 *   tensorflow_lower.c   its row of tensorflow_ops.def puts each operation into the network
 *   tensorflow_node.c    shapes, and values where all inputs are constants, by the runtime
 *
 * A body is the nodes of the main graph or of a function; a frame is one use of a body. A call is
 * not an operation: its inputs and outputs are looked through.
 */
#ifndef MG_TENSORFLOW_H
#define MG_TENSORFLOW_H

#include "convert/bundle.h"
#include "convert/tensorflow_message.h"
#include "midge_tools.h"
#include "network/network.h"

typedef struct mg_tensorflow mg_tensorflow;
typedef struct mg_tf_operation mg_tf_operation;
typedef struct mg_tf_frame mg_tf_frame;

/* A row of tensorflow_ops.def. */
typedef struct mg_tf_row {
    const char *name;
    midge_status (*lower)(mg_tensorflow *tf, mg_tf_operation *operation);
    int32_t code; /* of the operator that it becomes, where there is one */
    /* Names of the outputs, where they are more than one, with spaces between. */
    const char *outputs;
} mg_tf_row;

typedef struct mg_tf_body {
    const char *name;                /* of the function; "" for the main graph */
    const Mg__FunctionDef *function; /* NULL: the main graph */
    size_t node_count;
    Mg__NodeDef **nodes;
    size_t slot_count; /* of the table from names to nodes; a power of two */
    uint32_t *slots;   /* node + 1, 0 for free */
} mg_tf_body;

struct mg_tf_frame {
    const mg_tf_body *body;
    mg_tf_frame *caller; /* NULL: a root, whose arguments are inputs of a graph */
    const Mg__NodeDef *call;
    int32_t depth;
    struct mg_tf_use *uses; /* of each node */
    mg_tf_frame *older;     /* made before this one */
};

/* What a frame knows of one of its nodes. */
typedef struct mg_tf_use {
    mg_tf_operation *operation; /* NULL: not met yet */
    mg_tf_frame *called;        /* of a call */
} mg_tf_use;

/* Where a value comes from: an output of a node, or an argument of a root. */
typedef struct mg_tf_source {
    mg_tf_frame *frame;
    int32_t node; /* -1 - k: argument k of the root */
    int32_t output;
} mg_tf_source;

/* A value: a tensor of the graph at hand, or a thing that only conversion knows. */
typedef struct mg_tf_value {
    enum { MG_TF_NONE, MG_TF_TENSOR, MG_TF_VARIABLE, MG_TF_TABLE } kind;
    int32_t number; /* of the tensor, variable or table */
} mg_tf_value;

struct mg_tf_operation {
    const Mg__NodeDef *node;
    const mg_tf_row *row;
    mg_tf_frame *frame;
    int32_t number;   /* of the node in its body */
    const char *name; /* printable */
    size_t input_count;
    mg_tf_source *sources;
    mg_tf_value *inputs; /* once they are lowered */
    size_t output_count;
    mg_tf_value *outputs;
    struct mg_tf_part *parts[2]; /* of If and While: the graphs of its functions */
    enum { MG_TF_NEW, MG_TF_OPEN, MG_TF_ORDERED, MG_TF_DONE } state;
};

/* A graph to be made: of the signature, or of a function that If or While calls. */
typedef struct mg_tf_part {
    mg_tf_frame *root;
    int32_t graph; /* of the network */
    size_t operation_count, operation_capacity;
    mg_tf_operation **operations; /* in an order in which each has its inputs */
    size_t output_count;
    mg_tf_source *outputs;
    size_t argument_count;
    mg_tf_value *arguments;
} mg_tf_part;

/* One input or output of the signature. */
typedef struct mg_tf_binding {
    const char *key;
    const char *tensor; /* "node:output" */
    const Mg__TensorShape *shape;
    int32_t dtype;
    mg_tf_source source;
    int32_t number; /* of the tensor */
} mg_tf_binding;

typedef struct mg_tf_variable {
    const mg_tf_frame *frame; /* of its handle */
    int32_t node;
    const char *name;
    const char *key; /* in the bundle; NULL: nothing restores it */
    bool changes;    /* the signature assigns to it */
    int32_t tensor;  /* -1: not read yet; in graph 0 */
    const void *data;
    midge_type type;
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
} mg_tf_variable;

/* A table from keys to values, which are the constants of two nodes. */
typedef struct mg_tf_table {
    const mg_tf_frame *frame; /* of its handle */
    int32_t node;
    bool filled;   /* keys and values are known */
    bool imported; /* a graph that fills it is in the network */
    mg_tf_source keys, values;
} mg_tf_table;

struct mg_tensorflow {
    mg_heap *heap;
    mg_region region;
    midge_error *error;
    mg_network *network;
    const char *file; /* its name, for messages */
    int32_t batch;    /* 0: as the file says, 1 where it leaves that open */
    const midge_convert_options *options;
    const Mg__GraphDef *graph;
    const Mg__SaverDef *saver;
    const char *signature;
    size_t input_count, output_count;
    mg_tf_binding *inputs, *outputs; /* sorted by key */
    mg_bundle bundle;
    bool has_bundle;
    const char
        *no_bundle; /* why the files of variables cannot be read; NULL: none were looked for */
    size_t body_count;
    mg_tf_body *bodies; /* the main graph, then the functions */
    size_t function_slots;
    uint32_t *function_table;      /* from names to bodies */
    size_t frame_count, use_count; /* of all frames together */
    size_t made_bytes;             /* of constants that are not in the file */
    mg_tf_frame *frames;           /* the newest */
    mg_tf_frame *main;             /* the root frame of the main graph */
    size_t variable_count, variable_capacity;
    mg_tf_variable *variables;
    size_t table_count, table_capacity;
    mg_tf_table *tables;
    int32_t at_graph;                 /* of the network, where nodes go */
    const struct mg_tf_part *part;    /* being lowered */
    const mg_tf_operation *operation; /* the one of its operations */
};

static inline mg_network_graph *mg_tf_graph(const mg_tensorflow *tf)
{
    return &tf->network->graphs[tf->at_graph];
}

static inline const mg_network_tensor *mg_tf_tensor(const mg_tensorflow *tf, int32_t tensor)
{
    return &tf->network->graphs[tf->at_graph].tensors[tensor];
}

/* Fails with "FILE: node NAME (OP): …" about the operation at hand. */
midge_status mg_tf_refuse(const mg_tensorflow *tf, const char *format, ...) MG_PRINTF(2, 3);
/* Memory as long as the conversion. */
midge_status mg_tf_memory(mg_tensorflow *tf, size_t count, size_t bytes, void **memory);

/* ---- tensorflow_graph.c */

/* Bodies and the frame of the main graph. */
midge_status mg_tf_graph_open(mg_tensorflow *tf);
const mg_tf_body *mg_tf_find_function(const mg_tensorflow *tf, const char *name);
midge_status mg_tf_frame_make(mg_tensorflow *tf, const mg_tf_body *body, mg_tf_frame *caller,
                              const Mg__NodeDef *call, mg_tf_frame **frame);
/* The node of a name; -1 for none. */
int32_t mg_tf_find_node(const mg_tf_body *body, const char *name, size_t size);
/* What "node:output" means in a frame, past calls and nodes that only hand on. */
midge_status mg_tf_resolve(mg_tensorflow *tf, mg_tf_frame *frame, const char *text,
                           mg_tf_source *source);
/* The function that a node calls; NULL: it is no call. */
const mg_tf_body *mg_tf_called_body(const mg_tensorflow *tf, const Mg__NodeDef *node);
/* From a frame to that of what its node calls; made when nobody entered it before. */
midge_status mg_tf_enter(mg_tensorflow *tf, mg_tf_frame **frame, int32_t node,
                         const mg_tf_body *body);
/* The source of output k of a function's frame. */
midge_status mg_tf_resolve_output(mg_tensorflow *tf, mg_tf_frame *frame, size_t output,
                                  mg_tf_source *source);

/* ---- tensorflow_order.c */

/* Finds the operations that the outputs of a part need. */
midge_status mg_tf_order(mg_tensorflow *tf, mg_tf_part *part);
/* Fails, and names all, when there are operations without a row; also in parts of parts. */
midge_status mg_tf_check_rows(mg_tensorflow *tf, const mg_tf_part *part);

/* ---- tensorflow_variable.c */

/* Marks the variables that the functions which are called so far assign to. */
midge_status mg_tf_variables_mark(mg_tensorflow *tf);
/* Finds the key of each variable, by what the graph itself does to restore them. */
midge_status mg_tf_variables_find(mg_tensorflow *tf);
midge_status mg_tf_variable_of(mg_tensorflow *tf, const mg_tf_source *handle, int32_t *variable);
/* The value of a variable as a constant of the graph at hand. */
midge_status mg_tf_variable_read(mg_tensorflow *tf, int32_t variable, int32_t *tensor);

/* ---- tensorflow_constant.c */

/* The element type that one of TensorFlow's becomes; all floats become float32. */
bool mg_tf_type(int32_t dtype, midge_type *type);
midge_status mg_tf_constant_proto(mg_tensorflow *tf, const Mg__TensorProto *proto, int32_t *tensor);
/* Bytes of `dtype` as they lie in files, for `elements` of the type it becomes. */
midge_status mg_tf_convert_bytes(mg_tensorflow *tf, int32_t dtype, const unsigned char *bytes,
                                 size_t size, size_t elements, void **data);

/* Counts bytes of a constant that the file does not hold, and fails when they become too many. */
midge_status mg_tf_count_made(mg_tensorflow *tf, size_t bytes);

/* ---- tensorflow_lower.c */

/* Puts the nodes of a part into the network. */
midge_status mg_tf_lower_part(mg_tensorflow *tf, mg_tf_part *part);
/* What a source has become in a part that is being lowered. */
midge_status mg_tf_value_of(mg_tensorflow *tf, const mg_tf_part *part, const mg_tf_source *source,
                            mg_tf_value *value);
/* The row of an operation; NULL when there is none. */
const mg_tf_row *mg_tf_find_row(const char *name);

/* ---- tensorflow_file.c */

bool mg_tensorflow_is_graph(const unsigned char *bytes, size_t size);
bool mg_tensorflow_is_saved_model(const unsigned char *bytes, size_t size);
/* Makes the network of a SavedModel's file or of a frozen graph. `variables` begins the paths of
 * the variables; NULL for none. */
midge_status mg_tensorflow_convert_bytes(mg_tensorflow *tf, const unsigned char *bytes, size_t size,
                                         const char *variables);

#endif
