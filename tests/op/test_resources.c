/* SPDX-License-Identifier: Apache-2.0 */
/* Variables and hash tables, and the operators on strings: SKIP_GRAM and LSH_PROJECTION. Answers of
 * the last two are LiteRT's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "graph_builder.h"

enum { MOST_STRING_BYTES = 512 };

static const int32_t one[] = {1}, two[] = {2};

/* The data of a string tensor. */
typedef struct string_data {
    unsigned char bytes[MOST_STRING_BYTES];
    size_t count;
} string_data;

static string_data pack(size_t count, const char *const *strings)
{
    string_data packed;
    int32_t word = (int32_t)count;
    size_t end = (count + 2) * sizeof word;
    memcpy(packed.bytes, &word, sizeof word);
    for (size_t i = 0; i <= count; i++) {
        word = (int32_t)end;
        memcpy(packed.bytes + (i + 1) * sizeof word, &word, sizeof word);
        if (i == count) break;
        size_t length = strlen(strings[i]);
        assert_true(end + length <= sizeof packed.bytes);
        memcpy(packed.bytes + end, strings[i], length);
        end += length;
    }
    packed.count = end;
    return packed;
}

static void expect_strings(const midge_tensor *tensor, size_t count, const char *const *strings)
{
    string_data expected = pack(count, strings);
    assert_int_equal(midge_tensor_elements(tensor), count);
    assert_int_equal(midge_tensor_bytes(tensor), expected.count);
    assert_memory_equal(midge_tensor_data(tensor), expected.bytes, expected.count);
}

static int32_t strings_constant(graph_builder *builder, size_t count, const char *const *strings)
{
    string_data packed = pack(count, strings);
    int32_t shape = (int32_t)count;
    return builder_constant(builder, MIDGE_STRING, 1, &shape, packed.bytes, packed.count);
}

static int32_t int64s_constant(graph_builder *builder, size_t count, const int64_t *values)
{
    int32_t shape = (int32_t)count;
    return builder_constant(builder, MIDGE_INT64, 1, &shape, values, count * sizeof *values);
}

static mg_VarHandleOptions counter = {"box", "counter"};

static int32_t variable_handle(graph_builder *builder, mg_VarHandleOptions *options)
{
    int32_t handle = builder_tensor(builder, MIDGE_RESOURCE, 1, one);
    builder_options(builder_node(builder, MG_BUILTIN_VAR_HANDLE, 0, NULL, 1, &handle),
                    MG_OPTIONS_VarHandleOptions, options);
    return handle;
}

static void variables_must_be_assigned_first(void **state)
{
    (void)state;
    graph_builder builder;
    builder_begin(&builder);
    int32_t handle = variable_handle(&builder, &counter);
    int32_t value = builder_output(&builder, MIDGE_FLOAT32, 1, two);
    builder_node(&builder, MG_BUILTIN_READ_VARIABLE, 1, &handle, 1, &value);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_RUN_ERROR);
    assert_non_null(strstr(midge_session_message(builder.session), "before it is assigned"));
    builder_end(&builder);
}

/* Two names are two variables; a variable takes any shape, and its reader must fit. */
static void variables_keep_what_was_assigned(void **state)
{
    (void)state;
    static mg_VarHandleOptions other = {"box", "other"};
    graph_builder builder;
    builder_begin(&builder);
    int32_t x = builder_input(&builder, MIDGE_INT32, 1, two);
    int32_t first = variable_handle(&builder, &counter), second = variable_handle(&builder, &other);
    int32_t constant = builder_int32s(&builder, 2, (const int32_t[]){-1, -2});
    builder_node(&builder, MG_BUILTIN_ASSIGN_VARIABLE, 2, (int32_t[]){first, x}, 0, NULL);
    builder_node(&builder, MG_BUILTIN_ASSIGN_VARIABLE, 2, (int32_t[]){second, constant}, 0, NULL);
    int32_t again = variable_handle(&builder, &counter);
    int32_t a = builder_output(&builder, MIDGE_INT32, 1, two);
    int32_t b = builder_output(&builder, MIDGE_INT32, 1, two);
    builder_node(&builder, MG_BUILTIN_READ_VARIABLE, 1, &again, 1, &a);
    builder_node(&builder, MG_BUILTIN_READ_VARIABLE, 1, &second, 1, &b);
    const int32_t values[] = {5, 6, 7};
    builder_run(&builder, (const void *[]){values});
    assert_memory_equal(builder_data(&builder, 0), values, 8);
    assert_memory_equal(builder_data(&builder, 1), ((const int32_t[]){-1, -2}), 8);
    assert_int_equal(midge_session_resize_input(builder.session, 0, 1, (int32_t[]){3}), MIDGE_OK);
    assert_int_equal(midge_session_write_input(builder.session, 0, values, sizeof values),
                     MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_RUN_ERROR);
    assert_non_null(strstr(midge_session_message(builder.session), "12 bytes"));
    builder_end(&builder);
}

