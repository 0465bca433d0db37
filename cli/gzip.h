/* SPDX-License-Identifier: Apache-2.0 */
/* Files compressed with gzip, found by their first two bytes. */
#ifndef CLI_GZIP_H
#define CLI_GZIP_H

#include "files.h"

bool cli_is_gzip(const cli_bytes *bytes);

/* Puts what is compressed in the place of the compressed bytes; more than `limit` bytes are
 * refused. `name` stands in messages. */
midge_status cli_gunzip(const char *name, size_t limit, cli_bytes *bytes, midge_error *error);

/* How many bytes the data take when deflated; 0: unknown, for want of zlib or memory. */
size_t cli_deflated_size(const void *data, size_t bytes);

#endif
