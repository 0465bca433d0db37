/* SPDX-License-Identifier: Apache-2.0 */
/* The steps from a schema struct to a checked model; internal to the model layer. */
#ifndef MG_READ_H
#define MG_READ_H

#include "model/model.h"

/* What the steps share. */
typedef struct mg_reading {
    midge_model *model;
    const mg_Model *schema;
    midge_error *error;
} mg_reading;

/* Fails with `where` printed in front: "subgraph 0 tensor 12 (conv1/weights): …". */
midge_status mg_tensor_fail(const mg_reading *reading, size_t graph, size_t index,
                            const mg_Tensor *source, const char *format, ...) MG_PRINTF(5, 6);

/* Checks and translates one tensor. */
midge_status mg_read_tensor(const mg_reading *reading, size_t graph, size_t index,
                            const mg_Tensor *source, mg_tensor *tensor);

/* Bytes of a buffer of the file, wherever it keeps them; *bytes NULL for none. */
midge_status mg_read_buffer(const mg_reading *reading, uint32_t index, const uint8_t **bytes,
                            size_t *size);

/* Checks the sparsity parameters of a constant and counts its stored elements. */
midge_status mg_check_sparsity(const mg_reading *reading, size_t graph, size_t index,
                               const mg_Tensor *source, const mg_tensor *tensor, size_t *stored);

/* Translates the nodes of one subgraph; tensor indices are checked. */
midge_status mg_read_nodes(const mg_reading *reading, size_t graph, const mg_SubGraph *source,
                           mg_graph *target);

midge_status mg_read_signatures(const mg_reading *reading);

/* What only the whole model shows: order, aliases, calls between subgraphs. */
midge_status mg_check_model(const midge_model *model, midge_error *error);

/* A sentence on what a file that is not a model seems to be, with the remedy; NULL when unknown. */
const char *mg_identify_foreign(const unsigned char *bytes, size_t size);

#endif
