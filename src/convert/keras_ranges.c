/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/keras_ranges.h"

#include <math.h>
#include <stdio.h>

const char *mg_keras_range_key(const char *path, const char *part, char key[MG_KERAS_RANGE_KEY])
{
    int length = part == NULL ? snprintf(key, MG_KERAS_RANGE_KEY, "%s", path)
                              : snprintf(key, MG_KERAS_RANGE_KEY, "%s:%s", path, part);
    return length >= 0 && length < MG_KERAS_RANGE_KEY ? key : NULL;
}

static bool read_range(const json_t *pair, float range[2])
{
    for (size_t i = 0; i < 2; ++i) {
        const json_t *end = json_array_get(pair, i);
        if (!json_is_number(end)) return false;
        range[i] = (float)json_number_value(end);
    }
    return isfinite(range[0]) && isfinite(range[1]) && range[0] < range[1];
}

bool mg_keras_layer_range(const json_t *ranges, const char *path, const char *part, float range[2])
{
    char text[MG_KERAS_RANGE_KEY];
    const char *key = mg_keras_range_key(path, part, text);
    return key != NULL &&
           read_range(json_object_get(json_object_get(ranges, "layers"), key), range);
}

bool mg_keras_input_range(const json_t *ranges, size_t input, float range[2])
{
    return read_range(json_array_get(json_object_get(ranges, "inputs"), input), range);
}

static void set_range(mg_keras *keras, int32_t number, const float range[2])
{
    mg_network_tensor *tensor = &mg_keras_graph(keras)->tensors[number];
    if (tensor->type != MIDGE_FLOAT32 || tensor->data != NULL) return;
    tensor->ranged = true;
    tensor->least = range[0];
    tensor->most = range[1];
}

void mg_keras_take_range(mg_keras *keras, const mg_keras_layer *layer, const char *part,
                         int32_t tensor)
{
    float range[2];
    if (mg_keras_layer_range(keras->ranges, layer->path, part, range))
        set_range(keras, tensor, range);
}

void mg_keras_take_input_range(mg_keras *keras, size_t input, int32_t tensor)
{
    float range[2];
    if (mg_keras_input_range(keras->ranges, input, range)) set_range(keras, tensor, range);
}
