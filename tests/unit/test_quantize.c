/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Optimised models: they load and run, they say what the float model says as closely as the bits of
 * the mode allow, every operator with an integer form takes it, equal requests give equal bytes,
 * and nothing is lost when memory runs out.
 */
#include <math.h>

#include "optimised.h"
#include "quantize/quantize.h"

/* ---- Models ---- */

/* Small networks; each is more than one operator, so that scales have to meet. */
static const char convolutions[] =
    "CONV_2D x:f32[1,12,12,3] w:f32[8,3,3,3]= b:f32[8]= -> c:f32[1,12,12,8] "
    "{stride_w=1 stride_h=1 dilation_w_factor=1 dilation_h_factor=1 fused_activation_function=1};"
    "DEPTHWISE_CONV_2D c d:f32[1,3,3,8]= e:f32[8]= -> f:f32[1,12,12,8] {stride_w=1 stride_h=1 "
    "depth_multiplier=1 dilation_w_factor=1 dilation_h_factor=1 fused_activation_function=3};"
    "MAX_POOL_2D f -> g:f32[1,6,6,8] {stride_w=2 stride_h=2 filter_width=2 filter_height=2};"
    "RESHAPE g s:i32[2]={1,288} -> h:f32[1,288];"
    "FULLY_CONNECTED h k:f32[10,288]= l:f32[10]= -> m:f32[1,10];"
    "SOFTMAX m -> y:f32[1,10] {beta=1}";
static const char branches[] =
    "LOGISTIC x:f32[1,4,8] -> a:f32[1,4,8]; TANH x -> b:f32[1,4,8]; MUL a b -> c:f32[1,4,8];"
    "ADD c x -> d:f32[1,4,8]; CONCATENATION d a -> e:f32[1,4,16] {axis=2};"
    "LEAKY_RELU e -> f:f32[1,4,16] {alpha=0.1}; TRANSPOSE f p:i32[3]={0,2,1} -> g:f32[1,16,4];"
    "SUB g k:f32[1,1,4]= -> h:f32[1,16,4]; MEAN h i:i32[1]={1} -> y:f32[1,4]";
static const char transposed[] =
    "TRANSPOSE_CONV o:i32[4]={1,8,8,6} w:f32[6,3,3,5]= x:f32[1,4,4,5] b:f32[6]= -> y:f32[1,8,8,6] "
    "{stride_w=2 stride_h=2}";
static const char maxima[] =
    "MAXIMUM x:f32[2,9] a:f32[1]={-0.25} -> b:f32[2,9]; MINIMUM b c:f32[1]={0.5} -> d:f32[2,9];"
    "PAD d p:i32[2,2]={0,0,0,2} -> e:f32[2,11]; SPLIT i:i32[]={0} e -> f:f32[1,11] g:f32[1,11] "
    "{num_splits=2}; ADD f g -> y:f32[1,11]";
/* Kinds of scales that cannot be one: the softmax's is fixed, the other input is wider. */
static const char unequal[] =
    "SOFTMAX x:f32[2,6] -> a:f32[2,6] {beta=1}; MUL x k:f32[1]={8} -> b:f32[2,6];"
    "CONCATENATION a b -> c:f32[2,12] {axis=1}; ADD c d:f32[12]= -> y:f32[2,12]";
/* What softmax does not see must leave the scores their steps. */
static const char masked[] =
    "MUL x:f32[2,4,4] h:f32[1]={3} -> a:f32[2,4,4];"
    "ADD a k:f32[4,4]={0,-1e9,-1e9,-1e9,0,0,-1e9,-1e9,0,0,0,-1e9,0,0,0,0} -> b:f32[2,4,4];"
    "SELECT_V2 c:bool[4,4]={1,1,1,1,1,1,1,1,0,1,1,1,0,0,0,0} b n:f32[]={-1e9} -> d:f32[2,4,4];"
    "SOFTMAX d -> e:f32[2,4,4] {beta=1}; BATCH_MATMUL e v:f32[2,4,6]= -> y:f32[2,4,6]";
static const char masked_by_product[] =
    "GREATER x:f32[2,4,4] z:f32[]={0.3} -> g:bool[2,4,4]; CAST g -> f:f32[2,4,4];"
    "MUL f n:f32[]={-1e9} -> m:f32[2,4,4]; MUL x h:f32[1]={3} -> a:f32[2,4,4];"
    "ADD m a -> b:f32[2,4,4]; SOFTMAX b -> e:f32[2,4,4] {beta=1};"
    "BATCH_MATMUL e v:f32[2,4,6]= -> y:f32[2,4,6]";
