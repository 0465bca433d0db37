/* SPDX-License-Identifier: Apache-2.0 */
/* Attention: scores of queries against keys, softmax, sums of values. */
#include <stdio.h>

#include "convert/keras_layer.h"
#include "convert/keras_mask.h"

midge_status mg_keras_hide_places(mg_keras *keras, bool causal, int32_t window, int32_t scores,
                                  int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, scores);
    int32_t queries = source.shape[source.rank - 2], keys = source.shape[source.rank - 1], mask;
    float *values = NULL;
    *output = scores;
    if (!causal && window < 1) return MIDGE_OK;
    TRY(mg_keras_room(keras, "places", 2, (int32_t[]){queries, keys}, &values, &mask));
    for (int32_t q = 0; q < queries; ++q)
        for (int32_t k = 0; k < keys; ++k) {
            bool seen = (!causal || k <= q) && (window < 1 || (k - q < window && q - k < window));
            values[(size_t)q * (size_t)keys + (size_t)k] = seen ? 0.0f : -1e9f;
        }
    return mg_keras_binary(keras, MG_BUILTIN_ADD, scores, mask, output);
}

static bool is_causal(const mg_keras_call *call)
{
    return json_is_true(mg_keras_argument_json(call, 100, "use_causal_mask"));
}

/* A mask that the call is given by name; -1 for none. */
static int32_t named_mask(const mg_keras_call *call, const char *name)
{
    const json_t *value = mg_keras_argument_json(call, 100, name);
    return value != NULL ? mg_keras_argument_tensor(call, value) : -1;
}

/* Scores where the mask does not allow a key vanish. */
static midge_status hide(mg_keras *keras, int32_t mask, int32_t *scores)
{
    int32_t least;
    if (mask < 0) return MIDGE_OK;
    TRY(mg_keras_scalar(keras, -1e9f, &least));
    return mg_keras_mask_choose(keras, mask, *scores, least, scores);
}

/* A mask of steps [batch, steps], as `rank` dimensions of which one is the steps. */
static midge_status spread(mg_keras *keras, int32_t mask, int32_t rank, int32_t place,
                           int32_t *output)
{
    int32_t shape[MIDGE_MAX_RANK];
    *output = -1;
    if (mask < 0) return MIDGE_OK;
    const mg_network_tensor source = *mg_keras_tensor(keras, mask);
    if (source.rank != 2 || source.type != MIDGE_BOOL)
        return mg_keras_refuse(keras, keras->layer, "a mask that is not one bool for each step");
    for (int32_t i = 0; i < rank; ++i)
        shape[i] = i == 0 ? source.shape[0] : i == place ? source.shape[1] : 1;
    return mg_keras_reshape(keras, mask, rank, shape, output);
}

/* ---- Several heads ---- */

static const mg_keras_class projection = {"EinsumDense", "kernel bias?use_bias", "", NULL};

typedef struct heads {
    const mg_keras_layer *layer;
    int32_t count;
} heads;

/* A projection of the layer: `name` in legacy files, name_dense in the others. */
static midge_status find_projection(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                                    const char *at, mg_keras_layer *part)
{
    mg_keras_layer *made = NULL;
    char private[40], path[1000];
    (void)snprintf(private, sizeof private, "_%s", at);
    int length = snprintf(path, sizeof path, "/%s/%s", layer->tree, private);
    /* Keras 2 has them as private members. */
    bool old = keras->tree && length < (int)sizeof path && mg_hdf5_has(&keras->weights, path);
    TRY(mg_keras_read_part(keras, layer, layer->object, name, old ? private : at, &made));
    *part = *made;
    part->row = &projection;
    return MIDGE_OK;
}

/* [batch, steps, features] as [batch, heads, steps, depth]; all values times `factor`. */
static midge_status project(mg_keras *keras, const heads *at, const char *name, const char *place,
                            float factor, int32_t input, int32_t *output)
{
    mg_keras_layer part;
    mg_keras_weight kernel, bias;
    int32_t made, terms = -1;
    float *values = NULL;
    void *memory = NULL;
    TRY(find_projection(keras, at->layer, name, place, &part));
    TRY(mg_keras_weights(keras, &part, "kernel", 3, (int32_t[]){-1, at->count, -1}, &kernel));
    int32_t depth = kernel.shape[2], width = at->count * depth;
    TRY(mg_region_get_array(&keras->call_region, kernel.count, sizeof(float), &memory,
                            keras->error));
    float *scaled = memory;
    for (size_t i = 0; i < kernel.count; ++i) scaled[i] = kernel.values[i] * factor;
    if (mg_keras_has_weight(&part, "bias")) {
        TRY(mg_keras_weights(keras, &part, "bias", 2, (int32_t[]){at->count, depth}, &bias));
        TRY(mg_keras_room(keras, "bias", 1, &width, &values, &terms));
        for (size_t i = 0; i < bias.count; ++i) values[i] = bias.values[i] * factor;
    }
    TRY(mg_keras_product(keras, input, scaled, kernel.shape[0], width, terms, &made));
    const mg_network_tensor result = *mg_keras_tensor(keras, made);
    TRY(mg_keras_reshape(keras, made, 4,
                         (int32_t[]){result.shape[0], result.shape[1], at->count, depth}, &made));
    return mg_keras_transpose(keras, made, (int32_t[]){0, 2, 1, 3}, output);
}

