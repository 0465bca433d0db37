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

#include "counting_allocator.h"
#include "midge_tools.h"

#define FOLDER MIDGE_SOURCE_DIR "/tests/convert/"

/* libhdf5 forgets some of its own memory when a file is damaged. The leak checker asks for this. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5\n";
}

static bool has_readers(void)
{
    void *bytes = NULL;
    size_t size = 0;
    midge_error error = {MIDGE_OK, ""};
    midge_status status = midge_convert_file(FOLDER "dense.keras", NULL, &bytes, &size, &error);
    midge_convert_free(NULL, bytes);
    return status != MIDGE_UNSUPPORTED || strstr(error.message, "built without") == NULL;
}

static void *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    (void)fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    (void)fclose(file);
    return bytes;
}

static midge_model *convert(const char *path, const midge_convert_options *options, void **bytes,
                            size_t *size)
{
    midge_error error = {MIDGE_OK, ""};
    midge_model *model = NULL;
    if (midge_convert_file(path, options, bytes, size, &error) != MIDGE_OK)
        fail_msg("%s", error.message);
    if (midge_model_load_memory(*bytes, *size, NULL, &model, &error) != MIDGE_OK)
        fail_msg("%s: %s", path, error.message);
    return model;
}

/* ---- Results ---- */

/* As inputs() of keras_models.py. */
static void fill(midge_tensor *input)
{
    for (size_t i = 0; i < midge_tensor_elements(input); ++i) {
        if (midge_tensor_type(input) == MIDGE_FLOAT32)
            ((float *)midge_tensor_data(input))[i] = (float)((int)(i * 37 % 201) - 100) / 100.0f;
        else
            ((int32_t *)midge_tensor_data(input))[i] = (int32_t)(i * 7 % 20);
    }
}

static float value_at(const midge_tensor *tensor, size_t i)
{
    const void *data = midge_tensor_data(tensor);
    if (midge_tensor_type(tensor) == MIDGE_INT64) return (float)((const int64_t *)data)[i];
    if (midge_tensor_type(tensor) == MIDGE_INT32) return (float)((const int32_t *)data)[i];
    assert_int_equal(midge_tensor_type(tensor), MIDGE_FLOAT32);
    return ((const float *)data)[i];
}

static void compare_output(const char *path, size_t number, const midge_tensor *output,
                           const float *expected)
{
    float most = 1, worst = 0;
    for (size_t i = 0; i < midge_tensor_elements(output); ++i) {
        most = fmaxf(most, fabsf(expected[i]));
        float difference = fabsf(value_at(output, i) - expected[i]);
        if (!(difference <= worst)) worst = difference;
    }
    if (!(worst <= 1e-5f * most))
        fail_msg("%s: output %zu is off by %g of %g", path, number, (double)worst, (double)most);
}

static void check_golden(const char *path)
{
    char expected_path[4096];
    size_t size = 0, expected_size = 0, at = 0;
    void *bytes = NULL;
    midge_session *session = NULL;
    midge_error error = {MIDGE_OK, ""};
    (void)snprintf(expected_path, sizeof expected_path, "%.*s.expected",
                   (int)(strrchr(path, '.') - path), path);
    float *expected = read_whole(expected_path, &expected_size);
    if (expected == NULL) return; /* one to refuse */
    midge_model *model = convert(path, NULL, &bytes, &size);
    if (midge_session_create(model, NULL, &session, &error) != MIDGE_OK)
        fail_msg("%s: %s", path, error.message);
    for (size_t i = 0; i < midge_session_input_count(session); ++i)
        fill(midge_session_input(session, i));
    assert_int_equal(midge_session_invoke(session), MIDGE_OK);
    for (size_t i = 0; i < midge_session_output_count(session); ++i) {
        const midge_tensor *output = midge_session_output(session, i);
        size_t count = midge_tensor_elements(output);
        if (at + count > expected_size / sizeof(float))
            fail_msg("%s: more outputs than expected", path);
        compare_output(path, i, output, expected + at);
        at += count;
    }
    assert_int_equal(at, expected_size / sizeof(float));
    midge_session_free(session);
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
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

static void refuse(const char *path, const char *because)
{
    void *bytes = NULL;
    size_t size = 0;
    midge_error error = {MIDGE_OK, ""};
    assert_int_not_equal(midge_convert_file(path, NULL, &bytes, &size, &error), MIDGE_OK);
    assert_null(bytes);
    if (strstr(error.message, because) == NULL)
        fail_msg("%s: '%s' does not say '%s'", path, error.message, because);
    assert_null(strchr(error.message, '\n'));
}

static void all_unknown_layers_are_named_at_once(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    refuse(FOLDER "refused.keras", "'twice' (Lambda), 'odd' (Strange)");
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

/* Converts altered bytes by way of a file; what comes out must load, or there is a message. */
static void try_bytes(const char *path, const unsigned char *bytes, size_t size)
{
    void *made = NULL;
    size_t made_size = 0;
    midge_error error = {MIDGE_OK, ""};
    midge_model *model = NULL;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    if (midge_convert_file(path, NULL, &made, &made_size, &error) == MIDGE_OK) {
        if (midge_model_load_memory(made, made_size, NULL, &model, &error) != MIDGE_OK)
            fail_msg("a damaged file made a file that does not load: %s", error.message);
        midge_model_free(model);
        midge_convert_free(NULL, made);
    } else {
        assert_null(made);
        assert_true(error.message[0] != '\0');
    }
}

static void damage(const char *path)
{
    char temporary[] = "/tmp/midge-convert-XXXXXX";
    size_t size = 0;
    uint32_t seed = 12345;
    int opened = mkstemp(temporary);
    assert_true(opened >= 0);
    (void)close(opened);
    unsigned char *bytes = read_whole(path, &size);
    assert_non_null(bytes);
    for (size_t i = 0; i < 40; ++i) try_bytes(temporary, bytes, size * i / 40);
    for (size_t i = 0; i < 300; ++i) {
        seed = seed * 1664525u + 1013904223u;
        size_t at = (size_t)((uint64_t)seed * size >> 32);
        unsigned char before = bytes[at];
        bytes[at] = i % 3 == 0 ? 0xff : (unsigned char)(before ^ (1u << i % 8));
        try_bytes(temporary, bytes, size);
        bytes[at] = before;
    }
    free(bytes);
    (void)remove(temporary);
}

static void damaged_files_are_refused_or_converted(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    damage(FOLDER "dense.keras");
    damage(FOLDER "sequence.h5");
}

static void lack_of_memory_is_an_error(void **state)
{
    (void)state;
    if (!has_readers()) skip();
    bool done = false;
    for (size_t n = 0; !done; ++n) {
        counting_allocator counter = {.refuse_from = n, .refuse_count = 1};
        const midge_allocator allocator = {&counter, counting_allocate, counting_release};
        const midge_convert_options options = {.size = sizeof options, .allocator = &allocator};
        midge_error error = {MIDGE_OK, ""};
        void *bytes = NULL;
        size_t size = 0;
        midge_status status =
            midge_convert_file(FOLDER "dense.keras", &options, &bytes, &size, &error);
        done = counter.calls <= n;
        assert_true(status == MIDGE_OK || error.message[0] != '\0');
        if (done) assert_int_equal(status, MIDGE_OK);
        midge_convert_free(&allocator, bytes);
        assert_int_equal(counter.live, 0);
        assert_true(n < 10000);
    }
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
        fill(midge_session_input(sessions[i], 0));
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