/* Without an integer form: it stays float between integer neighbours. */
static const char mixed[] =
    "FULLY_CONNECTED x:f32[1,40] w:f32[30,40]= b:f32[30]= -> a:f32[1,30]; SIN a -> c:f32[1,30];"
    "FULLY_CONNECTED c d:f32[6,30]= - -> y:f32[1,6]";

/* Layers whose weights become int8 while their activations stay float: enough of them to count. */
static const char long_memory[] =
    "UNIDIRECTIONAL_SEQUENCE_LSTM x:f32[1,5,12] a:f32[16,12]= b:f32[16,12]= c:f32[16,12]= "
    "d:f32[16,12]= e:f32[16,8]= f:f32[16,8]= g:f32[16,8]= h:f32[16,8]= o:f32[16]= p:f32[16]= "
    "q:f32[16]= i:f32[16]= j:f32[16]= k:f32[16]= l:f32[16]= r:f32[8,16]= - m:f32[1,8]~ "
    "n:f32[1,16]~ - - - - -> y:f32[1,5,8] {fused_activation_function=4}";
static const char filtered[] = "SVDF x:f32[1,40] a:f32[32,40]= b:f32[32,6]= - s:f32[1,192]~ -> "
                               "y:f32[1,16] {rank=2}";
static const char multiplied[] = "BATCH_MATMUL x:f32[2,5,32] w:f32[2,32,24]= -> y:f32[2,5,24]";
static const char looked_up[] =
    "GATHER t:f32[64,20]= i:i32[3]={5,1,63} -> e:f32[3,20]; ADD e x:f32[3,20] -> y:f32[3,20]";

static const network networks[] = {
    {"convolutions", convolutions}, {"branches", branches},
    {"transposed", transposed},     {"maxima", maxima},
    {"unequal", unequal},
};

static const bound bounds[] = {
    {"none", MIDGE_OPTIMIZE_NONE, 200},      {"float16", MIDGE_OPTIMIZE_FLOAT16, 55},
    {"dynamic", MIDGE_OPTIMIZE_DYNAMIC, 30}, {"int8", MIDGE_OPTIMIZE_INT8, 27},
    {"int16x8", MIDGE_OPTIMIZE_INT16X8, 35},
};

static midge_status give_nan(void *context, size_t index, midge_session *session,
                             midge_error *error)
{
    midge_status status = give_sample(context, index, session, error);
    if (index == 3) *(float *)midge_tensor_data(midge_session_input(session, 0)) = (float)NAN;
    return status;
}

/* ---- Tests ---- */

static void test_networks(void)
{
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; ++i) {
        subject at = {0};
        if (open_subject(&at, networks[i].text)) {
            for (size_t k = 0; k < sizeof bounds / sizeof bounds[0]; ++k)
                check_mode(networks[i].name, at.model, &bounds[k]);
            check_ranges(networks[i].name, at.model);
        }
        close_subject(&at);
    }
}

/* Masked scores keep their steps. */
static void test_masks(void)
{
    static const network layers[] = {{"masked", masked}, {"masked by product", masked_by_product}};
    const bound integer = {"int8", MIDGE_OPTIMIZE_INT8, 27};
    const bound wide = {"int16x8", MIDGE_OPTIMIZE_INT16X8, 50};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; ++i) {
        subject at = {0};
        if (open_subject(&at, layers[i].text)) {
            check_noise(layers[i].name, at.model, &integer);
            check_noise(layers[i].name, at.model, &wide);
        }
        close_subject(&at);
    }
}

/* A quarter of the size, and little noise: the weights must have become int8. */
static void test_dynamic(void)
{
    static const network layers[] = {{"long memory", long_memory},
                                     {"filtered", filtered},
                                     {"multiplied", multiplied},
                                     {"looked up", looked_up}};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; ++i) {
        const bound dynamic = {"dynamic", MIDGE_OPTIMIZE_DYNAMIC, 35};
        const bound integer = {"int8", MIDGE_OPTIMIZE_INT8, 30};
        midge_optimize_options options = request(MIDGE_OPTIMIZE_DYNAMIC);
        subject at = {0};
        void *bytes = NULL;
        size_t size = 0;
        if (open_subject(&at, layers[i].text)) {
            check_noise(layers[i].name, at.model, &dynamic);
            check_noise(layers[i].name, at.model, &integer);
            EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK &&
                       size < at.size / 2,
                   "%s: %zu bytes of %zu", layers[i].name, size, at.size);
            midge_optimize_free(NULL, bytes);
        }
        close_subject(&at);
    }
}

