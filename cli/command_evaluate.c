/* SPDX-License-Identifier: Apache-2.0 */
/* midge evaluate: how often a classifier is right, and what it takes for what. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calibration.h"
#include "commands.h"
#include "element.h"
#include "idx.h"
#include "json_print.h"
#include "machine.h"
#include "model_file.h"
#include "model_labels.h"
#include "table.h"

typedef struct settings {
    cli_texts data;
    const char *labels;
    const char *pixels;
    int64_t samples;
    bool json;
    cli_session_choice choice;
} settings;

static const settings defaults = {.choice = {.threads = 1}};

static const cli_option options[] = {
    {"data", 'd', CLI_LIST, offsetof(settings, data), "[NAME=]FILE|FOLDER",
     "samples: .npy files, IDX files, a folder of pictures, or one with a folder for each class", 0,
     0},
    {"labels", 'l', CLI_TEXT, offsetof(settings, labels), "FILE",
     "the right class of each sample: an IDX file or an .npy file of integers", 0, 0},
    {"samples", '\0', CLI_COUNT, offsetof(settings, samples), "N",
     "look at the first N samples (default all)", 1, 100000000},
    {"pixels", '\0', CLI_TEXT, offsetof(settings, pixels), "LOW:HIGH",
     "what black and white become in pictures (default: what the metadata says, or -1:1)", 0, 0},
    CLI_OPTION_THREADS(settings),
    CLI_OPTION_KERNELS(settings),
    CLI_OPTION_LIMIT_MEMORY(settings),
    CLI_OPTION_JSON(settings),
};

typedef struct evaluation {
    const char *path;
    midge_model *model;
    midge_session *session;
    cli_calibration data;
    cli_texts entries; /* what --data names, class folders one by one */
    char **made;       /* those of the entries that are ours */
    size_t made_count;
    cli_labels names;   /* of the classes */
    int64_t *classes;   /* the right one of each sample */
    size_t class_count; /* scores the model gives */
    size_t samples;
    uint64_t *matrix; /* [right][given] */
    uint64_t right, right_in_5;
    double milliseconds;
} evaluation;

/* ---- The right classes ---- */

static midge_status read_classes(evaluation *at, const char *path, midge_error *error)
{
    cli_array array = {0};
    bool is_idx = false;
    TRY(cli_idx_or_npy_read(path, &array, &is_idx, error));
    midge_status status = MIDGE_OK;
    at->classes = calloc(at->data.count + 1, sizeof *at->classes);
    if (at->classes == NULL) {
        status = cli_fail_memory(error, path, at->data.count * sizeof *at->classes);
    } else if (array.elements != at->data.count || !cli_is_number(array.type)) {
        status = cli_fail(error, MIDGE_INVALID_ARGUMENT,
                          "%s: holds %zu classes of %s, but there are %zu samples", path,
                          array.elements, midge_type_name(array.type), at->data.count);
    }
    for (size_t i = 0; status == MIDGE_OK && i < at->data.count; ++i)
        at->classes[i] = (int64_t)cli_element(array.type, array.data, i);
    cli_array_free(&array);
    return status;
}

/* The class that a folder is named after: by its number, or by its label. */
static midge_status class_of_folder(const evaluation *at, const char *folder, int64_t *number,
                                    midge_error *error)
{
    const char *slash = strrchr(folder, '/');
    const char *name = slash != NULL ? slash + 1 : folder;
    char *end = NULL;
    for (size_t i = 0; i < at->names.count; ++i) {
        const char *label = cli_labels_name(&at->names, i);
        if (label == NULL || strcmp(label, name) != 0) continue;
        *number = (int64_t)i;
        return MIDGE_OK;
    }
    *number = strtoll(name, &end, 10);
    if (end != name && *end == '\0') return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: '%s' is neither a class number nor a label of the model; name the classes "
                    "with --labels",
                    folder, name);
}

static midge_status classes_of_folders(evaluation *at, midge_error *error)
{
    at->classes = calloc(at->data.count + 1, sizeof *at->classes);
    if (at->classes == NULL) return cli_fail_memory(error, at->path, at->data.count);
    for (size_t i = 0; i < at->data.source_count; ++i) {
        const cli_sample_source *source = &at->data.sources[i];
        int64_t number = 0;
        if (source->input != 0) continue;
        TRY(class_of_folder(at, source->file, &number, error));
        for (size_t k = 0; k < source->count; ++k) at->classes[source->first + k] = number;
    }
    return MIDGE_OK;
}

/* ---- Folders of folders ---- */

