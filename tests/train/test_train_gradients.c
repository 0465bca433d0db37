/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of every layer class against central differences of the loss in training mode. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "train/train_fit.h"

enum { BATCH = 5, MOST_X = 200, MOST_Y = 150 };

#define PART(class_name, config) "{\"class_name\": \"" class_name "\", \"config\": {" config "}}"
#define DENSE(units) PART("Dense", "\"name\": \"before\", \"units\": " #units)

/* Layers of a sequence behind a first one, whose weights feel the gradients that are passed on. */
typedef struct gradient_case {
    const char *shape; /* of a sample */
    const char *layers;
    const char *loss; /* NULL: mean_squared_error */
    const char *more; /* of the configuration of the loss */
} gradient_case;

static const gradient_case cases[] = {
    {"6", DENSE(4), NULL, ""},
    {"3, 4",
     DENSE(5) "," PART("Flatten", "\"name\": \"f\"") "," PART(
         "Dense", "\"name\": \"d\", \"units\": 3, \"activation\": \"tanh\""),
     NULL, ""},
    {"5, 6, 2",
     PART("Conv2D", "\"name\": \"before\", \"filters\": 3, \"kernel_size\": [2, 3], \"padding\": "
                    "\"same\"") "," PART("Conv2D", "\"name\": \"c\", \"filters\": 2, "
                                                   "\"kernel_size\": [3, 2], \"strides\": [2, 1]"),
     NULL, ""},
    {"7, 7, 1",
     PART("Conv2D", "\"name\": \"before\", \"filters\": 2, \"kernel_size\": [1, 1]") "," PART(
         "Conv2D", "\"name\": \"c\", \"filters\": 2, \"kernel_size\": [3, 3], \"dilation_rate\": "
                   "[2, 2], \"padding\": \"same\""),
     NULL, ""},
    {"8, 3",
     PART("Conv1D", "\"name\": \"before\", \"filters\": 3, \"kernel_size\": [3], \"padding\": "
                    "\"causal\"") "," PART("SeparableConv1D",
                                           "\"name\": \"c\", \"filters\": 2, \"kernel_size\": [3]"),
     NULL, ""},
    {"5, 5, 2",
     PART("Conv2D", "\"name\": \"before\", \"filters\": 2, \"kernel_size\": [2, 2]") "," PART(
         "DepthwiseConv2D", "\"name\": \"c\", \"depth_multiplier\": 2, \"kernel_size\": [3, 3], "
                            "\"padding\": \"same\""),
     NULL, ""},
    {"5, 5, 3",
     PART("Conv2D", "\"name\": \"before\", \"filters\": 3, \"kernel_size\": [1, 1]") "," PART(
         "DepthwiseConv2D", "\"name\": \"c\", \"kernel_size\": [2, 2], \"strides\": [2, 2]"),
     NULL, ""},
    {"5, 5, 2",
     PART("Conv2D", "\"name\": \"before\", \"filters\": 2, \"kernel_size\": [2, 2]") "," PART(
         "SeparableConv2D", "\"name\": \"c\", \"filters\": 3, \"kernel_size\": [2, 2]"),
     NULL, ""},
    {"6, 6, 1",
     PART("Conv2D", "\"name\": \"before\", \"filters\": 2, \"kernel_size\": [1, 1]") "," PART(
         "AveragePooling2D",
         "\"name\": \"p\", \"pool_size\": [3, 2], \"strides\": [2, 2], \"padding\": \"same\""),
     NULL, ""},
    {"6, 6, 1",
     PART("Conv2D", "\"name\": \"before\", \"filters\": 2, \"kernel_size\": [2, 2]") "," PART(
         "MaxPooling2D", "\"name\": \"p\", \"pool_size\": [2, 2]"),
     NULL, ""},
    {"6, 2", DENSE(3) "," PART("GlobalAveragePooling1D", "\"name\": \"p\""), NULL, ""},
    {"4, 4, 2", DENSE(3) "," PART("GlobalMaxPooling2D", "\"name\": \"p\", \"keepdims\": true"),
     NULL, ""},
    {"3, 3, 2",
     DENSE(3) "," PART("BatchNormalization", "\"name\": \"n\"") "," PART(
         "Activation", "\"name\": \"a\", \"activation\": \"tanh\""),
     NULL, ""},
    {"4, 2",
     DENSE(5) "," PART("LayerNormalization",
                       "\"name\": \"n\"") "," PART("Dense", "\"name\": \"d\", \"units\": 2"),
     NULL, ""},
    {"6",
     DENSE(8) "," PART("Dropout", "\"name\": \"d\", \"rate\": 0.4") "," PART(
         "Rescaling", "\"name\": \"r\", \"scale\": 0.5, \"offset\": 1"),
     NULL, ""},
    {"3, 4",
     DENSE(4) "," PART("SpatialDropout1D", "\"name\": \"d\", \"rate\": 0.4") "," PART(
         "Reshape", "\"name\": \"r\", \"target_shape\": [2, -1]"),
     NULL, ""},
    {"3, 3, 2",
     DENSE(2) "," PART("ZeroPadding2D", "\"name\": \"z\", \"padding\": [[1, 0], [0, 2]]") "," PART(
         "Conv2D", "\"name\": \"c\", \"filters\": 2, \"kernel_size\": [2, 2]"),
     NULL, ""},
    {"4, 3",
     DENSE(3) "," PART(
         "LSTM",
         "\"name\": \"l\", \"units\": 3, \"return_sequences\": true") "," PART("LSTM",
                                                                               "\"name\": \"m\", "
                                                                               "\"units\": 2, "
                                                                               "\"go_backwards\": "
                                                                               "true"),
     NULL, ""},
    {"4, 3",
     DENSE(3) "," PART("GRU", "\"name\": \"l\", \"units\": 3, \"return_sequences\": true") "," PART(
         "GRU", "\"name\": \"m\", \"units\": 2, \"go_backwards\": true"),
     NULL, ""},
    {"4, 3",
     DENSE(3) "," PART(
         "LSTM",
         "\"name\": \"l\", \"units\": 3, \"return_sequences\": true, "
         "\"dropout\": 0.3") "," PART("GRU", "\"name\": \"m\", \"units\": 2, \"dropout\": 0.4"),
     NULL, ""},
    {"5", DENSE(4) "," PART("Softmax", "\"name\": \"s\""), NULL, ""},
    {"5",
     DENSE(4) "," PART("LeakyReLU", "\"name\": \"s\", \"negative_slope\": 0.2") "," PART(
         "ELU", "\"name\": \"e\", \"alpha\": 0.5"),
     NULL, ""},
    {"5", DENSE(4), "SparseCategoricalCrossentropy", ", \"from_logits\": true"},
    {"5", DENSE(4), "SparseCategoricalCrossentropy",
     ", \"from_logits\": true, \"label_smoothing\": 0.2"},
    {"5", DENSE(4) "," PART("Softmax", "\"name\": \"s\""), "CategoricalCrossentropy",
     ", \"label_smoothing\": 0.1"},
    {"5", DENSE(4), "BinaryCrossentropy", ", \"from_logits\": true, \"label_smoothing\": 0.1"},
    {"5", DENSE(4), "Huber", ", \"delta\": 0.4"},
    {"5", DENSE(4), "MeanAbsoluteError", ""},
};

