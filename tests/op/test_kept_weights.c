/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of a convolution are kept packed for few rows and packed anew for many: what comes out
 * for a pixel must not depend on how many pixels there are, nor on what was prepared before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft/draft.h"
#include "midge.h"

enum { SIDE = 20, DEPTH = 17, CHANNELS = 21 };

static void run(midge_session *session, int32_t side, float *result)
{
    static float picture[SIDE * SIDE * DEPTH];
    const int32_t shape[4] = {1, side, side, DEPTH};
    const size_t count = (size_t)side * (size_t)side;
    for (size_t i = 0; i < count * DEPTH; ++i) picture[i] = (float)(i % 101) * 0.173f - 8.0f;
    assert_int_equal(midge_session_resize_input(session, 0, 4, shape), MIDGE_OK);
    assert_int_equal(
        midge_session_write_input(session, 0, picture, count * DEPTH * sizeof *picture), MIDGE_OK);
    assert_int_equal(midge_session_invoke(session), MIDGE_OK);
    memcpy(result, midge_tensor_data(midge_session_output(session, 0)),
           count * CHANNELS * sizeof *result);
}

static void pixels_do_not_depend_on_their_number(void **state)
{
    static float many[SIDE * SIDE * CHANNELS], few[6 * 6 * CHANNELS], again[6 * 6 * CHANNELS];
    (void)state;
    size_t bytes;
    unsigned char *file =
        draft_file("CONV_2D x:f32[1,?,?,17] w:f32[21,1,1,17]= b:f32[21]= -> y:f32[1,1,1,21] "
                   "{stride_w=1 stride_h=1}",
                   &bytes);
    for (int threads = 1; threads <= 3; ++threads) {
        midge_error error;
        midge_model *model = NULL;
        midge_session *session = NULL;
        midge_session_options options = midge_session_options_default();
        options.threads = threads;
        assert_int_equal(midge_model_load_memory(file, bytes, NULL, &model, &error), MIDGE_OK);
        assert_int_equal(midge_session_create(model, &options, &session, &error), MIDGE_OK);
        run(session, 6, few);
        run(session, SIDE, many);
        run(session, 6, again);
        assert_memory_equal(few, many, sizeof few);
        assert_memory_equal(few, again, sizeof few);
        assert_true(few[0] != 0.0f);
        midge_session_free(session);
        midge_model_free(model);
    }
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pixels_do_not_depend_on_their_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
