/* SPDX-License-Identifier: Apache-2.0 */
/* The options of midge train, and what they ask the library for. */
#ifndef CLI_TRAIN_OPTIONS_H
#define CLI_TRAIN_OPTIONS_H

#include "arguments.h"
#include "dataset.h"
#include "midge_tools.h"

/* What a number holds that was not given. */
#define CLI_TRAIN_UNSET (-1.0)

typedef struct cli_train_choice {
    /* samples */
    const char *data;
    const char *validation; /* a share or other samples */
    const char *test;
    const char *label_column;
    const char *pixels; /* "LOW:HIGH" */
    const char *input_size;
    /* the network */
    bool new_head;
    cli_texts freeze;
    bool freeze_all_but_last;
    /* how it learns */
    const char *loss;
    bool from_logits;
    double label_smoothing;
    const char *optimizer;
    double learning_rate;
    double momentum;
    bool nesterov;
    double weight_decay;
    double clip_norm;
    double clip_value;
    cli_texts metrics;
    /* the run */
    int64_t epochs;
    int64_t batch;
    int64_t seed;
    int64_t threads;
    bool in_order;
    const char *class_weights;
    const char *augment;
    int schedule; /* midge_schedule */
    double schedule_factor;
    int64_t schedule_epochs;
    double least_rate;
    int64_t patience;
    bool restore_best;
    int monitor; /* 0: the loss, 1: the first metric */
    double least_improvement;
    bool quantize_aware;
    double sparsity; /* percent */
    int64_t sparsity_epochs;
    int64_t clusters;
    int64_t cluster_epochs;
    /* files */
    const char *output;
    int optimize; /* midge_optimize_mode */
    const char *best;
    const char *history;
    const char *curve;
    bool resume;
    int64_t checkpoint_seconds;
    bool quiet;
    bool json;
} cli_train_choice;

/* "28x28" or "96x96x3". */
midge_status cli_train_input_size(const char *text, int32_t *rank, int32_t shape[MIDGE_MAX_RANK],
                                  midge_error *error);

/* What the trainer has, changed as the options say. Its strings live as long as those of the
 * trainer and of the options. */
midge_status cli_train_compile(const cli_train_choice *choice, midge_trainer *trainer,
                               midge_error *error);

/* The options of the run but for the weights of classes. */
midge_status cli_train_fit_options(const cli_train_choice *choice, midge_fit_options *fit,
                                   midge_error *error);

/* Weights of `count` classes, of which there are `samples[i]` each, to be freed. */
midge_status cli_train_class_weights(const char *text, size_t count, const size_t *samples,
                                     double **weights, midge_error *error);

/* One line of all that decides about the weights; returns `buffer`. */
enum { CLI_TRAIN_SETTINGS_TEXT = 2000 };
const char *cli_train_settings(const cli_train_choice *choice, const char *network, char *buffer);

#endif
