/* SPDX-License-Identifier: Apache-2.0 */
#include "archive.h"

#ifdef MIDGE_HAVE_ZIP

#include <stdlib.h>
#include <zip.h>

bool cli_archive_supported(void)
{
    return true;
}

static midge_status unpack(const char *name, zip_t *archive, const char *member, size_t limit,
                           cli_bytes *bytes, midge_error *error)
{
    zip_stat_t about;
    zip_file_t *file = NULL;
    if (zip_stat(archive, member, 0, &about) != 0 ||
        (file = zip_fopen(archive, member, 0)) == NULL) {
        return cli_fail(error, MIDGE_INVALID_MODEL, "%s: its file %s cannot be unpacked: %s", name,
                        member, zip_strerror(archive));
    }
    midge_status status = MIDGE_OK;
    if (about.size > limit) {
        status = cli_fail(error, MIDGE_LIMIT_EXCEEDED,
                          "%s: its file %s has %llu bytes, the limit is %zu", name, member,
                          (unsigned long long)about.size, limit);
    } else {
        bytes->size = (size_t)about.size;
        bytes->data = malloc(bytes->size + 1);
        if (bytes->data == NULL) status = cli_fail_memory(error, name, bytes->size);
    }
    if (status == MIDGE_OK &&
        zip_fread(file, bytes->data, bytes->size) != (zip_int64_t)bytes->size) {
        status = cli_fail(error, MIDGE_INVALID_MODEL, "%s: its file %s is damaged: %s", name,
                          member, zip_file_strerror(file));
    }
    (void)zip_fclose(file);
    if (status != MIDGE_OK) cli_bytes_free(bytes);
    return status;
}

midge_status cli_archive_read(const char *name, const void *archive, size_t size,
                              const char *member, size_t limit, cli_bytes *bytes,
                              midge_error *error)
{
    zip_error_t reason;
    zip_t *opened = NULL;
    *bytes = (cli_bytes){NULL, 0};
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(archive, size, 0, &reason);
    if (source != NULL) opened = zip_open_from_source(source, ZIP_RDONLY, &reason);
    midge_status status;
    if (opened == NULL) {
        status = cli_fail(error, MIDGE_INVALID_MODEL,
                          "%s: its file %s is missing: no archive behind the model (%s)", name,
                          member, zip_error_strerror(&reason));
        if (source != NULL) zip_source_free(source);
    } else {
        status = unpack(name, opened, member, limit, bytes, error);
        zip_discard(opened);
    }
    zip_error_fini(&reason);
    return status;
}

#else

bool cli_archive_supported(void)
{
    return false;
}

midge_status cli_archive_read(const char *name, const void *archive, size_t size,
                              const char *member, size_t limit, cli_bytes *bytes,
                              midge_error *error)
{
    (void)archive;
    (void)size;
    (void)limit;
    *bytes = (cli_bytes){NULL, 0};
    return cli_fail(
        error, MIDGE_UNSUPPORTED,
        "%s: its file %s lies in a zip archive, and this midge was built without libzip", name,
        member);
}

#endif
