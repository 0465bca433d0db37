/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Optimised models: they load and run, they say what the float model says as closely as the bits of
 * the mode allow, every operator with an integer form takes it, equal requests give equal bytes,
 * and nothing is lost when memory runs out.
 */
#include <math.h>

#include "counting_allocator.h"
#include "draft/draft.h"
#include "expect.h"
#include "midge_tools.h"

enum { SAMPLES = 12 };

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
static const char plain_memory[] =
    "UNIDIRECTIONAL_SEQUENCE_LSTM x:f32[2,5,12] a:f32[8,12]= b:f32[8,12]= c:f32[8,12]= "
    "d:f32[8,12]= e:f32[8,8]= f:f32[8,8]= g:f32[8,8]= h:f32[8,8]= - - - i:f32[8]= j:f32[8]= "
    "k:f32[8]= l:f32[8]= - - m:f32[2,8]~ n:f32[2,8]~ - - - - -> y:f32[2,5,8] "
    "{fused_activation_function=4}";
/* Coupled gates, norms and a projection; and peepholes, with the steps outside of the batch. */
static const char normalised[] =
    "UNIDIRECTIONAL_SEQUENCE_LSTM x:f32[2,5,12] - b:f32[16,12]= c:f32[16,12]= d:f32[16,12]= - "
    "f:f32[16,8]= g:f32[16,8]= h:f32[16,8]= - - - - p:f32[16]= q:f32[16]= i:f32[16]= r:f32[8,16]= "
    "s:f32[8]= m:f32[2,8]~ n:f32[2,16]~ - j:f32[16]= k:f32[16]= l:f32[16]= -> y:f32[2,5,8] "
    "{fused_activation_function=4 cell_clip=3}";
static const char peeping[] =
    "UNIDIRECTIONAL_SEQUENCE_LSTM x:f32[4,3,12] a:f32[8,12]= b:f32[8,12]= c:f32[8,12]= "
    "d:f32[8,12]= e:f32[8,8]= f:f32[8,8]= g:f32[8,8]= h:f32[8,8]= o:f32[8]= p:f32[8]= q:f32[8]= "
    "i:f32[8]= j:f32[8]= k:f32[8]= l:f32[8]= - - m:f32[3,8]~ n:f32[3,8]~ - - - - -> y:f32[4,3,8] "
    "{fused_activation_function=4 time_major=1}";
static const char filtered[] = "SVDF x:f32[1,40] a:f32[32,40]= b:f32[32,6]= - s:f32[1,192]~ -> "
                               "y:f32[1,16] {rank=2}";
/* Bodies: their weights become int8, what they take and give stays float. */
static const char chosen[] =
    "FULLY_CONNECTED x:f32[1,40] w:f32[40,40]= b:f32[40]= -> a:f32[1,40];"
    "REDUCE_MAX a r:i32[2]={0,1} -> m:f32[]; GREATER m k:f32[]={0.5} -> c:bool[];"
    "IF c a -> d:f32[1,30] {then_subgraph_index=1 else_subgraph_index=2};"
    "FULLY_CONNECTED d e:f32[10,30]= f:f32[10]= -> y:f32[1,10];"
    "graph then; FULLY_CONNECTED g:f32[1,40] h:f32[30,40]= i:f32[30]= -> j:f32[1,30];"
    "graph else; FULLY_CONNECTED k:f32[1,40] l:f32[30,40]= - -> n:f32[1,30]";
static const char multiplied[] = "BATCH_MATMUL x:f32[2,5,32] w:f32[2,32,24]= -> y:f32[2,5,24]";
static const char looked_up[] =
    "GATHER t:f32[64,20]= i:i32[3]={5,1,63} -> e:f32[3,20]; ADD e x:f32[3,20] -> y:f32[3,20]";

typedef struct network {
    const char *name;
    const char *text;
} network;

static const network networks[] = {
    {"convolutions", convolutions}, {"branches", branches},
    {"transposed", transposed},     {"maxima", maxima},
    {"unequal", unequal},
};

