/* SPDX-License-Identifier: Apache-2.0 */
/* FlexBuffers as the reference library writes them, truncated, and changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flatbuf/flex.h"

/*
 * As the reference library writes it:
 * {bools: [true, false], count: -5, far: -300 (indirect), farther: 2.25 (indirect), half: 0.5,
 *  huge: 2^64 - 1, inner: {x: 7}, ints: [1, -2, 300], mixed: [1, "two", 3.5, false],
 *  names: ["a", "bc"], nothing: null, pair: [1.5, -2.5] (fixed), quad: [1, 2, 3, 4] (fixed),
 *  raw: 01 02 03, text: "h\xc3\xa9llo", third: 1/3, wide: 70000, yes: true}
 */
static const unsigned char options[405] = {
    0x63, 0x6f, 0x75, 0x6e, 0x74, 0x00, 0x68, 0x75, 0x67, 0x65, 0x00, 0x68, 0x61, 0x6c, 0x66, 0x00,
    0x74, 0x68, 0x69, 0x72, 0x64, 0x00, 0x79, 0x65, 0x73, 0x00, 0x74, 0x65, 0x78, 0x74, 0x00, 0x06,
    0x68, 0xc3, 0xa9, 0x6c, 0x6c, 0x6f, 0x00, 0x6e, 0x6f, 0x74, 0x68, 0x69, 0x6e, 0x67, 0x00, 0x72,
    0x61, 0x77, 0x00, 0x03, 0x01, 0x02, 0x03, 0x66, 0x61, 0x72, 0x00, 0x00, 0xd4, 0xfe, 0x66, 0x61,
    0x72, 0x74, 0x68, 0x65, 0x72, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x40, 0x6d, 0x69, 0x78, 0x65,
    0x64, 0x00, 0x03, 0x74, 0x77, 0x6f, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
    0x0d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x60, 0x40, 0x00, 0x00, 0x00, 0x00, 0x06, 0x14, 0x0e, 0x6a,
    0x69, 0x6e, 0x74, 0x73, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0xfe, 0xff, 0x2c, 0x01, 0x62, 0x6f,
    0x6f, 0x6c, 0x73, 0x00, 0x02, 0x01, 0x00, 0x6e, 0x61, 0x6d, 0x65, 0x73, 0x00, 0x61, 0x00, 0x62,
    0x63, 0x00, 0x02, 0x06, 0x05, 0x70, 0x61, 0x69, 0x72, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x3f,
    0x00, 0x00, 0x20, 0xc0, 0x71, 0x75, 0x61, 0x64, 0x00, 0x01, 0x02, 0x03, 0x04, 0x69, 0x6e, 0x6e,
    0x65, 0x72, 0x00, 0x78, 0x00, 0x01, 0x03, 0x01, 0x01, 0x01, 0x07, 0x04, 0x77, 0x69, 0x64, 0x65,
    0x00, 0x12, 0x44, 0xc3, 0x8d, 0x87, 0xbb, 0xc1, 0x1b, 0x59, 0x7e, 0x44, 0xa5, 0x38, 0x2a, 0xa0,
    0xb6, 0xc1, 0x16, 0xbd, 0x00, 0x00, 0x00, 0x00, 0x16, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x6b, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xc4, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x66, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xb0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xd4, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa5, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xac, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xa7, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x24, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x40, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5, 0x3f,
    0x70, 0x11, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x90, 0x07, 0x19, 0x22, 0x0f, 0x0b, 0x24, 0x2d, 0x2a, 0x38, 0x03, 0x4a, 0x58, 0x64, 0x14, 0x0f,
    0x0b, 0x6b, 0xa2, 0x27, 0x01,
};

static mg_flex find(const char *key)
{
    mg_flex root, value;
    assert_int_equal(mg_flex_open(options, sizeof options, &root, NULL), MIDGE_OK);
    assert_int_equal(mg_flex_kind_of(&root), MG_FLEX_MAP);
    assert_int_equal(mg_flex_find(&root, key, &value, NULL), MIDGE_OK);
    return value;
}

