/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recurrent layers. LSTM and SimpleRNN become one operator each, which keeps its state in variable
 * tensors, where its activations and outputs allow; GRU and the rest are written out step by step.
 * Gates lie side by side in the weights: LSTM input, forget, cell, output; GRU update, reset, new.
 */
#include "convert/keras_layer.h"
#include "convert/keras_mask.h"
#include "convert/keras_sequence.h"

static bool is_activation(const mg_keras_layer *layer, const char *key, const char *name)
{
    const char *have = mg_keras_activation_name(json_object_get(layer->config, key));
    return have != NULL && strcmp(have, name) == 0;
}

static midge_status read_sequence(mg_keras *keras, const mg_keras_layer *layer,
                                  const mg_keras_call *call, int32_t gates, mg_keras_sequence *made)
{
    int32_t input = call->inputs[0];
    const json_t *flags = call->flags != NULL ? call->flags : layer->config;
    const mg_network_tensor source = *mg_keras_tensor(keras, input);
    *made = (mg_keras_sequence){.gates = gates, .mask = mg_keras_call_mask(keras, call)};
    if (source.rank != 3)
        return mg_keras_refuse(keras, layer, "its input has %d dimensions, not 3",
                               (int)source.rank);
    made->batch = source.shape[0];
    made->steps = source.shape[1];
    made->features = source.shape[2];
    TRY(mg_keras_weights(keras, layer, "kernel", 2, NULL, &made->kernel));
    made->units = made->kernel.shape[1] / gates;
    int32_t shape[] = {made->units, made->units * gates};
    if (made->units < 1 || made->kernel.shape[1] != shape[1] ||
        made->kernel.shape[0] != made->features)
        return mg_keras_refuse(keras, layer, "its weights are for %d features, not %d",
                               (int)made->kernel.shape[0], (int)made->features);
    TRY(mg_keras_weights(keras, layer, "recurrent_kernel", 2, shape, &made->recurrent));
    if (mg_keras_has_weight(layer, "bias"))
        TRY(mg_keras_weights(keras, layer, "bias", -1, NULL, &made->bias));
    made->whole = call->whole || mg_json_flag(flags, "return_sequences", false);
    made->state = !call->whole && mg_json_flag(flags, "return_state", false);
    bool direction = layer->outer != NULL && strcmp(layer->outer->class_name, "Bidirectional") == 0;
    made->zero = direction ? made->whole : mg_json_flag(flags, "zero_output_for_mask", false);
    made->input = input;
    if (!mg_json_flag(flags, "go_backwards", false)) return MIDGE_OK;
    if (made->mask >= 0) TRY(mg_keras_reverse(keras, made->mask, 1, &made->mask));
    return mg_keras_reverse(keras, input, 1, &made->input);
}

/* Columns of one gate, [in, gates * units] as [units, in]. */
static midge_status gate_weights(mg_keras *keras, const char *name, const mg_keras_weight *weight,
                                 int32_t gate, int32_t units, int32_t *tensor)
{
    int32_t rows = weight->shape[0];
    size_t columns = (size_t)weight->shape[1];
    float *values = NULL;
    TRY(mg_keras_room(keras, name, 2, (int32_t[]){units, rows}, &values, tensor));
    for (int32_t r = 0; r < rows; ++r)
        for (int32_t u = 0; u < units; ++u)
            values[(size_t)u * (size_t)rows + (size_t)r] =
                weight->values[(size_t)r * columns + (size_t)gate * (size_t)units + (size_t)u];
    return MIDGE_OK;
}

static midge_status gate_bias(mg_keras *keras, const mg_keras_sequence *at, int32_t gate,
                              int32_t *tensor)
{
    float *zeros = NULL;
    if (at->bias.values == NULL) return mg_keras_room(keras, "bias", 1, &at->units, &zeros, tensor);
    return mg_keras_constant(keras, "bias", 1, &at->units,
                             at->bias.values + (size_t)gate * (size_t)at->units, tensor);
}

static midge_status add_state(mg_keras *keras, const mg_keras_sequence *at, int32_t *tensor)
{
    const char *full = NULL;
    TRY(mg_network_text(keras->network, &full, "%s/state", keras->layer->path));
    TRY(mg_network_add(keras->network, mg_keras_graph(keras), full, MIDGE_FLOAT32, 2,
                       (int32_t[]){at->batch, at->units}, tensor));
    mg_keras_graph(keras)->tensors[*tensor].is_variable = true;
    return MIDGE_OK;
}

