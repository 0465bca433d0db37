/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/hdf5_file.h"

#include <hdf5.h>
#include <string.h>

#include "base/size.h"
#include "convert/hdf5_structure.h"

enum {
    MOST_PATH = 1000,
    MOST_EXPANSION = 1100, /* deflate makes at most 1032 bytes of one */
    MOST_TEXTS = 100000,
    MOST_SPLITS = 1000
};
static const uint64_t most_text = 256 << 20;
static const uint64_t most_dataset = UINT64_C(1) << 31;

bool mg_hdf5_is(const void *bytes, size_t size)
{
    return size >= 8 && memcmp(bytes, "\x89HDF\r\n\x1a\n", 8) == 0;
}

static midge_status refuse(const mg_hdf5 *file, const char *path, const char *what)
{
    char printable[200];
    return mg_fail(file->error, MIDGE_INVALID_MODEL, "%s: %s %s", file->name,
                   mg_printable(path, printable, sizeof printable), what);
}

midge_status mg_hdf5_open(mg_hdf5 *file, const char *name, const void *bytes, size_t size,
                          midge_error *error)
{
    *file = (mg_hdf5){.name = name, .size = size, .error = error};
    if (!mg_hdf5_heaps_are_sound(bytes, size))
        return mg_fail(error, MIDGE_INVALID_MODEL, "%s: damaged HDF5 file: a heap of strings",
                       name);
    if (H5open() < 0) return mg_fail(error, MIDGE_NO_MEMORY, "libhdf5 does not start");
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    (void)H5PLset_loading_state(0);
    file->image = (mg_hdf5_image){(void *)(uintptr_t)bytes, size};
    int64_t opened = mg_hdf5_open_image(&file->image);
    if (opened < 0)
        return mg_fail(error, MIDGE_INVALID_MODEL,
                       "%s: damaged HDF5 file, or one that was cut short (%zu bytes)", name, size);
    file->file = opened;
    return MIDGE_OK;
}

void mg_hdf5_close(mg_hdf5 *file)
{
    if (file->file > 0) (void)H5Fclose(file->file);
    file->file = 0;
}

/* Goes link by link: each must be a hard one, which cannot leave the file. */
bool mg_hdf5_has(const mg_hdf5 *file, const char *path)
{
    char part[MOST_PATH];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part) return false;
    if (strcmp(path, "/") == 0) return true;
    for (size_t end = 1; end <= length; ++end) {
        if (path[end] != '/' && path[end] != '\0') continue;
        if (path[end - 1] == '/') continue;
        memcpy(part, path, end);
        part[end] = '\0';
        H5L_info_t link;
        if (H5Lget_info(file->file, part, &link, H5P_DEFAULT) < 0) return false;
        if (link.type != H5L_TYPE_HARD) return false;
    }
    return true;
}

/* ---- Strings ---- */

/* What is read from an attribute of strings; closed by end_strings. */
typedef struct strings {
    hid_t attribute, space, type, memory_type;
    bool variable;
    size_t width;
    size_t count;
    void *raw;
} strings;

static void end_strings(strings *at)
{
    if (at->variable && at->raw != NULL)
        (void)H5Dvlen_reclaim(at->memory_type, at->space, H5P_DEFAULT, at->raw);
    if (at->memory_type > 0) (void)H5Tclose(at->memory_type);
    if (at->type > 0) (void)H5Tclose(at->type);
    if (at->space > 0) (void)H5Sclose(at->space);
    if (at->attribute > 0) (void)H5Aclose(at->attribute);
}

static midge_status read_strings(const mg_hdf5 *file, mg_region *region, const char *path,
                                 const char *attribute, strings *at)
{
    at->attribute = H5Aopen_by_name(file->file, path, attribute, H5P_DEFAULT, H5P_DEFAULT);
    if (at->attribute < 0) return refuse(file, path, "has an attribute that cannot be read");
    at->space = H5Aget_space(at->attribute);
    at->type = H5Aget_type(at->attribute);
    hssize_t points = at->space > 0 ? H5Sget_simple_extent_npoints(at->space) : -1;
    if (at->type < 0 || points < 0 || points > MOST_TEXTS)
        return refuse(file, path, "has an attribute that cannot be read");
    at->count = (size_t)points;
    if (at->count == 0) return MIDGE_OK;
    if (H5Tget_class(at->type) != H5T_STRING)
        return refuse(file, path, "has a name that is no text");
    bool variable = H5Tis_variable_str(at->type) > 0;
    at->memory_type = H5Tcopy(H5T_C_S1);
    (void)H5Tset_cset(at->memory_type, H5Tget_cset(at->type));
    (void)H5Tset_strpad(at->memory_type, H5T_STR_NULLPAD);
    at->width = variable ? sizeof(char *) : H5Tget_size(at->type);
    size_t bytes;
    if (at->width == 0 || !mg_size_multiply(at->count, at->width, &bytes) || bytes > most_text ||
        (!variable && bytes > file->size))
        return refuse(file, path, "has an attribute of impossible size");
    if (H5Tset_size(at->memory_type, variable ? H5T_VARIABLE : at->width) < 0)
        return refuse(file, path, "has an attribute that cannot be read");
    void *memory = NULL;
    TRY(mg_region_get(region, bytes, &memory, file->error));
    if (H5Aread(at->attribute, at->memory_type, memory) < 0)
        return refuse(file, path, "has an attribute that cannot be read");
    at->variable = variable;
    at->raw = memory;
    return MIDGE_OK;
}

