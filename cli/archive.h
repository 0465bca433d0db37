/* SPDX-License-Identifier: Apache-2.0 */
/* Files in the zip archive that publishers append to a model. */
#ifndef CLI_ARCHIVE_H
#define CLI_ARCHIVE_H

#include "files.h"

/* Whether this build can read archives. */
bool cli_archive_supported(void);

/* Unpacks one file out of an archive in memory; more than `limit` bytes are refused. `name` stands
 * in messages. The caller frees with cli_bytes_free. */
midge_status cli_archive_read(const char *name, const void *archive, size_t size,
                              const char *member, size_t limit, cli_bytes *bytes,
                              midge_error *error);

#endif
