/* SPDX-License-Identifier: Apache-2.0 */
/* The options of commands that make models smaller, and what they do. */
#ifndef CLI_OPTIMIZE_OPTIONS_H
#define CLI_OPTIMIZE_OPTIONS_H

#include "arguments.h"
#include "midge_tools.h"

typedef struct cli_optimize_choice {
    int mode; /* midge_optimize_mode */
    cli_texts calibration;
    int64_t samples; /* at most; 0: all */
    int range;       /* midge_optimize_range */
    int input_type;  /* number in the row below */
    int output_type;
    cli_texts keep_float;
    const char *pixels; /* "LOW:HIGH"; NULL: what the metadata says */
    bool correct_bias;
    bool equalize;
    bool prune;
    double sparsity; /* percent */
    int64_t clusters;
    int64_t threads;
} cli_optimize_choice;

/* Rows for a command whose struct has a cli_optimize_choice named `optimize`. */
#define CLI_OPTIMIZE_OPTIONS(type)                                                              \
    {"optimize",                                                                                \
     'O',                                                                                       \
     CLI_CHOICE,                                                                                \
     offsetof(type, optimize.mode),                                                             \
     "none|float16|dynamic|int8|int16x8",                                                       \
     "how to make the model smaller (default none); int8 and int16x8 need --calibration, "      \
     "unless the model was trained with --quantize-aware",                                      \
     0,                                                                                         \
     0},                                                                                        \
        {"calibration",                                                                         \
         'c',                                                                                   \
         CLI_LIST,                                                                              \
         offsetof(type, optimize.calibration),                                                  \
         "[NAME=]FILE|FOLDER",                                                                  \
         "typical inputs: .npy files of one sample or a stack, IDX files, or a folder of "      \
         "pictures",                                                                            \
         0,                                                                                     \
         0},                                                                                    \
        {"samples", '\0',                                                                       \
         CLI_COUNT, offsetof(type, optimize.samples),                                           \
         "N",       "calibrate with the first N samples (default all)",                         \
         1,         100000000},                                                                 \
        {"range",                                                                               \
         '\0',                                                                                  \
         CLI_CHOICE,                                                                            \
         offsetof(type, optimize.range),                                                        \
         "all|percentile|least-error",                                                          \
         "which of the values seen the integers must reach (default all)",                      \
         0,                                                                                     \
         0},                                                                                    \
        {"pixels",                                                                              \
         '\0',                                                                                  \
         CLI_TEXT,                                                                              \
         offsetof(type, optimize.pixels),                                                       \
         "LOW:HIGH",                                                                            \
         "what black and white become in pictures (default: what the metadata says, or -1:1)",  \
         0,                                                                                     \
         0},                                                                                    \
        {"input-type",                                                                          \
         '\0',                                                                                  \
         CLI_CHOICE,                                                                            \
         offsetof(type, optimize.input_type),                                                   \
         "float32|int8|uint8|int16",                                                            \
         "type of float inputs afterwards (default float32)",                                   \
         0,                                                                                     \
         0},                                                                                    \
        {"output-type",                                                                         \
         '\0',                                                                                  \
         CLI_CHOICE,                                                                            \
         offsetof(type, optimize.output_type),                                                  \
         "float32|int8|uint8|int16",                                                            \
         "type of float outputs afterwards (default float32)",                                  \
         0,                                                                                     \
         0},                                                                                    \
        {"keep-float",                                                                          \
         '\0',                                                                                  \
         CLI_LIST,                                                                              \
         offsetof(type, optimize.keep_float),                                                   \
         "NODE",                                                                                \
         "leave alone the node of this number, operator or output tensor",                      \
         0,                                                                                     \
         0},                                                                                    \
        {"correct-bias",                                                                        \
         '\0',                                                                                  \
         CLI_FLAG,                                                                              \
         offsetof(type, optimize.correct_bias),                                                 \
         NULL,                                                                                  \
         "add to each bias what the samples show to be missing on average",                     \
         0,                                                                                     \
         0},                                                                                    \
        {"equalize", '\0',                                                                      \
         CLI_FLAG,   offsetof(type, optimize.equalize),                                         \
         NULL,       "let channels between layers use the range of their tensor alike",         \
         0,          0},                                                                        \
        {"sparsity", '\0',                                                                      \
         CLI_NUMBER, offsetof(type, optimize.sparsity),                                         \
         "PERCENT",  "make so many of the weights 0, the smallest; the file compresses better", \
         0,          99},                                                                       \
        {"cluster", '\0',                                                                       \
         CLI_COUNT, offsetof(type, optimize.clusters),                                          \
         "N",       "leave N different weights in each tensor; the file compresses better",     \
         2,         65536},                                                                     \
    {                                                                                           \
        "prune", '\0', CLI_FLAG, offsetof(type, optimize.prune), NULL,                          \
            "leave out names, metadata and recorded ranges", 0, 0                               \
    }

/* Refuses what cannot be meant, and notes options that the mode does not heed. */
midge_status cli_optimize_check(const cli_optimize_choice *choice, midge_error *error);

/* The optimised file, to be freed with midge_optimize_free(NULL, …). `name` begins messages. */
midge_status cli_optimize(const char *name, midge_model *model, const cli_optimize_choice *choice,
                          void **bytes, size_t *size, midge_error *error);

#endif
