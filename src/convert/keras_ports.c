/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs and outputs of the outermost model, and what the signature calls them: inputs as their
 * layers; outputs by their keys, or output_0, output_1, … (Keras 3), or as their layers (before).
 */
#include <stdio.h>

#include "convert/keras_layer.h"
#include "convert/keras_ranges.h"

static midge_status read_type(mg_keras *keras, const mg_keras_layer *layer, midge_type *type)
{
    static const struct {
        const char *name;
        midge_type type;
    } types[] = {{"float32", MIDGE_FLOAT32},  {"float16", MIDGE_FLOAT32},
                 {"bfloat16", MIDGE_FLOAT32}, {"float64", MIDGE_FLOAT32},
                 {"int32", MIDGE_INT32},      {"int64", MIDGE_INT64},
                 {"uint8", MIDGE_UINT8},      {"int8", MIDGE_INT8},
                 {"int16", MIDGE_INT16},      {"bool", MIDGE_BOOL}};
    const json_t *value = json_object_get(layer->config, "dtype");
    const char *name = json_is_string(value)
                           ? json_string_value(value)
                           : mg_json_text(json_object_get(value, "config"), "name", "float32");
    *type = MIDGE_FLOAT32;
    if (strncmp(name, "mixed_", 6) == 0) return MIDGE_OK;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
        if (strcmp(types[i].name, name) != 0) continue;
        *type = types[i].type;
        return MIDGE_OK;
    }
    char printable[40];
    return mg_keras_refuse(keras, layer, "inputs of type %s",
                           mg_printable(name, printable, sizeof printable));
}

static const json_t *find_shape(const mg_keras_layer *layer)
{
    const json_t *config = layer->config;
    const json_t *shape = json_object_get(config, "batch_shape");
    if (shape == NULL) shape = json_object_get(config, "batch_input_shape");
    if (shape == NULL)
        shape = json_object_get(json_object_get(layer->object, "build_config"), "input_shape");
    /* {"class_name": "__tuple__", "items": […]} */
    return json_is_object(shape) ? json_object_get(shape, "items") : shape;
}

static midge_status read_shape(mg_keras *keras, const mg_keras_layer *layer, const json_t *list,
                               int32_t *rank, int32_t *shape)
{
    size_t count = json_array_size(list);
    if (count == 0)
        return mg_keras_refuse(keras, layer,
                               "the file does not say the shape of its input; save "
                               "the model with an Input layer");
    if (count > MIDGE_MAX_RANK)
        return mg_keras_refuse(keras, layer, "its input has too many dimensions");
    *rank = (int32_t)count;
    for (size_t i = 0; i < count; ++i) {
        const json_t *size = json_array_get(list, i);
        if (i == 0 && (keras->batch > 0 || json_is_null(size))) {
            shape[0] = keras->batch > 0 ? keras->batch : 1;
            continue;
        }
        if (json_is_null(size))
            return mg_keras_refuse(keras, layer,
                                   "dimension %zu of the input is open; make the model with "
                                   "Input(shape=…) whose sizes are all numbers",
                                   i);
        if (!mg_json_to_int32(size, &shape[i]) || shape[i] <= 0)
            return mg_keras_refuse(keras, layer, "dimension %zu of the input is no size", i);
    }
    return MIDGE_OK;
}

static midge_status add_input(mg_keras *keras, const mg_keras_layer *layer, const json_t *list,
                              int32_t *tensor)
{
    int32_t rank = 0, shape[MIDGE_MAX_RANK];
    midge_type type;
    const char *name = NULL;
    TRY(read_type(keras, layer, &type));
    TRY(read_shape(keras, layer, list, &rank, shape));
    TRY(mg_network_text(keras->network, &name, "%s", layer->path));
    return mg_network_add(keras->network, mg_keras_graph(keras), name, type, rank, shape, tensor);
}

/* The layer whose configuration tells the input of a sequence: the first, or the first of a model
 * that is the first. */
static const mg_keras_layer *first_layer(const mg_keras_model *model)
{
    const mg_keras_layer *layer = &model->layers[0];
    while (layer->model != NULL && find_shape(layer) == NULL)
        layer = layer->model->sequence ? &layer->model->layers[0]
                                       : &layer->model->layers[layer->model->inputs[0].layer];
    return layer;
}

