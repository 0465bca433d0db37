/* SPDX-License-Identifier: Apache-2.0 */
/* From layers to nodes. The calls come from convert/keras_graph.c, in an order in which each has
 * its inputs; numbers of tensors are the trainer's. */
#include "train/train_build.h"

#include <stdio.h>

#include "train/train_list.h"

static const mg_train_class classes[] = {
#define LAYER(name, function) {name, mg_train_build_##function},
#include "train/layers.def"
};

static const mg_train_class *find_class(const mg_keras_layer *layer)
{
    if (layer->row == NULL) return NULL;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; ++i)
        if (strcmp(classes[i].name, layer->row->name) == 0) return &classes[i];
    return NULL;
}

/* ---- Parts ---- */

midge_status mg_train_plan(midge_trainer *trainer, size_t bytes, void **plan)
{
    return mg_region_get(&trainer->region, bytes, plan, trainer->keras.error);
}

midge_status mg_train_elements(midge_trainer *trainer, const mg_keras_layer *layer, int32_t rank,
                               const int32_t *shape, size_t *elements)
{
    enum { MOST = 1 << 30 };
    *elements = 1;
    for (int32_t i = 0; i < rank; ++i) {
        if (shape[i] < 1)
            return mg_keras_refuse(&trainer->keras, layer, "its result would have no elements");
        if (!mg_size_multiply(*elements, (size_t)shape[i], elements) || *elements > MOST)
            return mg_keras_refuse(&trainer->keras, layer, "more than %d elements in one tensor",
                                   (int)MOST);
    }
    return MIDGE_OK;
}

static midge_status add_tensor(midge_trainer *trainer, int32_t rank, const int32_t *shape,
                               int32_t *tensor)
{
    void *item = NULL;
    size_t elements;
    TRY(mg_train_elements(trainer, trainer->keras.layer, rank, shape, &elements));
    TRY(mg_train_list_add(&trainer->heap, &trainer->tensors, sizeof(mg_train_tensor), &item,
                          trainer->keras.error));
    mg_train_tensor *made = item;
    *made = (mg_train_tensor){.rank = rank, .elements = elements, .shown = -1};
    memcpy(made->shape, shape, (size_t)rank * sizeof *shape);
    *tensor = (int32_t)trainer->tensors.count - 1;
    return MIDGE_OK;
}

/* A tensor that comes twice would have its gradient overwritten: the second time it is a copy. */
static void copy_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const mg_train_tensor *input = mg_train_input(pass, node, 0);
    mg_train_tensor *output = mg_train_output(pass, node);
    memcpy(output->values, input->values, pass->batch * input->elements * sizeof(float));
}

static void copy_backward(const mg_train_pass *pass, mg_train_node *node)
{
    mg_train_tensor *input = mg_train_input(pass, node, 0);
    const mg_train_tensor *output = mg_train_output(pass, node);
    if (input->gradient != NULL)
        memcpy(input->gradient, output->gradient, pass->batch * input->elements * sizeof(float));
}

static const mg_train_operation copy_operation = {"copy", copy_forward, copy_backward, NULL, false};

static midge_status separate_inputs(midge_trainer *trainer, const mg_keras_layer *layer,
                                    size_t count, int32_t *inputs)
{
    for (size_t i = 1; i < count; ++i)
        for (size_t k = 0; k < i; ++k) {
            if (inputs[k] != inputs[i]) continue;
            const mg_train_tensor same = *mg_train_tensor_at(trainer, inputs[i]);
            TRY(mg_train_add_node(trainer, layer, &copy_operation, 1, &inputs[k], same.rank,
                                  same.shape, &inputs[i], NULL));
            break;
        }
    return MIDGE_OK;
}

