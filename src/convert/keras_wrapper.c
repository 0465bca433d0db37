/* SPDX-License-Identifier: Apache-2.0 */
/* Layers around another layer: Bidirectional, TimeDistributed. */
#include <stdio.h>

#include "convert/keras_layer.h"
#include "convert/keras_mask.h"

/* `mask`: of the input, or -1. */
static midge_status apply_part(mg_keras *keras, const mg_keras_layer *part, int32_t input,
                               int32_t mask, int32_t *output)
{
    mg_keras_call call = {.input_count = 1, .inputs = &input, .has_mask = true, .mask = mask};
    if (part->model != NULL) return mg_keras_run_model(keras, part->model, 1, &input, 1, output, 1);
    TRY(mg_keras_apply(keras, part, &call));
    if (call.output_count != 1)
        return mg_keras_refuse(keras, part, "several outputs inside another layer");
    *output = call.outputs[0];
    return MIDGE_OK;
}

/* Keras calls the directions forward_NAME and backward_NAME; some versions write that name. */
static void name_direction(const char *layer, bool backward, char *name, size_t capacity)
{
    if (strncmp(layer, "forward_", 8) == 0) layer += 8;
    if (strncmp(layer, "backward_", 9) == 0) layer += 9;
    (void)snprintf(name, capacity, "%s%s", backward ? "backward_" : "forward_", layer);
}

/* One direction: the wrapped layer, or its own entry, under the name that Keras gives it. */
static midge_status run_direction(mg_keras *keras, const mg_keras_layer *layer, bool backward,
                                  int32_t input, int32_t mask, bool *whole, int32_t *output)
{
    const json_t *forward_object = json_object_get(layer->config, "layer");
    const json_t *own = json_object_get(layer->config, "backward_layer");
    const json_t *object = backward && json_is_object(own) ? own : forward_object;
    char name[200];
    mg_keras_layer *part = NULL;
    name_direction(mg_json_text(json_object_get(object, "config"), "name", ""), backward, name,
                   sizeof name);
    TRY(mg_keras_read_part(keras, layer, object, name,
                           backward ? "backward_layer" : "forward_layer", &part));
    if (part->row == NULL ||
        (strcmp(part->class_name, "LSTM") != 0 && strcmp(part->class_name, "GRU") != 0 &&
         strcmp(part->class_name, "SimpleRNN") != 0))
        return mg_keras_refuse(keras, layer, "wraps a layer that is not LSTM, GRU or SimpleRNN");
    if (mg_json_flag(part->config, "return_state", false))
        return mg_keras_refuse(keras, layer, "return_state");
    *whole = mg_json_flag(part->config, "return_sequences", false);
    /* The second direction goes the other way than the first, unless it has its own entry. */
    bool turned = mg_json_flag(part->config, "go_backwards", false);
    if (backward && object == own) turned = !turned;
    if (turned) return mg_keras_refuse(keras, layer, "wraps a layer with go_backwards");
    if (!backward) return apply_part(keras, part, input, mask, output);
    if (object != own) {
        TRY(mg_keras_reverse(keras, input, 1, &input));
        if (mask >= 0) TRY(mg_keras_reverse(keras, mask, 1, &mask));
    }
    TRY(apply_part(keras, part, input, mask, output));
    return *whole ? mg_keras_reverse(keras, *output, 1, output) : MIDGE_OK;
}

midge_status mg_keras_lower_bidirectional(mg_keras *keras, const mg_keras_layer *layer,
                                          mg_keras_call *call)
{
    const char *mode = mg_json_text(layer->config, "merge_mode", "");
    int32_t ways[2], *output = &call->outputs[0], half;
    bool whole;
    if (call->input_count != 1) return mg_keras_refuse(keras, layer, "an initial state");
    int32_t mask = mg_keras_call_mask(keras, call);
    TRY(run_direction(keras, layer, false, call->inputs[0], mask, &whole, &ways[0]));
    TRY(run_direction(keras, layer, true, call->inputs[0], mask, &whole, &ways[1]));
    int32_t last = mg_keras_tensor(keras, ways[0])->rank - 1;
    if (strcmp(mode, "concat") == 0) return mg_keras_concatenate(keras, 2, ways, last, output);
    if (strcmp(mode, "mul") == 0)
        return mg_keras_binary(keras, MG_BUILTIN_MUL, ways[0], ways[1], output);
    if (strcmp(mode, "sum") == 0 || strcmp(mode, "ave") == 0) {
        TRY(mg_keras_binary(keras, MG_BUILTIN_ADD, ways[0], ways[1], output));
        if (mode[0] == 's') return MIDGE_OK;
        TRY(mg_keras_scalar(keras, 0.5f, &half));
        return mg_keras_binary(keras, MG_BUILTIN_MUL, *output, half, output);
    }
    call->outputs[0] = ways[0];
    call->outputs[1] = ways[1];
    call->output_count = 2;
    return MIDGE_OK;
}

/* Batch and time become one dimension, and two again. */
midge_status mg_keras_lower_time_distributed(mg_keras *keras, const mg_keras_layer *layer,
                                             mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    int32_t shape[MIDGE_MAX_RANK + 1], flat, made;
    mg_keras_layer *part = NULL;
    if (source.rank < 3) return mg_keras_refuse(keras, layer, "its input has too few dimensions");
    TRY(mg_keras_read_part(keras, layer, json_object_get(layer->config, "layer"), NULL, "layer",
                           &part));
    shape[0] = source.shape[0] * source.shape[1];
    for (int32_t i = 2; i < source.rank; ++i) shape[i - 1] = source.shape[i];
    TRY(mg_keras_reshape(keras, call->inputs[0], source.rank - 1, shape, &flat));
    TRY(apply_part(keras, part, flat, -1, &made));
    const mg_network_tensor result = *mg_keras_tensor(keras, made);
    if (result.rank < 1 || result.rank >= MIDGE_MAX_RANK || result.shape[0] != shape[0])
        return mg_keras_refuse(keras, layer, "the wrapped layer changes the batch");
    shape[0] = source.shape[0];
    shape[1] = source.shape[1];
    for (int32_t i = 1; i < result.rank; ++i) shape[i + 1] = result.shape[i];
    return mg_keras_reshape(keras, made, result.rank + 1, shape, &call->outputs[0]);
}

/* The kernel that the file keeps is divided already. The wrapper has it, too, and vector_u; they
 * are read so that those who listen hear of them. */
midge_status mg_keras_lower_spectral_normalization(mg_keras *keras, const mg_keras_layer *layer,
                                                   mg_keras_call *call)
{
    mg_keras_layer *part = NULL;
    mg_keras_weight unused;
    if (keras->version >= 3 && keras->tree) {
        TRY(mg_keras_weights(keras, layer, "kernel", -1, NULL, &unused));
        TRY(mg_keras_weights(keras, layer, "vector_u", -1, NULL, &unused));
    }
    TRY(mg_keras_read_part(keras, layer, json_object_get(layer->config, "layer"), NULL, "layer",
                           &part));
    return apply_part(keras, part, call->inputs[0], mg_keras_call_mask(keras, call),
                      &call->outputs[0]);
}
