/* SPDX-License-Identifier: Apache-2.0 */
/* Runs over data: equal for equal seeds at any number of threads, the same bits when they go on
 * after a stop, and what options do to them. */
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "train_samples.h"

static train_samples samples;
static midge_error error;

static midge_trainer *make(const char *source, int threads)
{
    midge_trainer *trainer = make_trainer(source, threads, &error);
    if (trainer == NULL) fail_msg("%s: %s", source, error.message);
    return trainer;
}

/* Everything that uses random numbers. */
static midge_fit_options busy_options(void)
{
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 4;
    options.batch = 10;
    options.validation_share = 0.2;
    options.augmentation = (midge_augmentation){.shift_x = 0.1,
                                                .rotate = 5,
                                                .zoom = 0.1,
                                                .flip_y = true,
                                                .brightness = 0.1,
                                                .contrast = 0.1,
                                                .noise = 0.02};
    options.schedule = MIDGE_SCHEDULE_COSINE;
    options.restore_best = true;
    options.quantize_aware = true;
    options.prune_share = 0.5;
    options.prune_epochs = 3;
    options.clusters = 6;
    options.cluster_epochs = 2;
    return options;
}

static void test_threads(void **state)
{
    (void)state;
    static const char *const sources[] = {"dense", "conv", "mobile", "sound", NULL};
    const midge_train_data data = samples_data(&samples, SAMPLES);
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; ++i) {
        uint64_t first = 0;
        for (int threads = 1; threads <= 4; ++threads) {
            midge_trainer *trainer = make(sources[i] != NULL ? sources[i] : small_model, threads);
            midge_fit_options options = busy_options();
            options.epochs = 2;
            uint64_t before = digest_weights(trainer);
            GOOD(midge_trainer_fit(trainer, &data, NULL, &options, &error));
            if (threads == 1) first = digest_weights(trainer);
            assert_true(digest_weights(trainer) == first);
            assert_true(digest_weights(trainer) != before);
            midge_trainer_free(trainer);
        }
    }
}

/* ---- Going on ---- */

typedef struct stopper {
    midge_trainer *trainer;
    int left; /* calls until the stop */
    const char *path;
} stopper;

static bool stop_later(void *context, const midge_fit_progress *progress)
{
    stopper *at = context;
    (void)progress;
    if (--at->left > 0) return true;
    GOOD(midge_trainer_save_state(at->trainer, at->path, &error));
    return false;
}

static void test_resume(void **state)
{
    (void)state;
    char path[] = "/tmp/midge-train-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    (void)close(file);
    const midge_train_data data = samples_data(&samples, SAMPLES);
    midge_fit_options options = busy_options();
    midge_trainer *whole = make(small_model, 2);
    GOOD(midge_trainer_fit(whole, &data, NULL, &options, &error));
    uint64_t want = digest_weights(whole);
    midge_trainer_free(whole);
    /* 4 batches an epoch and the call at its end: 20 calls in all. */
    for (int stop = 1; stop < 20; ++stop) {
        midge_trainer *trainer = make(small_model, 1);
        stopper at = {trainer, stop, path};
        options.progress = stop_later;
        options.context = &at;
        assert_int_equal(midge_trainer_fit(trainer, &data, NULL, &options, &error),
                         MIDGE_CANCELLED);
        midge_trainer_free(trainer);
        trainer = make(small_model, 2);
        options.progress = NULL;
        options.resume = true;
        GOOD(midge_trainer_load_state(trainer, path, &error));
        GOOD(midge_trainer_fit(trainer, &data, NULL, &options, &error));
        if (digest_weights(trainer) != want) fail_msg("stopped at call %d: other bits", stop);
        assert_int_equal(midge_trainer_fit(trainer, &data, NULL, &options, &error),
                         MIDGE_INVALID_ARGUMENT);
        options.resume = false;
        midge_trainer_free(trainer);
    }
    assert_int_equal(unlink(path), 0);
}

