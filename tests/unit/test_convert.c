/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keras models become .tflite files that compute the same. tests/convert has the models and what
 * Keras computed, made by tools/make_convert_golden.py; the inputs follow from a formula. Damaged
 * and hostile files are refused with one line, and so is lack of memory.
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
#include <unistd.h>

#include <cmocka.h>

#include "convert_case.h"

#define FOLDER MIDGE_SOURCE_DIR "/tests/convert/"

/* libhdf5 forgets some of its own memory when a file is damaged. The leak checker asks for this. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5\n";
}

static bool has_readers(void)
{
    return has_reader_of(FOLDER "dense.keras");
}

/* ---- Results ---- */

/* As inputs() of keras_models.py. */
static void fill(midge_session *session, size_t place)
{
    midge_tensor *input = midge_session_input(session, place);
    for (size_t i = 0; i < midge_tensor_elements(input); ++i) {
        if (midge_tensor_type(input) == MIDGE_FLOAT32)
            ((float *)midge_tensor_data(input))[i] = (float)((int)(i * 37 % 201) - 100) / 100.0f;
        else
            ((int32_t *)midge_tensor_data(input))[i] = (int32_t)(i * 7 % 20);
    }
}

static void check_golden(const char *path)
{
    char expected_path[4096];
    size_t size = 0;
    (void)snprintf(expected_path, sizeof expected_path, "%.*s.expected",
                   (int)(strrchr(path, '.') - path), path);
    float *expected = read_whole(expected_path, &size);
    if (expected == NULL) return; /* one to refuse */
    check_outputs(path, expected, size, fill);
    free(expected);
}

static void each(const char *pattern, size_t least, void (*check)(const char *path))
{
    glob_t found;
    if (!has_readers()) skip();
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= least);
    for (size_t i = 0; i < found.gl_pathc; ++i) check(found.gl_pathv[i]);
    globfree(&found);
}

static void archives_compute_as_keras(void **state)
{
    (void)state;
    each(FOLDER "*.keras", 30, check_golden);
}

static void legacy_files_compute_as_keras(void **state)
{
    (void)state;
    each(FOLDER "*.h5", 4, check_golden);
}

/* ---- The file ---- */

static void equal_inputs_give_equal_bytes(void **state)
{
    (void)state;
    void *one = NULL, *two = NULL;
    size_t size_one = 0, size_two = 0;
    if (!has_readers()) skip();
    midge_model_free(convert(FOLDER "functions.keras", NULL, &one, &size_one));
    midge_model_free(convert(FOLDER "functions.keras", NULL, &two, &size_two));
    assert_int_equal(size_one, size_two);
    assert_memory_equal(one, two, size_one);
    midge_convert_free(NULL, one);
    midge_convert_free(NULL, two);
}

static void count_operators(midge_model *model, const char *const *names, const size_t *counts)
{
    midge_graph_info graph;
    assert_true(midge_inspect_graph(model, 0, &graph));
    size_t all = 0;
    for (size_t i = 0; names[i] != NULL; ++i) {
        size_t have = 0;
        for (size_t n = 0; n < graph.node_count; ++n) {
            midge_node_info node;
            assert_true(midge_inspect_node(model, 0, n, &node));
            have += strcmp(node.op, names[i]) == 0;
        }
        if (have != counts[i]) fail_msg("%zu %s, not %zu", have, names[i], counts[i]);
        all += have;
    }
    assert_int_equal(all, graph.node_count);
}

static void normalisation_and_activations_are_folded(void **state)
{
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    if (!has_readers()) skip();
    midge_model *model = convert(FOLDER "sequence.h5", NULL, &bytes, &size);
    count_operators(
        model,
        (const char *const[]){"PAD", "CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED", NULL},
        (const size_t[]){1, 1, 1, 1, 1});
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
}

