/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ConvLSTM1D and ConvLSTM2D, step by step: the convolution of the whole input at once, then one
 * step after another. Gates lie side by side in the channels: input, forget, new, output.
 */
#include "convert/keras_convolution.h"
#include "convert/keras_mask.h"

enum { MOST_STEPS = 1024 };

typedef struct sequence {
    int32_t steps, filters, shape[4]; /* of a step's products: [batch, h, w, 4 * filters] */
    mg_keras_weight recurrent;
    int32_t no_bias;
} sequence;

/* [batch, steps, h, w, 4 * filters], one tensor a step. */
static midge_status make_products(mg_keras *keras, const mg_keras_layer *layer,
                                  const mg_keras_geometry *geometry, int32_t input, sequence *at,
                                  int32_t **given)
{
    mg_network_tensor source = *mg_keras_tensor(keras, input);
    mg_keras_weight kernel;
    int32_t bias, made, rank = source.rank, whole[5];
    void *memory = NULL;
    const char *name = NULL;
    mg_network_node *node;
    TRY(mg_keras_read_kernel(keras, layer, "kernel", geometry, &kernel));
    TRY(mg_keras_vector(keras, layer, "bias", kernel.shape[3], &bias));
    int32_t height = rank == 5 ? source.shape[2] : 1;
    TRY(mg_keras_reshape(keras, input, 4,
                         (int32_t[]){source.shape[0] * source.shape[1], height,
                                     source.shape[rank - 2], source.shape[rank - 1]},
                         &made));
    TRY(mg_keras_convolve(keras, layer, geometry, &kernel, bias, made, &made));
    memcpy(at->shape, mg_keras_tensor(keras, made)->shape, sizeof at->shape);
    at->shape[0] = source.shape[0];
    whole[0] = source.shape[0];
    whole[1] = source.shape[1];
    memcpy(whole + 2, at->shape + 1, 3 * sizeof whole[0]);
    TRY(mg_keras_reshape(keras, made, 5, whole, &made));
    TRY(mg_region_get_array(&keras->call_region, 2 * (size_t)at->steps, sizeof(int32_t), &memory,
                            keras->error));
    *given = memory;
    mg_network_graph *graph = mg_keras_graph(keras);
    TRY(mg_network_text(keras->network, &name, "%s/step", layer->path));
    for (int32_t t = 0; t < at->steps; ++t)
        TRY(mg_network_add(keras->network, graph, name, MIDGE_FLOAT32, 4, at->shape, &(*given)[t]));
    TRY(mg_network_add_node(keras->network, graph, -1, MG_BUILTIN_UNPACK, layer->path, 1, &made,
                            (size_t)at->steps, *given, &node));
    mg_UnpackOptions *options = node->options;
    options->axis = 1;
    options->num = at->steps;
    return MIDGE_OK;
}

static midge_status gate(mg_keras *keras, const mg_keras_layer *layer, const sequence *at,
                         int32_t product, int32_t index, const char *activation, int32_t *output)
{
    const int32_t *shape = at->shape;
    TRY(mg_keras_slice(keras, product, (int32_t[]){0, 0, 0, index * at->filters},
                       (int32_t[]){shape[0], shape[1], shape[2], at->filters}, output));
    return mg_keras_activate(keras, layer, json_object_get(layer->config, activation), *output,
                             output);
}

static midge_status step(mg_keras *keras, const mg_keras_layer *layer, const sequence *at,
                         int32_t given, int32_t *states)
{
    const mg_keras_geometry plain = {
        .dimensions = 2, .stride = {1, 1}, .dilation = {1, 1}, .same = true};
    int32_t all, in, forget, fresh, out;
    TRY(mg_keras_convolve(keras, layer, &plain, &at->recurrent, at->no_bias, states[0], &all));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, given, all, &all));
    TRY(gate(keras, layer, at, all, 0, "recurrent_activation", &in));
    TRY(gate(keras, layer, at, all, 1, "recurrent_activation", &forget));
    TRY(gate(keras, layer, at, all, 2, "activation", &fresh));
    TRY(gate(keras, layer, at, all, 3, "recurrent_activation", &out));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, forget, states[1], &forget));
    TRY(mg_keras_binary(keras, MG_BUILTIN_MUL, in, fresh, &in));
    TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, forget, in, &states[1]));
    TRY(mg_keras_activate(keras, layer, json_object_get(layer->config, "activation"), states[1],
                          &fresh));
    return mg_keras_binary(keras, MG_BUILTIN_MUL, out, fresh, &states[0]);
}

