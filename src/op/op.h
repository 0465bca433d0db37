/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of an operator.
 *
 * An operator is a row of ops.def and two functions:
 *
 *   prepare  sees shapes and types, and the data of constants. It refuses what it cannot run, gives
 *            every output its shape, computes what run needs into memory got by mg_prepared, packs
 *            constant weights into memory got by mg_packed, and asks for scratch. It is called
 *            again after every change of an input shape.
 *
 *   run      computes. It cannot fail, except for data that the operator refuses (index out of
 *            range, division by zero), and allocates nothing, except through mg_resize_output for
 *            an output that prepare declared dynamic.
 *
 * The session guarantees: the number of inputs and outputs is within the row's bounds; inputs that
 * the row does not call optional are there; the options table is that of the row (all zero when the
 * file has none); types of outputs are those of the file (an operator checks them); run is not
 * called when all outputs are empty (0 elements). Inputs of any size, also empty, reach prepare.
 * Operators never look at nodes, files, threads or sessions; what they may ask for is below.
 */
#ifndef MG_OP_H
#define MG_OP_H

#include "base/size.h"
#include "base/threads.h"
#include "kernel/kernel.h"
#include "model/model.h"

/* Where the data of a runtime tensor lies. */
typedef enum mg_storage {
    MG_STORAGE_NONE,     /* nowhere: no data yet */
    MG_STORAGE_CONSTANT, /* in the model file */
    MG_STORAGE_ARENA,    /* planned, shared over time */
    MG_STORAGE_GIVEN,    /* memory of the caller: `given` */
    MG_STORAGE_OWNED     /* memory of its own: variables, folded and dynamic results, strings */
} mg_storage;

/* A tensor of a session. The first block is what operators may read; they write only data[]. */
struct midge_tensor {
    midge_type type;
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    size_t elements;
    size_t bytes;
    void *data;
    midge_quantization quantization;
    const mg_tensor *definition;
    bool constant; /* data is there in prepare and never changes in this session */
    bool known;    /* data is there in prepare; may change when inputs are resized */
    bool dynamic;  /* shape is known only after the node that makes it has run */

    mg_storage storage;
    size_t capacity; /* of owned memory */
    void *given;     /* by midge_session_bind, or NULL */
    size_t given_bytes;
    size_t arena_offset;
    int32_t first_node; /* lifetime in the plan; -1: before the first node */
    int32_t last_node;
};

struct mg_op;
struct mg_op_services;

/* One node on its way through prepare and run. */
struct midge_op_context {
    const mg_node *node;
    size_t input_count;
    midge_tensor **inputs; /* NULL where absent; inputs beyond input_count do not exist */
    size_t output_count;
    midge_tensor **outputs;
    size_t intermediate_count;
    midge_tensor **intermediates;
    const mg_kernels *kernels; /* chosen for this session */
    mg_pool *pool;             /* for mg_parallel_for */
    void *prepared;            /* memory of the last mg_prepared */
    void *packed;              /* memory of the first mg_packed; survives later prepares */
    void *scratch;             /* valid in run */
    uint32_t resets;           /* how often the session was reset: state of the node's own, kept in
                                  prepared memory, begins anew when this changes */
    const char *kernel_name;   /* of mg_name_kernel, or "" */
    uint64_t multiply_accumulates; /* prepare may state the work of one run */
    midge_error *error;
    const struct mg_op_services *services;
    void *host;                          /* of the services */
    const midge_custom_operator *custom; /* of an operator given by the program; else NULL */
    void *custom_state;
};

/* ---- What operators call -------------------------------------------------------------------- */

/* The options table of the node, e.g. MG_OPTIONS(context, Conv2DOptions). Never NULL. */
#define MG_OPTIONS(context, table) ((const mg_##table *)(context)->node->options)
#define MG_OPTIONS_2(context, table) ((const mg_##table *)(context)->node->options_2)

/* NULL when absent. */
static inline midge_tensor *mg_input(const midge_op_context *context, size_t index)
{
    return index < context->input_count ? context->inputs[index] : NULL;
}

static inline midge_tensor *mg_output(const midge_op_context *context, size_t index)
{
    return index < context->output_count ? context->outputs[index] : NULL;
}

/* Fails with the node's number and name in front of the message. */
midge_status mg_op_fail(midge_op_context *context, midge_status status, const char *format, ...)
    MG_PRINTF(3, 4);

/* In prepare: zeroed memory that lives until the next prepare, aligned to 16; one per prepare,
 * found again in context->prepared. */
midge_status mg_prepared(midge_op_context *context, size_t bytes, void **memory);

/* In prepare: memory aligned to 64 for what depends on constant tensors only. The first call
 * allocates and sets *fresh; later prepares get the same memory with *fresh false. */
midge_status mg_packed(midge_op_context *context, size_t bytes, void **memory, bool *fresh);

/* In prepare: memory aligned to 64 during run (context->scratch, never NULL then). The last call
 * counts. */
midge_status mg_request_scratch(midge_op_context *context, size_t bytes);

/* In prepare: which of context->kernels does the work, for profiles. The last call counts. */
void mg_name_kernel(midge_op_context *context, const void *kernel);

/* In prepare: the shape of output `index`. Sizes are checked (>= 0, total within INT32_MAX). */
midge_status mg_set_output_shape(midge_op_context *context, size_t index, int32_t rank,
                                 const int32_t *shape);

/* In prepare: output `index` gets the shape of `tensor`. */
midge_status mg_set_output_like(midge_op_context *context, size_t index,
                                const midge_tensor *tensor);

