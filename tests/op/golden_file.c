/* SPDX-License-Identifier: Apache-2.0 */
#include "golden_file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "midge.h"

static uint32_t take_number(const golden_file *file, const unsigned char **at)
{
    uint32_t number;
    assert_true((size_t)(file->data + file->bytes - *at) >= sizeof number);
    memcpy(&number, *at, sizeof number);
    *at += sizeof number;
    return number;
}

static golden_block take_block(const golden_file *file, const unsigned char **at)
{
    size_t bytes = take_number(file, at);
    assert_true((size_t)(file->data + file->bytes - *at) >= bytes);
    golden_block taken = {*at, bytes};
    *at += bytes;
    return taken;
}

static midge_session *open_session(const golden_case *golden, const char *kernels, int threads,
                                   midge_model **model)
{
    midge_error error = {MIDGE_OK, ""};
    midge_session *session = NULL;
    midge_session_options options = midge_session_options_default();
    options.kernels = kernels;
    options.threads = threads;
    if (midge_model_load_memory(golden->model.data, golden->model.bytes, NULL, model, &error) ||
        midge_session_create(*model, &options, &session, &error))
        fail_msg("%s: %s", golden->name, error.message);
    return session;
}

static void check_floats(const golden_case *golden, const char *kernels, const float *got,
                         golden_block expected, float tolerance)
{
    size_t count = expected.bytes / sizeof(float);
    float largest = 0, wanted;
    for (size_t i = 0; i < count; i++) {
        memcpy(&wanted, expected.data + i * sizeof wanted, sizeof wanted);
        largest = fmaxf(largest, fabsf(wanted));
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(&wanted, expected.data + i * sizeof wanted, sizeof wanted);
        if (got[i] == wanted || (isnan(got[i]) && isnan(wanted))) continue;
        if (!(fabsf(got[i] - wanted) <= tolerance * largest + 1e-7f))
            fail_msg("%s, kernels %s: element %zu is %g, not %g", golden->name, kernels, i,
                     (double)got[i], (double)wanted);
    }
}

static void check_output(const golden_case *golden, const char *kernels, const midge_tensor *output,
                         golden_block expected, float tolerance)
{
    midge_type type = midge_tensor_type(output);
    if (midge_tensor_bytes(output) != expected.bytes)
        fail_msg("%s: %zu bytes, not %zu", golden->name, midge_tensor_bytes(output),
                 expected.bytes);
    if (type == MIDGE_FLOAT32 || type == MIDGE_COMPLEX64)
        check_floats(golden, kernels, midge_tensor_data(output), expected, tolerance);
    else if (memcmp(midge_tensor_data(output), expected.data, expected.bytes) != 0)
        fail_msg("%s, kernels %s: other values", golden->name, kernels);
}

static void run_invocations(const golden_file *file, const golden_case *golden, const char *kernels,
                            midge_session *session, float tolerance)
{
    const unsigned char *at = golden->tensors;
    for (uint32_t invocation = 0; invocation < golden->invocations; invocation++) {
        for (size_t i = 0; i < midge_session_input_count(session); i++) {
            golden_block input = take_block(file, &at);
            assert_int_equal(midge_session_write_input(session, i, input.data, input.bytes),
                             MIDGE_OK);
        }
        if (midge_session_invoke(session) != MIDGE_OK)
            fail_msg("%s: %s", golden->name, midge_session_message(session));
        for (size_t i = 0; i < midge_session_output_count(session); i++)
            check_output(golden, kernels, midge_session_output(session, i), take_block(file, &at),
                         tolerance);
    }
}

void golden_check(const golden_file *file, const char *kernels, int threads, float tolerance)
{
    for (size_t i = 0; i < file->count; i++) {
        midge_model *model = NULL;
        midge_session *session = open_session(&file->cases[i], kernels, threads, &model);
        run_invocations(file, &file->cases[i], kernels, session, tolerance);
        assert_int_equal(midge_session_reset(session), MIDGE_OK);
        run_invocations(file, &file->cases[i], kernels, session, tolerance);
        midge_session_free(session);
        midge_model_free(model);
    }
}

/* How many blocks an invocation has follows from the model. */
static const unsigned char *after_tensors(const golden_file *file, const golden_case *golden)
{
    midge_model *model = NULL;
    midge_session *session = open_session(golden, "ref", 1, &model);
    size_t blocks = midge_session_input_count(session) + midge_session_output_count(session);
    const unsigned char *at = golden->tensors;
    for (size_t i = 0; i < blocks * golden->invocations; i++) (void)take_block(file, &at);
    midge_session_free(session);
    midge_model_free(model);
    return at;
}

static void read_bytes(golden_file *file, const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0) fail_msg("cannot open %s", path);
    long size = ftell(stream);
    assert_true(size > 0);
    file->bytes = (size_t)size;
    file->data = malloc(file->bytes);
    assert_non_null(file->data);
    rewind(stream);
    assert_int_equal(fread(file->data, 1, file->bytes, stream), file->bytes);
    fclose(stream);
}

void golden_read(golden_file *file, const char *path)
{
    file->count = 0;
    read_bytes(file, path);
    for (const unsigned char *at = file->data; at < file->data + file->bytes; file->count++) {
        assert_true(file->count < GOLDEN_MOST_CASES);
        golden_case *golden = &file->cases[file->count];
        golden_block name = take_block(file, &at);
        snprintf(golden->name, sizeof golden->name, "%.*s", (int)name.bytes,
                 (const char *)name.data);
        golden->model = take_block(file, &at);
        golden->invocations = take_number(file, &at);
        golden->tensors = at;
        at = after_tensors(file, golden);
    }
    assert_true(file->count > 0);
}

void golden_free(golden_file *file)
{
    free(file->data);
    file->data = NULL;
    file->count = 0;
}
