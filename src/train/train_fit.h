/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MG_TRAIN_FIT_H
#define MG_TRAIN_FIT_H

#include "train/trainer.h"

typedef struct mg_fitting {
    midge_trainer *trainer;
    const midge_fit_options *options; /* NULL: only evaluation */
    const midge_train_data *data;
    const midge_train_data *validation;
    size_t count; /* samples to learn from */
    size_t validation_first;
    size_t validation_count; /* 0: none */
    size_t steps;            /* of an epoch */
    size_t x_elements;
    size_t y_elements;
    float *sample;               /* room for one y and x */
    float *scratch;              /* for one x */
    const unsigned char **bytes; /* of the samples of a batch; NULL where they are no bytes */
    const unsigned char **next;  /* of the batch after it; NULL: nobody needs to know */
    uint32_t *order;             /* of the samples in this epoch */
    uint64_t epoch_start;
} mg_fitting;

/* Samples into the batch: of `order`, or as they come. */
midge_status mg_train_gather(mg_fitting *fitting, const midge_train_data *data,
                             const uint32_t *order, size_t first, size_t count, bool training,
                             midge_error *error);
midge_status mg_train_evaluate(mg_fitting *fitting, const midge_train_data *data, size_t first,
                               size_t count, size_t batch, double *loss, double *metrics,
                               midge_error *error);
/* train_prune.c: over how many epochs; before and after a step of the optimiser. */
int32_t mg_train_prune_epochs(const midge_fit_options *options);
void mg_train_hold_zeros(midge_trainer *trainer);
midge_status mg_train_prune_step(mg_fitting *fitting, midge_error *error);
/* train_cluster.c: the first epoch with shared values; before a step, between its gradients and the
 * optimiser, and after it. */
int32_t mg_train_cluster_epoch(const midge_fit_options *options);
midge_status mg_train_cluster_step(mg_fitting *fitting, midge_error *error);
void mg_train_share_gradients(midge_trainer *trainer);
void mg_train_merge_clusters(midge_trainer *trainer);

midge_status mg_train_run_epochs(mg_fitting *fitting, midge_error *error);

#endif
