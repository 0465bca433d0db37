/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in networks, as the JSON that Keras would write: a table of layers for each. */
#include <ctype.h>
#include <stdio.h>

#include "train/train_source.h"

typedef struct block_row {
    const char *class_name;
    int32_t units;  /* or filters, pool size, rate in percent; -1: the number of classes */
    int32_t kernel; /* width of the kernel */
    int32_t stride;
    const char *activation; /* NULL: none */
} block_row;

static const block_row dense_rows[] = {{"Flatten", 0, 0, 0, NULL},
                                       {"Dense", 128, 0, 0, "relu"},
                                       {"Dense", -1, 0, 0, NULL},
                                       {NULL, 0, 0, 0, NULL}};

static const block_row conv_rows[] = {
    {"Conv2D", 32, 3, 1, "relu"},    {"MaxPooling2D", 2, 0, 2, NULL}, {"Conv2D", 64, 3, 1, "relu"},
    {"MaxPooling2D", 2, 0, 2, NULL}, {"Flatten", 0, 0, 0, NULL},      {"Dropout", 30, 0, 0, NULL},
    {"Dense", 64, 0, 0, "relu"},     {"Dense", -1, 0, 0, NULL},       {NULL, 0, 0, 0, NULL}};

/* Each pair of a depthwise and a pointwise convolution with normalisation and relu6. */
#define SEPARABLE(filters, stride)                                                  \
    {"DepthwiseConv2D", 1, 3, stride, NULL}, {"BatchNormalization", 0, 0, 0, NULL}, \
        {"ReLU", 6, 0, 0, NULL}, {"Conv2D", filters, 1, 1, NULL},                   \
        {"BatchNormalization", 0, 0, 0, NULL},                                      \
    {                                                                               \
        "ReLU", 6, 0, 0, NULL                                                       \
    }

static const block_row mobile_rows[] = {{"Conv2D", 16, 3, 2, NULL},
                                        {"BatchNormalization", 0, 0, 0, NULL},
                                        {"ReLU", 6, 0, 0, NULL},
                                        SEPARABLE(32, 1),
                                        SEPARABLE(64, 2),
                                        SEPARABLE(64, 1),
                                        SEPARABLE(128, 2),
                                        SEPARABLE(128, 1),
                                        {"GlobalAveragePooling2D", 0, 0, 0, NULL},
                                        {"Dropout", 20, 0, 0, NULL},
                                        {"Dense", -1, 0, 0, NULL},
                                        {NULL, 0, 0, 0, NULL}};

static const block_row sound_rows[] = {{"Conv2D", 64, 5, 2, NULL},
                                       {"BatchNormalization", 0, 0, 0, NULL},
                                       {"ReLU", 6, 0, 0, NULL},
                                       SEPARABLE(64, 1),
                                       SEPARABLE(64, 1),
                                       SEPARABLE(64, 1),
                                       SEPARABLE(64, 1),
                                       {"GlobalAveragePooling2D", 0, 0, 0, NULL},
                                       {"Dropout", 40, 0, 0, NULL},
                                       {"Dense", -1, 0, 0, NULL},
                                       {NULL, 0, 0, 0, NULL}};

typedef struct network_row {
    const char *name;
    const block_row *rows;
    bool pictures; /* wants height, width, channels */
    int32_t height;
    int32_t width;
} network_row;

static const network_row networks[] = {{"dense", dense_rows, false, 28, 28},
                                       {"conv", conv_rows, true, 28, 28},
                                       {"mobile", mobile_rows, true, 28, 28},
                                       {"sound", sound_rows, true, 49, 40}};

/* ---- JSON ---- */

/* dense_2: the class, in small letters, and the place. */
static void name_layer(const char *class_name, size_t place, char *name, size_t capacity)
{
    int length = snprintf(name, capacity, "%s_%zu", class_name, place + 1);
    for (int i = 0; i < length; ++i) name[i] = (char)tolower((unsigned char)name[i]);
}

static json_t *layer_json(const char *class_name, const char *name, json_t *config)
{
    (void)json_object_set_new(config, "name", json_string(name));
    if (json_object_get(config, "batch_shape") == NULL)
        (void)json_object_set_new(config, "trainable", json_true());
    (void)json_object_set_new(config, "dtype", json_string("float32"));
    return json_pack("{s:s, s:s, s:o, s:n}", "module", "keras.layers", "class_name", class_name,
                     "config", config, "registered_name");
}

