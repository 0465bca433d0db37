/* SPDX-License-Identifier: Apache-2.0 */
/* FlatBuffers of a schema of the test's own, made by hand and by the writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "counting_allocator.h"
#include "flatbuf/decode.h"
#include "flatbuf/encode.h"

/* ---- A schema: a node refers to nodes */

typedef struct node node;
struct node {
    int32_t number; /* 7 when omitted */
    bool flag;      /* true when omitted */
    float real;
    uint64_t wide;
    const char *text;
    mg_vector words; /* of int64 */
    mg_vector bytes; /* aligned to 32 */
    node *next;
    mg_vector children; /* of node */
    uint8_t choice_type;
    void *choice; /* 1: node, 2: leaf */
};

typedef struct leaf {
    char nothing;
} leaf;

enum { NODE, LEAF };

#define AT(member) offsetof(node, member)
static const mg_field fields[] = {
    {"number", AT(number), 0, MG_FIELD_SCALAR, MG_SCALAR_int32, 0, 0, 7},
    {"flag", AT(flag), 1, MG_FIELD_SCALAR, MG_SCALAR_bool, 0, 0, 1},
    {"real", AT(real), 2, MG_FIELD_SCALAR, MG_SCALAR_float, 0, 0, 0},
    {"wide", AT(wide), 3, MG_FIELD_SCALAR, MG_SCALAR_uint64, 0, 0, 0},
    {"text", AT(text), 4, MG_FIELD_STRING, 0, 0, 0, 0},
    {"words", AT(words), 5, MG_FIELD_VECTOR, MG_SCALAR_int64, 0, 8, 0},
    {"bytes", AT(bytes), 6, MG_FIELD_VECTOR, MG_SCALAR_byte, 0, 32, 0},
    {"next", AT(next), 7, MG_FIELD_TABLE, 0, NODE, 0, 0},
    {"children", AT(children), 8, MG_FIELD_TABLES, 0, NODE, 0, 0},
    {"choice_type", AT(choice_type), 9, MG_FIELD_TAG, MG_SCALAR_byte, 0, 0, 0},
    {"choice", AT(choice), 10, MG_FIELD_UNION, 0, 0, 0, 0},
};
static const mg_table tables[] = {{"Node", sizeof(node), 0, 11}, {"Leaf", sizeof(leaf), 0, 0}};
static const uint8_t choices[] = {NODE, LEAF};
static const mg_union unions[] = {{"Choice", choices, 2}};
static const mg_layout layout = {tables, fields, unions, NULL};

static const node empty_node = {.number = 7, .flag = true};

/* Decodes from memory of exactly `size` bytes, so that a sanitizer sees any step outside. */
static midge_status decode(const void *bytes, size_t size, const mg_read_limits *limits,
                           mg_region *region, node **value, midge_error *error)
{
    void *root = NULL;
    midge_status status =
        mg_decode(bytes, size, "NODE", &layout, NODE, limits, region, &root, error);
    *value = root;
    return status;
}

/* ---- A file made by hand */

/*
 *   0 root, 4 identifier
 *   8 vtable of the root: 26 bytes
 *  36 root: 44 bytes
 *  80 text, 88 words (misaligned for int64), 108 children, 120 vtable of a node, 124 node
 */
enum {
    VTABLE = 8,
    ROOT = 36,
    TEXT = 80,
    WORDS = 88,
    CHILDREN = 108,
    SMALL_VTABLE = 120,
    SMALL = 124,
    SIZE = 128
};

static void put16(unsigned char *bytes, size_t position, unsigned value)
{
    uint16_t stored = (uint16_t)value;
    memcpy(bytes + position, &stored, sizeof stored);
}

static void put32(unsigned char *bytes, size_t position, uint32_t value)
{
    memcpy(bytes + position, &value, sizeof value);
}

static void refer(unsigned char *bytes, size_t position, size_t target)
{
    put32(bytes, position, (uint32_t)(target - position));
}