static int64_t integer(const mg_flex *value)
{
    int64_t result = 0;
    assert_int_equal(mg_flex_int64(value, &result, NULL), MIDGE_OK);
    return result;
}

static double real(const mg_flex *value)
{
    double result = 0;
    assert_int_equal(mg_flex_double(value, &result, NULL), MIDGE_OK);
    return result;
}

static mg_flex element(const mg_flex *vector, size_t index)
{
    mg_flex value;
    assert_int_equal(mg_flex_element(vector, index, &value, NULL), MIDGE_OK);
    return value;
}

static size_t count(const mg_flex *value)
{
    size_t result = 99;
    assert_int_equal(mg_flex_count(value, &result, NULL), MIDGE_OK);
    return result;
}

static void reads_scalars(void **state)
{
    (void)state;
    mg_flex value = find("count");
    assert_int_equal(integer(&value), -5);
    assert_true(real(&value) == -5.0);
    value = find("far");
    assert_int_equal(integer(&value), -300);
    value = find("farther");
    assert_true(real(&value) == 2.25);
    assert_int_equal(integer(&value), 2);
    value = find("half");
    assert_true(real(&value) == 0.5);
    value = find("third");
    assert_true(real(&value) == 1.0 / 3.0);
    value = find("wide");
    assert_int_equal(integer(&value), 70000);
    value = find("huge");
    int64_t narrow = 3;
    assert_int_equal(mg_flex_int64(&value, &narrow, NULL), MIDGE_INVALID_MODEL);
    assert_int_equal(narrow, 3);
    assert_true(real(&value) == 18446744073709551616.0);
    value = find("yes");
    bool flag = false;
    assert_int_equal(mg_flex_bool(&value, &flag, NULL), MIDGE_OK);
    assert_true(flag);
    value = find("nothing");
    assert_int_equal(mg_flex_kind_of(&value), MG_FLEX_NULL);
    value = find("absent");
    assert_int_equal(mg_flex_kind_of(&value), MG_FLEX_NULL);
    assert_int_equal(count(&value), 0);
}

static void reads_bytes(void **state)
{
    (void)state;
    mg_flex value = find("text");
    const char *text = NULL;
    const void *blob = NULL;
    size_t length = 0;
    assert_int_equal(mg_flex_string(&value, &text, &length, NULL), MIDGE_OK);
    assert_int_equal(length, 6);
    assert_string_equal(text, "h\xc3\xa9llo");
    assert_int_equal(mg_flex_blob(&value, &blob, &length, NULL), MIDGE_INVALID_MODEL);
    value = find("raw");
    assert_int_equal(mg_flex_blob(&value, &blob, &length, NULL), MIDGE_OK);
    assert_int_equal(length, 3);
    assert_memory_equal(blob, "\1\2\3", 3);
}

static void reads_vectors(void **state)
{
    (void)state;
    static const int64_t ints[] = {1, -2, 300};
    mg_flex vector = find("ints"), value;
    assert_int_equal(count(&vector), 3);
    for (size_t i = 0; i < 3; ++i) {
        value = element(&vector, i);
        assert_int_equal(integer(&value), ints[i]);
    }
    assert_int_equal(mg_flex_element(&vector, 3, &value, NULL), MIDGE_INVALID_MODEL);
    vector = find("quad");
    assert_int_equal(count(&vector), 4);
    value = element(&vector, 3);
    assert_int_equal(integer(&value), 4);
    vector = find("pair");
    assert_int_equal(count(&vector), 2);
    value = element(&vector, 1);
    assert_true(real(&value) == -2.5);
    vector = find("bools");
    value = element(&vector, 0);
    assert_int_equal(mg_flex_kind_of(&value), MG_FLEX_BOOL);
    vector = find("names");
    value = element(&vector, 1);
    const char *text = NULL;
    size_t length = 0;
    assert_int_equal(mg_flex_string(&value, &text, &length, NULL), MIDGE_OK);
    assert_string_equal(text, "bc");
    vector = find("mixed");
    assert_int_equal(count(&vector), 4);
    value = element(&vector, 2);
    assert_true(real(&value) == 3.5);
    value = element(&vector, 1);
    assert_int_equal(mg_flex_string(&value, &text, &length, NULL), MIDGE_OK);
    assert_string_equal(text, "two");
}

