/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that turn numbers into categories, and categories into vectors. */
#include "convert/keras_layer.h"

enum { MOST_VOCABULARY = 65536 };

/* ---- Categories as vectors ---- */

static midge_status one_hot(mg_keras *keras, int32_t indices, int32_t depth, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, indices);
    int32_t shape[MIDGE_MAX_RANK], size, on, off;
    mg_network_node *node;
    if (source.rank >= MIDGE_MAX_RANK)
        return mg_keras_refuse(keras, keras->layer, "too many dimensions");
    memcpy(shape, source.shape, sizeof shape);
    shape[source.rank] = depth;
    TRY(mg_keras_number(keras, depth, MIDGE_INT32, &size));
    TRY(mg_keras_scalar(keras, 1, &on));
    TRY(mg_keras_scalar(keras, 0, &off));
    TRY(mg_keras_node(keras, MG_BUILTIN_ONE_HOT, 4, (int32_t[]){indices, size, on, off},
                      MIDGE_FLOAT32, source.rank + 1, shape, output, &node));
    ((mg_OneHotOptions *)node->options)->axis = -1;
    return MIDGE_OK;
}

/* As output_mode says: the categories themselves, one vector for each, or one for all of a sample.
 */
static midge_status encode(mg_keras *keras, const mg_keras_layer *layer, int32_t indices,
                           int32_t depth, midge_type type, int32_t *output)
{
    const char *mode = mg_json_text(layer->config, "output_mode", "int");
    if (strcmp(mode, "int") == 0) return mg_keras_cast(keras, indices, type, output);
    const mg_network_tensor source = *mg_keras_tensor(keras, indices);
    TRY(mg_keras_cast(keras, indices, MIDGE_INT32, &indices));
    if (strcmp(mode, "one_hot") == 0) {
        if (source.rank > 1 && source.shape[source.rank - 1] == 1)
            TRY(mg_keras_reshape(keras, indices, source.rank - 1, source.shape, &indices));
        return one_hot(keras, indices, depth, output);
    }
    bool all = strcmp(mode, "multi_hot") == 0;
    if (!all && strcmp(mode, "count") != 0)
        return mg_keras_refuse(keras, layer,
                               "output_mode other than int, one_hot, multi_hot and count");
    TRY(one_hot(keras, indices, depth, output));
    return mg_keras_reduce(keras, all ? MG_BUILTIN_REDUCE_MAX : MG_BUILTIN_SUM, *output, 1,
                           (int32_t[]){source.rank - 1}, false, output);
}

midge_status mg_keras_lower_category_encoding(mg_keras *keras, const mg_keras_layer *layer,
                                              mg_keras_call *call)
{
    int32_t depth = mg_json_int(layer->config, "num_tokens", 0);
    if (depth < 1) return mg_keras_refuse(keras, layer, "num_tokens is no size");
    if (call->input_count > 1) return mg_keras_refuse(keras, layer, "count_weights");
    return encode(keras, layer, call->inputs[0], depth, MIDGE_INT32, &call->outputs[0]);
}

midge_status mg_keras_lower_op_one_hot(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    int32_t input, rank = mg_keras_tensor(keras, call->inputs[0])->rank;
    int32_t axis = mg_json_int(layer->config, "axis", -1);
    if (axis != -1 && axis != rank) return mg_keras_refuse(keras, layer, "an axis before the last");
    TRY(mg_keras_cast(keras, call->inputs[0], MIDGE_INT32, &input));
    return one_hot(keras, input, mg_json_int(layer->config, "num_classes", 0), &call->outputs[0]);
}

/* ---- Numbers as categories ---- */

midge_status mg_keras_lower_discretization(mg_keras *keras, const mg_keras_layer *layer,
                                           mg_keras_call *call)
{
    const json_t *bounds = json_object_get(layer->config, "bin_boundaries");
    size_t count = json_array_size(bounds);
    int32_t input, made;
    void *memory = NULL;
    mg_network_node *node;
    if (count == 0)
        return mg_keras_refuse(keras, layer, "the file does not say its bin_boundaries");
    TRY(mg_network_memory(keras->network, count * sizeof(float), &memory));
    float *values = memory;
    for (size_t i = 0; i < count; ++i) {
        values[i] = (float)json_number_value(json_array_get(bounds, i));
        if (i > 0 && !(values[i] >= values[i - 1]))
            return mg_keras_refuse(keras, layer, "its bin_boundaries do not rise");
    }
    TRY(mg_keras_cast(keras, call->inputs[0], MIDGE_FLOAT32, &input));
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    TRY(mg_keras_node(keras, MG_BUILTIN_BUCKETIZE, 1, &input, MIDGE_INT32, source.rank,
                      source.shape, &made, &node));
    mg_BucketizeOptions *options = node->options;
    options->boundaries.items = values;
    options->boundaries.count = count;
    return encode(keras, layer, made, (int32_t)count + 1, MIDGE_INT32, &call->outputs[0]);
}