/* A program that was killed while it wrote a state leaves PATH.new, and no program leaves more. */
static void test_unfinished_state(void **state)
{
    (void)state;
    char folder[] = "/tmp/midge-train-XXXXXX", path[80], unfinished[80], other[80];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/state", folder);
    (void)snprintf(unfinished, sizeof unfinished, "%s/state.new", folder);
    (void)snprintf(other, sizeof other, "%s/other", folder);
    midge_trainer *trainer = make("dense", 1);
    for (int kind = 0; kind < 3; ++kind) {
        FILE *file = fopen(kind == 2 ? other : unfinished, "wb");
        assert_non_null(file);
        assert_int_equal(fputs("half", file) >= 0, 1);
        assert_int_equal(fclose(file), 0);
        if (kind == 1) assert_int_equal(chmod(unfinished, 0), 0);
        if (kind == 2) assert_int_equal(symlink(other, unfinished), 0);
        GOOD(midge_trainer_save_state(trainer, path, &error));
        GOOD(midge_trainer_load_state(trainer, path, &error));
        assert_int_not_equal(access(unfinished, F_OK), 0);
    }
    /* What a link pointed at is as it was. */
    struct stat status;
    assert_int_equal(stat(other, &status), 0);
    assert_int_equal(status.st_size, 4);
    midge_trainer_free(trainer);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_damaged_state(void **state)
{
    (void)state;
    char path[] = "/tmp/midge-train-XXXXXX";
    assert_int_equal(close(mkstemp(path)), 0);
    midge_trainer *trainer = make("dense", 1);
    GOOD(midge_trainer_save_state(trainer, path, &error));
    GOOD(midge_trainer_load_state(trainer, path, &error));
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 1000, SEEK_SET), 0);
    assert_int_equal(fputc(0x55, file), 0x55);
    assert_int_equal(fclose(file), 0);
    uint64_t before = digest_weights(trainer);
    assert_int_equal(midge_trainer_load_state(trainer, path, &error), MIDGE_INVALID_MODEL);
    for (long size = 0; size < 1000; size += 37) {
        assert_int_equal(truncate(path, size), 0);
        assert_int_not_equal(midge_trainer_load_state(trainer, path, &error), MIDGE_OK);
    }
    assert_true(digest_weights(trainer) == before);
    midge_trainer_free(trainer);
    assert_int_equal(unlink(path), 0);
}

/* ---- What options do ---- */

typedef struct record {
    int epochs;
    double rates[64], losses[64], validation[64], metrics[64];
    double best;
} record;

static bool keep(void *context, const midge_fit_progress *progress)
{
    record *at = context;
    if (!progress->epoch_end || at->epochs >= 64) return true;
    at->rates[at->epochs] = progress->learning_rate;
    at->losses[at->epochs] = progress->loss;
    at->validation[at->epochs] = progress->validation_loss;
    at->metrics[at->epochs] = progress->metrics[0];
    ++at->epochs;
    return true;
}

static record run(midge_trainer *trainer, midge_fit_options *options)
{
    record at = {0};
    const midge_train_data data = samples_data(&samples, SAMPLES);
    options->progress = keep;
    options->context = &at;
    GOOD(midge_trainer_fit(trainer, &data, NULL, options, &error));
    return at;
}

static void test_learns(void **state)
{
    (void)state;
    static const char *const sources[] = {"dense", "conv", NULL};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; ++i) {
        midge_trainer *trainer = make(sources[i] != NULL ? sources[i] : small_model, 2);
        midge_fit_options options = midge_fit_options_default();
        options.epochs = 30;
        options.batch = 8;
        record at = run(trainer, &options);
        assert_int_equal(at.epochs, 30);
        assert_true(at.losses[29] < at.losses[0] / 3);
        assert_true(at.metrics[29] > 0.9);
        midge_trainer_free(trainer);
    }
}

