/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects behind the C interface of TensorFlow Lite, written on midge.h.
 *
 * An interpreter has a session and one view of each subgraph that anybody has asked for. A view has
 * a TfLiteContext with one TfLiteTensor for each tensor of the subgraph, in the model's order, and
 * behind them the temporaries that operators of the program add. TfLiteTensors mirror the session:
 * after everything that may move data or change shapes they are brought up to date. Programs hold
 * pointers to them, so their array never moves.
 *
 * Data of dynamic tensors is of two kinds: borrowed from the session, or from malloc, written by
 * the program or an operator of it. `allocation` of the TfLiteTensor tells them apart: it is
 * &tfl_borrowed for the first kind, which nobody frees.
 */
#ifndef TFL_OBJECTS_H
#define TFL_OBJECTS_H

#include "midge.h"
#include "midge_tools.h"

#include "tensorflow/lite/core/c/c_api_experimental.h"
#include "tensorflow/lite/core/c/c_api_opaque.h"

/* ---- Reporting ---- */

typedef struct tfl_reporter {
    void (*report)(void *user_data, const char *format, va_list args); /* NULL: standard error */
    void *user_data;
} tfl_reporter;

void tfl_report(const tfl_reporter *reporter, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void tfl_report_va(const tfl_reporter *reporter, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* ---- Types ---- */

TfLiteType tfl_type(midge_type type);
/* Bytes of `elements` elements; false for types without a size and on overflow. */
bool tfl_type_bytes(TfLiteType type, size_t elements, size_t *bytes);
/* Elements of a shape; false when a size is negative or the product too large. */
bool tfl_elements(int rank, const int *shape, size_t *elements);

/* A TfLiteIntArray of numbers of the model; NULL without memory. */
TfLiteIntArray *tfl_int_array(size_t size, const int32_t *values);

/* ---- Models and options ---- */

struct TfLiteModel {
    midge_model *model;
};

struct TfLiteOperator {
    TfLiteBuiltinOperator builtin_code;
    const char *custom_name;
    int version;
    void *user_data;
    void *(*init)(TfLiteOpaqueContext *context, const char *buffer, size_t length);
    void *(*init_with_data)(void *user_data, TfLiteOpaqueContext *context, const char *buffer,
                            size_t length);
    void (*free)(TfLiteOpaqueContext *context, void *data);
    void (*free_with_data)(void *user_data, TfLiteOpaqueContext *context, void *data);
    TfLiteStatus (*prepare)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node);
    TfLiteStatus (*prepare_with_data)(void *user_data, TfLiteOpaqueContext *context,
                                      TfLiteOpaqueNode *node);
    TfLiteStatus (*invoke)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node);
    TfLiteStatus (*invoke_with_data)(void *user_data, TfLiteOpaqueContext *context,
                                     TfLiteOpaqueNode *node);
    struct TfLiteAsyncKernel *(*async_kernel)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node);
    struct TfLiteAsyncKernel *(*async_kernel_with_data)(void *user_data,
                                                        TfLiteOpaqueContext *context,
                                                        TfLiteOpaqueNode *node);
    uint64_t inplace_operator;
};

/* An operator that the options name. */
typedef struct tfl_added_operator {
    TfLiteRegistration registration; /* registration_external is set for a TfLiteOperator */
    int min_version;
    int max_version;
} tfl_added_operator;

typedef void (*tfl_function)(void);

/* The callbacks of TfLiteInterpreterOptionsSetOpResolver and its kin. The first two give
 * registrations of version 1 to 4, as `registration_version` says; 4 is TfLiteRegistration. */
typedef struct tfl_resolver {
    tfl_function find_builtin;
    tfl_function find_custom;
    int registration_version;
    const TfLiteOperator *(*find_builtin_external)(void *user_data, int op, int version);
    const TfLiteOperator *(*find_custom_external)(void *user_data, const char *name, int version);
    void *user_data;
    bool set;
} tfl_resolver;

struct TfLiteInterpreterOptions {
    int32_t threads;
    tfl_reporter reporter;
    bool cancellation;
    bool delegate_fallback;
    bool preserve_all_tensors;
    const char *kernels; /* as of midge_session_options */
    size_t delegate_count;
    TfLiteOpaqueDelegate **delegates;
    size_t operator_count;
    tfl_added_operator *operators;
    tfl_resolver resolver;
};

/* ---- Interpreters ---- */

