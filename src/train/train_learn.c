/* SPDX-License-Identifier: Apache-2.0 */
/* The doors to learning and asking: arguments are checked here. */
#include "train/train_batch.h"
#include "train/train_fake.h"
#include "train/train_fit.h"

static midge_status check_data(const midge_trainer *trainer, const midge_train_data *data,
                               const char *what, midge_error *error)
{
    (void)trainer;
    if (data->size < sizeof *data)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "%s data of an unknown size", what);
    if (data->count == 0 || data->count > UINT32_MAX)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "%zu samples of %s data", data->count, what);
    if (data->x == NULL ? data->sample == NULL : data->y == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "%s data has neither arrays nor a function that gives samples", what);
    if (data->x == NULL && data->bytes != NULL && data->byte_values == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "%s data has bytes, but nothing says what they stand for", what);
    return MIDGE_OK;
}

static midge_status check_fit(const midge_trainer *trainer, const midge_fit_options *options,
                              midge_error *error)
{
    const midge_augmentation *augmentation = &options->augmentation;
    if (options->size < sizeof *options)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "fit options of an unknown size");
    if (options->epochs < 0 || options->batch < 1)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "%d epochs of batches of %d",
                       (int)options->epochs, (int)options->batch);
    if (!(options->validation_share >= 0 && options->validation_share < 1))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "the share for validation is %g; it must be from 0 to less than 1",
                       options->validation_share);
    if (options->class_weight_count > 0 && options->class_weights == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "class weights are NULL");
    if (options->schedule != MIDGE_SCHEDULE_CONSTANT &&
        (options->schedule_epochs < 1 || !(options->schedule_factor >= 0)))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "a schedule of %d epochs and the factor %g",
                       (int)options->schedule_epochs, options->schedule_factor);
    if (options->schedule != MIDGE_SCHEDULE_CONSTANT && trainer->compiled.schedule != NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "the model was compiled with a schedule for its learning rate; a fixed "
                       "rate sets it aside, and then the run may have one");
    if (!(options->prune_share >= 0 && options->prune_share < 1))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "the share to prune is %g; it must be from 0 to less than 1",
                       options->prune_share);
    if (options->clusters < 0 || options->clusters == 1 || options->clusters > 256)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "kernels of %d different values; 2 to 256 can be, or 0 for all",
                       (int)options->clusters);
    if (options->monitor_metric && trainer->compiled.options.metric_count == 0)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "a metric is to be watched, but the trainer has none");
    int32_t rank = mg_train_tensor_at(trainer, trainer->inputs[0])->rank;
    if (mg_train_augments(augmentation) && (rank < 2 || rank > 3 || trainer->input_count != 1))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "augmentation is for pictures; samples of this model have %d dimensions",
                       (int)rank);
    for (size_t i = 0; i < trainer->weights.count; ++i)
        if (mg_train_weight_at(trainer, i)->trained) return MIDGE_OK;
    return mg_fail(error, MIDGE_INVALID_ARGUMENT, "all weights are frozen: nothing can learn");
}

/* `batch`: samples at a time; more than there can be are refused later. `order`: of a run. */
static midge_status get_room(mg_fitting *fitting, mg_region *region, size_t batch, bool order,
                             midge_error *error)
{
    const midge_trainer *trainer = fitting->trainer;
    void *memory = NULL;
    if (batch > MG_TRAIN_MOST_BATCH) batch = MG_TRAIN_MOST_BATCH;
    fitting->x_elements = mg_train_x_elements(trainer);
    fitting->y_elements = mg_train_y_elements(trainer);
    TRY(mg_region_get_array(region, fitting->x_elements + fitting->y_elements, sizeof(float),
                            &memory, error));
    fitting->sample = memory;
    TRY(mg_region_get_array(region, fitting->x_elements, sizeof(float), &memory, error));
    fitting->scratch = memory;
    TRY(mg_region_get_array(region, batch, sizeof(unsigned char *), &memory, error));
    fitting->bytes = memory;
    if (!order) return MIDGE_OK;
    TRY(mg_region_get_array(region, batch, sizeof(unsigned char *), &memory, error));
    fitting->next = memory;
    TRY(mg_region_get_array(region, fitting->count, sizeof(uint32_t), &memory, error));
    fitting->order = memory;
    return MIDGE_OK;
}

static midge_status reserve_best(midge_trainer *trainer, midge_error *error)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        void *memory = NULL;
        if (weight->best != NULL) continue;
        TRY(mg_heap_get_array(&trainer->heap, weight->elements, sizeof(float), &memory, error));
        weight->best = memory;
        memcpy(memory, weight->values, weight->elements * sizeof(float));
    }
    return MIDGE_OK;
}

static midge_status begin(mg_fitting *fitting, midge_error *error)
{
    midge_trainer *trainer = fitting->trainer;
    const midge_fit_options *options = fitting->options;
    size_t batch = (size_t)options->batch;
    fitting->count = fitting->data->count;
    if (fitting->validation != NULL) {
        fitting->validation_count = fitting->validation->count;
    } else if (options->validation_share > 0) {
        fitting->count = (size_t)((double)fitting->data->count * (1 - options->validation_share));
        fitting->validation = fitting->data;
        fitting->validation_first = fitting->count;
        fitting->validation_count = fitting->data->count - fitting->count;
    }
    if (fitting->count == 0)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "of %zu samples, none is left to learn from",
                       fitting->data->count);
    fitting->steps = (fitting->count + batch - 1) / batch;
    TRY(mg_train_reserve_slots(trainer, error));
    mg_train_drop_clusters(trainer);
    if (options->restore_best) TRY(reserve_best(trainer, error));
    if (options->quantize_aware) {
        TRY(mg_train_reserve_fakes(trainer, error));
        mg_train_choose_rounded(trainer);
    } else {
        mg_train_forget_ranges(trainer);
    }
    if (options->resume) {
        if (trainer->run.open && trainer->run.step <= fitting->steps) return MIDGE_OK;
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       trainer->run.open ? "the run to go on with had other data or batches"
                                         : "there is no run to go on with");
    }
    trainer->run = (mg_train_run){.number = trainer->run.number + 1,
                                  .open = true,
                                  .plateau_rate = trainer->compiled.options.learning_rate};
    return MIDGE_OK;
}

