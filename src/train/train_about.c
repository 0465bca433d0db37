/* SPDX-License-Identifier: Apache-2.0 */
/* What a trainer tells of itself. */
#include "train/trainer.h"

midge_trainer_info midge_trainer_describe(const midge_trainer *trainer)
{
    const mg_train_tensor *input = mg_train_tensor_at(trainer, trainer->inputs[0]);
    const mg_train_tensor *output = mg_train_tensor_at(trainer, trainer->output);
    midge_trainer_info info = {.x_elements = mg_train_x_elements(trainer),
                               .y_elements = mg_train_y_elements(trainer),
                               .output_elements = output->elements,
                               .input_rank = input->rank,
                               .output_rank = output->rank,
                               .layer_count = trainer->layers.count,
                               .weight_count = trainer->weights.count,
                               .metric_count = trainer->compiled.options.metric_count,
                               .steps = trainer->steps,
                               .memory_bytes = trainer->heap.live,
                               .memory_peak = trainer->heap.peak};
    memcpy(info.input_shape, input->shape, sizeof info.input_shape);
    memcpy(info.output_shape, output->shape, sizeof info.output_shape);
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        info.parameters += weight->elements;
        if (weight->trained) info.trained_parameters += weight->elements;
    }
    return info;
}

bool midge_trainer_layer_at(const midge_trainer *trainer, size_t index, midge_trainer_layer *layer)
{
    if (index >= trainer->layers.count) return false;
    const mg_train_layer *from = mg_train_layer_at(trainer, index);
    const mg_train_tensor *output = mg_train_tensor_at(trainer, from->output);
    *layer = (midge_trainer_layer){.name = from->layer->path,
                                   .class_name = from->layer->class_name,
                                   .rank = output->rank + 1,
                                   .shape = {-1},
                                   .trained = !from->frozen};
    for (int32_t i = 0; i < output->rank && i + 1 < MIDGE_MAX_RANK; ++i)
        layer->shape[i + 1] = output->shape[i];
    for (size_t i = 0; i < trainer->weights.count; ++i)
        if (mg_train_weight_at(trainer, i)->layer == from->layer)
            layer->parameters += mg_train_weight_at(trainer, i)->elements;
    return true;
}

bool midge_trainer_weight_at(const midge_trainer *trainer, size_t index,
                             midge_trainer_weight *weight)
{
    if (index >= trainer->weights.count) return false;
    const mg_train_weight *from = mg_train_weight_at(trainer, index);
    *weight = (midge_trainer_weight){.layer = from->layer->path,
                                     .name = from->name,
                                     .rank = from->rank,
                                     .shape = from->shape,
                                     .elements = from->elements,
                                     .values = from->values,
                                     .trained = from->trained};
    return true;
}

bool midge_trainer_find_weight(const midge_trainer *trainer, const char *layer, const char *name,
                               size_t *index)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (strcmp(weight->layer->path, layer) != 0 || strcmp(weight->name, name) != 0) continue;
        *index = i;
        return true;
    }
    return false;
}

midge_status midge_trainer_set_weight(midge_trainer *trainer, size_t index, size_t elements,
                                      const float *values, midge_error *error)
{
    if (trainer == NULL || values == NULL || index >= trainer->weights.count)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "the trainer has no weight %zu", index);
    mg_train_weight *weight = mg_train_weight_at(trainer, index);
    if (elements != weight->elements)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "weight '%s' of layer '%s' has %zu elements, not %zu", weight->name,
                       weight->layer->path, weight->elements, elements);
    memcpy(weight->values, values, elements * sizeof(float));
    return MIDGE_OK;
}

const char *midge_trainer_metric_name(const midge_trainer *trainer, size_t index)
{
    return index < trainer->compiled.options.metric_count ? trainer->compiled.metric_names[index]
                                                          : NULL;
}
