/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pooling, softmax, reductions, resizing, detection and the audio front end refuse, and
 * operators that the reference runtime has no answer for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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

#define POOL "{stride_w=1 stride_h=1 filter_width=2 filter_height=2 padding=1"
#define SHIFT_12 "{#73686966740001070101010c04022401}"
#define SHIFT_40 "{#73686966740001070101012804022401}"
#define LENGTH_14 "{#54006666745f6c656e67746800020e0d020102070e0404042401}"
#define STEP_0 "{#6672616d655f73697a65006672616d655f737465700002170d02010204000404042401}"
#define END_9 "{#73746172745f696e64657800656e645f696e64657800020b1802010209030404042401}"
#define MOST_DETECTIONS                                                                  \
    "{#6d61785f646574656374696f6e73006d61785f636c61737365735f7065725f646574656374696f6e" \
    "006e756d5f636c6173736573006e6d735f696f755f7468726573686f6c640004394915220400000001" \
    "000000040000000900000000ca9a3b0000003f0100000006060e06142601}"
#define NO_CLASSES                                                                       \
    "{#6d61785f646574656374696f6e73006d61785f636c61737365735f7065725f646574656374696f6e" \
    "006e756d5f636c6173736573006e6d735f696f755f7468726573686f6c640004394915220400000001" \
    "0000000400000000000000020000000000003f0100000006060e06142601}"

