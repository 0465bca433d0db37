/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The weights and the optimiser's memory as the files of Keras have them. Weights come layer by
 * layer in the model's order, and with each trained one the slots:
 *
 *   sgd, rmsprop   slot by slot: all momenta, …
 *   adam, adamw    momentum and velocity weight by weight, then all greatest velocities
 */
#include <stdio.h>

#include "convert/keras_place.h"
#include "train/trainer.h"

midge_status mg_train_document(midge_trainer *trainer, mg_region *region,
                               mg_keras_document *document, midge_error *error)
{
    void *memory = NULL;
    TRY(mg_region_get_array(region, trainer->weights.count, sizeof(mg_keras_value), &memory,
                            error));
    mg_keras_value *values = memory;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        values[i] = (mg_keras_value){.layer = weight->layer,
                                     .name = weight->name,
                                     .rank = weight->rank,
                                     .values = weight->values};
        memcpy(values[i].shape, weight->shape, sizeof weight->shape);
    }
    *document = (mg_keras_document){.object = trainer->object,
                                    .model = trainer->model,
                                    .value_count = trainer->weights.count,
                                    .values = values};
    return MIDGE_OK;
}

/* The weights that are trained, in the order of the model's layers. */
static midge_status order_weights(midge_trainer *trainer, mg_region *region, size_t *count,
                                  mg_train_weight ***ordered, midge_error *error)
{
    mg_keras_document document;
    mg_keras_places places;
    void *memory = NULL;
    TRY(mg_train_document(trainer, region, &document, error));
    TRY(mg_keras_find_places(region, &document, &places, error));
    TRY(mg_region_get_array(region, trainer->weights.count, sizeof(mg_train_weight *), &memory,
                            error));
    *ordered = memory;
    *count = 0;
    for (size_t i = 0; i < places.count; ++i)
        for (size_t k = 0; k < trainer->weights.count; ++k) {
            mg_train_weight *weight = mg_train_weight_at(trainer, k);
            if (weight->values == places.all[i].value.values && weight->trained)
                (*ordered)[(*count)++] = weight;
        }
    return MIDGE_OK;
}

static const char *slot_name(mg_train_optimizer_kind kind, int slot)
{
    static const char *const adam[] = {"momentum", "velocity", "velocity_hat"};
    static const char *const root_mean_square[] = {"velocity", "momentum", "average_gradient"};
    return kind == MG_OPTIMIZER_RMSPROP ? root_mean_square[slot] : adam[slot];
}

/* model_layer_weight_slot, as Keras names it; with its number where two would be alike. */
static midge_status name_variable(const midge_trainer *trainer, mg_region *region,
                                  const mg_train_weight *weight, int slot,
                                  const mg_keras_optimizer *optimizer, const char **name,
                                  midge_error *error)
{
    const char *model = mg_json_text(json_object_get(trainer->object, "config"), "name", "model");
    const char *of = slot_name(trainer->compiled.optimizer, slot);
    size_t size =
        strlen(model) + strlen(weight->layer->path) + strlen(weight->name) + strlen(of) + 4 + 24;
    void *memory = NULL;
    TRY(mg_region_get(region, size, &memory, error));
    char *text = memory;
    (void)snprintf(text, size, "%s_%s_%s_%s", model, weight->layer->path, weight->name, of);
    for (char *at = text; *at != '\0'; ++at)
        if (*at == '/') *at = '_';
    for (size_t i = 0; i < optimizer->count; ++i) {
        if (strcmp(optimizer->variables[i].name, text) != 0) continue;
        size_t length = strlen(text);
        (void)snprintf(text + length, size - length, "_%zu", optimizer->count);
        break;
    }
    *name = text;
    return MIDGE_OK;
}

static midge_status add_slot(const midge_trainer *trainer, mg_region *region,
                             const mg_train_weight *weight, int slot, mg_keras_variable *variables,
                             mg_keras_optimizer *optimizer, midge_error *error)
{
    mg_keras_variable *made = &variables[optimizer->count];
    if (!mg_train_has_slot(&trainer->compiled, slot)) return MIDGE_OK;
    *made = (mg_keras_variable){
        .rank = weight->rank, .shape = weight->shape, .values = weight->slots[slot]};
    TRY(name_variable(trainer, region, weight, slot, optimizer, &made->name, error));
    ++optimizer->count;
    return MIDGE_OK;
}

midge_status mg_train_variables(midge_trainer *trainer, mg_region *region,
                                mg_keras_optimizer *optimizer, midge_error *error)
{
    const mg_train_compiled *compiled = &trainer->compiled;
    mg_train_weight **weights = NULL;
    size_t count = 0;
    void *memory = NULL;
    TRY(order_weights(trainer, region, &count, &weights, error));
    TRY(mg_region_get_array(region, 3 * count + 1, sizeof(mg_keras_variable), &memory, error));
    mg_keras_variable *variables = memory;
    *optimizer = (mg_keras_optimizer){.name = compiled->options.optimizer,
                                      .steps = (int64_t)trainer->steps,
                                      .variables = variables};
    if (compiled->schedule == NULL) {
        TRY(mg_region_get(region, sizeof(float), &memory, error));
        *(float *)memory = (float)compiled->options.learning_rate;
        variables[optimizer->count++] = (mg_keras_variable){"learning_rate", 0, NULL, memory};
    }
    bool adam =
        compiled->optimizer == MG_OPTIMIZER_ADAM || compiled->optimizer == MG_OPTIMIZER_ADAMW;
    for (int slot = 0, together = adam ? 2 : 1; slot < 3; slot += together, together = 1)
        for (size_t i = 0; i < count; ++i)
            for (int k = slot; k < slot + together; ++k)
                TRY(add_slot(trainer, region, weights[i], k, variables, optimizer, error));
    return MIDGE_OK;
}
