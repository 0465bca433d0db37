/* SPDX-License-Identifier: Apache-2.0 */
#include "train_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

midge_status cli_train_input_size(const char *text, int32_t *rank, int32_t shape[MIDGE_MAX_RANK],
                                  midge_error *error)
{
    char *end = NULL;
    *rank = 0;
    for (const char *at = text; *rank < MIDGE_MAX_RANK; at = end + 1) {
        long size = strtol(at, &end, 10);
        if (end == at || size < 1 || size > 100000) break;
        shape[(*rank)++] = (int32_t)size;
        if (*end == '\0') return MIDGE_OK;
        if (*end != 'x') break;
    }
    return cli_usage(error, "train: --input-size takes sizes such as 96x96x3, not '%s'", text);
}

/* ---- Compile ---- */

static bool is_set(double number)
{
    return number >= 0;
}

static midge_compile_options choose_optimizer(const cli_train_choice *choice,
                                              const midge_compile_options *has)
{
    if (choice->optimizer == NULL) return *has;
    midge_compile_options options = midge_compile_options_default(choice->optimizer);
    options.optimizer = choice->optimizer;
    options.loss = has->loss;
    options.from_logits = has->from_logits;
    options.label_smoothing = has->label_smoothing;
    options.huber_delta = has->huber_delta;
    options.metric_count = has->metric_count;
    options.metrics = has->metrics;
    return options;
}

/* Whether the choice changes more than the learning rate of what a trainer has. */
static bool compiles_anew(const cli_train_choice *choice, const midge_compile_options *has)
{
    return choice->optimizer != NULL || choice->loss != NULL || choice->nesterov ||
           is_set(choice->label_smoothing) || is_set(choice->momentum) ||
           is_set(choice->weight_decay) || is_set(choice->clip_norm) ||
           is_set(choice->clip_value) || choice->metrics.count > 0 || has->metric_count == 0;
}

midge_status cli_train_compile(const cli_train_choice *choice, midge_trainer *trainer,
                               midge_error *error)
{
    static const char *const accuracy[] = {"accuracy"}, *const distance[] = {"mae"};
    const midge_compile_options has = midge_trainer_compiled(trainer);
    /* What the optimiser keeps stays where nothing is compiled. */
    if (!compiles_anew(choice, &has)) {
        if (!is_set(choice->learning_rate)) return MIDGE_OK;
        if (has.learning_rate_schedule == NULL)
            return midge_trainer_set_learning_rate(trainer, choice->learning_rate, error);
    }
    midge_compile_options options = choose_optimizer(choice, &has);
    if (choice->loss != NULL) {
        options.loss = choice->loss;
        options.from_logits = choice->from_logits;
    }
    if (is_set(choice->label_smoothing)) options.label_smoothing = choice->label_smoothing;
    if (is_set(choice->learning_rate)) {
        options.learning_rate = choice->learning_rate;
        options.learning_rate_schedule = NULL;
    }
    if (is_set(choice->momentum)) options.momentum = choice->momentum;
    if (choice->nesterov) options.nesterov = true;
    if (is_set(choice->weight_decay)) options.weight_decay = choice->weight_decay;
    if (is_set(choice->clip_norm)) options.clip_norm = choice->clip_norm;
    if (is_set(choice->clip_value)) options.clip_value = choice->clip_value;
    if (choice->metrics.count > 0) {
        options.metric_count = choice->metrics.count;
        options.metrics = choice->metrics.items;
    } else if (options.metric_count == 0) {
        bool classes = options.loss == NULL || strstr(options.loss, "crossentropy") != NULL;
        options.metric_count = 1;
        options.metrics = classes ? accuracy : distance;
    }
    return midge_trainer_compile(trainer, &options, error);
}

/* ---- The run ---- */

/* Takes "name=number" or "name" from the front of a list; returns what follows. */
static const char *take_item(const char *list, char name[20], double *number, bool *good)
{
    char *end = NULL;
    size_t length = strcspn(list, "=,");
    *number = 1;
    *good = length > 0 && length < 20;
    if (*good) memcpy(name, list, length);
    name[*good ? length : 0] = '\0';
    const char *rest = list + length;
    if (*rest == '=') {
        *number = strtod(rest + 1, &end);
        *good = *good && end != rest + 1 && isfinite(*number) && *number >= 0;
        rest = end;
    }
    *good = *good && (*rest == ',' || *rest == '\0');
    return *rest == ',' ? rest + 1 : rest;
}

static midge_status read_augmentation(const char *list, midge_augmentation *augmentation,
                                      midge_error *error)
{
    for (const char *at = list; *at != '\0';) {
        char name[20];
        double number = 0;
        bool good = false;
        at = take_item(at, name, &number, &good);
        if (good && strcmp(name, "shift") == 0)
            augmentation->shift_x = augmentation->shift_y = number;
        else if (good && strcmp(name, "shift-x") == 0)
            augmentation->shift_x = number;
        else if (good && strcmp(name, "shift-y") == 0)
            augmentation->shift_y = number;
        else if (good && strcmp(name, "rotate") == 0)
            augmentation->rotate = number;
        else if (good && strcmp(name, "zoom") == 0)
            augmentation->zoom = number;
        else if (good && strcmp(name, "flip") == 0)
            augmentation->flip_x = number != 0;
        else if (good && strcmp(name, "flip-y") == 0)
            augmentation->flip_y = number != 0;
        else if (good && strcmp(name, "brightness") == 0)
            augmentation->brightness = number;
        else if (good && strcmp(name, "contrast") == 0)
            augmentation->contrast = number;
        else if (good && strcmp(name, "noise") == 0)
            augmentation->noise = number;
        else
            return cli_usage(error,
                             "train: --augment takes a list such as shift=0.1,rotate=10,flip, not "
                             "'%s'",
                             list);
    }
    return MIDGE_OK;
}

