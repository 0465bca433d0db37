/* SPDX-License-Identifier: Apache-2.0 */
/*
 * midge: load, check and run TensorFlow Lite models.
 *
 * Two nouns carry everything:
 * - midge_model: a checked, immutable model file. Any number of sessions and threads may share it.
 * - midge_session: one model made ready to run, with shapes, memory plan, kernels and variables.
 *   One thread at a time may use a session.
 *
 * The shortest use:
 *
 *   midge_error error = {0};
 *   midge_model *model = NULL;
 *   midge_session *session = NULL;
 *   if (midge_model_load_file("m.tflite", NULL, &model, &error) ||
 *       midge_session_create(model, NULL, &session, &error)) {
 *       fprintf(stderr, "%s\n", error.message);
 *       return 1;
 *   }
 *   midge_tensor *input = midge_session_input(session, 0);
 *   memcpy(midge_tensor_data(input), pixels, midge_tensor_bytes(input));
 *   if (midge_session_invoke(session)) fprintf(stderr, "%s\n", midge_session_message(session));
 *   const float *scores = midge_tensor_data(midge_session_output(session, 0));
 *   midge_session_free(session);
 *   midge_model_free(model);
 *
 * Rules that hold for every function:
 *   - Functions that can fail return midge_status; MIDGE_OK is 0. Nothing aborts, exits or prints.
 *   - An out-parameter is written only on success; `error` is written only on failure.
 *   - `error`, `options` and what is freed may be NULL; other handles must not be.
 *   - Getters return NULL, or false, for an index out of range and for a name that is not there.
 *   - What a getter returns belongs to the object asked and lives as long, unless stated otherwise.
 *   - Shapes count elements, sizes count bytes. Tensors are dense, row-major, little-endian.
 *   - Different sessions, also of one model, may be used by different threads at the same time.
 */
#ifndef MIDGE_H
#define MIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define MIDGE_API
#else
#define MIDGE_API __attribute__((visibility("default")))
#endif

/* The highest rank of a tensor. */
#define MIDGE_MAX_RANK 8

/* ---- Status and errors ---------------------------------------------------------------------- */

typedef enum midge_status {
    MIDGE_OK = 0,
    MIDGE_INVALID_ARGUMENT =
        1, /* the caller asked for something impossible: index, size, shape, NULL */
    MIDGE_INVALID_STATE = 2, /* right call, wrong time: invoke before a failed prepare was mended */
    MIDGE_NO_MEMORY = 3,     /* the allocator returned NULL */
    MIDGE_LIMIT_EXCEEDED = 4, /* a limit of midge_limits stopped the work */
    MIDGE_IO_ERROR = 5,       /* the file could not be opened or read */
    MIDGE_INVALID_MODEL = 6,  /* the file is not a model, or a model that contradicts itself */
    MIDGE_UNSUPPORTED = 7, /* a sound model that needs an operator, version or type midge lacks */
    MIDGE_CANCELLED = 8,   /* midge_session_cancel was called */
    MIDGE_RUN_ERROR = 9    /* input data made an operator fail: index out of range, division by 0 */
} midge_status;

/* One word for a status, such as "invalid model". Never NULL. */
MIDGE_API const char *midge_status_name(midge_status status);

/* What went wrong, in one line that names file, node, tensor and numbers. Zero-initialise it. */
typedef struct midge_error {
    midge_status status;
    char message[500];
} midge_error;

/* "0.1.0" */
MIDGE_API const char *midge_version(void);

/* ---- Element types -------------------------------------------------------------------------- */

