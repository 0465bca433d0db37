/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens an HDF5 file that lies in memory, where it lies. libhdf5's core driver asks callbacks for
 * the memory of an image; these hand it the caller's own, to be read only, so that nothing is
 * copied and nothing remains when the file is closed.
 */
#include "convert/hdf5_image.h"

#include <hdf5.h>
#include <stdio.h>

static void *give(size_t size, H5FD_file_image_op_t op, void *context)
{
    const mg_hdf5_image *of = context;
    (void)op;
    return size <= of->size ? of->bytes : NULL;
}

static void *copy(void *to, const void *from, size_t size, H5FD_file_image_op_t op, void *context)
{
    const mg_hdf5_image *of = context;
    (void)op;
    return to == of->bytes && from == of->bytes && size <= of->size ? to : NULL;
}

static void *grow(void *memory, size_t size, H5FD_file_image_op_t op, void *context)
{
    const mg_hdf5_image *of = context;
    (void)op;
    return size <= of->size ? memory : NULL;
}

static herr_t release(void *memory, H5FD_file_image_op_t op, void *context)
{
    (void)memory;
    (void)op;
    (void)context;
    return 0;
}

static void *copy_context(void *context)
{
    return context;
}

static herr_t free_context(void *context)
{
    (void)context;
    return 0;
}

int64_t mg_hdf5_open_image(mg_hdf5_image *image)
{
    enum { INCREMENT = 1 << 16 };
    H5FD_file_image_callbacks_t callbacks = {give,         copy,         grow, release,
                                             copy_context, free_context, image};
    /* Files of equal names are one file to libhdf5. */
    char name[64];
    (void)snprintf(name, sizeof name, "image at %p", image->bytes);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), opened = -1;
    if (access < 0) return -1;
    if (H5Pset_fapl_core(access, INCREMENT, 0) >= 0 &&
        H5Pset_file_image_callbacks(access, &callbacks) >= 0 &&
        H5Pset_file_image(access, image->bytes, image->size) >= 0)
        opened = H5Fopen(name, H5F_ACC_RDONLY, access);
    (void)H5Pclose(access);
    return opened;
}
