/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/zip_write.h"

#include <zip.h>

enum { FIRST_DATE = 1 << 5 | 1 }; /* 1 January 1980 */

static midge_status fail(midge_error *error, const char *reason)
{
    return mg_fail(error, MIDGE_NO_MEMORY, "the archive cannot be made: %s", reason);
}

static midge_status add_member(zip_t *archive, const mg_zip_member *member, bool packed,
                               midge_error *error)
{
    zip_source_t *source = zip_source_buffer(archive, member->bytes, member->size, 0);
    if (source == NULL) return fail(error, zip_strerror(archive));
    zip_int64_t index = zip_file_add(archive, member->name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return fail(error, zip_strerror(archive));
    }
    zip_uint64_t at = (zip_uint64_t)index;
    if (zip_set_file_compression(archive, at, packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                                 packed ? 6 : 0) != 0 ||
        zip_file_set_dostime(archive, at, 0, FIRST_DATE, 0) != 0 ||
        zip_file_set_external_attributes(archive, at, 0, ZIP_OPSYS_UNIX,
                                         (zip_uint32_t)0100644 << 16) != 0)
        return fail(error, zip_strerror(archive));
    return MIDGE_OK;
}

static midge_status fill(zip_t *archive, size_t count, const mg_zip_member *members, bool packed,
                         midge_error *error)
{
    for (size_t i = 0; i < count; ++i) TRY(add_member(archive, &members[i], packed, error));
    return MIDGE_OK;
}

static midge_status copy_out(mg_heap *heap, zip_source_t *source, void **bytes, size_t *size,
                             midge_error *error)
{
    zip_stat_t stat;
    if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0)
        return fail(error, zip_error_strerror(zip_source_error(source)));
    midge_status status = mg_heap_get(heap, (size_t)stat.size, bytes, error);
    if (status == MIDGE_OK &&
        zip_source_read(source, *bytes, stat.size) != (zip_int64_t)stat.size) {
        mg_heap_release(heap, *bytes);
        *bytes = NULL;
        status = fail(error, "it cannot be read back");
    }
    if (status == MIDGE_OK) *size = (size_t)stat.size;
    (void)zip_source_close(source);
    return status;
}

midge_status mg_zip_write(mg_heap *heap, size_t count, const mg_zip_member *members, bool packed,
                          void **bytes, size_t *size, midge_error *error)
{
    zip_error_t reason;
    *bytes = NULL;
    *size = 0;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &reason);
    zip_t *archive =
        source != NULL ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &reason) : NULL;
    if (archive == NULL) {
        if (source != NULL) zip_source_free(source);
        return fail(error, zip_error_strerror(&reason));
    }
    zip_source_keep(source);
    midge_status status = fill(archive, count, members, packed, error);
    if (status == MIDGE_OK && zip_close(archive) != 0)
        status = fail(error, zip_strerror(archive));
    else if (status == MIDGE_OK)
        archive = NULL;
    if (archive != NULL) zip_discard(archive);
    if (status == MIDGE_OK) status = copy_out(heap, source, bytes, size, error);
    zip_source_free(source);
    return status;
}
