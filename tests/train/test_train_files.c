/* SPDX-License-Identifier: Apache-2.0 */
/* Models with their optimiser in Keras' files: who loads one goes on with the same bits. Schedules
 * of the learning rate: what is taken, what is refused. */
#define _XOPEN_SOURCE 700
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
#include "unit/counting_allocator.h"

enum { BATCH = 11, STEPS = 3 };
static train_samples samples;
static midge_error error;
static char folder[] = "/tmp/midge-train-XXXXXX";

static int begin(void **state)
{
    (void)state;
    make_samples(&samples);
    return mkdtemp(folder) == NULL;
}

static int end(void **state)
{
    (void)state;
    return rmdir(folder);
}

static midge_trainer *make(const char *source)
{
    midge_trainer *trainer = NULL;
    midge_trainer_options options = midge_trainer_options_default();
    options.seed = 7;
    options.threads = 2;
    GOOD(midge_trainer_create(source, &options, &trainer, &error));
    return trainer;
}

static void step(midge_trainer *trainer, int count)
{
    for (int i = 0; i < count; ++i) {
        size_t first = (size_t)i % (SAMPLES / BATCH) * BATCH;
        GOOD(midge_trainer_train_on_batch(trainer, BATCH, samples.x + first * SIDE * SIDE,
                                          samples.y + first, NULL, NULL, NULL, &error));
    }
}

static void assert_alike(const midge_trainer *one, const midge_trainer *other)
{
    midge_trainer_weight a, b;
    for (size_t i = 0; midge_trainer_weight_at(one, i, &a); ++i) {
        assert_true(midge_trainer_weight_at(other, i, &b));
        assert_memory_equal(a.values, b.values, a.elements * sizeof(float));
    }
}

static void goes_on(const midge_compile_options *options, const char *ending)
{
    char path[80];
    (void)snprintf(path, sizeof path, "%s/model%s", folder, ending);
    midge_trainer *trainer = make(small_model);
    GOOD(midge_trainer_compile(trainer, options, &error));
    step(trainer, STEPS);
    GOOD(midge_trainer_save(trainer, path, &error));
    midge_trainer *again = make(path);
    assert_int_equal(midge_trainer_describe(again).steps, STEPS);
    assert_true((midge_trainer_compiled(again).learning_rate_schedule != NULL) ==
                (options->learning_rate_schedule != NULL));
    step(trainer, STEPS);
    step(again, STEPS);
    assert_alike(trainer, again);
    midge_trainer_free(again);
    midge_trainer_free(trainer);
    assert_int_equal(unlink(path), 0);
}

static void test_optimizers_go_on(void **state)
{
    static const char *const names[] = {"sgd", "adam", "adamw", "rmsprop"};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; ++i)
        for (int more = 0; more < 2; ++more) {
            midge_compile_options options = midge_compile_options_default(names[i / 2]);
            options.learning_rate = 0.0123;
            options.momentum = more ? 0.9 : 0;
            options.amsgrad = options.centered = more;
            options.learning_rate_schedule =
                more ? "{\"class_name\": \"ExponentialDecay\", \"config\": {"
                       "\"initial_learning_rate\": 0.02, \"decay_steps\": 2, \"decay_rate\": 0.5}}"
                     : NULL;
            goes_on(&options, i % 2 == 0 ? ".keras" : ".h5");
        }
}

/* A rate that was set is in the file; what the optimiser lacks, or has of another layer, is not
 * taken. */
static void test_begins_anew(void **state)
{
    char path[80];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/model.keras", folder);
    midge_trainer *trainer = make(small_model), *other = NULL;
    step(trainer, STEPS);
    GOOD(midge_trainer_set_learning_rate(trainer, 0.25, &error));
    GOOD(midge_trainer_save(trainer, path, &error));
    midge_trainer_free(trainer);
    trainer = make(path);
    assert_true(midge_trainer_compiled(trainer).learning_rate == 0.25);
    midge_trainer_free(trainer);
    midge_trainer_options options = midge_trainer_options_default();
    options.classes = 2;
    GOOD(midge_trainer_create(path, &options, &other, &error));
    assert_int_equal(midge_trainer_describe(other).steps, 0);
    midge_trainer_free(other);
    options.classes = 0;
    options.freeze_all_but_last = true;
    GOOD(midge_trainer_create(path, &options, &other, &error));
    assert_int_equal(midge_trainer_describe(other).steps, STEPS);
    step(other, STEPS);
    GOOD(midge_trainer_save(other, path, &error));
    midge_trainer_free(other);
    other = make(path);
    assert_int_equal(midge_trainer_describe(other).steps, 2 * STEPS);
    midge_trainer_free(other);
    assert_int_equal(unlink(path), 0);
}

/* ---- Schedules ---- */

static void refused(const char *schedule, const char *reason)
{
    midge_trainer *trainer = make(small_model);
    midge_compile_options options = midge_compile_options_default("sgd");
    options.learning_rate_schedule = schedule;
    if (midge_trainer_compile(trainer, &options, &error) == MIDGE_OK) fail_msg("%s", schedule);
    if (strstr(error.message, reason) == NULL) fail_msg("%s: %s", schedule, error.message);
    assert_null(midge_trainer_compiled(trainer).learning_rate_schedule);
    step(trainer, 1);
    midge_trainer_free(trainer);
}