static void make_file(unsigned char bytes[SIZE])
{
    /* Distance of each field from the root, by id; 0: absent. */
    static const uint16_t slots[11] = {4, 40, 0, 0, 8, 12, 0, 16, 20, 41, 24};
    memset(bytes, 0, SIZE);
    put32(bytes, 0, ROOT);
    memcpy(bytes + 4, "NODE", 4);
    put16(bytes, VTABLE, 26);
    put16(bytes, VTABLE + 2, 44);
    memcpy(bytes + VTABLE + 4, slots, sizeof slots);
    put32(bytes, ROOT, ROOT - VTABLE);
    put32(bytes, ROOT + 4, 5);
    refer(bytes, ROOT + 8, TEXT);
    refer(bytes, ROOT + 12, WORDS);
    refer(bytes, ROOT + 16, SMALL);
    refer(bytes, ROOT + 20, CHILDREN);
    refer(bytes, ROOT + 24, SMALL);
    bytes[ROOT + 40] = 2; /* a bool that is neither 0 nor 1 */
    bytes[ROOT + 41] = 1;
    put32(bytes, TEXT, 2);
    memcpy(bytes + TEXT + 4, "hi", 3);
    put32(bytes, WORDS, 2);
    bytes[WORDS + 4] = 11;
    memset(bytes + WORDS + 12, 0xff, 8);
    put32(bytes, CHILDREN, 2);
    refer(bytes, CHILDREN + 4, SMALL);
    refer(bytes, CHILDREN + 8, SMALL);
    put16(bytes, SMALL_VTABLE, 4);
    put16(bytes, SMALL_VTABLE + 2, 4);
    put32(bytes, SMALL, SMALL - SMALL_VTABLE);
}

static void reads_every_kind_of_field(void **state)
{
    (void)state;
    counting_allocator counter;
    mg_heap heap = counting_heap(&counter, SIZE_MAX, 0);
    mg_region region;
    mg_region_init(&region, &heap);
    _Alignas(8) unsigned char bytes[SIZE];
    make_file(bytes);
    node *root = NULL;
    assert_int_equal(decode(bytes, SIZE, NULL, &region, &root, NULL), MIDGE_OK);
    assert_int_equal(root->number, 5);
    assert_true(root->flag);
    assert_true(root->real == 0.0f);
    assert_string_equal(root->text, "hi");
    assert_int_equal(root->words.count, 2);
    const int64_t *words = root->words.items;
    assert_int_equal(words[0], 11);
    assert_int_equal(words[1], -1);
    assert_null(root->bytes.items);
    assert_int_equal(root->children.count, 2);
    const node *children = root->children.items;
    assert_int_equal(children[1].number, 7);
    assert_true(children[1].flag);
    assert_int_equal(root->next->number, 7);
    assert_int_equal(root->choice_type, 1);
    assert_int_equal(((const node *)root->choice)->number, 7);
    mg_region_free(&region);
    assert_int_equal(counter.live, 0);
}

/* One change to the file, and what the reader says. */
typedef struct change {
    size_t position;
    uint32_t value;
    unsigned bytes;
    midge_status status;
    const char *says;
} change;

