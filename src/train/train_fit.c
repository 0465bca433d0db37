/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run over the data: epochs of batches, validation, schedule, early stopping. All that a later
 * step depends on is in trainer->run, the weights and the optimiser's slots, so that a run may go
 * on after it was stopped at any callback.
 */
#include "train/train_fit.h"

#include "base/clock.h"
#include "train/train_batch.h"
#include "train/train_fake.h"

midge_fit_options midge_fit_options_default(void)
{
    return (midge_fit_options){.size = sizeof(midge_fit_options),
                               .epochs = 1,
                               .batch = 32,
                               .shuffle = true,
                               .schedule_factor = 0.1,
                               .schedule_epochs = 10};
}

/* ---- Batches ---- */

/* A function writes where the sample goes, if there is one such place; where bytes stand for it,
 * the place is filled later. */
static midge_status read_sample(mg_fitting *fitting, const midge_train_data *data, size_t place,
                                size_t index, const float **x, const float **y, midge_error *error)
{
    const midge_trainer *trainer = fitting->trainer;
    const mg_train_tensor *input = mg_train_tensor_at(trainer, trainer->inputs[0]);
    if (data->x != NULL) {
        *x = data->x + index * fitting->x_elements;
        *y = data->y + index * fitting->y_elements;
        return MIDGE_OK;
    }
    bool whole = trainer->input_count == 1 && input->limit == 0;
    float *to =
        whole ? input->values + place * input->elements : fitting->sample + fitting->y_elements;
    *x = to;
    *y = fitting->sample;
    if (data->bytes == NULL) return data->sample(data->context, index, to, fitting->sample, error);
    const unsigned char *bytes = data->bytes(data->context, index);
    fitting->bytes[place] = bytes;
    for (size_t i = 0; !whole && i < fitting->x_elements; ++i) to[i] = data->byte_values[bytes[i]];
    return data->sample(data->context, index, NULL, fitting->sample, error);
}

/* The factor of a sample's loss by its class. */
static midge_status class_factor(const mg_fitting *fitting, const float *y, size_t index,
                                 double *factor, midge_error *error)
{
    const midge_fit_options *options = fitting->options;
    size_t class = 0;
    *factor = 1;
    if (options == NULL || options->class_weight_count == 0) return MIDGE_OK;
    if (fitting->y_elements == 1)
        class = y[0] >= 0 && y[0] < 1e9f ? (size_t)y[0] : 0;
    else
        for (size_t i = 1; i < fitting->y_elements; ++i)
            if (y[i] > y[class]) class = i;
    if (class >= options->class_weight_count)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "sample %zu is of class %zu; there are weights for %zu classes", index,
                       class, options->class_weight_count);
    *factor = options->class_weights[class];
    return MIDGE_OK;
}

static midge_status gather_one(mg_fitting *fitting, const midge_train_data *data, size_t place,
                               size_t index, bool training, midge_error *error)
{
    midge_trainer *trainer = fitting->trainer;
    const float *x = NULL, *y = NULL;
    double factor = 1;
    TRY(read_sample(fitting, data, place, index, &x, &y, error));
    TRY(mg_train_put_target(trainer, place, index, y, error));
    if (training) TRY(class_factor(fitting, y, index, &factor, error));
    if (data->sample_weights != NULL) factor *= (double)data->sample_weights[index];
    trainer->target_weights[place] = (float)factor;
    return mg_train_put_sample(trainer, place, index, x, error);
}

static void augment(mg_fitting *fitting, const uint32_t *order, size_t first, size_t count)
{
    midge_trainer *trainer = fitting->trainer;
    const mg_train_tensor *input = mg_train_tensor_at(trainer, trainer->inputs[0]);
    const uint64_t epoch = (trainer->run.number << 32) + (uint64_t)trainer->run.epoch;
    for (size_t i = 0; i < count; ++i) {
        uint64_t stream =
            mg_random_stream(trainer->seed, MG_STREAM_AUGMENTATION, epoch, order[first + i]);
        mg_train_augment(&fitting->options->augmentation, stream, input->rank, input->shape,
                         input->values + i * input->elements, fitting->scratch);
    }
}