midge_status midge_trainer_fit(midge_trainer *trainer, const midge_train_data *data,
                               const midge_train_data *validation, const midge_fit_options *options,
                               midge_error *error)
{
    midge_fit_options defaults = midge_fit_options_default();
    if (trainer == NULL || data == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_trainer_fit: an argument is NULL");
    if (options == NULL) options = &defaults;
    mg_fitting fitting = {
        .trainer = trainer, .options = options, .data = data, .validation = validation};
    mg_region region;
    TRY(check_data(trainer, data, "training", error));
    if (validation != NULL) TRY(check_data(trainer, validation, "validation", error));
    TRY(check_fit(trainer, options, error));
    TRY(begin(&fitting, error));
    mg_region_init(&region, &trainer->heap);
    midge_status status = get_room(&fitting, &region, (size_t)options->batch, true, error);
    trainer->fake = options->quantize_aware;
    if (status == MIDGE_OK) status = mg_train_run_epochs(&fitting, error);
    trainer->fake = false;
    mg_train_drop_clusters(trainer);
    mg_region_free(&region);
    return status;
}

midge_status midge_trainer_evaluate(midge_trainer *trainer, const midge_train_data *data,
                                    int32_t batch, double *loss, double *metrics,
                                    midge_error *error)
{
    double mean = 0, measured[MIDGE_MOST_METRICS] = {0};
    if (trainer == NULL || data == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "midge_trainer_evaluate: an argument is NULL");
    TRY(check_data(trainer, data, "evaluation", error));
    if (batch < 0)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "batches of %d samples", (int)batch);
    mg_fitting fitting = {.trainer = trainer};
    mg_region region;
    size_t at_once = batch == 0 ? 32 : (size_t)batch;
    mg_region_init(&region, &trainer->heap);
    midge_status status = get_room(&fitting, &region, at_once, false, error);
    if (status == MIDGE_OK)
        status = mg_train_evaluate(&fitting, data, 0, data->count, at_once, &mean, measured, error);
    mg_region_free(&region);
    TRY(status);
    if (loss != NULL) *loss = mean;
    for (size_t i = 0; metrics != NULL && i < trainer->compiled.options.metric_count; ++i)
        metrics[i] = measured[i];
    return MIDGE_OK;
}

midge_status midge_trainer_train_on_batch(midge_trainer *trainer, size_t count, const float *x,
                                          const float *y, const float *sample_weights, double *loss,
                                          double *metrics, midge_error *error)
{
    mg_metric_sum sums[MIDGE_MOST_METRICS] = {{0, 0}};
    if (trainer == NULL || x == NULL || y == NULL || count == 0)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_trainer_train_on_batch: no samples");
    const midge_train_data data = {
        .size = sizeof data, .count = count, .x = x, .y = y, .sample_weights = sample_weights};
    mg_fitting fitting = {.trainer = trainer,
                          .x_elements = mg_train_x_elements(trainer),
                          .y_elements = mg_train_y_elements(trainer)};
    TRY(mg_train_reserve_slots(trainer, error));
    TRY(mg_train_reserve(trainer, count, error));
    TRY(mg_train_gather(&fitting, &data, NULL, 0, count, false, error));
    mg_train_forward(trainer, count, true);
    double mean = mg_train_loss(trainer, count, true) + mg_train_penalty(trainer);
    if (!isfinite(mean))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "the loss of the batch is %g", mean);
    mg_train_measure(trainer, count, sums);
    const mg_train_update update = mg_train_begin_update(trainer, mg_train_rate(trainer), true);
    mg_train_backward(trainer, count, &update);
    mg_train_end_update(trainer, &update);
    if (loss != NULL) *loss = mean;
    for (size_t i = 0; metrics != NULL && i < trainer->compiled.options.metric_count; ++i)
        metrics[i] = mg_train_metric(trainer, i, &sums[i]);
    return MIDGE_OK;
}

midge_status midge_trainer_predict(midge_trainer *trainer, size_t count, const float *x,
                                   float *output, midge_error *error)
{
    enum { BATCH = 32 };
    if (trainer == NULL || (count > 0 && (x == NULL || output == NULL)))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_trainer_predict: an argument is NULL");
    size_t elements = mg_train_x_elements(trainer);
    const mg_train_tensor *result = mg_train_tensor_at(trainer, trainer->output);
    for (size_t done = 0; done < count; done += BATCH) {
        size_t now = count - done < BATCH ? count - done : BATCH;
        TRY(mg_train_reserve(trainer, now, error));
        for (size_t i = 0; i < now; ++i)
            TRY(mg_train_put_sample(trainer, i, done + i, x + (done + i) * elements, error));
        mg_train_forward(trainer, now, false);
        memcpy(output + done * result->elements, result->values,
               now * result->elements * sizeof(float));
    }
    return MIDGE_OK;
}
