/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "model_labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"

/* The label file for an output; one without a language, or in English, goes before others. */
static bool find_label_file(const midge_metadata *metadata, size_t output,
                            midge_associated_file *found)
{
    midge_tensor_metadata tensor;
    bool any = false;
    if (metadata == NULL || !midge_metadata_tensor(metadata, true, output, &tensor)) return false;
    for (size_t i = 0; i < tensor.file_count; ++i) {
        midge_associated_file file;
        if (!midge_metadata_file(metadata, true, output, i, &file)) break;
        if (file.type != MIDGE_FILE_AXIS_LABELS || file.name[0] == '\0') continue;
        bool preferred = file.locale[0] == '\0' || strncmp(file.locale, "en", 2) == 0;
        if (any && !preferred) continue;
        *found = file;
        any = true;
        if (preferred) return true;
    }
    return any;
}

static midge_status read_packed(const char *path, const midge_model *model, const char *member,
                                cli_labels *labels, midge_error *error)
{
    size_t size = 0;
    const void *file = midge_model_file(model, &size);
    const char *name = path != NULL ? path : "the built-in model";
    cli_bytes bytes;
    TRY(cli_archive_read(name, file, size, member, CLI_LABELS_MAX_FILE, &bytes, error));
    midge_status status = cli_labels_parse(member, bytes.data, bytes.size, labels, error);
    cli_bytes_free(&bytes);
    return status;
}

/* Reads the first file that is there beside a model. */
static midge_status read_beside(const char *path, cli_labels *labels, char *source, size_t capacity,
                                midge_error *error)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(path, '.');
    int folder = slash != NULL ? (int)(slash - path) + 1 : 0;
    int base = dot != NULL && dot > path + folder ? (int)(dot - path) : (int)strlen(path);
    for (int i = 0; i < 3; ++i) {
        static const char *const names[] = {".txt", "_labels.txt", "labels.txt"};
        char file[1024];
        int length = snprintf(file, sizeof file, "%.*s%s", i == 2 ? folder : base, path, names[i]);
        if (length >= (int)sizeof file || access(file, R_OK) != 0) continue;
        (void)snprintf(source, capacity, "%s", file);
        return cli_labels_read(file, labels, error);
    }
    return MIDGE_OK;
}

midge_status cli_model_labels(const char *path, const midge_model *model,
                              const midge_metadata *metadata, size_t output, const char *given,
                              cli_labels *labels, char *source, size_t capacity, midge_error *error)
{
    midge_associated_file file;
    *labels = (cli_labels){0};
    source[0] = '\0';
    if (given != NULL) {
        (void)snprintf(source, capacity, "%s", given);
        return cli_labels_read(given, labels, error);
    }
    if (find_label_file(metadata, output, &file)) {
        midge_error reason = {MIDGE_OK, ""};
        (void)snprintf(source, capacity, "%s in the model", file.name);
        if (read_packed(path, model, file.name, labels, &reason) == MIDGE_OK) return MIDGE_OK;
        cli_note("%s", reason.message);
        source[0] = '\0';
    }
    if (path == NULL || strcmp(path, "-") == 0) return MIDGE_OK;
    return read_beside(path, labels, source, capacity, error);
}

midge_status cli_labels_check(const cli_labels *labels, const char *source, size_t scores,
                              midge_error *error)
{
    if (labels->count == 0 || labels->count == scores) return MIDGE_OK;
    if (labels->count + 1 == scores || scores + 1 == labels->count) {
        cli_note("%s has %zu labels, the model gives %zu scores; names may be off by one%s", source,
                 labels->count, scores,
                 labels->count < scores ? " (does it lack a first line 'background'?)"
                                        : " (has it a line 'background' too many?)");
        return MIDGE_OK;
    }
    return cli_fail(
        error, MIDGE_INVALID_ARGUMENT,
        "%s: has %zu labels, but the model gives %zu scores; give the label file of this "
        "model with --labels",
        source, labels->count, scores);
}
