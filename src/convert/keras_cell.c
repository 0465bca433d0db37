/* SPDX-License-Identifier: Apache-2.0 */
/* RNN around a cell that Keras itself has, or around a stack of them, each of which goes over all
 * steps before the next one starts: the same numbers in another order. */
#include <stdio.h>

#include "convert/keras_layer.h"
#include "convert/keras_mask.h"

static midge_status run_cell(mg_keras *keras, const mg_keras_layer *layer, const json_t *object,
                             const char *place, bool last, int32_t mask, int32_t input,
                             mg_keras_call *call)
{
    mg_keras_layer *part = NULL;
    TRY(mg_keras_read_part(keras, layer, object, NULL, place, &part));
    if (part->row == NULL || strstr(part->class_name, "Cell") == NULL)
        return mg_keras_refuse(keras, layer,
                               "a cell that is not LSTMCell, GRUCell, SimpleRNNCell or a stack of "
                               "these");
    mg_keras_call inner = {.input_count = 1,
                           .inputs = &input,
                           .has_mask = true,
                           .mask = mask,
                           .flags = layer->config,
                           .whole = !last};
    TRY(mg_keras_apply(keras, part, &inner));
    call->output_count = inner.output_count;
    memcpy(call->outputs, inner.outputs, sizeof inner.outputs);
    return MIDGE_OK;
}

/* cells/lstm_cell, cells/lstm_cell_1, …: counted by class. */
static void place_of(const json_t *cells, size_t index, char *place, size_t capacity)
{
    const char *class_name = mg_json_text(json_array_get(cells, index), "class_name", "");
    const char *snake = strcmp(class_name, "LSTMCell") == 0  ? "lstm_cell"
                        : strcmp(class_name, "GRUCell") == 0 ? "gru_cell"
                                                             : "simple_rnn_cell";
    unsigned same = 0;
    for (size_t i = 0; i < index; ++i)
        same += strcmp(mg_json_text(json_array_get(cells, i), "class_name", ""), class_name) == 0;
    if (same == 0)
        (void)snprintf(place, capacity, "cell/cells/%s", snake);
    else
        (void)snprintf(place, capacity, "cell/cells/%s_%u", snake, same);
}

midge_status mg_keras_lower_rnn(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    const json_t *cell = json_object_get(layer->config, "cell");
    const json_t *cells = json_object_get(json_object_get(cell, "config"), "cells");
    bool stack = strcmp(mg_json_text(cell, "class_name", ""), "StackedRNNCells") == 0;
    int32_t mask = mg_keras_call_mask(keras, call), input = call->inputs[0];
    size_t count = json_array_size(cells);
    char place[80];
    if (call->input_count != 1) return mg_keras_refuse(keras, layer, "an initial state");
    if (!stack) return run_cell(keras, layer, cell, "cell", true, mask, input, call);
    if (count == 0) return mg_keras_refuse(keras, layer, "a stack without cells");
    if (mg_json_flag(layer->config, "return_state", false))
        return mg_keras_refuse(keras, layer, "the states of a stack of cells");
    if (mg_json_flag(layer->config, "go_backwards", false))
        return mg_keras_refuse(keras, layer, "a stack of cells that goes backwards");
    for (size_t i = 0; i < count; ++i) {
        place_of(cells, i, place, sizeof place);
        TRY(run_cell(keras, layer, json_array_get(cells, i), place, i + 1 == count, mask, input,
                     call));
        input = call->outputs[0];
    }
    return MIDGE_OK;
}