static midge_status project_back(mg_keras *keras, const heads *at, int32_t input, int32_t *output)
{
    mg_keras_layer part;
    mg_keras_weight kernel;
    int32_t made, bias = -1;
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    TRY(find_projection(keras, at->layer, "attention_output", "output_dense", &part));
    TRY(mg_keras_weights(keras, &part, "kernel", 3, (int32_t[]){at->count, source.shape[3], -1},
                         &kernel));
    TRY(mg_keras_transpose(keras, input, (int32_t[]){0, 2, 1, 3}, &made));
    TRY(mg_keras_reshape(keras, made, 3,
                         (int32_t[]){source.shape[0], source.shape[2], at->count * source.shape[3]},
                         &made));
    if (mg_keras_has_weight(&part, "bias"))
        TRY(mg_keras_vector(keras, &part, "bias", kernel.shape[2], &bias));
    return mg_keras_product(keras, made, kernel.values, at->count * source.shape[3],
                            kernel.shape[2], bias, output);
}

static midge_status fetch_mask(mg_keras *keras, const mg_keras_call *call, const char *name,
                               int32_t tensor, int32_t place, int32_t *mask)
{
    int32_t given = named_mask(call, name), next;
    TRY(spread(keras, given >= 0 ? given : mg_keras_mask_of(keras, tensor), 4, place, &next));
    return mg_keras_mask_both(keras, *mask, next, mask);
}

/* Which keys [batch, 1, queries or 1, keys or 1] each query may see. */
static midge_status find_mask(mg_keras *keras, const mg_keras_layer *layer,
                              const mg_keras_call *call, const int32_t *inputs, int32_t *mask)
{
    static const char *const names[] = {"query_mask", "value_mask", "key_mask"};
    int32_t given = named_mask(call, "attention_mask"), shape[4];
    *mask = -1;
    for (int i = 0; i < 3; ++i)
        TRY(fetch_mask(keras, call, names[i], inputs[i], i == 0 ? 2 : 3, mask));
    if (given < 0) return MIDGE_OK;
    const mg_network_tensor source = *mg_keras_tensor(keras, given);
    if (source.rank < 3 || source.rank > 4)
        return mg_keras_refuse(keras, layer, "an attention_mask of %d dimensions",
                               (int)source.rank);
    memcpy(shape, source.shape, sizeof shape);
    if (source.rank == 3) {
        memmove(shape + 2, shape + 1, 2 * sizeof shape[0]);
        shape[1] = 1;
    }
    TRY(mg_keras_cast(keras, given, MIDGE_BOOL, &given));
    TRY(mg_keras_reshape(keras, given, 4, shape, &given));
    return mg_keras_mask_both(keras, *mask, given, mask);
}

/* With dropout Keras 3 takes another way, on which a query that sees nothing gives 0. */
static midge_status weigh(mg_keras *keras, const mg_keras_layer *layer, int32_t mask,
                          int32_t *scores)
{
    int32_t zero;
    TRY(hide(keras, mask, scores));
    TRY(mg_keras_softmax(keras, *scores, 3, scores));
    if (mask < 0 || keras->version < 3 || !(mg_json_number(layer->config, "dropout", 0) > 0))
        return MIDGE_OK;
    TRY(mg_keras_scalar(keras, 0, &zero));
    return mg_keras_mask_choose(keras, mask, *scores, zero, scores);
}

typedef struct attended {
    int32_t from, of, by; /* query, value, key */
} attended;