static midge_status copy_string(const mg_hdf5 *file, mg_region *region, const strings *at, size_t i,
                                const char **text)
{
    const char *source = at->variable ? ((char **)at->raw)[i] : (char *)at->raw + i * at->width;
    size_t length = 0;
    size_t most = at->variable ? most_text : at->width;
    while (source != NULL && length < most && source[length] != '\0') ++length;
    if (!at->variable && H5Tget_strpad(at->type) == H5T_STR_SPACEPAD)
        while (length > 0 && source[length - 1] == ' ') --length;
    void *memory = NULL;
    TRY(mg_region_get(region, length + 1, &memory, file->error));
    if (length > 0) memcpy(memory, source, length);
    *text = memory;
    return MIDGE_OK;
}

static midge_status append_texts(const mg_hdf5 *file, mg_region *region, const char *path,
                                 const char *attribute, size_t *count, const char ***texts)
{
    strings at = {0};
    void *memory = NULL;
    midge_status status = read_strings(file, region, path, attribute, &at);
    if (status == MIDGE_OK)
        status = mg_region_get_array(region, *count + at.count + 1, sizeof(char *), &memory,
                                     file->error);
    const char **joined = memory;
    if (status == MIDGE_OK && *count > 0) memcpy(joined, *texts, *count * sizeof *joined);
    for (size_t i = 0; status == MIDGE_OK && i < at.count; ++i)
        status = copy_string(file, region, &at, i, &joined[*count + i]);
    if (status == MIDGE_OK) {
        *texts = joined;
        *count += at.count;
    }
    end_strings(&at);
    return status;
}

static bool has_attribute(const mg_hdf5 *file, const char *path, const char *attribute)
{
    return H5Aexists_by_name(file->file, path, attribute, H5P_DEFAULT) > 0;
}

midge_status mg_hdf5_texts(const mg_hdf5 *file, mg_region *region, const char *path,
                           const char *attribute, size_t *count, const char ***texts)
{
    *count = 0;
    *texts = NULL;
    if (has_attribute(file, path, attribute))
        return append_texts(file, region, path, attribute, count, texts);
    for (unsigned part = 0; part < MOST_SPLITS; ++part) {
        char name[80];
        (void)snprintf(name, sizeof name, "%s%u", attribute, part);
        if (!has_attribute(file, path, name)) break;
        TRY(append_texts(file, region, path, name, count, texts));
        if (*count > MOST_TEXTS) return refuse(file, path, "has too many names");
    }
    return MIDGE_OK;
}

midge_status mg_hdf5_text(const mg_hdf5 *file, mg_region *region, const char *path,
                          const char *attribute, const char **text)
{
    size_t count = 0;
    const char **texts = NULL;
    *text = NULL;
    if (!has_attribute(file, path, attribute)) return MIDGE_OK;
    TRY(append_texts(file, region, path, attribute, &count, &texts));
    if (count > 0) *text = texts[0];
    return MIDGE_OK;
}

/* ---- Numbers ---- */

/* Only storage that lies in this file, packed only by filters of known expansion. */
static midge_status check_storage(const mg_hdf5 *file, const char *path, hid_t dataset,
                                  uint64_t bytes)
{
    hid_t creation = H5Dget_create_plist(dataset);
    if (creation < 0) return refuse(file, path, "cannot be read");
    H5D_layout_t layout = H5Pget_layout(creation);
    bool outside = H5Pget_external_count(creation) != 0 || layout == H5D_VIRTUAL;
    bool known = layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED;
    int filters = layout == H5D_CHUNKED ? H5Pget_nfilters(creation) : 0;
    bool packed = false;
    for (int i = 0; i < filters; ++i) {
        unsigned flags = 0, setting = 0;
        size_t settings = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(creation, (unsigned)i, &flags, &settings, &setting, 0, NULL, NULL);
        packed = packed || filter == H5Z_FILTER_DEFLATE;
        known = known && (filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
                          filter == H5Z_FILTER_FLETCHER32);
    }
    (void)H5Pclose(creation);
    if (outside) return refuse(file, path, "lies in another file");
    if (!known || filters > 8) return refuse(file, path, "is stored in a way midge does not read");
    uint64_t stored = H5Dget_storage_size(dataset);
    if (stored > file->size || bytes / (packed ? MOST_EXPANSION : 1) > stored)
        return refuse(file, path, "claims more data than the file has");
    return MIDGE_OK;
}

