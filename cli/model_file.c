/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "model_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static ptrdiff_t read_stream(void *context, void *buffer, size_t capacity)
{
    FILE *stream = context;
    size_t got = fread(buffer, 1, capacity, stream);
    return got == 0 && ferror(stream) ? -1 : (ptrdiff_t)got;
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

midge_status cli_model_load(const char *path, midge_model **model, midge_error *error)
{
    struct stat status;
    if (strcmp(path, "-") == 0) {
        if (midge_model_load_stream(read_stream, stdin, NULL, model, error) == MIDGE_OK) {
            return MIDGE_OK;
        }
        return cli_fail_in(error, "standard input");
    }
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return refuse_folder(path, error);
    if (midge_model_load_file(path, NULL, model, error) == MIDGE_OK) return MIDGE_OK;
    return cli_fail_in(error, path);
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