midge_status cli_train_fit_options(const cli_train_choice *choice, midge_fit_options *fit,
                                   midge_error *error)
{
    *fit = midge_fit_options_default();
    fit->epochs = (int32_t)choice->epochs;
    fit->batch = (int32_t)choice->batch;
    fit->shuffle = !choice->in_order;
    fit->schedule = (midge_schedule)choice->schedule;
    fit->schedule_factor = choice->schedule_factor;
    fit->schedule_epochs = (int32_t)choice->schedule_epochs;
    fit->schedule_least = choice->least_rate;
    fit->monitor_metric = choice->monitor == 1;
    fit->least_improvement = choice->least_improvement;
    fit->patience = (int32_t)choice->patience;
    fit->restore_best = choice->restore_best;
    fit->quantize_aware = choice->quantize_aware;
    fit->prune_share = choice->sparsity / 100;
    fit->prune_epochs = (int32_t)choice->sparsity_epochs;
    fit->clusters = (int32_t)choice->clusters;
    fit->cluster_epochs = (int32_t)choice->cluster_epochs;
    if (choice->augment == NULL) return MIDGE_OK;
    return read_augmentation(choice->augment, &fit->augmentation, error);
}

midge_status cli_train_class_weights(const char *text, size_t count, const size_t *samples,
                                     double **weights, midge_error *error)
{
    size_t total = 0, present = 0, given = 0;
    *weights = calloc(count + 1, sizeof **weights);
    if (*weights == NULL) return cli_fail_memory(error, "--class-weights", count * sizeof(double));
    for (size_t i = 0; i < count; ++i) {
        total += samples[i];
        present += samples[i] > 0;
    }
    if (strcmp(text, "balanced") == 0) {
        for (size_t i = 0; i < count; ++i)
            if (samples[i] > 0)
                (*weights)[i] = (double)total / ((double)present * (double)samples[i]);
        return MIDGE_OK;
    }
    for (const char *at = text; *at != '\0'; ++given) {
        char *end = NULL;
        double weight = strtod(at, &end);
        if (end == at || !isfinite(weight) || weight < 0 || (*end != ',' && *end != '\0')) {
            given = count + 1;
            break;
        }
        if (given < count) (*weights)[given] = weight;
        at = *end == ',' ? end + 1 : end;
    }
    if (given == count) return MIDGE_OK;
    return cli_usage(error, "train: --class-weights takes balanced or %zu numbers, not '%s'", count,
                     text);
}

/* ---- What must be equal when a run goes on ---- */

static const char *or_none(const char *text)
{
    return text != NULL ? text : "-";
}

const char *cli_train_settings(const cli_train_choice *choice, const char *network, char *buffer)
{
    size_t used = 0;
    int length = snprintf(
        buffer, CLI_TRAIN_SETTINGS_TEXT,
        "%.200s data=%.200s validation=%.200s epochs=%lld batch=%lld seed=%lld in-order=%d "
        "pixels=%.40s loss=%.60s logits=%d smoothing=%g optimizer=%.40s rate=%g momentum=%g,%d "
        "decay=%g clip=%g,%g schedule=%d,%g,%lld,%g monitor=%d,%lld,%g,%d weights=%.200s "
        "augment=%.200s head=%d,%d aware=%d sparsity=%g,%lld cluster=%lld,%lld freeze=",
        network, or_none(choice->data), or_none(choice->validation), (long long)choice->epochs,
        (long long)choice->batch, (long long)choice->seed, choice->in_order,
        or_none(choice->pixels), or_none(choice->loss), choice->from_logits,
        choice->label_smoothing, or_none(choice->optimizer), choice->learning_rate,
        choice->momentum, choice->nesterov, choice->weight_decay, choice->clip_norm,
        choice->clip_value, choice->schedule, choice->schedule_factor,
        (long long)choice->schedule_epochs, choice->least_rate, choice->monitor,
        (long long)choice->patience, choice->least_improvement, choice->restore_best,
        or_none(choice->class_weights), or_none(choice->augment), choice->new_head,
        choice->freeze_all_but_last, choice->quantize_aware, choice->sparsity,
        (long long)choice->sparsity_epochs, (long long)choice->clusters,
        (long long)choice->cluster_epochs);
    for (size_t i = 0; length > 0 && i < choice->freeze.count; ++i) {
        used += (size_t)length;
        if (used + 1 >= CLI_TRAIN_SETTINGS_TEXT) break;
        length = snprintf(buffer + used, CLI_TRAIN_SETTINGS_TEXT - used, "%.60s,",
                          choice->freeze.items[i]);
    }
    for (char *at = buffer; *at != '\0'; ++at)
        if (*at == '\n') *at = ' ';
    return buffer;
}
