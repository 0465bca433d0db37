/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of a run: the model, its labels, the history as JSON, the drawing, and the table
 * that is shown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "curve.h"
#include "files.h"
#include "gzip.h"
#include "table.h"
#include "train.h"

/* Beside the model as midge classify looks for it; classes without names have none. */
static midge_status write_labels(const cli_training *at, const char *path, midge_error *error)
{
    cli_writer writer;
    TRY(cli_writer_open(&writer, path, error));
    for (size_t i = 0; i < at->data.classes.count; ++i) {
        const char *name = cli_labels_name(&at->data.classes, i);
        (void)fprintf(writer.stream, "%s\n", name != NULL ? name : "");
    }
    return cli_writer_commit(&writer, error);
}

/* ---- The history ---- */

static void json_test(const cli_training *at, cli_json *json)
{
    cli_json_begin(json, "test", '{');
    cli_json_integer(json, "samples", (int64_t)at->testing.count);
    cli_json_number(json, "loss", at->test_loss);
    for (size_t i = 0; i < at->history.metric_count; ++i)
        cli_json_number(json, at->history.metric_names[i], at->test_metrics[i]);
    cli_json_end(json, '}');
}

static void write_json(const cli_training *at, FILE *stream)
{
    cli_json json = cli_json_make(stream);
    midge_trainer_info about = midge_trainer_describe(at->trainer);
    midge_compile_options compiled = midge_trainer_compiled(at->trainer);
    cli_json_begin(&json, NULL, '{');
    cli_json_text(&json, "model", at->choice->output);
    cli_json_text(&json, "network", at->network);
    cli_json_text(&json, "data", at->choice->data);
    cli_json_integer(&json, "samples", (int64_t)at->training.count);
    cli_json_integer(&json, "validation_samples", (int64_t)at->validation.count);
    cli_json_integer(&json, "batch", at->choice->batch);
    cli_json_integer(&json, "seed", at->choice->seed);
    cli_json_integer(&json, "threads", at->threads);
    cli_json_text(&json, "loss", compiled.loss);
    cli_json_text(&json, "optimizer", compiled.optimizer);
    cli_json_integer(&json, "parameters", (int64_t)about.parameters);
    cli_json_integer(&json, "trained_parameters", (int64_t)about.trained_parameters);
    cli_json_integer(&json, "steps", (int64_t)about.steps);
    cli_json_number(&json, "seconds", at->seconds);
    cli_json_integer(&json, "best_epoch", (int64_t)cli_history_best(&at->history) + 1);
    cli_json_begin(&json, "history", '{');
    cli_history_json(&at->history, &json);
    cli_json_end(&json, '}');
    if (at->has_tests) json_test(at, &json);
    cli_json_end(&json, '}');
}

typedef void (*content)(const cli_training *at, FILE *stream);

static void write_curve(const cli_training *at, FILE *stream)
{
    char title[300];
    (void)snprintf(title, sizeof title, "%.120s on %.120s", at->network, at->choice->data);
    cli_curve_svg(&at->history, title, stream);
}

/* Where the user says, nowhere, or beside the model. */
static midge_status write_beside(const cli_training *at, const char *asked, const char *ending,
                                 content write, midge_error *error)
{
    cli_writer writer;
    if (asked != NULL && strcmp(asked, "none") == 0) return MIDGE_OK;
    char *made = asked == NULL ? cli_train_path(at->choice->output, NULL, ending) : NULL;
    const char *path = asked != NULL ? asked : made;
    if (path == NULL) return cli_fail_memory(error, at->choice->output, strlen(ending));
    midge_status status = cli_writer_open(&writer, path, error);
    if (status == MIDGE_OK) {
        write(at, writer.stream);
        status = cli_writer_commit(&writer, error);
    }
    free(made);
    return status;
}

/* ---- What is shown ---- */

