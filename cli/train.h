/* SPDX-License-Identifier: Apache-2.0 */
/*
 * midge train, step by step.
 *
 *   cli_training_open    a network, the samples, and a trainer that fits both
 *   cli_training_fit     the run, with a bar and a checkpoint
 *   cli_training_close   model, labels, history, drawing, table
 *   cli_training_forget  the checkpoint is gone
 */
#ifndef CLI_TRAIN_H
#define CLI_TRAIN_H

#include "train_history.h"
#include "train_options.h"
#include "train_progress.h"
#include "train_samples.h"

typedef struct cli_training {
    const cli_train_choice *choice;
    const char *network; /* a file or the name of a built-in one */
    bool built_in;
    midge_trainer *trainer;
    cli_dataset data, other, tests; /* other: of the validation */
    cli_samples training, validation, testing;
    bool has_tests;
    char *test_name;
    midge_fit_options fit;
    double *class_weights;
    cli_history history;
    char *checkpoint; /* files that are there while it runs */
    char *checkpoint_history;
    int threads;
    double test_loss;
    double test_metrics[MIDGE_MOST_METRICS];
    double seconds; /* of the run in this process */
} cli_training;

/* All leave what must be freed to cli_training_free. */
midge_status cli_training_open(cli_training *at, midge_error *error);
midge_status cli_training_fit(cli_training *at, midge_error *error);
midge_status cli_training_close(cli_training *at, midge_error *error);
void cli_training_forget(const cli_training *at);
void cli_training_free(cli_training *at);

/* `path` without the ending that is given (its own where NULL), and another one behind it; in new
 * memory, NULL when there is none. */
char *cli_train_path(const char *path, const char *without, const char *ending);

/* Whether a model can be written under this name. */
bool cli_training_can_save(const char *path);

/* Writes the model as the ending of the path says. */
midge_status cli_training_save(cli_training *at, const char *path, midge_error *error);

#endif
