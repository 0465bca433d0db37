/* SPDX-License-Identifier: Apache-2.0 */
/*
 * midge_tools: what one may ask about a model file beyond running it. Needs libmidge-tools, which
 * contains libmidge.
 *
 * The rules of midge.h hold. Everything that these functions give out belongs to the model (or the
 * midge_metadata) that it was asked of, and lives as long.
 */
#ifndef MIDGE_TOOLS_H
#define MIDGE_TOOLS_H

#include "midge.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Inspection -------------------------------------------------------------------------------
 */

/* The computations of a file: graph 0 is what a session runs, the others are called by it. These
 * work on every model that loads, also on one that needs operators midge lacks. */
typedef struct midge_graph_info {
    const char *name;
    size_t tensor_count;
    size_t node_count;
    size_t input_count;
    const int32_t *inputs; /* tensor indices */
    size_t output_count;
    const int32_t *outputs;
} midge_graph_info;

/* A tensor as the file describes it. */
typedef struct midge_tensor_info {
    const char *name;
    midge_type type;
    int rank;
    const int32_t *shape;
    int signature_rank;
    const int32_t *signature; /* -1 where any size is meant */
    bool variable;
    bool sparse;
    const void *constant; /* the stored bytes; NULL: computed or given */
    size_t constant_bytes;
    midge_quantization quantization;
    int32_t block_size;        /* 0, or how many elements share a scale of tensor block_scales */
    int32_t block_scales;      /* tensor index */
    int32_t block_zero_points; /* tensor index, -1 where there is none */
} midge_tensor_info;

/* One level of a sparse constant: how the indices along a dimension, or along a dimension of the
 * blocks, are stored. */
typedef struct midge_sparse_level {
    int32_t dimension;  /* rank + b for dimension b of the blocks */
    bool compressed;    /* stored by segments and indices; else all dense_size of them */
    int32_t dense_size; /* 0 when compressed */
    size_t segment_count;
    const void *segments; /* numbers of segment_bytes bytes: 1, 2 or 4 */
    size_t segment_bytes;
    size_t index_count;
    const void *indices;
    size_t index_bytes;
} midge_sparse_level;

/* Why a session would refuse a node, or MIDGE_SUPPORT_YES. */
typedef enum midge_support {
    MIDGE_SUPPORT_YES,
    MIDGE_SUPPORT_NO_OPERATOR, /* midge has no such operator */
    MIDGE_SUPPORT_NO_CUSTOM,   /* nor such a custom operator; the program may bring it */
    MIDGE_SUPPORT_NO_VERSION   /* midge knows the operator only in older versions */
} midge_support;

/* False for an index out of range, as all below. */
MIDGE_API size_t midge_inspect_graph_count(const midge_model *model);
MIDGE_API bool midge_inspect_graph(const midge_model *model, size_t graph, midge_graph_info *info);
MIDGE_API bool midge_inspect_tensor(const midge_model *model, size_t graph, size_t tensor,
                                    midge_tensor_info *info);
/* Of a sparse constant: how many levels, in the order of traversal, and which dimension each
 * dimension of the blocks cuts. False for a dense tensor. */
MIDGE_API bool midge_inspect_sparsity(const midge_model *model, size_t graph, size_t tensor,
                                      size_t *level_count, size_t *block_count,
                                      const int32_t **block_map);
MIDGE_API bool midge_inspect_sparse_level(const midge_model *model, size_t graph, size_t tensor,
                                          size_t level, midge_sparse_level *info);
/* Members of `info` that only a session knows are 0 and "". */
MIDGE_API bool midge_inspect_node(const midge_model *model, size_t graph, size_t node,
                                  midge_node_info *info);
/* *known gets the newest version midge knows, 0 when it lacks the operator. */
MIDGE_API midge_support midge_inspect_support(const midge_model *model, size_t graph, size_t node,
                                              int *known);

