/* SPDX-License-Identifier: Apache-2.0 */
/* One step of an optimiser: penalties, clipping, decay, then the rule itself, in Keras' order and
 * with Keras' places of epsilon. */
#include "train/trainer.h"

enum { LEAST_ELEMENTS = 16384, BLOCK = 4096 };

/* Slots: sgd momentum; adam momentum, velocity, greatest velocity; rmsprop velocity, momentum,
 * mean gradient. */
bool mg_train_has_slot(const mg_train_compiled *compiled, int slot)
{
    const midge_compile_options *options = &compiled->options;
    switch (compiled->optimizer) {
    case MG_OPTIMIZER_SGD: return slot == 0 && options->momentum != 0;
    case MG_OPTIMIZER_RMSPROP:
        return slot == 0 || (slot == 1 && options->momentum > 0) ||
               (slot == 2 && options->centered);
    default: return slot < 2 || options->amsgrad;
    }
}

void mg_train_drop_slots(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i)
        for (int slot = 0; slot < 3; ++slot) {
            mg_train_weight *weight = mg_train_weight_at(trainer, i);
            mg_heap_release(&trainer->heap, weight->slots[slot]);
            weight->slots[slot] = NULL;
        }
}

midge_status mg_train_add_slots(midge_trainer *trainer, midge_error *error)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        size_t bytes = weight->elements * sizeof(float);
        void *memory = NULL;
        for (int slot = 0; weight->trained && slot < 3; ++slot) {
            if (!mg_train_has_slot(&trainer->compiled, slot) || weight->slots[slot] != NULL)
                continue;
            TRY(mg_heap_get(&trainer->heap, bytes, &memory, error));
            weight->slots[slot] = memory;
            memset(memory, 0, bytes);
        }
    }
    return MIDGE_OK;
}

midge_status mg_train_reserve_slots(midge_trainer *trainer, midge_error *error)
{
    TRY(mg_train_add_slots(trainer, error));
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        size_t bytes = weight->elements * sizeof(float);
        void *memory = NULL;
        if (!weight->trained) continue;
        if (weight->gradient == NULL) {
            TRY(mg_heap_get(&trainer->heap, bytes, &memory, error));
            weight->gradient = memory;
            memset(memory, 0, bytes);
        }
        if (weight->users > 1 && weight->spare == NULL) {
            TRY(mg_heap_get(&trainer->heap, bytes, &memory, error));
            weight->spare = memory;
        }
    }
    return MIDGE_OK;
}

/* ---- Before the rule ---- */

static void add_penalty(mg_train_weight *weight)
{
    if (weight->l1 == 0 && weight->l2 == 0) return;
    for (size_t i = 0; i < weight->elements; ++i) {
        float value = weight->values[i];
        weight->gradient[i] +=
            weight->l1 * (float)((value > 0) - (value < 0)) + 2 * weight->l2 * value;
    }
}

static double sum_of_squares(const mg_train_weight *weight)
{
    double sum = 0;
    for (size_t first = 0; first < weight->elements; first += BLOCK) {
        size_t end = first + BLOCK < weight->elements ? first + BLOCK : weight->elements;
        for (size_t i = first; i < end; ++i)
            sum += (double)weight->gradient[i] * (double)weight->gradient[i];
    }
    return sum;
}

static void scale(mg_train_weight *weight, float factor)
{
    for (size_t i = 0; i < weight->elements; ++i) weight->gradient[i] *= factor;
}

static void clip(midge_trainer *trainer)
{
    const midge_compile_options *options = &trainer->compiled.options;
    double all = 0;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (!weight->trained) continue;
        double squares =
            options->clip_norm > 0 || options->clip_global_norm > 0 ? sum_of_squares(weight) : 0;
        all += squares;
        if (options->clip_norm > 0 && squares > options->clip_norm * options->clip_norm)
            scale(weight, (float)(options->clip_norm / sqrt(squares)));
        float most = (float)options->clip_value;
        for (size_t k = 0; most > 0 && k < weight->elements; ++k) {
            float g = weight->gradient[k];
            weight->gradient[k] = g < -most ? -most : g > most ? most : g;
        }
    }
    double norm = sqrt(all);
    if (options->clip_global_norm <= 0 || norm <= options->clip_global_norm) return;
    for (size_t i = 0; i < trainer->weights.count; ++i)
        if (mg_train_weight_at(trainer, i)->trained)
            scale(mg_train_weight_at(trainer, i), (float)(options->clip_global_norm / norm));
}

