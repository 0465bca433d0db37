/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MG_LOAD_H
#define MG_LOAD_H

#include "model/model.h"

/* Where a model comes from: a path, a callback, or memory, whichever is set first in this order. */
typedef struct mg_model_source {
    const char *path;
    midge_read_function read;
    void *context;
    const void *bytes;
    size_t size;
} mg_model_source;

/* Loads and checks; *model has one holder. */
midge_status mg_model_load(const mg_model_source *source, const midge_model_options *options,
                           midge_model **model, midge_error *error);

/* The bytes of a named metadata entry; NULL when there is none. */
const void *mg_model_metadata(const midge_model *model, const char *name, size_t *bytes);

#endif
