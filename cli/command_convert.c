/* SPDX-License-Identifier: Apache-2.0 */
/* midge convert: makes a .tflite file of a Keras or TensorFlow model, or writes one anew; smaller
 * when asked. */
#include <stdio.h>
#include <string.h>

#include "archive_move.h"
#include "commands.h"
#include "describe_model.h"
#include "files.h"
#include "float_nodes.h"
#include "model_file.h"
#include "optimize_options.h"
#include "picture_input.h"

typedef struct settings {
    const char *output;
    const char *signature;
    const char *labels;
    int64_t batch;
    cli_optimize_choice optimize;
} settings;

static const settings defaults = {.optimize = {.threads = 1}};

static const cli_option options[] = {
    {"output", 'o', CLI_TEXT, offsetof(settings, output), "FILE", "the .tflite file to write", 0,
     0},
    {"batch", '\0', CLI_COUNT, offsetof(settings, batch), "N",
     "batch size of all inputs of a Keras or TensorFlow model (default: as the model says, 1 where "
     "it leaves that open)",
     1, 1000000},
    {"signature", '\0', CLI_TEXT, offsetof(settings, signature), "KEY",
     "which signature of a SavedModel (default: serving_default, or the only one)", 0, 0},
    {"labels", 'l', CLI_TEXT, offsetof(settings, labels), "FILE",
     "put these names of classes into the model, and with --pixels what pixels become: midge "
     "classify and other programs read them there",
     0, 0},
    CLI_OPTIMIZE_OPTIONS(settings),
};

/* The model, and behind it the archive of files that travels with it, if any. */
static midge_status write_file(const char *path, const void *bytes, size_t size,
                               const cli_bytes *archive, midge_error *error)
{
    cli_writer writer;
    TRY(cli_writer_open(&writer, path, error));
    /* What cannot be written is an error of the stream, which the commit finds and explains. */
    if (fwrite(bytes, 1, size, writer.stream) == size && archive->size > 0)
        (void)fwrite(archive->data, 1, archive->size, writer.stream);
    return cli_writer_commit(&writer, error);
}

static void tell_layer(void *context, const char *layer, const char *class_name,
                       const char *operators)
{
    (void)context;
    cli_detail("%s (%s): %s", layer, class_name, operators[0] != '\0' ? operators : "nothing");
}

/* Whether a model that has just been made of another format is to be written as it is. */
static bool is_finished(const cli_optimize_choice *choice)
{
    return choice->mode == MIDGE_OPTIMIZE_NONE && !choice->prune && choice->sparsity == 0 &&
           choice->clusters == 0 && choice->input_type == 0 && choice->output_type == 0;
}

/* A folder, or whatever does not say that it is a .tflite file. */
static bool is_foreign(const char *path)
{
    unsigned char head[8];
    size_t size = 0;
    midge_error ignored = {MIDGE_OK, ""};
    if (strcmp(path, "-") == 0) return false;
    if (cli_file_head(path, head, sizeof head, &size, &ignored) != MIDGE_OK) return true;
    return size < sizeof head || memcmp(head + 4, "TFL3", 4) != 0;
}

/* What is to be optimised: the bytes of a .tflite file, and how large the input was. */
typedef struct source {
    midge_model *model;
    void *converted; /* NULL: the input is a .tflite file */
    size_t converted_size;
} source;

static midge_status open_source(const char *path, const settings *chosen, source *at,
                                midge_error *error)
{
    if (!is_foreign(path)) return cli_model_load(path, &at->model, error);
    const midge_convert_options request = {.size = sizeof request,
                                           .batch = (int32_t)chosen->batch,
                                           .report = tell_layer,
                                           .signature = chosen->signature};
    TRY(midge_convert_file(path, &request, &at->converted, &at->converted_size, error));
    return midge_model_load_memory(at->converted, at->converted_size, NULL, &at->model, error);
}

