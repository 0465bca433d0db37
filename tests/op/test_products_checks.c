/* SPDX-License-Identifier: Apache-2.0 */
/* What convolutions, fully connected layers and matrix products refuse; and sparse weights, which
 * must count as the dense ones they stand for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft/draft.h"
#include "midge.h"

typedef struct refusal {
    const char *text;
    midge_status status;
    const char *reason; /* part of the message */
} refusal;

#define ONCE "{stride_w=1 stride_h=1 dilation_w_factor=1 dilation_h_factor=1}"
#define DEPTHWISE_ONCE \
    "{stride_w=1 stride_h=1 dilation_w_factor=1 dilation_h_factor=1 depth_multiplier=1}"
#define VOLUME_ONCE                                                              \
    "{stride_d=1 stride_w=1 stride_h=1 dilation_d_factor=1 dilation_w_factor=1 " \
    "dilation_h_factor=1}"

static const refusal refusals[] = {
    {"CONV_2D x:f32[1,4,4,2] w:f32[3,2,2,2]= -> y:f32[1] {stride_w=0 stride_h=1 "
     "dilation_w_factor=1 dilation_h_factor=1}",
     MIDGE_INVALID_MODEL, "stride 0"},
    {"CONV_2D x:f32[1,4,4,2] w:f32[3,2,2,2]= -> y:f32[1] {stride_w=1 stride_h=1 "
     "dilation_w_factor=-1 dilation_h_factor=1}",
     MIDGE_INVALID_MODEL, "dilation"},
    {"CONV_2D x:f32[1,4,4,2] w:f32[3,5,2,2]= -> y:f32[1] {padding=1 stride_w=1 stride_h=1 "
     "dilation_w_factor=1 dilation_h_factor=1}",
     MIDGE_INVALID_MODEL, "does not fit"},
    {"CONV_2D x:f32[4,4,2] w:f32[3,2,2,2]= -> y:f32[1] " ONCE, MIDGE_INVALID_MODEL, "dimensions"},
    {"CONV_2D x:f32[1,4,4,6] w:f32[3,2,2,4]= -> y:f32[1] " ONCE, MIDGE_INVALID_MODEL, "groups"},
    {"CONV_2D x:f32[1,4,4,6] w:f32[4,2,2,2]= -> y:f32[1] " ONCE, MIDGE_INVALID_MODEL, "groups"},
    {"CONV_2D x:f32[1,4,4,2] w:f32[3,2,2,2]= b:f32[4]= -> y:f32[1] " ONCE, MIDGE_INVALID_MODEL,
     "bias"},
    {"CONV_2D x:i8[1,4,4,2]q0.5:0 w:i8[3,2,2,2]= -> y:i8[1]q0.5:0 " ONCE, MIDGE_INVALID_MODEL,
     "weights"},
    {"CONV_2D x:i8[1,4,4,2]q0.5:0 w:u8[3,2,2,2]q0.5:0= -> y:i8[1]q0.5:0 " ONCE, MIDGE_UNSUPPORTED,
     "uint8"},
    {"CONV_2D x:i16[1,4,4,2]q0.5:3 w:i8[3,2,2,2]q0.5:0= -> y:i16[1]q0.5:0 " ONCE,
     MIDGE_INVALID_MODEL, "zero points 3"},
    {"CONV_2D x:i8[1,4,4,2]q0.5:0 w:i4[3,2,2,2]q0.5:0 -> y:i8[1]q0.5:0 " ONCE, MIDGE_UNSUPPORTED,
     "constant"},
    {"CONV_2D x:i32[1,4,4,2] w:i32[3,2,2,2]= -> y:i32[1] " ONCE, MIDGE_UNSUPPORTED, "int32"},

    {"DEPTHWISE_CONV_2D x:f32[1,4,4,2] w:f32[2,2,2,2]= -> y:f32[1] " DEPTHWISE_ONCE,
     MIDGE_INVALID_MODEL, "does not suit"},
    {"DEPTHWISE_CONV_2D x:f32[1,4,4,2] w:f32[1,2,2,3]= -> y:f32[1] " DEPTHWISE_ONCE,
     MIDGE_INVALID_MODEL, "does not suit"},
    {"DEPTHWISE_CONV_2D x:f32[1,4,4,0] w:f32[1,2,2,0]= -> y:f32[1] " DEPTHWISE_ONCE,
     MIDGE_INVALID_MODEL, "0 input channels"},
    {"DEPTHWISE_CONV_2D x:i16[1,4,4,2]q0.5:0 w:i8[1,2,2,2]q0.5:0= b:i32[2]= -> "
     "y:i16[1]q0.5:0 " DEPTHWISE_ONCE,
     MIDGE_UNSUPPORTED, "int32"},

    {"FULLY_CONNECTED x:f32[2,5] w:f32[3,4]= -> y:f32[1] {}", MIDGE_INVALID_MODEL, "no rows of 4"},
    {"FULLY_CONNECTED x:f32[2,6] w:f32[3,4]= -> y:f32[1] {keep_num_dims=1}", MIDGE_INVALID_MODEL,
     "cannot be kept"},
    {"FULLY_CONNECTED x:u8[2,16]q0.5:128 w:u8[3,16]q0.5:128= -> y:i16[1]q0.5:0 {weights_format=1}",
     MIDGE_INVALID_MODEL, "shuffled"},
    {"FULLY_CONNECTED x:f32[2,4] w:f32[3,4]= b:f32[3]=% -> y:f32[1] {}", MIDGE_UNSUPPORTED,
     "sparse"},
    {"FULLY_CONNECTED x:u8[2,16]q0.5:128 w:u8[4,16]q0.5:128=% -> y:i16[1]q0.5:0 {weights_format=1}",
     MIDGE_UNSUPPORTED, "sparse"},

    {"TRANSPOSE_CONV s:i32[4]={1,4,4,3} w:f32[3,2,2,5]= x:f32[1,2,2,4] -> y:f32[1] {stride_w=2 "
     "stride_h=2}",
     MIDGE_INVALID_MODEL, "channels"},
    {"TRANSPOSE_CONV s:i32[4]={1,4,4,2} w:f32[3,2,2,4]= x:f32[1,2,2,4] -> y:f32[1] {stride_w=2 "
     "stride_h=2}",
     MIDGE_INVALID_MODEL, "does not suit"},
    {"TRANSPOSE_CONV s:i32[4]={1,4,-4,3} w:f32[3,2,2,4]= x:f32[1,2,2,4] -> y:f32[1] {stride_w=2 "
     "stride_h=2}",
     MIDGE_INVALID_MODEL, "-4"},
    {"TRANSPOSE_CONV s:i32[4]={1,4,4,3} w:f32[3,2,2,4]= x:f32[1,2,2,4] -> y:f32[1] {stride_w=0 "
     "stride_h=2}",
     MIDGE_INVALID_MODEL, "stride 0"},

    {"CONV_3D x:f32[1,4,4,4,2] w:f32[2,2,2,3,5]= -> y:f32[1] " VOLUME_ONCE, MIDGE_INVALID_MODEL,
     "channels"},
    {"BATCH_MATMUL x:f32[2,3,4] z:f32[3,4,5] -> y:f32[1] {}", MIDGE_INVALID_MODEL, "broadcast"},
    {"BATCH_MATMUL x:f32[3,4] z:f32[5,6] -> y:f32[1] {}", MIDGE_INVALID_MODEL, "4 and 5 differ"},
};