static const change changes[] = {
    {0, 0x7fffffff, 4, MIDGE_INVALID_MODEL, "Node: the table at byte 2147483647 passes the end"},
    {0, SIZE - 3, 4, MIDGE_INVALID_MODEL, "passes the end of the file"},
    {4, 'X', 1, MIDGE_INVALID_MODEL, "bytes 4 to 7 are \"XODE\""},
    {ROOT, 0x80000000, 4, MIDGE_INVALID_MODEL, "vtable outside the file"},
    {ROOT, ROOT + 1, 4, MIDGE_INVALID_MODEL, "vtable outside the file"},
    {ROOT, (uint32_t)(ROOT - (SIZE - 3)), 4, MIDGE_INVALID_MODEL, "vtable outside the file"},
    {VTABLE, 2, 2, MIDGE_INVALID_MODEL, "vtable of impossible size 2"},
    {VTABLE, 25, 2, MIDGE_INVALID_MODEL, "vtable of impossible size 25"},
    {VTABLE, 0xfffe, 2, MIDGE_INVALID_MODEL, "vtable of impossible size 65534"},
    {VTABLE + 2, 3, 2, MIDGE_INVALID_MODEL, "impossible size of 3"},
    {VTABLE + 2, SIZE, 2, MIDGE_INVALID_MODEL, "impossible size of 128"},
    {VTABLE + 4, 3, 2, MIDGE_INVALID_MODEL, "Node.number: the field lies outside its table"},
    {VTABLE + 4, 41, 2, MIDGE_INVALID_MODEL, "Node.number: the field lies outside its table"},
    {VTABLE + 4, 0xffff, 2, MIDGE_INVALID_MODEL, "Node.number: the field lies outside its table"},
    {VTABLE + 12, 41, 2, MIDGE_INVALID_MODEL, "Node.text: the field lies outside its table"},
    {ROOT + 8, 0, 4, MIDGE_INVALID_MODEL, "Node.text: the offset leads outside the file"},
    {ROOT + 8, 0xffffffff, 4, MIDGE_INVALID_MODEL, "Node.text: the offset leads outside"},
    {ROOT + 8, SIZE - ROOT - 11, 4, MIDGE_INVALID_MODEL, "Node.text: the offset leads outside"},
    {TEXT, 0xffffffff, 4, MIDGE_INVALID_MODEL, "Node.text: the string of 4294967295 elements"},
    {TEXT, SIZE - TEXT - 4, 4, MIDGE_INVALID_MODEL, "Node.text: the string does not end"},
    {TEXT, 1, 4, MIDGE_INVALID_MODEL, "Node.text: the string does not end with a NUL"},
    {WORDS, 0x20000000, 4, MIDGE_INVALID_MODEL, "Node.words: the vector of 536870912 elements"},
    {WORDS, 5, 4, MIDGE_INVALID_MODEL, "Node.words: the vector of 5 elements at byte 88"},
    {CHILDREN, 0x40000001, 4, MIDGE_INVALID_MODEL, "Node.children: the vector of 1073741825"},
    {CHILDREN + 4, 0, 4, MIDGE_INVALID_MODEL, "Node.children: the offset leads outside"},
    {CHILDREN + 8, 0x1000, 4, MIDGE_INVALID_MODEL, "Node.children: the offset leads outside"},
    {ROOT + 16, 0x80000000, 4, MIDGE_INVALID_MODEL, "Node.next: the offset leads outside"},
    {ROOT + 24, 0xfffffff0, 4, MIDGE_INVALID_MODEL, "Node.choice: the offset leads outside"},
    {SMALL, 0, 4, MIDGE_INVALID_MODEL, "vtable of impossible size"},
    /* Sound after all. */
    {WORDS, 0, 4, MIDGE_OK, ""},
    {VTABLE, 4, 2, MIDGE_OK, ""},
    {ROOT + 41, 0, 1, MIDGE_OK, ""},
    {ROOT + 41, 3, 1, MIDGE_OK, ""},
};

static void names_what_is_broken(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    unsigned char *bytes = malloc(SIZE);
    assert_non_null(bytes);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; ++i) {
        make_file(bytes);
        memcpy(bytes + changes[i].position, &changes[i].value, changes[i].bytes);
        mg_region region;
        mg_region_init(&region, &heap);
        midge_error error = {MIDGE_OK, ""};
        node *root = NULL;
        midge_status status = decode(bytes, SIZE, NULL, &region, &root, &error);
        if (status != changes[i].status || strstr(error.message, changes[i].says) == NULL)
            fail_msg("change %zu: status %d, \"%s\"", i, status, error.message);
        mg_region_free(&region);
    }
    free(bytes);
}

