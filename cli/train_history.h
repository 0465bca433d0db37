/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each epoch of a training brought. While it runs, the history lies beside the checkpoint as a
 * text: a line with the settings, a line of names, a line for each epoch. A run that goes on from
 * the checkpoint reads it back and refuses other settings.
 */
#ifndef CLI_TRAIN_HISTORY_H
#define CLI_TRAIN_HISTORY_H

#include "json_print.h"
#include "midge_tools.h"

typedef struct cli_epoch {
    double seconds;
    double learning_rate;
    double loss;
    double metrics[MIDGE_MOST_METRICS];
    double validation_loss;
    double validation_metrics[MIDGE_MOST_METRICS];
    bool best;
} cli_epoch;

typedef struct cli_history {
    size_t metric_count;
    const char *metric_names[MIDGE_MOST_METRICS];
    bool validated;
    size_t count;
    cli_epoch *epochs;
} cli_history;

void cli_history_free(cli_history *history);

/* Sets epoch number progress->epoch; those behind it are forgotten. */
midge_status cli_history_set(cli_history *history, const midge_fit_progress *progress,
                             midge_error *error);

/* The epoch with the best that was seen, from 0. */
size_t cli_history_best(const cli_history *history);

/* Members "loss", "accuracy", "val_loss", …, each a list over the epochs, as Keras' History. */
void cli_history_json(const cli_history *history, cli_json *json);

/* A row an epoch, at most 20, on standard output. */
midge_status cli_history_table(const cli_history *history, midge_error *error);

midge_status cli_history_write(const cli_history *history, const char *path, const char *settings,
                               midge_error *error);
/* The metrics must be known. */
midge_status cli_history_read(cli_history *history, const char *path, const char *settings,
                              midge_error *error);

#endif
