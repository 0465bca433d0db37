/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions of bytes by Winograd's transforms against sums of products: the same integers, also
 * where all values are at their limits, for any image and number of threads; and plain products
 * where the transforms could not be exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "kernel/fixed_point.h"
#include "kernel/kernel.h"
#include "model_builder.h"

enum { MOST_SIDE = 30, MOST_DEPTH = 256, CHANNELS = 19, TAPS = 9, MOST_BATCHES = 2 };
enum { MOST_CELLS = MOST_BATCHES * MOST_SIDE * MOST_SIDE * MOST_DEPTH };

typedef enum values { ANY, LOWEST, HIGHEST } values;

typedef struct convolution {
    midge_type type; /* of input, weights and output; FLOAT32: dynamic with int8 weights */
    int32_t batches, height, width, depth;
    int padding; /* of Padding: SAME or VALID */
    int32_t input_zero, weights_zero;
    values input, weights;
    bool transformed; /* where the transforms pay */
} convolution;

static const convolution convolutions[] = {
    {MIDGE_INT8, 1, 30, 30, 32, 0, -128, 0, ANY, ANY, true},
    {MIDGE_INT8, 2, 23, 29, 48, 1, 7, 0, ANY, ANY, true},
    {MIDGE_INT8, 1, 30, 30, 64, 0, -128, 0, HIGHEST, HIGHEST, true},
    {MIDGE_INT8, 1, 30, 30, 64, 0, 127, 0, LOWEST, LOWEST, true},
    {MIDGE_INT8, 1, 30, 30, 256, 0, -128, 0, ANY, ANY, true},
    {MIDGE_INT8, 1, 30, 30, 256, 0, -128, 0, HIGHEST, HIGHEST, false},
    {MIDGE_UINT8, 1, 30, 30, 32, 0, 3, 131, ANY, ANY, true},
    {MIDGE_UINT8, 1, 28, 30, 40, 0, 0, 0, HIGHEST, HIGHEST, true},
    {MIDGE_UINT8, 1, 28, 30, 40, 0, 255, 255, LOWEST, LOWEST, true},
    {MIDGE_FLOAT32, 2, 30, 27, 48, 0, 0, 0, ANY, ANY, true},
    {MIDGE_FLOAT32, 1, 30, 27, 24, 1, 0, 0, HIGHEST, LOWEST, true},
};

static const float input_scale = 0.5f, weights_scale = 0.25f;
static uint8_t input[MOST_CELLS * sizeof(float)];
static uint8_t weights[CHANNELS * TAPS * MOST_DEPTH];
static int32_t biases[CHANNELS];
static int32_t quantised[MOST_CELLS]; /* the input, freed of its zero point */
static float row_scales[MOST_BATCHES];
static float output_scale;

static uint32_t next_random(void)
{
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return state >> 16;
}

static uint8_t draw_byte(const convolution *what, values how)
{
    const uint8_t flip = what->type == MIDGE_UINT8 ? 0 : 0x80;
    return (uint8_t)((how == ANY ? next_random() : how == LOWEST ? 0 : 0xFF) ^ flip);
}

static int32_t byte_at(const convolution *what, const uint8_t *bytes, size_t at)
{
    return what->type == MIDGE_UINT8 ? bytes[at] : (int8_t)bytes[at];
}

/* Dynamic scales are asymmetric, for the weights have scales per channel. */
static void draw(const convolution *what, size_t count)
{
    float *floats = (float *)(void *)input;
    const size_t image = count / (size_t)what->batches;
    for (size_t i = 0; i < sizeof weights; ++i) weights[i] = draw_byte(what, what->weights);
    for (size_t c = 0; c < CHANNELS; ++c) biases[c] = (int32_t)next_random() - 32768;
    for (size_t i = 0; i < count; ++i) {
        if (what->type == MIDGE_FLOAT32) {
            floats[i] = what->input == HIGHEST ? 9.0f : (float)(next_random() % 4001) / 250 - 4.0f;
        } else {
            input[i] = draw_byte(what, what->input);
            quantised[i] = byte_at(what, input, i) - what->input_zero;
        }
    }
    for (size_t b = 0; what->type == MIDGE_FLOAT32 && b < (size_t)what->batches; ++b) {
        float least = floats[b * image], most = least, factor;
        int32_t zero;
        for (size_t i = b * image; i < (b + 1) * image; ++i) {
            least = floats[i] < least ? floats[i] : least;
            most = floats[i] > most ? floats[i] : most;
        }
        mg_asymmetric_scale(least, most, &row_scales[b], &factor, &zero);
        for (size_t i = b * image; i < (b + 1) * image; ++i) {
            const int32_t value = (int32_t)roundf(floats[i] * factor) + zero;
            quantised[i] = (value < -128 ? -128 : value > 127 ? 127 : value) - zero;
        }
    }
}

static int32_t sum_at(const convolution *what, size_t batch, int32_t y, int32_t x, size_t channel)
{
    const int32_t edge = what->padding == 0 ? 1 : 0;
    int32_t sum = 0;
    for (int32_t t = 0; t < TAPS; ++t) {
        const int32_t row = y + t / 3 - edge, column = x + t % 3 - edge;
        if (row < 0 || row >= what->height || column < 0 || column >= what->width) continue;
        const size_t pixel =
            ((batch * (size_t)what->height + (size_t)row) * (size_t)what->width + (size_t)column) *
            (size_t)what->depth;
        const size_t filter = (channel * TAPS + (size_t)t) * (size_t)what->depth;
        for (size_t d = 0; d < (size_t)what->depth; ++d)
            sum += quantised[pixel + d] * (byte_at(what, weights, filter + d) - what->weights_zero);
    }
    return sum;
}

