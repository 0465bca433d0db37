/* SPDX-License-Identifier: Apache-2.0 */
/* A trainer and its samples. A built-in network and a new head are made for the samples; pictures
 * and CSV files are read for the network. So the network is made once to be asked, and once more
 * when the samples are known. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "picture_input.h"
#include "train.h"

/* ---- The trainer ---- */

static bool is_built_in(const char *network)
{
    static const char *const names[] = {"dense", "conv", "mobile", "sound"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
        if (strcmp(network, names[i]) == 0) return true;
    return false;
}

static midge_status create(cli_training *at, int32_t rank, const int32_t *shape, size_t classes,
                           midge_error *error)
{
    midge_trainer_options options = midge_trainer_options_default();
    options.threads = at->threads;
    options.seed = (uint64_t)at->choice->seed;
    options.input_rank = rank;
    options.input_shape = shape;
    options.classes = (int32_t)classes;
    options.freeze_count = at->choice->freeze.count;
    options.freeze = at->choice->freeze.items;
    options.freeze_all_but_last = at->choice->freeze_all_but_last;
    midge_trainer_free(at->trainer);
    at->trainer = NULL;
    if (midge_trainer_create(at->network, &options, &at->trainer, error) != MIDGE_OK)
        return cli_fail_in(error, at->network);
    return cli_train_compile(at->choice, at->trainer, error);
}

static bool has_layer(const midge_trainer *trainer, const char *class_name)
{
    midge_trainer_layer layer;
    for (size_t i = 0; i < 4 && midge_trainer_layer_at(trainer, i, &layer); ++i)
        if (strcmp(layer.class_name, class_name) == 0) return true;
    return false;
}

/* ---- The samples ---- */

static bool takes_classes(const midge_compile_options *compiled)
{
    return compiled->loss == NULL || strstr(compiled->loss, "crossentropy") != NULL;
}

static size_t count_outputs(const midge_trainer *trainer)
{
    midge_trainer_info about = midge_trainer_describe(trainer);
    if (about.output_rank < 1) return about.output_elements;
    size_t last = (size_t)about.output_shape[about.output_rank - 1];
    return last == 1 ? 2 : last; /* one number tells two classes apart */
}

static midge_status make_wish(const cli_training *at, cli_dataset_wish *wish, midge_error *error)
{
    const cli_train_choice *choice = at->choice;
    midge_trainer_info about = midge_trainer_describe(at->trainer);
    midge_compile_options compiled = midge_trainer_compiled(at->trainer);
    bool open_classes = at->built_in || choice->new_head;
    *wish = (cli_dataset_wish){.rank = about.input_rank,
                               .any_shape = at->built_in && choice->input_size == NULL,
                               .outputs = open_classes ? 0 : count_outputs(at->trainer),
                               .classes = takes_classes(&compiled),
                               .label_column = choice->label_column};
    memcpy(wish->shape, about.input_shape, sizeof wish->shape);
    if (choice->pixels == NULL && has_layer(at->trainer, "Rescaling")) {
        wish->has_range = true;
        wish->range[1] = 255;
    }
    if (choice->pixels == NULL) return MIDGE_OK;
    wish->has_range = true;
    return cli_range_read("train: --pixels", choice->pixels, wish->range, error);
}

/* Fewer named classes than outputs are a mistake; numbers may leave some out. */
static midge_status check_classes(const cli_training *at, const cli_dataset_wish *wish,
                                  midge_error *error)
{
    size_t count = at->data.classes.count;
    if (!wish->classes || wish->outputs == 0 || count == 0 || count == wish->outputs)
        return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: has %zu classes, but %s tells %zu apart; --new-head gives it a new last "
                    "layer for them",
                    at->choice->data, count, at->network, wish->outputs);
}

