/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives an invocation beside variable tensors: resource variables, hash tables and the
 * flags of CALL_ONCE. One list per session, shared by its subgraphs. A resource tensor holds an
 * int32: the number of its resource in the list.
 */
#ifndef MG_RESOURCE_H
#define MG_RESOURCE_H

#include "op/op.h"

typedef enum mg_resource_kind {
    MG_RESOURCE_VARIABLE,
    MG_RESOURCE_TABLE,
    MG_RESOURCE_INITIALIZED /* CALL_ONCE has run its subgraph */
} mg_resource_kind;

typedef struct mg_resource {
    mg_resource_kind kind;
    const char *container; /* of a variable; both from the model */
    const char *name;
    int32_t number; /* table id, or subgraph of CALL_ONCE */
    bool assigned;
    /* The value of a variable. A table keeps its entries in `data` and the type of its keys. */
    midge_type type;
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    size_t elements;
    size_t bytes;
    void *data; /* from the heap of the session */
    size_t capacity;
} mg_resource;

typedef struct mg_resources {
    mg_heap *heap;
    mg_resource *items;
    size_t count;
    size_t capacity;
} mg_resources;

/* Finds a resource by kind, container, name and number, or adds it. *index is its number in the
 * list, valid for the life of the session. */
midge_status mg_resource_open(mg_resources *resources, mg_resource_kind kind, const char *container,
                              const char *name, int32_t number, int32_t *index, midge_error *error);

/* The resource of a given index; NULL when there is none of this kind. Valid until the next open.
 */
mg_resource *mg_resource_at(mg_resources *resources, mg_resource_kind kind, int32_t index);

/* Gives a resource room for `bytes` bytes of data; what it held is lost when it must grow. */
midge_status mg_resource_reserve(mg_resources *resources, mg_resource *resource, size_t bytes,
                                 midge_error *error);

/* Frees what the resources hold, and the list. */
void mg_resources_free(mg_resources *resources);

#endif