midge_status mg_train_add_node(midge_trainer *trainer, const mg_keras_layer *layer,
                               const mg_train_operation *operation, size_t input_count,
                               const int32_t *inputs, int32_t rank, const int32_t *shape,
                               int32_t *output, mg_train_node **node)
{
    void *memory = NULL, *item = NULL;
    TRY(mg_region_get_array(&trainer->region, input_count, sizeof *inputs, &memory,
                            trainer->keras.error));
    int32_t *own = memory;
    memcpy(own, inputs, input_count * sizeof *inputs);
    TRY(separate_inputs(trainer, layer, input_count, own));
    TRY(add_tensor(trainer, rank, shape, output));
    TRY(mg_train_list_add(&trainer->heap, &trainer->nodes, sizeof(mg_train_node), &item,
                          trainer->keras.error));
    mg_train_node *made = item;
    *made = (mg_train_node){.operation = operation,
                            .layer = layer,
                            .input_count = input_count,
                            .inputs = own,
                            .output = *output,
                            .weights = {-1, -1, -1, -1}};
    for (size_t i = 0; i < input_count; ++i) ++mg_train_tensor_at(trainer, own[i])->users;
    if (node != NULL) *node = made;
    return MIDGE_OK;
}

midge_status mg_train_check_rank(midge_trainer *trainer, const mg_keras_layer *layer,
                                 const mg_keras_call *call, int32_t rank)
{
    int32_t have = mg_train_tensor_at(trainer, call->inputs[0])->rank;
    if (call->input_count != 1)
        return mg_keras_refuse(&trainer->keras, layer, "%zu inputs where it can learn from one",
                               call->input_count);
    if (rank < 0 || have == rank) return MIDGE_OK;
    return mg_keras_refuse(&trainer->keras, layer,
                           "its input has %d dimensions beside the batch, not %d", (int)have,
                           (int)rank);
}

midge_status mg_train_count(midge_trainer *trainer, const mg_keras_layer *layer, const char *key,
                            int32_t *count)
{
    *count = mg_json_int(layer->config, key, 0);
    if (*count >= 1) return MIDGE_OK;
    return mg_keras_refuse(&trainer->keras, layer, "its '%s' is no count", key);
}

/* ---- Weights ---- */

static midge_status read_regularizer(midge_trainer *trainer, const mg_keras_layer *layer,
                                     const char *key, mg_train_weight *weight)
{
    const json_t *value = json_object_get(layer->config, key);
    if (value == NULL || json_is_null(value)) return MIDGE_OK;
    const json_t *config = json_object_get(value, "config");
    const char *name =
        json_is_string(value) ? json_string_value(value) : mg_json_text(value, "class_name", "?");
    bool first = strcmp(name, "L1") == 0 || strcmp(name, "l1") == 0;
    bool second = strcmp(name, "L2") == 0 || strcmp(name, "l2") == 0;
    bool both = strcmp(name, "L1L2") == 0 || strcmp(name, "l1_l2") == 0;
    if (!first && !second && !both) {
        char printable[60];
        return mg_keras_refuse(&trainer->keras, layer,
                               "the regularizer '%s' is not one midge knows",
                               mg_printable(name, printable, sizeof printable));
    }
    if (first || both) weight->l1 = (float)mg_json_number(config, "l1", both ? 0 : 0.01);
    if (second || both) weight->l2 = (float)mg_json_number(config, "l2", both ? 0 : 0.01);
    return MIDGE_OK;
}

static midge_status check_constraint(midge_trainer *trainer, const mg_keras_layer *layer)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)layer->config, key, value)
    {
        size_t length = strlen(key);
        bool constraint = length > 11 && strcmp(key + length - 11, "_constraint") == 0;
        bool activity = strcmp(key, "activity_regularizer") == 0;
        if ((constraint || activity) && !json_is_null(value))
            return mg_keras_refuse(&trainer->keras, layer, "'%s' is not one midge trains with",
                                   constraint ? "…_constraint" : key);
    }
    return MIDGE_OK;
}

/* Frozen by itself or by a model around it. */
static bool is_frozen(const mg_keras_layer *layer)
{
    for (; layer != NULL; layer = layer->outer)
        if (!mg_json_flag(layer->config, "trainable", true)) return true;
    return false;
}