static void keeps_tag_of_unknown_union_member(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    mg_region region;
    mg_region_init(&region, &heap);
    unsigned char bytes[SIZE];
    make_file(bytes);
    bytes[ROOT + 41] = 200;
    put32(bytes, ROOT + 24, 0xffffffff); /* nobody can know what this refers to */
    node *root = NULL;
    assert_int_equal(decode(bytes, SIZE, NULL, &region, &root, NULL), MIDGE_OK);
    assert_int_equal(root->choice_type, 200);
    assert_null(root->choice);
    mg_region_free(&region);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    unsigned char whole[SIZE];
    make_file(whole);
    for (size_t size = 0; size < SIZE; ++size) {
        unsigned char *bytes = malloc(size + (size == 0));
        assert_non_null(bytes);
        memcpy(bytes, whole, size);
        mg_region region;
        mg_region_init(&region, &heap);
        node *root = NULL;
        assert_int_equal(decode(bytes, size, NULL, &region, &root, NULL), MIDGE_INVALID_MODEL);
        mg_region_free(&region);
        free(bytes);
    }
}

/* ---- Limits */

/* `levels` nodes, each with two references to the next: 2^levels when unfolded. */
static unsigned char *make_bomb(unsigned levels, size_t *size)
{
    enum { LEVEL = 24 };
    *size = 44 + (size_t)levels * LEVEL + 8;
    unsigned char *bytes = calloc(1, *size);
    assert_non_null(bytes);
    memcpy(bytes + 4, "NODE", 4);
    refer(bytes, 0, 44);
    put16(bytes, 12, 22); /* vtable with the field children only */
    put16(bytes, 14, 8);
    put16(bytes, 12 + 4 + 16, 4);
    put16(bytes, 36, 4);
    put16(bytes, 38, 4);
    for (unsigned i = 0; i < levels; ++i) {
        size_t at = 44 + (size_t)i * LEVEL;
        put32(bytes, at, (uint32_t)(at - 12));
        refer(bytes, at + 4, at + 8);
        put32(bytes, at + 8, 2);
        refer(bytes, at + 12, at + LEVEL);
        refer(bytes, at + 16, at + LEVEL);
    }
    put32(bytes, 44 + (size_t)levels * LEVEL, (uint32_t)(44 + (size_t)levels * LEVEL - 36));
    return bytes;
}

static midge_status decode_bomb(unsigned levels, const mg_read_limits *limits, midge_error *error)
{
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    mg_region region;
    mg_region_init(&region, &heap);
    size_t size;
    unsigned char *bytes = make_bomb(levels, &size);
    node *root = NULL;
    midge_status status = decode(bytes, size, limits, &region, &root, error);
    mg_region_free(&region);
    free(bytes);
    assert_int_equal(heap.live, 0);
    return status;
}

static void limits_what_a_file_unfolds_to(void **state)
{
    (void)state;
    midge_error error = {MIDGE_OK, ""};
    assert_int_equal(decode_bomb(3, NULL, &error), MIDGE_OK);
    assert_int_equal(decode_bomb(50, NULL, &error), MIDGE_LIMIT_EXCEEDED);
    assert_non_null(strstr(error.message, "unfolds to more memory"));
    mg_read_limits limits = {.bytes = UINT64_MAX};
    assert_int_equal(decode_bomb(50, &limits, &error), MIDGE_LIMIT_EXCEEDED);
    assert_non_null(strstr(error.message, "more tables than the limit"));
    /* 4 levels are 31 tables. */
    limits.tables = 31;
    assert_int_equal(decode_bomb(4, &limits, &error), MIDGE_OK);
    limits.tables = 30;
    assert_int_equal(decode_bomb(4, &limits, &error), MIDGE_LIMIT_EXCEEDED);
    limits = (mg_read_limits){.depth = 5};
    assert_int_equal(decode_bomb(4, &limits, &error), MIDGE_OK);
    limits.depth = 4;
    assert_int_equal(decode_bomb(4, &limits, &error), MIDGE_LIMIT_EXCEEDED);
    assert_non_null(strstr(error.message, "more than 4 deep"));
}

/* ---- Writing */

static midge_status encode(const node *root, mg_heap *heap, void **bytes, size_t *size,
                           midge_error *error)
{
    return mg_encode(root, &layout, NODE, "NODE", heap, bytes, size, error);
}