/* All steps, or the last one. */
static midge_status finish(mg_keras *keras, const mg_keras_sequence *at, int32_t whole,
                           int32_t *output)
{
    int32_t last;
    *output = whole;
    if (at->whole) return MIDGE_OK;
    TRY(mg_keras_slice(keras, whole, (int32_t[]){0, at->steps - 1, 0},
                       (int32_t[]){at->batch, 1, at->units}, &last));
    return mg_keras_reshape(keras, last, 2, (int32_t[]){at->batch, at->units}, output);
}

static midge_status fused_lstm(mg_keras *keras, const mg_keras_sequence *at, int32_t *output)
{
    int32_t inputs[MG_LSTM_INPUTS], whole;
    for (int i = 0; i < MG_LSTM_INPUTS; ++i) inputs[i] = -1;
    inputs[0] = at->input;
    for (int32_t gate = 0; gate < 4; ++gate) {
        TRY(gate_weights(keras, "kernel", &at->kernel, gate, at->units, &inputs[1 + gate]));
        TRY(gate_weights(keras, "recurrent_kernel", &at->recurrent, gate, at->units,
                         &inputs[5 + gate]));
        TRY(gate_bias(keras, at, gate, &inputs[12 + gate]));
    }
    TRY(mg_network_add_lstm(keras->network, mg_keras_graph(keras), -1, keras->layer->path, inputs,
                            &whole));
    return finish(keras, at, whole, output);
}

midge_status mg_keras_lower_lstm(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    mg_keras_sequence at;
    TRY(read_sequence(keras, layer, call, 4, &at));
    if (at.bias.values != NULL && at.bias.count != 4 * (size_t)at.units)
        return mg_keras_refuse(keras, layer, "its bias does not fit");
    if (is_activation(layer, "activation", "tanh") &&
        is_activation(layer, "recurrent_activation", "sigmoid") && !at.state &&
        call->input_count == 1 && at.mask < 0)
        return fused_lstm(keras, &at, &call->outputs[0]);
    return mg_keras_unroll(keras, layer, &at, mg_keras_step_lstm, 2, call);
}

midge_status mg_keras_lower_gru(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    mg_keras_sequence at;
    TRY(read_sequence(keras, layer, call, 3, &at));
    at.reset_after = mg_json_flag(layer->config, "reset_after", false);
    if (at.bias.values != NULL &&
        at.bias.count != (size_t)(at.reset_after ? 6 : 3) * (size_t)at.units)
        return mg_keras_refuse(keras, layer, "its bias does not fit");
    return mg_keras_unroll(keras, layer, &at, mg_keras_step_gru, 1, call);
}

static int8_t fused_of(const char *name)
{
    static const struct {
        const char *name;
        int8_t activation;
    } rows[] = {{"tanh", MG_ACTIVATION_TANH},
                {"relu", MG_ACTIVATION_RELU},
                {"relu6", MG_ACTIVATION_RELU6},
                {"linear", MG_ACTIVATION_NONE}};
    for (size_t i = 0; name != NULL && i < sizeof rows / sizeof rows[0]; ++i)
        if (strcmp(rows[i].name, name) == 0) return rows[i].activation;
    return -1;
}

midge_status mg_keras_lower_simple_rnn(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    mg_keras_sequence at;
    int32_t inputs[5], whole;
    mg_network_node *node;
    TRY(read_sequence(keras, layer, call, 1, &at));
    if (at.bias.values != NULL && at.bias.count != (size_t)at.units)
        return mg_keras_refuse(keras, layer, "its bias does not fit");
    int8_t fused = fused_of(mg_keras_activation_name(json_object_get(layer->config, "activation")));
    if (fused < 0 || at.state || call->input_count > 1 || at.mask >= 0)
        return mg_keras_unroll(keras, layer, &at, mg_keras_step_simple, 1, call);
    inputs[0] = at.input;
    TRY(gate_weights(keras, "kernel", &at.kernel, 0, at.units, &inputs[1]));
    TRY(gate_weights(keras, "recurrent_kernel", &at.recurrent, 0, at.units, &inputs[2]));
    TRY(gate_bias(keras, &at, 0, &inputs[3]));
    TRY(add_state(keras, &at, &inputs[4]));
    TRY(mg_keras_node(keras, MG_BUILTIN_UNIDIRECTIONAL_SEQUENCE_RNN, 5, inputs, MIDGE_FLOAT32, 3,
                      (int32_t[]){at.batch, at.steps, at.units}, &whole, &node));
    ((mg_SequenceRNNOptions *)node->options)->fused_activation_function = fused;
    return finish(keras, &at, whole, &call->outputs[0]);
}