/* Writes the model with the names of its classes. */
static midge_status describe(const settings *chosen, const void *bytes, size_t size,
                             size_t *written, midge_error *error)
{
    static const cli_bytes nothing = {NULL, 0};
    cli_labels labels;
    cli_description about = {.labels = &labels, .pictures = chosen->optimize.pixels != NULL};
    void *described = NULL;
    if (about.pictures)
        TRY(cli_range_read("convert: --pixels", chosen->optimize.pixels, about.range, error));
    TRY(cli_labels_read(chosen->labels, &labels, error));
    midge_status status =
        cli_describe_model(chosen->output, bytes, size, &about, &described, written, error);
    cli_labels_free(&labels);
    if (status == MIDGE_OK)
        status = write_file(chosen->output, described, *written, &nothing, error);
    midge_optimize_free(NULL, described);
    return status;
}

/* With the names of classes that are given, or what has travelled with the model until now. */
static midge_status write_model(const settings *chosen, const void *bytes, size_t size,
                                const void *before, size_t before_size, size_t *written,
                                midge_error *error)
{
    cli_bytes archive = {NULL, 0};
    if (chosen->labels != NULL) return describe(chosen, bytes, size, written, error);
    if (before != NULL) TRY(cli_archive_move(before, before_size, size, &archive, error));
    *written = size + archive.size;
    midge_status status = write_file(chosen->output, bytes, size, &archive, error);
    cli_bytes_free(&archive);
    return status;
}

static midge_status convert(const char *path, const settings *chosen, source *at,
                            midge_error *error)
{
    void *bytes = NULL;
    size_t size = 0, written = 0, before = at->converted_size;
    if (at->converted != NULL && is_finished(&chosen->optimize)) {
        TRY(write_model(chosen, at->converted, at->converted_size, NULL, 0, &written, error));
        cli_note("%s: %zu bytes", chosen->output, written);
        return MIDGE_OK;
    }
    const void *file = midge_model_file(at->model, &before);
    midge_status status = cli_optimize(path, at->model, &chosen->optimize, &bytes, &size, error);
    if (status == MIDGE_OK)
        status = write_model(chosen, bytes, size, file, before, &written, error);
    if (status == MIDGE_OK)
        cli_note("%s: %zu bytes, %.1f %% of %zu", chosen->output, written,
                 100.0 * (double)written / (double)before, before);
    midge_optimize_mode mode = (midge_optimize_mode)chosen->optimize.mode;
    if (status == MIDGE_OK && (mode == MIDGE_OPTIMIZE_INT8 || mode == MIDGE_OPTIMIZE_INT16X8))
        cli_note_float_nodes(chosen->output, bytes, size);
    midge_optimize_free(NULL, bytes);
    return status;
}

static midge_status run(const void *values, const cli_texts *operands, midge_error *error)
{
    const settings *chosen = values;
    const char *path = operands->items[0];
    source at = {NULL, NULL, 0};
    if (chosen->output == NULL) return cli_usage(error, "convert: name the result with --output");
    TRY(cli_optimize_check(&chosen->optimize, error));
    midge_status status = open_source(path, chosen, &at, error);
    if (status == MIDGE_OK) status = convert(path, chosen, &at, error);
    midge_model_free(at.model);
    midge_convert_free(NULL, at.converted);
    return status;
}

const cli_command cli_convert = {
    .name = "convert",
    .operands = "MODEL",
    .summary = "make a .tflite file of a Keras or TensorFlow model, quantised when asked",
    .about = "Reads a Keras model (.h5, .keras or its folder) or a TensorFlow one (the folder of a "
             "SavedModel, a frozen graph .pb) and writes it as a .tflite file, with "
             "batch normalisation folded and activations fused; no code in the model is run. Or "
             "reads a .tflite model and writes one that does the same in fewer bytes: float16 or "
             "int8 weights, or whole integer arithmetic, calibrated with typical inputs. Nodes "
             "without an integer form stay float.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .least_operands = 1,
    .most_operands = 1,
    .defaults = &defaults,
    .values_size = sizeof defaults,
    .run = run,
};