static void bad_models_are_refused_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; ++i) {
        size_t size;
        unsigned char *file = draft_file(refusals[i].text, &size);
        midge_error error = {MIDGE_OK, ""};
        midge_model *model = NULL;
        midge_session *session = NULL;
        midge_status status = midge_model_load_memory(file, size, NULL, &model, &error);
        if (status == MIDGE_OK) status = midge_session_create(model, NULL, &session, &error);
        if (status != refusals[i].status || strstr(error.message, refusals[i].reason) == NULL)
            fail_msg("%s: status %d, %s", refusals[i].text, (int)status, error.message);
        midge_session_free(session);
        midge_model_free(model);
        free(file);
    }
}

/* Runs a model whose one input counts up; results go to `results`. */
static void run(const char *text, float *results, size_t bytes)
{
    size_t size;
    unsigned char *file = draft_file(text, &size);
    midge_error error = {MIDGE_OK, ""};
    midge_model *model = NULL;
    midge_session *session = NULL;
    if (midge_model_load_memory(file, size, NULL, &model, &error) != MIDGE_OK ||
        midge_session_create(model, NULL, &session, &error) != MIDGE_OK)
        fail_msg("%s: %s", text, error.message);
    static const float input[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    assert_int_equal(midge_session_write_input(session, 0, input, sizeof input), MIDGE_OK);
    assert_int_equal(midge_session_invoke(session), MIDGE_OK);
    midge_tensor *output = (midge_tensor *)midge_session_output(session, 0);
    assert_int_equal(midge_tensor_bytes(output), bytes);
    memcpy(results, midge_tensor_data(output), bytes);
    midge_session_free(session);
    midge_model_free(model);
    free(file);
}

#define SPARSE_LAYER(percent)                                                                \
    "FULLY_CONNECTED x:f32[2,6] w:f32[3,6]={1,0,0,2,0,-1,0,0,0,0,0,0,0.5,0,4,0,0,3}" percent \
    " -> y:f32[1] {}"

static void sparse_weights_count_as_dense_ones(void **state)
{
    (void)state;
    static const float expected[6] = {3, 0, 30.5f, 15, 0, 75.5f};
    float dense[6], sparse[6];
    run(SPARSE_LAYER(""), dense, sizeof dense);
    run(SPARSE_LAYER("%"), sparse, sizeof sparse);
    assert_memory_equal(dense, expected, sizeof expected);
    assert_memory_equal(sparse, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_models_are_refused_with_a_reason),
        cmocka_unit_test(sparse_weights_count_as_dense_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
