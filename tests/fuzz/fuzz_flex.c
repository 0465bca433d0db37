/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a FlexBuffer: everything reachable is read, within bounds of depth and number. */
#include "fuzz.h"

#include "flatbuf/flex.h"

enum { MOST_DEPTH = 8, MOST_VALUES = 2000 };

/* Reads all bytes, which a sanitizer may object to. */
static void touch(const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        (void)*(const volatile unsigned char *)((const char *)bytes + i);
}

/* Reads a value as every kind. */
static void read_value(const mg_flex *value)
{
    int64_t whole;
    double real;
    bool truth;
    const char *text;
    const void *blob;
    size_t length;
    (void)mg_flex_int64(value, &whole, NULL);
    (void)mg_flex_double(value, &real, NULL);
    (void)mg_flex_bool(value, &truth, NULL);
    if (mg_flex_string(value, &text, &length, NULL) == MIDGE_OK) touch(text, length + 1);
    if (mg_flex_blob(value, &blob, &length, NULL) == MIDGE_OK) touch(blob, length);
}

static void walk(const mg_flex *value, int depth, size_t *left)
{
    size_t count = 0;
    mg_flex element;
    const char *key;
    read_value(value);
    if (depth == MOST_DEPTH || mg_flex_count(value, &count, NULL) != MIDGE_OK) return;
    for (size_t i = 0; *left > 0 && i < count; ++i) {
        --*left;
        if (mg_flex_element(value, i, &element, NULL) == MIDGE_OK) walk(&element, depth + 1, left);
        if (mg_flex_kind_of(value) != MG_FLEX_MAP || mg_flex_key(value, i, &key, NULL) != MIDGE_OK)
            continue;
        (void)mg_flex_find(value, key, &element, NULL);
    }
    (void)mg_flex_find(value, "hadamard_size", &element, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mg_flex root;
    size_t left = MOST_VALUES;
    if (mg_flex_open(data, size, &root, NULL) == MIDGE_OK) walk(&root, 0, &left);
    return 0;
}
