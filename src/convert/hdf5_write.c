/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/hdf5_write.h"

#include <hdf5.h>
#include <stdio.h>
#include <string.h>

enum {
    GROWTH = 1 << 20,
    MOST_ATTRIBUTE = 64512 /* what Keras takes to fit into the head of an object */
};

static midge_status fail(const mg_hdf5_writer *writer, const char *path, const char *what)
{
    char printable[200];
    return mg_fail(writer->error, MIDGE_NO_MEMORY, "libhdf5 cannot make %s %s", what,
                   mg_printable(path, printable, sizeof printable));
}

midge_status mg_hdf5_begin(mg_hdf5_writer *writer, midge_error *error)
{
    *writer = (mg_hdf5_writer){.error = error};
    if (H5open() < 0) return fail(writer, "in memory", "a file");
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t file = -1;
    if (access >= 0 && H5Pset_fapl_core(access, GROWTH, 0) >= 0)
        file = H5Fcreate("midge", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (access >= 0) (void)H5Pclose(access);
    if (file < 0) return fail(writer, "in memory", "a file");
    writer->file = file;
    return MIDGE_OK;
}

/* What makes the groups on the way to a new object. */
static hid_t deep_links(void)
{
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    if (links >= 0) (void)H5Pset_create_intermediate_group(links, 1);
    return links;
}

/* H5Lexists wants each group on the way to be there. */
static bool exists(const mg_hdf5_writer *writer, const char *path)
{
    hid_t object = H5Oopen(writer->file, path, H5P_DEFAULT);
    if (object >= 0) (void)H5Oclose(object);
    return object >= 0;
}

midge_status mg_hdf5_put_group(mg_hdf5_writer *writer, const char *path)
{
    if (exists(writer, path)) return MIDGE_OK;
    hid_t links = deep_links();
    hid_t group = H5Gcreate2(writer->file, path, links, H5P_DEFAULT, H5P_DEFAULT);
    if (group >= 0) (void)H5Gclose(group);
    if (links >= 0) (void)H5Pclose(links);
    return group >= 0 ? MIDGE_OK : fail(writer, path, "group");
}

/* `stored` is the type in the file, `given` that of the values. */
static midge_status put_dataset(const mg_hdf5_writer *writer, const char *path, hid_t stored,
                                hid_t given, int32_t rank, const int32_t *shape, const void *values)
{
    hsize_t sizes[MIDGE_MAX_RANK + 1];
    for (int32_t i = 0; i < rank; ++i) sizes[i] = (hsize_t)shape[i];
    hid_t space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, sizes, NULL);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE), links = deep_links(), dataset = -1;
    bool good = space >= 0 && creation >= 0 && H5Pset_obj_track_times(creation, 0) >= 0;
    if (good) dataset = H5Dcreate2(writer->file, path, stored, space, links, creation, H5P_DEFAULT);
    good = dataset >= 0 && H5Dwrite(dataset, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    if (dataset >= 0) (void)H5Dclose(dataset);
    if (links >= 0) (void)H5Pclose(links);
    if (creation >= 0) (void)H5Pclose(creation);
    if (space >= 0) (void)H5Sclose(space);
    return good ? MIDGE_OK : fail(writer, path, "dataset");
}

midge_status mg_hdf5_put_floats(mg_hdf5_writer *writer, const char *path, int32_t rank,
                                const int32_t *shape, const float *values)
{
    return put_dataset(writer, path, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, rank, shape, values);
}

midge_status mg_hdf5_put_integer(mg_hdf5_writer *writer, const char *path, int64_t value)
{
    return put_dataset(writer, path, H5T_STD_I64LE, H5T_NATIVE_INT64, 0, NULL, &value);
}

/* ---- Attributes ---- */

/* Strings of `width` bytes, padded with NUL. */
static hid_t text_type(size_t width)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 && (H5Tset_size(type, width) < 0 || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ||
                      H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        (void)H5Tclose(type);
        return -1;
    }
    return type;
}