/* Where the samples of the next batch begin; how many there are. */
static size_t find_next(mg_fitting *fitting, const midge_train_data *data, const uint32_t *order,
                        size_t first)
{
    size_t count = 0;
    if (order == NULL || fitting->next == NULL) return 0;
    for (; count < (size_t)fitting->options->batch && first + count < fitting->count; ++count)
        fitting->next[count] = data->bytes(data->context, order[first + count]);
    return count;
}

midge_status mg_train_gather(mg_fitting *fitting, const midge_train_data *data,
                             const uint32_t *order, size_t first, size_t count, bool training,
                             midge_error *error)
{
    midge_trainer *trainer = fitting->trainer;
    const mg_train_tensor *input = mg_train_tensor_at(trainer, trainer->inputs[0]);
    for (size_t i = 0; i < count; ++i)
        TRY(gather_one(fitting, data, i, order != NULL ? order[first + i] : first + i, training,
                       error));
    if (data->x == NULL && data->bytes != NULL && trainer->input_count == 1 && input->limit == 0)
        mg_train_put_bytes(trainer, fitting->bytes, count, data->byte_values, fitting->next,
                           find_next(fitting, data, order, first + count));
    if (training && fitting->options != NULL && mg_train_augments(&fitting->options->augmentation))
        augment(fitting, order, first, count);
    return MIDGE_OK;
}

/* ---- Evaluation ---- */

midge_status mg_train_evaluate(mg_fitting *fitting, const midge_train_data *data, size_t first,
                               size_t count, size_t batch, double *loss, double *metrics,
                               midge_error *error)
{
    midge_trainer *trainer = fitting->trainer;
    mg_metric_sum sums[MIDGE_MOST_METRICS] = {{0, 0}};
    double sum = 0;
    for (size_t done = 0; done < count; done += batch) {
        size_t now = count - done < batch ? count - done : batch;
        TRY(mg_train_reserve(trainer, now, error));
        TRY(mg_train_gather(fitting, data, NULL, first + done, now, false, error));
        if (trainer->fake) mg_train_round_weights(trainer);
        mg_train_forward(trainer, now, false);
        if (trainer->fake) mg_train_restore_weights(trainer);
        sum += mg_train_loss(trainer, now, false) * (double)now;
        mg_train_measure(trainer, now, sums);
    }
    *loss = sum / (double)count + mg_train_penalty(trainer);
    for (size_t i = 0; metrics != NULL && i < trainer->compiled.options.metric_count; ++i)
        metrics[i] = mg_train_metric(trainer, i, &sums[i]);
    return MIDGE_OK;
}

/* ---- One step ---- */

static double learning_rate(const mg_fitting *fitting)
{
    const midge_trainer *trainer = fitting->trainer;
    const midge_fit_options *options = fitting->options;
    const mg_train_run *run = &trainer->run;
    double rate = mg_train_rate(trainer);
    double done = (double)run->epoch * (double)fitting->steps + (double)run->step;
    double all = (double)options->epochs * (double)fitting->steps;
    switch (options->schedule) {
    case MIDGE_SCHEDULE_STEP:
        rate *= pow(options->schedule_factor, run->epoch / options->schedule_epochs);
        break;
    case MIDGE_SCHEDULE_COSINE:
        return options->schedule_least +
               (rate - options->schedule_least) * 0.5 * (1 + cos(3.14159265358979324 * done / all));
    case MIDGE_SCHEDULE_PLATEAU: rate = run->plateau_rate; break;
    default: return rate;
    }
    return rate > options->schedule_least ? rate : options->schedule_least;
}