static midge_status add_inputs(mg_keras *keras, const mg_keras_model *model, int32_t *tensors,
                               const char **names)
{
    if (model->sequence) {
        const mg_keras_layer *layer = first_layer(model);
        TRY(add_input(keras, layer, find_shape(layer), &tensors[0]));
        /* Keras calls the input that it makes for a layer LAYER_input. */
        if (strcmp(layer->class_name, "InputLayer") == 0)
            names[0] = layer->name;
        else
            TRY(mg_network_text(keras->network, &names[0], "%s_input", layer->name));
        mg_keras_graph(keras)->tensors[tensors[0]].name = names[0];
        mg_keras_take_input_range(keras, 0, tensors[0]);
        return MIDGE_OK;
    }
    for (size_t i = 0; i < model->input_count; ++i) {
        const mg_keras_layer *layer = &model->layers[model->inputs[i].layer];
        TRY(add_input(keras, layer, find_shape(layer), &tensors[i]));
        names[i] = layer->name;
        mg_keras_take_input_range(keras, i, tensors[i]);
    }
    return MIDGE_OK;
}

static midge_status name_output(mg_keras *keras, const mg_keras_model *model, size_t index,
                                const char **name)
{
    if (model->output_names != NULL) {
        *name = model->output_names[index];
        return MIDGE_OK;
    }
    if (keras->version >= 3) return mg_network_text(keras->network, name, "output_%zu", index);
    size_t layer = model->sequence ? model->layer_count - 1 : model->outputs[index].layer;
    size_t same = 0;
    for (size_t i = 0; !model->sequence && i < index; ++i) same += model->outputs[i].layer == layer;
    if (same == 0) return mg_network_text(keras->network, name, "%s", model->layers[layer].name);
    return mg_network_text(keras->network, name, "%s_%zu", model->layers[layer].name, same);
}

static midge_status add_signature(mg_keras *keras, const mg_keras_model *model, size_t inputs,
                                  const int32_t *input, const char *const *names, size_t outputs,
                                  const int32_t *output)
{
    mg_network_signature *signature;
    TRY(mg_network_add_signature(keras->network, "serving_default", inputs, outputs, &signature));
    for (size_t i = 0; i < inputs; ++i)
        signature->inputs[i] = (mg_network_binding){names[i], input[i]};
    for (size_t i = 0; i < outputs; ++i) {
        signature->outputs[i].tensor = output[i];
        TRY(name_output(keras, model, i, &signature->outputs[i].name));
    }
    return MIDGE_OK;
}

/* A model that gives one of its inputs, or one tensor twice, needs a node that makes a copy: an
 * output of a file must not be its input. */
static midge_status separate_outputs(mg_keras *keras, size_t input_count, const int32_t *inputs,
                                     size_t output_count, int32_t *outputs)
{
    for (size_t i = 0; i < output_count; ++i) {
        bool taken = false;
        for (size_t k = 0; k < input_count; ++k) taken = taken || outputs[i] == inputs[k];
        for (size_t k = 0; k < i; ++k) taken = taken || outputs[i] == outputs[k];
        if (!taken) continue;
        const mg_network_tensor source = *mg_keras_tensor(keras, outputs[i]);
        const mg_keras_layer layer = {.path = source.name, .class_name = "output"};
        int32_t shape;
        keras->layer = &layer;
        TRY(mg_network_add_int32s(keras->network, mg_keras_graph(keras), "shape",
                                  (size_t)source.rank, source.shape, &shape));
        TRY(mg_keras_node(keras, MG_BUILTIN_RESHAPE, 2, (int32_t[]){outputs[i], shape}, source.type,
                          source.rank, source.shape, &outputs[i], NULL));
        mg_network_graph *graph = mg_keras_graph(keras);
        graph->nodes[graph->node_count - 1].origin = "";
        keras->layer = NULL;
    }
    return MIDGE_OK;
}

midge_status mg_keras_run(mg_keras *keras, const mg_keras_model *model)
{
    size_t inputs = model->sequence ? 1 : model->input_count;
    size_t outputs = model->sequence ? 1 : model->output_count;
    void *memory = NULL;
    TRY(mg_region_get_array(&keras->region, inputs + outputs, sizeof(int32_t), &memory,
                            keras->error));
    int32_t *input = memory, *output = input + inputs;
    TRY(mg_region_get_array(&keras->region, inputs, sizeof(char *), &memory, keras->error));
    const char **names = memory;
    TRY(add_inputs(keras, model, input, names));
    TRY(mg_keras_run_model(keras, model, inputs, input, outputs, output, 0));
    TRY(separate_outputs(keras, inputs, input, outputs, output));
    TRY(mg_network_set_inputs(keras->network, mg_keras_graph(keras), inputs, input));
    TRY(mg_network_set_outputs(keras->network, mg_keras_graph(keras), outputs, output));
    return add_signature(keras, model, inputs, input, names, outputs, output);
}