/* Two nodes that only move numbers, between nodes kept float, do not keep each other in integers.
 */
static void test_movers(void)
{
    static const char moved[] =
        "FULLY_CONNECTED x:f32[1,40] w:f32[12,40]= b:f32[12]= -> a:f32[1,12];"
        "RESHAPE a s:i32[2]={3,4} -> c:f32[3,4]; TRANSPOSE c p:i32[2]={1,0} -> d:f32[4,3];"
        "SUM d i:i32[1]={1} -> y:f32[4]";
    const char *const kept[] = {"FULLY_CONNECTED", "SUM"};
    subject at = {0};
    midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
    void *bytes = NULL;
    size_t size = 0;
    if (!open_subject(&at, moved)) return;
    options.keep_float = kept;
    for (size_t count = 1; count <= 2; ++count) {
        options.keep_float_count = count;
        EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK, "%zu", count);
        size_t floats = count_float_nodes(bytes, size), wanted = count == 1 ? 1 : 4;
        EXPECT(floats == wanted, "%zu kept: %zu float nodes, not %zu", count, floats, wanted);
        midge_optimize_free(NULL, bytes);
    }
    close_subject(&at);
}

/* The same input for all samples: what rounded weights add to each output is the same, too. */
static midge_status give_constant(void *context, size_t index, midge_session *session,
                                  midge_error *error)
{
    (void)index;
    return give_sample(context, 7, session, error);
}

/* Biases take off what the rounding of weights adds on average; with int16 activations little else
 * is left to make noise. */
static void test_shift(void)
{
    static const network layers[] = {
        {"product", "FULLY_CONNECTED x:f32[1,200] w:f32[12,200]= b:f32[12]= -> y:f32[1,12]"},
        {"point", "CONV_2D x:f32[1,1,1,64] w:f32[8,1,1,64]= b:f32[8]= -> y:f32[1,1,1,8] {padding=1 "
                  "stride_w=1 stride_h=1 dilation_w_factor=1 dilation_h_factor=1}"},
        {"groups",
         "CONV_2D x:f32[1,1,1,64] w:f32[8,1,1,32]= b:f32[8]= -> y:f32[1,1,1,8] {padding=1 "
         "stride_w=1 stride_h=1 dilation_w_factor=1 dilation_h_factor=1}"},
        {"depth", "DEPTHWISE_CONV_2D x:f32[1,1,1,16] w:f32[1,1,1,32]= b:f32[32]= -> "
                  "y:f32[1,1,1,32] {padding=1 stride_w=1 stride_h=1 depth_multiplier=2 "
                  "dilation_w_factor=1 dilation_h_factor=1}"}};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; ++i) {
        midge_optimize_options options = request(MIDGE_OPTIMIZE_INT16X8);
        subject at = {0};
        void *bytes = NULL;
        size_t size = 0;
        options.sample = give_constant;
        if (open_subject(&at, layers[i].text)) {
            EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK, "%zu", i);
            double ratio = noise_with(give_constant, at.model, bytes, size);
            EXPECT(ratio > 75, "%s: %.1f dB", layers[i].name, ratio);
            midge_optimize_free(NULL, bytes);
        }
        close_subject(&at);
    }
}

/* Channels of very different ranges, behind each of the activations; the last but one is flattened
 * and pooled. */
static const char uneven[] =
    "CONV_2D x:f32[1,8,8,3] w:f32[6,3,3,3]= b:f32[6]= -> c:f32[1,8,8,6] {stride_w=1 stride_h=1 "
    "dilation_w_factor=1 dilation_h_factor=1 fused_activation_function=1};"
    "DEPTHWISE_CONV_2D c d:f32[1,1,1,6]={0.02,1,0.05,0.5,0.1,0.01} e:f32[6]={0,0.3,0,0.1,0,0} -> "
    "f:f32[1,8,8,6] {stride_w=1 stride_h=1 depth_multiplier=1 dilation_w_factor=1 "
    "dilation_h_factor=1 fused_activation_function=3};"
    "CONV_2D f g:f32[5,1,1,6]= h:f32[5]= -> i:f32[1,8,8,5] {stride_w=1 stride_h=1 "
    "dilation_w_factor=1 dilation_h_factor=1};"
    "DEPTHWISE_CONV_2D i j:f32[1,1,1,10]={0.1,2,0.3,4,1,6,0.2,1,0.7,0.1} - -> k:f32[1,8,8,10] "
    "{stride_w=1 stride_h=1 depth_multiplier=2 dilation_w_factor=1 dilation_h_factor=1 "
    "fused_activation_function=1};"
    "AVERAGE_POOL_2D k -> l:f32[1,4,4,10] {stride_w=2 stride_h=2 filter_width=2 filter_height=2};"
    "RESHAPE l s:i32[2]={1,160} -> m:f32[1,160]; FULLY_CONNECTED m n:f32[7,160]= - -> y:f32[1,7]";

