/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of conversion share: a file becomes a model that computes what is expected, or is
 * refused with one line; damaged files do one or the other; memory may end at any point.
 * Include after cmocka.h.
 */
#ifndef CONVERT_CASE_H
#define CONVERT_CASE_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counting_allocator.h"
#include "midge_tools.h"

/* Whether midge was built with the readers of this file's format. */
static inline bool has_reader_of(const char *path)
{
    void *bytes = NULL;
    size_t size = 0;
    midge_error error = {MIDGE_OK, ""};
    midge_status status = midge_convert_file(path, NULL, &bytes, &size, &error);
    midge_convert_free(NULL, bytes);
    return status != MIDGE_UNSUPPORTED || strstr(error.message, "built without") == NULL;
}

/* ---- Files ---- */

/* NULL for a file that is not there. */
static inline void *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    (void)fclose(file);
    return bytes;
}

static inline void write_whole(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* ---- Converting ---- */

static inline midge_model *convert(const char *path, const midge_convert_options *options,
                                   void **bytes, size_t *size)
{
    midge_error error = {MIDGE_OK, ""};
    midge_model *model = NULL;
    if (midge_convert_file(path, options, bytes, size, &error) != MIDGE_OK)
        fail_msg("%s", error.message);
    if (midge_model_load_memory(*bytes, *size, NULL, &model, &error) != MIDGE_OK)
        fail_msg("%s: %s", path, error.message);
    return model;
}

static inline void refuse(const char *path, const char *because)
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

/* ---- Results ---- */

static inline float value_at(const midge_tensor *tensor, size_t i)
{
    const void *data = midge_tensor_data(tensor);
    if (midge_tensor_type(tensor) == MIDGE_INT64) return (float)((const int64_t *)data)[i];
    if (midge_tensor_type(tensor) == MIDGE_INT32) return (float)((const int32_t *)data)[i];
    if (midge_tensor_type(tensor) == MIDGE_BOOL) return ((const bool *)data)[i];
    assert_int_equal(midge_tensor_type(tensor), MIDGE_FLOAT32);
    return ((const float *)data)[i];
}

static inline void compare_output(const char *path, size_t number, const midge_tensor *output,
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

/* Runs the converted file on inputs by `fill`; `expected` has all outputs, one after another. */
static inline void check_outputs(const char *path, const float *expected, size_t expected_bytes,
                                 void (*fill)(midge_session *session, size_t input))
{
    size_t size = 0, at = 0;
    void *bytes = NULL;
    midge_session *session = NULL;
    midge_error error = {MIDGE_OK, ""};
    midge_model *model = convert(path, NULL, &bytes, &size);
    if (midge_session_create(model, NULL, &session, &error) != MIDGE_OK)
        fail_msg("%s: %s", path, error.message);
    for (size_t i = 0; i < midge_session_input_count(session); ++i) fill(session, i);
    if (midge_session_invoke(session) != MIDGE_OK)
        fail_msg("%s: %s", path, midge_session_message(session));
    for (size_t i = 0; i < midge_session_output_count(session); ++i) {
        const midge_tensor *output = midge_session_output(session, i);
        size_t count = midge_tensor_elements(output);
        if (at + count > expected_bytes / sizeof(float))
            fail_msg("%s: more outputs than expected", path);
        compare_output(path, i, output, expected + at);
        at += count;
    }
    assert_int_equal(at, expected_bytes / sizeof(float));
    midge_session_free(session);
    midge_model_free(model);
    midge_convert_free(NULL, bytes);
}

/* ---- Damage ---- */

/* Converts `path` after `file`, which is it or lies in it, has got altered bytes: what comes out
 * must load, or there is a message. */
static inline void try_bytes(const char *path, const char *file, const void *bytes, size_t size)
{
    void *made = NULL;
    size_t made_size = 0;
    midge_error error = {MIDGE_OK, ""};
    midge_model *model = NULL;
    write_whole(file, bytes, size);
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

/* Cuts the file at 40 places and alters it at others; leaves it as it was. */
static inline void damage(const char *path, const char *file, size_t alterations)
{
    size_t size = 0;
    uint32_t seed = 12345;
    unsigned char *bytes = read_whole(file, &size);
    assert_non_null(bytes);
    for (size_t i = 0; i < 40; ++i) try_bytes(path, file, bytes, size * i / 40);
    for (size_t i = 0; i < alterations; ++i) {
        seed = seed * 1664525u + 1013904223u;
        size_t at = (size_t)((uint64_t)seed * size >> 32);
        unsigned char before = bytes[at];
        bytes[at] = i % 3 == 0 ? 0xff : (unsigned char)(before ^ (1u << i % 8));
        try_bytes(path, file, bytes, size);
        bytes[at] = before;
    }
    write_whole(file, bytes, size);
    free(bytes);
}

/* Each allocation in turn fails: an error with a message, and nothing is lost. */
static inline void lack_memory(const char *path)
{
    bool done = false;
    for (size_t n = 0; !done; ++n) {
        counting_allocator counter = {.refuse_from = n, .refuse_count = 1};
        const midge_allocator allocator = {&counter, counting_allocate, counting_release};
        const midge_convert_options options = {.size = sizeof options, .allocator = &allocator};
        midge_error error = {MIDGE_OK, ""};
        void *bytes = NULL;
        size_t size = 0;
        midge_status status = midge_convert_file(path, &options, &bytes, &size, &error);
        done = counter.calls <= n;
        assert_true(status == MIDGE_OK || error.message[0] != '\0');
        if (done) assert_int_equal(status, MIDGE_OK);
        midge_convert_free(&allocator, bytes);
        assert_int_equal(counter.live, 0);
        assert_true(n < 20000);
    }
}

#endif
