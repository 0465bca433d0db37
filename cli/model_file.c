/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "model_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "foreign.h"

static ptrdiff_t read_stream(void *context, void *buffer, size_t capacity)
{
    FILE *stream = context;
    size_t got = fread(buffer, 1, capacity, stream);
    return got == 0 && ferror(stream) ? -1 : (ptrdiff_t)got;
}

static midge_status load_stream(FILE *stream, const char *name, midge_model **model,
                                midge_error *error)
{
    midge_status status = midge_model_load_stream(read_stream, stream, NULL, model, error);
    if (stream != stdin) (void)fclose(stream);
    return status == MIDGE_OK ? MIDGE_OK : cli_fail_in(error, name);
}

static midge_status refuse_folder(const char *path, midge_error *error)
{
    char inside[600];
    struct stat status;
    (void)snprintf(inside, sizeof inside, "%s/saved_model.pb", path);
    bool saved_model = stat(inside, &status) == 0;
    return cli_fail(error, MIDGE_INVALID_MODEL,
                    saved_model ? "%s: is the folder of a SavedModel, not a .tflite model; convert "
                                  "it to .tflite first"
                                : "%s: is a folder, not a model; name the .tflite file in it",
                    path);
}

/* The library tells what it does not take; what is left is what to do. */
static midge_status explain(const char *path, midge_error *error)
{
    static const char again[] = "get the file again, or convert the model again";
    unsigned char head[512];
    size_t size = 0;
    midge_error ignored;
    (void)cli_fail_in(error, path);
    if (error->status == MIDGE_IO_ERROR) {
        return cli_add_remedy(error, "check its name and its rights");
    }
    if (error->status != MIDGE_INVALID_MODEL) return error->status;
    if (strstr(error->message, "\"TFL3\"") != NULL &&
        cli_file_head(path, head, sizeof head, &size, &ignored) == MIDGE_OK) {
        const char *kind = cli_foreign_kind(head, size);
        if (kind != NULL) {
            return cli_fail(error, error->status, "%s: is %s, not a .tflite model; %s", path, kind,
                            again);
        }
    }
    bool other = strstr(error->message, ", not a model") != NULL;
    return cli_add_remedy(error, other ? "give the .tflite file" : again);
}

static midge_status load_path(const char *path, bool map, midge_model **model, midge_error *error)
{
    struct stat status;
    midge_model_options options = midge_model_options_default();
    options.map_file = map;
    if (strcmp(path, "-") == 0) return load_stream(stdin, "standard input", model, error);
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) return refuse_folder(path, error);
    if (exists && S_ISFIFO(status.st_mode)) {
        FILE *stream = fopen(path, "rb");
        if (stream != NULL) return load_stream(stream, path, model, error);
    }
    if (midge_model_load_file(path, &options, model, error) == MIDGE_OK) return MIDGE_OK;
    return explain(path, error);
}

midge_status cli_model_load(const char *path, midge_model **model, midge_error *error)
{
    return load_path(path, false, model, error);
}

midge_status cli_model_map(const char *path, midge_model **model, midge_error *error)
{
    return load_path(path, true, model, error);
}

midge_status cli_session_create(const char *name, midge_model *model,
                                const cli_session_choice *choice, midge_session **session,
                                midge_error *error)
{
    midge_session_options options = midge_session_options_default();
    midge_limits limits = {.memory_bytes = choice->limit_memory};
    options.threads = (int)choice->threads;
    options.kernels = choice->kernels;
    options.limits = &limits;
    options.preserve_all_tensors = choice->preserve_all;
    options.profile = choice->profile;
    if (midge_session_create(model, &options, session, error) == MIDGE_OK) return MIDGE_OK;
    if (error->status == MIDGE_LIMIT_EXCEEDED) {
        (void)cli_add_remedy(error, "give more with --limit-memory");
    } else if (error->status == MIDGE_UNSUPPORTED) {
        (void)cli_add_remedy(error, "'midge doctor' tells more");
    }
    return cli_fail_in(error, name);
}

midge_status cli_session_failed(const char *name, const midge_session *session, midge_status status,
                                midge_error *error)
{
    return cli_fail(error, status, "%s: %s", name, midge_session_message(session));
}

const embedded_file *cli_embedded_find(const char *name)
{
    for (size_t i = 0; i < embedded_file_count; ++i) {
        if (strcmp(embedded_files[i].name, name) == 0) return &embedded_files[i];
    }
    return NULL;
}