/* A node with every field set to something else than its default. */
static void make_tree(node *root, node *small, node children[3], leaf *nothing)
{
    static const int64_t words[] = {INT64_MIN, -1, 3};
    static const uint8_t bytes[] = {1, 2, 3, 4, 5};
    *small = empty_node;
    *nothing = (leaf){0};
    children[0] = children[1] = children[2] = empty_node;
    children[1].text = "";
    children[1].words = (mg_vector){words, 0};
    children[2].choice_type = 2;
    children[2].choice = nothing;
    children[2].children = (mg_vector){children, 1};
    *root = (node){.number = -9,
                   .flag = false,
                   .real = 1.5f,
                   .wide = UINT64_MAX,
                   .text = "midge",
                   .words = {words, 3},
                   .bytes = {bytes, 5},
                   .next = small,
                   .children = {children, 3},
                   .choice_type = 1,
                   .choice = small};
}

static void check_tree(const node *root, const unsigned char *bytes, size_t size)
{
    assert_int_equal(root->number, -9);
    assert_false(root->flag);
    assert_true(root->real == 1.5f);
    assert_true(root->wide == UINT64_MAX);
    assert_string_equal(root->text, "midge");
    assert_int_equal(root->words.count, 3);
    assert_true(((const int64_t *)root->words.items)[0] == INT64_MIN);
    const unsigned char *words = root->words.items;
    assert_true(words > bytes && words < bytes + size); /* aligned, so not copied */
    assert_int_equal(root->bytes.count, 5);
    assert_int_equal(((const unsigned char *)root->bytes.items - bytes) % 32, 0);
    assert_int_equal(root->next->number, 7);
    assert_int_equal(root->children.count, 3);
    const node *children = root->children.items;
    assert_null(children[0].text);
    assert_null(children[0].words.items);
    assert_string_equal(children[1].text, "");
    assert_non_null(children[1].words.items);
    assert_int_equal(children[1].words.count, 0);
    assert_int_equal(children[2].choice_type, 2);
    assert_non_null(children[2].choice);
    assert_int_equal(children[2].children.count, 1);
    assert_non_null(root->choice);
}

/* Readers of other makes load scalars where they lie. */
static void check_alignment(const unsigned char *bytes)
{
    uint32_t root;
    int32_t back;
    uint16_t wide;
    memcpy(&root, bytes, sizeof root);
    memcpy(&back, bytes + root, sizeof back);
    memcpy(&wide, bytes + root - back + 4 + 2 * 3, sizeof wide);
    assert_int_equal(root % 4, 0);
    assert_int_not_equal(wide, 0);
    assert_int_equal((root + wide) % 8, 0);
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    counting_allocator counter;
    mg_heap heap = counting_heap(&counter, SIZE_MAX, 0);
    mg_region region;
    mg_region_init(&region, &heap);
    node root, small, children[3];
    leaf nothing;
    make_tree(&root, &small, children, &nothing);
    void *bytes = NULL, *again = NULL;
    size_t size = 0, size_again = 0;
    assert_int_equal(encode(&root, &heap, &bytes, &size, NULL), MIDGE_OK);
    assert_int_equal(encode(&root, &heap, &again, &size_again, NULL), MIDGE_OK);
    assert_int_equal(size, size_again);
    assert_memory_equal(bytes, again, size);
    node *read = NULL;
    assert_int_equal(decode(bytes, size, NULL, &region, &read, NULL), MIDGE_OK);
    check_tree(read, bytes, size);
    mg_region_free(&region);
    mg_heap_release(&heap, bytes);
    mg_heap_release(&heap, again);
    assert_int_equal(counter.live, 0);
}

static void aligns_wide_scalars(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    /* Fields with higher ids make the vtable in front longer, by two bytes each. */
    node root = empty_node, small = empty_node;
    root.wide = 1;
    for (unsigned longer = 0; longer < 4; ++longer) {
        if (longer == 1) root.text = "x";
        if (longer == 2) root.words = (mg_vector){&small, 0};
        if (longer == 3) root.bytes = (mg_vector){&small, 0};
        void *bytes = NULL;
        size_t size = 0;
        assert_int_equal(encode(&root, &heap, &bytes, &size, NULL), MIDGE_OK);
        check_alignment(bytes);
        mg_heap_release(&heap, bytes);
    }
}