/* ---- Tables ---- */

typedef struct table {
    size_t count;
    int32_t *words;   /* what stands in the input */
    int32_t *numbers; /* what becomes of it */
    int32_t unknown;  /* what becomes of all others */
    int32_t depth;
} table;

/* 0 for the mask, if there is one; then one number for all unknown ones; then the vocabulary. */
static midge_status read_table(mg_keras *keras, const mg_keras_layer *layer, table *at)
{
    const json_t *words = json_object_get(layer->config, "vocabulary");
    const json_t *mask = json_object_get(layer->config, "mask_token");
    bool masked = mask != NULL && !json_is_null(mask);
    size_t count = json_array_size(words);
    void *memory = NULL;
    if (count == 0)
        return mg_keras_refuse(keras, layer,
                               "its vocabulary is not in its configuration; give it with "
                               "vocabulary=[…] when making the layer");
    if (count > MOST_VOCABULARY)
        return mg_keras_refuse(keras, layer, "more than %d words", MOST_VOCABULARY);
    if (mg_json_flag(layer->config, "invert", false))
        return mg_keras_refuse(keras, layer, "invert");
    if (mg_json_int(layer->config, "num_oov_indices", 1) != 1)
        return mg_keras_refuse(keras, layer, "num_oov_indices other than 1");
    TRY(mg_region_get_array(&keras->call_region, 2 * (count + 1), sizeof(int32_t), &memory,
                            keras->error));
    *at = (table){.words = memory, .unknown = masked};
    at->numbers = at->words + count + 1;
    for (size_t i = 0; i <= count; ++i) {
        const json_t *word = i < count ? json_array_get(words, i) : mask;
        if (i == count && !masked) break;
        if (!mg_json_to_int32(word, &at->words[i]))
            return mg_keras_refuse(keras, layer, "a word that is no integer");
        at->numbers[i] = i < count ? at->unknown + 1 + (int32_t)i : 0;
        ++at->count;
    }
    at->depth = at->unknown + 1 + (int32_t)count;
    return MIDGE_OK;
}

/* Each input beside each word; at most one is equal, which moves the number from `unknown`. */
midge_status mg_keras_lower_integer_lookup(mg_keras *keras, const mg_keras_layer *layer,
                                           mg_keras_call *call)
{
    table at = {.count = 0};
    int32_t input, words, moves, unknown, made, shape[MIDGE_MAX_RANK];
    TRY(read_table(keras, layer, &at));
    TRY(mg_keras_cast(keras, call->inputs[0], MIDGE_INT32, &input));
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    if (source.rank >= MIDGE_MAX_RANK) return mg_keras_refuse(keras, layer, "too many dimensions");
    memcpy(shape, source.shape, sizeof shape);
    shape[source.rank] = 1;
    mg_network_graph *graph = mg_keras_graph(keras);
    for (size_t i = 0; i < at.count; ++i) at.numbers[i] -= at.unknown;
    TRY(mg_network_add_int32s(keras->network, graph, "words", at.count, at.words, &words));
    TRY(mg_network_add_int32s(keras->network, graph, "numbers", at.count, at.numbers, &moves));
    TRY(mg_keras_number(keras, at.unknown, MIDGE_INT32, &unknown));
    TRY(mg_keras_reshape(keras, input, source.rank + 1, shape, &made));
    TRY(mg_keras_compare(keras, MG_BUILTIN_EQUAL, made, words, &made));
    TRY(mg_keras_cast(keras, made, MIDGE_INT32, &made));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, made, moves, &made));
    TRY(mg_keras_reduce(keras, MG_BUILTIN_SUM, made, 1, (int32_t[]){source.rank}, false, &made));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, made, unknown, &made));
    return encode(keras, layer, made, at.depth, MIDGE_INT64, &call->outputs[0]);
}