static void test_schedules(void **state)
{
    (void)state;
    midge_trainer *trainer = make("dense", 1);
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 5;
    options.schedule = MIDGE_SCHEDULE_STEP;
    options.schedule_epochs = 2;
    options.schedule_factor = 0.5;
    record at = run(trainer, &options);
    assert_true(fabs(at.rates[0] - 0.001) < 1e-9 && fabs(at.rates[2] - 0.0005) < 1e-9 &&
                fabs(at.rates[4] - 0.00025) < 1e-9);
    options.schedule = MIDGE_SCHEDULE_COSINE;
    options.schedule_least = 0.0001;
    at = run(trainer, &options);
    for (int i = 1; i < at.epochs; ++i) assert_true(at.rates[i] < at.rates[i - 1]);
    assert_true(fabs(at.rates[4] - 0.0001) < 1e-9);
    options.schedule = MIDGE_SCHEDULE_PLATEAU;
    options.schedule_epochs = 1;
    options.least_improvement = 1e9;
    options.schedule_least = 0;
    at = run(trainer, &options);
    assert_true(at.rates[4] < at.rates[1] && at.rates[1] > 0);
    midge_trainer_free(trainer);
}

static void test_early_stop(void **state)
{
    (void)state;
    midge_trainer *trainer = make("dense", 1);
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 50;
    options.patience = 3;
    options.least_improvement = 1e9;
    options.validation_share = 0.25;
    record at = run(trainer, &options);
    /* The first epoch is the best, and three more are waited for. */
    assert_int_equal(at.epochs, 4);
    midge_trainer_free(trainer);
}

/* What is learned is wrong for the validation, so that its first epoch is the best. */
static void test_restores_best(void **state)
{
    (void)state;
    float wrong[SAMPLES];
    record at = {0};
    double loss = 0;
    midge_train_data data = samples_data(&samples, SAMPLES);
    const midge_train_data validation = data;
    for (size_t i = 0; i < SAMPLES; ++i) wrong[i] = (float)(((int)samples.y[i] + 1) % CLASSES);
    data.y = wrong;
    midge_trainer *trainer = make("dense", 1);
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 6;
    options.restore_best = true;
    options.progress = keep;
    options.context = &at;
    GOOD(midge_trainer_fit(trainer, &data, &validation, &options, &error));
    assert_true(at.validation[0] < at.validation[5]);
    GOOD(midge_trainer_evaluate(trainer, &validation, 0, &loss, NULL, &error));
    assert_true(fabs(loss - at.validation[0]) <= 1e-6 * loss);
    midge_trainer_free(trainer);
}

/* A weight of 0 is a class that is not there. */
static void test_class_weights(void **state)
{
    (void)state;
    const double weights[] = {1, 0, 1};
    midge_trainer *trainer = make("dense", 1);
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 60;
    options.class_weight_count = 3;
    options.class_weights = weights;
    (void)run(trainer, &options);
    static float output[SAMPLES * CLASSES];
    GOOD(midge_trainer_predict(trainer, SAMPLES, samples.x, output, &error));
    for (size_t i = 0; i < SAMPLES; ++i) {
        const float *row = output + i * CLASSES;
        assert_true(samples.y[i] != 1 || row[1] < row[0] || row[1] < row[2]);
    }
    options.class_weight_count = 2;
    const midge_train_data data = samples_data(&samples, SAMPLES);
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, &options, &error),
                     MIDGE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "class 2"));
    midge_trainer_free(trainer);
}