/* One node as TfLiteNode and TfLiteRegistration. Its builtin_data is from malloc. */
typedef struct tfl_node {
    TfLiteNode node;
    TfLiteRegistration registration;
    struct tfl_kernel *kernel; /* of a delegate, for several nodes; NULL: a node of the model */
    bool custom;               /* runs functions of the program */
    bool began;                /* init was called */
    bool *shaped;              /* of each output: ResizeTensor was called in this prepare */
    bool preparing;
    midge_op_context *at;     /* while a function of the operator runs */
    TfLiteOperator described; /* what an operator of this library is called */
} tfl_node;

/*
 * A view of a subgraph. Its nodes are those of the model and behind them the kernels of delegates;
 * `plan` says which of them run, in order. The session runs the same plan, with each kernel as a
 * group: `group_nodes` has the node of each group.
 */
typedef struct tfl_graph {
    TfLiteContext context; /* impl_ is this view */
    struct TfLiteInterpreter *interpreter;
    size_t index;
    midge_graph_info shape;
    size_t tensor_capacity; /* of context.tensors */
    midge_tensor **sources; /* of the first shape.tensor_count tensors */
    size_t variable_count;
    int *variables;
    size_t *bound_bytes; /* of tensors in memory of the program; NULL: there are none */
    void **shown;        /* where tensors were last said to lie; see lent_memory.c */
    void **lent;         /* while it runs: of inputs, then of outputs */
    tfl_node *nodes;     /* NULL until somebody asks; never moves */
    size_t node_count;   /* with kernels of delegates */
    size_t node_capacity;
    TfLiteIntArray *plan;
    TfLiteIntArray *given_plan; /* what a delegate was told last */
    int *group_nodes;
    TfLiteDelegateParams *preview; /* what a delegate was shown last */
    int preview_count;
    tfl_node *active; /* whose function runs */
    bool allocated;
    bool immutable; /* a delegate for tensors of fixed sizes has been applied */
    bool acquired;  /* by an operator, see AcquireSubgraphContext */
} tfl_graph;

/* An operator of the program as the session wants it. */
typedef struct tfl_bridge {
    midge_custom_operator operator;
    struct TfLiteInterpreter *interpreter;
    TfLiteRegistration registration;
} tfl_bridge;

/* A kernel of a delegate. */
typedef struct tfl_kernel {
    tfl_bridge bridge;
    TfLiteDelegate *delegate;
    size_t covered_count; /* nodes of the model that it stands for */
    size_t *covered;
    TfLiteIntArray *replaced; /* as the delegate is told */
    TfLiteIntArray *inputs;
    TfLiteIntArray *outputs;
} tfl_kernel;

struct TfLiteInterpreter {
    midge_model *model; /* kept alive by the session */
    midge_session *session;
    tfl_reporter reporter;
    bool cancellation;
    bool delegate_fallback;
    bool leave_outputs; /* of delegates in their buffers */
    bool delegated;     /* some graph has a kernel of a delegate */
    bool undone;        /* the delegates are to be applied again before the next allocation */
    size_t delegate_count;
    TfLiteDelegate **delegates; /* applied, in order */
    int threads;
    bool threads_changed; /* since the session was made */
    bool preserve_all_tensors;
    char kernels[32];
    size_t bridge_count;
    tfl_bridge **bridges;
    const midge_custom_operator **operators; /* of the bridges, for the session */
    size_t graph_count;
    tfl_graph **graphs; /* NULL where nobody has asked */
    TfLiteExternalContext *external_contexts[kTfLiteMaxExternalContexts];
};

struct TfLiteSignatureRunner {
    TfLiteInterpreter *interpreter;
    tfl_graph *graph;
    const char *key; /* NULL: the model itself stands for a signature */
    size_t input_count;
    size_t output_count;
    const char **names; /* inputs, then outputs, each sorted */
    int32_t *tensors;
};

/* Makes the view on first use; NULL without memory. */
tfl_graph *tfl_graph_get(TfLiteInterpreter *interpreter, size_t index);
void tfl_graph_free(tfl_graph *graph);
/* Brings one tensor, or all, up to date. */
void tfl_graph_update(tfl_graph *graph, size_t tensor);
void tfl_graph_update_all(tfl_graph *graph);
TfLiteTensor *tfl_graph_tensor(const tfl_graph *graph, int32_t index);
/* `key` of a signature; NULL: the primary subgraph as such. */
TfLiteStatus tfl_graph_resize(tfl_graph *graph, const char *key, int32_t tensor, int rank,
                              const int *shape, bool strict);