static size_t encoded_size(const node *root)
{
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    void *bytes = NULL;
    size_t size = 0;
    assert_int_equal(encode(root, &heap, &bytes, &size, NULL), MIDGE_OK);
    mg_heap_release(&heap, bytes);
    return size;
}

static void writes_each_vtable_once(void **state)
{
    (void)state;
    node children[100], root = empty_node;
    for (size_t i = 0; i < 100; ++i) {
        children[i] = empty_node;
        children[i].number = (int32_t)i + 100;
    }
    root.children = (mg_vector){children, 99};
    size_t size = encoded_size(&root);
    root.children.count = 100;
    /* One more costs a reference and a table of two words. */
    assert_int_equal(encoded_size(&root) - size, 12);
}

static void refuses_what_no_file_holds(void **state)
{
    (void)state;
    counting_allocator counter;
    mg_heap heap = counting_heap(&counter, SIZE_MAX, 0);
    midge_error error = {MIDGE_OK, ""};
    static const uint8_t few[1] = {0};
    node root = empty_node, second = empty_node;
    void *bytes = NULL;
    size_t size = 0;
    /* Sizes are found before any element is touched. */
    root.bytes = (mg_vector){few, (size_t)1 << 31};
    assert_int_equal(encode(&root, &heap, &bytes, &size, &error), MIDGE_LIMIT_EXCEEDED);
    assert_non_null(strstr(error.message, "2147483647"));
    root.bytes.count = SIZE_MAX;
    assert_int_equal(encode(&root, &heap, &bytes, &size, &error), MIDGE_LIMIT_EXCEEDED);
    root.bytes.count = (size_t)1 << 30;
    second.bytes.items = few;
    second.bytes.count = (size_t)1 << 30;
    root.next = &second;
    assert_int_equal(encode(&root, &heap, &bytes, &size, &error), MIDGE_LIMIT_EXCEEDED);
    root = empty_node;
    root.choice_type = 3;
    root.choice = &second;
    assert_int_equal(encode(&root, &heap, &bytes, &size, &error), MIDGE_INVALID_ARGUMENT);
    root = empty_node;
    root.next = &root;
    assert_int_equal(encode(&root, &heap, &bytes, &size, &error), MIDGE_LIMIT_EXCEEDED);
    assert_non_null(strstr(error.message, "more than 64 deep"));
    assert_null(bytes);
    assert_int_equal(counter.live, 0);
}

/* Writes and reads with allocations refused; whether it went through. */
static bool survives_refusals(size_t from, size_t count)
{
    counting_allocator counter;
    mg_heap heap = counting_heap(&counter, from, count);
    mg_region region;
    mg_region_init(&region, &heap);
    node root, small, children[3];
    leaf nothing;
    make_tree(&root, &small, children, &nothing);
    void *bytes = NULL;
    size_t size = 0;
    node *read = NULL;
    midge_status status = encode(&root, &heap, &bytes, &size, NULL);
    if (status == MIDGE_OK) status = decode(bytes, size, NULL, &region, &read, NULL);
    if (status != MIDGE_OK) assert_int_equal(status, MIDGE_NO_MEMORY);
    mg_region_free(&region);
    mg_heap_release(&heap, bytes);
    assert_int_equal(counter.live, 0);
    assert_int_equal(heap.live, 0);
    return status == MIDGE_OK;
}

static void survives_every_refused_allocation(void **state)
{
    (void)state;
    size_t once = 0, always = 0;
    while (!survives_refusals(once, 1)) ++once;
    while (!survives_refusals(always, SIZE_MAX)) ++always;
    assert_true(once >= 3);
    assert_int_equal(once, always);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_field),
        cmocka_unit_test(names_what_is_broken),
        cmocka_unit_test(keeps_tag_of_unknown_union_member),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(limits_what_a_file_unfolds_to),
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(aligns_wide_scalars),
        cmocka_unit_test(writes_each_vtable_once),
        cmocka_unit_test(refuses_what_no_file_holds),
        cmocka_unit_test(survives_every_refused_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
