/* SPDX-License-Identifier: Apache-2.0 */
/* What makes models small while they learn: ranges on their way from a quantisation-aware run
 * through files into an int8 model, and kernels of few values. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "train_samples.h"

static train_samples samples;
static midge_error error;

static midge_trainer *make(const char *source)
{
    midge_trainer *trainer = make_trainer(source, 1, &error);
    if (trainer == NULL) fail_msg("%s: %s", source, error.message);
    return trainer;
}

static void fit(midge_trainer *trainer, int32_t epochs, bool aware)
{
    const midge_train_data data = samples_data(&samples, SAMPLES);
    midge_fit_options options = midge_fit_options_default();
    options.epochs = epochs;
    options.batch = 8;
    options.quantize_aware = aware;
    GOOD(midge_trainer_fit(trainer, &data, NULL, &options, &error));
}

/* ---- Learned ranges ---- */

typedef struct ranges {
    size_t count;
    float least[64], most[64];
} ranges;

static ranges ranges_of(const void *bytes, size_t size)
{
    ranges found = {0};
    midge_model *model = NULL;
    midge_graph_info graph;
    float range[2];
    GOOD(midge_model_load_memory(bytes, size, NULL, &model, &error));
    assert_true(midge_inspect_graph(model, 0, &graph));
    for (size_t i = 0; i < graph.tensor_count && found.count < 64; ++i) {
        if (!midge_inspect_range(model, 0, i, range)) continue;
        assert_true(range[0] < range[1]);
        found.least[found.count] = range[0];
        found.most[found.count++] = range[1];
    }
    assert_false(midge_inspect_range(model, 0, graph.tensor_count, range));
    midge_model_free(model);
    return found;
}

/* All that computes is int8; gives the share of samples whose class is found. */
static double check_integers(const void *bytes, size_t size)
{
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_graph_info graph;
    midge_node_info node;
    size_t right = 0;
    GOOD(midge_model_load_memory(bytes, size, NULL, &model, &error));
    assert_true(midge_inspect_graph(model, 0, &graph));
    for (size_t i = 0; midge_inspect_node(model, 0, i, &node); ++i) {
        midge_tensor_info tensor;
        assert_true(midge_inspect_tensor(model, 0, (size_t)node.outputs[0], &tensor));
        bool edge = strcmp(node.op, "DEQUANTIZE") == 0;
        if (tensor.type != MIDGE_INT8 && !edge) fail_msg("node %zu %s is float", i, node.op);
    }
    GOOD(midge_session_create(model, NULL, &session, &error));
    for (size_t i = 0; i < SAMPLES; ++i) {
        midge_tensor *input = midge_session_input(session, 0);
        memcpy(midge_tensor_data(input), samples.x + i * SIDE * SIDE, midge_tensor_bytes(input));
        assert_int_equal(midge_session_invoke(session), MIDGE_OK);
        const float *scores = midge_tensor_data(midge_session_output(session, 0));
        int best = 0;
        for (int k = 1; k < CLASSES; ++k)
            if (scores[k] > scores[best]) best = k;
        right += best == (int)samples.y[i];
    }
    midge_session_free(session);
    midge_model_free(model);
    return (double)right / SAMPLES;
}

static double optimize_without_samples(const void *bytes, size_t size)
{
    midge_model *model = NULL;
    midge_optimize_options options = midge_optimize_options_default();
    void *smaller = NULL;
    size_t smaller_size = 0;
    options.mode = MIDGE_OPTIMIZE_INT8;
    GOOD(midge_model_load_memory(bytes, size, NULL, &model, &error));
    GOOD(midge_optimize(model, &options, &smaller, &smaller_size, &error));
    double accuracy = check_integers(smaller, smaller_size);
    assert_int_equal(ranges_of(smaller, smaller_size).count, 0);
    midge_optimize_free(NULL, smaller);
    options.correct_bias = true; /* which needs samples */
    assert_int_equal(midge_optimize(model, &options, &smaller, &smaller_size, &error),
                     MIDGE_INVALID_ARGUMENT);
    midge_model_free(model);
    return accuracy;
}

static double accuracy_of(midge_trainer *trainer)
{
    const midge_train_data data = samples_data(&samples, SAMPLES);
    double loss = 0, metrics[MIDGE_MOST_METRICS];
    GOOD(midge_trainer_evaluate(trainer, &data, 0, &loss, metrics, &error));
    return metrics[0];
}

static void test_ranges_reach_integers(void **state)
{
    (void)state;
    static const char *const sources[] = {"dense", "conv", "mobile", "sound", NULL};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; ++i) {
        midge_trainer *trainer = make(sources[i] != NULL ? sources[i] : small_model);
        void *bytes = NULL;
        size_t size = 0;
        fit(trainer, 25, true);
        double accuracy = accuracy_of(trainer);
        GOOD(midge_trainer_convert(trainer, NULL, &bytes, &size, &error));
        assert_true(ranges_of(bytes, size).count >= 3);
        double integer = optimize_without_samples(bytes, size);
        /* Where many normalisations follow each other, their statistics take longer. */
        bool deep = i == 2 || i == 3;
        if ((!deep && accuracy < 0.9) || integer < accuracy - 0.05)
            fail_msg("source %zu: %g, in integers %g", i, accuracy, integer);
        midge_convert_free(NULL, bytes);
        midge_trainer_free(trainer);
    }
}

