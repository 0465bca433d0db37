/* SPDX-License-Identifier: Apache-2.0 */
/*
 * midge_metadata: what the publisher of a model says about it, read and written. Part of
 * midge_tools.h, whose rules hold.
 */
#ifndef MIDGE_METADATA_H
#define MIDGE_METADATA_H

#include "midge.h"

#ifdef __cplusplus
extern "C" {
#endif

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

/* What is to be said about a model. Members that are NULL or 0 say nothing. */
typedef struct midge_metadata_options {
    size_t size;                      /* sizeof(midge_metadata_options) */
    const midge_allocator *allocator; /* copied; NULL: the C library's */
    const char *name;
    const char *description;
    const char *version;
    const char *author;
    const char *license;
    midge_content content;         /* of the first input */
    midge_color_space color_space; /* of an image */
    size_t mean_count;             /* 0, 1 or one for each channel: of mean and deviation, with */
    const float *mean;             /* value = (pixel - mean) / deviation */
    const float *deviation;
    size_t label_count; /* names of what the first output tells apart, along its last axis */
    const char *const *labels;
} midge_metadata_options;

/* {sizeof, everything else zero} */
MIDGE_API midge_metadata_options midge_metadata_options_default(void);

/*
 * The model with a block "TFLITE_METADATA" that says this, in place of the one it has, and the
 * labels as the file labels.txt in a zip archive behind it, in place of what is there. *bytes is a
 * file of *size bytes, to be freed with midge_optimize_free.
 */
MIDGE_API midge_status midge_metadata_add(const midge_model *model,
                                          const midge_metadata_options *options, void **bytes,
                                          size_t *size, midge_error *error);

#ifdef __cplusplus
}
#endif

#endif