static midge_status open_samples(cli_training *at, cli_dataset_wish *wish, midge_error *error)
{
    const cli_train_choice *choice = at->choice;
    char *end = NULL;
    TRY(cli_dataset_open(choice->data, wish, &at->data, error));
    TRY(check_classes(at, wish, error));
    /* Other samples must be like these. */
    if (at->data.classes.count > 0) wish->known = &at->data.classes;
    if (wish->outputs == 0) wish->outputs = at->data.class_count;
    wish->any_shape = false;
    wish->rank = at->data.rank;
    memcpy(wish->shape, at->data.shape, sizeof wish->shape);
    at->training = cli_samples_all(&at->data);
    if (choice->validation == NULL) return MIDGE_OK;
    double share = strtod(choice->validation, &end);
    if (end == choice->validation || *end != '\0') {
        TRY(cli_dataset_open(choice->validation, wish, &at->other, error));
        at->validation = cli_samples_all(&at->other);
        return MIDGE_OK;
    }
    if (!(share > 0 && share < 1))
        return cli_usage(error,
                         "train: --validation takes a share between 0 and 1, or samples, not '%s'",
                         choice->validation);
    return cli_samples_split(&at->data, share, (uint64_t)choice->seed, &at->training,
                             &at->validation, error);
}

/* Those asked for, or else the part for tests of the samples. */
static midge_status open_tests(cli_training *at, const cli_dataset_wish *wish, midge_error *error)
{
    const cli_train_choice *choice = at->choice;
    const char *name = choice->test;
    if (name == NULL && !cli_dataset_has_parts(choice->data)) return MIDGE_OK;
    if (name == NULL) {
        size_t bytes = strlen(choice->data) + sizeof ":test";
        at->test_name = malloc(bytes);
        if (at->test_name == NULL) return cli_fail_memory(error, choice->data, bytes);
        (void)snprintf(at->test_name, bytes, "%s:test", choice->data);
        name = at->test_name;
    }
    TRY(cli_dataset_open(name, wish, &at->tests, error));
    at->testing = cli_samples_all(&at->tests);
    at->has_tests = true;
    return MIDGE_OK;
}

/* ---- Both ---- */

static midge_status weigh_classes(cli_training *at, midge_error *error)
{
    size_t *counts = NULL;
    if (at->choice->class_weights == NULL) return MIDGE_OK;
    if (at->data.class_count == 0)
        return cli_usage(error, "train: --class-weights is for samples with classes");
    midge_status status = cli_samples_count(&at->training, &counts, error);
    if (status == MIDGE_OK)
        status = cli_train_class_weights(at->choice->class_weights, at->data.class_count, counts,
                                         &at->class_weights, error);
    free(counts);
    return status;
}

midge_status cli_training_open(cli_training *at, midge_error *error)
{
    const cli_train_choice *choice = at->choice;
    cli_dataset_wish wish;
    int32_t rank = 0, shape[MIDGE_MAX_RANK];
    at->built_in = is_built_in(at->network);
    at->threads = choice->threads > 0 ? (int)choice->threads : cli_processor_count();
    TRY(cli_train_fit_options(choice, &at->fit, error));
    if (choice->input_size != NULL)
        TRY(cli_train_input_size(choice->input_size, &rank, shape, error));
    TRY(create(at, rank, rank > 0 ? shape : NULL, 0, error));
    TRY(make_wish(at, &wish, error));
    TRY(open_samples(at, &wish, error));
    TRY(open_tests(at, &wish, error));
    size_t classes = at->data.class_count > 0 ? at->data.class_count : at->data.target_values;
    if (at->built_in)
        TRY(create(at, at->data.rank, at->data.shape, classes, error));
    else if (choice->new_head)
        TRY(create(at, 0, NULL, classes, error));
    TRY(cli_samples_fit(&at->training, at->trainer, error));
    if (at->validation.count > 0) TRY(cli_samples_fit(&at->validation, at->trainer, error));
    if (at->has_tests) TRY(cli_samples_fit(&at->testing, at->trainer, error));
    return weigh_classes(at, error);
}

void cli_training_free(cli_training *at)
{
    midge_trainer_free(at->trainer);
    cli_samples_free(&at->training);
    cli_samples_free(&at->validation);
    cli_samples_free(&at->testing);
    cli_dataset_free(&at->data);
    cli_dataset_free(&at->other);
    cli_dataset_free(&at->tests);
    cli_history_free(&at->history);
    free(at->test_name);
    free(at->class_weights);
    free(at->checkpoint);
    free(at->checkpoint_history);
}