static void looks_up_options(void **state)
{
    (void)state;
    mg_flex root, inner = find("inner");
    const char *key = NULL;
    assert_int_equal(count(&inner), 1);
    assert_int_equal(mg_flex_key(&inner, 0, &key, NULL), MIDGE_OK);
    assert_string_equal(key, "x");
    assert_int_equal(mg_flex_open(options, sizeof options, &root, NULL), MIDGE_OK);
    int64_t whole = 42;
    double fraction = 42;
    bool flag = true;
    assert_int_equal(mg_flex_find_int64(&root, "absent", &whole, NULL), MIDGE_OK);
    assert_int_equal(whole, 42);
    assert_int_equal(mg_flex_find_int64(&root, "count", &whole, NULL), MIDGE_OK);
    assert_int_equal(whole, -5);
    assert_int_equal(mg_flex_find_double(&root, "count", &fraction, NULL), MIDGE_OK);
    assert_true(fraction == -5.0);
    assert_int_equal(mg_flex_find_bool(&root, "count", &flag, NULL), MIDGE_OK);
    assert_true(flag);
    midge_error error = {MIDGE_OK, ""};
    assert_int_equal(mg_flex_find_int64(&root, "text", &whole, &error), MIDGE_INVALID_MODEL);
    assert_string_equal(error.message,
                        "option text: FlexBuffer: a string is found where an integer is expected");
    assert_int_equal(mg_flex_find_int64(&inner, "x", &whole, &error), MIDGE_OK);
    assert_int_equal(whole, 7);
}

/* Looks at everything that can be reached, four levels deep. */
static void visit(const mg_flex *value, unsigned depth)
{
    int64_t whole;
    double fraction;
    bool flag;
    const char *text = NULL;
    const void *blob = NULL;
    size_t length = 0;
    mg_flex inner;
    (void)mg_flex_int64(value, &whole, NULL);
    (void)mg_flex_double(value, &fraction, NULL);
    (void)mg_flex_bool(value, &flag, NULL);
    if (mg_flex_string(value, &text, &length, NULL) == MIDGE_OK) assert_true(text[length] == 0);
    if (mg_flex_blob(value, &blob, &length, NULL) == MIDGE_OK && length != 0)
        (void)memchr(blob, 1, length);
    if (mg_flex_find(value, "count", &inner, NULL) == MIDGE_OK && depth < 4)
        visit(&inner, depth + 1);
    if (mg_flex_count(value, &length, NULL) != MIDGE_OK || depth == 4) return;
    for (size_t i = 0; i < length && i < 20; ++i) {
        (void)mg_flex_key(value, i, &text, NULL);
        if (mg_flex_element(value, i, &inner, NULL) == MIDGE_OK) visit(&inner, depth + 1);
    }
}

static void survives_any_bytes(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (size_t i = 0; i < 4000; ++i) {
        random = random * 1664525u + 1013904223u;
        size_t size = i < sizeof options ? i : sizeof options;
        unsigned char *bytes = malloc(size + (size == 0));
        assert_non_null(bytes);
        /* Truncations from the front, as the root is at the end; then changed bytes. */
        memcpy(bytes, options + sizeof options - size, size);
        if (i >= sizeof options)
            for (unsigned change = 0; change < 1 + i % 3; ++change) {
                bytes[(random >> 8) % size] = (unsigned char)(random >> 24);
                random = random * 1664525u + 1013904223u;
            }
        mg_flex root;
        if (mg_flex_open(bytes, size, &root, NULL) == MIDGE_OK) visit(&root, 0);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_scalars),      cmocka_unit_test(reads_bytes),
        cmocka_unit_test(reads_vectors),      cmocka_unit_test(looks_up_options),
        cmocka_unit_test(survives_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