static midge_status read_inputs(mg_keras *keras, const mg_keras_layer *layer,
                                const mg_keras_call *call, attended *at)
{
    at->from = mg_keras_argument(call, 0, "query");
    at->of = mg_keras_argument(call, 1, "value");
    at->by = mg_keras_argument(call, 2, "key");
    if (at->from < 0 || at->of < 0) return mg_keras_refuse(keras, layer, "needs query and value");
    if (at->by < 0) at->by = at->of;
    if (mg_keras_tensor(keras, at->from)->rank != 3 || mg_keras_tensor(keras, at->of)->rank != 3 ||
        mg_keras_tensor(keras, at->by)->rank != 3)
        return mg_keras_refuse(keras, layer, "attends over several axes");
    return MIDGE_OK;
}

static bool gives_scores(const mg_keras_call *call)
{
    return json_is_true(mg_keras_argument_json(call, 100, "return_attention_scores"));
}

/* Sums of values by how queries and keys agree, [batch, heads, queries, depth]. How they agree is
 * the second output if asked for. */
static midge_status combine(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call,
                            const attended *at, int32_t query, int32_t key, int32_t value,
                            int32_t *output)
{
    int32_t scores, mask;
    TRY(mg_keras_matmul(keras, query, key, true, &scores));
    TRY(mg_keras_hide_places(keras, is_causal(call),
                             mg_json_int(layer->config, "sliding_window", 0), scores, &scores));
    TRY(find_mask(keras, layer, call, (int32_t[]){at->from, at->of, at->by}, &mask));
    TRY(weigh(keras, layer, mask, &scores));
    call->outputs[1] = scores;
    if (gives_scores(call)) call->output_count = 2;
    return mg_keras_matmul(keras, scores, value, false, output);
}

midge_status mg_keras_lower_multi_head_attention(mg_keras *keras, const mg_keras_layer *layer,
                                                 mg_keras_call *call)
{
    heads at = {layer, mg_json_int(layer->config, "num_heads", 0)};
    int32_t depth = mg_json_int(layer->config, "key_dim", 0), query, key, value;
    attended with;
    TRY(read_inputs(keras, layer, call, &with));
    if (at.count < 1 || depth < 1)
        return mg_keras_refuse(keras, layer, "num_heads or key_dim is no size");
    if (mg_json_flag(layer->config, "use_gate", false))
        return mg_keras_refuse(keras, layer, "a gate");
    TRY(project(keras, &at, "query", "query_dense", 1 / sqrtf((float)depth), with.from, &query));
    TRY(project(keras, &at, "key", "key_dense", 1, with.by, &key));
    TRY(project(keras, &at, "value", "value_dense", 1, with.of, &value));
    TRY(combine(keras, layer, call, &with, query, key, value, &value));
    return project_back(keras, &at, value, &call->outputs[0]);
}

/* Each head of [batch, heads, steps, depth] `times` times. */
static midge_status repeat_heads(mg_keras *keras, int32_t times, int32_t *tensor)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, *tensor);
    const int32_t *shape = source.shape;
    int32_t counts, made;
    if (times == 1) return MIDGE_OK;
    TRY(mg_keras_reshape(keras, *tensor, 4, (int32_t[]){shape[0] * shape[1], 1, shape[2], shape[3]},
                         &made));
    TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "multiples", 4,
                              (int32_t[]){1, times, 1, 1}, &counts));
    TRY(mg_keras_node(keras, MG_BUILTIN_TILE, 2, (int32_t[]){made, counts}, source.type, 4,
                      (int32_t[]){shape[0] * shape[1], times, shape[2], shape[3]}, &made, NULL));
    return mg_keras_reshape(keras, made, 4,
                            (int32_t[]){shape[0], shape[1] * times, shape[2], shape[3]}, tensor);
}

/* Several heads of queries share one of keys and values. */
midge_status mg_keras_lower_group_attention(mg_keras *keras, const mg_keras_layer *layer,
                                            mg_keras_call *call)
{
    heads all = {layer, mg_json_int(layer->config, "num_query_heads", 0)};
    heads few = {layer, mg_json_int(layer->config, "num_key_value_heads", 0)};
    int32_t depth = mg_json_int(layer->config, "head_dim", 0), query, key, value, gate;
    attended with;
    TRY(read_inputs(keras, layer, call, &with));
    if (all.count < 1 || few.count < 1 || depth < 1 || all.count % few.count != 0)
        return mg_keras_refuse(keras, layer, "its numbers of heads do not divide");
    TRY(project(keras, &all, "query", "query_dense", 1 / sqrtf((float)depth), with.from, &query));
    TRY(project(keras, &few, "key", "key_dense", 1, with.by, &key));
    TRY(project(keras, &few, "value", "value_dense", 1, with.of, &value));
    TRY(repeat_heads(keras, all.count / few.count, &key));
    TRY(repeat_heads(keras, all.count / few.count, &value));
    TRY(combine(keras, layer, call, &with, query, key, value, &value));
    if (mg_json_flag(layer->config, "use_gate", false)) {
        TRY(project(keras, &all, "gate", "gate_dense", 1, with.from, &gate));
        TRY(mg_keras_unary(keras, MG_BUILTIN_LOGISTIC, gate, &gate));
        TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, value, gate, &value));
    }
    return project_back(keras, &all, value, &call->outputs[0]);
}