static const refusal refusals[] = {
    {"MAX_POOL_2D x:f32[1,4,4,2] -> y:f32[1] {stride_w=0 stride_h=1 filter_width=2 "
     "filter_height=2}",
     MIDGE_INVALID_MODEL, "stride 0"},
    {"MAX_POOL_2D x:f32[1,4,4,2] -> y:f32[1] {stride_w=1 stride_h=1 filter_width=5 filter_height=2 "
     "padding=1}",
     MIDGE_INVALID_MODEL, "does not fit"},
    {"AVERAGE_POOL_2D x:f32[4,4,2] -> y:f32[1] " POOL "}", MIDGE_INVALID_MODEL, "3 dimensions"},
    {"AVERAGE_POOL_2D x:i32[1,4,4,2] -> y:i32[1] " POOL "}", MIDGE_UNSUPPORTED, "int32"},
    {"AVERAGE_POOL_2D x:i8[1,4,4,2] -> y:i8[1] " POOL " fused_activation_function=1}",
     MIDGE_INVALID_MODEL, "output"},
    {"L2_POOL_2D x:f32[1,4,4,2] -> y:f32[1] " POOL " fused_activation_function=4}",
     MIDGE_UNSUPPORTED, "activation 4"},

    {"SOFTMAX x:f32[] -> y:f32[] {beta=1}", MIDGE_INVALID_MODEL, "0 dimensions"},
    {"SOFTMAX x:i8[2]q0.1:3 -> y:i8[2]q0.1:3 {beta=1}", MIDGE_INVALID_MODEL, "must have"},
    {"SOFTMAX x:i8[2] -> y:i8[2]q0.00390625:-128 {beta=1}", MIDGE_INVALID_MODEL, "input"},
    {"SOFTMAX x:i8[2]q0.1:3 -> y:i8[2]q0.00390625:-128 {beta=-1}", MIDGE_UNSUPPORTED, "beta"},
    {"SOFTMAX.3 x:i16[2]q0.1:3 -> y:i16[2]q0.000030517578125:0 {beta=1}", MIDGE_INVALID_MODEL,
     "zero point 3"},
    {"LOG_SOFTMAX x:i8[2]q0.1:3 -> y:i8[2]q0.0625:0", MIDGE_INVALID_MODEL, "must have"},
    {"L2_NORMALIZATION x:u8[2]q0.1:3 -> y:u8[2]q0.1:128", MIDGE_INVALID_MODEL, "1/128"},
    {"LOCAL_RESPONSE_NORMALIZATION x:f32[1,1,1,3] -> y:f32[1] {radius=-2}", MIDGE_INVALID_MODEL,
     "radius -2"},

    {"MEAN x:f32[2,3] a:i32[1]={2} -> y:f32[1]", MIDGE_INVALID_MODEL, "axis 2"},
    {"SUM x:f32[2,3] a:i32[1]={-3} -> y:f32[1]", MIDGE_INVALID_MODEL, "axis -3"},
    {"MEAN x:f32[2,3] a:f32[1]={0} -> y:f32[1]", MIDGE_UNSUPPORTED, "axes"},
    {"MEAN.2 x:i8[2,3]q0.5:1 a:i32[1]={0} -> y:i8[3]", MIDGE_INVALID_MODEL, "output"},
    {"REDUCE_MAX.2 x:i8[2,3]q0.5:1 a:i32[1]={0} -> y:i8[3]q0.25:1", MIDGE_INVALID_MODEL, "output"},
    {"REDUCE_ANY x:f32[2,3] a:i32[1]={0} -> y:f32[3]", MIDGE_UNSUPPORTED, "float32"},

    {"RESIZE_BILINEAR x:f32[1,2,2,1] s:i32[2]={0,3} -> y:f32[1]", MIDGE_INVALID_MODEL, "size 0"},
    {"RESIZE_BILINEAR x:f32[1,2,2,1] s:i32[3]={1,2,3} -> y:f32[1]", MIDGE_INVALID_MODEL, "size"},
    {"RESIZE_BILINEAR x:f32[1,2,2,1] s:i32[2]={2,3} -> y:f32[1] {align_corners=1 "
     "half_pixel_centers=1}",
     MIDGE_INVALID_MODEL, "exclude"},
    {"RESIZE_NEAREST_NEIGHBOR x:f32[1,0,2,1] s:i32[2]={2,3} -> y:f32[1]", MIDGE_INVALID_MODEL,
     "empty"},
    {"RESIZE_NEAREST_NEIGHBOR x:f32[1,2,2,1] s:i32[2]={2000000000,2000000000} -> y:f32[1]",
     MIDGE_LIMIT_EXCEEDED, ""},
    {"RFFT2D x:f32[4,4] l:i32[2]={4,6} -> y:c64[1]", MIDGE_UNSUPPORTED, "length 6"},
    {"RFFT2D x:f32[4] l:i32[2]={4,4} -> y:c64[1]", MIDGE_INVALID_MODEL, "dimensions"},

    {"NON_MAX_SUPPRESSION_V4 b:f32[3,4] s:f32[2] n:i32[]={3} i:f32[]={1} t:f32[]={0} -> "
     "y:i32[3] c:i32[]",
     MIDGE_INVALID_MODEL, "scores"},
    {"NON_MAX_SUPPRESSION_V4 b:f32[3,4] s:f32[3] n:i32[]={-1} i:f32[]={1} t:f32[]={0} -> "
     "y:i32[3] c:i32[]",
     MIDGE_INVALID_MODEL, "-1"},
    {"custom:TFLite_Detection_PostProcess b:f32[1,2,4] s:f32[1,2,1] a:f32[2,4] -> w:f32[1] "
     "x:f32[1] y:f32[1] z:f32[1]",
     MIDGE_INVALID_MODEL, "FlexBuffer"},
    {"custom:TFLite_Detection_PostProcess b:f32[1,2,4] s:f32[1,2,1] a:f32[2,4] -> w:f32[1] "
     "x:f32[1] y:f32[1] z:f32[1] " MOST_DETECTIONS,
     MIDGE_LIMIT_EXCEEDED, "1000000000"},
    {"custom:TFLite_Detection_PostProcess b:f32[1,2,4] s:f32[1,2,1] a:f32[2,4] -> w:f32[1] "
     "x:f32[1] y:f32[1] z:f32[1] " NO_CLASSES,
     MIDGE_INVALID_MODEL, "max_classes_per_detection"},
    {"custom:MaxUnpooling2D x:f32[1,1,1,1] i:i32[1,1,1,1] -> y:f32[1] {#0100}", MIDGE_INVALID_MODEL,
     "2 bytes"},
    {"custom:Convolution2DTransposeBias x:f32[1,2,2,1] w:f32[1,2,2,1]= b:f32[1]= -> y:f32[1] "
     "{#0100000002000000}",
     MIDGE_INVALID_MODEL, "8 bytes"},
    {"custom:Convolution2DTransposeBias x:f32[1,2,2,1] w:f32[1,2,2,1]= b:f32[1]= -> y:f32[1] "
     "{#030000000200000002000000}",
     MIDGE_INVALID_MODEL, "padding 3"},
    {"custom:Convolution2DTransposeBias x:f32[1,2,2,1] w:f32[1,2,2,1]= b:f32[1]= -> y:f32[1] "
     "{#010000000200000000000000}",
     MIDGE_INVALID_MODEL, "stride 0"},
    {"custom:Convolution2DTransposeBias x:f32[1,2,2,3] w:f32[1,2,2,1]= b:f32[1]= -> y:f32[1] "
     "{#010000000200000002000000}",
     MIDGE_INVALID_MODEL, "3 channels"},
    {"custom:Convolution2DTransposeBias x:f32[1,2,2,1] w:f32[1,2,2,1]= b:f32[2]= -> y:f32[1] "
     "{#010000000200000002000000}",
     MIDGE_INVALID_MODEL, "bias"},

    {"custom:SignalWindow x:i16[8] w:i16[4] -> y:i16[8] " SHIFT_40, MIDGE_INVALID_MODEL,
     "shift is 40"},
    {"custom:SignalWindow x:i16[8] w:i16[3] -> y:i16[8] " SHIFT_12, MIDGE_INVALID_MODEL,
     "does not divide"},
    {"custom:SignalRfft x:i16[8] -> y:i16[16] " LENGTH_14, MIDGE_UNSUPPORTED, "length 14"},
    {"custom:SignalFramer x:i16[8] -> y:i16[8,4] v:bool[] " STEP_0, MIDGE_INVALID_MODEL,
     "frame_step"},
    {"custom:SignalEnergy x:i16[8] -> y:u32[4] " END_9, MIDGE_INVALID_MODEL, "end_index"},
    {"custom:SignalDelay x:i16[8] -> y:i16[8] " SHIFT_12, MIDGE_INVALID_MODEL, "delay_length"},
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

typedef struct running {
    unsigned char *file;
    midge_model *model;
    midge_session *session;
} running;

static running start(const char *text)
{
    running at = {NULL, NULL, NULL};
    size_t size;
    midge_error error = {MIDGE_OK, ""};
    at.file = draft_file(text, &size);
    if (midge_model_load_memory(at.file, size, NULL, &at.model, &error) != MIDGE_OK ||
        midge_session_create(at.model, NULL, &at.session, &error) != MIDGE_OK)
        fail_msg("%s: %s", text, error.message);
    return at;
}

static void stop(running *at)
{
    midge_session_free(at->session);
    midge_model_free(at->model);
    free(at->file);
}

static void feed(running *at, size_t index, const void *data, size_t bytes)
{
    assert_int_equal(midge_session_write_input(at->session, index, data, bytes), MIDGE_OK);
}

/* Options of an unpooling that doubles height and width. */
#define DOUBLE "{#0100000002000000020000000200000002000000}"

static void unpooling_puts_values_where_they_came_from(void **state)
{
    (void)state;
    static const float values[] = {5, 6, 7, 8};
    static const int32_t places[] = {3, 4, 11, 14};
    running at =
        start("custom:LiteRtMaxUnpooling2D x:f32[1,2,2,1] i:i32[1,2,2,1] -> y:f32[1] " DOUBLE);
    feed(&at, 0, values, sizeof values);
    feed(&at, 1, places, sizeof places);
    assert_int_equal(midge_session_invoke(at.session), MIDGE_OK);
    const midge_tensor *output = midge_session_output(at.session, 0);
    static const int32_t shape[] = {1, 4, 4, 1};
    assert_memory_equal(midge_tensor_shape(output), shape, sizeof shape);
    float expected[16] = {0};
    for (int i = 0; i < 4; ++i) expected[places[i]] = values[i];
    assert_memory_equal(midge_tensor_data((midge_tensor *)output), expected, sizeof expected);
    stop(&at);
}

/* Slices are transformed in groups, each as if it were alone: those of one row, as spectrograms
 * have them, of several, and what is left over. */
static void spectra_do_not_depend_on_their_neighbours(void **state)
{
    (void)state;
    static const char *const texts[][2] = {{"RFFT2D x:f32[19,1,1024] l:i32[2]={1,1024} -> y:c64[1]",
                                            "RFFT2D x:f32[1,1,1024] l:i32[2]={1,1024} -> y:c64[1]"},
                                           {"RFFT2D x:f32[19,2,512] l:i32[2]={4,1024} -> y:c64[1]",
                                            "RFFT2D x:f32[1,2,512] l:i32[2]={4,1024} -> y:c64[1]"}};
    enum { SLICES = 19, REALS = 1024 };
    static float values[SLICES * REALS];
    for (int i = 0; i < SLICES * REALS; ++i) values[i] = (float)(i * 37 % 101) - 50;
    for (int c = 0; c < 2; ++c) {
        running all = start(texts[c][0]), one = start(texts[c][1]);
        feed(&all, 0, values, sizeof values);
        assert_int_equal(midge_session_invoke(all.session), MIDGE_OK);
        const char *spectra = midge_tensor_data(midge_session_output(all.session, 0));
        for (int i = 0; i < SLICES; ++i) {
            feed(&one, 0, values + i * REALS, REALS * sizeof *values);
            assert_int_equal(midge_session_invoke(one.session), MIDGE_OK);
            midge_tensor *alone = midge_session_output(one.session, 0);
            const size_t bytes = midge_tensor_bytes(alone);
            assert_true(bytes >= 513 * 8);
            assert_memory_equal(spectra + (size_t)i * bytes, midge_tensor_data(alone), bytes);
        }
        const float *sum = midge_tensor_data(midge_session_output(one.session, 0));
        double expected = 0;
        for (int i = (SLICES - 1) * REALS; i < SLICES * REALS; ++i) expected += (double)values[i];
        assert_float_equal(sum[0], expected, 0.01);
        stop(&all);
        stop(&one);
    }
}

/* Stride 3 wide and 2 high, a filter of 3x3, an image of 2x2: what is left out with SAME is
 * 3 - 1 - (2 - 1) % stride, 1 both ways, which is too little to leave out at the beginning. */
static void transposed_convolutions_add_a_bias(void **state)
{
    (void)state;
    static const float image[] = {1, 2, 3, 4}, bias[] = {0.5f};
    static const float filter[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const char *const texts[] = {
        "custom:Convolution2DTransposeBias x:f32[1,2,2,1] w:f32[1,3,3,1] b:f32[1] -> y:f32[1] "
        "{#010000000300000002000000}",
        "custom:Convolution2DTransposeBias x:f32[1,2,2,1] w:f32[1,3,3,1] b:f32[1] -> y:f32[1] "
        "{#020000000300000002000000}"};
    for (int valid = 0; valid < 2; ++valid) {
        running at = start(texts[valid]);
        feed(&at, 0, image, sizeof image);
        feed(&at, 1, filter, sizeof filter);
        feed(&at, 2, bias, sizeof bias);
        assert_int_equal(midge_session_invoke(at.session), MIDGE_OK);
        const midge_tensor *output = midge_session_output(at.session, 0);
        const int32_t height = 4 + valid, width = 5 + valid, shape[] = {1, height, width, 1};
        assert_memory_equal(midge_tensor_shape(output), shape, sizeof shape);
        float expected[30];
        for (int i = 0; i < height * width; ++i) expected[i] = bias[0];
        for (int i = 0; i < 4; ++i)
            for (int tap = 0; tap < 9; ++tap) {
                const int y = i / 2 * 2 + tap / 3, x = i % 2 * 3 + tap % 3;
                if (y < height && x < width) expected[y * width + x] += image[i] * filter[tap];
            }
        const float *got = midge_tensor_data((midge_tensor *)output);
        for (int i = 0; i < height * width; ++i) assert_float_equal(got[i], expected[i], 1e-5);
        stop(&at);
    }
}

static void places_outside_an_image_are_refused(void **state)
{
    (void)state;
    static const float values[] = {5};
    static const int32_t outside[] = {-1, 4};
    running at = start("custom:MaxUnpooling2D x:f32[1,1,1,1] i:i32[1,1,1,1] -> y:f32[1] " DOUBLE);
    for (int i = 0; i < 2; ++i) {
        feed(&at, 0, values, sizeof values);
        feed(&at, 1, &outside[i], sizeof outside[i]);
        assert_int_equal(midge_session_invoke(at.session), MIDGE_RUN_ERROR);
        assert_non_null(strstr(midge_session_message(at.session), "outside"));
    }
    stop(&at);
}

/* More elements than the 12 integer bits of the reference's sums can count. */
static void softmax_of_many_equal_elements_is_even(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    running at =
        start("SOFTMAX.3 x:i8[5000]q0.1:0 -> y:i16[5000]q0.0000152587890625:-32768 {beta=1}");
    static int8_t values[COUNT];
    feed(&at, 0, values, sizeof values);
    assert_int_equal(midge_session_invoke(at.session), MIDGE_OK);
    const int16_t *results = midge_tensor_data(midge_session_output(at.session, 0));
    for (int i = 0; i < COUNT; ++i)
        assert_int_equal(results[i] + 32768, (65536 + COUNT / 2) / COUNT);
    stop(&at);
}

static void log_softmax_of_many_equal_elements_is_minus_log_of_their_number(void **state)
{
    (void)state;
    enum { COUNT = 20000 }; /* log(20000) = 9.90 = 158.4 / 16 */
    running at = start("LOG_SOFTMAX.2 x:i8[20000]q0.1:0 -> y:i8[20000]q0.0625:127");
    static int8_t values[COUNT];
    feed(&at, 0, values, sizeof values);
    assert_int_equal(midge_session_invoke(at.session), MIDGE_OK);
    const int8_t *results = midge_tensor_data(midge_session_output(at.session, 0));
    for (int i = 0; i < COUNT; ++i) assert_int_equal(127 - results[i], 158);
    stop(&at);
}

static void axes_of_run_time_are_checked(void **state)
{
    (void)state;
    static const float values[6] = {1, 2, 3, 4, 5, 6};
    static const int32_t good = -1, bad = 2;
    running at = start("MEAN x:f32[2,3] a:i32[1] -> y:f32[?]");
    feed(&at, 0, values, sizeof values);
    feed(&at, 1, &bad, sizeof bad);
    assert_int_not_equal(midge_session_invoke(at.session), MIDGE_OK);
    feed(&at, 1, &good, sizeof good);
    assert_int_equal(midge_session_invoke(at.session), MIDGE_OK);
    midge_tensor *output = midge_session_output(at.session, 0);
    assert_int_equal(midge_tensor_elements(output), 2);
    const float *means = midge_tensor_data(output);
    assert_true(means[0] == 2 && means[1] == 5);
    stop(&at);
}

/* Axes come at run time, so that nothing is known of the output when memory is asked for. */
static void sums_and_products_of_nothing_are_neutral(void **state)
{
    (void)state;
    static const int32_t axis = 0;
    static const char *const texts[] = {
        "SUM.2 x:i8[0,3]q0.5:7 a:i32[1] -> y:i8[?]q0.5:9",
        "REDUCE_PROD.2 x:i8[0,3]q0.5:7 a:i32[1] -> y:i8[?]q0.5:9",
    };
    static const int8_t expected[] = {9, 11};
    for (size_t i = 0; i < 2; ++i) {
        running at = start(texts[i]);
        feed(&at, 1, &axis, sizeof axis);
        assert_int_equal(midge_session_invoke(at.session), MIDGE_OK);
        midge_tensor *output = midge_session_output(at.session, 0);
        assert_int_equal(midge_tensor_elements(output), 3);
        const int8_t *stored = midge_tensor_data(output);
        for (size_t k = 0; k < 3; ++k) assert_int_equal(stored[k], expected[i]);
        stop(&at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_models_are_refused_with_a_reason),
        cmocka_unit_test(unpooling_puts_values_where_they_came_from),
        cmocka_unit_test(spectra_do_not_depend_on_their_neighbours),
        cmocka_unit_test(transposed_convolutions_add_a_bias),
        cmocka_unit_test(places_outside_an_image_are_refused),
        cmocka_unit_test(softmax_of_many_equal_elements_is_even),
        cmocka_unit_test(log_softmax_of_many_equal_elements_is_minus_log_of_their_number),
        cmocka_unit_test(axes_of_run_time_are_checked),
        cmocka_unit_test(sums_and_products_of_nothing_are_neutral),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
