/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SavedModels and frozen graphs become .tflite files that compute the same. tests/convert has the
 * models and what TensorFlow computed, made by tools/make_tensorflow_golden.py; the inputs follow
 * from a formula. Damaged and hostile files are refused with one line, and so is lack of memory.
 */
#define _POSIX_C_SOURCE 200809L
#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "convert_case.h"

#define FOLDER MIDGE_SOURCE_DIR "/tests/convert/"

static bool has_reader(void)
{
    return has_reader_of(FOLDER "fashion_frozen.pb");
}

/* ---- Results ---- */

/* As inputs() of tensorflow_models.py. */
static void fill_numbers(midge_tensor *input)
{
    for (size_t i = 0; i < midge_tensor_elements(input); ++i) {
        if (midge_tensor_type(input) == MIDGE_FLOAT32)
            ((float *)midge_tensor_data(input))[i] = (float)((int)(i * 37 % 201) - 100) / 100.0f;
        else
            ((int32_t *)midge_tensor_data(input))[i] = (int32_t)(i * 7 % 3 + 1);
    }
}

static void fill_words(midge_session *session, size_t place)
{
    static const char *const words[] = {"one", "two", "three", "gr\303\266\303\237er", "", "on"};
    size_t count = midge_tensor_elements(midge_session_input(session, place));
    int32_t header[16] = {(int32_t)count};
    unsigned char bytes[256];
    size_t at = (count + 2) * sizeof(int32_t);
    assert_true(count + 2 <= sizeof header / sizeof header[0]);
    for (size_t i = 0; i < count; ++i) {
        size_t length = strlen(words[i % 6]);
        assert_true(at + length <= sizeof bytes);
        header[1 + i] = (int32_t)at;
        memcpy(bytes + at, words[i % 6], length);
        at += length;
    }
    header[1 + count] = (int32_t)at;
    memcpy(bytes, header, (count + 2) * sizeof(int32_t));
    assert_int_equal(midge_session_write_input(session, place, bytes, at), MIDGE_OK);
}

static void fill(midge_session *session, size_t place)
{
    midge_tensor *input = midge_session_input(session, place);
    if (midge_tensor_type(input) == MIDGE_STRING)
        fill_words(session, place);
    else
        fill_numbers(input);
}

static void check_golden(const char *path, const char *expected_path)
{
    size_t size = 0;
    float *expected = read_whole(expected_path, &size);
    if (expected == NULL) fail_msg("%s is missing", expected_path);
    check_outputs(path, expected, size, fill);
    free(expected);
}