static json_t *config_of(const block_row *row, int32_t classes)
{
    int units = (int)(row->units < 0 ? classes : row->units);
    int kernel = (int)row->kernel, stride = (int)row->stride;
    const char *activation = row->activation != NULL ? row->activation : "linear";
    if (strcmp(row->class_name, "Dense") == 0)
        return json_pack("{s:i, s:s, s:b}", "units", units, "activation", activation, "use_bias",
                         1);
    if (strcmp(row->class_name, "Conv2D") == 0)
        return json_pack("{s:i, s:[ii], s:[ii], s:s, s:s, s:b}", "filters", units, "kernel_size",
                         kernel, kernel, "strides", stride, stride, "padding",
                         activation[0] == 'r' ? "valid" : "same", "activation", activation,
                         "use_bias", activation[0] == 'r');
    if (strcmp(row->class_name, "DepthwiseConv2D") == 0)
        return json_pack("{s:i, s:[ii], s:[ii], s:s, s:s, s:b}", "depth_multiplier", units,
                         "kernel_size", kernel, kernel, "strides", stride, stride, "padding",
                         "same", "activation", activation, "use_bias", 0);
    if (strcmp(row->class_name, "MaxPooling2D") == 0)
        return json_pack("{s:[ii], s:[ii], s:s}", "pool_size", units, units, "strides", stride,
                         stride, "padding", "valid");
    if (strcmp(row->class_name, "ReLU") == 0) return json_pack("{s:f}", "max_value", (double)units);
    if (strcmp(row->class_name, "Dropout") == 0)
        return json_pack("{s:f}", "rate", (double)units / 100);
    return json_object();
}

static json_t *input_json(int32_t rank, const int32_t *shape)
{
    json_t *list = json_array();
    (void)json_array_append_new(list, json_null());
    for (int32_t i = 0; i < rank; ++i) (void)json_array_append_new(list, json_integer(shape[i]));
    return layer_json("InputLayer", "input", json_pack("{s:o}", "batch_shape", list));
}

static json_t *sequence_json(const network_row *network, int32_t rank, const int32_t *shape,
                             int32_t classes)
{
    json_t *layers = json_array();
    (void)json_array_append_new(layers, input_json(rank, shape));
    if (network->pictures && rank == 2) {
        json_t *target = json_pack("{s:[iii]}", "target_shape", (int)shape[0], (int)shape[1], 1);
        (void)json_array_append_new(layers, layer_json("Reshape", "reshape", target));
    }
    for (size_t i = 0; network->rows[i].class_name != NULL; ++i) {
        const block_row *row = &network->rows[i];
        char name[60];
        name_layer(row->class_name, i, name, sizeof name);
        (void)json_array_append_new(layers,
                                    layer_json(row->class_name, name, config_of(row, classes)));
    }
    json_t *config = json_pack("{s:s, s:b, s:s, s:o}", "name", network->name, "trainable", 1,
                               "dtype", "float32", "layers", layers);
    json_t *compile =
        json_pack("{s:s, s:{s:s, s:s, s:{s:b}, s:n}, s:[s]}", "optimizer", "adam", "loss", "module",
                  "keras.losses", "class_name", "SparseCategoricalCrossentropy", "config",
                  "from_logits", 1, "registered_name", "metrics", "accuracy");
    return json_pack("{s:s, s:s, s:o, s:n, s:o}", "module", "keras", "class_name", "Sequential",
                     "config", config, "registered_name", "compile_config", compile);
}

json_t *mg_train_builtin(const char *name, int32_t rank, const int32_t *shape, int32_t classes,
                         bool *known)
{
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; ++i) {
        const network_row *network = &networks[i];
        if (strcmp(network->name, name) != 0) continue;
        const int32_t usual[] = {network->height, network->width};
        *known = true;
        if (rank == 0 || shape == NULL) return sequence_json(network, 2, usual, classes);
        if (rank < 1 || rank > 4 || (network->pictures && rank != 2 && rank != 3)) return NULL;
        return sequence_json(network, rank, shape, classes);
    }
    *known = false;
    return NULL;
}
