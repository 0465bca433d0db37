/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a file so that at every moment its name stands for the old bytes or for all of the new
 * ones. */
#ifndef MG_FILE_WRITE_H
#define MG_FILE_WRITE_H

#include "base/alloc.h"

/* Writes a new file beside `path` and gives it that name when all of it is on the disk. A failure
 * leaves what `path` was. */
midge_status mg_file_write(mg_heap *heap, const char *path, const void *bytes, size_t size,
                           midge_error *error);
/* The same by way of PATH.new: where a program is killed while it writes the same file again and
 * again, one such file stays at most, which the next writing takes away. */
midge_status mg_file_rewrite(mg_heap *heap, const char *path, const void *bytes, size_t size,
                             midge_error *error);

#endif
