/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include "base/file_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char made_up_ending[] = ".XXXXXX";

static midge_status fail_system(midge_error *error, const char *path, int number)
{
    char name[256], reason[128];
    if (strerror_r(number, reason, sizeof reason) != 0) reason[0] = '\0';
    return mg_fail(error, MIDGE_IO_ERROR, "%s: cannot be written: %s (error %d)",
                   mg_printable(path, name, sizeof name), reason, number);
}

/* 0, or the number of the error. */
static int write_all(int descriptor, const unsigned char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t put = write(descriptor, bytes + done, size - done);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return put < 0 ? errno : ENOSPC;
        done += (size_t)put;
    }
    return 0;
}

/* Gives the new file the rights of the old one, or those that fopen would have given. */
static void set_mode(int descriptor, const char *path)
{
    struct stat old;
    mode_t mask = umask(0);
    (void)umask(mask);
    mode_t mode = stat(path, &old) == 0 ? old.st_mode & 0777 : 0666 & ~mask;
    (void)fchmod(descriptor, mode);
}

/* A new file of a name that nothing else has: made up, or PATH.new. */
static int open_new(char *temporary, bool made_up)
{
    if (made_up) return mkstemp(temporary);
    (void)unlink(temporary);
    return open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static midge_status write_by(mg_heap *heap, const char *path, const char *ending, const void *bytes,
                             size_t size, midge_error *error)
{
    void *memory = NULL;
    size_t length = strlen(path);
    if (length == 0) return mg_fail_empty_name(error);
    TRY(mg_heap_get(heap, length + strlen(ending) + 1, &memory, error));
    char *temporary = memory;
    memcpy(temporary, path, length);
    memcpy(temporary + length, ending, strlen(ending) + 1);
    int descriptor = open_new(temporary, strcmp(ending, made_up_ending) == 0);
    int failed = descriptor < 0 ? errno : 0;
    if (failed == 0) {
        failed = write_all(descriptor, bytes, size);
        set_mode(descriptor, path);
        if (failed == 0 && fsync(descriptor) != 0 && errno != EINVAL) failed = errno;
        if (close(descriptor) != 0 && failed == 0) failed = errno;
        if (failed == 0 && rename(temporary, path) != 0) failed = errno;
        if (failed != 0) (void)unlink(temporary);
    }
    mg_heap_release(heap, memory);
    return failed == 0 ? MIDGE_OK : fail_system(error, path, failed);
}

midge_status mg_file_write(mg_heap *heap, const char *path, const void *bytes, size_t size,
                           midge_error *error)
{
    return write_by(heap, path, made_up_ending, bytes, size, error);
}

midge_status mg_file_rewrite(mg_heap *heap, const char *path, const void *bytes, size_t size,
                             midge_error *error)
{
    return write_by(heap, path, ".new", bytes, size, error);
}
