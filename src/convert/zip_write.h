/* SPDX-License-Identifier: Apache-2.0 */
/* A zip archive made in memory. All members bear the first time that zip knows, so that the same
 * members give the same bytes. */
#ifndef MG_ZIP_WRITE_H
#define MG_ZIP_WRITE_H

#include "base/alloc.h"

typedef struct mg_zip_member {
    const char *name;
    const void *bytes;
    size_t size;
} mg_zip_member;

/* The archive's bytes are the heap's. `packed`: with deflate, else as they are. */
midge_status mg_zip_write(mg_heap *heap, size_t count, const mg_zip_member *members, bool packed,
                          void **bytes, size_t *size, midge_error *error);

#endif
