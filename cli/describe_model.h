/* SPDX-License-Identifier: Apache-2.0 */
/* What a model shall say of itself, so that midge classify and other programs need not be told. */
#ifndef CLI_DESCRIBE_MODEL_H
#define CLI_DESCRIBE_MODEL_H

#include "labels.h"
#include "midge_tools.h"

typedef struct cli_description {
    const cli_labels *labels; /* NULL or none: nothing is said of them */
    bool pictures;            /* the input is one */
    double range[2];          /* what black and white become there; equal: what the model says */
} cli_description;

/* A .tflite file with the description, to be freed with midge_optimize_free(NULL, …); `name` begins
 * messages. */
midge_status cli_describe_model(const char *name, const void *file, size_t file_size,
                                const cli_description *description, void **bytes, size_t *size,
                                midge_error *error);

#endif