/* One named input (`output` false) or output of a signature, in lexicographic order. */
MIDGE_API bool midge_inspect_binding(const midge_model *model, size_t signature, bool output,
                                     size_t index, const char **name, int32_t *tensor);
/* The graph that a signature runs, and how many inputs and outputs it names. */
MIDGE_API bool midge_inspect_signature(const midge_model *model, size_t signature, size_t *graph,
                                       size_t *input_count, size_t *output_count);

/* ---- Model metadata ---------------------------------------------------------------------------
 */

/* What the publisher of a model says about it, in the block "TFLITE_METADATA". Strings are "" where
 * the block says nothing. */
typedef struct midge_metadata midge_metadata;

typedef struct midge_metadata_info {
    const char *name;
    const char *description;
    const char *version;
    const char *author;
    const char *license;
    const char *min_parser_version;
} midge_metadata_info;

typedef enum midge_content {
    MIDGE_CONTENT_UNKNOWN = 0,
    MIDGE_CONTENT_FEATURE = 1,
    MIDGE_CONTENT_IMAGE = 2,
    MIDGE_CONTENT_BOUNDING_BOXES = 3,
    MIDGE_CONTENT_AUDIO = 4
} midge_content;

typedef enum midge_color_space {
    MIDGE_COLOR_UNKNOWN = 0,
    MIDGE_COLOR_RGB = 1,
    MIDGE_COLOR_GREY = 2
} midge_color_space;

/* What is said about one input or output. */
typedef struct midge_tensor_metadata {
    const char *name;
    const char *description;
    midge_content content;
    midge_color_space color_space; /* of an image */
    /* value = (pixel - mean[i]) / deviation[i], i a channel, or 0 when there is one for all; the
     * counts are 0 when there is no normalisation */
    size_t mean_count;
    const float *mean;
    size_t deviation_count;
    const float *deviation;
    size_t file_count; /* of midge_metadata_file */
} midge_tensor_metadata;

/* The numbers are those of the metadata schema. */
typedef enum midge_file_type {
    MIDGE_FILE_UNKNOWN = 0,
    MIDGE_FILE_DESCRIPTIONS = 1,
    MIDGE_FILE_AXIS_LABELS = 2, /* one label for each index along an axis */
    MIDGE_FILE_VALUE_LABELS = 3,
    MIDGE_FILE_SCORE_CALIBRATION = 4,
    MIDGE_FILE_VOCABULARY = 5,
    MIDGE_FILE_SCANN_INDEX = 6
} midge_file_type;

/* A file that travels with the model, in the zip archive behind it. */
typedef struct midge_associated_file {
    const char *name;
    const char *description;
    const char *locale;
    midge_file_type type;
} midge_associated_file;

/* Checks and reads the block; *metadata becomes NULL when the model has none. The model must
 * outlive it. */
MIDGE_API midge_status midge_metadata_create(const midge_model *model, midge_metadata **metadata,
                                             midge_error *error);
MIDGE_API void midge_metadata_free(midge_metadata *metadata);

MIDGE_API midge_metadata_info midge_metadata_about(const midge_metadata *metadata);
/* About input or output `index` of graph 0. */
MIDGE_API bool midge_metadata_tensor(const midge_metadata *metadata, bool output, size_t index,
                                     midge_tensor_metadata *info);
MIDGE_API bool midge_metadata_file(const midge_metadata *metadata, bool output, size_t index,
                                   size_t file, midge_associated_file *info);

/* ---- Optimisation -----------------------------------------------------------------------------
 */

typedef enum midge_optimize_mode {
    MIDGE_OPTIMIZE_NONE = 0,    /* the model as it is, equal constants stored once */
    MIDGE_OPTIMIZE_FLOAT16 = 1, /* float16 constants: half the size, float arithmetic */
    MIDGE_OPTIMIZE_DYNAMIC = 2, /* int8 weights, activations quantised as they occur */
    MIDGE_OPTIMIZE_INT8 = 3,    /* int8 weights and activations; needs samples */
    MIDGE_OPTIMIZE_INT16X8 = 4  /* int8 weights, int16 activations; needs samples */
} midge_optimize_mode;

