/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files as bytes in memory. */
#ifndef MG_FILE_H
#define MG_FILE_H

#include "base/alloc.h"

typedef enum mg_file_origin {
    MG_FILE_BORROWED, /* the caller's memory */
    MG_FILE_HEAP,     /* read into the heap */
    MG_FILE_MAPPED    /* mapped from the file system */
} mg_file_origin;

typedef struct mg_file {
    const unsigned char *bytes;
    size_t size;
    mg_file_origin origin;
} mg_file;

/* Reads or maps a regular file of at most `limit` bytes. */
midge_status mg_file_open(mg_heap *heap, const char *path, bool map, uint64_t limit, mg_file *file,
                          midge_error *error);

/* Reads from a callback to its end. */
midge_status mg_file_stream(mg_heap *heap, midge_read_function read, void *context, uint64_t limit,
                            mg_file *file, midge_error *error);

/* Whether there is a folder at the path. */
bool mg_file_is_folder(const char *path);

void mg_file_close(mg_heap *heap, mg_file *file);

#endif
