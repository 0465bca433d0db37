/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models against goldens of the reference runtime: every line of manifest.tsv names a model, a file
 * of pixels (one byte each, one input after the other), what a pixel is divided by before a float
 * model sees it (0: the bytes go in as they are), the golden outputs, a tolerance (0: equal bits)
 * and the SHA-256 of the model. Each line runs with the reference kernels and with the best ones,
 * on one and on two threads.
 */
#include "midge.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER MIDGE_SOURCE_DIR "/tests/model/"

enum { line_size = 512, field_count = 6 };

typedef struct bytes {
    unsigned char *data;
    size_t size;
} bytes;

typedef struct golden_line {
    char line[line_size];
    const char *field[field_count];
    bytes model;
    bytes pixels;
    bytes outputs;
    float divisor;
    float tolerance;
} golden_line;

static bytes read_file(const char *folder, const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("cannot open %s", path);
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size > 0);
    rewind(file);
    bytes content = {malloc((size_t)size), (size_t)size};
    assert_non_null(content.data);
    assert_int_equal(fread(content.data, 1, content.size, file), content.size);
    (void)fclose(file);
    return content;
}

/* Splits a line at tabs; false for comments. */
static bool parse(golden_line *line)
{
    if (line->line[0] == '#' || line->line[0] == '\n') {
        return false;
    }
    line->line[strcspn(line->line, "\n")] = '\0';
    char *position = line->line;
    for (int n = 0; n < field_count; ++n) {
        assert_non_null(position);
        line->field[n] = position;
        position = strchr(position, '\t');
        if (position != NULL) {
            *position++ = '\0';
        }
    }
    line->divisor = strtof(line->field[2], NULL);
    line->tolerance = strtof(line->field[4], NULL);
    return true;
}

static void fill_input(const golden_line *golden, midge_tensor *input, const unsigned char *pixels)
{
    size_t count = midge_tensor_elements(input);
    if (golden->divisor == 0.0f) {
        assert_int_equal(midge_tensor_type(input), MIDGE_UINT8);
        memcpy(midge_tensor_data(input), pixels, count);
        return;
    }
    assert_int_equal(midge_tensor_type(input), MIDGE_FLOAT32);
    float *values = midge_tensor_data(input);
    for (size_t n = 0; n < count; ++n) {
        values[n] = (float)pixels[n] / golden->divisor;
    }
}

static void expect_output(const golden_line *golden, const midge_tensor *output, size_t number)
{
    size_t size = midge_tensor_bytes(output);
    const unsigned char *wanted = golden->outputs.data + number * size;
    if (golden->tolerance == 0.0f) {
        assert_memory_equal(midge_tensor_data(output), wanted, size);
        return;
    }
    const float *got = midge_tensor_data(output);
    for (size_t n = 0; n < midge_tensor_elements(output); ++n) {
        float value;
        memcpy(&value, wanted + n * sizeof value, sizeof value);
        if (!(fabsf(got[n] - value) <= golden->tolerance)) {
            fail_msg("%s, input %zu, value %zu: got %.9g, expected %.9g", golden->field[0], number,
                     n, (double)got[n], (double)value);
        }
    }
}

static void run_golden(const golden_line *golden, const char *kernels, int threads)
{
    midge_error error = {0};
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_session_options options = midge_session_options_default();
    options.kernels = kernels;
    options.threads = threads;
    if (midge_model_load_memory(golden->model.data, golden->model.size, NULL, &model, &error) ||
        midge_session_create(model, &options, &session, &error)) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(midge_session_input_count(session), 1);
    assert_int_equal(midge_session_output_count(session), 1);
    midge_tensor *input = midge_session_input(session, 0);
    size_t count = midge_tensor_elements(input);
    assert_true(golden->pixels.size >= count && golden->pixels.size % count == 0);
    size_t inputs = golden->pixels.size / count;
    size_t output_size = midge_tensor_bytes(midge_session_output(session, 0));
    assert_int_equal(golden->outputs.size, inputs * output_size);
    for (size_t n = 0; n < inputs; ++n) {
        fill_input(golden, input, golden->pixels.data + n * count);
        if (midge_session_invoke(session)) {
            fail_msg("%s", midge_session_message(session));
        }
        expect_output(golden, midge_session_output(session, 0), n);
    }
    midge_session_free(session);
    midge_model_free(model);
}

static void for_each_golden(const char *kernels, int threads)
{
    FILE *manifest = fopen(FOLDER "manifest.tsv", "r");
    assert_non_null(manifest);
    golden_line line = {0};
    int count = 0;
    while (fgets(line.line, sizeof line.line, manifest) != NULL) {
        if (!parse(&line)) {
            continue;
        }
        line.model = read_file(MIDGE_SOURCE_DIR "/", line.field[0]);
        line.pixels = read_file(FOLDER, line.field[1]);
        line.outputs = read_file(FOLDER, line.field[3]);
        run_golden(&line, kernels, threads);
        free(line.model.data);
        free(line.pixels.data);
        free(line.outputs.data);
        ++count;
    }
    (void)fclose(manifest);
    assert_true(count > 0);
}

static void reference_kernels(void **state)
{
    (void)state;
    for_each_golden("ref", 1);
}

static void best_kernels(void **state)
{
    (void)state;
    for_each_golden("auto", 1);
}

static void best_kernels_on_two_threads(void **state)
{
    (void)state;
    for_each_golden("auto", 2);
}

/* The two models of one network must agree about the pictures: a golden of a model that learnt
 * nothing would be matched as well. The pictures are in the order of their names. */
static void models_know_the_pictures(void **state)
{
    (void)state;
    static const int labels[] = {9, 8, 4, 3, 2, 5, 6, 7, 0, 1};
    enum { pictures = sizeof labels / sizeof labels[0], classes = 10 };
    bytes outputs = read_file(FOLDER, "fashion_mnist_int8_output.bin");
    assert_int_equal(outputs.size, pictures * classes);
    int right = 0;
    for (int n = 0; n < pictures; ++n) {
        const unsigned char *scores = outputs.data + n * classes;
        int best = 0;
        for (int label = 1; label < classes; ++label) {
            if (scores[label] > scores[best]) {
                best = label;
            }
        }
        right += best == labels[n];
    }
    free(outputs.data);
    assert_true(right >= pictures - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_kernels),
        cmocka_unit_test(best_kernels),
        cmocka_unit_test(best_kernels_on_two_threads),
        cmocka_unit_test(models_know_the_pictures),
    };
    return cmocka_run_group_tests_name("goldens", tests, NULL, NULL);
}
