/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisations. Those with fixed statistics are one product and one sum, which the passes fold
 * into the convolution before. */
#include "convert/keras_layer.h"

/* x * factors + terms along an axis; both of `count` values. */
static midge_status scale_and_shift(mg_keras *keras, int32_t input, int32_t axis, int32_t count,
                                    const float *factors, const float *terms, int32_t *output)
{
    int32_t rank = mg_keras_tensor(keras, input)->rank, shape[MIDGE_MAX_RANK], factor, term;
    int32_t dimensions = rank - axis;
    for (int32_t i = 0; i < dimensions; ++i) shape[i] = i == 0 ? count : 1;
    TRY(mg_keras_constant(keras, "factors", dimensions, shape, factors, &factor));
    TRY(mg_keras_constant(keras, "terms", dimensions, shape, terms, &term));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, input, factor, output));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, *output, term, output);
}

/* A weight of `count` values, or NULL when the layer has none. */
static midge_status optional(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                             int32_t count, const float **values)
{
    mg_keras_weight weight;
    *values = NULL;
    if (!mg_keras_has_weight(layer, name)) return MIDGE_OK;
    TRY(mg_keras_weights(keras, layer, name, 1, &count, &weight));
    *values = weight.values;
    return MIDGE_OK;
}

midge_status mg_keras_lower_batch_normalization(mg_keras *keras, const mg_keras_layer *layer,
                                                mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, axis = -1;
    const float *gamma, *beta, *mean, *variance;
    void *memory = NULL;
    if (!mg_json_absent(layer->config, "axis") && !mg_json_ints(layer->config, "axis", 1, &axis))
        return mg_keras_refuse(keras, layer, "several axes at once");
    TRY(mg_keras_axis(keras, layer, axis, rank, &axis));
    int32_t count = mg_keras_tensor(keras, call->inputs[0])->shape[axis];
    TRY(optional(keras, layer, "gamma", count, &gamma));
    TRY(optional(keras, layer, "beta", count, &beta));
    TRY(optional(keras, layer, "moving_mean", count, &mean));
    TRY(optional(keras, layer, "moving_variance", count, &variance));
    double epsilon = mg_json_number(layer->config, "epsilon", 1e-3);
    TRY(mg_region_get_array(&keras->call_region, 2 * (size_t)count, sizeof(float), &memory,
                            keras->error));
    float *factors = memory, *terms = factors + count;
    for (int32_t i = 0; i < count; ++i) {
        double factor = (gamma != NULL ? gamma[i] : 1) / sqrt(variance[i] + epsilon);
        factors[i] = (float)factor;
        terms[i] = (float)((beta != NULL ? beta[i] : 0) - mean[i] * factor);
    }
    return scale_and_shift(keras, call->inputs[0], axis, count, factors, terms, &call->outputs[0]);
}

midge_status mg_keras_lower_rescaling(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    const json_t *scale = json_object_get(layer->config, "scale");
    const json_t *offset = json_object_get(layer->config, "offset");
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, input;
    size_t count = json_is_array(scale)    ? json_array_size(scale)
                   : json_is_array(offset) ? json_array_size(offset)
                                           : 1;
    void *memory = NULL;
    TRY(mg_keras_cast(keras, call->inputs[0], MIDGE_FLOAT32, &input));
    int32_t last = mg_keras_tensor(keras, input)->shape[rank - 1];
    if (rank < 1 || (count != 1 && count != (size_t)last))
        return mg_keras_refuse(keras, layer, "scale or offset does not fit its input");
    TRY(mg_region_get_array(&keras->call_region, 2 * count, sizeof(float), &memory, keras->error));
    float *factors = memory, *terms = factors + count;
    bool shifts = false;
    for (size_t i = 0; i < count; ++i) {
        const json_t *factor = json_is_array(scale) ? json_array_get(scale, i) : scale;
        const json_t *term = json_is_array(offset) ? json_array_get(offset, i) : offset;
        factors[i] = json_is_number(factor) ? (float)json_number_value(factor) : 1;
        terms[i] = json_is_number(term) ? (float)json_number_value(term) : 0;
        shifts = shifts || terms[i] != 0;
    }
    if (shifts)
        return scale_and_shift(keras, input, rank - 1, (int32_t)count, factors, terms,
                               &call->outputs[0]);
    int32_t factor, shape = (int32_t)count;
    TRY(mg_keras_constant(keras, "scale", 1, &shape, factors, &factor));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, input, factor, &call->outputs[0]);
}

