/* SPDX-License-Identifier: Apache-2.0 */
#include "train_samples.h"

#include <string.h>

void make_samples(train_samples *samples)
{
    uint32_t state = 12345;
    for (size_t i = 0; i < SAMPLES; ++i) {
        size_t class = i * 7 % CLASSES;
        samples->y[i] = (float)class;
        for (size_t k = 0; k < SIDE * SIDE; ++k) {
            state = state * 1664525u + 1013904223u;
            float noise = (float)(state >> 8) / 16777216.0f;
            size_t column = k % SIDE;
            samples->x[i * SIDE * SIDE + k] =
                0.4f * noise + (column / (SIDE / CLASSES) == class ? 0.6f : 0.0f);
        }
    }
}

midge_train_data samples_data(const train_samples *samples, size_t count)
{
    return (midge_train_data){
        .size = sizeof(midge_train_data), .count = count, .x = samples->x, .y = samples->y};
}

midge_trainer *make_trainer(const char *source, int threads, midge_error *error)
{
    midge_trainer *trainer = NULL;
    midge_trainer_options options = midge_trainer_options_default();
    const int32_t shape[] = {SIDE, SIDE};
    options.threads = threads;
    options.seed = 5;
    if (source[0] != '{' && source[0] != '/') {
        options.input_rank = 2;
        options.input_shape = shape;
        options.classes = CLASSES;
    }
    return midge_trainer_create(source, &options, &trainer, error) == MIDGE_OK ? trainer : NULL;
}

uint64_t digest_weights(const midge_trainer *trainer)
{
    uint64_t sum = 1469598103934665603u;
    midge_trainer_weight weight;
    for (size_t i = 0; midge_trainer_weight_at(trainer, i, &weight); ++i)
        for (size_t k = 0; k < weight.elements; ++k) {
            uint32_t bits;
            memcpy(&bits, &weight.values[k], sizeof bits);
            sum = (sum ^ bits) * 1099511628211u;
        }
    return sum;
}

const char *const small_model =
    "{\"class_name\": \"Sequential\", \"module\": \"keras\", \"config\": {\"name\": \"small\","
    "\"layers\": ["
    "{\"class_name\": \"InputLayer\", \"module\": \"keras.layers\","
    " \"config\": {\"batch_shape\": [null, 12, 12, 1], \"name\": \"in\"}},"
    "{\"class_name\": \"Conv2D\", \"module\": \"keras.layers\","
    " \"config\": {\"name\": \"conv\", \"filters\": 4, \"kernel_size\": [3, 3],"
    " \"strides\": [2, 2], \"padding\": \"same\", \"use_bias\": false}},"
    "{\"class_name\": \"BatchNormalization\", \"module\": \"keras.layers\","
    " \"config\": {\"name\": \"norm\"}},"
    "{\"class_name\": \"ReLU\", \"module\": \"keras.layers\", \"config\": {\"name\": \"relu\"}},"
    "{\"class_name\": \"Flatten\", \"module\": \"keras.layers\","
    " \"config\": {\"name\": \"flat\"}},"
    "{\"class_name\": \"Dropout\", \"module\": \"keras.layers\","
    " \"config\": {\"name\": \"drop\", \"rate\": 0.25}},"
    "{\"class_name\": \"Dense\", \"module\": \"keras.layers\","
    " \"config\": {\"name\": \"head\", \"units\": 3, \"activation\": \"softmax\"}}]},"
    "\"compile_config\": {\"optimizer\": \"adam\","
    " \"loss\": \"sparse_categorical_crossentropy\", \"metrics\": [\"accuracy\"]}}";
