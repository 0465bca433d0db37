/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions whose readers take them over line by line: the same bits as node after node, on any
 * number of threads and after a resize; and whole images where somebody else needs them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft/draft.h"
#include "midge.h"

typedef struct outcome {
    unsigned char *bytes;
    size_t size;
    size_t ran; /* nodes */
} outcome;

static void fill(midge_session *session, unsigned seed)
{
    const midge_tensor *input = midge_session_input(session, 0);
    const size_t size = midge_tensor_bytes(input);
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; ++i) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(seed >> 24);
    }
    if (midge_tensor_type(input) == MIDGE_FLOAT32)
        for (size_t i = 0; i + 4 <= size; i += 4) {
            const float value = (float)bytes[i] / 128 - 1;
            memcpy(bytes + i, &value, sizeof value);
        }
    assert_int_equal(midge_session_write_input(session, 0, bytes, size), MIDGE_OK);
    free(bytes);
}

/* height: of the input after a resize, 0: as it is. */
static outcome run(const char *text, bool preserve, int threads, int height)
{
    size_t bytes;
    unsigned char *file = draft_file(text, &bytes);
    midge_error error;
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_session_options options = midge_session_options_default();
    options.preserve_all_tensors = preserve;
    options.threads = threads;
    options.profile = true;
    assert_int_equal(midge_model_load_memory(file, bytes, NULL, &model, &error), MIDGE_OK);
    assert_int_equal(midge_session_create(model, &options, &session, &error), MIDGE_OK);
    if (height > 0) {
        int32_t shape[4];
        const midge_tensor *input = midge_session_input(session, 0);
        memcpy(shape, midge_tensor_shape(input), sizeof shape);
        shape[1] = height;
        assert_int_equal(midge_session_resize_input(session, 0, 4, shape), MIDGE_OK);
        assert_int_equal(midge_session_prepare(session), MIDGE_OK);
    }
    for (unsigned round = 0; round < 2; ++round) {
        fill(session, round);
        assert_int_equal(midge_session_invoke(session), MIDGE_OK);
    }
    const midge_tensor *output = midge_session_output(session, 0);
    outcome made = {NULL, midge_tensor_bytes(output), 0};
    made.bytes = malloc(made.size);
    assert_non_null(made.bytes);
    memcpy(made.bytes, midge_tensor_data(output), made.size);
    for (size_t n = 0; n < midge_session_node_count(session); ++n) {
        midge_node_info node;
        assert_true(midge_session_node(session, n, &node));
        made.ran += node.runs > 0;
    }
    midge_session_free(session);
    midge_model_free(model);
    free(file);
    return made;
}

static void expect_resized(const char *text, size_t nodes, int height)
{
    const outcome apart = run(text, true, 1, height);
    for (int threads = 1; threads <= 3; ++threads) {
        const outcome together = run(text, false, threads, height);
        if (threads == 1) assert_int_equal(together.ran, nodes);
        assert_int_equal(together.size, apart.size);
        assert_memory_equal(together.bytes, apart.bytes, apart.size);
        free(together.bytes);
    }
    free(apart.bytes);
}

static void expect(const char *text, size_t nodes)
{
    expect_resized(text, nodes, 0);
}

#define UNIT "{stride_w=1 stride_h=1}"
#define EXPAND \
    "CONV_2D x:f32[1,100,66,8] w:f32[32,1,1,8]= b:f32[32]= -> a:f32[1,100,66,32] " UNIT "\n"

static void takes_one_over(void **state)
{
    (void)state;
    expect(EXPAND "DEPTHWISE_CONV_2D a v:f32[1,3,3,32]= c:f32[32]= -> y:f32[1,100,66,32] " UNIT, 1);
    expect(EXPAND "DEPTHWISE_CONV_2D a v:f32[1,3,3,32]= - -> y:f32[1,49,32,32] "
                  "{padding=1 stride_w=2 stride_h=2 fused_activation_function=3}",
           1);
    expect(EXPAND "DEPTHWISE_CONV_2D a v:f32[1,2,3,32]= - -> y:f32[1,98,62,32] "
                  "{padding=1 stride_w=1 stride_h=1 dilation_w_factor=2 dilation_h_factor=2}",
           1);
    /* Lines that nobody needs. */
    expect(EXPAND "DEPTHWISE_CONV_2D a v:f32[1,1,1,32]= - -> y:f32[1,25,17,32] "
                  "{stride_w=4 stride_h=4}",
           1);
    expect(EXPAND "CONV_2D a v:f32[5,1,1,32]= c:f32[5]= -> y:f32[1,100,66,5] " UNIT, 1);
}

