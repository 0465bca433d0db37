/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of files that travels behind a model (labels and such), for a model written anew. */
#ifndef CLI_ARCHIVE_MOVE_H
#define CLI_ARCHIVE_MOVE_H

#include "files.h"

/*
 * Copies the zip archive at the end of `file`, if there is one, as it must read behind a model of
 * `before` bytes: offsets in it count from the start of the file. *moved stays empty when there is
 * none. The caller frees it with cli_bytes_free.
 */
midge_status cli_archive_move(const unsigned char *file, size_t size, size_t before,
                              cli_bytes *moved, midge_error *error);

#endif
