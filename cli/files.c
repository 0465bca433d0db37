/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

static midge_status fail_empty_name(midge_error *error)
{
    return cli_fail(error, MIDGE_INVALID_ARGUMENT, "an empty file name was given");
}

static midge_status open_read(const char *path, FILE **stream, midge_error *error)
{
    struct stat status;
    if (is_standard(path)) {
        *stream = stdin;
        return MIDGE_OK;
    }
    if (path[0] == '\0') return fail_empty_name(error);
    *stream = fopen(path, "rb");
    if (*stream == NULL) {
        return cli_fail(error, MIDGE_IO_ERROR, "%s: cannot be opened: %s", path, strerror(errno));
    }
    if (fstat(fileno(*stream), &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)fclose(*stream);
        return cli_fail(error, MIDGE_IO_ERROR, "%s: is a directory; name a file in it", path);
    }
    return MIDGE_OK;
}

static void close_read(FILE *stream)
{
    if (stream != stdin) (void)fclose(stream);
}

/* Grows by doubling, so that pipes and files of unknown size work too. */
static midge_status read_all(FILE *stream, const char *path, size_t limit, cli_bytes *bytes,
                             midge_error *error)
{
    size_t capacity = 0;
    for (;;) {
        if (bytes->size == capacity) {
            size_t larger = capacity == 0 ? 65536 : capacity * 2;
            if (larger > limit + 1) larger = limit + 1;
            unsigned char *moved = realloc(bytes->data, larger);
            if (moved == NULL) return cli_fail_memory(error, path, larger);
            bytes->data = moved;
            capacity = larger;
        }
        size_t got = fread(bytes->data + bytes->size, 1, capacity - bytes->size, stream);
        bytes->size += got;
        if (bytes->size > limit) {
            return cli_fail(error, MIDGE_LIMIT_EXCEEDED, "%s: has more than %zu bytes, the limit",
                            path, limit);
        }
        if (got > 0) continue;
        if (!ferror(stream)) return MIDGE_OK;
        return cli_fail(error, MIDGE_IO_ERROR, "%s: cannot be read: %s", path, strerror(errno));
    }
}

midge_status cli_file_read(const char *path, size_t limit, cli_bytes *bytes, midge_error *error)
{
    FILE *stream = NULL;
    *bytes = (cli_bytes){NULL, 0};
    TRY(open_read(path, &stream, error));
    midge_status status = read_all(stream, path, limit, bytes, error);
    close_read(stream);
    if (status != MIDGE_OK) cli_bytes_free(bytes);
    return status;
}

midge_status cli_file_head(const char *path, unsigned char *head, size_t capacity, size_t *size,
                           midge_error *error)
{
    FILE *stream = NULL;
    TRY(open_read(path, &stream, error));
    *size = fread(head, 1, capacity, stream);
    bool failed = ferror(stream) != 0;
    int reason = errno;
    close_read(stream);
    if (!failed) return MIDGE_OK;
    return cli_fail(error, MIDGE_IO_ERROR, "%s: cannot be read: %s", path, strerror(reason));
}

void cli_bytes_free(cli_bytes *bytes)
{
    free(bytes->data);
    *bytes = (cli_bytes){NULL, 0};
}

static const char made_up_suffix[] = ".XXXXXX";