/* Which range of its values a tensor's integers cover. */
typedef enum midge_optimize_range {
    MIDGE_RANGE_ALL = 0,        /* every value that occurred */
    MIDGE_RANGE_PERCENTILE = 1, /* all but a few of the largest */
    MIDGE_RANGE_LEAST_ERROR = 2 /* that with the least mean square error */
} midge_optimize_range;

typedef struct midge_optimize_options {
    size_t size;                      /* sizeof(midge_optimize_options) */
    const midge_allocator *allocator; /* copied; NULL: the C library's */
    midge_optimize_mode mode;
    int threads; /* that run the samples */
    /* Writes sample `index` into the inputs of the session. Called for 0 to sample_count - 1, and
     * that more than once; the same index must mean the same sample. */
    size_t sample_count;
    midge_status (*sample)(void *context, size_t index, midge_session *session, midge_error *error);
    /* Told between samples how many of the runs are done; false stops. May be NULL. */
    bool (*progress)(void *context, size_t done, size_t total);
    void *context; /* of both */
    midge_optimize_range range;
    double percentile;       /* of MIDGE_RANGE_PERCENTILE; 0 stands for 99.99 */
    midge_type input_type;   /* of float inputs: MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8 or, of */
    midge_type output_type;  /* MIDGE_OPTIMIZE_INT16X8, MIDGE_INT16; of float outputs alike */
    size_t keep_float_count; /* nodes to leave alone, each by its number in graph 0, its operator */
    const char *const *keep_float; /* such as "SOFTMAX", or the name of a tensor that it makes */
    bool correct_bias; /* adds to each bias what the samples show to be missing on average */
    bool prune;        /* leave out what no runtime reads: names, metadata, recorded ranges */
} midge_optimize_options;

/* {sizeof, 1 thread, everything else zero} */
MIDGE_API midge_optimize_options midge_optimize_options_default(void);

/*
 * Makes a smaller model of a float one. *bytes is a .tflite file of *size bytes that the caller
 * frees with midge_optimize_free. Nodes that have no integer form stay float, with QUANTIZE and
 * DEQUANTIZE nodes where types meet. Equal requests give equal bytes.
 */
MIDGE_API midge_status midge_optimize(midge_model *model, const midge_optimize_options *options,
                                      void **bytes, size_t *size, midge_error *error);
/* `allocator` is that of the options. */
MIDGE_API void midge_optimize_free(const midge_allocator *allocator, void *bytes);

/* ---- Conversion -------------------------------------------------------------------------------
 */

typedef struct midge_convert_options {
    size_t size; /* sizeof(midge_convert_options); lets later versions add members */
    const midge_allocator *allocator; /* of the result and the work; NULL: the C library's */
    int32_t batch; /* of all inputs; 0: what the file says, and 1 where it leaves that open */
    /* Is told what becomes of each layer: its name, its class, and the operators that were made for
     * it, "" for none. NULL: nobody is. */
    void (*report)(void *context, const char *layer, const char *class_name, const char *operators);
    void *context;
} midge_convert_options;

/*
 * Makes a .tflite file, in memory, of a Keras model: a .h5 file, a .keras archive or its folder. No
 * code in the model is run. The same input gives the same bytes. `options` may be NULL. *bytes is
 * to be freed with midge_convert_free. The libraries that read the containers have memory of their
 * own.
 */
MIDGE_API midge_status midge_convert_file(const char *path, const midge_convert_options *options,
                                          void **bytes, size_t *size, midge_error *error);
/* `allocator` is that of the conversion. */
MIDGE_API void midge_convert_free(const midge_allocator *allocator, void *bytes);

#ifdef __cplusplus
}
#endif

#endif
