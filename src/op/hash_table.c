/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HASHTABLE, HASHTABLE_IMPORT, HASHTABLE_FIND and HASHTABLE_SIZE: tables from int64 to string or
 * from string to int64, filled once.
 *
 * A table is a sorted array and is searched by halves: no file can make that slow. The data of the
 * resource is one block:
 *   struct table, entries[capacity], entries[capacity] while sorting, bytes of all strings
 */
#include <string.h>

#include "op/op.h"
#include "op/require.h"
#include "op/resource.h"
#include "op/string_writer.h"

/* The number is the key or the value, the string is the other. */
typedef struct entry {
    int64_t number;
    mg_string string;
} entry;

typedef struct table {
    size_t count;
    entry *entries;
} table;

static bool key_and_value(midge_type key, midge_type value)
{
    return (key == MIDGE_INT64 && value == MIDGE_STRING) ||
           (key == MIDGE_STRING && value == MIDGE_INT64);
}

midge_status mg_prepare_hash_table(midge_op_context *context)
{
    const mg_HashtableOptions *options = MG_OPTIONS(context, HashtableOptions);
    midge_type key = (midge_type)options->key_dtype, value = (midge_type)options->value_dtype;
    if (!key_and_value(key, value)) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "a table from %s to %s", midge_type_name(key),
                          midge_type_name(value));
    }
    TRY(mg_require_type(context, mg_output(context, 0), "output", MG_TYPES(MIDGE_RESOURCE)));
    void *index;
    TRY(mg_prepared(context, sizeof(int32_t), &index));
    mg_resources *resources = mg_session_resources(context);
    TRY(mg_resource_open(resources, MG_RESOURCE_TABLE, "", "", options->table_id, index,
                         context->error));
    mg_resource *resource = mg_resource_at(resources, MG_RESOURCE_TABLE, *(int32_t *)index);
    if (!resource->assigned) resource->type = key;
    return mg_set_output_shape(context, 0, 1, (const int32_t[]){1});
}

midge_status mg_run_hash_table(midge_op_context *context)
{
    memcpy(mg_output(context, 0)->data, context->prepared, sizeof(int32_t));
    return MIDGE_OK;
}

static midge_status require_table(midge_op_context *context)
{
    const midge_tensor *handle = mg_input(context, 0);
    TRY(mg_require_type(context, handle, "table", MG_TYPES(MIDGE_RESOURCE)));
    return mg_require_elements(context, handle, "table", 1);
}

/* `keys` may be NULL. */
static midge_status find_table(midge_op_context *context, const midge_tensor *keys,
                               mg_resource **resource)
{
    int32_t index;
    memcpy(&index, mg_input(context, 0)->data, sizeof index);
    *resource = mg_resource_at(mg_session_resources(context), MG_RESOURCE_TABLE, index);
    if (*resource == NULL) {
        return mg_op_fail(context, MIDGE_RUN_ERROR, "%d is no hash table", (int)index);
    }
    if (keys != NULL && keys->type != (*resource)->type) {
        return mg_op_fail(context, MIDGE_RUN_ERROR, "keys are %s, those of the table %s",
                          midge_type_name(keys->type), midge_type_name((*resource)->type));
    }
    return MIDGE_OK;
}

static int compare(midge_type key, const entry *a, const entry *b)
{
    if (key == MIDGE_INT64) return (a->number > b->number) - (a->number < b->number);
    size_t shorter = a->string.length < b->string.length ? a->string.length : b->string.length;
    int order = shorter > 0 ? memcmp(a->string.bytes, b->string.bytes, shorter) : 0;
    return order != 0
               ? order
               : (a->string.length > b->string.length) - (a->string.length < b->string.length);
}

/* Merges the sorted runs [begin, middle) and [middle, end); equal entries keep their order. */
static void merge(midge_type key, const entry *from, entry *to, size_t begin, size_t middle,
                  size_t end)
{
    size_t left = begin, right = middle;
    for (size_t i = begin; i < end; i++) {
        bool take_left =
            right == end || (left < middle && compare(key, &from[left], &from[right]) <= 0);
        to[i] = take_left ? from[left++] : from[right++];
    }
}

/* Merge sort; returns which of the two arrays holds the result. */
static entry *sort(midge_type key, entry *entries, entry *spare, size_t count)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t begin = 0; begin < count; begin += 2 * run) {
            size_t middle = begin + run < count ? begin + run : count;
            size_t end = middle + run < count ? middle + run : count;
            merge(key, entries, spare, begin, middle, end);
        }
        entry *swapped = entries;
        entries = spare;
        spare = swapped;
    }
    return entries;
}

/* Of equal keys the first one counts. */
static size_t drop_repeated(midge_type key, entry *entries, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || compare(key, &entries[kept - 1], &entries[i]) != 0) {
            entries[kept++] = entries[i];
        }
    }
    return kept;
}

midge_status mg_prepare_hash_table_import(midge_op_context *context)
{
    TRY(require_table(context));
    const midge_tensor *keys = mg_input(context, 1), *values = mg_input(context, 2);
    if (!key_and_value(keys->type, values->type)) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "a table from %s to %s",
                          midge_type_name(keys->type), midge_type_name(values->type));
    }
    return mg_require_same_shape(context, keys, "keys", values, "values");
}