midge_status mg_train_add_weight(midge_trainer *trainer, const mg_keras_layer *layer,
                                 const mg_train_weight_form *form, int32_t *index)
{
    void *item = NULL;
    midge_error *error = trainer->keras.error;
    *index = -1;
    if (!mg_keras_has_weight(layer, form->name)) return MIDGE_OK;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (weight->layer != layer || strcmp(weight->name, form->name) != 0) continue;
        bool same = weight->rank == form->rank;
        for (int32_t k = 0; same && k < form->rank; ++k) same = weight->shape[k] == form->shape[k];
        if (!same) return mg_keras_refuse(&trainer->keras, layer, "is called with other shapes");
        ++weight->users;
        *index = (int32_t)i;
        return MIDGE_OK;
    }
    TRY(check_constraint(trainer, layer));
    TRY(mg_train_list_add(&trainer->heap, &trainer->weights, sizeof(mg_train_weight), &item,
                          error));
    mg_train_weight *made = item;
    *made = (mg_train_weight){.layer = layer,
                              .name = form->name,
                              .rank = form->rank,
                              .users = 1,
                              .statistic = form->statistic,
                              .trained = !form->statistic && !is_frozen(layer)};
    memcpy(made->shape, form->shape, (size_t)form->rank * sizeof *form->shape);
    TRY(mg_train_elements(trainer, layer, form->rank, form->shape, &made->elements));
    TRY(mg_heap_get_array(&trainer->heap, made->elements, sizeof(float), &item, error));
    made->values = item;
    if (form->regularizer != NULL) TRY(read_regularizer(trainer, layer, form->regularizer, made));
    *index = (int32_t)trainer->weights.count - 1;
    return mg_train_initialize(trainer, made, json_object_get(layer->config, form->initializer),
                               form->fallback, (size_t)*index);
}

/* ---- Calls ---- */

static midge_status note_layer(midge_trainer *trainer, const mg_keras_layer *layer, int32_t output)
{
    void *item = NULL;
    for (size_t i = 0; i < trainer->layers.count; ++i)
        if (mg_train_layer_at(trainer, i)->layer == layer) return MIDGE_OK;
    TRY(mg_train_list_add(&trainer->heap, &trainer->layers, sizeof(mg_train_layer), &item,
                          trainer->keras.error));
    *(mg_train_layer *)item = (mg_train_layer){layer, output, is_frozen(layer)};
    return MIDGE_OK;
}

static midge_status perform(mg_keras *keras, const mg_keras_layer *layer, mg_keras_call *call)
{
    midge_trainer *trainer = keras->performer;
    const mg_train_class *class = find_class(layer);
    if (class == NULL) return mg_keras_refuse(keras, layer, "midge cannot train it");
    if (call->input_count == 0) return mg_keras_refuse(keras, layer, "is called without an input");
    keras->layer = layer;
    call->output_count = 1;
    TRY(class->build(trainer, layer, call));
    TRY(mg_train_note_result(trainer, layer, NULL, call->outputs[0]));
    return note_layer(trainer, layer, call->outputs[0]);
}

typedef struct unknown_list {
    char text[600];
    size_t used;
    size_t count;
} unknown_list;

static void list_unknown(unknown_list *at, const mg_keras_model *model)
{
    for (size_t i = 0; i < model->layer_count; ++i) {
        const mg_keras_layer *layer = &model->layers[i];
        char name[60], class_name[60];
        if (layer->model != NULL) list_unknown(at, layer->model);
        if (layer->model != NULL || find_class(layer) != NULL ||
            strcmp(layer->class_name, "InputLayer") == 0)
            continue;
        size_t room = sizeof at->text - at->used;
        int length = snprintf(at->text + at->used, room, "%s'%s' (%s)", at->used > 0 ? ", " : "",
                              mg_printable(layer->path, name, sizeof name),
                              mg_printable(layer->class_name, class_name, sizeof class_name));
        ++at->count;
        if (length > 0 && (size_t)length < room)
            at->used += (size_t)length;
        else
            at->text[at->used] = '\0';
    }
}

static midge_status check_classes(const midge_trainer *trainer)
{
    unknown_list at = {.used = 0};
    list_unknown(&at, trainer->model);
    if (at.count == 0) return MIDGE_OK;
    return mg_fail(trainer->keras.error, MIDGE_UNSUPPORTED,
                   "%s: %zu layer%s midge cannot train: %s; 'docs/train.md' lists those it can",
                   trainer->keras.file, at.count, at.count == 1 ? "" : "s", at.text);
}

