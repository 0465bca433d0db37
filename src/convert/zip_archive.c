/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/zip_archive.h"

#include <string.h>
#include <zip.h>

enum { MOST_EXPANSION = 1100 }; /* deflate makes at most 1032 bytes of one */

bool mg_zip_is(const void *bytes, size_t size)
{
    return size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
}

/* Reads to the end, where libzip compares the sum, and one byte beyond, to see a wrong size. */
static midge_status read_all(zip_file_t *opened, const char *name, const char *member, char *data,
                             size_t size, midge_error *error)
{
    size_t have = 0;
    while (have < size) {
        zip_int64_t got = zip_fread(opened, data + have, size - have);
        if (got <= 0) break;
        have += (size_t)got;
    }
    char more;
    if (have != size || zip_fread(opened, &more, 1) != 0)
        return mg_fail(error, MIDGE_INVALID_MODEL, "%s: %s in the archive is damaged: %s", name,
                       member, zip_file_strerror(opened));
    return MIDGE_OK;
}

static midge_status read_member(zip_t *archive, size_t archive_size, const char *name,
                                const char *member, mg_heap *heap, void **data, size_t *size,
                                midge_error *error)
{
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat(archive, member, ZIP_FL_ENC_RAW, &stat) != 0) return MIDGE_OK;
    if ((stat.valid & (ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE)) !=
            (ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE) ||
        stat.comp_size > archive_size || stat.size / MOST_EXPANSION > stat.comp_size ||
        stat.size > SIZE_MAX - 1)
        return mg_fail(error, MIDGE_INVALID_MODEL,
                       "%s: %s claims more data than the archive can hold", name, member);
    zip_file_t *opened = zip_fopen_index(archive, stat.index, 0);
    if (opened == NULL)
        return mg_fail(error, MIDGE_INVALID_MODEL, "%s: %s in the archive: %s", name, member,
                       zip_strerror(archive));
    *size = (size_t)stat.size;
    midge_status status = mg_heap_get(heap, *size + 1, data, error);
    if (status == MIDGE_OK) {
        status = read_all(opened, name, member, *data, *size, error);
        ((char *)*data)[*size] = '\0';
    }
    (void)zip_fclose(opened);
    return status;
}

midge_status mg_zip_read(const void *bytes, size_t size, const char *name, const char *member,
                         mg_heap *heap, void **data, size_t *data_size, midge_error *error)
{
    zip_error_t reason;
    *data = NULL;
    *data_size = 0;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &reason);
    zip_t *archive = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    if (archive == NULL) {
        if (source != NULL) zip_source_free(source);
        return mg_fail(error, MIDGE_INVALID_MODEL, "%s: %s", name, zip_error_strerror(&reason));
    }
    midge_status status = read_member(archive, size, name, member, heap, data, data_size, error);
    if (status != MIDGE_OK) {
        mg_heap_release(heap, *data);
        *data = NULL;
    }
    zip_discard(archive);
    return status;
}
