/* SPDX-License-Identifier: Apache-2.0 */
#include "train_samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

void cli_samples_free(cli_samples *samples)
{
    free(samples->order);
    *samples = (cli_samples){0};
}

cli_samples cli_samples_all(const cli_dataset *dataset)
{
    return (cli_samples){.dataset = dataset, .count = dataset->count};
}

/* The class of a sample; 0 where targets are numbers. */
static size_t class_of(const cli_dataset *dataset, size_t index)
{
    const float *target = cli_dataset_target(dataset, index);
    size_t best = 0;
    if (dataset->class_count == 0) return 0;
    if (dataset->target_values == 1) return (size_t)target[0];
    for (size_t i = 1; i < dataset->target_values; ++i)
        if (target[i] > target[best]) best = i;
    return best;
}

/* ---- Dividing ---- */

static void shuffle(size_t *order, size_t count, uint64_t seed)
{
    uint64_t state = seed;
    for (size_t i = count; i > 1; --i) {
        size_t k = (size_t)(cli_random_next(&state) % i);
        size_t kept = order[i - 1];
        order[i - 1] = order[k];
        order[k] = kept;
    }
}

static int compare_numbers(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

/* The first samples of each class, in the shuffled order, are for the validation; both parts then
 * go back to the order of the dataset. */
static void divide(const cli_dataset *dataset, double share, const size_t *shuffled, size_t *wanted,
                   cli_samples *training, cli_samples *validation)
{
    for (size_t i = 0; i < dataset->count; ++i) ++wanted[class_of(dataset, i)];
    size_t classes = dataset->class_count > 0 ? dataset->class_count : 1;
    for (size_t i = 0; i < classes; ++i) {
        size_t part = (size_t)lround((double)wanted[i] * share);
        if (part == 0 && wanted[i] > 1) part = 1;
        if (part == wanted[i] && part > 0) --part;
        wanted[i] = part;
    }
    for (size_t i = 0; i < dataset->count; ++i) {
        size_t *left = &wanted[class_of(dataset, shuffled[i])];
        cli_samples *part = *left > 0 ? validation : training;
        if (*left > 0) --*left;
        part->order[part->count++] = shuffled[i];
    }
    qsort(training->order, training->count, sizeof(size_t), compare_numbers);
    qsort(validation->order, validation->count, sizeof(size_t), compare_numbers);
}

midge_status cli_samples_split(const cli_dataset *dataset, double share, uint64_t seed,
                               cli_samples *training, cli_samples *validation, midge_error *error)
{
    size_t bytes = (dataset->count + 1) * sizeof(size_t);
    *training = (cli_samples){.dataset = dataset, .order = malloc(bytes)};
    *validation = (cli_samples){.dataset = dataset, .order = malloc(bytes)};
    size_t *shuffled = malloc(bytes);
    size_t *wanted = calloc(dataset->class_count + 1, sizeof *wanted);
    midge_status status = MIDGE_OK;
    if (training->order == NULL || validation->order == NULL || shuffled == NULL ||
        wanted == NULL) {
        status = cli_fail_memory(error, dataset->name, bytes);
    } else {
        for (size_t i = 0; i < dataset->count; ++i) shuffled[i] = i;
        shuffle(shuffled, dataset->count, seed);
        divide(dataset, share, shuffled, wanted, training, validation);
        if (validation->count == 0)
            status =
                cli_fail(error, MIDGE_INVALID_ARGUMENT,
                         "%s: has too few samples to keep some for the validation", dataset->name);
    }
    free(shuffled);
    free(wanted);
    return status;
}

midge_status cli_samples_count(const cli_samples *samples, size_t **counts, midge_error *error)
{
    *counts = calloc(samples->dataset->class_count + 1, sizeof **counts);
    if (*counts == NULL)
        return cli_fail_memory(error, samples->dataset->name, samples->dataset->class_count);
    for (size_t i = 0; i < samples->count; ++i) {
        size_t index = samples->order != NULL ? samples->order[i] : i;
        ++(*counts)[class_of(samples->dataset, index)];
    }
    return MIDGE_OK;
}

/* ---- For the library ---- */

midge_status cli_samples_fit(cli_samples *samples, const midge_trainer *trainer, midge_error *error)
{
    const cli_dataset *dataset = samples->dataset;
    midge_trainer_info about = midge_trainer_describe(trainer);
    midge_compile_options compiled = midge_trainer_compiled(trainer);
    samples->target_values = about.y_elements;
    samples->form = CLI_TARGET_AS_IS;
    if (about.x_elements != dataset->values)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: a sample holds %zu numbers, but the network takes %zu", dataset->name,
                        dataset->values, about.x_elements);
    if (dataset->target_values == about.y_elements) return MIDGE_OK;
    if (dataset->class_count > 0 && about.y_elements == 1)
        samples->form = CLI_TARGET_CLASS;
    else if (dataset->class_count > 0 && dataset->target_values == 1 &&
             dataset->class_count <= about.y_elements)
        samples->form = CLI_TARGET_ONE_HOT;
    else
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: a target holds %zu numbers, but the loss %s wants %zu", dataset->name,
                        dataset->target_values, compiled.loss != NULL ? compiled.loss : "",
                        about.y_elements);
    return MIDGE_OK;
}

static midge_status write_sample(void *context, size_t index, float *x, float *y,
                                 midge_error *error)
{
    const cli_samples *samples = context;
    size_t number = samples->order != NULL ? samples->order[index] : index;
    (void)error;
    if (x != NULL) cli_dataset_sample(samples->dataset, number, x);
    switch (samples->form) {
    case CLI_TARGET_AS_IS:
        memcpy(y, cli_dataset_target(samples->dataset, number), samples->target_values * sizeof *y);
        break;
    case CLI_TARGET_ONE_HOT:
        for (size_t i = 0; i < samples->target_values; ++i) y[i] = 0;
        y[class_of(samples->dataset, number)] = 1;
        break;
    case CLI_TARGET_CLASS: y[0] = (float)class_of(samples->dataset, number); break;
    }
    return MIDGE_OK;
}

static const unsigned char *find_bytes(void *context, size_t index)
{
    const cli_samples *samples = context;
    const cli_dataset *dataset = samples->dataset;
    size_t number = samples->order != NULL ? samples->order[index] : index;
    return dataset->bytes + number * dataset->values;
}

midge_train_data cli_samples_data(const cli_samples *samples)
{
    const cli_dataset *dataset = samples->dataset; /* NULL where there are no samples */
    return (midge_train_data){.size = sizeof(midge_train_data),
                              .count = samples->count,
                              .sample = write_sample,
                              .context = (void *)samples,
                              .bytes =
                                  dataset != NULL && dataset->bytes != NULL ? find_bytes : NULL,
                              .byte_values = dataset != NULL ? dataset->scale : NULL};
}
