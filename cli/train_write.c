/* SPDX-License-Identifier: Apache-2.0 */
/* The model as a file: .keras and .h5 by the library, .tflite converted and made smaller here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe_model.h"
#include "files.h"
#include "train.h"

/* Samples that integers are calibrated with, at most. */
enum { CALIBRATION_SAMPLES = 500 };

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), width = strlen(end);
    return length > width && strcmp(text + length - width, end) == 0;
}

bool cli_training_can_save(const char *path)
{
    return ends_with(path, ".keras") || ends_with(path, ".h5") || ends_with(path, ".hdf5") ||
           ends_with(path, ".tflite");
}

char *cli_train_path(const char *path, const char *without, const char *ending)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    size_t length = strlen(path);
    if (without == NULL && dot != NULL && dot > (slash != NULL ? slash + 1 : path))
        length = (size_t)(dot - path);
    else if (without != NULL && ends_with(path, without))
        length -= strlen(without);
    char *made = malloc(length + strlen(ending) + 1);
    if (made == NULL) return NULL;
    memcpy(made, path, length);
    memcpy(made + length, ending, strlen(ending) + 1);
    return made;
}

static midge_status write_bytes(const char *path, const void *bytes, size_t size,
                                midge_error *error)
{
    cli_writer writer;
    TRY(cli_writer_open(&writer, path, error));
    (void)fwrite(bytes, 1, size, writer.stream); /* the commit finds and explains a failure */
    return cli_writer_commit(&writer, error);
}

/* Samples spread over all of them. */
static midge_status write_input(void *context, size_t index, midge_session *session,
                                midge_error *error)
{
    const cli_training *at = context;
    const cli_samples *samples = &at->training;
    size_t count = samples->count < CALIBRATION_SAMPLES ? samples->count : CALIBRATION_SAMPLES;
    size_t number = index * samples->count / count;
    size_t bytes = samples->dataset->values * sizeof(float);
    float *values = malloc(bytes);
    if (values == NULL) return cli_fail_memory(error, at->choice->output, bytes);
    cli_dataset_sample(samples->dataset, samples->order != NULL ? samples->order[number] : number,
                       values);
    midge_status status = midge_session_write_input(session, 0, values, bytes);
    free(values);
    if (status == MIDGE_OK) return MIDGE_OK;
    return cli_fail(error, status, "%s: its input takes no samples of %zu numbers",
                    at->choice->output, samples->dataset->values);
}

static midge_status optimize(cli_training *at, const void *bytes, size_t size, void **smaller,
                             size_t *smaller_size, midge_error *error)
{
    midge_model *model = NULL;
    midge_optimize_options options = midge_optimize_options_default();
    options.mode = (midge_optimize_mode)at->choice->optimize;
    options.threads = at->threads;
    options.sample = write_input;
    options.context = at;
    options.sample_count =
        at->training.count < CALIBRATION_SAMPLES ? at->training.count : CALIBRATION_SAMPLES;
    TRY(midge_model_load_memory(bytes, size, NULL, &model, error));
    midge_status status = midge_optimize(model, &options, smaller, smaller_size, error);
    midge_model_free(model);
    return status;
}

/* The names of the classes and what pixels become go into the model. */
static midge_status describe(const cli_training *at, const char *path, const void *bytes,
                             size_t size, midge_error *error)
{
    void *described = NULL;
    size_t described_size = 0;
    const cli_dataset *data = &at->data;
    const cli_description about = {
        .labels = &data->classes,
        .pictures = data->bytes != NULL,
        .range = {(double)data->scale[0], (double)data->scale[255]},
    };
    if (!about.pictures && data->classes.count == 0) return write_bytes(path, bytes, size, error);
    TRY(cli_describe_model(path, bytes, size, &about, &described, &described_size, error));
    midge_status status = write_bytes(path, described, described_size, error);
    midge_optimize_free(NULL, described);
    return status;
}

midge_status cli_training_save(cli_training *at, const char *path, midge_error *error)
{
    void *bytes = NULL, *smaller = NULL;
    size_t size = 0, smaller_size = 0;
    if (!ends_with(path, ".tflite")) return midge_trainer_save(at->trainer, path, error);
    TRY(midge_trainer_convert(at->trainer, NULL, &bytes, &size, error));
    midge_status status = MIDGE_OK;
    if (at->choice->optimize == MIDGE_OPTIMIZE_NONE) {
        status = describe(at, path, bytes, size, error);
    } else {
        status = optimize(at, bytes, size, &smaller, &smaller_size, error);
        if (status == MIDGE_OK) status = describe(at, path, smaller, smaller_size, error);
    }
    midge_optimize_free(NULL, smaller);
    midge_convert_free(NULL, bytes);
    return status;
}