static void takes_few_channels_over(void **state)
{
    (void)state;
    expect("CONV_2D x:f32[1,190,130,3] w:f32[33,3,3,3]= b:f32[33]= -> a:f32[1,95,65,33] "
           "{stride_w=2 stride_h=2 fused_activation_function=1}\n"
           "DEPTHWISE_CONV_2D a v:f32[1,3,3,33]= c:f32[33]= -> y:f32[1,95,65,33] " UNIT,
           1);
    expect("CONV_2D x:f32[1,99,70,3] w:f32[32,5,3,3]= b:f32[32]= -> a:f32[1,95,68,32] "
           "{padding=1 stride_w=1 stride_h=1}\n"
           "DEPTHWISE_CONV_2D a v:f32[1,5,5,32]= c:f32[32]= -> y:f32[1,48,34,32] "
           "{stride_w=2 stride_h=2}",
           1);
}

#define CHAIN(x)                                                                   \
    "DEPTHWISE_CONV_2D " x " u:f32[1,3,3,32]= - -> a:f32[1,100,66,32] " UNIT "\n"  \
    "CONV_2D a w:f32[64,1,1,32]= b:f32[64]= -> d:f32[1,100,66,64] " UNIT "\n"      \
    "DEPTHWISE_CONV_2D d v:f32[1,3,3,64]= c:f32[64]= -> e:f32[1,50,33,64] "        \
    "{stride_w=2 stride_h=2}\n"                                                    \
    "CONV_2D e f:f32[128,1,1,64]= - -> g:f32[1,50,33,128] {stride_w=1 stride_h=1 " \
    "fused_activation_function=3}\n"                                               \
    "DEPTHWISE_CONV_2D g h:f32[1,5,5,128]= - -> y:f32[1,50,33,128] " UNIT "\n"

static void takes_chains_over(void **state)
{
    (void)state;
    /* e is small enough to be whole. */
    expect(CHAIN("x:f32[1,100,66,32]"), 2);
    expect("CONV_2D p:f32[1,100,66,16] q:f32[32,1,1,16]= - -> x:f32[1,100,66,32] " UNIT
           "\n" CHAIN("x"),
           2);
    /* The whole chain reads x until its end. */
    expect("ABS p:f32[1,100,66,32] -> x:f32[1,100,66,32]\n" CHAIN("x"), 3);
    expect_resized(CHAIN("x:f32[1,100,66,32]"), 2, 131);
    expect_resized(CHAIN("x:f32[1,100,66,32]"), 1, 200);
}

static void takes_integers_over(void **state)
{
    (void)state;
    expect("CONV_2D x:i8[1,120,100,8]q0.05:-3 w:i8[80,1,1,8]q0.01:0/0= b:i32[80]q0.0005:0/0= -> "
           "a:i8[1,120,100,80]q0.08:4 " UNIT "\n"
           "DEPTHWISE_CONV_2D a v:i8[1,3,3,80]q0.02:0/3= c:i32[80]q0.0016:0/0= -> "
           "y:i8[1,60,50,80]q0.1:-9 {stride_w=2 stride_h=2}",
           1);
    expect("CONV_2D x:u8[1,120,100,8]q0.05:120 w:u8[80,1,1,8]q0.01:131= b:i32[80]q0.0005:0= -> "
           "a:u8[1,120,100,80]q0.08:90 " UNIT "\n"
           "DEPTHWISE_CONV_2D a v:u8[1,3,3,80]q0.02:127= c:i32[80]q0.0016:0= -> "
           "y:u8[1,120,100,80]q0.1:100 " UNIT,
           1);
}

static void leaves_images_that_others_need(void **state)
{
    (void)state;
    expect(EXPAND "DEPTHWISE_CONV_2D a v:f32[1,3,3,32]= - -> y:f32[1,100,66,32] " UNIT "\nout y a",
           2);
    expect(EXPAND "DEPTHWISE_CONV_2D a v:f32[1,3,3,32]= - -> y:f32[1,100,66,32] " UNIT
                  "\nADD y a -> z:f32[1,100,66,32]",
           3);
}

static void leaves_what_makes_no_lines(void **state)
{
    (void)state;
    /* Weights from outside, several images, small images. */
    expect("CONV_2D x:f32[1,100,66,8] w:f32[32,1,1,8] - -> a:f32[1,100,66,32] " UNIT "\n"
           "DEPTHWISE_CONV_2D a v:f32[1,3,3,32]= - -> y:f32[1,100,66,32] " UNIT,
           2);
    expect("CONV_2D x:f32[2,100,66,8] w:f32[32,1,1,8]= - -> a:f32[2,100,66,32] " UNIT "\n"
           "DEPTHWISE_CONV_2D a v:f32[1,3,3,32]= - -> y:f32[2,100,66,32] " UNIT,
           2);
    expect("CONV_2D x:f32[1,10,66,8] w:f32[32,1,1,8]= - -> a:f32[1,10,66,32] " UNIT "\n"
           "DEPTHWISE_CONV_2D a v:f32[1,3,3,32]= - -> y:f32[1,10,66,32] " UNIT,
           2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_one_over),
                                       cmocka_unit_test(takes_few_channels_over),
                                       cmocka_unit_test(takes_chains_over),
                                       cmocka_unit_test(takes_integers_over),
                                       cmocka_unit_test(leaves_images_that_others_need),
                                       cmocka_unit_test(leaves_what_makes_no_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
