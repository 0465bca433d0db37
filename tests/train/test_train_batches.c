/* SPDX-License-Identifier: Apache-2.0 */
/* How batches are computed must not show: samples of bytes learn as floats do, weights that take
 * the optimiser's step in pieces as those that wait for all gradients, and deep products, summed in
 * parts, give what plain loops give. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "train_samples.h"

enum { WIDE = 29, DEEP = WIDE * WIDE, COUNT = 37, NAMED = 4 }; /* odd, to have remainders */

static midge_error error;
static unsigned char bytes[COUNT * DEEP];
static float byte_values[256], x[COUNT * DEEP], y[COUNT];

static midge_trainer *make(const char *source, int threads)
{
    midge_trainer *trainer = NULL;
    midge_trainer_options options = midge_trainer_options_default();
    const int32_t shape[] = {WIDE, WIDE};
    options.threads = threads;
    options.seed = 5;
    options.input_rank = 2;
    options.input_shape = shape;
    options.classes = NAMED;
    GOOD(midge_trainer_create(source, &options, &trainer, &error));
    return trainer;
}

static const unsigned char *find(void *context, size_t index)
{
    (void)context;
    return bytes + index * DEEP;
}

static midge_status give_target(void *context, size_t index, float *to_x, float *to_y,
                                midge_error *reason)
{
    (void)context;
    (void)reason;
    assert_null(to_x);
    to_y[0] = y[index];
    return MIDGE_OK;
}

static midge_train_data floats(void)
{
    return (midge_train_data){.size = sizeof(midge_train_data), .count = COUNT, .x = x, .y = y};
}

static midge_train_data pixels(void)
{
    return (midge_train_data){.size = sizeof(midge_train_data),
                              .count = COUNT,
                              .sample = give_target,
                              .bytes = find,
                              .byte_values = byte_values};
}

static uint64_t fitted(const char *source, int threads, const midge_train_data *data,
                       const midge_compile_options *how, midge_fit_options options)
{
    midge_trainer *trainer = make(source, threads);
    options.batch = 16;
    options.validation_share = 0.2;
    if (how != NULL) GOOD(midge_trainer_compile(trainer, how, &error));
    GOOD(midge_trainer_fit(trainer, data, NULL, &options, &error));
    double loss = 0;
    GOOD(midge_trainer_evaluate(trainer, data, 0, &loss, NULL, &error));
    assert_true(isfinite(loss));
    uint64_t found = digest_weights(trainer);
    midge_trainer_free(trainer);
    return found;
}

static void test_bytes(void **state)
{
    (void)state;
    static const char *const sources[] = {"dense", "conv"};
    const midge_train_data numbers = floats(), others = pixels();
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 2;
    for (int augmented = 0; augmented < 2; ++augmented) {
        options.augmentation.shift_x = 0.1 * augmented;
        for (size_t i = 0; i < 2; ++i)
            for (int threads = 1; threads <= 3; ++threads)
                assert_true(fitted(sources[i], threads, &numbers, NULL, options) ==
                            fitted(sources[i], threads, &others, NULL, options));
    }
}

static void test_bytes_need_values(void **state)
{
    (void)state;
    midge_trainer *trainer = make("dense", 1);
    midge_train_data data = pixels();
    data.byte_values = NULL;
    assert_int_equal(midge_trainer_fit(trainer, &data, NULL, NULL, &error), MIDGE_INVALID_ARGUMENT);
    midge_trainer_free(trainer);
}

/* Gradients that are clipped at a value which none reaches are the same, but the step waits. */
static void test_steps_in_pieces(void **state)
{
    (void)state;
    static const char *const optimizers[] = {"sgd", "adam", "adamw", "rmsprop"};
    const midge_train_data data = floats();
    midge_fit_options options = midge_fit_options_default();
    options.epochs = 2;
    for (size_t i = 0; i < sizeof optimizers / sizeof optimizers[0]; ++i) {
        midge_compile_options how = midge_compile_options_default(optimizers[i]);
        how.loss = "sparse_categorical_crossentropy";
        how.from_logits = true;
        const uint64_t found = fitted("dense", 2, &data, &how, options);
        how.clip_value = 1e30;
        assert_true(fitted("dense", 2, &data, &how, options) == found);
    }
}

static void test_deep_products(void **state)
{
    (void)state;
    midge_trainer *trainer = make("dense", 2);
    midge_trainer_weight kernel, bias, last, last_bias;
    float found[COUNT * NAMED];
    assert_true(midge_trainer_weight_at(trainer, 0, &kernel));
    assert_true(midge_trainer_weight_at(trainer, 1, &bias));
    assert_true(midge_trainer_weight_at(trainer, 2, &last));
    assert_true(midge_trainer_weight_at(trainer, 3, &last_bias));
    GOOD(midge_trainer_predict(trainer, COUNT, x, found, &error));
    for (size_t s = 0; s < COUNT; ++s) {
        double wanted[NAMED] = {0};
        for (size_t c = 0; c < NAMED; ++c) wanted[c] = (double)last_bias.values[c];
        for (size_t u = 0; u < bias.elements; ++u) {
            double sum = (double)bias.values[u];
            for (size_t d = 0; d < DEEP; ++d)
                sum += (double)x[s * DEEP + d] * (double)kernel.values[d * bias.elements + u];
            for (size_t c = 0; sum > 0 && c < NAMED; ++c)
                wanted[c] += sum * (double)last.values[u * NAMED + c];
        }
        for (size_t c = 0; c < NAMED; ++c)
            assert_true(fabs((double)found[s * NAMED + c] - wanted[c]) <= 2e-6);
    }
    midge_trainer_free(trainer);
}

static int begin(void **state)
{
    (void)state;
    uint32_t random = 777;
    for (size_t i = 0; i < COUNT * DEEP; ++i) {
        random = random * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(random >> 24);
    }
    for (size_t i = 0; i < 256; ++i) byte_values[i] = (float)i / 255.0f - 0.5f;
    for (size_t i = 0; i < COUNT * DEEP; ++i) x[i] = byte_values[bytes[i]];
    for (size_t i = 0; i < COUNT; ++i) y[i] = (float)(i % NAMED);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_bytes_need_values),
        cmocka_unit_test(test_steps_in_pieces),
        cmocka_unit_test(test_deep_products),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