/* ---- The whole ---- */

static midge_status read_shape(midge_trainer *trainer, const mg_keras_layer *layer, int32_t *rank,
                               int32_t *shape)
{
    const json_t *list = json_object_get(layer->config, "batch_shape");
    if (list == NULL) list = json_object_get(layer->config, "batch_input_shape");
    if (list == NULL)
        list = json_object_get(json_object_get(layer->object, "build_config"), "input_shape");
    if (json_is_object(list)) list = json_object_get(list, "items");
    size_t count = json_array_size(list);
    if (count < 2 || count > MIDGE_MAX_RANK)
        return mg_keras_refuse(&trainer->keras, layer,
                               "the shape of a sample is not known; begin the model with an Input "
                               "layer, or give the shape");
    *rank = (int32_t)count - 1;
    for (size_t i = 1; i < count; ++i)
        if (!mg_json_to_int32(json_array_get(list, i), &shape[i - 1]) || shape[i - 1] < 1)
            return mg_keras_refuse(&trainer->keras, layer,
                                   "dimension %zu of its input is no size; give the shape", i);
    return MIDGE_OK;
}

static midge_status add_inputs(midge_trainer *trainer)
{
    const mg_keras_model *model = trainer->model;
    void *memory = NULL;
    trainer->input_count = model->sequence ? 1 : model->input_count;
    TRY(mg_region_get_array(&trainer->region, trainer->input_count, sizeof(int32_t), &memory,
                            trainer->keras.error));
    trainer->inputs = memory;
    for (size_t i = 0; i < trainer->input_count; ++i) {
        const mg_keras_layer *layer = &model->layers[model->sequence ? 0 : model->inputs[i].layer];
        int32_t rank = 0, shape[MIDGE_MAX_RANK];
        while (model->sequence && layer->model != NULL)
            layer = layer->model->sequence ? &layer->model->layers[0]
                                           : &layer->model->layers[layer->model->inputs[0].layer];
        trainer->keras.layer = layer;
        TRY(read_shape(trainer, layer, &rank, shape));
        TRY(add_tensor(trainer, rank, shape, &trainer->inputs[i]));
        if (strcmp(layer->class_name, "InputLayer") == 0)
            TRY(note_layer(trainer, layer, trainer->inputs[i]));
    }
    return MIDGE_OK;
}

/* Softmax over the last axis and sigmoid at the end: the loss takes what goes into them, as Keras
 * does, which is exact where probabilities would round to 0 or 1. */
static void find_loss_tensor(midge_trainer *trainer)
{
    trainer->loss_tensor = trainer->output;
    if (trainer->nodes.count == 0) return;
    for (size_t i = trainer->nodes.count; i-- > 0;) {
        const mg_train_node *node = mg_train_node_at(trainer, i);
        if (node->output != trainer->output) continue;
        if (mg_train_is_probability(node->operation) &&
            mg_train_tensor_at(trainer, node->inputs[0])->users == 1 &&
            mg_train_tensor_at(trainer, node->output)->users == 0)
            trainer->loss_tensor = node->inputs[0];
        return;
    }
}

midge_status mg_train_build(midge_trainer *trainer)
{
    mg_keras *keras = &trainer->keras;
    size_t outputs = trainer->model->sequence ? 1 : trainer->model->output_count;
    TRY(check_classes(trainer));
    if (outputs != 1)
        return mg_fail(keras->error, MIDGE_UNSUPPORTED,
                       "%s: a model with %zu outputs; midge trains models with one", keras->file,
                       outputs);
    TRY(add_inputs(trainer));
    keras->perform = perform;
    keras->performer = trainer;
    TRY(mg_keras_run_model(keras, trainer->model, trainer->input_count, trainer->inputs, 1,
                           &trainer->output, 0));
    if (trainer->nodes.count == 0)
        return mg_fail(keras->error, MIDGE_INVALID_MODEL, "%s: a model that computes nothing",
                       keras->file);
    find_loss_tensor(trainer);
    return MIDGE_OK;
}
