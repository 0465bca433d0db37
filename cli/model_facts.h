/* SPDX-License-Identifier: Apache-2.0 */
/* What inspect and doctor know of a model: the file, its metadata and labels, and a session where
 * midge can make one. */
#ifndef CLI_MODEL_FACTS_H
#define CLI_MODEL_FACTS_H

#include "labels.h"
#include "midge_tools.h"

/* One kind of operator in one version. */
typedef struct cli_operator_use {
    const char *name;
    int version;
    midge_support support;
    int known; /* the newest version midge knows */
    size_t count;
    uint64_t multiply_accumulates; /* of those in graph 0; 0 without a session */
} cli_operator_use;

typedef struct cli_model_facts {
    const char *path;
    midge_model *model;
    midge_metadata *metadata;   /* NULL: none, or broken */
    midge_error metadata_error; /* why it is broken */
    midge_session *session;     /* NULL: midge cannot run the model */
    midge_error session_error;  /* why */
    midge_graph_info graph;     /* 0 */
    cli_labels labels;
    char labels_source[1100];
    midge_error labels_error;
    size_t operator_count;
    cli_operator_use *operators; /* most frequent first */
    uint64_t multiply_accumulates;
    size_t node_count;     /* of all graphs */
    size_t tensor_count;   /* of all graphs */
    size_t constant_bytes; /* of all graphs */
} cli_model_facts;

/* The caller frees with cli_model_facts_free, also after a failure. */
midge_status cli_model_facts_collect(const char *path, cli_model_facts *facts, midge_error *error);
void cli_model_facts_free(cli_model_facts *facts);

/* "0.0078125, 128", "32 along axis 3: 0.001 to 0.02" or ""; returns `buffer`. */
const char *cli_quantization_text(const midge_quantization *quantization, char *buffer,
                                  size_t capacity);

/* The name of a tensor, or "#7" for one without. */
const char *cli_tensor_label(const midge_tensor_info *tensor, size_t index, char *buffer,
                             size_t capacity);

/* The output whose labels are in the facts: the one the metadata gives a label file, or 0. */
size_t cli_labelled_output(const cli_model_facts *facts);

#endif
