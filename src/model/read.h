/* SPDX-License-Identifier: Apache-2.0 */
/* The steps from a schema struct to a checked model; internal to the model layer. */
#ifndef MG_READ_H
#define MG_READ_H

#include "model/model.h"

/* How many times its size a file may need for constants that lie unaligned. More than once only if
 * its buffers overlap. */
enum { MG_COPIES_OF_FILE = 4 };

/* What the steps share. */
typedef struct mg_reading {
    midge_model *model;
    const mg_Model *schema;
    midge_error *error;
    const void **aligned; /* copies of buffers that lie unaligned, by number; NULL: none yet */
    uint64_t work_left;   /* see mg_spend */
    uint64_t copies_left; /* bytes */
} mg_reading;

/*
 * A file can refer to one vector many times. Each reference is checked, so whoever walks a vector
 * pays its length out of an account that grows with the file; no sound file comes near its end.
 */
midge_status mg_spend(mg_reading *reading, uint64_t work);

/* Fails with `where` printed in front: "subgraph 0 tensor 12 (conv1/weights): …". */
midge_status mg_tensor_fail(mg_reading *reading, size_t graph, size_t index,
                            const mg_Tensor *source, const char *format, ...) MG_PRINTF(5, 6);

/* Checks and translates one tensor. */
midge_status mg_read_tensor(mg_reading *reading, size_t graph, size_t index,
                            const mg_Tensor *source, mg_tensor *tensor);

/* Bytes of a buffer of the file, wherever it keeps them; *bytes NULL for none. */
midge_status mg_read_buffer(mg_reading *reading, uint32_t index, const uint8_t **bytes,
                            size_t *size);

/* Checks the sparsity parameters of a constant and counts its stored elements. */
midge_status mg_check_sparsity(mg_reading *reading, size_t graph, size_t index,
                               const mg_Tensor *source, const mg_tensor *tensor, size_t *stored);

/* Translates the nodes of one subgraph; tensor indices are checked. */
midge_status mg_read_nodes(mg_reading *reading, size_t graph, const mg_SubGraph *source,
                           mg_graph *target);

midge_status mg_read_signatures(mg_reading *reading);

/* What only the whole model shows: order, aliases, calls between subgraphs. */
midge_status mg_check_model(mg_reading *reading);

/* A sentence on what a file that is not a model seems to be, with the remedy; NULL when unknown. */
const char *mg_identify_foreign(const unsigned char *bytes, size_t size);

#endif
