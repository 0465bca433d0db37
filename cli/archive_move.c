/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A zip archive, as far as it matters here:
 *
 *   entries, each with a local head            the first one is where the archive begins
 *   the directory: a record for each entry     46 bytes and three texts; offset of the local head
 *   the end: 22 bytes and a comment            size and offset of the directory
 *
 * Archives of more than 4 GiB have other ends; a model has none.
 */
#include "archive_move.h"

#include <stdlib.h>
#include <string.h>

enum {
    END_BYTES = 22,
    END_DIRECTORY_SIZE = 12,
    END_DIRECTORY_OFFSET = 16,
    RECORD_BYTES = 46,
    RECORD_TEXT_SIZES = 28, /* name, extra, comment: two bytes each */
    RECORD_OFFSET = 42,
    MOST_COMMENT = 65535
};

static uint32_t read_32(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t read_16(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static void write_32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; ++i) at[i] = (unsigned char)(value >> (8 * i));
}

/* Where the end begins; `size` when there is none. */
static size_t find_end(const unsigned char *file, size_t size)
{
    for (size_t back = END_BYTES; back <= size && back <= END_BYTES + MOST_COMMENT; ++back)
        if (memcmp(file + size - back, "PK\5\6", 4) == 0) return size - back;
    return size;
}

/* Visits the records of a directory of `bytes` bytes: finds the lowest offset, then, when `delta`
 * is not 0, moves all. False when the records are not sound. */
static bool walk(unsigned char *directory, size_t bytes, uint32_t *lowest, int64_t delta)
{
    for (size_t at = 0; at < bytes;) {
        if (bytes - at < RECORD_BYTES || memcmp(directory + at, "PK\1\2", 4) != 0) return false;
        unsigned char *record = directory + at;
        uint32_t offset = read_32(record + RECORD_OFFSET);
        if (offset < *lowest) *lowest = offset;
        if (delta != 0) write_32(record + RECORD_OFFSET, (uint32_t)(offset + delta));
        at += RECORD_BYTES;
        for (int k = 0; k < 3; ++k) at += read_16(record + RECORD_TEXT_SIZES + 2 * k);
    }
    return true;
}

midge_status cli_archive_move(const unsigned char *file, size_t size, size_t before,
                              cli_bytes *moved, midge_error *error)
{
    size_t end = find_end(file, size);
    if (end == size) return MIDGE_OK;
    uint32_t bytes = read_32(file + end + END_DIRECTORY_SIZE);
    uint32_t offset = read_32(file + end + END_DIRECTORY_OFFSET);
    uint32_t lowest = offset;
    if (bytes > end || offset != end - bytes) return MIDGE_OK; /* counts from elsewhere */
    unsigned char *copy = malloc(size - offset + 1);
    if (copy == NULL) return cli_fail_memory(error, "archive", size - offset);
    memcpy(copy, file + offset, size - offset);
    bool sound = walk(copy, bytes, &lowest, 0) && before <= UINT32_MAX - (size - lowest);
    int64_t delta = (int64_t)before - (int64_t)lowest;
    free(copy);
    if (!sound) return MIDGE_OK;
    moved->size = size - lowest;
    moved->data = malloc(moved->size + 1);
    if (moved->data == NULL) return cli_fail_memory(error, "archive", moved->size);
    memcpy(moved->data, file + lowest, moved->size);
    (void)walk(moved->data + (offset - lowest), bytes, &lowest, delta);
    write_32(moved->data + (end - lowest) + END_DIRECTORY_OFFSET, (uint32_t)(offset + delta));
    return MIDGE_OK;
}
