/* SPDX-License-Identifier: Apache-2.0 */
/* The sorted table of a bundle. Every number in it is taken for a lie until it fits the file. */
#include <string.h>

#include "base/size.h"
#include "convert/bundle.h"

enum {
    FOOTER = 48,
    TRAILER = 5,
    MOST_KEY = 65536,
    KEY_FACTOR = 64, /* all keys together, by the size of the file: they share their beginnings */
    KEY_ALLOWANCE = 1 << 20
};

typedef struct cursor {
    const unsigned char *at, *end;
} cursor;

typedef struct table {
    mg_bundle *bundle;
    const unsigned char *bytes;
    size_t size;
    size_t blocks_read; /* bytes of blocks so far; no block is read twice */
    size_t keys_kept;   /* bytes */
    size_t capacity;    /* of entries */
} table;

static midge_status damaged(const mg_bundle *bundle, const char *what)
{
    return mg_fail(bundle->error, MIDGE_INVALID_MODEL,
                   "%s: variables.index is damaged or was cut short: %s", bundle->name, what);
}

bool mg_bundle_varint(const unsigned char **at, const unsigned char *end, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && *at < end; shift += 7) {
        unsigned char byte = *(*at)++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

static bool read_varint(cursor *from, uint64_t *value)
{
    return mg_bundle_varint(&from->at, from->end, value);
}

uint32_t mg_bundle_word(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The entries of the block that a handle (offset, size) leads to. */
static midge_status open_block(table *from, cursor *handle, cursor *entries)
{
    uint64_t offset = 0, size = 0;
    size_t room = from->size - FOOTER;
    if (!read_varint(handle, &offset) || !read_varint(handle, &size) || size < 4 || offset > room ||
        size > room - offset || room - offset - size < TRAILER)
        return damaged(from->bundle, "a block lies outside of it");
    from->blocks_read += (size_t)size;
    if (from->blocks_read > from->size) return damaged(from->bundle, "blocks overlap");
    const unsigned char *block = from->bytes + offset;
    uint32_t sum = mg_checksum_add(from->bundle->checksum_table, 0, block, (size_t)size + 1);
    if (mg_checksum_mask(sum) != mg_bundle_word(block + size + 1))
        return damaged(from->bundle, "a checksum is wrong");
    if (block[size] != 0)
        return mg_fail(from->bundle->error, MIDGE_UNSUPPORTED,
                       "%s: variables.index is compressed; save the model anew with TensorFlow",
                       from->bundle->name);
    uint32_t restarts = mg_bundle_word(block + size - 4);
    if (restarts > (size - 4) / 4) return damaged(from->bundle, "a block without entries");
    *entries = (cursor){block, block + size - 4 - 4 * (size_t)restarts};
    return MIDGE_OK;
}

/* Reads an entry; the key is made of the one before, in the same buffer. */
static midge_status next_entry(const table *from, cursor *at, char *key, size_t *key_size,
                               cursor *value)
{
    uint64_t shared = 0, own = 0, value_size = 0;
    if (!read_varint(at, &shared) || !read_varint(at, &own) || !read_varint(at, &value_size) ||
        shared > *key_size || own > MOST_KEY - shared || own > (size_t)(at->end - at->at) ||
        value_size > (size_t)(at->end - at->at) - own)
        return damaged(from->bundle, "an entry is longer than its block");
    memcpy(key + shared, at->at, (size_t)own);
    *key_size = (size_t)(shared + own);
    *value = (cursor){at->at + own, at->at + own + value_size};
    at->at = value->end;
    return MIDGE_OK;
}

static midge_status keep_entry(table *to, const char *key, size_t key_size, const cursor *value)
{
    mg_bundle *bundle = to->bundle;
    void *memory = NULL;
    to->keys_kept += key_size + 1;
    if (to->keys_kept > KEY_FACTOR * to->size + KEY_ALLOWANCE)
        return damaged(bundle, "its names are longer than it can hold");
    if (memchr(key, 0, key_size) != NULL) return MIDGE_OK; /* of a slice; nothing asks for it */
    if (bundle->entry_count == to->capacity) {
        size_t larger = to->capacity == 0 ? 64 : 2 * to->capacity;
        TRY(mg_region_get_array(&bundle->region, larger, sizeof(mg_bundle_entry), &memory,
                                bundle->error));
        if (bundle->entry_count > 0)
            memcpy(memory, bundle->entries, bundle->entry_count * sizeof(mg_bundle_entry));
        bundle->entries = memory;
        to->capacity = larger;
    }
    TRY(mg_region_get(&bundle->region, key_size + 1, &memory, bundle->error));
    if (key_size > 0) memcpy(memory, key, key_size);
    if (bundle->entry_count > 0 &&
        strcmp(bundle->entries[bundle->entry_count - 1].key, memory) >= 0)
        return damaged(bundle, "its names are not in order");
    bundle->entries[bundle->entry_count++] =
        (mg_bundle_entry){memory, value->at, (size_t)(value->end - value->at)};
    return MIDGE_OK;
}

static midge_status read_block(table *from, cursor *handle, char *key)
{
    cursor entries, value;
    size_t key_size = 0;
    TRY(open_block(from, handle, &entries));
    while (entries.at < entries.end) {
        TRY(next_entry(from, &entries, key, &key_size, &value));
        TRY(keep_entry(from, key, key_size, &value));
    }
    return MIDGE_OK;
}

midge_status mg_bundle_read_table(mg_bundle *bundle, const unsigned char *bytes, size_t size)
{
    static const unsigned char magic[8] = {0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb};
    table from = {.bundle = bundle, .bytes = bytes, .size = size};
    cursor footer, blocks, handle;
    uint64_t ignored;
    void *keys = NULL;
    size_t key_size = 0;
    if (size < FOOTER || memcmp(bytes + size - sizeof magic, magic, sizeof magic) != 0)
        return damaged(bundle, "it does not end as a table of variables");
    TRY(mg_region_get(&bundle->region, 2 * MOST_KEY, &keys, bundle->error));
    footer = (cursor){bytes + size - FOOTER, bytes + size - sizeof magic};
    if (!read_varint(&footer, &ignored) || !read_varint(&footer, &ignored))
        return damaged(bundle, "its footer");
    TRY(open_block(&from, &footer, &blocks));
    while (blocks.at < blocks.end) {
        TRY(next_entry(&from, &blocks, keys, &key_size, &handle));
        TRY(read_block(&from, &handle, (char *)keys + MOST_KEY));
    }
    return MIDGE_OK;
}
