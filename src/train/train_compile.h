/* SPDX-License-Identifier: Apache-2.0 */
/* How a trainer learns, checked: loss, optimiser, metrics. The names are Keras'. */
#ifndef MG_TRAIN_COMPILE_H
#define MG_TRAIN_COMPILE_H

#include <jansson.h>

#include "midge_tools.h"

typedef enum mg_train_loss_kind {
    MG_LOSS_SPARSE,      /* cross-entropy, the target is a class */
    MG_LOSS_CATEGORICAL, /* cross-entropy, the target is a distribution */
    MG_LOSS_BINARY,
    MG_LOSS_SQUARED,
    MG_LOSS_ABSOLUTE,
    MG_LOSS_HUBER
} mg_train_loss_kind;

typedef enum mg_train_optimizer_kind {
    MG_OPTIMIZER_SGD,
    MG_OPTIMIZER_ADAM,
    MG_OPTIMIZER_ADAMW,
    MG_OPTIMIZER_RMSPROP
} mg_train_optimizer_kind;

typedef enum mg_train_metric_kind {
    MG_METRIC_SPARSE_ACCURACY,
    MG_METRIC_CATEGORICAL_ACCURACY,
    MG_METRIC_BINARY_ACCURACY,
    MG_METRIC_SPARSE_TOP_5,
    MG_METRIC_TOP_5,
    MG_METRIC_SQUARED_ERROR,
    MG_METRIC_ABSOLUTE_ERROR,
    MG_METRIC_ROOT_SQUARED_ERROR
} mg_train_metric_kind;

typedef struct mg_metric_sum {
    double sum;
    double weight;
} mg_metric_sum;

typedef struct mg_train_compiled {
    /* Its strings are those of the tables; that of the schedule is the heap's. */
    midge_compile_options options;
    json_t *schedule; /* of the learning rate; NULL: it stays */
    mg_train_loss_kind loss;
    mg_train_optimizer_kind optimizer;
    const char *metric_names[MIDGE_MOST_METRICS];
    mg_train_metric_kind metrics[MIDGE_MOST_METRICS];
} mg_train_compiled;

/* `sparse_suits`: the output ends in several values of which one is to be large. */
midge_status mg_train_check_compile(const midge_compile_options *options, int32_t classes,
                                    mg_train_compiled *compiled, midge_error *error);
/* The compile_config of a .keras file, or the training_config of a .h5 file, over `options`.
 * `metrics` has room for MIDGE_MOST_METRICS. *schedule is a part of `config`, or NULL; it is not
 * checked. */
midge_status mg_train_read_compile(const json_t *config, midge_compile_options *options,
                                   const char **metrics, const json_t **schedule,
                                   midge_error *error);
/* NULL without memory. */
json_t *mg_train_compile_json(const mg_train_compiled *compiled);

/* ---- train_schedule.c: Keras' learning-rate schedules, {"class_name": …, "config": {…}} */

midge_status mg_train_check_schedule(const json_t *schedule, midge_error *error);
/* The rate of the step after `step` others. The schedule was checked. */
double mg_train_scheduled_rate(const json_t *schedule, uint64_t step);

#endif