static void check_result(const convolution *what, const void *result, size_t at, size_t batch,
                         int32_t sum, size_t channel)
{
    if (what->type == MIDGE_FLOAT32) {
        const float scale = weights_scale * (channel % 2 ? 2.0f : 1.0f);
        const float want = (float)sum * scale * row_scales[batch];
        assert_memory_equal(&((const float *)result)[at], &want, sizeof want);
        return;
    }
    const double factor = (double)input_scale * (double)weights_scale / (double)output_scale;
    const int32_t zero = what->type == MIDGE_UINT8 ? 128 : 0;
    int32_t want =
        mg_multiply_by_quantized(sum + biases[channel], mg_quantize_multiplier(factor)) + zero;
    const int32_t least = zero - 128, most = zero + 127;
    want = want < least ? least : want > most ? most : want;
    assert_int_equal(byte_at(what, result, at), want);
}

/* Not in plain C, nor where the processor multiplies bytes faster than int16. */
static bool transforms_pay(void)
{
    mg_kernels kernels;
    mg_kernels_select(mg_cpu_tiers(), &kernels);
    return kernels.winograd_int->least_length != 0 && kernels.gemm_int->word_cost == 1;
}

static void check_convolution(const convolution *what, const char *kernels, int threads, bool pays)
{
    static const float channel_scales[CHANNELS] = {0.25f, 0.5f,  0.25f, 0.5f,  0.25f, 0.5f,  0.25f,
                                                   0.5f,  0.25f, 0.5f,  0.25f, 0.5f,  0.25f, 0.5f,
                                                   0.25f, 0.5f,  0.25f, 0.5f,  0.25f};
    static const int64_t channel_zeros[CHANNELS] = {0};
    const int32_t cut = what->padding == 0 ? 0 : 2;
    const int32_t lines = what->height - cut, pixels = what->width - cut;
    const bool dynamic = what->type == MIDGE_FLOAT32;
    output_scale = input_scale * weights_scale * (what->input == ANY ? 400.0f : 1.0e6f);
    const mg_Conv2DOptions options = {.padding = (int8_t)what->padding,
                                      .stride_h = 1,
                                      .stride_w = 1,
                                      .dilation_h_factor = 1,
                                      .dilation_w_factor = 1};
    const op_tensor tensors[4] = {{.type = what->type,
                                   .rank = 4,
                                   .shape = {what->batches, what->height, what->width, what->depth},
                                   .data = input,
                                   .scale = dynamic ? 0 : input_scale,
                                   .zero_point = what->input_zero},
                                  {.type = dynamic ? MIDGE_INT8 : what->type,
                                   .rank = 4,
                                   .shape = {CHANNELS, 3, 3, what->depth},
                                   .data = weights,
                                   .constant = true,
                                   .scale = dynamic ? 0 : weights_scale,
                                   .zero_point = what->weights_zero,
                                   .scale_count = dynamic ? CHANNELS : 0,
                                   .scales = dynamic ? channel_scales : NULL,
                                   .zero_points = dynamic ? channel_zeros : NULL},
                                  {.type = MIDGE_INT32,
                                   .rank = 1,
                                   .shape = {CHANNELS},
                                   .data = biases,
                                   .constant = true,
                                   .absent = dynamic},
                                  {.type = what->type,
                                   .rank = 4,
                                   .shape = {what->batches, lines, pixels, CHANNELS},
                                   .scale = dynamic ? 0 : output_scale,
                                   .zero_point = what->type == MIDGE_UINT8 ? 128 : 0}};
    const op_model model = {.op = MG_BUILTIN_CONV_2D,
                            .version = 3,
                            .options_type = MG_OPTIONS_Conv2DOptions,
                            .options = &options,
                            .input_count = 3,
                            .inputs = {tensors[0], tensors[1], tensors[2]},
                            .output_count = 1,
                            .outputs = {tensors[3]}};
    midge_session_options session_options = midge_session_options_default();
    session_options.threads = threads;
    session_options.kernels = kernels;
    op_running running;
    midge_node_info node;
    if (op_start(&model, &session_options, &running) != MIDGE_OK)
        fail_msg("%s", running.error.message);
    assert_true(midge_session_node(running.session, 0, &node));
    if (pays || strcmp(kernels, "ref") == 0)
        assert_int_equal(strncmp(node.kernel, "winograd_int", 12) == 0, pays && what->transformed);
    const void *result = midge_tensor_data(midge_session_output(running.session, 0));
    size_t at = 0;
    for (size_t b = 0; b < (size_t)what->batches; ++b)
        for (int32_t y = 0; y < lines; ++y)
            for (int32_t x = 0; x < pixels; ++x)
                for (size_t c = 0; c < CHANNELS; ++c, ++at)
                    check_result(what, result, at, b, sum_at(what, b, y, x, c), c);
    op_stop(&running);
}

static void check_all(const char *kernels, int threads, bool pays)
{
    for (size_t i = 0; i < sizeof convolutions / sizeof convolutions[0]; ++i) {
        const convolution *what = &convolutions[i];
        draw(what, (size_t)(what->batches * what->height * what->width * what->depth));
        check_convolution(what, kernels, threads, pays);
    }
}

static void plain_kernels_give_the_sums(void **state)
{
    (void)state;
    check_all("ref", 1, false);
}

static void fast_kernels_give_the_sums(void **state)
{
    (void)state;
    check_all("auto", 1, transforms_pay());
}

static void threads_give_the_sums(void **state)
{
    (void)state;
    check_all("auto", 3, transforms_pay());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_kernels_give_the_sums),
        cmocka_unit_test(fast_kernels_give_the_sums),
        cmocka_unit_test(threads_give_the_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