static void saved_models_compute_as_tensorflow(void **state)
{
    (void)state;
    glob_t found;
    char expected[4096];
    if (!has_reader()) skip();
    assert_int_equal(glob(FOLDER "[a-gi-z]*.saved", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 16);
    for (size_t i = 0; i < found.gl_pathc; ++i) {
        (void)snprintf(expected, sizeof expected, "%s/expected", found.gl_pathv[i]);
        check_golden(found.gl_pathv[i], expected);
    }
    globfree(&found);
}

static void frozen_graphs_compute_as_tensorflow(void **state)
{
    (void)state;
    if (!has_reader()) skip();
    check_golden(FOLDER "fashion_frozen.pb", FOLDER "fashion_frozen.expected");
}

/* ---- The file ---- */

static void equal_inputs_give_equal_bytes(void **state)
{
    (void)state;
    void *one = NULL, *two = NULL;
    size_t size_one = 0, size_two = 0;
    if (!has_reader()) skip();
    midge_model_free(convert(FOLDER "control.saved", NULL, &one, &size_one));
    /* The file itself is as good as its folder. */
    midge_model_free(convert(FOLDER "control.saved/saved_model.pb", NULL, &two, &size_two));
    assert_int_equal(size_one, size_two);
    assert_memory_equal(one, two, size_one);
    midge_convert_free(NULL, one);
    midge_convert_free(NULL, two);
}

static void check_operators(const char *path, const char *const *names)
{
    void *bytes = NULL;
    size_t size = 0, count = 0;
    midge_graph_info graph;
    midge_node_info node;
    midge_model *model = convert(path, NULL, &bytes, &size);
    assert_true(midge_inspect_graph(model, 0, &graph));
    for (; names[count] != NULL; ++count) {
        assert_true(count < graph.node_count);
        assert_true(midge_inspect_node(model, 0, count, &node));
        assert_string_equal(node.op, names[count]);
    }
    assert_int_equal(graph.node_count, count);
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
}

static void nothing_is_left_over(void **state)
{
    (void)state;
    if (!has_reader()) skip();
    check_operators(FOLDER "fashion.saved",
                    (const char *const[]){"RESHAPE", "FULLY_CONNECTED", "FULLY_CONNECTED", NULL});
}

static size_t count_operators(const char *path, const char *name)
{
    void *bytes = NULL;
    size_t size = 0, count = 0;
    midge_graph_info graph;
    midge_node_info node;
    midge_model *model = convert(path, NULL, &bytes, &size);
    assert_true(midge_inspect_graph(model, 0, &graph));
    for (size_t i = 0; i < graph.node_count; ++i) {
        assert_true(midge_inspect_node(model, 0, i, &node));
        count += strcmp(node.op, name) == 0;
    }
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
    return count;
}

/* Three of the loops of steps.saved are LSTM layers; five look much like them. */
static void loops_that_are_lstm_become_one_operator(void **state)
{
    (void)state;
    if (!has_reader()) skip();
    check_operators(FOLDER "lstm.saved",
                    (const char *const[]){"UNIDIRECTIONAL_SEQUENCE_LSTM", "SLICE", "RESHAPE",
                                          "FULLY_CONNECTED", NULL});
    assert_int_equal(count_operators(FOLDER "steps.saved", "UNIDIRECTIONAL_SEQUENCE_LSTM"), 3);
    assert_int_equal(count_operators(FOLDER "steps.saved", "WHILE"), 5);
}

/* Ten of gates.saved, in all ways in which a product can be written; eight only look like them. */
static void activations_become_one_operator(void **state)
{
    (void)state;
    if (!has_reader()) skip();
    assert_int_equal(count_operators(FOLDER "gates.saved", "GELU"), 5);
    assert_int_equal(count_operators(FOLDER "gates.saved", "HARD_SWISH"), 4);
    assert_int_equal(count_operators(FOLDER "gates.saved", "PRELU"), 1);
}

/* Nine of lengths.saved; eleven only look like them. */
static void division_by_the_length_becomes_one_operator(void **state)
{
    (void)state;
    if (!has_reader()) skip();
    assert_int_equal(count_operators(FOLDER "lengths.saved", "L2_NORMALIZATION"), 9);
}

static void names_are_those_of_the_signature(void **state)
{
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    const char *name = NULL;
    int32_t tensor = -1;
    if (!has_reader()) skip();
    midge_model *model = convert(FOLDER "arrays.saved", NULL, &bytes, &size);
    static const char *const inputs[] = {"at", "x"};
    assert_string_equal(midge_model_signature_key(model, 0), "serving_default");
    for (size_t i = 0; i < 2; ++i) {
        assert_true(midge_inspect_binding(model, 0, false, i, &name, &tensor));
        assert_string_equal(name, inputs[i]);
    }
    for (size_t i = 0; i < 9; ++i) {
        const char expected[] = {(char)('a' + i), '\0'};
        assert_true(midge_inspect_binding(model, 0, true, i, &name, &tensor));
        assert_string_equal(name, expected);
    }
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
}

static void batch_is_as_asked(void **state)
{
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    midge_graph_info graph;
    midge_tensor_info tensor;
    const midge_convert_options options = {.size = sizeof options, .batch = 3};
    if (!has_reader()) skip();
    midge_model *model = convert(FOLDER "lstm.saved", &options, &bytes, &size);
    assert_true(midge_inspect_graph(model, 0, &graph));
    assert_true(midge_inspect_tensor(model, 0, (size_t)graph.outputs[0], &tensor));
    assert_int_equal(tensor.shape[0], 3);
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
}

/* ---- Refusals ---- */

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    if (!has_reader()) skip();
    refuse(FOLDER "hostile_odd.saved", "Digamma (node Digamma), Igamma (node Igamma)");
    refuse(FOLDER "hostile_open.saved", "input x leaves size 1 open");
    refuse(FOLDER "hostile_counter.saved", "changes while the model runs");
    refuse(FOLDER "hostile_calls.pb", "does again call itself");
    refuse(FOLDER "hostile_cycle.pb", "waits for its own result");
    refuse(FOLDER "hostile_identity.pb", "made of itself");
    refuse(FOLDER "hostile_constant.pb", "2000000000 elements that are not in the file");
    refuse(FOLDER "hostile_variable.pb", "variable v has no value here");
    refuse(FOLDER "hostile_table_empty.pb", "its table is empty here");
    refuse(FOLDER "hostile_table_counts.pb", "its table has 2 keys and 1 values");
    refuse(FOLDER "hostile_table_types.pb", "a table from string to float32");
    refuse(FOLDER "hostile_table_input.pb", "filled with what is no constant");
}

