/* SPDX-License-Identifier: Apache-2.0 */
/* An HDF5 file that lies in memory, opened where it lies. */
#ifndef MG_HDF5_IMAGE_H
#define MG_HDF5_IMAGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct mg_hdf5_image {
    void *bytes; /* are only read */
    size_t size;
} mg_hdf5_image;

/* libhdf5's number of the file, or a negative one. The image and its bytes must stay until it is
 * closed. */
int64_t mg_hdf5_open_image(mg_hdf5_image *image);

#endif