/* Least ratios of signal to noise in dB: float16 has 11 bits for weights; int8 weights cost what 8
 * bits do; int16 activations leave the noise of the weights. */
typedef struct bound {
    const char *name;
    midge_optimize_mode mode;
    double least;
} bound;

static const bound bounds[] = {
    {"none", MIDGE_OPTIMIZE_NONE, 200},      {"float16", MIDGE_OPTIMIZE_FLOAT16, 55},
    {"dynamic", MIDGE_OPTIMIZE_DYNAMIC, 30}, {"int8", MIDGE_OPTIMIZE_INT8, 27},
    {"int16x8", MIDGE_OPTIMIZE_INT16X8, 35},
};

/* ---- Samples ---- */

static midge_status give_sample(void *context, size_t index, midge_session *session,
                                midge_error *error)
{
    (void)context;
    (void)error;
    uint32_t seed = (uint32_t)index * 2654435761u + 12345u;
    for (size_t i = 0; i < midge_session_input_count(session); ++i) {
        midge_tensor *input = midge_session_input(session, i);
        float *values = midge_tensor_data(input);
        for (size_t k = 0; k < midge_tensor_elements(input); ++k) {
            seed = seed * 1664525u + 1013904223u;
            values[k] = (float)(seed >> 8) / 8388608.0f - 1.0f;
        }
    }
    return MIDGE_OK;
}

static midge_status give_nan(void *context, size_t index, midge_session *session,
                             midge_error *error)
{
    midge_status status = give_sample(context, index, session, error);
    if (index == 3) *(float *)midge_tensor_data(midge_session_input(session, 0)) = (float)NAN;
    return status;
}

static midge_optimize_options request(midge_optimize_mode mode)
{
    midge_optimize_options options = midge_optimize_options_default();
    options.mode = mode;
    options.sample = give_sample;
    options.sample_count = SAMPLES;
    return options;
}

/* ---- Running both ---- */

/* The number at `index` of a tensor of any of the interface types. */
static double number_at(const midge_tensor *tensor, size_t index)
{
    midge_quantization of = midge_tensor_quantization(tensor);
    const void *data = midge_tensor_data(tensor);
    double stored = 0;
    switch (midge_tensor_type(tensor)) {
    case MIDGE_FLOAT32: return (double)((const float *)data)[index];
    case MIDGE_INT8: stored = ((const int8_t *)data)[index]; break;
    case MIDGE_UINT8: stored = ((const uint8_t *)data)[index]; break;
    case MIDGE_INT16: stored = ((const int16_t *)data)[index]; break;
    default: return NAN;
    }
    return (stored - (double)of.zero_point[0]) * (double)of.scale[0];
}

/* Copies the floats of one session's input into another's, whatever type that has. */
static void copy_input(const midge_tensor *from, midge_tensor *to)
{
    const float *values = midge_tensor_data(from);
    midge_quantization of = midge_tensor_quantization(to);
    for (size_t i = 0; i < midge_tensor_elements(from); ++i) {
        double stored = of.count == 0 ? 0
                                      : rint((double)values[i] / (double)of.scale[0]) +
                                            (double)of.zero_point[0];
        switch (midge_tensor_type(to)) {
        case MIDGE_FLOAT32: ((float *)midge_tensor_data(to))[i] = values[i]; break;
        case MIDGE_INT8: ((int8_t *)midge_tensor_data(to))[i] = (int8_t)fmin(127, stored); break;
        case MIDGE_UINT8: ((uint8_t *)midge_tensor_data(to))[i] = (uint8_t)fmin(255, stored); break;
        default: ((int16_t *)midge_tensor_data(to))[i] = (int16_t)fmin(32767, stored); break;
        }
    }
}