static midge_status explain_loss(const mg_fitting *fitting, size_t count, double loss,
                                 midge_error *error)
{
    const midge_trainer *trainer = fitting->trainer;
    const mg_train_run *run = &trainer->run;
    size_t first = (size_t)run->step * (size_t)fitting->options->batch;
    for (size_t i = 0; i < count; ++i)
        for (size_t k = 0; k < trainer->input_count; ++k) {
            const mg_train_tensor *input = mg_train_tensor_at(trainer, trainer->inputs[k]);
            TRY(mg_train_check_sample(fitting->order[first + i], input->elements,
                                      input->values + i * input->elements, error));
        }
    return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                   "epoch %d, step %llu: the loss is %g; a smaller learning rate or clipped "
                   "gradients may help",
                   (int)run->epoch + 1, (unsigned long long)run->step + 1, loss);
}

static midge_status take_step(mg_fitting *fitting, midge_error *error)
{
    midge_trainer *trainer = fitting->trainer;
    mg_train_run *run = &trainer->run;
    size_t first = (size_t)run->step * (size_t)fitting->options->batch;
    size_t count = fitting->count - first;
    if (count > (size_t)fitting->options->batch) count = (size_t)fitting->options->batch;
    TRY(mg_train_reserve(trainer, count, error));
    TRY(mg_train_gather(fitting, fitting->data, fitting->order, first, count, true, error));
    TRY(mg_train_cluster_step(fitting, error));
    double rate = learning_rate(fitting), penalty = mg_train_penalty(trainer);
    if (trainer->fake) mg_train_round_weights(trainer);
    mg_train_forward(trainer, count, true);
    double loss = mg_train_loss(trainer, count, true) + penalty;
    const mg_train_update update = mg_train_begin_update(
        trainer, rate, fitting->options->prune_share == 0 && fitting->options->clusters == 0);
    if (isfinite(loss)) mg_train_backward(trainer, count, &update);
    if (trainer->fake) mg_train_restore_weights(trainer);
    if (!isfinite(loss)) return explain_loss(fitting, count, loss, error);
    mg_train_measure(trainer, count, run->metrics);
    run->loss_sum += loss * (double)count;
    run->loss_weight += (double)count;
    mg_train_share_gradients(trainer);
    if (fitting->options->prune_share > 0) mg_train_hold_zeros(trainer);
    mg_train_end_update(trainer, &update);
    ++run->step;
    TRY(mg_train_prune_step(fitting, error));
    mg_train_merge_clusters(trainer);
    return MIDGE_OK;
}

/* ---- Epochs ---- */

static midge_fit_progress describe(const mg_fitting *fitting, double rate)
{
    const midge_trainer *trainer = fitting->trainer;
    const mg_train_run *run = &trainer->run;
    midge_fit_progress progress = {
        .epoch = run->epoch,
        .epochs = fitting->options->epochs,
        .step = (size_t)run->step,
        .steps = fitting->steps,
        .loss = run->loss_weight > 0 ? run->loss_sum / run->loss_weight : 0,
        .learning_rate = rate,
        .seconds = (double)(mg_clock_nanoseconds() - fitting->epoch_start) * 1e-9};
    for (size_t i = 0; i < trainer->compiled.options.metric_count; ++i)
        progress.metrics[i] = mg_train_metric(trainer, i, &run->metrics[i]);
    return progress;
}

static void keep_best(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (weight->best != NULL)
            memcpy(weight->best, weight->values, weight->elements * sizeof(float));
    }
}

static void restore_best(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        if (weight->best != NULL && trainer->run.has_best)
            memcpy(weight->values, weight->best, weight->elements * sizeof(float));
    }
}