static midge_status table_bytes(midge_op_context *context, size_t count, size_t string_bytes,
                                size_t *bytes)
{
    if (!mg_size_multiply(count, 2 * sizeof(entry), bytes) ||
        !mg_size_add(*bytes, sizeof(table), bytes) || !mg_size_add(*bytes, string_bytes, bytes)) {
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "%zu entries are too many", count);
    }
    return MIDGE_OK;
}

midge_status mg_run_hash_table_import(midge_op_context *context)
{
    const midge_tensor *keys = mg_input(context, 1), *values = mg_input(context, 2);
    mg_resource *resource;
    TRY(find_table(context, keys, &resource));
    if (resource->assigned) return MIDGE_OK;
    const midge_tensor *texts = keys->type == MIDGE_STRING ? keys : values;
    const midge_tensor *numbers = keys->type == MIDGE_STRING ? values : keys;
    TRY(mg_require_strings(context, texts, "strings"));
    size_t count = keys->elements, bytes = 0;
    TRY(table_bytes(context, count, texts->bytes, &bytes));
    TRY(mg_resource_reserve(mg_session_resources(context), resource, bytes, context->error));

    table *made = resource->data;
    entry *entries = (entry *)(made + 1);
    char *text = (char *)(entries + 2 * count);
    for (size_t i = 0; i < count; i++) {
        mg_string string = mg_string_at(texts, i);
        if (string.length > 0) memcpy(text, string.bytes, string.length);
        entries[i].string = (mg_string){text, string.length};
        memcpy(&entries[i].number, (const char *)numbers->data + i * sizeof(int64_t),
               sizeof(int64_t));
        text += string.length;
    }
    made->entries = sort(keys->type, entries, entries + count, count);
    made->count = drop_repeated(keys->type, made->entries, count);
    resource->assigned = true;
    return MIDGE_OK;
}

static const entry *search(const table *searched, midge_type key, const entry *wanted)
{
    size_t begin = 0, end = searched->count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        int order = compare(key, wanted, &searched->entries[middle]);
        if (order == 0) return &searched->entries[middle];
        if (order < 0)
            end = middle;
        else
            begin = middle + 1;
    }
    return NULL;
}

midge_status mg_prepare_hash_table_find(midge_op_context *context)
{
    TRY(require_table(context));
    const midge_tensor *keys = mg_input(context, 1), *other = mg_input(context, 2);
    const midge_tensor *output = mg_output(context, 0);
    TRY(mg_require_same_type(context, other, "default value", output, "output"));
    if (!key_and_value(keys->type, output->type)) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "a table from %s to %s",
                          midge_type_name(keys->type), midge_type_name(output->type));
    }
    if (other->elements < 1) return mg_require_elements(context, other, "default value", 1);
    return mg_set_output_like(context, 0, keys);
}

static midge_status find_strings(midge_op_context *context, const table *searched)
{
    const midge_tensor *keys = mg_input(context, 1);
    TRY(mg_require_strings(context, mg_input(context, 2), "default value"));
    mg_string other = mg_string_at(mg_input(context, 2), 0);
    mg_string_writer writer = {NULL, 0, 0};
    size_t length = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) TRY(mg_strings_begin(context, 0, keys->elements, length, &writer));
        for (size_t i = 0; i < keys->elements; i++) {
            entry wanted = {((const int64_t *)keys->data)[i], {NULL, 0}};
            const entry *found = search(searched, MIDGE_INT64, &wanted);
            mg_string string = found != NULL ? found->string : other;
            if (pass == 1)
                mg_strings_append(&writer, string);
            else if (!mg_size_add(length, string.length, &length))
                length = SIZE_MAX;
        }
    }
    return MIDGE_OK;
}

static midge_status find_numbers(midge_op_context *context, const table *searched)
{
    const midge_tensor *keys = mg_input(context, 1);
    TRY(mg_require_strings(context, keys, "keys"));
    int64_t other = *(const int64_t *)mg_input(context, 2)->data;
    int64_t *output = mg_output(context, 0)->data;
    for (size_t i = 0; i < keys->elements; i++) {
        entry wanted = {0, mg_string_at(keys, i)};
        const entry *found = search(searched, MIDGE_STRING, &wanted);
        output[i] = found != NULL ? found->number : other;
    }
    return MIDGE_OK;
}

midge_status mg_run_hash_table_find(midge_op_context *context)
{
    mg_resource *resource;
    TRY(find_table(context, mg_input(context, 1), &resource));
    if (!resource->assigned) {
        return mg_op_fail(context, MIDGE_RUN_ERROR, "the table is searched before it is filled");
    }
    return resource->type == MIDGE_INT64 ? find_strings(context, resource->data)
                                         : find_numbers(context, resource->data);
}

midge_status mg_prepare_hash_table_size(midge_op_context *context)
{
    TRY(require_table(context));
    TRY(mg_require_type(context, mg_output(context, 0), "output", MG_TYPES(MIDGE_INT64)));
    return mg_set_output_shape(context, 0, 1, (const int32_t[]){1});
}

midge_status mg_run_hash_table_size(midge_op_context *context)
{
    mg_resource *resource;
    TRY(find_table(context, NULL, &resource));
    const table *sized = resource->data;
    *(int64_t *)mg_output(context, 0)->data = resource->assigned ? (int64_t)sized->count : 0;
    return MIDGE_OK;
}