static void check_equal_ranges(const ranges *want, const void *bytes, size_t size)
{
    ranges got = ranges_of(bytes, size);
    assert_int_equal(got.count, want->count);
    assert_memory_equal(got.least, want->least, sizeof got.least);
    assert_memory_equal(got.most, want->most, sizeof got.most);
}

/* A saved model keeps its ranges, read again by the converter and by a trainer. */
static void check_file(const char *folder, const char *name, midge_trainer *trainer)
{
    char path[80];
    void *bytes = NULL;
    size_t size = 0;
    GOOD(midge_trainer_convert(trainer, NULL, &bytes, &size, &error));
    ranges want = ranges_of(bytes, size);
    midge_convert_free(NULL, bytes);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    GOOD(midge_trainer_save(trainer, path, &error));
    GOOD(midge_convert_file(path, NULL, &bytes, &size, &error));
    check_equal_ranges(&want, bytes, size);
    midge_convert_free(NULL, bytes);
    midge_trainer *again = make(path);
    GOOD(midge_trainer_convert(again, NULL, &bytes, &size, &error));
    check_equal_ranges(&want, bytes, size);
    midge_convert_free(NULL, bytes);
    /* Other weights have other ranges. */
    fit(again, 1, false);
    GOOD(midge_trainer_convert(again, NULL, &bytes, &size, &error));
    assert_int_equal(ranges_of(bytes, size).count, 0);
    midge_convert_free(NULL, bytes);
    midge_trainer_free(again);
    assert_int_equal(unlink(path), 0);
}

static void test_files_keep_ranges(void **state)
{
    (void)state;
    char folder[] = "/tmp/midge-train-XXXXXX";
    assert_non_null(mkdtemp(folder));
    midge_trainer *trainer = make("mobile");
    fit(trainer, 2, true);
    check_file(folder, "model.keras", trainer);
    check_file(folder, "model.h5", trainer);
    midge_trainer_free(trainer);
    assert_int_equal(rmdir(folder), 0);
}

/* ---- Few values ---- */

static size_t count_values(const midge_trainer_weight *weight)
{
    size_t count = 0;
    for (size_t k = 0; k < weight->elements; ++k) {
        bool known = false;
        for (size_t j = 0; j < k && !known; ++j) known = weight->values[j] == weight->values[k];
        count += !known;
    }
    return count;
}

/* Trains into clusters; returns the largest number of values in a kernel. */
static size_t cluster(const midge_fit_options *options, const char *optimizer, double *accuracy)
{
    midge_trainer *trainer = make(small_model);
    midge_trainer_weight weight;
    const midge_train_data data = samples_data(&samples, SAMPLES);
    midge_compile_options compile = midge_compile_options_default(optimizer);
    const midge_compile_options before = midge_trainer_compiled(trainer);
    size_t most = 0;
    compile.loss = before.loss;
    compile.from_logits = before.from_logits;
    compile.metrics = before.metrics;
    compile.metric_count = before.metric_count;
    compile.learning_rate = 0.01;
    GOOD(midge_trainer_compile(trainer, &compile, &error));
    GOOD(midge_trainer_fit(trainer, &data, NULL, options, &error));
    for (size_t i = 0; midge_trainer_weight_at(trainer, i, &weight); ++i) {
        size_t count = weight.rank >= 2 ? count_values(&weight) : 0;
        if (weight.rank >= 2 && weight.elements > 20) assert_true(count >= 2);
        if (count > most) most = count;
    }
    *accuracy = accuracy_of(trainer);
    midge_trainer_free(trainer);
    return most;
}

static void test_clusters(void **state)
{
    (void)state;
    static const char *const optimizers[] = {"sgd", "adam", "adamw", "rmsprop"};
    midge_fit_options options = midge_fit_options_default();
    double accuracy = 0;
    options.epochs = 40;
    options.batch = 8;
    for (size_t i = 0; i < sizeof optimizers / sizeof optimizers[0]; ++i) {
        options.clusters = 8;
        assert_true(cluster(&options, optimizers[i], &accuracy) <= 8);
        if (i > 0) assert_true(accuracy > 0.9);
    }
    options.clusters = 3;
    options.cluster_epochs = 100; /* from the first step */
    options.prune_share = 0.5;
    assert_true(cluster(&options, "adam", &accuracy) <= 3);
    options.clusters = 0;
    assert_true(cluster(&options, "adam", &accuracy) > 20);
}

static void test_refuses(void **state)
{
    (void)state;
    static const int32_t counts[] = {-1, 1, 257};
    midge_trainer *trainer = make("dense");
    const midge_train_data data = samples_data(&samples, SAMPLES);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; ++i) {
        midge_fit_options options = midge_fit_options_default();
        options.clusters = counts[i];
        assert_int_equal(midge_trainer_fit(trainer, &data, NULL, &options, &error),
                         MIDGE_INVALID_ARGUMENT);
    }
    midge_trainer_free(trainer);
}

static int begin(void **state)
{
    (void)state;
    make_samples(&samples);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_reach_integers), cmocka_unit_test(test_files_keep_ranges),
        cmocka_unit_test(test_clusters), cmocka_unit_test(test_refuses)};
    return cmocka_run_group_tests(tests, begin, NULL);
}