/* One step's result without the height that one dimension was given. */
static midge_status plain_shape(mg_keras *keras, int32_t rank, int32_t input, int32_t *output)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    *output = input;
    if (rank == 5) return MIDGE_OK;
    return mg_keras_reshape(keras, input, 3,
                            (int32_t[]){source.shape[0], source.shape[2], source.shape[3]}, output);
}

static midge_status finish(mg_keras *keras, const mg_keras_layer *layer, const sequence *at,
                           int32_t rank, int32_t *outputs, const int32_t *states,
                           mg_keras_call *call)
{
    mg_network_node *node;
    TRY(plain_shape(keras, rank, states[0], &call->outputs[0]));
    if (mg_json_flag(layer->config, "return_sequences", false)) {
        int32_t shape[MIDGE_MAX_RANK];
        for (int32_t t = 0; t < at->steps; ++t)
            TRY(plain_shape(keras, rank, outputs[t], &outputs[t]));
        const mg_network_tensor one = *mg_keras_tensor(keras, outputs[0]);
        shape[0] = one.shape[0];
        shape[1] = at->steps;
        for (int32_t i = 1; i < one.rank; ++i) shape[i + 1] = one.shape[i];
        TRY(mg_keras_node(keras, MG_BUILTIN_PACK, (size_t)at->steps, outputs, MIDGE_FLOAT32,
                          one.rank + 1, shape, &call->outputs[0], &node));
        ((mg_PackOptions *)node->options)->axis = 1;
        ((mg_PackOptions *)node->options)->values_count = at->steps;
    }
    if (!mg_json_flag(layer->config, "return_state", false)) return MIDGE_OK;
    for (int i = 0; i < 2; ++i) TRY(plain_shape(keras, rank, states[i], &call->outputs[1 + i]));
    call->output_count = 3;
    return MIDGE_OK;
}

midge_status mg_keras_lower_conv_lstm(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    mg_keras_geometry geometry;
    sequence at = {.steps = 0};
    int32_t input = call->inputs[0], *given = NULL, states[2], shape[4];
    float *zeros = NULL;
    TRY(mg_keras_read_geometry(keras, layer, &geometry));
    TRY(mg_keras_rank(keras, layer, call, geometry.dimensions + 3));
    if (call->input_count != 1 || mg_keras_call_mask(keras, call) >= 0)
        return mg_keras_refuse(keras, layer, "an initial state or a mask");
    at.steps = mg_keras_tensor(keras, input)->shape[1];
    if (at.steps > MOST_STEPS)
        return mg_keras_refuse(keras, layer,
                               "%d steps, which are written out one by one; at most %d",
                               (int)at.steps, MOST_STEPS);
    if (mg_json_flag(layer->config, "go_backwards", false))
        TRY(mg_keras_reverse(keras, input, 1, &input));
    TRY(make_products(keras, layer, &geometry, input, &at, &given));
    TRY(mg_keras_read_kernel(keras, layer, "recurrent_kernel", &geometry, &at.recurrent));
    at.filters = at.recurrent.shape[2];
    if (at.shape[3] != 4 * at.filters || at.recurrent.shape[3] != at.shape[3])
        return mg_keras_refuse(keras, layer, "its weights do not fit one another");
    TRY(mg_keras_room(keras, "no_bias", 1, &at.shape[3], &zeros, &at.no_bias));
    memcpy(shape, at.shape, sizeof shape);
    shape[3] = at.filters;
    for (int i = 0; i < 2; ++i) TRY(mg_keras_room(keras, "zeros", 4, shape, &zeros, &states[i]));
    int32_t *outputs = given + at.steps;
    for (int32_t t = 0; t < at.steps; ++t) {
        TRY(step(keras, layer, &at, given[t], states));
        outputs[t] = states[0];
    }
    return finish(keras, layer, &at, geometry.dimensions + 3, outputs, states, call);
}
