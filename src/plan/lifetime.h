/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a prepared graph to buffers with lifetimes. Tensors that may share bytes get one buffer: the
 * result of a reshape lies where its input lies, the sum of an addition may overwrite an addend
 * that nobody reads afterwards.
 */
#ifndef MG_LIFETIME_H
#define MG_LIFETIME_H

#include "op/op.h"
#include "plan/place.h"

/* What the planner needs to know of a node. */
typedef struct mg_planned_node {
    uint32_t flags; /* MG_OP_… */
    size_t scratch_bytes;
    bool counts;  /* false: already computed, or its outputs are not planned */
    size_t delay; /* so many nodes later its inputs are read: by one that does its work too */
} mg_planned_node;

typedef struct mg_lifetimes {
    mg_buffer *buffers; /* tensors' buffers, then one for each node with scratch */
    size_t count;
    int32_t *buffer_of_tensor; /* -1: not in the arena */
    int32_t *buffer_of_node;   /* scratch; -1: none */
} mg_lifetimes;

/*
 * Gives every tensor with storage MG_STORAGE_ARENA a buffer and a lifetime. Graph inputs and
 * outputs live for the whole run, and with `preserve_all` so does everything. Memory comes from
 * `heap`; free it with mg_lifetimes_free, also after a failure.
 */
midge_status mg_find_lifetimes(mg_heap *heap, const mg_graph *graph, midge_tensor *tensors,
                               const mg_planned_node *nodes, bool preserve_all,
                               mg_lifetimes *lifetimes, midge_error *error);

void mg_lifetimes_free(mg_heap *heap, mg_lifetimes *lifetimes);

#endif
