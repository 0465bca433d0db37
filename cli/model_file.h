/* SPDX-License-Identifier: Apache-2.0 */
/* Models and sessions with messages that begin with the name of the file. */
#ifndef CLI_MODEL_FILE_H
#define CLI_MODEL_FILE_H

#include "embedded.h"
#include "report.h"

/* How a session is wanted; what several commands offer as options. */
typedef struct cli_session_choice {
    int64_t threads;
    const char *kernels;   /* NULL: auto */
    uint64_t limit_memory; /* 0: the default */
    bool preserve_all;
    bool profile;
} cli_session_choice;

/* Loads a model from a file or, for "-", from standard input. */
midge_status cli_model_load(const char *path, midge_model **model, midge_error *error);

/* The same with the file mapped, not read: nobody may shorten it while the model is used. */
midge_status cli_model_map(const char *path, midge_model **model, midge_error *error);

/* Makes a session; `name` begins its messages. */
midge_status cli_session_create(const char *name, midge_model *model,
                                const cli_session_choice *choice, midge_session **session,
                                midge_error *error);

/* Turns the message of a session's failed call into an error that begins with `name`. */
midge_status cli_session_failed(const char *name, const midge_session *session, midge_status status,
                                midge_error *error);

/* The file of that name in the executable, or NULL. */
const embedded_file *cli_embedded_find(const char *name);

#endif
