/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session is made of. A session has one instance of each subgraph; an instance has the
 * runtime tensors, the state of its nodes and, once prepared, an arena.
 *
 * Life of an instance: created with the session (operators resolved), then any number of times
 * resized, prepared and invoked. Prepare walks the nodes in order. A node whose inputs' data is
 * known is computed right away (folded). A node whose inputs' shapes will be known only later is
 * late: it is prepared again whenever it is about to run, and its outputs own their memory. All
 * other outputs and all scratch lie in the arena.
 */
#ifndef MG_SESSION_H
#define MG_SESSION_H

#include "op/op.h"
#include "op/resource.h"

struct mg_instance;

typedef struct mg_node_state {
    midge_op_context context;
    struct mg_instance *instance;
    const mg_op *op; /* NULL: a custom operator that nobody brings, see defer_prepare */
    size_t scratch_bytes;
    size_t packed_bytes;
    bool folded;   /* computed by prepare */
    bool late;     /* prepared just before it runs */
    bool absorbed; /* another node does its work: */
    size_t absorber;
    bool preparing; /* which services it may use now */
    bool created;   /* custom operator: create has succeeded */
    uint64_t nanoseconds;
    uint64_t runs;
} mg_node_state;

typedef struct mg_instance {
    struct midge_session *session;
    const mg_graph *graph; /* of the model, or rewritten by an execution plan */
    const size_t *steps;   /* numbers of the nodes in that plan; NULL: as they stand */
    const midge_custom_operator **group_operators; /* of each node; NULL: none is a group */
    int32_t index;                                 /* of the subgraph */
    midge_tensor *tensors;
    uint8_t *uses; /* how often each is read by a node or a caller, up to 255 */
    mg_node_state *nodes;
    midge_tensor **inputs;
    midge_tensor **outputs;
    bool prepared;
    uint64_t multiply_accumulates; /* of one run */
    void *arena;
    size_t arena_bytes;
    void *late_scratch; /* grows as late nodes ask */
    size_t late_scratch_bytes;
} mg_instance;

struct midge_signature {
    struct midge_session *session;
    const mg_signature *definition;
    mg_instance *instance;
};

struct midge_session {
    mg_heap heap;
    mg_region region; /* structures that live as long as the session */
    midge_model *model;
    mg_kernels kernels;
    mg_pool *pool;
    midge_limits limits;
    bool preserve_all_tensors;
    bool profile;
    bool defer_prepare;
    bool custom_missing; /* of a session that defers */
    const midge_custom_operator *const *custom_operators;
    size_t custom_operator_count;
    const midge_execution_plan *plans; /* while the session is created */
    size_t plan_count;
    size_t instance_count;
    mg_instance *instances;
    midge_signature *signatures;
    mg_resources resources;
    midge_error error;
    atomic_bool cancelled;
    uint64_t steps; /* of the invocation at hand */
    uint64_t iterations;
    uint64_t deadline;          /* nanoseconds, 0 for none */
    uint64_t preparations_left; /* of nodes, see mg_session_begin_prepare */
};

/* Finds every operator of the model. Fails with the list of all that are missing. With
 * defer_prepare, missing custom operators do not count; mg_require_operators fails for them. */
midge_status mg_resolve_operators(midge_session *session);
midge_status mg_require_operators(midge_session *session);

/* Rewrites the graph of an instance without nodes yet, if there is a plan for it. */
midge_status mg_instance_follow_plan(mg_instance *instance);

/* Builds tensors and node states of all subgraphs. */
midge_status mg_instances_create(midge_session *session);
void mg_instances_destroy(midge_session *session);

/* Shapes, folding, memory plan. */
midge_status mg_instance_prepare(mg_instance *instance);
void mg_instance_unprepare(mg_instance *instance);

/* Prepares one node whose inputs' shapes are known. */
midge_status mg_node_prepare(mg_node_state *node);

/* Counts what reads each tensor. */
midge_status mg_instance_count_uses(mg_instance *instance);

/* See mg_maker. */
midge_op_context *mg_node_maker(mg_node_state *node, const midge_tensor *operand, int32_t op);
void mg_node_take_over(mg_node_state *node, const midge_tensor *operand);

/* See mg_absorb. */
bool mg_node_absorb(mg_node_state *node, const midge_tensor *operand, int32_t op,
                    const midge_tensor *source);

/* Nothing to compute: every output has a shape, and none has elements. */
bool mg_node_all_empty(const mg_node_state *node);

/* A new shape for an input; rank and sizes are checked. */
midge_status mg_instance_resize(mg_instance *instance, midge_tensor *input, int32_t rank,
                                const int32_t *shape);

/* See midge_session_bind. */
midge_status mg_instance_bind(mg_instance *instance, midge_tensor *tensor, void *memory,
                              size_t bytes);

/* Of a prepared instance. Fills a tensor with `bytes` bytes; a string tensor is checked and takes
 * any number. */
midge_status mg_instance_write(mg_instance *instance, midge_tensor *input, const void *data,
                               size_t bytes);

/* Starts the clock of the limits for one invocation. */
void mg_session_begin(midge_session *session);

/* Before a preparation that is no part of an invocation. Subgraphs that are called with changing
 * shapes are prepared again each time, and those they call too: the work may grow with the power of
 * the call depth, so it is bounded by the size of the model. */
void mg_session_begin_prepare(midge_session *session);

/* Cancelled, or out of time? */
midge_status mg_session_check(midge_session *session);

/* Prepares if needed and runs all nodes. */
midge_status mg_instance_invoke(mg_instance *instance);

/* Variables to zero: to the zero point for int8. */
void mg_instance_reset(mg_instance *instance);

/* Gives a tensor memory of its own of at least `bytes` bytes; contents are not kept. */
midge_status mg_tensor_own(midge_session *session, midge_tensor *tensor, size_t bytes);
void mg_tensor_disown(midge_session *session, midge_tensor *tensor);

/* Sets rank, sizes, elements and bytes; fails on negative or too large shapes. */
midge_status mg_tensor_set_shape(midge_tensor *tensor, int32_t rank, const int32_t *shape,
                                 midge_error *error);

extern const mg_op_services mg_session_services;

#endif
