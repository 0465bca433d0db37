/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong: memory that is refused at every allocation, configurations that nobody sane
 * wrote, data that does not fit. Each is an error with a reason, and nothing is left behind. */
#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "train_samples.h"
#include "unit/counting_allocator.h"

static train_samples samples;

static int begin(void **state)
{
    (void)state;
    make_samples(&samples);
    return 0;
}

/* ---- Memory ---- */

static midge_status live(const midge_allocator *allocator, midge_error *error)
{
    midge_trainer *trainer = NULL;
    midge_trainer_options options = midge_trainer_options_default();
    const midge_train_data data = samples_data(&samples, SAMPLES);
    midge_fit_options fit = midge_fit_options_default();
    void *bytes = NULL;
    size_t size = 0;
    float output[CLASSES];
    const char *json = NULL;
    options.allocator = allocator;
    fit.validation_share = 0.2;
    fit.restore_best = true;
    midge_status status = midge_trainer_create(small_model, &options, &trainer, error);
    if (status == MIDGE_OK) status = midge_trainer_fit(trainer, &data, NULL, &fit, error);
    if (status == MIDGE_OK) status = midge_trainer_predict(trainer, 1, samples.x, output, error);
    if (status == MIDGE_OK) status = midge_trainer_json(trainer, &json, error);
    midge_convert_options convert = {.size = sizeof convert, .allocator = allocator};
    if (status == MIDGE_OK) status = midge_trainer_convert(trainer, &convert, &bytes, &size, error);
    midge_convert_free(allocator, bytes);
    midge_trainer_free(trainer);
    return status;
}

static void test_memory(void **state)
{
    (void)state;
    size_t n = 0;
    for (midge_status status = MIDGE_NO_MEMORY; status != MIDGE_OK; ++n) {
        counting_allocator counter = {.refuse_from = n, .refuse_count = 1};
        const midge_allocator allocator = {&counter, counting_allocate, counting_release};
        midge_error error = {MIDGE_OK, ""};
        status = live(&allocator, &error);
        if (status != MIDGE_OK && status != MIDGE_NO_MEMORY)
            fail_msg("allocation %zu: status %d: %s", n, (int)status, error.message);
        assert_true(status == MIDGE_OK || error.message[0] != '\0');
        assert_int_equal(counter.live, 0);
        assert_true(n < 5000);
    }
    assert_true(n > 50);
}

/* ---- Configurations ---- */

static void refused(const char *text, const char *reason)
{
    midge_trainer *trainer = NULL;
    midge_error error = {MIDGE_OK, ""};
    midge_status status = midge_trainer_create(text, NULL, &trainer, &error);
    if (status == MIDGE_OK) fail_msg("taken: %s", text);
    if (strstr(error.message, reason) == NULL)
        fail_msg("%s: says '%s', not '%s'", text, error.message, reason);
    assert_null(trainer);
}

