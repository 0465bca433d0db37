/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle of variables beside a SavedModel: PREFIX.index is a sorted table from keys to entries,
 * PREFIX.data-00000-of-00001, … hold the bytes of the tensors.
 *
 *   index:  data block …, meta index block, index block, footer of 48 bytes
 *   block:  entries, restart offsets, their count; then a byte for its compression, and a checksum
 *   entry:  bytes shared with the key before, bytes of its own, bytes of the value; those bytes
 *
 * The key "" has the header; every other key a BundleEntry. Every block and every tensor has a
 * checksum, and each is looked at.
 */
#ifndef MG_BUNDLE_H
#define MG_BUNDLE_H

#include "base/file.h"

typedef struct mg_bundle_entry {
    const char *key; /* ends with 0; the key itself has none */
    const unsigned char *value;
    size_t value_size;
} mg_bundle_entry;

typedef struct mg_bundle {
    mg_heap *heap;
    mg_region region;
    midge_error *error;
    const char *prefix; /* of the paths */
    const char *name;   /* of the model, for messages */
    mg_file index;
    size_t entry_count;
    mg_bundle_entry *entries; /* keys ascend */
    size_t shard_count;
    mg_file *shards; /* opened when first needed */
    uint32_t *checksum_table;
    bool has_objects; /* once they were looked for */
    size_t object_count;
    struct mg_bundle_object *objects; /* sorted by name */
} mg_bundle;

/* What the object graph says of a variable. */
typedef struct mg_bundle_object {
    const char *name;
    const char *key;
} mg_bundle_object;

typedef struct mg_bundle_tensor {
    int32_t dtype; /* TensorFlow's number */
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    const unsigned char *bytes; /* of the mapped shard; any alignment */
    size_t size;
} mg_bundle_tensor;

/* ---- bundle_checksum.c */

enum { MG_CHECKSUM_TABLE = 8 * 256 };
void mg_checksum_prepare(uint32_t table[MG_CHECKSUM_TABLE]);
/* CRC-32C of `before`'s bytes and these; 0 before the first. */
uint32_t mg_checksum_add(const uint32_t *table, uint32_t before, const unsigned char *bytes,
                         size_t size);
/* As the format stores it. */
uint32_t mg_checksum_mask(uint32_t sum);

/* ---- bundle_table.c */

/* A number of up to ten bytes, seven bits each; false when it does not end before `end`. */
bool mg_bundle_varint(const unsigned char **at, const unsigned char *end, uint64_t *value);
uint32_t mg_bundle_word(const unsigned char *bytes);
/* Reads a whole table. Keys and entries are of the region, values point into `bytes`. */
midge_status mg_bundle_read_table(mg_bundle *bundle, const unsigned char *bytes, size_t size);

/* ---- bundle_tensor.c */

/* To be closed also after a failure. `prefix` and `name` are kept by pointer. */
midge_status mg_bundle_open(mg_heap *heap, const char *prefix, const char *name, midge_error *error,
                            mg_bundle *bundle);
void mg_bundle_close(mg_bundle *bundle);
bool mg_bundle_has(const mg_bundle *bundle, const char *key);
midge_status mg_bundle_tensor_read(mg_bundle *bundle, const char *key, mg_bundle_tensor *tensor);
/* The bytes of a tensor that is a single text; they end with the shard. */
midge_status mg_bundle_text_read(mg_bundle *bundle, const char *key, const unsigned char **text,
                                 size_t *size);

/* ---- bundle_objects.c */

/* The key of a variable by its name; NULL when none, or several, have that name. */
midge_status mg_bundle_key_of(mg_bundle *bundle, const char *name, const char **key);

#endif
