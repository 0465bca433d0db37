/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_TEXT = 256 };

static midge_status fail_system(midge_error *error, const char *path, const char *what)
{
    char name[NAME_TEXT], reason[128];
    int number = errno;
    if (strerror_r(number, reason, sizeof reason) != 0) reason[0] = '\0';
    return mg_fail(error, MIDGE_IO_ERROR, "%s: %s: %s (error %d)",
                   mg_printable(path, name, sizeof name), what, reason, number);
}

static midge_status fill(int descriptor, unsigned char *bytes, size_t size, const char *path,
                         midge_error *error)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(descriptor, bytes + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_system(error, path, "cannot be read");
        if (got == 0) {
            char name[NAME_TEXT];
            return mg_fail(error, MIDGE_IO_ERROR, "%s: ended after %zu of %zu bytes",
                           mg_printable(path, name, sizeof name), done, size);
        }
        done += (size_t)got;
    }
    return MIDGE_OK;
}

static midge_status check_kind(const struct stat *status, uint64_t limit, const char *path,
                               midge_error *error)
{
    char name[NAME_TEXT];
    if (S_ISDIR(status->st_mode))
        return mg_fail(error, MIDGE_IO_ERROR,
                       "%s: is a directory; give the .tflite file itself (a SavedModel directory "
                       "must be converted first)",
                       mg_printable(path, name, sizeof name));
    if (!S_ISREG(status->st_mode))
        return mg_fail(error, MIDGE_IO_ERROR, "%s: is not a regular file",
                       mg_printable(path, name, sizeof name));
    if (status->st_size == 0)
        return mg_fail(error, MIDGE_INVALID_MODEL, "%s: the file is empty",
                       mg_printable(path, name, sizeof name));
    if ((uint64_t)status->st_size > limit || (uint64_t)status->st_size > SIZE_MAX / 2)
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "%s: %llu bytes pass the limit of %llu",
                       mg_printable(path, name, sizeof name), (unsigned long long)status->st_size,
                       (unsigned long long)limit);
    return MIDGE_OK;
}

bool mg_file_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static midge_status load_descriptor(mg_heap *heap, int descriptor, const char *path, bool map,
                                    size_t size, mg_file *file, midge_error *error)
{
    if (map) {
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (bytes == MAP_FAILED) return fail_system(error, path, "cannot be mapped");
        *file = (mg_file){bytes, size, MG_FILE_MAPPED};
        return MIDGE_OK;
    }
    void *bytes = NULL;
    TRY(mg_heap_get(heap, size, &bytes, error));
    midge_status status = fill(descriptor, bytes, size, path, error);
    if (status != MIDGE_OK) {
        mg_heap_release(heap, bytes);
        return status;
    }
    *file = (mg_file){bytes, size, MG_FILE_HEAP};
    return MIDGE_OK;
}

midge_status mg_file_open(mg_heap *heap, const char *path, bool map, uint64_t limit, mg_file *file,
                          midge_error *error)
{
    if (path[0] == '\0') return mg_fail_empty_name(error);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return fail_system(error, path, "cannot be opened");
    struct stat state;
    midge_status status = MIDGE_OK;
    if (fstat(descriptor, &state) != 0) status = fail_system(error, path, "cannot be examined");
    if (status == MIDGE_OK) status = check_kind(&state, limit, path, error);
    if (status == MIDGE_OK)
        status = load_descriptor(heap, descriptor, path, map, (size_t)state.st_size, file, error);
    (void)close(descriptor);
    return status;
}

void mg_file_close(mg_heap *heap, mg_file *file)
{
    if (file->origin == MG_FILE_MAPPED) (void)munmap((void *)(uintptr_t)file->bytes, file->size);
    if (file->origin == MG_FILE_HEAP) mg_heap_release(heap, (void *)(uintptr_t)file->bytes);
    *file = (mg_file){0};
}