static void readers_of_unknown_shape_follow_the_variable(void **state)
{
    (void)state;
    graph_builder builder;
    builder_begin(&builder);
    int32_t x = builder_input(&builder, MIDGE_INT32, 1, two);
    int32_t handle = variable_handle(&builder, &counter);
    builder_node(&builder, MG_BUILTIN_ASSIGN_VARIABLE, 2, (int32_t[]){handle, x}, 0, NULL);
    int32_t y = builder_output(&builder, MIDGE_INT32, 0, NULL);
    builder_node(&builder, MG_BUILTIN_READ_VARIABLE, 1, &handle, 1, &y);
    const int32_t values[] = {5, 6, 7};
    builder_run(&builder, (const void *[]){values});
    assert_int_equal(builder_elements(&builder, 0), 2);
    assert_int_equal(midge_session_resize_input(builder.session, 0, 1, (int32_t[]){3}), MIDGE_OK);
    assert_int_equal(midge_session_write_input(builder.session, 0, values, sizeof values),
                     MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
    assert_int_equal(builder_elements(&builder, 0), 3);
    assert_memory_equal(builder_data(&builder, 0), values, sizeof values);
    builder_end(&builder);
}

static int32_t table_handle(graph_builder *builder, mg_HashtableOptions *options)
{
    int32_t handle = builder_tensor(builder, MIDGE_RESOURCE, 1, one);
    builder_options(builder_node(builder, MG_BUILTIN_HASHTABLE, 0, NULL, 1, &handle),
                    MG_OPTIONS_HashtableOptions, options);
    return handle;
}

static mg_HashtableOptions names_to_numbers = {1, MIDGE_STRING, MIDGE_INT64};
static mg_HashtableOptions numbers_to_names = {2, MIDGE_INT64, MIDGE_STRING};

/* Repeated keys: the first counts, here and in a second import. */
static void tables_map_strings_to_numbers(void **state)
{
    (void)state;
    static const char *const keys[] = {"b", "", "abc", "b", "ab"};
    static const char *const wanted[] = {"ab", "b", "", "a", "abc", "abcd"};
    static const int64_t values[] = {10, 20, 30, 99, INT64_C(1) << 40}, missing = -7;
    static const int64_t expected[] = {INT64_C(1) << 40, 10, 20, -7, 30, -7};
    graph_builder builder;
    builder_begin(&builder);
    int32_t table = table_handle(&builder, &names_to_numbers);
    int32_t key = strings_constant(&builder, 5, keys);
    int32_t value = int64s_constant(&builder, 5, values);
    builder_node(&builder, MG_BUILTIN_HASHTABLE_IMPORT, 3, (int32_t[]){table, key, value}, 0, NULL);
    int32_t query = builder_input(&builder, MIDGE_STRING, 1, (int32_t[]){6});
    int32_t other = int64s_constant(&builder, 1, &missing);
    int32_t found = builder_output(&builder, MIDGE_INT64, 1, (int32_t[]){6});
    builder_node(&builder, MG_BUILTIN_HASHTABLE_FIND, 3, (int32_t[]){table, query, other}, 1,
                 &found);
    int32_t again = table_handle(&builder, &names_to_numbers);
    int32_t size = builder_output(&builder, MIDGE_INT64, 1, one);
    builder_node(&builder, MG_BUILTIN_HASHTABLE_SIZE, 1, &again, 1, &size);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    string_data packed = pack(6, wanted);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(midge_session_write_input(builder.session, 0, packed.bytes, packed.count),
                         MIDGE_OK);
        assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
        assert_memory_equal(builder_data(&builder, 0), expected, sizeof expected);
        assert_int_equal(*(const int64_t *)builder_data(&builder, 1), 4);
    }
    builder_end(&builder);
}

static void tables_map_numbers_to_strings(void **state)
{
    (void)state;
    static const char *const names[] = {"five", "", "minus", "most"};
    static const int64_t keys[] = {5, 0, -3, INT64_MAX}, wanted[] = {INT64_MAX, 1, 5, 0, -3};
    static const char *const expected[] = {"most", "?", "five", "", "minus"};
    graph_builder builder;
    builder_begin(&builder);
    int32_t table = table_handle(&builder, &numbers_to_names);
    int32_t key = int64s_constant(&builder, 4, keys);
    int32_t value = strings_constant(&builder, 4, names);
    builder_node(&builder, MG_BUILTIN_HASHTABLE_IMPORT, 3, (int32_t[]){table, key, value}, 0, NULL);
    int32_t query = builder_input(&builder, MIDGE_INT64, 1, (int32_t[]){5});
    int32_t other = strings_constant(&builder, 1, (const char *[]){"?"});
    int32_t found = builder_output(&builder, MIDGE_STRING, 1, (int32_t[]){5});
    builder_node(&builder, MG_BUILTIN_HASHTABLE_FIND, 3, (int32_t[]){table, query, other}, 1,
                 &found);
    builder_run(&builder, (const void *[]){wanted});
    expect_strings(midge_session_output(builder.session, 0), 5, expected);
    builder_end(&builder);
}