/* ---- One head, without projections ---- */

/* The inputs are a list: query, value, and perhaps key. */
static midge_status attend(mg_keras *keras, mg_keras_call *call, int32_t scores, int32_t *output)
{
    int32_t keys, queries, zero;
    TRY(mg_keras_hide_places(keras, is_causal(call), 0, scores, &scores));
    TRY(spread(keras, mg_keras_mask_of(keras, call->inputs[1]), 3, 2, &keys));
    TRY(hide(keras, keys, &scores));
    TRY(mg_keras_softmax(keras, scores, 2, &scores));
    call->outputs[1] = scores;
    if (gives_scores(call)) call->output_count = 2;
    TRY(mg_keras_matmul(keras, scores, call->inputs[1], false, output));
    TRY(spread(keras, mg_keras_mask_of(keras, call->inputs[0]), 3, 1, &queries));
    if (queries < 0) return MIDGE_OK;
    TRY(mg_keras_scalar(keras, 0, &zero));
    return mg_keras_mask_choose(keras, queries, *output, zero, output);
}

static midge_status check_inputs(mg_keras *keras, const mg_keras_layer *layer,
                                 const mg_keras_call *call)
{
    if (call->input_count < 2 || call->input_count > 3)
        return mg_keras_refuse(keras, layer, "needs query, value, and at most key");
    if (mg_keras_argument_json(call, 100, "mask") != NULL &&
        !json_is_null(mg_keras_argument_json(call, 100, "mask")))
        return mg_keras_refuse(keras, layer, "masks as an argument; mask its inputs instead");
    for (size_t i = 0; i < call->input_count; ++i)
        if (mg_keras_tensor(keras, call->inputs[i])->rank != 3)
            return mg_keras_refuse(keras, layer, "its inputs must have 3 dimensions");
    return MIDGE_OK;
}

midge_status mg_keras_lower_attention(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    int32_t scores, scale;
    mg_keras_weight weight;
    TRY(check_inputs(keras, layer, call));
    if (strcmp(mg_json_text(layer->config, "score_mode", "dot"), "dot") != 0)
        return mg_keras_refuse(keras, layer, "score_mode other than dot");
    TRY(mg_keras_matmul(keras, call->inputs[0], call->inputs[call->input_count - 1], true,
                        &scores));
    if (mg_json_flag(layer->config, "use_scale", false)) {
        TRY(mg_keras_weights(keras, layer, "scale", 0, NULL, &weight));
        TRY(mg_keras_scalar(keras, weight.values[0], &scale));
        TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, scores, scale, &scores));
    }
    return attend(keras, call, scores, &call->outputs[0]);
}

/* score(q, k) = sum of scale * tanh(q + k). */
midge_status mg_keras_lower_additive_attention(mg_keras *keras, const mg_keras_layer *layer,
                                               mg_keras_call *call)
{
    int32_t query, key, scores, scale;
    TRY(check_inputs(keras, layer, call));
    const mg_network_tensor q = *mg_keras_tensor(keras, call->inputs[0]);
    const mg_network_tensor k = *mg_keras_tensor(keras, call->inputs[call->input_count - 1]);
    TRY(mg_keras_reshape(keras, call->inputs[0], 4,
                         (int32_t[]){q.shape[0], q.shape[1], 1, q.shape[2]}, &query));
    TRY(mg_keras_reshape(keras, call->inputs[call->input_count - 1], 4,
                         (int32_t[]){k.shape[0], 1, k.shape[1], k.shape[2]}, &key));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, query, key, &scores));
    TRY(mg_keras_unary(keras, MG_BUILTIN_TANH, scores, &scores));
    if (mg_json_flag(layer->config, "use_scale", true)) {
        TRY(mg_keras_vector(keras, layer, "scale", q.shape[2], &scale));
        TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, scores, scale, &scores));
    }
    TRY(mg_keras_reduce(keras, MG_BUILTIN_SUM, scores, 1, (int32_t[]){3}, false, &scores));
    return attend(keras, call, scores, &call->outputs[0]);
}
