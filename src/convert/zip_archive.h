/* SPDX-License-Identifier: Apache-2.0 */
/* Single members of a zip archive in memory, asked for by name. */
#ifndef MG_ZIP_ARCHIVE_H
#define MG_ZIP_ARCHIVE_H

#include "base/alloc.h"

bool mg_zip_is(const void *bytes, size_t size);
/* Unpacks a member into memory of the heap and checks its sum; a NUL is put behind it. `name` is
 * the archive's, for messages. *data stays NULL when there is no such member. */
midge_status mg_zip_read(const void *bytes, size_t size, const char *name, const char *member,
                         mg_heap *heap, void **data, size_t *data_size, midge_error *error);

#endif
