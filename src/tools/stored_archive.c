/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout, all numbers with the least byte first:
 *
 *   local head     30 bytes and the name
 *   the file       as it is
 *   directory      46 bytes and the name; says where the local head is
 *   end            22 bytes; says where the directory is
 */
#include "tools/stored_archive.h"

#include <string.h>

enum { HEAD_BYTES = 30, RECORD_BYTES = 46, END_BYTES = 22 };

/* 1 January 1980, the first day that zip knows; readable by all. */
enum { FIRST_DATE = 1 << 5 | 1, VERSION = 20, FROM_UNIX = 3 };
static const uint32_t unix_mode = UINT32_C(0100644) << 16;

size_t mg_stored_archive_bytes(const char *name, size_t size)
{
    size_t around = HEAD_BYTES + RECORD_BYTES + END_BYTES + 2 * strlen(name);
    return size <= SIZE_MAX - around ? size + around : 0;
}

static uint32_t checksum(const unsigned char *bytes, size_t size)
{
    uint32_t sum = 0xffffffffu;
    for (size_t i = 0; i < size; ++i) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (0xedb88320u & (0u - (sum & 1)));
    }
    return ~sum;
}

static unsigned char *put(unsigned char *to, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i) *to++ = (unsigned char)(value >> (8 * i));
    return to;
}

/* What a local head and the record in the directory share. */
static unsigned char *put_facts(unsigned char *to, uint32_t sum, uint32_t size, size_t name)
{
    to = put(to, VERSION, 2);
    to = put(to, 0, 2); /* flags */
    to = put(to, 0, 2); /* stored */
    to = put(to, 0, 2); /* midnight */
    to = put(to, FIRST_DATE, 2);
    to = put(to, sum, 4);
    to = put(to, size, 4);
    to = put(to, size, 4);
    to = put(to, (uint32_t)name, 2);
    return put(to, 0, 2); /* extra */
}

void mg_stored_archive_write(const char *name, const void *bytes, size_t size, size_t offset,
                             unsigned char *to)
{
    size_t length = strlen(name);
    const unsigned char *begin = to;
    uint32_t sum = checksum(bytes, size);
    to = put(to, 0x04034b50, 4);
    to = put_facts(to, sum, (uint32_t)size, length);
    memcpy(to, name, length);
    memcpy(to + length, bytes, size);
    to += length + size;
    size_t directory = offset + (size_t)(to - begin);
    const unsigned char *record = to;
    to = put(to, 0x02014b50, 4);
    to = put(to, FROM_UNIX << 8 | VERSION, 2);
    to = put_facts(to, sum, (uint32_t)size, length);
    to = put(to, 0, 4); /* comment, disk */
    to = put(to, 0, 2); /* internal attributes */
    to = put(to, unix_mode, 4);
    to = put(to, (uint32_t)offset, 4);
    memcpy(to, name, length);
    to += length;
    uint32_t record_bytes = (uint32_t)(to - record);
    to = put(to, 0x06054b50, 4);
    to = put(to, 0, 4);           /* disks */
    to = put(to, 1 | 1 << 16, 4); /* entries here, and in all */
    to = put(to, record_bytes, 4);
    to = put(to, (uint32_t)directory, 4);
    (void)put(to, 0, 2); /* comment */
}