static midge_status add_entry(evaluation *at, char *made, const char *entry, midge_error *error)
{
    size_t bytes = (at->entries.count + 1) * sizeof(char *);
    const char **items = realloc(at->entries.items, bytes);
    if (items == NULL) {
        free(made);
        return cli_fail_memory(error, at->path, bytes);
    }
    at->entries.items = items;
    items[at->entries.count++] = made != NULL ? made : entry;
    if (made == NULL) return MIDGE_OK;
    char **kept = realloc(at->made, (at->made_count + 1) * sizeof *kept);
    if (kept == NULL) {
        free(made);
        return cli_fail_memory(error, at->path, bytes);
    }
    at->made = kept;
    kept[at->made_count++] = made;
    return MIDGE_OK;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The folders in a folder become entries of their own. */
static midge_status expand_entry(evaluation *at, const char *entry, midge_error *error)
{
    struct stat about;
    DIR *folder = stat(entry, &about) == 0 && S_ISDIR(about.st_mode) ? opendir(entry) : NULL;
    size_t before = at->entries.count;
    midge_status status = MIDGE_OK;
    for (struct dirent *inner; folder != NULL && status == MIDGE_OK;) {
        inner = readdir(folder);
        if (inner == NULL) break;
        if (inner->d_name[0] == '.') continue;
        char *path = cli_path_join(entry, inner->d_name);
        if (path == NULL)
            status = cli_fail_memory(error, entry, strlen(inner->d_name));
        else if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
            status = add_entry(at, path, NULL, error);
        else
            free(path);
    }
    if (folder != NULL) (void)closedir(folder);
    TRY(status);
    if (at->entries.count == before) return add_entry(at, NULL, entry, error);
    qsort(at->entries.items + before, at->entries.count - before, sizeof(char *), compare_entries);
    return MIDGE_OK;
}

/* ---- Running ---- */

static double score_at(const midge_tensor *tensor, size_t index)
{
    midge_quantization quantization = midge_tensor_quantization(tensor);
    return cli_dequantize(&quantization, 0,
                          cli_element(midge_tensor_type(tensor), midge_tensor_data(tensor), index));
}

static midge_status look(evaluation *at, size_t sample, midge_error *error)
{
    TRY(cli_calibration_write(&at->data, sample, at->session, error));
    double start = cli_milliseconds();
    midge_status status = midge_session_invoke(at->session);
    at->milliseconds += cli_milliseconds() - start;
    if (status != MIDGE_OK) return cli_session_failed(at->path, at->session, status, error);
    const midge_tensor *output = midge_session_output(at->session, 0);
    int64_t right = at->classes[sample];
    if (right < 0 || (uint64_t)right >= at->class_count)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: sample %zu is of class %lld, but the model tells %zu classes apart",
                        at->path, sample, (long long)right, at->class_count);
    size_t best = 0, better = 0;
    for (size_t i = 0; i < at->class_count; ++i) {
        if (score_at(output, i) > score_at(output, best)) best = i;
        better += score_at(output, i) > score_at(output, (size_t)right);
    }
    ++at->matrix[(size_t)right * at->class_count + best];
    at->right += best == (size_t)right;
    at->right_in_5 += better < 5;
    return MIDGE_OK;
}

static midge_status prepare(evaluation *at, const settings *chosen, midge_error *error)
{
    char source[1100];
    midge_metadata *metadata = NULL;
    midge_error ignored;
    TRY(cli_model_load(at->path, &at->model, error));
    TRY(cli_session_create(at->path, at->model, &chosen->choice, &at->session, error));
    if (midge_session_output_count(at->session) == 0)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: has no output", at->path);
    at->class_count = midge_tensor_elements(midge_session_output(at->session, 0));
    (void)midge_metadata_create(at->model, &metadata, &ignored);
    if (cli_model_labels(at->path, at->model, metadata, 0, NULL, &at->names, source, sizeof source,
                         &ignored) != MIDGE_OK)
        cli_detail("no names of classes");
    midge_metadata_free(metadata);
    for (size_t i = 0; i < chosen->data.count; ++i)
        TRY(expand_entry(at, chosen->data.items[i], error));
    TRY(cli_calibration_open(&at->data, at->path, at->model, &at->entries, chosen->pixels, error));
    TRY(chosen->labels != NULL ? read_classes(at, chosen->labels, error)
                               : classes_of_folders(at, error));
    at->samples = at->data.count;
    if (chosen->samples > 0 && (uint64_t)chosen->samples < at->samples)
        at->samples = (size_t)chosen->samples;
    if (at->class_count > 10000 || at->samples == 0)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: %zu scores and %zu samples; nothing "
                        "to evaluate",
                        at->path, at->class_count, at->samples);
    at->matrix = calloc(at->class_count * at->class_count, sizeof *at->matrix);
    return at->matrix != NULL ? MIDGE_OK : cli_fail_memory(error, at->path, at->class_count);
}

static void close_evaluation(evaluation *at)
{
    free(at->matrix);
    free(at->classes);
    cli_calibration_free(&at->data);
    cli_labels_free(&at->names);
    for (size_t i = 0; i < at->made_count; ++i) free(at->made[i]);
    free(at->made);
    free(at->entries.items);
    midge_session_free(at->session);
    midge_model_free(at->model);
}

/* ---- Printing ---- */