/* Signal to noise of the first output over the samples, in dB; NAN when the model does not run. */
static double noise_of(midge_model *model, const void *bytes, size_t size)
{
    midge_model *small = NULL;
    midge_session *a = NULL, *b = NULL;
    midge_error error = {MIDGE_OK, ""};
    double signal = 0, noise = 1e-30;
    bool runs = midge_model_load_memory(bytes, size, NULL, &small, &error) == MIDGE_OK &&
                midge_session_create(small, NULL, &b, &error) == MIDGE_OK &&
                midge_session_create(model, NULL, &a, &error) == MIDGE_OK;
    for (size_t i = 0; runs && i < SAMPLES; ++i) {
        (void)midge_session_reset(a);
        (void)midge_session_reset(b);
        (void)give_sample(NULL, i, a, NULL);
        for (size_t k = 0; k < midge_session_input_count(a); ++k)
            copy_input(midge_session_input(a, k), midge_session_input(b, k));
        runs = midge_session_invoke(a) == MIDGE_OK && midge_session_invoke(b) == MIDGE_OK;
        const midge_tensor *wanted = midge_session_output(a, 0), *got = midge_session_output(b, 0);
        for (size_t k = 0; runs && k < midge_tensor_elements(wanted); ++k) {
            double difference = number_at(wanted, k) - number_at(got, k);
            signal += number_at(wanted, k) * number_at(wanted, k);
            noise += difference * difference;
        }
    }
    if (!runs) (void)printf("%s\n", b != NULL ? midge_session_message(b) : error.message);
    midge_session_free(b);
    midge_session_free(a);
    midge_model_free(small);
    return runs ? 10 * log10(signal / noise) : NAN;
}

/* Nodes of a file that have float outputs and are no DEQUANTIZE. */
static size_t count_float_nodes(const void *bytes, size_t size)
{
    midge_model *model = NULL;
    midge_node_info node;
    midge_tensor_info tensor;
    size_t found = 0;
    if (midge_model_load_memory(bytes, size, NULL, &model, NULL) != MIDGE_OK) return SIZE_MAX;
    for (size_t n = 0; midge_inspect_node(model, 0, n, &node); ++n) {
        (void)midge_inspect_tensor(model, 0, (size_t)node.outputs[0], &tensor);
        found += tensor.type == MIDGE_FLOAT32 && strcmp(node.op, "DEQUANTIZE") != 0;
    }
    midge_model_free(model);
    return found;
}

typedef struct subject {
    unsigned char *bytes;
    size_t size;
    midge_model *model;
} subject;

static bool open_subject(subject *at, const char *text)
{
    at->bytes = draft_file(text, &at->size);
    midge_error error = {MIDGE_OK, ""};
    bool loaded =
        midge_model_load_memory(at->bytes, at->size, NULL, &at->model, &error) == MIDGE_OK;
    EXPECT(loaded, "%s", error.message);
    return loaded;
}

static void close_subject(subject *at)
{
    midge_model_free(at->model);
    free(at->bytes);
}

/* ---- Tests ---- */

static void check_noise(const char *name, midge_model *model, const bound *of)
{
    midge_optimize_options options = request(of->mode);
    midge_error error = {MIDGE_OK, ""};
    void *bytes = NULL, *again = NULL;
    size_t size = 0, size_again = 0;
    midge_status status = midge_optimize(model, &options, &bytes, &size, &error);
    EXPECT(status == MIDGE_OK, "%s %s: %s", name, of->name, error.message);
    if (status != MIDGE_OK) return;
    double ratio = noise_of(model, bytes, size);
    EXPECT(ratio >= of->least, "%s %s: %.1f dB, at least %.0f", name, of->name, ratio, of->least);
    status = midge_optimize(model, &options, &again, &size_again, &error);
    EXPECT(status == MIDGE_OK && size == size_again && memcmp(bytes, again, size) == 0,
           "%s %s: the second result differs", name, of->name);
    midge_optimize_free(NULL, again);
    midge_optimize_free(NULL, bytes);
}

