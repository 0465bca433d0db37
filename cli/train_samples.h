/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a dataset in the form in which the library takes samples. */
#ifndef CLI_TRAIN_SAMPLES_H
#define CLI_TRAIN_SAMPLES_H

#include "dataset.h"
#include "midge_tools.h"

typedef enum cli_target_form {
    CLI_TARGET_AS_IS,
    CLI_TARGET_ONE_HOT, /* a class becomes a vector with a 1 in its place */
    CLI_TARGET_CLASS    /* the place of the largest number of a vector */
} cli_target_form;

typedef struct cli_samples {
    const cli_dataset *dataset;
    size_t *order; /* numbers in the dataset; NULL: all of it as it is */
    size_t count;
    cli_target_form form;
    size_t target_values; /* of what the library takes */
} cli_samples;

void cli_samples_free(cli_samples *samples);

/* All samples of a dataset. */
cli_samples cli_samples_all(const cli_dataset *dataset);

/* Divides a dataset at random, of each class the same share. */
midge_status cli_samples_split(const cli_dataset *dataset, double share, uint64_t seed,
                               cli_samples *training, cli_samples *validation, midge_error *error);

/* Finds the form in which the trainer wants its targets. */
midge_status cli_samples_fit(cli_samples *samples, const midge_trainer *trainer,
                             midge_error *error);

/* For the library; holds on to `samples`. */
midge_train_data cli_samples_data(const cli_samples *samples);

/* Number of samples of each class, to be freed. */
midge_status cli_samples_count(const cli_samples *samples, size_t **counts, midge_error *error);

#endif