static void print_json(const evaluation *at)
{
    cli_json json = cli_json_make(stdout);
    cli_json_begin(&json, NULL, '{');
    cli_json_text(&json, "model", at->path);
    cli_json_integer(&json, "samples", (int64_t)at->samples);
    cli_json_integer(&json, "right", (int64_t)at->right);
    cli_json_number(&json, "accuracy", (double)at->right / (double)at->samples);
    cli_json_number(&json, "accuracy_in_5", (double)at->right_in_5 / (double)at->samples);
    cli_json_time(&json, "inference_ms", at->milliseconds / (double)at->samples);
    cli_json_begin(&json, "confusion", '[');
    for (size_t i = 0; i < at->class_count; ++i) {
        cli_json_begin(&json, NULL, '[');
        for (size_t k = 0; k < at->class_count; ++k)
            cli_json_integer(&json, NULL, (int64_t)at->matrix[i * at->class_count + k]);
        cli_json_end(&json, ']');
    }
    cli_json_end(&json, ']');
    cli_json_end(&json, '}');
}

/* One row a class: how many, how many right, and which class it was taken for most often. */
static midge_status print_text(const evaluation *at, midge_error *error)
{
    static const char *const headers[] = {"class", "samples", "right", "%", "mostly taken for",
                                          "times", "name"};
    cli_table table = cli_table_make(7, headers, 0x2F);
    for (size_t i = 0; i < at->class_count; ++i) {
        const uint64_t *row = at->matrix + i * at->class_count;
        uint64_t total = 0;
        size_t wrong = i == 0 ? 1 : 0;
        for (size_t k = 0; k < at->class_count; ++k) {
            total += row[k];
            if (k != i && wrong < at->class_count && row[k] > row[wrong]) wrong = k;
        }
        if (total == 0) continue;
        bool mistaken = wrong < at->class_count && row[wrong] > 0;
        const char *name = cli_labels_name(&at->names, i);
        const char *other = mistaken ? cli_labels_name(&at->names, wrong) : "";
        cli_table_add(&table, "%zu", i);
        cli_table_add(&table, "%llu", (unsigned long long)total);
        cli_table_add(&table, "%llu", (unsigned long long)row[i]);
        cli_table_add(&table, "%.1f", 100.0 * (double)row[i] / (double)total);
        if (mistaken && other == NULL)
            cli_table_add(&table, "%zu", wrong);
        else
            cli_table_add(&table, "%s", other);
        cli_table_add(&table, "%llu", mistaken ? (unsigned long long)row[wrong] : 0ull);
        cli_table_add(&table, "%s", name != NULL ? name : "");
    }
    TRY(cli_table_print(&table, 0, error));
    (void)printf("\n%llu of %zu right: %.2f %%", (unsigned long long)at->right, at->samples,
                 100.0 * (double)at->right / (double)at->samples);
    if (at->class_count > 10)
        (void)printf("; among the best 5: %.2f %%",
                     100.0 * (double)at->right_in_5 / (double)at->samples);
    (void)printf("\n");
    cli_detail("inference took %.3f ms on average", at->milliseconds / (double)at->samples);
    return MIDGE_OK;
}

/* As far as it fits a terminal; --json has all of it. */
static midge_status print_matrix(const evaluation *at, midge_error *error)
{
    enum { most = CLI_TABLE_COLUMNS - 1 };
    static const char *const headers[most + 1] = {
        "right \\ given", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
    if (at->class_count > most) return MIDGE_OK;
    cli_table table = cli_table_make(at->class_count + 1, headers, UINT32_MAX);
    for (size_t i = 0; i < at->class_count; ++i) {
        cli_table_add(&table, "%zu", i);
        for (size_t k = 0; k < at->class_count; ++k)
            cli_table_add(&table, "%llu", (unsigned long long)at->matrix[i * at->class_count + k]);
    }
    TRY(cli_table_print(&table, 0, error));
    (void)printf("\n");
    return MIDGE_OK;
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    const settings *chosen = values;
    evaluation at = {.path = operands->items[0]};
    if (chosen->data.count == 0) return cli_usage(error, "evaluate: name the samples with --data");
    midge_status status = prepare(&at, chosen, error);
    for (size_t i = 0; status == MIDGE_OK && i < at.samples; ++i) status = look(&at, i, error);
    if (status == MIDGE_OK && chosen->json) print_json(&at);
    if (status == MIDGE_OK && !chosen->json) status = print_matrix(&at, error);
    if (status == MIDGE_OK && !chosen->json) status = print_text(&at, error);
    close_evaluation(&at);
    return status;
}

const cli_command cli_evaluate = {
    .name = "evaluate",
    .operands = "MODEL",
    .summary = "how often a classifier is right on labelled samples",
    .about =
        "Runs a classifier on samples whose classes are known and counts how often the highest "
        "score of its first output is that of the right class: the confusion matrix (up to 11 "
        "classes), then a row for each class, then the accuracy. Without --labels each folder of "
        "pictures is named after its class.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 1,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
