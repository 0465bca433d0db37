/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "convert/bundle.h"
#include "convert/tensorflow_message.h"

enum { MOST_SHARDS = 4096 };
static const uint64_t most_bytes = UINT64_C(1) << 36;

static const mg_bundle_entry *find(const mg_bundle *bundle, const char *key)
{
    size_t low = 0, high = bundle->entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(bundle->entries[middle].key, key);
        if (order == 0) return &bundle->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool mg_bundle_has(const mg_bundle *bundle, const char *key)
{
    return find(bundle, key) != NULL;
}

static midge_status open_path(const mg_bundle *bundle, const char *ending, mg_file *file)
{
    char path[4096], name[64];
    const char *slash = strrchr(bundle->prefix, '/');
    midge_error *error = bundle->error;
    int length = snprintf(path, sizeof path, "%s%s", bundle->prefix, ending);
    (void)snprintf(name, sizeof name, "%s%s", slash != NULL ? slash + 1 : "", ending);
    if (length < 0 || (size_t)length >= sizeof path)
        return mg_fail(error, MIDGE_IO_ERROR, "%s: the path is too long", bundle->name);
    midge_status status = mg_file_open(bundle->heap, path, true, most_bytes, file, error);
    if (status != MIDGE_IO_ERROR) return status;
    return mg_fail(error, status,
                   "%s: cannot read variables/%s; copy the whole folder of the model", bundle->name,
                   name);
}

static midge_status read_header(mg_bundle *bundle)
{
    const mg_bundle_entry *entry = find(bundle, "");
    Mg__BundleHeader *header = NULL;
    void *memory = NULL;
    if (entry == NULL)
        return mg_fail(bundle->error, MIDGE_INVALID_MODEL, "%s: variables.index has no header",
                       bundle->name);
    TRY(mg_message_read(&bundle->region, bundle->error, bundle->name, "variables.index",
                        &mg__bundle_header__descriptor, entry->value, entry->value_size,
                        (void **)&header));
    if (header->endianness != 0)
        return mg_fail(bundle->error, MIDGE_UNSUPPORTED,
                       "%s: its variables were written on a big-endian machine", bundle->name);
    if (header->num_shards < 1 || header->num_shards > MOST_SHARDS)
        return mg_fail(bundle->error, MIDGE_INVALID_MODEL, "%s: %d files of variables",
                       bundle->name, (int)header->num_shards);
    bundle->shard_count = (size_t)header->num_shards;
    TRY(mg_region_get_array(&bundle->region, bundle->shard_count, sizeof(mg_file), &memory,
                            bundle->error));
    bundle->shards = memory;
    return MIDGE_OK;
}

midge_status mg_bundle_open(mg_heap *heap, const char *prefix, const char *name, midge_error *error,
                            mg_bundle *bundle)
{
    void *memory = NULL;
    *bundle = (mg_bundle){.heap = heap, .error = error, .prefix = prefix, .name = name};
    mg_region_init(&bundle->region, heap);
    TRY(mg_region_get(&bundle->region, MG_CHECKSUM_TABLE * sizeof(uint32_t), &memory, error));
    bundle->checksum_table = memory;
    mg_checksum_prepare(bundle->checksum_table);
    TRY(open_path(bundle, ".index", &bundle->index));
    TRY(mg_bundle_read_table(bundle, bundle->index.bytes, bundle->index.size));
    return read_header(bundle);
}

void mg_bundle_close(mg_bundle *bundle)
{
    if (bundle->heap == NULL) return;
    for (size_t i = 0; i < bundle->shard_count && bundle->shards != NULL; ++i)
        if (bundle->shards[i].bytes != NULL) mg_file_close(bundle->heap, &bundle->shards[i]);
    if (bundle->index.bytes != NULL) mg_file_close(bundle->heap, &bundle->index);
    mg_region_free(&bundle->region);
    *bundle = (mg_bundle){.heap = NULL};
}

static midge_status open_shard(mg_bundle *bundle, size_t shard, mg_file **file)
{
    char ending[64];
    *file = &bundle->shards[shard];
    if ((*file)->bytes != NULL) return MIDGE_OK;
    (void)snprintf(ending, sizeof ending, ".data-%05zu-of-%05zu", shard, bundle->shard_count);
    return open_path(bundle, ending, *file);
}

static midge_status refuse(const mg_bundle *bundle, const char *key, const char *what)
{
    char name[200];
    return mg_fail(bundle->error, MIDGE_INVALID_MODEL, "%s: variable %s %s", bundle->name,
                   mg_printable(key, name, sizeof name), what);
}

/* The entry of a key, and where its bytes lie. */
static midge_status open_entry(mg_bundle *bundle, const char *key, Mg__BundleEntry **entry,
                               const unsigned char **bytes)
{
    const mg_bundle_entry *found = find(bundle, key);
    mg_file *shard = NULL;
    if (found == NULL) return refuse(bundle, key, "is not in variables.index");
    TRY(mg_message_read(&bundle->region, bundle->error, bundle->name, "variables.index",
                        &mg__bundle_entry__descriptor, found->value, found->value_size,
                        (void **)entry));
    if ((*entry)->n_slices > 0)
        return refuse(bundle, key, "is stored in slices; save the model without partitioning");
    if ((*entry)->shard_id < 0 || (size_t)(*entry)->shard_id >= bundle->shard_count)
        return refuse(bundle, key, "is said to be in a file that is not there");
    TRY(open_shard(bundle, (size_t)(*entry)->shard_id, &shard));
    if ((*entry)->offset < 0 || (*entry)->size < 0 || (uint64_t)(*entry)->offset > shard->size ||
        (uint64_t)(*entry)->size > shard->size - (uint64_t)(*entry)->offset)
        return refuse(bundle, key, "lies beyond the end of its file, which was cut short");
    *bytes = shard->bytes + (*entry)->offset;
    return MIDGE_OK;
}

midge_status mg_bundle_tensor_read(mg_bundle *bundle, const char *key, mg_bundle_tensor *tensor)
{
    Mg__BundleEntry *entry = NULL;
    TRY(open_entry(bundle, key, &entry, &tensor->bytes));
    if (!mg_message_shape(entry->shape, &tensor->rank, tensor->shape))
        return refuse(bundle, key, "has an impossible shape");
    tensor->dtype = entry->dtype;
    tensor->size = (size_t)entry->size;
    uint32_t sum = mg_checksum_add(bundle->checksum_table, 0, tensor->bytes, tensor->size);
    if (mg_checksum_mask(sum) != entry->crc32c)
        return refuse(bundle, key, "has a wrong checksum: the file is damaged");
    return MIDGE_OK;
}

/* Its length as a varint, a checksum of the length as four bytes, the text. The checksum of the
 * entry is one of the length as four bytes, that checksum, and the text. */
midge_status mg_bundle_text_read(mg_bundle *bundle, const char *key, const unsigned char **text,
                                 size_t *size)
{
    Mg__BundleEntry *entry = NULL;
    const unsigned char *at = NULL;
    uint64_t length = 0;
    TRY(open_entry(bundle, key, &entry, &at));
    const unsigned char *end = at + entry->size;
    if (!mg_bundle_varint(&at, end, &length) || end - at < 4 ||
        length != (uint64_t)(end - at) - 4 || length > UINT32_MAX)
        return refuse(bundle, key, "is no single text");
    const unsigned char word[4] = {(unsigned char)length, (unsigned char)(length >> 8),
                                   (unsigned char)(length >> 16), (unsigned char)(length >> 24)};
    uint32_t sum = mg_checksum_add(bundle->checksum_table, 0, word, sizeof word);
    if (mg_checksum_mask(sum) != mg_bundle_word(at) ||
        mg_checksum_mask(mg_checksum_add(bundle->checksum_table, sum, at, (size_t)(end - at))) !=
            entry->crc32c)
        return refuse(bundle, key, "has a wrong checksum: the file is damaged");
    *text = at + 4;
    *size = (size_t)length;
    return MIDGE_OK;
}
