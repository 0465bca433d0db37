/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The run. Beside the model to be made lie MODEL.checkpoint, the library's own, and
 * MODEL.checkpoint.history, the epochs so far; both are written anew from time to time, by way of
 * files with .new behind their names, and when a signal asks to stop. The history goes first, so
 * that it never lacks an epoch that the checkpoint has; epochs that it has too many come again.
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "train.h"

/* The signal that asked to stop. */
static volatile sig_atomic_t stopping;

/* A fit under way. */
typedef struct fit_run {
    cli_training *at;
    cli_train_bar bar;
    char settings[CLI_TRAIN_SETTINGS_TEXT];
    double written; /* when the checkpoint was, in milliseconds */
    int32_t epoch;  /* of the last progress */
    size_t step, steps;
    midge_status status; /* of what went wrong between steps */
    midge_error error;
} fit_run;

static void on_signal(int number)
{
    stopping = number;
}

/* A second signal ends the program at once. What the caller wants ignored stays ignored. */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, before;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < 2; ++i)
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            (void)sigaction(numbers[i], &action, NULL);
}

static void release_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    struct sigaction before;
    for (size_t i = 0; i < 2; ++i)
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == on_signal)
            (void)signal(numbers[i], SIG_DFL);
}

static midge_status write_checkpoint(fit_run *run, midge_error *error)
{
    TRY(cli_history_write(&run->at->history, run->at->checkpoint_history, run->settings, error));
    TRY(midge_trainer_save_state(run->at->trainer, run->at->checkpoint, error));
    run->written = cli_milliseconds();
    return MIDGE_OK;
}

static midge_status after_step(fit_run *run, const midge_fit_progress *progress)
{
    cli_training *at = run->at;
    double pause = 1e3 * (double)at->choice->checkpoint_seconds;
    if (progress->epoch_end) {
        TRY(cli_history_set(&at->history, progress, &run->error));
        if (progress->best && at->choice->best != NULL)
            TRY(cli_training_save(at, at->choice->best, &run->error));
    }
    if (stopping == 0 && cli_milliseconds() - run->written >= pause)
        TRY(write_checkpoint(run, &run->error));
    return MIDGE_OK;
}

static bool on_progress(void *context, const midge_fit_progress *progress)
{
    fit_run *run = context;
    run->epoch = progress->epoch;
    run->step = progress->step;
    run->steps = progress->steps;
    cli_train_bar_show(&run->bar, progress);
    run->status = after_step(run, progress);
    return run->status == MIDGE_OK && stopping == 0;
}

/* ---- Before and after ---- */

static midge_status find_checkpoint(fit_run *run, bool *found, midge_error *error)
{
    const cli_train_choice *choice = run->at->choice;
    *found = access(run->at->checkpoint, F_OK) == 0;
    if (*found && !choice->resume)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: is the checkpoint of an interrupted run; go on with --resume, or "
                        "remove it",
                        run->at->checkpoint);
    if (!*found) {
        if (choice->resume && !choice->quiet)
            cli_note("%s is not there; beginning anew", run->at->checkpoint);
        return MIDGE_OK;
    }
    TRY(cli_history_read(&run->at->history, run->at->checkpoint_history, run->settings, error));
    return midge_trainer_load_state(run->at->trainer, run->at->checkpoint, error);
}

static midge_status interrupted(fit_run *run, midge_error *error)
{
    TRY(write_checkpoint(run, error));
    return cli_fail(error, MIDGE_CANCELLED,
                    "interrupted in epoch %ld, step %zu of %zu; the same command with --resume "
                    "goes on from %s",
                    (long)run->epoch + 1, run->step, run->steps, run->at->checkpoint);
}

static midge_status fit(fit_run *run, midge_error *error)
{
    cli_training *at = run->at;
    midge_fit_options options = at->fit;
    midge_train_data data = cli_samples_data(&at->training);
    midge_train_data validation = cli_samples_data(&at->validation);
    TRY(find_checkpoint(run, &options.resume, error));
    options.class_weights = at->class_weights;
    options.class_weight_count = at->class_weights != NULL ? at->data.class_count : 0;
    options.progress = on_progress;
    options.context = run;
    double start = cli_milliseconds();
    run->written = start;
    stopping = 0;
    catch_signals();
    midge_status status = midge_trainer_fit(
        at->trainer, &data, at->validation.count > 0 ? &validation : NULL, &options, error);
    release_signals();
    at->seconds = (cli_milliseconds() - start) / 1e3;
    if (status != MIDGE_OK) cli_train_bar_end(&run->bar);
    if (run->status != MIDGE_OK) {
        *error = run->error;
        return run->status;
    }
    return status == MIDGE_CANCELLED && stopping != 0 ? interrupted(run, error) : status;
}

static void name_metrics(cli_training *at)
{
    cli_history *history = &at->history;
    const char *name;
    history->metric_count = 0;
    while (history->metric_count < MIDGE_MOST_METRICS &&
           (name = midge_trainer_metric_name(at->trainer, history->metric_count)) != NULL)
        history->metric_names[history->metric_count++] = name;
}

midge_status cli_training_fit(cli_training *at, midge_error *error)
{
    at->checkpoint = cli_train_path(at->choice->output, "", ".checkpoint");
    at->checkpoint_history = cli_train_path(at->choice->output, "", ".checkpoint.history");
    fit_run *run = calloc(1, sizeof *run);
    if (run == NULL || at->checkpoint == NULL || at->checkpoint_history == NULL) {
        free(run);
        return cli_fail_memory(error, "train", sizeof *run);
    }
    run->at = at;
    run->bar = (cli_train_bar){
        .quiet = at->choice->quiet, .terminal = cli_is_terminal(2), .trainer = at->trainer};
    (void)cli_train_settings(at->choice, at->network, run->settings);
    name_metrics(at);
    midge_status status = fit(run, error);
    free(run);
    return status;
}

/* A kill may have left what was being written. */
static void forget_file(const char *path)
{
    char *unfinished = cli_train_path(path, "", ".new");
    (void)unlink(path);
    if (unfinished != NULL) (void)unlink(unfinished);
    free(unfinished);
}

void cli_training_forget(const cli_training *at)
{
    forget_file(at->checkpoint);
    forget_file(at->checkpoint_history);
}