TfLiteStatus tfl_graph_allocate(tfl_graph *graph, const char *key);
TfLiteStatus tfl_graph_invoke(tfl_graph *graph, const char *key);

/* Memory that the program lends for one run. */
bool tfl_lent_make(tfl_graph *graph);
void tfl_lent_take(tfl_graph *graph);
void tfl_lent_return(tfl_graph *graph);

/* Makes the nodes of a view and the plan that runs them as they stand; false without memory. */
bool tfl_nodes_make(tfl_graph *graph);
void tfl_nodes_free(tfl_graph *graph);
/* Frees what a node has, after its operator has been told. */
void tfl_node_free(tfl_node *node);
/* Fills the functions of graph->context. */
void tfl_context_begin(tfl_graph *graph);
tfl_graph *tfl_graph_of(const TfLiteContext *context);

/* Sets shape and bytes of a tensor and gives it memory from malloc; takes over `dims`. */
TfLiteStatus tfl_tensor_resize(TfLiteTensor *tensor, TfLiteIntArray *dims);
extern const char tfl_borrowed;

/* Finds the program's operators for the nodes of the model. With `selected` false for built-in
 * operators that neither options nor resolver know. */
bool tfl_bridges_make(TfLiteInterpreter *interpreter, const TfLiteInterpreterOptions *options,
                      bool selected);
/* Makes `bridge` an operator for the session that runs what the registrations of nodes say. */
void tfl_bridge_begin(tfl_bridge *bridge, TfLiteInterpreter *interpreter, const char *name);
/* Calls init or free of one node; false when init failed, which is reported. */
bool tfl_node_begin(tfl_graph *graph, size_t index, const char *options, size_t bytes);
void tfl_node_end(tfl_graph *graph, size_t index);
/* Calls init of every node of the program's operators. */
bool tfl_bridges_begin(TfLiteInterpreter *interpreter);
void tfl_bridges_end(TfLiteInterpreter *interpreter);

/* ---- Delegates ---- */

/*
 * Cuts a plan into subsets that can run one after the other, each only of nodes that are `chosen`
 * or only of others. subset[i] is the number of the subset of plan entry i; false without memory.
 */
bool tfl_partition(tfl_graph *graph, const TfLiteIntArray *plan, const TfLiteIntArray *chosen,
                   int *subset, int *subset_count);
/* The tensors that entries of one subset take from outside and give to it, each once, by number.
 */
TfLiteIntArray *tfl_subset_inputs(const tfl_graph *graph, const TfLiteIntArray *plan,
                                  const int *subset, int number);
TfLiteIntArray *tfl_subset_outputs(const tfl_graph *graph, const TfLiteIntArray *plan,
                                   const int *subset, int number);
TfLiteStatus tfl_replace_nodes(TfLiteContext *context, TfLiteRegistration registration,
                               const TfLiteIntArray *nodes_to_replace, TfLiteDelegate *delegate);
TfLiteStatus tfl_preview_partitioning(TfLiteContext *context,
                                      const TfLiteIntArray *nodes_to_replace,
                                      TfLiteDelegateParams **partition_params_array,
                                      int *num_partitions);
void tfl_preview_free(tfl_graph *graph);
/* All nodes back to the kernels of this library, for good or until the next allocation. */
TfLiteStatus tfl_delegates_remove(TfLiteInterpreter *interpreter);
TfLiteStatus tfl_delegates_undo(TfLiteInterpreter *interpreter);
TfLiteStatus tfl_delegates_redo(TfLiteInterpreter *interpreter);
/* The same after a kernel has run, for outputs that somebody reads. */
TfLiteStatus tfl_outputs_make_readable(tfl_graph *graph, const tfl_node *node);

/* Makes the session, or makes it anew after the plan of a graph has changed. */
bool tfl_session_make(TfLiteInterpreter *interpreter);
bool tfl_session_remake(TfLiteInterpreter *interpreter);
/* Lets a changed number of threads take effect, unless something is allocated that would be lost.
 */
TfLiteStatus tfl_threads_renew(TfLiteInterpreter *interpreter);

/* The interpreter behind both ways to create one. */
TfLiteInterpreter *tfl_interpreter_create(const TfLiteModel *model,
                                          const TfLiteInterpreterOptions *options, bool selected);

TfLiteStatus tfl_status(midge_status status);

#endif