/* Keys at both ends of int64, and one that stands there three times. */
static void repeated_keys_do_not_harm(void **state)
{
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    midge_session *session = NULL;
    midge_error error = {MIDGE_OK, ""};
    static const int64_t keys[] = {INT64_MIN, INT64_MAX, 5, 6}, found[] = {1, 2, 5, 1};
    if (!has_reader()) skip();
    midge_model *model = convert(FOLDER "hostile_table_repeats.pb", NULL, &bytes, &size);
    assert_int_equal(midge_session_create(model, NULL, &session, &error), MIDGE_OK);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
        *(int64_t *)midge_tensor_data(midge_session_input(session, 0)) = keys[i];
        assert_int_equal(midge_session_invoke(session), MIDGE_OK);
        assert_true(*(int64_t *)midge_tensor_data(midge_session_output(session, 0)) == found[i]);
    }
    midge_session_free(session);
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
}

/* A copy of fashion.saved whose files a test may spoil. */
typedef struct copy {
    char folder[64];
    char graph[96], variables[80], index[128], data[128];
} copy;

static void make_copy(copy *made)
{
    static const char from[] = FOLDER "fashion.saved";
    char path[4096];
    size_t size = 0;
    (void)snprintf(made->folder, sizeof made->folder, "/tmp/midge-saved-XXXXXX");
    assert_non_null(mkdtemp(made->folder));
    (void)snprintf(made->graph, sizeof made->graph, "%s/saved_model.pb", made->folder);
    (void)snprintf(made->variables, sizeof made->variables, "%s/variables", made->folder);
    (void)snprintf(made->index, sizeof made->index, "%s/variables.index", made->variables);
    (void)snprintf(made->data, sizeof made->data, "%s/variables.data-00000-of-00001",
                   made->variables);
    assert_int_equal(mkdir(made->variables, 0700), 0);
    const char *const targets[] = {made->graph, made->index, made->data};
    for (int i = 0; i < 3; ++i) {
        (void)snprintf(path, sizeof path, "%s%s", from, targets[i] + strlen(made->folder));
        unsigned char *bytes = read_whole(path, &size);
        write_whole(targets[i], bytes, size);
        free(bytes);
    }
}

static void remove_copy(const copy *made)
{
    (void)remove(made->graph);
    (void)remove(made->index);
    (void)remove(made->data);
    (void)remove(made->variables);
    (void)remove(made->folder);
}

static void flip(const char *path, long from_end)
{
    size_t size = 0;
    unsigned char *bytes = read_whole(path, &size);
    bytes[size - (size_t)from_end] ^= 0x10;
    write_whole(path, bytes, size);
    free(bytes);
}

static void wrong_variables_are_refused(void **state)
{
    (void)state;
    copy made;
    if (!has_reader()) skip();
    make_copy(&made);
    flip(made.data, 900); /* in the last variable */
    refuse(made.folder, "has a wrong checksum");
    flip(made.data, 900);
    assert_int_equal(truncate(made.data, 700), 0);
    refuse(made.folder, "beyond the end of its file");
    assert_int_equal(remove(made.data), 0);
    refuse(made.folder, "cannot read variables/variables.data-00000-of-00001");
    flip(made.index, 100);
    refuse(made.folder, "variables.index is damaged");
    assert_int_equal(truncate(made.index, 60), 0);
    refuse(made.folder, "does not end as a table");
    assert_int_equal(remove(made.index), 0);
    refuse(made.folder, "cannot read variables/variables.index");
    assert_int_equal(remove(made.graph), 0);
    refuse(made.folder, "a folder with neither saved_model.pb");
    remove_copy(&made);
}

static void damaged_files_are_refused_or_converted(void **state)
{
    (void)state;
    copy made;
    if (!has_reader()) skip();
    make_copy(&made);
    damage(made.folder, made.graph, 400);
    damage(made.folder, made.index, 400);
    damage(made.folder, made.data, 400);
    remove_copy(&made);
}

static void lack_of_memory_is_an_error(void **state)
{
    (void)state;
    if (!has_reader()) skip();
    lack_memory(FOLDER "fashion.saved");
    lack_memory(FOLDER "words.saved");
    lack_memory(FOLDER "lstm.saved");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saved_models_compute_as_tensorflow),
        cmocka_unit_test(frozen_graphs_compute_as_tensorflow),
        cmocka_unit_test(equal_inputs_give_equal_bytes),
        cmocka_unit_test(nothing_is_left_over),
        cmocka_unit_test(loops_that_are_lstm_become_one_operator),
        cmocka_unit_test(activations_become_one_operator),
        cmocka_unit_test(division_by_the_length_becomes_one_operator),
        cmocka_unit_test(names_are_those_of_the_signature),
        cmocka_unit_test(batch_is_as_asked),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(repeated_keys_do_not_harm),
        cmocka_unit_test(wrong_variables_are_refused),
        cmocka_unit_test(damaged_files_are_refused_or_converted),
        cmocka_unit_test(lack_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