static void test_frozen_stays(void **state)
{
    (void)state;
    midge_trainer *trainer = make(small_model, 1);
    midge_trainer_weight kernel, mean, head;
    size_t index = 0;
    float before[36], mean_before[4], head_before;
    assert_true(midge_trainer_find_weight(trainer, "conv", "kernel", &index));
    assert_true(midge_trainer_weight_at(trainer, index, &kernel));
    assert_true(midge_trainer_find_weight(trainer, "norm", "moving_mean", &index));
    assert_true(midge_trainer_weight_at(trainer, index, &mean));
    assert_true(midge_trainer_find_weight(trainer, "head", "kernel", &index));
    assert_true(midge_trainer_weight_at(trainer, index, &head));
    memcpy(before, kernel.values, sizeof before);
    memcpy(mean_before, mean.values, sizeof mean_before);
    head_before = head.values[0];
    GOOD(midge_trainer_set_trained(trainer, "conv", false, &error));
    GOOD(midge_trainer_set_trained(trainer, "norm", false, &error));
    assert_int_equal(midge_trainer_set_trained(trainer, "nobody", false, &error),
                     MIDGE_INVALID_ARGUMENT);
    midge_fit_options options = midge_fit_options_default();
    (void)run(trainer, &options);
    assert_memory_equal(before, kernel.values, sizeof before);
    assert_memory_equal(mean_before, mean.values, sizeof mean_before);
    assert_true(head.values[0] != head_before);
    GOOD(midge_trainer_set_trained(trainer, "head", false, &error));
    const midge_train_data data = samples_data(&samples, SAMPLES);
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, NULL, &error), MIDGE_INVALID_ARGUMENT);
    midge_trainer_free(trainer);
}

static void test_prunes(void **state)
{
    (void)state;
    midge_trainer *trainer = make("conv", 1);
    midge_trainer_weight weight;
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 20;
    options.batch = 8;
    options.prune_share = 0.7;
    record at = run(trainer, &options);
    for (size_t i = 0; midge_trainer_weight_at(trainer, i, &weight); ++i) {
        size_t zeros = 0;
        for (size_t k = 0; k < weight.elements; ++k) zeros += weight.values[k] == 0;
        if (weight.rank >= 2) assert_int_equal(zeros, (size_t)(0.7 * (double)weight.elements));
    }
    assert_true(at.metrics[19] > 0.9);
    options.prune_share = 1;
    const midge_train_data data = samples_data(&samples, SAMPLES);
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, &options, &error),
                     MIDGE_INVALID_ARGUMENT);
    midge_trainer_free(trainer);
}

/* What is learned stays good where it is rounded, and weights stay floats. */
static void test_quantize_aware(void **state)
{
    (void)state;
    midge_trainer *trainer = make(small_model, 1);
    midge_trainer_weight weight;
    size_t index = 0;
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 30;
    options.batch = 8;
    options.quantize_aware = true;
    record at = run(trainer, &options);
    assert_true(at.metrics[29] > 0.9);
    assert_true(midge_trainer_find_weight(trainer, "head", "kernel", &index));
    assert_true(midge_trainer_weight_at(trainer, index, &weight));
    float most = 0;
    for (size_t k = 0; k < weight.elements; k += CLASSES)
        most = fmaxf(most, fabsf(weight.values[k]));
    size_t between = 0;
    for (size_t k = 0; k < weight.elements; k += CLASSES) {
        float steps = weight.values[k] / (most / 127);
        between += fabsf(steps - rintf(steps)) > 0.01f;
    }
    assert_true(between > 100);
    midge_trainer_free(trainer);
}

/* Dropout inside a recurrent layer leaves the same features out of all steps, as a layer for that
 * does before it. */