/* A new file under the name of the temporary one, which is made up unless its suffix says all. */
static int open_temporary(char *temporary, const char *suffix)
{
    if (strcmp(suffix, made_up_suffix) == 0) return mkstemp(temporary);
    (void)unlink(temporary);
    return open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static midge_status open_beside(cli_writer *writer, const char *path, const char *suffix,
                                midge_error *error)
{
    size_t length = strlen(path);
    writer->temporary = malloc(length + strlen(suffix) + 1);
    if (writer->temporary == NULL) return cli_fail_memory(error, path, length);
    memcpy(writer->temporary, path, length);
    memcpy(writer->temporary + length, suffix, strlen(suffix) + 1);
    int file = open_temporary(writer->temporary, suffix);
    if (file >= 0) writer->stream = fdopen(file, "wb");
    if (writer->stream != NULL) return MIDGE_OK;
    midge_status failed =
        cli_fail(error, MIDGE_IO_ERROR, "%s: cannot be written: %s", path, strerror(errno));
    if (file >= 0) {
        (void)close(file);
        (void)unlink(writer->temporary);
    }
    free(writer->temporary);
    writer->temporary = NULL;
    return failed;
}

midge_status cli_writer_open(cli_writer *writer, const char *path, midge_error *error)
{
    *writer = (cli_writer){NULL, NULL, path};
    if (is_standard(path)) {
        writer->stream = stdout;
        return MIDGE_OK;
    }
    if (path[0] == '\0') return fail_empty_name(error);
    struct stat status;
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) {
        return cli_fail(error, MIDGE_IO_ERROR, "%s: is a directory; name a file", path);
    }
    if (!exists || S_ISREG(status.st_mode)) return open_beside(writer, path, made_up_suffix, error);
    /* A device or pipe must be written to, not replaced. */
    writer->stream = fopen(path, "wb");
    if (writer->stream != NULL) return MIDGE_OK;
    return cli_fail(error, MIDGE_IO_ERROR, "%s: cannot be written: %s", path, strerror(errno));
}

midge_status cli_writer_reopen(cli_writer *writer, const char *path, midge_error *error)
{
    *writer = (cli_writer){NULL, NULL, path};
    return open_beside(writer, path, ".new", error);
}

midge_status cli_writer_commit(cli_writer *writer, midge_error *error)
{
    bool good = fflush(writer->stream) == 0 && !ferror(writer->stream);
    int reason = errno;
    if (writer->temporary == NULL) {
        if (writer->stream != stdout) (void)fclose(writer->stream);
        if (good) return MIDGE_OK;
        return cli_fail(error, MIDGE_IO_ERROR, "%s: cannot be written: %s",
                        is_standard(writer->path) ? "standard output" : writer->path,
                        strerror(reason));
    }
    /* mkstemp makes files that only the owner may read; give it what fopen would have given. */
    mode_t mask = umask(0);
    (void)umask(mask);
    (void)fchmod(fileno(writer->stream), 0666 & ~mask);
    if (fclose(writer->stream) != 0 && good) {
        good = false;
        reason = errno;
    }
    writer->stream = NULL;
    if (good && rename(writer->temporary, writer->path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good) (void)unlink(writer->temporary);
    free(writer->temporary);
    writer->temporary = NULL;
    if (good) return MIDGE_OK;
    return cli_fail(error, MIDGE_IO_ERROR, "%s: cannot be written: %s", writer->path,
                    strerror(reason));
}

void cli_writer_discard(cli_writer *writer)
{
    if (writer->stream != NULL && writer->stream != stdout) (void)fclose(writer->stream);
    if (writer->temporary != NULL) (void)unlink(writer->temporary);
    free(writer->temporary);
    *writer = (cli_writer){NULL, NULL, NULL};
}

midge_status cli_make_folder(const char *path, midge_error *error)
{
    size_t length = strlen(path);
    struct stat status;
    int reason = 0;
    if (length == 0)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "an empty folder name was given");
    char *part = malloc(length + 1);
    if (part == NULL) return cli_fail_memory(error, path, length);
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; ++i) {
        if (part[i] != '/' && part[i] != '\0') continue;
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST && reason == 0) reason = errno;
        if (i < length) part[i] = '/';
    }
    free(part);
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode)) return MIDGE_OK;
        reason = ENOTDIR;
    }
    return cli_fail(error, MIDGE_IO_ERROR, "%s: the folder cannot be made: %s", path,
                    strerror(reason));
}

char *cli_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    size_t more = strlen(name);
    char *path = malloc(length + more + 2);
    if (path == NULL) return NULL;
    memcpy(path, folder, length);
    if (length > 0 && folder[length - 1] != '/') path[length++] = '/';
    memcpy(path + length, name, more + 1);
    return path;
}
