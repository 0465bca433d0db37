/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HDF5 file in memory, read with suspicion: only hard links are followed, only datasets that lie
 * in the file itself, stored plainly or with deflate, shuffle and Fletcher32, are read, and none
 * that unpacks to more than deflate can. No plug-in is ever loaded. libhdf5 has memory of its own.
 */
#ifndef MG_HDF5_FILE_H
#define MG_HDF5_FILE_H

#include "base/alloc.h"
#include "convert/hdf5_image.h"

typedef struct mg_hdf5 {
    int64_t file; /* libhdf5's number; 0 when closed */
    mg_hdf5_image image;
    const char *name;
    size_t size;
    midge_error *error;
} mg_hdf5;

typedef struct mg_hdf5_array {
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    size_t count;
    const float *values;
} mg_hdf5_array;

bool mg_hdf5_is(const void *bytes, size_t size);
/* `bytes` and `name`, which is for messages, must outlive the file. */
midge_status mg_hdf5_open(mg_hdf5 *file, const char *name, const void *bytes, size_t size,
                          midge_error *error);
void mg_hdf5_close(mg_hdf5 *file);

/* Whether hard links lead from the root to `path`. */
bool mg_hdf5_has(const mg_hdf5 *file, const char *path);
/* The string attribute of the object at `path`, in memory of the region; NULL when there is none.
 */
midge_status mg_hdf5_text(const mg_hdf5 *file, mg_region *region, const char *path,
                          const char *attribute, const char **text);
/* A list of strings; one that was split into NAME0, NAME1, … is put together. Count 0 when there is
 * none. */
midge_status mg_hdf5_texts(const mg_hdf5 *file, mg_region *region, const char *path,
                           const char *attribute, size_t *count, const char ***texts);
/* A dataset of numbers as float32. */
midge_status mg_hdf5_floats(const mg_hdf5 *file, mg_region *region, const char *path,
                            mg_hdf5_array *array);
/* A dataset of one whole number. */
midge_status mg_hdf5_integer(const mg_hdf5 *file, const char *path, int64_t *value);

#endif
