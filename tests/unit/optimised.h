/* SPDX-License-Identifier: Apache-2.0 */
/* Models written as text that are optimised and run beside the result. */
#ifndef OPTIMISED_H
#define OPTIMISED_H

#include <math.h>

#include "counting_allocator.h"
#include "draft/draft.h"
#include "expect.h"
#include "midge_tools.h"

enum { SAMPLES = 12 };

typedef struct network {
    const char *name;
    const char *text;
} network;

/* Least ratios of signal to noise in dB: float16 has 11 bits for weights; int8 weights cost what 8
 * bits do; int16 activations leave the noise of the weights. */
typedef struct bound {
    const char *name;
    midge_optimize_mode mode;
    double least;
} bound;

/* ---- Samples ---- */

static inline midge_status give_sample(void *context, size_t index, midge_session *session,
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

static inline midge_optimize_options request(midge_optimize_mode mode)
{
    midge_optimize_options options = midge_optimize_options_default();
    options.mode = mode;
    options.sample = give_sample;
    options.sample_count = SAMPLES;
    return options;
}

/* ---- Running both ---- */

/* The number at `index` of a tensor of any of the interface types. */
static inline double number_at(const midge_tensor *tensor, size_t index)
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
static inline void copy_input(const midge_tensor *from, midge_tensor *to)
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
typedef midge_status give(void *context, size_t index, midge_session *session, midge_error *error);
static inline double noise_with(give *sample, midge_model *model, const void *bytes, size_t size)
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
        (void)sample(NULL, i, a, NULL);
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
static inline size_t count_float_nodes(const void *bytes, size_t size)
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

static inline double noise_of(midge_model *model, const void *bytes, size_t size)
{
    return noise_with(give_sample, model, bytes, size);
}

typedef struct subject {
    unsigned char *bytes;
    size_t size;
    midge_model *model;
} subject;

static inline bool open_subject(subject *at, const char *text)
{
    at->bytes = draft_file(text, &at->size);
    midge_error error = {MIDGE_OK, ""};
    bool loaded =
        midge_model_load_memory(at->bytes, at->size, NULL, &at->model, &error) == MIDGE_OK;
    EXPECT(loaded, "%s", error.message);
    return loaded;
}

static inline void close_subject(subject *at)
{
    midge_model_free(at->model);
    free(at->bytes);
}

/* ---- Checks ---- */

static inline void check_noise(const char *name, midge_model *model, const bound *of)
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
static inline void check_mode(const char *name, midge_model *model, const bound *of)
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

static inline void check_ranges(const char *name, midge_model *model)
{
    for (int range = MIDGE_RANGE_ALL; range <= MIDGE_RANGE_LEAST_ERROR; ++range) {
        midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
        void *bytes = NULL;
        size_t size = 0;
        midge_error error = {MIDGE_OK, ""};
        options.range = (midge_optimize_range)range;
        options.percentile = 99.9;
        options.correct_bias = true;
        options.equalize = range == MIDGE_RANGE_PERCENTILE;
        options.prune = true;
        midge_status status = midge_optimize(model, &options, &bytes, &size, &error);
        EXPECT(status == MIDGE_OK, "%s range %d: %s", name, range, error.message);
        if (status != MIDGE_OK) continue;
        EXPECT(noise_of(model, bytes, size) >= 20, "%s range %d: %.1f dB", name, range,
               noise_of(model, bytes, size));
        midge_optimize_free(NULL, bytes);
    }
}

/* Optimises the model to int8, each allocation refused in turn. */
static inline void expect_memory_errors(const char *text)
{
    subject at = {0};
    if (!open_subject(&at, text)) return;
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

#endif