/* In the modes with integer arithmetic nothing stays float. */
static void check_mode(const char *name, midge_model *model, const bound *of)
{
    midge_optimize_options options = request(of->mode);
    void *bytes = NULL;
    size_t size = 0;
    check_noise(name, model, of);
    if (of->mode != MIDGE_OPTIMIZE_INT8 && of->mode != MIDGE_OPTIMIZE_INT16X8) return;
    EXPECT(midge_optimize(model, &options, &bytes, &size, NULL) == MIDGE_OK &&
               count_float_nodes(bytes, size) == 0,
           "%s %s: %zu nodes stay float", name, of->name, count_float_nodes(bytes, size));
    midge_optimize_free(NULL, bytes);
}

static void check_ranges(const char *name, midge_model *model)
{
    for (int range = MIDGE_RANGE_ALL; range <= MIDGE_RANGE_LEAST_ERROR; ++range) {
        midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
        void *bytes = NULL;
        size_t size = 0;
        midge_error error = {MIDGE_OK, ""};
        options.range = (midge_optimize_range)range;
        options.percentile = 99.9;
        options.correct_bias = true;
        options.prune = true;
        midge_status status = midge_optimize(model, &options, &bytes, &size, &error);
        EXPECT(status == MIDGE_OK, "%s range %d: %s", name, range, error.message);
        if (status != MIDGE_OK) continue;
        EXPECT(noise_of(model, bytes, size) >= 20, "%s range %d: %.1f dB", name, range,
               noise_of(model, bytes, size));
        midge_optimize_free(NULL, bytes);
    }
}

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

/* The cell computes in integers, states included. */
static void test_lstm(void)
{
    static const network layers[] = {
        {"plain memory", plain_memory}, {"normalised", normalised}, {"peeping", peeping}};
    const bound integer = {"int8", MIDGE_OPTIMIZE_INT8, 27};
    const bound wide = {"int16x8", MIDGE_OPTIMIZE_INT16X8, 30};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; ++i) {
        subject at = {0};
        if (open_subject(&at, layers[i].text)) {
            check_mode(layers[i].name, at.model, &integer);
            check_noise(layers[i].name, at.model, &wide);
            check_ranges(layers[i].name, at.model);
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

static void test_bodies(void)
{
    const bound modes[] = {{"dynamic", MIDGE_OPTIMIZE_DYNAMIC, 30},
                           {"int8", MIDGE_OPTIMIZE_INT8, 27},
                           {"int16x8", MIDGE_OPTIMIZE_INT16X8, 30}};
    subject at = {0};
    for (size_t i = 0; i < 3 && (i > 0 || open_subject(&at, chosen)); ++i) {
        midge_optimize_options options = request(modes[i].mode);
        void *bytes = NULL;
        size_t size = 0;
        check_noise("bodies", at.model, &modes[i]);
        EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK &&
                   size < at.size / 2,
               "%s: %zu bytes of %zu", modes[i].name, size, at.size);
        midge_optimize_free(NULL, bytes);
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

/* Each allocation is refused in turn. */
static void test_memory(void)
{
    subject at = {0};
    if (!open_subject(&at, branches)) return;
    bool done = false;
    for (size_t from = 0; from < 4000 && !done; ++from) {
        counting_allocator counter = {.refuse_from = from, .refuse_count = SIZE_MAX};
        midge_allocator allocator = {&counter, counting_allocate, counting_release};
        midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
        midge_error error = {MIDGE_OK, ""};
        void *bytes = NULL;
        size_t size = 0;
        options.allocator = &allocator;
        options.sample_count = 1;
        midge_status status = midge_optimize(at.model, &options, &bytes, &size, &error);
        done = status == MIDGE_OK;
        EXPECT(done || status == MIDGE_NO_MEMORY, "allocation %zu: status %d '%s'", from,
               (int)status, error.message);
        midge_optimize_free(&allocator, bytes);
        EXPECT(counter.live == 0, "allocation %zu: %zu pieces lost", from, counter.live);
    }
    EXPECT(done, "it never had memory enough");
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
    test_dynamic();
    test_lstm();
    test_bodies();
    test_thin();
    test_movers();
    test_interface();
    test_float_nodes();
    test_refusals();
    test_memory();
    test_built_in_model();
    return expect_finish();
}
