/* SPDX-License-Identifier: Apache-2.0 */
/* Where a model comes from: a file, JSON, or a built-in network by name. */
#ifndef MG_TRAIN_SOURCE_H
#define MG_TRAIN_SOURCE_H

#include "convert/keras_file.h"
#include "train/trainer.h"

typedef struct mg_train_source {
    mg_keras keras;     /* of the file: it reads weights */
    mg_keras_file file; /* a model file; config NULL otherwise */
    json_t *object;     /* the model, for the trainer to change */
    json_t *compile;    /* compile settings; NULL */
    bool has_weights;
    char name[200]; /* for messages */
} mg_train_source;

/* To be closed also after a failure. */
midge_status mg_train_source_open(mg_heap *heap, const char *source,
                                  const midge_trainer_options *options, mg_train_source *at,
                                  midge_error *error);
void mg_train_source_close(mg_train_source *at);
/* Weights into the trainer, but those of the layer `except`. */
midge_status mg_train_source_weights(mg_train_source *at, midge_trainer *trainer,
                                     const mg_keras_layer *except);
/* What the optimiser of the file keeps, once the trainer is compiled as the file says. Where the
 * file has nothing, or other variables than this optimiser, the trainer's begins anew. */
midge_status mg_train_source_optimizer(mg_train_source *at, midge_trainer *trainer);

/* ---- train_builtin.c */

/* NULL where there is no such network, or it is not for such samples, which *known tells. */
json_t *mg_train_builtin(const char *name, int32_t rank, const int32_t *shape, int32_t classes,
                         bool *known);

#endif
