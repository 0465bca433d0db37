/* SPDX-License-Identifier: Apache-2.0 */
/* A zip archive of one file, as it is, behind the bytes of something else. Programs map such a
 * model and read the file in place. */
#ifndef MG_STORED_ARCHIVE_H
#define MG_STORED_ARCHIVE_H

#include "base/size.h"

/* How many bytes it takes; less than `size` when that is more than there can be. */
size_t mg_stored_archive_bytes(const char *name, size_t size);

/* Writes the archive to `to`, which is `offset` bytes behind the beginning of the whole. The offset
 * with the archive must be less than 4 GiB. */
void mg_stored_archive_write(const char *name, const void *bytes, size_t size, size_t offset,
                             unsigned char *to);

#endif
