/* SPDX-License-Identifier: Apache-2.0 */
/* An HDF5 file made in memory: groups, float arrays, whole numbers, attributes of text. Without
 * times, so that the same calls give the same bytes. libhdf5 has memory of its own. */
#ifndef MG_HDF5_WRITE_H
#define MG_HDF5_WRITE_H

#include "base/alloc.h"

typedef struct mg_hdf5_writer {
    int64_t file; /* libhdf5's number; 0 when closed */
    midge_error *error;
} mg_hdf5_writer;

midge_status mg_hdf5_begin(mg_hdf5_writer *writer, midge_error *error);
/* Makes the groups on the way, too; a group that is there already stays. */
midge_status mg_hdf5_put_group(mg_hdf5_writer *writer, const char *path);
midge_status mg_hdf5_put_floats(mg_hdf5_writer *writer, const char *path, int32_t rank,
                                const int32_t *shape, const float *values);
/* A scalar of int64. */
midge_status mg_hdf5_put_integer(mg_hdf5_writer *writer, const char *path, int64_t value);
/* Attributes of a group. A list too long for one attribute is split into NAME0, NAME1, …. */
midge_status mg_hdf5_put_text(mg_hdf5_writer *writer, const char *path, const char *name,
                              const char *text);
midge_status mg_hdf5_put_texts(mg_hdf5_writer *writer, mg_heap *heap, const char *path,
                               const char *name, size_t count, const char *const *texts);
/* Closes the file and gives its bytes, which are the heap's. */
midge_status mg_hdf5_finish(mg_hdf5_writer *writer, mg_heap *heap, void **bytes, size_t *size);
/* Closes it without a result. */
void mg_hdf5_abandon(mg_hdf5_writer *writer);

#endif