static void test_drops_features(void **state)
{
    (void)state;
    static const char model[] =
        "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": ["
        "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"in\", \"batch_shape\": "
        "[null, %d, %d]}}, %s"
        "{\"class_name\": \"%s\", \"config\": {\"name\": \"cell\", \"units\": 6, \"dropout\": "
        "%s}},"
        "{\"class_name\": \"Dense\", \"config\": {\"name\": \"head\", \"units\": %d}}]}}";
    static const char layer[] = "{\"class_name\": \"SpatialDropout1D\", \"config\": {\"name\": "
                                "\"drop\", \"rate\": 0.5}},";
    static const char *const cells[] = {"LSTM", "GRU"};
    for (size_t i = 0; i < 2; ++i) {
        uint64_t bits[3];
        for (int kind = 0; kind < 3; ++kind) {
            char text[1000];
            (void)snprintf(text, sizeof text, model, SIDE, SIDE, kind == 1 ? layer : "", cells[i],
                           kind == 0 ? "0.5" : "0", CLASSES);
            midge_trainer *trainer = make(text, 1);
            midge_fit_options options = midge_fit_options_default();
            (void)run(trainer, &options);
            bits[kind] = digest_weights(trainer);
            midge_trainer_free(trainer);
        }
        assert_true(bits[0] == bits[1]);
        assert_true(bits[0] != bits[2]);
    }
}

/* ---- Files ---- */

static void check_file(const char *ending)
{
    char folder[] = "/tmp/midge-train-XXXXXX", path[80];
    static float want[SAMPLES * CLASSES], got[SAMPLES * CLASSES];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/model%s", folder, ending);
    midge_trainer *trainer = make(small_model, 1), *again = NULL;
    midge_fit_options options = midge_fit_options_default();
    (void)run(trainer, &options);
    GOOD(midge_trainer_predict(trainer, SAMPLES, samples.x, want, &error));
    GOOD(midge_trainer_save(trainer, path, &error));
    GOOD(midge_trainer_create(path, NULL, &again, &error));
    GOOD(midge_trainer_predict(again, SAMPLES, samples.x, got, &error));
    assert_memory_equal(want, got, sizeof want);
    midge_compile_options compiled = midge_trainer_compiled(again);
    assert_string_equal(compiled.optimizer, "adam");
    assert_string_equal(compiled.loss, "sparse_categorical_crossentropy");
    assert_int_equal(compiled.metric_count, 1);
    midge_trainer_free(again);
    /* Other classes: all but the head is as it was. */
    midge_trainer_options other = midge_trainer_options_default();
    other.classes = 5;
    other.freeze_all_but_last = true;
    GOOD(midge_trainer_create(path, &other, &again, &error));
    midge_trainer_info info = midge_trainer_describe(again);
    assert_int_equal(info.output_elements, 5);
    assert_int_equal(info.trained_parameters, 144 * 5 + 5);
    GOOD(midge_trainer_save(again, path, &error));
    midge_trainer_free(again);
    midge_trainer_free(trainer);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_files(void **state)
{
    (void)state;
    check_file(".keras");
    check_file(".h5");
}

/* The .tflite gives what the trainer predicts. */
static void test_converts(void **state)
{
    (void)state;
    static const char *const sources[] = {"dense", "conv", "mobile", "sound", NULL};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; ++i) {
        midge_trainer *trainer = make(sources[i] != NULL ? sources[i] : small_model, 1);
        midge_fit_options options = midge_fit_options_default();
        midge_model *model = NULL;
        midge_session *session = NULL;
        void *bytes = NULL;
        size_t size = 0;
        float want[CLASSES];
        (void)run(trainer, &options);
        GOOD(midge_trainer_predict(trainer, 1, samples.x, want, &error));
        GOOD(midge_trainer_convert(trainer, NULL, &bytes, &size, &error));
        GOOD(midge_model_load_memory(bytes, size, NULL, &model, &error));
        GOOD(midge_session_create(model, NULL, &session, &error));
        midge_tensor *input = midge_session_input(session, 0);
        memcpy(midge_tensor_data(input), samples.x, midge_tensor_bytes(input));
        assert_int_equal(midge_session_invoke(session), MIDGE_OK);
        const float *got = midge_tensor_data(midge_session_output(session, 0));
        for (size_t k = 0; k < CLASSES; ++k)
            assert_true(fabsf(got[k] - want[k]) <= 1e-4f * (1 + fabsf(want[k])));
        midge_session_free(session);
        midge_model_free(model);
        midge_convert_free(NULL, bytes);
        midge_trainer_free(trainer);
    }
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
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_unfinished_state),
        cmocka_unit_test(test_damaged_state),
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_early_stop),
        cmocka_unit_test(test_restores_best),
        cmocka_unit_test(test_class_weights),
        cmocka_unit_test(test_frozen_stays),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_converts),
        cmocka_unit_test(test_prunes),
        cmocka_unit_test(test_drops_features),
        cmocka_unit_test(test_quantize_aware),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
