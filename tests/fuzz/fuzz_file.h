/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a fuzzer as a file, for what reads files only. The one who includes this defines
 * _POSIX_C_SOURCE. */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define FUZZ_FILE "/tmp/midge-fuzz-XXXXXX"

/* `path` is FUZZ_FILE and becomes the file's name, to be removed with unlink. */
static inline void fuzz_write_file(char *path, const uint8_t *data, size_t size)
{
    int file = mkstemp(path);
    if (file < 0) __builtin_trap();
    if (size > 0 && write(file, data, size) != (ssize_t)size) __builtin_trap();
    (void)close(file);
}

#endif