static midge_status print_curve(const cli_training *at, bool metric, midge_error *error)
{
    const cli_history *history = &at->history;
    char text[CLI_CURVE_TEXT];
    double *values = malloc((history->count + 1) * sizeof *values);
    if (values == NULL) return cli_fail_memory(error, "history", history->count * sizeof *values);
    for (size_t i = 0; i < history->count; ++i) {
        const cli_epoch *epoch = &history->epochs[i];
        values[i] = metric ? (history->validated ? epoch->validation_metrics[0] : epoch->metrics[0])
                    : history->validated ? epoch->validation_loss
                                         : epoch->loss;
    }
    (void)printf("%s%-10s %s  %.4f → %.4f\n", history->validated ? "val_" : "",
                 metric ? history->metric_names[0] : "loss",
                 cli_curve_text(values, history->count, text), values[0],
                 values[history->count - 1]);
    free(values);
    return MIDGE_OK;
}

/* Of runs that make weights 0 or alike: what it was for. */
static midge_status print_compression(const cli_training *at, midge_error *error)
{
    const cli_train_choice *choice = at->choice;
    midge_trainer_weight weight;
    char size[CLI_BYTES_TEXT];
    size_t zeros = 0, all = 0;
    cli_bytes file;
    if (choice->sparsity == 0 && choice->clusters == 0) return MIDGE_OK;
    for (size_t i = 0; midge_trainer_weight_at(at->trainer, i, &weight); ++i) {
        for (size_t k = 0; weight.rank >= 2 && k < weight.elements; ++k)
            zeros += weight.values[k] == 0;
        all += weight.rank >= 2 ? weight.elements : 0;
    }
    TRY(cli_file_read(choice->output, SIZE_MAX / 2, &file, error));
    size_t deflated = cli_deflated_size(file.data, file.size);
    cli_bytes_free(&file);
    (void)printf("compressed: %s; %.1f %% of the kernels' weights are 0\n",
                 cli_bytes_text((double)deflated, size),
                 all > 0 ? 100.0 * (double)zeros / (double)all : 0.0);
    return MIDGE_OK;
}

static midge_status print_text(const cli_training *at, midge_error *error)
{
    struct stat about;
    char size[CLI_BYTES_TEXT];
    midge_trainer_info trainer = midge_trainer_describe(at->trainer);
    TRY(cli_history_table(&at->history, error));
    (void)printf("\n");
    if (at->history.count > 1) {
        TRY(print_curve(at, false, error));
        if (at->history.metric_count > 0) TRY(print_curve(at, true, error));
        (void)printf("\n");
    }
    if (at->has_tests) {
        (void)printf("test: loss %.4f", at->test_loss);
        for (size_t i = 0; i < at->history.metric_count; ++i)
            (void)printf(", %s %.4f", at->history.metric_names[i], at->test_metrics[i]);
        (void)printf(" (%zu samples)\n", at->testing.count);
    }
    if (stat(at->choice->output, &about) == 0)
        (void)printf("%s: %s, %llu weights\n", at->choice->output,
                     cli_bytes_text((double)about.st_size, size),
                     (unsigned long long)trainer.parameters);
    return print_compression(at, error);
}

midge_status cli_training_close(cli_training *at, midge_error *error)
{
    const cli_train_choice *choice = at->choice;
    TRY(cli_training_save(at, choice->output, error));
    if (at->data.classes.count > 0) {
        char *labels = cli_train_path(choice->output, NULL, "_labels.txt");
        midge_status status = labels != NULL ? write_labels(at, labels, error)
                                             : cli_fail_memory(error, choice->output, 1);
        free(labels);
        TRY(status);
    }
    if (at->has_tests) {
        midge_train_data tests = cli_samples_data(&at->testing);
        TRY(midge_trainer_evaluate(at->trainer, &tests, 256, &at->test_loss, at->test_metrics,
                                   error));
    }
    TRY(write_beside(at, choice->history, ".history.json", write_json, error));
    TRY(write_beside(at, choice->curve, ".curve.svg", write_curve, error));
    if (!choice->json) return print_text(at, error);
    write_json(at, stdout);
    return MIDGE_OK;
}