static midge_trainer *make(const gradient_case *at)
{
    char text[3000];
    midge_trainer *trainer = NULL;
    midge_error error = {MIDGE_OK, ""};
    midge_trainer_options options = midge_trainer_options_default();
    options.seed = 3;
    int length = snprintf(
        text, sizeof text,
        "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": ["
        "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"in\", \"batch_shape\": [null, "
        "%s]}}, %s]}, \"compile_config\": {\"optimizer\": \"sgd\", \"loss\": {\"class_name\": "
        "\"%s\", \"config\": {\"name\": \"l\"%s}}}}",
        at->shape, at->layers, at->loss != NULL ? at->loss : "MeanSquaredError", at->more);
    assert_true(length > 0 && (size_t)length < sizeof text);
    if (midge_trainer_create(text, &options, &trainer, &error) != MIDGE_OK)
        fail_msg("%s: %s", at->layers, error.message);
    return trainer;
}

/* Uniform in [-1, 1], the same for the same place. */
static float draw(uint64_t place)
{
    return (float)(2 * mg_random_unit(99, place) - 1);
}

static double loss_of(midge_trainer *trainer, bool learn)
{
    mg_train_forward(trainer, BATCH, true);
    double loss = mg_train_loss(trainer, BATCH, learn);
    if (learn) mg_train_backward(trainer, BATCH, NULL);
    return loss;
}

/* Weights are moved by both sides of `step`; gradients of floats carry its noise. */
static void check_weight(midge_trainer *trainer, const mg_train_weight *weight, const char *layers)
{
    const float step = 1.0f / 4096;
    double most = 0, worst = 0;
    for (size_t i = 0; i < weight->elements; ++i)
        most = fmax(most, fabs((double)weight->gradient[i]));
    for (size_t i = 0; i < weight->elements; ++i) {
        float kept = weight->values[i];
        weight->values[i] = kept + step;
        double above = loss_of(trainer, false);
        weight->values[i] = kept - step;
        double below = loss_of(trainer, false);
        weight->values[i] = kept;
        double slope = (above - below) / (2 * (double)step);
        worst = fmax(worst, fabs(slope - (double)weight->gradient[i]));
    }
    if (worst > 0.01 * most + 1e-3)
        fail_msg("%s: %s/%s: gradients differ by %g of %g", layers, weight->layer->name,
                 weight->name, worst, most);
}

static void check_case(const gradient_case *at)
{
    float x[BATCH * MOST_X], y[BATCH * MOST_Y];
    midge_error error = {MIDGE_OK, ""};
    midge_trainer *trainer = make(at);
    midge_trainer_info info = midge_trainer_describe(trainer);
    assert_true(info.x_elements <= MOST_X && info.y_elements <= MOST_Y);
    for (size_t i = 0; i < BATCH * info.x_elements; ++i) x[i] = draw(i);
    for (size_t i = 0; i < BATCH * info.y_elements; ++i) {
        y[i] = draw(100000 + i);
        if (trainer->compiled.loss <= MG_LOSS_BINARY) y[i] = y[i] > 0;
    }
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        for (size_t k = 0; weight->rank == 1 && !weight->statistic && k < weight->elements; ++k)
            weight->values[k] += 0.3f * draw(200000 + 100 * i + k);
    }
    const midge_train_data data = {.size = sizeof data, .count = BATCH, .x = x, .y = y};
    mg_fitting fitting = {
        .trainer = trainer, .x_elements = info.x_elements, .y_elements = info.y_elements};
    assert_int_equal(mg_train_reserve_slots(trainer, &error), MIDGE_OK);
    assert_int_equal(mg_train_reserve(trainer, BATCH, &error), MIDGE_OK);
    assert_int_equal(mg_train_gather(&fitting, &data, NULL, 0, BATCH, true, &error), MIDGE_OK);
    (void)loss_of(trainer, true);
    for (size_t i = 0; i < trainer->weights.count; ++i)
        if (mg_train_weight_at(trainer, i)->trained)
            check_weight(trainer, mg_train_weight_at(trainer, i), at->layers);
    midge_trainer_free(trainer);
}

static void test_layers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) check_case(&cases[i]);
}

/* Every activation, as that of a Dense layer. */
static void test_activations(void **state)
{
    (void)state;
    static const char *const names[] = {
        "relu",     "relu6",        "leaky_relu", "elu",         "sigmoid",     "tanh",
        "softplus", "exponential",  "softsign",   "selu",        "gelu",        "silu",
        "mish",     "hard_sigmoid", "hard_silu",  "hard_tanh",   "tanh_shrink", "log_sigmoid",
        "softmax",  "soft_shrink",  "squareplus", "log_softmax", "celu",        "linear"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
        char layers[300];
        (void)snprintf(layers, sizeof layers,
                       PART("Dense", "\"name\": \"a\", \"units\": 4, \"activation\": \"%s\""),
                       names[i]);
        const gradient_case at = {"5", layers, NULL, ""};
        check_case(&at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layers),
                                       cmocka_unit_test(test_activations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