/* bfloat16, which h5py stores as two bytes without meaning, becomes float32 in place. */
static void widen(void *memory, size_t count)
{
    const unsigned char *narrow = memory;
    for (size_t i = count; i-- > 0;) {
        uint32_t bits = (uint32_t)narrow[2 * i] << 16 | (uint32_t)narrow[2 * i + 1] << 24;
        memcpy((unsigned char *)memory + i * sizeof bits, &bits, sizeof bits);
    }
}

static midge_status read_dataset(const mg_hdf5 *file, mg_region *region, const char *path,
                                 hid_t dataset, hid_t type, hid_t space, mg_hdf5_array *array)
{
    hsize_t shape[H5S_MAX_RANK] = {0};
    int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || rank > MIDGE_MAX_RANK) return refuse(file, path, "has too many dimensions");
    (void)H5Sget_simple_extent_dims(space, shape, NULL);
    H5T_class_t kind = H5Tget_class(type);
    size_t width = H5Tget_size(type);
    bool brain = kind == H5T_OPAQUE && width == sizeof(uint16_t);
    if ((kind != H5T_FLOAT && kind != H5T_INTEGER && !brain) || width > 8 || width == 0)
        return refuse(file, path, "is no array of plain numbers");
    array->rank = (int32_t)rank;
    array->count = 1;
    for (int i = 0; i < rank; ++i) {
        if (shape[i] > INT32_MAX ||
            !mg_size_multiply(array->count, (size_t)shape[i], &array->count))
            return refuse(file, path, "has impossible dimensions");
        array->shape[i] = (int32_t)shape[i];
    }
    size_t bytes;
    if (!mg_size_multiply(array->count, sizeof(double), &bytes) || bytes > 2 * most_dataset)
        return refuse(file, path, "is too large");
    if (array->count > 0) TRY(check_storage(file, path, dataset, array->count * width));
    void *memory = NULL;
    TRY(mg_region_get(region, array->count * sizeof(float), &memory, file->error));
    array->values = memory;
    if (array->count > 0 && H5Dread(dataset, brain ? type : H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL,
                                    H5P_DEFAULT, memory) < 0)
        return refuse(file, path, "cannot be unpacked: its data are damaged");
    if (brain) widen(memory, array->count);
    return MIDGE_OK;
}

midge_status mg_hdf5_floats(const mg_hdf5 *file, mg_region *region, const char *path,
                            mg_hdf5_array *array)
{
    *array = (mg_hdf5_array){0};
    if (!mg_hdf5_has(file, path)) return refuse(file, path, "is missing, or is a link");
    hid_t dataset = H5Dopen2(file->file, path, H5P_DEFAULT);
    if (dataset < 0) return refuse(file, path, "is no dataset");
    hid_t type = H5Dget_type(dataset);
    hid_t space = H5Dget_space(dataset);
    midge_status status = type < 0 || space < 0
                              ? refuse(file, path, "cannot be read")
                              : read_dataset(file, region, path, dataset, type, space, array);
    if (space > 0) (void)H5Sclose(space);
    if (type > 0) (void)H5Tclose(type);
    (void)H5Dclose(dataset);
    return status;
}

midge_status mg_hdf5_integer(const mg_hdf5 *file, const char *path, int64_t *value)
{
    if (!mg_hdf5_has(file, path)) return refuse(file, path, "is missing, or is a link");
    hid_t dataset = H5Dopen2(file->file, path, H5P_DEFAULT);
    if (dataset < 0) return refuse(file, path, "is no dataset");
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    bool whole = type > 0 && space > 0 && H5Tget_class(type) == H5T_INTEGER &&
                 H5Sget_simple_extent_npoints(space) == 1;
    midge_status status = whole ? check_storage(file, path, dataset, H5Tget_size(type))
                                : refuse(file, path, "is no whole number");
    if (status == MIDGE_OK &&
        H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0)
        status = refuse(file, path, "cannot be unpacked: its data are damaged");
    if (space > 0) (void)H5Sclose(space);
    if (type > 0) (void)H5Tclose(type);
    (void)H5Dclose(dataset);
    return status;
}