/* In prepare: run will give output `index` its shape. */
midge_status mg_set_output_dynamic(midge_op_context *context, size_t index);

/* In run: allocates a dynamic output. String outputs are sized by mg_resize_output_bytes after. */
midge_status mg_resize_output(midge_op_context *context, size_t index, int32_t rank,
                              const int32_t *shape);

/* In run: gives a string output (static shape or not) room for `bytes` bytes. */
midge_status mg_resize_output_bytes(midge_op_context *context, size_t index, size_t bytes);

/* Threads that mg_parallel_for may use at most, for sizing scratch per worker. */
int mg_worker_count(const midge_op_context *context);

/* Subgraphs, for control flow. In prepare: shapes of a subgraph's outputs for these inputs; a
 * dynamic output says so. In run: copies the inputs in, invokes, gives the outputs, which stay
 * valid until the next call of the same subgraph. */
midge_status mg_subgraph_prepare(midge_op_context *context, int32_t graph, size_t input_count,
                                 midge_tensor *const *inputs, size_t *output_count,
                                 midge_tensor *const **outputs);
midge_status mg_subgraph_invoke(midge_op_context *context, int32_t graph, size_t input_count,
                                midge_tensor *const *inputs, size_t *output_count,
                                midge_tensor *const **outputs);

/* A subgraph as the model has it, for operators that know their body by its one node; or NULL. */
const mg_graph *mg_subgraph_definition(midge_op_context *context, int32_t graph);

/* Counts one WHILE iteration against the limits; fails when they, or a cancel, say stop. */
midge_status mg_count_iteration(midge_op_context *context);

/* In prepare: if `operand` is made from `source` alone by a node of kind `op`, and this node alone
 * reads it, that node will not run and the operand will have no data: this node does its work from
 * `source`, which it must have as an input too. */
bool mg_absorb(midge_op_context *context, const midge_tensor *operand, int32_t op,
               const midge_tensor *source);

/* In prepare: the context, as its prepare left it, of the node just before this one, if that is of
 * kind `op` and makes `operand`, which this node alone reads; else NULL. After mg_take_over that
 * node will not run and the operand have no data: this node does both's work, and the maker's
 * inputs have data as long as its own. */
midge_op_context *mg_maker(midge_op_context *context, const midge_tensor *operand, int32_t op);
void mg_take_over(midge_op_context *context, const midge_tensor *operand);

/* Resources of the session (variables, hash tables, flags), see resource.h. */
struct mg_resources *mg_session_resources(midge_op_context *context);

/* ---- What the run layer provides ------------------------------------------------------------ */

typedef struct mg_op_services {
    midge_status (*prepared)(midge_op_context *context, size_t bytes, void **memory);
    midge_status (*packed)(midge_op_context *context, size_t bytes, void **memory, bool *fresh);
    midge_status (*scratch)(midge_op_context *context, size_t bytes);
    midge_status (*set_shape)(midge_op_context *context, midge_tensor *output, int32_t rank,
                              const int32_t *shape);
    midge_status (*set_dynamic)(midge_op_context *context, midge_tensor *output);
    midge_status (*resize)(midge_op_context *context, midge_tensor *output, int32_t rank,
                           const int32_t *shape);
    midge_status (*resize_bytes)(midge_op_context *context, midge_tensor *output, size_t bytes);
    midge_status (*subgraph)(midge_op_context *context, int32_t graph, size_t input_count,
                             midge_tensor *const *inputs, size_t *output_count,
                             midge_tensor *const **outputs, bool invoke);
    const mg_graph *(*definition)(midge_op_context *context, int32_t graph);
    midge_status (*count_iteration)(midge_op_context *context);
    struct mg_resources *(*resources)(midge_op_context *context);
    bool (*absorb)(midge_op_context *context, const midge_tensor *operand, int32_t op,
                   const midge_tensor *source);
    midge_op_context *(*maker)(midge_op_context *context, const midge_tensor *operand, int32_t op);
    void (*take_over)(midge_op_context *context, const midge_tensor *operand);
    int32_t (*node_index)(const midge_op_context *context);
    int32_t (*graph_index)(const midge_op_context *context);
} mg_op_services;

/* ---- Rows of ops.def ------------------------------------------------------------------------ */

enum {
    MG_OP_IN_PLACE = 1,     /* output 0 may lie where input 0 lay, same bytes, element by element */
    MG_OP_IN_PLACE_ANY = 2, /* … or where input 1 lay */
    MG_OP_ALIAS = 4,        /* the bytes of input 0, unchanged: run copies unless they lie there */
    MG_OP_SHAPE_ONLY = 8,   /* needs only the shapes of its inputs, so it can be folded early */
    MG_OP_STATEFUL = 16,    /* side effects or hidden state: never folded, order kept */
    MG_OP_SPARSE = 32       /* knows sparse constants; others are never given one */
};

typedef struct mg_op {
    int32_t code;
    const char *name;       /* "CONV_2D", or the name of a custom operator */
    int32_t options_type;   /* tag of BuiltinOptions; 0: none */
    int32_t options_2_type; /* tag of BuiltinOptions2; 0: none */
    int32_t max_version;
    int32_t min_inputs, max_inputs; /* max -1: any number */
    int32_t min_outputs, max_outputs;
    uint64_t optional_inputs; /* bit i: input i may be absent */
    uint32_t flags;
    midge_status (*prepare)(midge_op_context *context);
    midge_status (*run)(midge_op_context *context);
} mg_op;

/* The row of a builtin code, or of a custom name; NULL when midge has no such operator. */
const mg_op *mg_op_find(int32_t code, const char *custom_name);

#endif