/* The equalised float model; NULL when that failed. */
static void *equalized(midge_model *model, size_t *size)
{
    const midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
    midge_error error = {MIDGE_OK, ""};
    mg_heap heap;
    mg_network made = {0};
    void *bytes = NULL;
    bool changed = false;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    midge_status status = mg_network_read(&heap, model, &error, &made);
    if (status == MIDGE_OK) status = mg_equalize(&made, model, &options, &changed);
    if (status == MIDGE_OK) status = mg_network_write(&made, &bytes, size);
    EXPECT(status == MIDGE_OK && changed, "%d: %s", changed, error.message);
    mg_network_free(&made);
    return bytes;
}

/* The numbers stay, the integers say more. */
static void test_equalize(void)
{
    subject at = {0};
    void *bytes = NULL;
    size_t size = 0;
    double ratios[2] = {0, 0};
    if (!open_subject(&at, uneven)) return;
    bytes = equalized(at.model, &size);
    double same = noise_of(at.model, bytes, size);
    EXPECT(same > 120, "equalised floats: %.1f dB", same);
    midge_optimize_free(NULL, bytes);
    for (size_t i = 0; i < 2; ++i) {
        midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
        options.equalize = i == 1;
        bytes = NULL;
        EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK, "%zu", i);
        ratios[i] = noise_of(at.model, bytes, size);
        midge_optimize_free(NULL, bytes);
    }
    EXPECT(ratios[1] > ratios[0] + 2, "%.1f dB, %.1f dB equalised", ratios[0], ratios[1]);
    close_subject(&at);
}

/* How many of the elements of the int8 constants with more than 1024 are 0. */
static double share_of_zeros(const void *bytes, size_t size)
{
    midge_model *model = NULL;
    midge_tensor_info tensor;
    double elements = 0, zeros = 0;
    if (midge_model_load_memory(bytes, size, NULL, &model, NULL) != MIDGE_OK) return NAN;
    for (size_t i = 0; midge_inspect_tensor(model, 0, i, &tensor); ++i) {
        if (tensor.type != MIDGE_INT8 || tensor.constant_bytes < 1024) continue;
        elements += (double)tensor.constant_bytes;
        for (size_t k = 0; k < tensor.constant_bytes; ++k)
            zeros += ((const int8_t *)tensor.constant)[k] == 0;
    }
    midge_model_free(model);
    return zeros / elements;
}

/* The samples are run with the thinned weights, so that the file loses little by int8. */
static void test_thin(void)
{
    const midge_status refused = MIDGE_INVALID_ARGUMENT;
    subject at = {0};
    if (!open_subject(&at, convolutions)) return;
    for (int mode = MIDGE_OPTIMIZE_DYNAMIC; mode <= MIDGE_OPTIMIZE_INT16X8; ++mode) {
        midge_optimize_options options = request((midge_optimize_mode)mode);
        void *bytes = NULL;
        size_t size = 0;
        options.sparsity = 0.25;
        options.clusters = 24;
        EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK, "%d", mode);
        double share = share_of_zeros(bytes, size);
        EXPECT(share >= 0.25 && share < 0.3, "mode %d: %g of the weights are 0", mode, share);
        EXPECT(noise_of(at.model, bytes, size) > 3, "mode %d is noisy", mode);
        midge_optimize_free(NULL, bytes);
        options.clusters = 1;
        EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == refused, "%d", mode);
        options.clusters = 0;
        options.sparsity = 1;
        EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == refused, "%d", mode);
    }
    close_subject(&at);
}