/* The numbers are those of TensorType in the .tflite schema. */
typedef enum midge_type {
    MIDGE_FLOAT32 = 0,
    MIDGE_FLOAT16 = 1,
    MIDGE_INT32 = 2,
    MIDGE_UINT8 = 3,
    MIDGE_INT64 = 4,
    MIDGE_STRING = 5, /* int32 count, count + 1 int32 offsets from the start, then the bytes */
    MIDGE_BOOL = 6,   /* one byte, 0 or 1 */
    MIDGE_INT16 = 7,
    MIDGE_COMPLEX64 = 8,
    MIDGE_INT8 = 9,
    MIDGE_FLOAT64 = 10,
    MIDGE_COMPLEX128 = 11,
    MIDGE_UINT64 = 12,
    MIDGE_RESOURCE = 13,
    MIDGE_VARIANT = 14,
    MIDGE_UINT32 = 15,
    MIDGE_UINT16 = 16,
    MIDGE_INT4 = 17, /* two a byte, the lower index in the lower bits */
    MIDGE_BFLOAT16 = 18,
    MIDGE_INT2 = 19, /* four a byte */
    MIDGE_UINT4 = 20,
    MIDGE_FLOAT8_E4M3FN = 21,
    MIDGE_FLOAT8_E5M2 = 22
} midge_type;

/* "float32", "int8", …; "unknown" for a number that is no type. */
MIDGE_API const char *midge_type_name(midge_type type);

/* Bits of one element; 0 for string, resource, variant and unknown types. */
MIDGE_API size_t midge_type_bits(midge_type type);

/* ---- Memory and limits ---------------------------------------------------------------------- */

/*
 * All memory of a model or session comes through its allocator. `allocate` returns memory of at
 * least `bytes` bytes aligned to `alignment` (a power of two up to 64) or NULL; `release` gets the
 * same `bytes` back. A session's allocator is called only by the thread that uses the session, a
 * model's only by those that load it, read its metadata, or free it or its last session.
 */
typedef struct midge_allocator {
    void *context;
    void *(*allocate)(void *context, size_t bytes, size_t alignment);
    void (*release)(void *context, void *memory, size_t bytes);
} midge_allocator;

/* What a file or an invocation may cost at most. 0 stands for the default in brackets. */
typedef struct midge_limits {
    uint64_t file_bytes;       /* [2 GiB]   size of a model file */
    uint64_t memory_bytes;     /* [1 GiB]   memory of one session, tensors included */
    uint32_t tensors;          /* [1000000] in all subgraphs */
    uint32_t nodes;            /* [1000000] in all subgraphs */
    uint32_t subgraphs;        /* [10000]   */
    uint32_t call_depth;       /* [8]       subgraphs calling subgraphs */
    uint64_t while_iterations; /* [1000000] of all WHILE nodes in one invocation */
    uint64_t steps;            /* [unlimited] nodes run in one invocation */
    uint64_t milliseconds;     /* [unlimited] of one invocation, checked between nodes */
} midge_limits;

/* ---- Models --------------------------------------------------------------------------------- */

typedef struct midge_model midge_model;

typedef struct midge_model_options {
    size_t size; /* sizeof(midge_model_options); lets later versions add members */
    const midge_allocator *allocator; /* copied; NULL: the C library's */
    const midge_limits *limits;       /* copied; NULL: the defaults */
    bool map_file; /* map the file instead of reading it: faster, but the process gets SIGBUS when
                      another process truncates the file meanwhile */
} midge_model_options;

/* {sizeof, NULL, NULL, false} */
MIDGE_API midge_model_options midge_model_options_default(void);

/* Loads and checks a .tflite file. The caller owns *model and frees it with midge_model_free. */
MIDGE_API midge_status midge_model_load_file(const char *path, const midge_model_options *options,
                                             midge_model **model, midge_error *error);

/*
 * Loads and checks a model that lies in memory. The bytes are not copied: they must stay readable
 * and unchanged until the model and all its sessions are freed. Any alignment will do; 16 avoids
 * copies of constants.
 */
MIDGE_API midge_status midge_model_load_memory(const void *bytes, size_t size,
                                               const midge_model_options *options,
                                               midge_model **model, midge_error *error);

/*
 * Reads a model through a callback that fills `buffer` with up to `capacity` bytes and returns how
 * many it wrote, 0 at the end, -1 on failure. The bytes are kept in memory of the allocator.
 */