/* Numbers of a configuration: one, or nested lists of them. */
static bool read_numbers(const json_t *value, float *values, size_t capacity, size_t *count,
                         int depth)
{
    if (depth > MG_JSON_DEPTH) return false;
    if (json_is_number(value)) {
        if (*count >= capacity) return false;
        values[(*count)++] = (float)json_number_value(value);
        return true;
    }
    if (!json_is_array(value)) return false;
    for (size_t i = 0; i < json_array_size(value); ++i)
        if (!read_numbers(json_array_get(value, i), values, capacity, count, depth + 1))
            return false;
    return true;
}

/* A statistic of Normalization: from the configuration, else from the weights. */
static midge_status read_statistic(mg_keras *keras, const mg_keras_layer *layer, const char *key,
                                   int32_t count, const float **values)
{
    const json_t *value = json_object_get(layer->config, key);
    mg_keras_weight weight;
    void *memory = NULL;
    size_t have = 0;
    if (value == NULL || json_is_null(value)) {
        TRY(mg_keras_weights(keras, layer, key, -1, NULL, &weight));
        *values = weight.values;
        have = weight.count;
    } else {
        TRY(mg_region_get_array(&keras->call_region, (size_t)count, sizeof(float), &memory,
                                keras->error));
        float *numbers = memory;
        if (!read_numbers(value, numbers, (size_t)count, &have, 0)) have = 0;
        for (size_t i = have; have == 1 && i < (size_t)count; ++i) numbers[i] = numbers[0];
        if (have == 1) have = (size_t)count;
        *values = numbers;
    }
    if (have == (size_t)count) return MIDGE_OK;
    return mg_keras_refuse(keras, layer, "'%s' does not fit its input", key);
}

midge_status mg_keras_lower_normalization(mg_keras *keras, const mg_keras_layer *layer,
                                          mg_keras_call *call)
{
    int32_t rank = mg_keras_tensor(keras, call->inputs[0])->rank, axis = -1, input;
    bool none = mg_json_absent(layer->config, "axis");
    const float *mean, *variance;
    void *memory = NULL;
    if (!none && !mg_json_ints(layer->config, "axis", 1, &axis))
        return mg_keras_refuse(keras, layer, "several axes at once");
    TRY(mg_keras_axis(keras, layer, axis, rank, &axis));
    TRY(mg_keras_cast(keras, call->inputs[0], MIDGE_FLOAT32, &input));
    int32_t count = none ? 1 : mg_keras_tensor(keras, input)->shape[axis];
    TRY(read_statistic(keras, layer, "mean", count, &mean));
    TRY(read_statistic(keras, layer, "variance", count, &variance));
    bool invert = mg_json_flag(layer->config, "invert", false);
    TRY(mg_region_get_array(&keras->call_region, 2 * (size_t)count, sizeof(float), &memory,
                            keras->error));
    float *factors = memory, *terms = factors + count;
    for (int32_t i = 0; i < count; ++i) {
        double deviation = fmax(sqrt(variance[i]), 1e-7);
        factors[i] = (float)(invert ? deviation : 1 / deviation);
        terms[i] = (float)(invert ? mean[i] : -mean[i] / deviation);
    }
    return scale_and_shift(keras, input, axis, count, factors, terms, &call->outputs[0]);
}

/* Of ConvNeXt: each channel times a learned factor, which the convolution before takes up. */
midge_status mg_keras_lower_layer_scale(mg_keras *keras, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t factors;
    if (source.rank < 1) return mg_keras_refuse(keras, layer, "an input without channels");
    TRY(mg_keras_vector(keras, layer, "gamma", source.shape[source.rank - 1], &factors));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, call->inputs[0], factors, &call->outputs[0]);
}
