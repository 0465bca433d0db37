/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in and out. "-" stands for standard input or output. A file is written under another
 * name in its folder and renamed when it is complete, so that a failure leaves nothing behind. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <stdio.h>

#include "report.h"

typedef struct cli_bytes {
    unsigned char *data; /* NULL when empty */
    size_t size;
} cli_bytes;

/* Reads a whole file; more than `limit` bytes are refused. The caller frees with cli_bytes_free. */
midge_status cli_file_read(const char *path, size_t limit, cli_bytes *bytes, midge_error *error);

/* Reads the first bytes, at most `capacity`, into `head`; a directory is refused. */
midge_status cli_file_head(const char *path, unsigned char *head, size_t capacity, size_t *size,
                           midge_error *error);
void cli_bytes_free(cli_bytes *bytes);

typedef struct cli_writer {
    FILE *stream;
    char *temporary; /* NULL: standard output */
    const char *path;
} cli_writer;

midge_status cli_writer_open(cli_writer *writer, const char *path, midge_error *error);
/* For a file that one program writes again and again: on the way it is PATH.new, so that kills
 * leave one such file at most, which the next writing takes away. */
midge_status cli_writer_reopen(cli_writer *writer, const char *path, midge_error *error);
/* Closes and renames; on failure the temporary file is gone. */
midge_status cli_writer_commit(cli_writer *writer, midge_error *error);
void cli_writer_discard(cli_writer *writer);

/* Creates a folder and its parents; one that exists is fine. */
midge_status cli_make_folder(const char *path, midge_error *error);

/* Joins folder and name into new memory; NULL when there is none. */
char *cli_path_join(const char *folder, const char *name);

#endif
