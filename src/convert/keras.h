/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Keras model on its way into a network.
 *
 *   file ── keras_file.c ──> JSON, weights ── keras_config.c ──> layers ── keras_graph.c ──> calls
 *                                                                              │
 *                          network <── keras_FAMILY.c, by keras_layers.def <───┘
 *
 * A layer is what the configuration names once; a call is one use of it. For each call the row of
 * the layer's class puts nodes into the network. Nothing in a file is ever executed.
 */
#ifndef MG_KERAS_H
#define MG_KERAS_H

#include "convert/hdf5_file.h"
#include "convert/json_field.h"
#include "midge_tools.h"
#include "network/network.h"

typedef struct mg_keras mg_keras;
typedef struct mg_keras_layer mg_keras_layer;
typedef struct mg_keras_model mg_keras_model;
typedef mg_hdf5_array mg_keras_weight;

enum { MG_KERAS_OUTPUTS = 64 }; /* of one call, at most */

/* One use of a layer. */
typedef struct mg_keras_call {
    size_t input_count;
    const int32_t *inputs;   /* tensors, in the order in which the arguments name them */
    const json_t *arguments; /* Keras 3: {"args", "kwargs"}; Keras 2: a list; NULL in a sequence */
    struct mg_keras_scope *run;
    /* For the cell of a recurrent layer: where return_sequences and the like are, and whether it
     * has to give all steps in any case. */
    const json_t *flags;
    bool whole;
    bool has_mask; /* `mask`, perhaps -1, stands for that of the first input */
    int32_t mask;
    size_t output_count;
    int32_t outputs[MG_KERAS_OUTPUTS];
} mg_keras_call;

/* A row of keras_layers.def. */
typedef struct mg_keras_class {
    const char *name;
    /* Its weights in stored order, each perhaps behind '?' with the member of the configuration
     * that brings it, or with '!' and the one that saves it: "kernel bias?use_bias". */
    const char *weights;
    const char *weights_at; /* the sub-object that owns them, such as "cell"; "" for the layer */
    midge_status (*lower)(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call);
} mg_keras_class;

/* The names of weights in a group of a legacy file. */
typedef struct mg_keras_names {
    const char *group;
    size_t count;
    const char **names;
} mg_keras_names;

struct mg_keras_layer {
    const char *class_name;
    const char *name; /* as written; for messages use `path` */
    const char *path; /* "outer/inner", printable */
    const json_t *object;
    const json_t *config;
    const json_t *calls;         /* inbound nodes; NULL in a sequence */
    const mg_keras_class *row;   /* NULL: unknown, or a model */
    mg_keras_model *model;       /* of a nested one */
    const char *tree;            /* where a .keras file has its weights: "layers/dense_1" */
    const mg_keras_names *names; /* where a legacy file has them */
    const mg_keras_layer *outer; /* the layer that this one is a part of */
    int32_t shift;               /* what its callers add to the number of a call */
};

typedef struct mg_keras_reference {
    size_t layer;
    int32_t call;
    int32_t output;
} mg_keras_reference;

struct mg_keras_model {
    bool sequence;
    size_t layer_count;
    mg_keras_layer *layers;
    size_t input_count;
    mg_keras_reference *inputs;
    size_t output_count;
    mg_keras_reference *outputs;
    const char **output_names; /* the keys of a dictionary of outputs; NULL */
};

struct mg_keras {
    mg_heap *heap;
    mg_region region;      /* of layers, as long as the conversion */
    mg_region call_region; /* of weights as read, as long as a call */
    midge_error *error;
    mg_network *network;
    const char *file; /* its name, for messages */
    int32_t version;  /* of Keras: 1, 2, 3 */
    bool tree;        /* weights as in .keras; else as in legacy files */
    mg_hdf5 weights;
    int32_t batch; /* 0: as the file says, 1 where it leaves that open */
    const midge_convert_options *options;
    const json_t *ranges;        /* keras_ranges.h; NULL: none were learned */
    const mg_keras_layer *layer; /* being lowered */
    const struct mg_keras_mask *masks;
    /* Told of each weight as it is read, which stays until the call ends; NULL. */
    void (*listen)(void *listener, const mg_keras_layer *layer, const char *name,
                   const mg_keras_weight *weight);
    void *listener;
    /* Makes what a call stands for, in place of the row's function; numbers of tensors are its own.
     * NULL: nodes of the network. */
    midge_status (*perform)(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call);
    void *performer;
};

static inline mg_network_graph *mg_keras_graph(const mg_keras *keras)
{
    return &keras->network->graphs[0];
}

static inline const mg_network_tensor *mg_keras_tensor(const mg_keras *keras, int32_t tensor)
{
    return &keras->network->graphs[0].tensors[tensor];
}

/* ---- keras_config.c: from JSON to layers */

midge_status mg_keras_read_model(mg_keras *keras, const json_t *object, mg_keras_model **model);
/* A layer that is a part of another: the wrapped one, a direction, a projection. `at` is its place
 * in the weights of `outer`. */
midge_status mg_keras_read_part(mg_keras *keras, const mg_keras_layer *outer, const json_t *object,
                                const char *name, const char *at, mg_keras_layer **part);
/* Row of a class; NULL when there is none. */
const mg_keras_class *mg_keras_find_class(const json_t *object);
/* Refuses all layers at once for which there is no row. */
midge_status mg_keras_check_classes(mg_keras *keras, const mg_keras_model *model);
/* Fails with "FILE: layer 'NAME' (CLASS): …". */
midge_status mg_keras_refuse(const mg_keras *keras, const mg_keras_layer *layer, const char *format,
                             ...) MG_PRINTF(3, 4);

/* ---- keras_weights.c */

midge_status mg_keras_read_names(mg_keras *keras, const char *layer, const mg_keras_names **names);
/* A weight by its name in the class's row, as float32 until the call ends. Its rank must be `rank`,
 * and each size of `shape` that is not negative must agree. */
midge_status mg_keras_weights(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                              int32_t rank, const int32_t *shape, mg_keras_weight *weight);
/* The number of a weight among those that the configuration brings; -1 when it is not there. */
int mg_keras_weight_index(const mg_keras_layer *layer, const char *name);
/* The name of weight `index`; false when there are not so many. */
bool mg_keras_weight_name(const mg_keras_layer *layer, int index, char *name, size_t capacity);
bool mg_keras_has_weight(const mg_keras_layer *layer, const char *name);
/* Whether training changes the weight: the layer is not frozen, and it is no statistic. */
bool mg_keras_is_trained(const mg_keras_layer *layer, const char *name);

/* ---- keras_graph.c: the calls, in an order in which each has its inputs */

midge_status mg_keras_run_model(mg_keras *keras, const mg_keras_model *model, size_t input_count,
                                const int32_t *inputs, size_t output_count, int32_t *outputs,
                                int depth);
/* Makes the inputs of the outermost model, runs it, and names what it gives. */
midge_status mg_keras_run(mg_keras *keras, const mg_keras_model *model);
/* Calls a single layer; used by layers that contain others. */
midge_status mg_keras_apply(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call);
/* The tensor that a call gives for an argument by place or name; -1 when it gives none. */
int32_t mg_keras_argument(const mg_keras_call *call, size_t place, const char *name);
/* The JSON of an argument by place or name, NULL when it is not given. */
const json_t *mg_keras_argument_json(const mg_keras_call *call, size_t place, const char *name);
/* The tensor that JSON of an argument refers to; -1 when it is something else. */
int32_t mg_keras_argument_tensor(const mg_keras_call *call, const json_t *value);

#endif