#define MODEL(layers)                                                                          \
    "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": ["             \
    "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"in\", \"batch_shape\": [null, " \
    "8, 8, 3]}}, " layers "]}}"
#define LAYER(class_name, config) \
    "{\"class_name\": \"" class_name "\", \"config\": {\"name\": \"x\", " config "}}"

static void test_configurations(void **state)
{
    (void)state;
    refused("", "");
    refused("nobody.keras", "nobody.keras");
    refused("{", "no JSON");
    refused("{}", "class");
    refused("{\"class_name\": \"Sequential\", \"config\": {\"layers\": []}}", "0 layers");
    refused("{\"class_name\": \"Sequential\", \"config\": 7}", "layers");
    refused("{\"class_name\": \"Mine\", \"config\": {}}", "Mine");
    refused(MODEL(LAYER("Lambda", "\"a\": 1")), "'x' (Lambda)");
    refused(MODEL(LAYER("Conv3D", "\"filters\": 1")), "'x' (Conv3D)");
    refused(MODEL(LAYER("Dense", "\"a\": 1")), "units");
    refused(MODEL(LAYER("Dense", "\"units\": -3")), "units");
    refused(MODEL(LAYER("Dense", "\"units\": 2147483647")), "elements");
    refused(MODEL(LAYER("Dense", "\"units\": \"many\"")), "units");
    refused(MODEL(LAYER("Dense", "\"units\": 2, \"activation\": \"magic\"")), "magic");
    refused(MODEL(LAYER("Dense", "\"units\": 2, \"kernel_initializer\": \"magic\"")), "magic");
    refused(MODEL(LAYER("Dense", "\"units\": 2, \"kernel_regularizer\": \"magic\"")), "magic");
    refused(MODEL(LAYER("Dense", "\"units\": 2, \"kernel_constraint\": \"max_norm\"")),
            "constraint");
    refused(MODEL(LAYER("Conv2D", "\"filters\": 2, \"kernel_size\": [9, 9]")), "larger");
    refused(MODEL(LAYER("Conv2D", "\"filters\": 2, \"kernel_size\": [0, 1]")), "kernel_size");
    refused(MODEL(LAYER("Conv2D", "\"filters\": 2, \"kernel_size\": [3]")), "kernel_size");
    refused(
        MODEL(LAYER("Conv2D", "\"filters\": 2, \"kernel_size\": 3, \"dilation_rate\": 2147483647")),
        "kernel_size");
    refused(MODEL(LAYER("Conv2D", "\"filters\": 2, \"kernel_size\": 3, \"groups\": 2")), "groups");
    refused(MODEL(LAYER("Conv2D", "\"filters\": 2, \"kernel_size\": 3, \"data_format\": "
                                  "\"channels_first\"")),
            "channels_first");
    refused(MODEL(LAYER("Conv1D", "\"filters\": 2, \"kernel_size\": 3")), "dimensions");
    refused(MODEL(LAYER("LSTM", "\"units\": 2")), "dimensions");
    refused(MODEL(LAYER("MaxPooling2D", "\"pool_size\": [2, -1]")), "pool_size");
    refused(MODEL(LAYER("Reshape", "\"target_shape\": [5, 5]")), "target_shape");
    refused(MODEL(LAYER("Reshape", "\"target_shape\": [-1, -1]")), "target_shape");
    refused(MODEL(LAYER("ZeroPadding2D", "\"padding\": [-1, 1]")), "padding");
    refused(MODEL(LAYER("Dropout", "\"rate\": 1")), "rate");
    refused(MODEL(LAYER("Add", "\"a\": 1")), "two inputs");
    refused(MODEL(LAYER("BatchNormalization", "\"axis\": 1")), "axis");
    refused(MODEL(LAYER("Embedding", "\"input_dim\": 0, \"output_dim\": 3")), "input_dim");
    refused("{\"class_name\": \"Sequential\", \"config\": {\"layers\": ["
            "{\"class_name\": \"Dense\", \"config\": {\"units\": 3}}]}}",
            "shape");
    refused("{\"class_name\": \"Sequential\", \"config\": {\"layers\": [{\"class_name\": "
            "\"InputLayer\", \"config\": {\"batch_shape\": [null, null]}}, {\"class_name\": "
            "\"Dense\", \"config\": {\"units\": 3}}]}}",
            "dimension 1");
}

/* Every cut of a configuration, and every byte of it changed, is refused or makes a trainer. */
static void test_bytes(void **state)
{
    (void)state;
    size_t length = strlen(small_model), made = 0;
    char text[2000];
    assert_true(length < sizeof text);
    for (size_t i = 0; i < 2 * length; ++i) {
        midge_trainer *trainer = NULL;
        midge_error error = {MIDGE_OK, ""};
        memcpy(text, small_model, length + 1);
        if (i < length)
            text[i] = '\0';
        else
            text[i - length] = (char)(text[i - length] ^ (i % 7 == 0 ? 1 : 4));
        if (text[0] != '{') continue; /* else it is a path */
        if (midge_trainer_create(text, NULL, &trainer, &error) == MIDGE_OK)
            ++made;
        else
            assert_true(error.message[0] != '\0');
        midge_trainer_free(trainer);
    }
    assert_true(made > 0 && made < length);
}

/* ---- Data ---- */

static void test_data(void **state)
{
    (void)state;
    midge_trainer *trainer = NULL;
    midge_error error = {MIDGE_OK, ""};
    train_samples bad = samples;
    midge_train_data data = samples_data(&bad, SAMPLES);
    assert_int_equal(midge_trainer_create(small_model, NULL, &trainer, &error), MIDGE_OK);
    bad.y[17] = 3;
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, NULL, &error), MIDGE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "sample 17"));
    bad.y[17] = 1.5f;
    assert_int_equal(midge_trainer_evaluate(trainer, &data, 8, NULL, NULL, &error),
                     MIDGE_INVALID_ARGUMENT);
    bad.y[17] = 1;
    bad.x[23 * SIDE * SIDE + 5] = 0.0f / (bad.y[17] - 1.0f);
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, NULL, &error), MIDGE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "sample 23"));
    data.count = 0;
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, NULL, &error), MIDGE_INVALID_ARGUMENT);
    data = (midge_train_data){.size = sizeof data, .count = 5};
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, NULL, &error), MIDGE_INVALID_ARGUMENT);
    midge_trainer_free(trainer);
}

static void test_compile(void **state)
{
    (void)state;
    midge_trainer *trainer = NULL;
    midge_error error = {MIDGE_OK, ""};
    const char *metrics[] = {"accuracy", "nothing"};
    assert_int_equal(midge_trainer_create("dense", NULL, &trainer, &error), MIDGE_OK);
    midge_compile_options options = midge_compile_options_default("sgd");
    options.loss = "magic";
    assert_int_equal(midge_trainer_compile(trainer, &options, &error), MIDGE_UNSUPPORTED);
    options.loss = NULL;
    options.optimizer = "magic";
    assert_int_equal(midge_trainer_compile(trainer, &options, &error), MIDGE_UNSUPPORTED);
    options.optimizer = "sgd";
    options.learning_rate = -1;
    assert_int_equal(midge_trainer_compile(trainer, &options, &error), MIDGE_INVALID_ARGUMENT);
    options.learning_rate = 0.1;
    options.clip_norm = options.clip_value = 1;
    assert_int_equal(midge_trainer_compile(trainer, &options, &error), MIDGE_INVALID_ARGUMENT);
    options.clip_norm = 0;
    options.metrics = metrics;
    options.metric_count = 2;
    assert_int_equal(midge_trainer_compile(trainer, &options, &error), MIDGE_UNSUPPORTED);
    assert_non_null(strstr(error.message, "nothing"));
    options.metric_count = 1;
    assert_int_equal(midge_trainer_compile(trainer, &options, &error), MIDGE_OK);
    assert_string_equal(midge_trainer_metric_name(trainer, 0), "accuracy");
    assert_null(midge_trainer_metric_name(trainer, 1));
    midge_trainer_free(trainer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),  cmocka_unit_test(test_configurations),
        cmocka_unit_test(test_bytes),   cmocka_unit_test(test_data),
        cmocka_unit_test(test_compile),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