static void names_are_those_of_the_model(void **state)
{
    (void)state;
    void *bytes = NULL;
    size_t size = 0;
    const char *name = NULL;
    int32_t tensor = -1;
    if (!has_readers()) skip();
    midge_model *model = convert(FOLDER "nested.keras", NULL, &bytes, &size);
    static const char *const expected[2][2] = {{"x", "y"}, {"sum", "tail"}};
    for (int output = 0; output < 2; ++output)
        for (size_t i = 0; i < 2; ++i) {
            assert_true(midge_inspect_binding(model, 0, output == 1, i, &name, &tensor));
            assert_string_equal(name, expected[output][i]);
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
    const midge_convert_options options = {.size = sizeof options, .batch = 5};
    if (!has_readers()) skip();
    midge_model *model = convert(FOLDER "recurrent.keras", &options, &bytes, &size);
    assert_true(midge_inspect_graph(model, 0, &graph));
    assert_true(midge_inspect_tensor(model, 0, (size_t)graph.outputs[0], &tensor));
    assert_int_equal(tensor.shape[0], 5);
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
}

/* ---- Refusals ---- */

static void all_unknown_layers_are_named_at_once(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    refuse(FOLDER "refused.keras", "'twice' (Lambda), 'odd' (Strange)");
    refuse(FOLDER "refused_words.keras", "where StringLookup becomes a HASHTABLE");
    refuse(FOLDER "keras_models.py", "neither");
    refuse(FOLDER "nowhere.keras", "nowhere.keras");
}

static void data_elsewhere_are_refused(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    refuse(FOLDER "hostile_external_link.h5", "link");
    refuse(FOLDER "hostile_soft_link.h5", "link");
    refuse(FOLDER "hostile_external_data.h5", "another file");
    refuse(FOLDER "hostile_virtual.h5", "another file");
    refuse(FOLDER "hostile_huge.h5", "claims more");
    refuse(FOLDER "hostile_other_filter.h5", "stored");
}

/* On a copy. */
static void damage_copy(const char *path)
{
    char temporary[] = "/tmp/midge-convert-XXXXXX";
    size_t size = 0;
    int opened = mkstemp(temporary);
    assert_true(opened >= 0);
    (void)close(opened);
    void *bytes = read_whole(path, &size);
    assert_non_null(bytes);
    write_whole(temporary, bytes, size);
    free(bytes);
    damage(temporary, temporary, 300);
    (void)remove(temporary);
}

static void damaged_files_are_refused_or_converted(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    damage_copy(FOLDER "dense.keras");
    damage_copy(FOLDER "sequence.h5");
}

static void lack_of_memory_is_an_error(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    lack_memory(FOLDER "dense.keras");
}

/* ---- Models that others published ---- */

static void check_published(const char *name, const char *published)
{
    char path[4096];
    void *bytes = NULL;
    size_t size = 0;
    midge_error error = {MIDGE_OK, ""};
    midge_model *models[2] = {NULL, NULL};
    midge_session *sessions[2];
    (void)snprintf(path, sizeof path, MIDGE_SOURCE_DIR "/../shared/models/mlperf_tiny/%s",
                   published);
    if (midge_model_load_file(path, NULL, &models[1], &error) != MIDGE_OK) skip();
    (void)snprintf(path, sizeof path, MIDGE_SOURCE_DIR "/../shared/models/mlperf_tiny/%s", name);
    models[0] = convert(path, NULL, &bytes, &size);
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(midge_session_create(models[i], NULL, &sessions[i], &error), MIDGE_OK);
        fill(sessions[i], 0);
        assert_int_equal(midge_session_invoke(sessions[i]), MIDGE_OK);
    }
    compare_output(path, 0, midge_session_output(sessions[0], 0),
                   midge_tensor_data(midge_session_output(sessions[1], 0)));
    for (int i = 0; i < 2; ++i) {
        midge_session_free(sessions[i]);
        midge_model_free(models[i]);
    }
    midge_convert_free(NULL, bytes);
}

static void published_mobilenet_is_matched(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    check_published("vww_96.h5", "vww_96_float.tflite");
}

static void published_resnet_is_matched(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    check_published("pretrainedResnet.h5", "pretrainedResnet.tflite");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_compute_as_keras),
        cmocka_unit_test(legacy_files_compute_as_keras),
        cmocka_unit_test(equal_inputs_give_equal_bytes),
        cmocka_unit_test(normalisation_and_activations_are_folded),
        cmocka_unit_test(names_are_those_of_the_model),
        cmocka_unit_test(batch_is_as_asked),
        cmocka_unit_test(all_unknown_layers_are_named_at_once),
        cmocka_unit_test(data_elsewhere_are_refused),
        cmocka_unit_test(damaged_files_are_refused_or_converted),
        cmocka_unit_test(lack_of_memory_is_an_error),
        cmocka_unit_test(published_mobilenet_is_matched),
        cmocka_unit_test(published_resnet_is_matched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