/* ---- The rule ---- */

void mg_train_update_range(const mg_train_update *update, const mg_train_weight *weight,
                           size_t first, const float *gradients, size_t count)
{
    mg_descent_slots at = {weight->values + first, gradients, {NULL}};
    for (int i = 0; i < 3; ++i)
        at.slots[i] = weight->slots[i] != NULL ? weight->slots[i] + first : NULL;
    switch (update->kind) {
    case MG_OPTIMIZER_SGD: update->kernel->momentum(&update->descent, &at, count); break;
    case MG_OPTIMIZER_RMSPROP:
        update->kernel->root_mean_square(&update->descent, &at, count);
        break;
    default: update->kernel->adam(&update->descent, &at, count); break;
    }
}

typedef struct descent_work {
    const mg_train_update *update;
    const mg_train_weight *weight;
} descent_work;

static void descend(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const descent_work *at = argument;
    mg_train_update_range(at->update, at->weight, begin, at->weight->gradient + begin, end - begin);
}

static mg_descent make_descent(const midge_trainer *trainer, double learning_rate)
{
    const midge_compile_options *options = &trainer->compiled.options;
    const float rate = (float)learning_rate, step = (float)(trainer->steps + 1);
    mg_descent descent = {.rate = rate,
                          .momentum = (float)options->momentum,
                          .nesterov = options->nesterov,
                          .epsilon = (float)options->epsilon,
                          .decay =
                              options->weight_decay > 0 ? (float)options->weight_decay * rate : 0};
    if (trainer->compiled.optimizer == MG_OPTIMIZER_RMSPROP) {
        descent.keep_velocity = (float)options->rho;
        descent.take_velocity = (float)(1 - options->rho);
    } else if (trainer->compiled.optimizer != MG_OPTIMIZER_SGD) {
        float first = powf((float)options->beta_1, step);
        float second = powf((float)options->beta_2, step);
        descent.rate = rate * sqrtf(1 - second) / (1 - first);
        descent.take_gradient = (float)(1 - options->beta_1);
        descent.take_velocity = (float)(1 - options->beta_2);
    }
    return descent;
}

double mg_train_rate(const midge_trainer *trainer)
{
    const mg_train_compiled *compiled = &trainer->compiled;
    return compiled->schedule != NULL ? mg_train_scheduled_rate(compiled->schedule, trainer->steps)
                                      : compiled->options.learning_rate;
}

mg_train_update mg_train_begin_update(const midge_trainer *trainer, double learning_rate,
                                      bool early)
{
    const midge_compile_options *options = &trainer->compiled.options;
    bool clipped =
        options->clip_norm > 0 || options->clip_global_norm > 0 || options->clip_value > 0;
    return (mg_train_update){trainer->kernels.descend, trainer->compiled.optimizer,
                             make_descent(trainer, learning_rate),
                             early && !clipped && !trainer->fake};
}

bool mg_train_updates_early(const mg_train_pass *pass, const mg_train_weight *weight)
{
    return pass->update != NULL && pass->update->early && weight->users == 1 && weight->l1 == 0 &&
           weight->l2 == 0;
}

void mg_train_end_update(midge_trainer *trainer, const mg_train_update *update)
{
    for (size_t i = 0; i < trainer->weights.count; ++i)
        if (mg_train_weight_at(trainer, i)->trained) add_penalty(mg_train_weight_at(trainer, i));
    clip(trainer);
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        descent_work at = {update, mg_train_weight_at(trainer, i)};
        if (at.weight->trained && !at.weight->updated)
            mg_parallel_for(trainer->pool, at.weight->elements, LEAST_ELEMENTS, descend, &at);
    }
    ++trainer->steps;
}