static void tables_of_other_types_are_refused(void **state)
{
    (void)state;
    static mg_HashtableOptions floats = {3, MIDGE_FLOAT32, MIDGE_STRING};
    graph_builder builder;
    builder_begin(&builder);
    int32_t table = table_handle(&builder, &floats);
    int32_t size = builder_output(&builder, MIDGE_INT64, 1, one);
    builder_node(&builder, MG_BUILTIN_HASHTABLE_SIZE, 1, &table, 1, &size);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_UNSUPPORTED);
    builder_end(&builder);
}

/* A variable is no table, whatever number its handle holds. */
static void handles_of_another_kind_are_refused(void **state)
{
    (void)state;
    graph_builder builder;
    builder_begin(&builder);
    int32_t handle = variable_handle(&builder, &counter);
    int32_t size = builder_output(&builder, MIDGE_INT64, 1, one);
    builder_node(&builder, MG_BUILTIN_HASHTABLE_SIZE, 1, &handle, 1, &size);
    assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
    assert_int_equal(midge_session_invoke(builder.session), MIDGE_RUN_ERROR);
    assert_non_null(strstr(midge_session_message(builder.session), "no hash table"));
    builder_end(&builder);
}

static void skip_grams_leave_words_out(void **state)
{
    (void)state;
    static const struct {
        mg_SkipGramOptions options;
        const char *sentence;
        size_t count;
        const char *grams[12];
    } cases[] = {
        {{2, 0, false}, "a bb  ccc", 2, {"a bb", "bb ccc"}},
        {{2, 1, false}, "a b\tc", 3, {"a b", "a c", "b c"}},
        {{2, 1, true}, "a b c", 6, {"a b", "a c", "a", "b c", "b", "c"}},
        {{3, 0, true}, "a b c", 6, {"a b c", "a b", "a", "b c", "b", "c"}},
        {{3, 0, true}, "a b", 0, {NULL}},
        {{1, 0, false}, "", 0, {NULL}},
        {{1, 5, false}, " x", 1, {" x"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        graph_builder builder;
        builder_begin(&builder);
        mg_SkipGramOptions options = cases[i].options;
        int32_t x = builder_input(&builder, MIDGE_STRING, 1, one);
        int32_t y = builder_output(&builder, MIDGE_STRING, 1, one);
        builder_options(builder_node(&builder, MG_BUILTIN_SKIP_GRAM, 1, &x, 1, &y),
                        MG_OPTIONS_SkipGramOptions, &options);
        assert_int_equal(builder_session(&builder, NULL), MIDGE_OK);
        string_data packed = pack(1, &cases[i].sentence);
        assert_int_equal(midge_session_write_input(builder.session, 0, packed.bytes, packed.count),
                         MIDGE_OK);
        assert_int_equal(midge_session_invoke(builder.session), MIDGE_OK);
        expect_strings(midge_session_output(builder.session, 0), cases[i].count, cases[i].grams);
        builder_end(&builder);
    }
}

static void projections_equal_the_reference(void **state)
{
    (void)state;
    static const float seeds[] = {0.123f, 0.456f, -2.321f, 1.5f, -0.25f, 7};
    static const float weights[] = {1, 2, 0.5f, -3, 1.25f};
    static const int32_t x[] = {12345, 54321, 67890, 9876, -12345678};
    static const int32_t sparse[] = {3, 14}, dense[] = {0, 1, 1, 1, 1, 0};
    for (int8_t type = MG_LSH_PROJECTION_SPARSE; type <= MG_LSH_PROJECTION_DENSE; type++) {
        graph_builder builder;
        builder_begin(&builder);
        mg_LSHProjectionOptions options = {type};
        int32_t hash =
            builder_constant(&builder, MIDGE_FLOAT32, 2, (int32_t[]){2, 3}, seeds, sizeof seeds);
        int32_t input = builder_input(&builder, MIDGE_INT32, 1, (int32_t[]){5});
        int32_t weight =
            builder_constant(&builder, MIDGE_FLOAT32, 1, (int32_t[]){5}, weights, sizeof weights);
        int32_t y = builder_output(&builder, MIDGE_INT32, 1, two);
        builder_options(builder_node(&builder, MG_BUILTIN_LSH_PROJECTION, 3,
                                     (int32_t[]){hash, input, weight}, 1, &y),
                        MG_OPTIONS_LSHProjectionOptions, &options);
        builder_run(&builder, (const void *[]){x});
        bool is_dense = type == MG_LSH_PROJECTION_DENSE;
        assert_int_equal(builder_elements(&builder, 0), is_dense ? 6 : 2);
        assert_memory_equal(builder_data(&builder, 0), is_dense ? dense : sparse,
                            is_dense ? sizeof dense : sizeof sparse);
        builder_end(&builder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_must_be_assigned_first),
        cmocka_unit_test(variables_keep_what_was_assigned),
        cmocka_unit_test(readers_of_unknown_shape_follow_the_variable),
        cmocka_unit_test(tables_map_strings_to_numbers),
        cmocka_unit_test(tables_map_numbers_to_strings),
        cmocka_unit_test(tables_of_other_types_are_refused),
        cmocka_unit_test(handles_of_another_kind_are_refused),
        cmocka_unit_test(skip_grams_leave_words_out),
        cmocka_unit_test(projections_equal_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