static void test_interface(void)
{
    static const midge_type types[][2] = {
        {MIDGE_INT8, MIDGE_INT8}, {MIDGE_UINT8, MIDGE_FLOAT32}, {MIDGE_FLOAT32, MIDGE_UINT8}};
    subject at = {0};
    if (!open_subject(&at, convolutions)) return;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
        midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
        void *bytes = NULL;
        size_t size = 0;
        midge_model *small = NULL;
        midge_tensor_info tensor;
        midge_graph_info graph;
        options.input_type = types[i][0];
        options.output_type = types[i][1];
        EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK, "%zu", i);
        EXPECT(noise_of(at.model, bytes, size) >= 25, "interface %zu: %.1f dB", i,
               noise_of(at.model, bytes, size));
        (void)midge_model_load_memory(bytes, size, NULL, &small, NULL);
        (void)midge_inspect_graph(small, 0, &graph);
        (void)midge_inspect_tensor(small, 0, (size_t)graph.inputs[0], &tensor);
        EXPECT(tensor.type == types[i][0] && strcmp(tensor.name, "x") == 0, "input %s '%s'",
               midge_type_name(tensor.type), tensor.name);
        (void)midge_inspect_tensor(small, 0, (size_t)graph.outputs[0], &tensor);
        EXPECT(tensor.type == types[i][1] && strcmp(tensor.name, "y") == 0, "output %s '%s'",
               midge_type_name(tensor.type), tensor.name);
        midge_model_free(small);
        midge_optimize_free(NULL, bytes);
    }
    close_subject(&at);
}

static void test_float_nodes(void)
{
    static const char *const kept[] = {"FULLY_CONNECTED", "0"};
    subject at = {0};
    if (!open_subject(&at, mixed)) return;
    for (size_t count = 0; count <= 2; ++count) {
        midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
        void *bytes = NULL;
        size_t size = 0;
        options.keep_float = kept + (count == 2);
        options.keep_float_count = count > 0 ? 1 : 0;
        size_t wanted = count == 0 ? 1 : count == 1 ? 3 : 2;
        EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK, "%zu", count);
        EXPECT(count_float_nodes(bytes, size) == wanted, "%zu float nodes, expected %zu",
               count_float_nodes(bytes, size), wanted);
        EXPECT(noise_of(at.model, bytes, size) >= 25, "%.1f dB", noise_of(at.model, bytes, size));
        midge_optimize_free(NULL, bytes);
    }
    close_subject(&at);
}

static void expect_refusal(midge_model *model, const midge_optimize_options *options,
                           midge_status wanted, const char *part)
{
    midge_error error = {MIDGE_OK, ""};
    void *bytes = &error;
    size_t size = 0;
    midge_status status = midge_optimize(model, options, &bytes, &size, &error);
    EXPECT(status == wanted && strstr(error.message, part) != NULL, "%d '%s' lacks '%s'",
           (int)status, error.message, part);
    EXPECT(bytes == &error, "the result was written");
}

static bool stop_soon(void *context, size_t done, size_t total)
{
    (void)context;
    return done * 2 < total;
}

static void test_refusals(void)
{
    subject at = {0};
    if (!open_subject(&at, convolutions)) return;
    midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
    options.sample_count = 0;
    expect_refusal(at.model, &options, MIDGE_INVALID_ARGUMENT, "samples");
    options = request(MIDGE_OPTIMIZE_INT8);
    options.sample = give_nan;
    expect_refusal(at.model, &options, MIDGE_RUN_ERROR, "sample 3");
    options = request(MIDGE_OPTIMIZE_INT8);
    options.progress = stop_soon;
    expect_refusal(at.model, &options, MIDGE_CANCELLED, "cancelled");
    options = request(MIDGE_OPTIMIZE_INT8);
    options.input_type = MIDGE_INT16;
    expect_refusal(at.model, &options, MIDGE_INVALID_ARGUMENT, "int16");
    options = request(MIDGE_OPTIMIZE_INT8);
    options.keep_float = (const char *const[]){"SOFTMAX", "nobody"};
    options.keep_float_count = 2;
    expect_refusal(at.model, &options, MIDGE_INVALID_ARGUMENT, "nobody");
    options = request((midge_optimize_mode)17);
    expect_refusal(at.model, &options, MIDGE_INVALID_ARGUMENT, "17");
    close_subject(&at);
}

static void test_built_in_model(void)
{
    midge_model *model = NULL;
    midge_error error = {MIDGE_OK, ""};
    const char *path = MIDGE_SOURCE_DIR "/models/fashion_mnist_float.tflite";
    EXPECT(midge_model_load_file(path, NULL, &model, &error) == MIDGE_OK, "%s", error.message);
    for (size_t k = 0; model != NULL && k < sizeof bounds / sizeof bounds[0]; ++k) {
        bound of = bounds[k];
        of.least -= 10; /* a deeper network, fed with noise */
        check_mode("the built-in model", model, &of);
    }
    midge_model_free(model);
}

int main(void)
{
    test_networks();
    test_masks();
    test_dynamic();
    test_shift();
    test_equalize();
    test_thin();
    test_movers();
    test_interface();
    test_float_nodes();
    test_refusals();
    expect_memory_errors(branches);
    test_built_in_model();
    return expect_finish();
}