typedef ptrdiff_t (*midge_read_function)(void *context, void *buffer, size_t capacity);
MIDGE_API midge_status midge_model_load_stream(midge_read_function read, void *context,
                                               const midge_model_options *options,
                                               midge_model **model, midge_error *error);

/* Drops the caller's hold; memory is freed once the last session of the model is freed too. */
MIDGE_API void midge_model_free(midge_model *model);

/* What the file says of itself; "" when it says nothing. */
MIDGE_API const char *midge_model_description(const midge_model *model);

/* Named blocks of bytes that travel with a model, such as "TFLITE_METADATA". */
MIDGE_API size_t midge_model_metadata_count(const midge_model *model);
MIDGE_API const char *midge_model_metadata_name(const midge_model *model, size_t index);
MIDGE_API const void *midge_model_metadata(const midge_model *model, const char *name,
                                           size_t *bytes);

/* The whole file as loaded, so that what follows the model (associated files) can be read. */
MIDGE_API const void *midge_model_file(const midge_model *model, size_t *bytes);

/* Signatures: named entry points with named inputs and outputs. Keys are in the file's order. */
MIDGE_API size_t midge_model_signature_count(const midge_model *model);
MIDGE_API const char *midge_model_signature_key(const midge_model *model, size_t index);

/* ---- Tensors -------------------------------------------------------------------------------- */

/* A tensor of a session. Handles stay valid as long as the session; shape and data may change with
 * every resize, prepare and invoke. */
typedef struct midge_tensor midge_tensor;

MIDGE_API const char *midge_tensor_name(const midge_tensor *tensor);
MIDGE_API midge_type midge_tensor_type(const midge_tensor *tensor);
MIDGE_API int midge_tensor_rank(const midge_tensor *tensor);
/* `rank` dimensions; of a scalar a pointer to none. */
MIDGE_API const int32_t *midge_tensor_shape(const midge_tensor *tensor);
/* The shape as the file states it, -1 where any size is meant; *rank dimensions. */
MIDGE_API const int32_t *midge_tensor_shape_signature(const midge_tensor *tensor, int *rank);
MIDGE_API size_t midge_tensor_elements(const midge_tensor *tensor);
/* Bytes of the data; what a string tensor holds now. */
MIDGE_API size_t midge_tensor_bytes(const midge_tensor *tensor);
/* The data, or NULL before it exists: no prepare yet, or a result of unknown shape before invoke.
 * Constants must not be written. */
MIDGE_API void *midge_tensor_data(const midge_tensor *tensor);
MIDGE_API bool midge_tensor_is_constant(const midge_tensor *tensor);
MIDGE_API bool midge_tensor_is_variable(const midge_tensor *tensor);
/* True when the shape is known only after the node that makes the tensor has run. */
MIDGE_API bool midge_tensor_is_dynamic(const midge_tensor *tensor);

/* real = scale[i] * (stored - zero_point[i]), where i is 0 or the index along `axis`. */
typedef struct midge_quantization {
    size_t count; /* 0: not quantised; 1: one for all; else one per slice of `axis` */
    const float *scale;
    const int64_t *zero_point;
    int axis;
} midge_quantization;
MIDGE_API midge_quantization midge_tensor_quantization(const midge_tensor *tensor);

/* ---- Custom operators ----------------------------------------------------------------------- */

/* What a custom operator sees of its node; valid during the call only. */
typedef struct midge_op_context midge_op_context;

/* An operator given by the program. The struct and what it points to must outlive the session.
 * Callbacks return MIDGE_OK, or a failure after midge_op_fail. */
typedef struct midge_custom_operator {
    size_t size;      /* sizeof(midge_custom_operator) */
    const char *name; /* the custom_code of the file */
    void *user_data;
    /* Once per node when the session is created; *state is the operator's own. May be NULL. */
    midge_status (*create)(midge_op_context *context, void **state);
    /* Undoes create. May be NULL. */
    void (*destroy)(void *user_data, void *state);
    /* Checks inputs, gives outputs their shapes, asks for scratch. Called again after a resize. */
    midge_status (*prepare)(midge_op_context *context);
    midge_status (*invoke)(midge_op_context *context);
    bool built_in; /* replaces the built-in operator `name`, such as "ADD" */
} midge_custom_operator;