static void judge(mg_fitting *fitting, midge_fit_progress *progress)
{
    const midge_fit_options *options = fitting->options;
    mg_train_run *run = &fitting->trainer->run;
    double loss = progress->validated ? progress->validation_loss : progress->loss;
    double metric = progress->validated ? progress->validation_metrics[0] : progress->metrics[0];
    double cost = options->monitor_metric ? -metric : loss;
    /* What was better before all was pruned and clustered does not count. */
    if ((options->prune_share > 0 && run->epoch < mg_train_prune_epochs(options)) ||
        (options->clusters > 0 && run->epoch <= mg_train_cluster_epoch(options)))
        run->has_best = false;
    progress->best = !run->has_best || cost < run->best - options->least_improvement;
    ++run->waited;
    ++run->plateau_waited;
    if (progress->best) {
        run->best = cost;
        run->has_best = true;
        run->best_epoch = run->epoch;
        run->waited = 0;
        run->plateau_waited = 0;
        keep_best(fitting->trainer);
    }
    if (options->schedule != MIDGE_SCHEDULE_PLATEAU ||
        run->plateau_waited < options->schedule_epochs)
        return;
    run->plateau_waited = 0;
    run->plateau_rate *= options->schedule_factor;
    if (run->plateau_rate < options->schedule_least) run->plateau_rate = options->schedule_least;
}

static bool tell(const mg_fitting *fitting, const midge_fit_progress *progress)
{
    const midge_fit_options *options = fitting->options;
    return options->progress == NULL || options->progress(options->context, progress);
}

static midge_status cancelled(const mg_fitting *fitting, midge_error *error)
{
    return mg_fail(error, MIDGE_CANCELLED, "the run was stopped in epoch %d, step %llu",
                   (int)fitting->trainer->run.epoch + 1,
                   (unsigned long long)fitting->trainer->run.step);
}

static midge_status end_epoch(mg_fitting *fitting, midge_error *error)
{
    mg_train_run *run = &fitting->trainer->run;
    midge_fit_progress progress = describe(fitting, learning_rate(fitting));
    progress.epoch_end = true;
    if (fitting->validation_count > 0) {
        TRY(mg_train_evaluate(fitting, fitting->validation, fitting->validation_first,
                              fitting->validation_count, (size_t)fitting->options->batch,
                              &progress.validation_loss, progress.validation_metrics, error));
        progress.validated = true;
    }
    judge(fitting, &progress);
    ++run->epoch;
    run->step = 0;
    run->loss_sum = run->loss_weight = 0;
    memset(run->metrics, 0, sizeof run->metrics);
    progress.seconds = (double)(mg_clock_nanoseconds() - fitting->epoch_start) * 1e-9;
    return tell(fitting, &progress) ? MIDGE_OK : cancelled(fitting, error);
}

static midge_status run_epoch(mg_fitting *fitting, midge_error *error)
{
    midge_trainer *trainer = fitting->trainer;
    mg_train_run *run = &trainer->run;
    fitting->epoch_start = mg_clock_nanoseconds();
    for (size_t i = 0; i < fitting->count; ++i) fitting->order[i] = (uint32_t)i;
    if (fitting->options->shuffle)
        mg_random_order(
            mg_random_stream(trainer->seed, MG_STREAM_ORDER, run->number, (uint64_t)run->epoch),
            fitting->count, fitting->order);
    while (run->step < fitting->steps) {
        double rate = learning_rate(fitting);
        TRY(take_step(fitting, error));
        midge_fit_progress progress = describe(fitting, rate);
        if (!tell(fitting, &progress)) return cancelled(fitting, error);
    }
    return end_epoch(fitting, error);
}

midge_status mg_train_run_epochs(mg_fitting *fitting, midge_error *error)
{
    const midge_fit_options *options = fitting->options;
    mg_train_run *run = &fitting->trainer->run;
    while (run->epoch < options->epochs) {
        if (options->patience > 0 && run->waited >= options->patience) break;
        TRY(run_epoch(fitting, error));
    }
    if (options->restore_best) restore_best(fitting->trainer);
    run->open = false;
    return MIDGE_OK;
}