/* Closes type and space. */
static midge_status put_attribute(const mg_hdf5_writer *writer, const char *path, const char *name,
                                  hid_t type, hid_t space, const void *value)
{
    hid_t attribute = -1;
    bool good = type >= 0 && space >= 0;
    if (good)
        attribute = H5Acreate_by_name(writer->file, path, name, type, space, H5P_DEFAULT,
                                      H5P_DEFAULT, H5P_DEFAULT);
    good = attribute >= 0 && (value == NULL || H5Awrite(attribute, type, value) >= 0);
    if (attribute >= 0) (void)H5Aclose(attribute);
    if (space >= 0) (void)H5Sclose(space);
    if (type >= 0) (void)H5Tclose(type);
    return good ? MIDGE_OK : fail(writer, path, "an attribute of");
}

/* Of variable length, since only these may be longer than the head of an object. */
midge_status mg_hdf5_put_text(mg_hdf5_writer *writer, const char *path, const char *name,
                              const char *text)
{
    return put_attribute(writer, path, name, text_type(H5T_VARIABLE), H5Screate(H5S_SCALAR), &text);
}

static midge_status put_part(const mg_hdf5_writer *writer, mg_heap *heap, const char *path,
                             const char *name, size_t count, const char *const *texts, size_t width)
{
    void *memory = NULL;
    hsize_t size = count;
    TRY(mg_heap_get_array(heap, count, width, &memory, writer->error));
    memset(memory, 0, count * width);
    for (size_t i = 0; i < count; ++i)
        memcpy((char *)memory + i * width, texts[i], strlen(texts[i]));
    midge_status status = put_attribute(writer, path, name, text_type(width),
                                        H5Screate_simple(1, &size, NULL), memory);
    mg_heap_release(heap, memory);
    return status;
}

midge_status mg_hdf5_put_texts(mg_hdf5_writer *writer, mg_heap *heap, const char *path,
                               const char *name, size_t count, const char *const *texts)
{
    size_t width = 1;
    for (size_t i = 0; i < count; ++i)
        if (strlen(texts[i]) > width) width = strlen(texts[i]);
    if (width > MOST_ATTRIBUTE) return fail(writer, path, "so long a name in");
    hsize_t none = 0;
    if (count == 0)
        return put_attribute(writer, path, name, text_type(1), H5Screate_simple(1, &none, NULL),
                             NULL);
    size_t most = MOST_ATTRIBUTE / width;
    if (count <= most) return put_part(writer, heap, path, name, count, texts, width);
    for (size_t part = 0, at = 0; at < count; ++part, at += most) {
        char numbered[80];
        (void)snprintf(numbered, sizeof numbered, "%s%zu", name, part);
        size_t these = count - at < most ? count - at : most;
        TRY(put_part(writer, heap, path, numbered, these, texts + at, width));
    }
    return MIDGE_OK;
}

/* ---- The end ---- */

void mg_hdf5_abandon(mg_hdf5_writer *writer)
{
    if (writer->file > 0) (void)H5Fclose(writer->file);
    writer->file = 0;
}

static midge_status copy_image(mg_hdf5_writer *writer, mg_heap *heap, void **bytes, size_t *size)
{
    if (H5Fflush(writer->file, H5F_SCOPE_GLOBAL) < 0) return fail(writer, "in memory", "a file");
    ssize_t length = H5Fget_file_image(writer->file, NULL, 0);
    if (length <= 0) return fail(writer, "in memory", "a file");
    TRY(mg_heap_get(heap, (size_t)length, bytes, writer->error));
    if (H5Fget_file_image(writer->file, *bytes, (size_t)length) == length) {
        *size = (size_t)length;
        return MIDGE_OK;
    }
    mg_heap_release(heap, *bytes);
    *bytes = NULL;
    return fail(writer, "in memory", "a file");
}

midge_status mg_hdf5_finish(mg_hdf5_writer *writer, mg_heap *heap, void **bytes, size_t *size)
{
    *bytes = NULL;
    *size = 0;
    midge_status status = copy_image(writer, heap, bytes, size);
    mg_hdf5_abandon(writer);
    return status;
}