MIDGE_API void *midge_op_user_data(const midge_op_context *context);
MIDGE_API void *midge_op_state(const midge_op_context *context);
/* The custom options of the node, usually a FlexBuffer map. */
MIDGE_API const void *midge_op_options(const midge_op_context *context, size_t *bytes);
MIDGE_API size_t midge_op_input_count(const midge_op_context *context);
MIDGE_API size_t midge_op_output_count(const midge_op_context *context);
/* NULL for an absent optional input or an index out of range. */
MIDGE_API midge_tensor *midge_op_input(const midge_op_context *context, size_t index);
MIDGE_API midge_tensor *midge_op_output(const midge_op_context *context, size_t index);
/* Which node of which subgraph this is. */
MIDGE_API void midge_op_place(const midge_op_context *context, size_t *graph, size_t *node);
/* In prepare: fixes the shape of an output. In invoke: only for an output declared dynamic. */
MIDGE_API midge_status midge_op_set_output_shape(midge_op_context *context, size_t index, int rank,
                                                 const int32_t *shape);
/* In invoke: room for what a string output will hold. */
MIDGE_API midge_status midge_op_set_output_bytes(midge_op_context *context, size_t index,
                                                 size_t bytes);
/* In prepare: the shape of this output will be set by invoke. */
MIDGE_API midge_status midge_op_set_output_dynamic(midge_op_context *context, size_t index);
/* In prepare: `bytes` of memory for the time of invoke, got there by midge_op_scratch. */
MIDGE_API midge_status midge_op_request_scratch(midge_op_context *context, size_t bytes);
MIDGE_API void *midge_op_scratch(const midge_op_context *context);
/* Records a message (printf format) with the node's name in front and returns `status`. */
MIDGE_API midge_status midge_op_fail(midge_op_context *context, midge_status status,
                                     const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* ---- Sessions ------------------------------------------------------------------------------- */

typedef struct midge_session midge_session;

/* Nodes that an operator of the program runs as one, an accelerator for example. */
typedef struct midge_node_group {
    size_t node_count;
    const size_t *nodes;
    size_t input_count;
    const int32_t *inputs; /* tensors that the operator reads, constants among them */
    size_t output_count;
    const int32_t *outputs; /* tensors of its nodes that others read, or the graph gives */
    const midge_custom_operator *run_by; /* `name` is for messages, `built_in` is not looked at */
} midge_node_group;

/* In which order the nodes of a graph run, and which of them as groups. */
typedef struct midge_execution_plan {
    size_t graph;
    size_t step_count;
    const size_t *steps; /* a node's number, or for group g: number of nodes of the graph + g */
    size_t group_count;
    const midge_node_group *groups;
} midge_execution_plan;

typedef struct midge_session_options {
    size_t size;         /* sizeof(midge_session_options) */
    int threads;         /* including the caller's; 0 and 1: no others are started */
    const char *kernels; /* "auto" or NULL: the best this CPU has; "ref": scalar code; or a tier's
                            name as printed by `midge kernels`: that tier and those below it */
    const midge_allocator *allocator; /* copied; NULL: the C library's */
    const midge_limits *limits;       /* copied; NULL: the defaults */
    bool preserve_all_tensors;        /* keep every intermediate tensor readable after invoke */
    bool profile;                     /* measure every node */
    const midge_custom_operator *const *custom_operators; /* array of pointers, may be NULL */
    size_t custom_operator_count;
    bool defer_prepare; /* create leaves shapes and memory to prepare, and it is prepare that
                           reports custom operators which nobody brings */
    /* For graphs that shall not run as the file has them, each at most once. Every node must be in
     * one step, and each step's inputs must be there before it. The operators of groups must
     * outlive the session, everything else is copied. For such a graph midge_op_place gives the
     * numbers of `steps`, and midge_session_node counts steps. */
    const midge_execution_plan *plans;
    size_t plan_count;
} midge_session_options;

/* {sizeof, 1 thread, everything else zero} */
MIDGE_API midge_session_options midge_session_options_default(void);

/*
 * Makes a model ready to run: resolves operators (a failure names all that are missing), prepares
 * shapes and memory. The session keeps the model alive. A model whose declared input shapes cannot
 * be run as they are (unknown sizes) still gives a session; resize its inputs, then invoke.
 */
MIDGE_API midge_status midge_session_create(midge_model *model,
                                            const midge_session_options *options,
                                            midge_session **session, midge_error *error);
MIDGE_API void midge_session_free(midge_session *session);

/* The message of the last failed call on this session; "" when none failed yet. */
MIDGE_API const char *midge_session_message(const midge_session *session);

MIDGE_API size_t midge_session_input_count(const midge_session *session);
MIDGE_API size_t midge_session_output_count(const midge_session *session);
/* NULL for an index out of range. */
MIDGE_API midge_tensor *midge_session_input(const midge_session *session, size_t index);
MIDGE_API midge_tensor *midge_session_output(const midge_session *session, size_t index);
/* By tensor name; NULL when there is none. */
MIDGE_API midge_tensor *midge_session_input_named(const midge_session *session, const char *name);
MIDGE_API midge_tensor *midge_session_output_named(const midge_session *session, const char *name);

/* Every tensor of the primary subgraph, in file order. */
MIDGE_API size_t midge_session_tensor_count(const midge_session *session);
MIDGE_API midge_tensor *midge_session_tensor(const midge_session *session, size_t index);

/* A tensor of any subgraph, 0 being the primary one; NULL for a number out of range. */
MIDGE_API midge_tensor *midge_session_graph_tensor(const midge_session *session, size_t graph,
                                                   size_t index);

/* Lets a tensor that is no constant lie in memory of the caller, aligned to 8, from the next
 * prepare on; at once where it already lies in such memory. `memory` NULL takes that back. The
 * memory must outlive its use; prepare fails when `bytes` is too little. */
MIDGE_API midge_status midge_session_bind(midge_session *session, midge_tensor *tensor,
                                          void *memory, size_t bytes);

/* Gives an input another shape; rank may change. Takes effect with the next prepare or invoke. */
MIDGE_API midge_status midge_session_resize_input(midge_session *session, size_t index, int rank,
                                                  const int32_t *shape);
/* Replaces the data of an input: exactly the tensor's bytes, copied; for string inputs it also sets
 * how many there are. Prepares first when a resize is pending. */
MIDGE_API midge_status midge_session_write_input(midge_session *session, size_t index,
                                                 const void *data, size_t bytes);

/* Computes shapes, memory plan and packed weights now instead of at the next invoke. On failure the
 * session keeps its message and can be resized and prepared again. */
MIDGE_API midge_status midge_session_prepare(midge_session *session);

/* Runs the primary subgraph. Allocates nothing when all shapes are known after prepare. */
MIDGE_API midge_status midge_session_invoke(midge_session *session);

/* Variables (recurrent state) back to zero. */
MIDGE_API midge_status midge_session_reset(midge_session *session);

/* Makes a running invoke stop before its next node, from any thread or a signal handler; the next
 * invoke starts afresh. */
MIDGE_API void midge_session_cancel(midge_session *session);

/* Bytes held by the session now, and of them the arena that tensors share over time; `arena_bytes`
 * may be NULL. */
MIDGE_API size_t midge_session_memory(const midge_session *session, size_t *arena_bytes);

/* ---- Signatures ----------------------------------------------------------------------------- */

/* A named entry point of a session. Owned by the session, and used by the same thread. */
typedef struct midge_signature midge_signature;

/* NULL when the model has no such key. `key` NULL: the first. */
MIDGE_API midge_signature *midge_session_signature(midge_session *session, const char *key);
MIDGE_API size_t midge_signature_input_count(const midge_signature *signature);
MIDGE_API size_t midge_signature_output_count(const midge_signature *signature);
/* Names in lexicographic order. */
MIDGE_API const char *midge_signature_input_name(const midge_signature *signature, size_t index);
MIDGE_API const char *midge_signature_output_name(const midge_signature *signature, size_t index);
MIDGE_API midge_tensor *midge_signature_input(const midge_signature *signature, const char *name);
MIDGE_API midge_tensor *midge_signature_output(const midge_signature *signature, const char *name);
/* What midge_session_resize_input, _write_input, _prepare and _invoke do with the primary subgraph,
 * these do with that of the signature. */
MIDGE_API midge_status midge_signature_resize_input(midge_signature *signature, const char *name,
                                                    int rank, const int32_t *shape);
MIDGE_API midge_status midge_signature_write_input(midge_signature *signature, const char *name,
                                                   const void *data, size_t bytes);
MIDGE_API midge_status midge_signature_prepare(midge_signature *signature);
MIDGE_API midge_status midge_signature_invoke(midge_signature *signature);

/* ---- Nodes and profile ---------------------------------------------------------------------- */

/* One operator instance of the primary subgraph. */
typedef struct midge_node_info {
    const char *op; /* "CONV_2D", or the name of a custom operator */
    int version;
    size_t input_count;
    const int32_t *inputs; /* tensor indices, -1 where absent */
    size_t output_count;
    const int32_t *outputs;
    uint64_t nanoseconds; /* sum over all invocations, 0 without profiling */
    uint64_t runs;
    uint64_t multiply_accumulates; /* of one run, 0 where that is no measure of its work */
    const char *kernel;            /* the kernel that does the work, "" for plain code */
    int code;                      /* of the operator in the schema; 32: custom */
    bool has_options;              /* the file gives a built-in operator parameters */
    const void *custom_options;
    size_t custom_options_bytes;
} midge_node_info;

MIDGE_API size_t midge_session_node_count(const midge_session *session);
/* False for an index out of range. The strings and arrays live as long as the session. */
MIDGE_API bool midge_session_node(const midge_session *session, size_t index,
                                  midge_node_info *info);
/* Where a tensor lies in the arena and between which nodes it lives, -1 being before the first;
 * false when it is not in the arena. */
MIDGE_API bool midge_session_tensor_place(const midge_session *session, size_t tensor,
                                          size_t *offset, size_t *bytes, int32_t *first_node,
                                          int32_t *last_node);

/* The most that one thread can do with the session's kernels: multiply-accumulates a second of its
 * matrix kernels on operands that stay in the first-level cache, float32 and int8. */
typedef struct midge_peak {
    double float_macs;
    double integer_macs;
} midge_peak;

/* Measures for some 12 ms. Not while the session runs. MIDGE_NO_MEMORY. */
MIDGE_API midge_status midge_session_peak(midge_session *session, midge_peak *peak);

/* ---- Kernels -------------------------------------------------------------------------------- */

typedef struct midge_kernel_info {
    const char *family; /* "gemm_f32", "depthwise_int", … */
    const char *types;  /* "f32 x f32 -> f32", … */
    const char *tier;   /* "ref", "avx2", "neon", … */
    const char *name;   /* family and tier: "gemm_f32_avx2" */
    bool available;     /* this CPU can run it */
    bool selected;      /* "auto" chooses it on this CPU */
} midge_kernel_info;

/* Kernels that midge was built with. The strings live for ever. */
MIDGE_API size_t midge_kernel_count(void);
MIDGE_API bool midge_kernel(size_t index, midge_kernel_info *info);
/* The best tier of this CPU, such as "avx2". */
MIDGE_API const char *midge_cpu_tier(void);

#ifdef __cplusplus
}
#endif

#endif
