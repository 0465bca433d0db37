/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of a convolution are kept packed for few rows and packed anew for many: what comes out
 * for a pixel must not depend on how many pixels there are, nor on what was prepared before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft/draft.h"
#include "midge.h"

enum { SIDE = 20, DEPTH = 17, CHANNELS = 21 };

typedef struct kind {
    const char *text;
    bool floats; /* input and output; else int8 */
} kind;

static const kind kinds[] = {
    {"CONV_2D x:f32[1,?,?,17] w:f32[21,1,1,17]= b:f32[21]= -> y:f32[1,1,1,21] "
     "{stride_w=1 stride_h=1}",
     true},
    {"CONV_2D x:f32[1,?,?,17] w:i8[21,1,1,17]q0.02:0= b:f32[21]= -> y:f32[1,1,1,21] "
     "{stride_w=1 stride_h=1}",
     true},
    {"CONV_2D x:i8[1,?,?,17]q0.1:3 w:i8[21,1,1,17]q0.02:0= b:i32[21]q0.002:0= -> "
     "y:i8[1,1,1,21]q0.9:-5 {stride_w=1 stride_h=1}",
     false}};

static void run(midge_session *session, const kind *what, int32_t side, void *result)
{
    static float floats[SIDE * SIDE * DEPTH];
    static int8_t bytes[SIDE * SIDE * DEPTH];
    const int32_t shape[4] = {1, side, side, DEPTH};
    const size_t count = (size_t)side * (size_t)side, cell = what->floats ? sizeof(float) : 1;
    for (size_t i = 0; i < count * DEPTH; ++i) {
        /* The largest of an image is in its first pixel: it sets the scale of a dynamic range. */
        floats[i] = i == 0 ? 9.5f : (float)(i % 101) * 0.173f - 8.0f;
        bytes[i] = (int8_t)(i % 256 - 128);
    }
    assert_int_equal(midge_session_resize_input(session, 0, 4, shape), MIDGE_OK);
    assert_int_equal(midge_session_write_input(session, 0,
                                               what->floats ? (const void *)floats : bytes,
                                               count * DEPTH * cell),
                     MIDGE_OK);
    assert_int_equal(midge_session_invoke(session), MIDGE_OK);
    memcpy(result, midge_tensor_data(midge_session_output(session, 0)), count * CHANNELS * cell);
}

static void check_kind(const kind *what, int threads)
{
    static float many[SIDE * SIDE * CHANNELS], few[6 * 6 * CHANNELS], again[6 * 6 * CHANNELS];
    const size_t bytes = 6 * 6 * CHANNELS * (what->floats ? sizeof(float) : 1);
    size_t file_bytes;
    unsigned char *file = draft_file(what->text, &file_bytes);
    midge_error error;
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_session_options options = midge_session_options_default();
    options.threads = threads;
    assert_int_equal(midge_model_load_memory(file, file_bytes, NULL, &model, &error), MIDGE_OK);
    assert_int_equal(midge_session_create(model, &options, &session, &error), MIDGE_OK);
    run(session, what, 6, few);
    run(session, what, SIDE, many);
    run(session, what, 6, again);
    assert_memory_equal(few, many, bytes);
    assert_memory_equal(few, again, bytes);
    assert_true(few[0] != 0.0f);
    midge_session_free(session);
    midge_model_free(model);
    free(file);
}

static void pixels_do_not_depend_on_their_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i)
        for (int threads = 1; threads <= 3; ++threads) check_kind(&kinds[i], threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pixels_do_not_depend_on_their_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