static void test_schedules_refused(void **state)
{
    (void)state;
    refused("", "no JSON");
    refused("[", "no JSON");
    refused("{}", "schedule ''");
    refused("{\"class_name\": \"Mine\", \"config\": {}}", "'Mine'");
    refused("{\"class_name\": \"CosineDecay\"}", "CosineDecay");
    refused("{\"class_name\": \"CosineDecay\", \"config\": {\"initial_learning_rate\": 1}}",
            "decay_steps");
    refused("{\"class_name\": \"CosineDecay\", \"config\": {\"decay_steps\": 0}}", "decay_steps");
    refused("{\"class_name\": \"PolynomialDecay\", \"config\": {\"decay_steps\": 5, "
            "\"initial_learning_rate\": -1}}",
            "initial_learning_rate");
    refused("{\"class_name\": \"ExponentialDecay\", \"config\": {\"decay_steps\": 5, "
            "\"initial_learning_rate\": 1, \"decay_rate\": \"x\"}}",
            "decay_rate");
    refused("{\"class_name\": \"PiecewiseConstantDecay\", \"config\": {\"boundaries\": [1], "
            "\"values\": [1]}}",
            "one value more");
    refused("{\"class_name\": \"PiecewiseConstantDecay\", \"config\": {\"boundaries\": [2, 1], "
            "\"values\": [1, 2, 3]}}",
            "boundary");
}

static void test_schedule_rules(void **state)
{
    (void)state;
    midge_trainer *trainer = make(small_model);
    midge_compile_options options = midge_compile_options_default("adam");
    options.learning_rate_schedule = "{\"class_name\": \"PiecewiseConstantDecay\", \"config\": "
                                     "{\"boundaries\": [1, 2], \"values\": [0.5, 0.25, 0.125]}}";
    GOOD(midge_trainer_compile(trainer, &options, &error));
    assert_int_equal(midge_trainer_set_learning_rate(trainer, 1, &error), MIDGE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "schedule"));
    const midge_train_data data = samples_data(&samples, SAMPLES);
    midge_fit_options fit = midge_fit_options_default();
    fit.schedule = MIDGE_SCHEDULE_COSINE;
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, &fit, &error), MIDGE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "schedule"));
    /* What the trainer shows may be given back to it. */
    options = midge_trainer_compiled(trainer);
    GOOD(midge_trainer_compile(trainer, &options, &error));
    assert_non_null(strstr(midge_trainer_compiled(trainer).learning_rate_schedule, "0.125"));
    options = midge_trainer_compiled(trainer);
    options.learning_rate_schedule = NULL;
    GOOD(midge_trainer_compile(trainer, &options, &error));
    GOOD(midge_trainer_set_learning_rate(trainer, 1, &error));
    midge_trainer_free(trainer);
}

/* ---- Memory ---- */

static midge_status live(const midge_allocator *allocator, const char *path)
{
    midge_trainer *trainer = NULL;
    midge_trainer_options options = midge_trainer_options_default();
    options.allocator = allocator;
    midge_status status = midge_trainer_create(path, &options, &trainer, &error);
    if (status == MIDGE_OK) {
        midge_compile_options compile = midge_trainer_compiled(trainer);
        status = midge_trainer_save(trainer, path, &error);
        if (status == MIDGE_OK) status = midge_trainer_compile(trainer, &compile, &error);
    }
    midge_trainer_free(trainer);
    return status;
}

static void test_memory(void **state)
{
    char path[80];
    (void)state;
    for (int legacy = 0; legacy < 2; ++legacy) {
        (void)snprintf(path, sizeof path, "%s/model.%s", folder, legacy ? "h5" : "keras");
        midge_trainer *trainer = make(small_model);
        midge_compile_options options = midge_compile_options_default("adam");
        options.learning_rate_schedule =
            "{\"class_name\": \"CosineDecay\", \"config\": {\"initial_learning_rate\": 0.5, "
            "\"decay_steps\": 5}}";
        GOOD(midge_trainer_compile(trainer, &options, &error));
        step(trainer, 1);
        GOOD(midge_trainer_save(trainer, path, &error));
        midge_trainer_free(trainer);
        midge_status status = MIDGE_NO_MEMORY;
        for (size_t n = 0; status != MIDGE_OK; ++n) {
            counting_allocator counter = {.refuse_from = n, .refuse_count = 1};
            const midge_allocator allocator = {&counter, counting_allocate, counting_release};
            status = live(&allocator, path);
            if (status != MIDGE_OK && status != MIDGE_NO_MEMORY)
                fail_msg("allocation %zu: status %d: %s", n, (int)status, error.message);
            assert_int_equal(counter.live, 0);
            assert_true(n < 5000);
        }
        trainer = make(path);
        assert_int_equal(midge_trainer_describe(trainer).steps, 1);
        midge_trainer_free(trainer);
        assert_int_equal(unlink(path), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_optimizers_go_on),
        cmocka_unit_test(test_begins_anew),
        cmocka_unit_test(test_schedules_refused),
        cmocka_unit_test(test_schedule_rules),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
