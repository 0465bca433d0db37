/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recurrent operators against the answers of the reference runtime, over several invocations:
 * recurrent_goldens.bin, whose layout is told in goldens_recurrent.py that writes it. Integers must
 * be equal; floats may differ by 3e-5 of the largest value of a tensor.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "midge.h"

enum { MOST_NAME = 100, MOST_CASES = 200 };

typedef struct block {
    const unsigned char *data;
    size_t bytes;
} block;

typedef struct golden {
    char name[MOST_NAME];
    block model;
    uint32_t invocations;
    const unsigned char *tensors; /* the first block of the first invocation */
} golden;

static unsigned char *file;
static size_t file_bytes;
static golden goldens[MOST_CASES];
static size_t golden_count;

static uint32_t take_number(const unsigned char **at)
{
    uint32_t number;
    assert_true((size_t)(file + file_bytes - *at) >= sizeof number);
    memcpy(&number, *at, sizeof number);
    *at += sizeof number;
    return number;
}

static block take_block(const unsigned char **at)
{
    size_t bytes = take_number(at);
    assert_true((size_t)(file + file_bytes - *at) >= bytes);
    block taken = {*at, bytes};
    *at += bytes;
    return taken;
}

static midge_session *open_session(const golden *g, const char *kernels, int threads,
                                   midge_model **model)
{
    midge_error error = {MIDGE_OK, ""};
    midge_session *session = NULL;
    midge_session_options options = midge_session_options_default();
    options.kernels = kernels;
    options.threads = threads;
    if (midge_model_load_memory(g->model.data, g->model.bytes, NULL, model, &error) != MIDGE_OK ||
        midge_session_create(*model, &options, &session, &error) != MIDGE_OK) {
        fail_msg("%s: %s", g->name, error.message);
    }
    return session;
}

static void check_floats(const golden *g, const char *kernels, const float *got, block expected)
{
    size_t count = expected.bytes / sizeof(float);
    float largest = 0, wanted;
    for (size_t i = 0; i < count; i++) {
        memcpy(&wanted, expected.data + i * sizeof wanted, sizeof wanted);
        largest = fmaxf(largest, fabsf(wanted));
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(&wanted, expected.data + i * sizeof wanted, sizeof wanted);
        if (!(fabsf(got[i] - wanted) <= 3e-5f * largest + 1e-7f)) {
            fail_msg("%s, kernels %s: element %zu is %g, not %g", g->name, kernels, i,
                     (double)got[i], (double)wanted);
        }
    }
}

static void check_output(const golden *g, const char *kernels, const midge_tensor *output,
                         block expected)
{
    assert_int_equal(midge_tensor_bytes(output), expected.bytes);
    if (midge_tensor_type(output) == MIDGE_FLOAT32) {
        check_floats(g, kernels, midge_tensor_data(output), expected);
    } else if (memcmp(midge_tensor_data(output), expected.data, expected.bytes) != 0) {
        fail_msg("%s, kernels %s: other integers", g->name, kernels);
    }
}

static void run_invocations(const golden *g, const char *kernels, midge_session *session)
{
    const unsigned char *at = g->tensors;
    for (uint32_t invocation = 0; invocation < g->invocations; invocation++) {
        for (size_t i = 0; i < midge_session_input_count(session); i++) {
            block input = take_block(&at);
            assert_int_equal(midge_session_write_input(session, i, input.data, input.bytes),
                             MIDGE_OK);
        }
        if (midge_session_invoke(session) != MIDGE_OK) {
            fail_msg("%s: %s", g->name, midge_session_message(session));
        }
        for (size_t i = 0; i < midge_session_output_count(session); i++) {
            check_output(g, kernels, midge_session_output(session, i), take_block(&at));
        }
    }
}

static void check_all(const char *kernels, int threads)
{
    for (size_t i = 0; i < golden_count; i++) {
        midge_model *model = NULL;
        midge_session *session = open_session(&goldens[i], kernels, threads, &model);
        run_invocations(&goldens[i], kernels, session);
        assert_int_equal(midge_session_reset(session), MIDGE_OK);
        run_invocations(&goldens[i], kernels, session);
        midge_session_free(session);
        midge_model_free(model);
    }
}

static void plain_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    check_all("ref", 1);
}

static void fast_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    check_all("auto", 1);
}

static void threads_agree_with_the_reference(void **state)
{
    (void)state;
    check_all("auto", 3);
}

/* Skips the tensors of a case by running nothing: their number follows from the model. */
static const unsigned char *after_tensors(const golden *g)
{
    midge_model *model = NULL;
    midge_session *session = open_session(g, "ref", 1, &model);
    size_t blocks = midge_session_input_count(session) + midge_session_output_count(session);
    const unsigned char *at = g->tensors;
    for (size_t i = 0; i < blocks * g->invocations; i++) (void)take_block(&at);
    midge_session_free(session);
    midge_model_free(model);
    return at;
}

static int read_goldens(void **state)
{
    (void)state;
    FILE *stream = fopen(MIDGE_SOURCE_DIR "/tests/op/recurrent_goldens.bin", "rb");
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0) return -1;
    long size = ftell(stream);
    file_bytes = size > 0 ? (size_t)size : 0;
    file = malloc(file_bytes);
    rewind(stream);
    if (file == NULL || fread(file, 1, file_bytes, stream) != file_bytes) return -1;
    fclose(stream);
    for (const unsigned char *at = file; at < file + file_bytes; golden_count++) {
        assert_true(golden_count < MOST_CASES);
        golden *g = &goldens[golden_count];
        block name = take_block(&at);
        snprintf(g->name, sizeof g->name, "%.*s", (int)name.bytes, (const char *)name.data);
        g->model = take_block(&at);
        g->invocations = take_number(&at);
        g->tensors = at;
        at = after_tensors(g);
    }
    return golden_count > 0 ? 0 : -1;
}

static int free_goldens(void **state)
{
    (void)state;
    free(file);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_kernels_agree_with_the_reference),
        cmocka_unit_test(fast_kernels_agree_with_the_reference),
        cmocka_unit_test(threads_agree_with_the_reference),
    };
    return cmocka_run_group_tests(tests, read_goldens, free_goldens);
}
