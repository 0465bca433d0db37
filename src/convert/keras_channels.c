/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers with data_format channels_first: what .tflite computes has its channels last, so inputs
 * are turned before such a layer and outputs after it. Weights have the same layout for both.
 * Turning there and back between two such layers cancels out later.
 */
#include "convert/keras_layer.h"
#include "convert/keras_mask.h"

/* Takes the channels from place `first` to the end, or back. */
static midge_status turn(mg_keras *keras, int32_t input, int32_t first, bool back, int32_t *output)
{
    int32_t rank = mg_keras_tensor(keras, input)->rank, order[MIDGE_MAX_RANK];
    *output = input;
    if (rank <= first + 1) return MIDGE_OK;
    for (int32_t i = 0; i < rank; ++i) order[i] = i;
    for (int32_t i = first; i < rank; ++i) {
        if (back)
            order[i] = i == first ? rank - 1 : i - 1;
        else
            order[i] = i == rank - 1 ? first : i + 1;
    }
    return mg_keras_transpose(keras, input, order, output);
}

midge_status mg_keras_lower_turned(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call)
{
    const int32_t *given = call->inputs;
    int32_t rank = mg_keras_tensor(keras, given[0])->rank;
    int32_t first = strncmp(layer->class_name, "ConvLSTM", 8) == 0 ? 2 : 1; /* after the steps */
    bool had_mask = call->has_mask;
    void *memory = NULL;
    TRY(mg_region_get_array(&keras->region, call->input_count, sizeof(int32_t), &memory,
                            keras->error));
    int32_t *inputs = memory;
    for (size_t i = 0; i < call->input_count; ++i)
        TRY(turn(keras, given[i], first, false, &inputs[i]));
    call->mask = mg_keras_call_mask(keras, call);
    call->has_mask = true;
    call->inputs = inputs;
    midge_status status = layer->row->lower(keras, layer, call);
    call->inputs = given;
    call->has_mask = had_mask;
    TRY(status);
    for (size_t i = 0; i < call->output_count; ++i) {
        /* A layer with steps may give the last one alone. */
        int32_t lost = rank - mg_keras_tensor(keras, call->outputs[i])->rank;
        int32_t place = first == 2 && lost == 1 ? 1 : first;
        TRY(turn(keras, call->outputs[i], place, true, &call->outputs[i]));
    }
    return MIDGE_OK;
}
