/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteVersion, TfLiteModel. */
#include <stdlib.h>

#include "objects.h"

/* The interface that the headers describe. */
const char *TfLiteVersion(void)
{
    return "2.20.0";
}

const char *TfLiteExtensionApisVersion(void)
{
    return TfLiteVersion();
}

int TfLiteSchemaVersion(void)
{
    return 3;
}

static TfLiteModel *wrap(midge_status status, midge_model *model, const midge_error *error,
                         const tfl_reporter *reporter)
{
    if (status != MIDGE_OK) {
        tfl_report(reporter, "%s", error->message);
        return NULL;
    }
    TfLiteModel *made = malloc(sizeof *made);
    if (made == NULL)
        midge_model_free(model);
    else
        made->model = model;
    return made;
}

TfLiteModel *TfLiteModelCreateWithErrorReporter(const void *model_data, size_t model_size,
                                                void (*reporter)(void *user_data,
                                                                 const char *format, va_list args),
                                                void *user_data)
{
    midge_model *model = NULL;
    midge_error error = {0};
    const tfl_reporter to = {reporter, user_data};
    midge_status status = midge_model_load_memory(model_data, model_size, NULL, &model, &error);
    return wrap(status, model, &error, &to);
}

TfLiteModel *TfLiteModelCreate(const void *model_data, size_t model_size)
{
    return TfLiteModelCreateWithErrorReporter(model_data, model_size, NULL, NULL);
}

TfLiteModel *TfLiteModelCreateFromFileWithErrorReporter(
    const char *model_path, void (*reporter)(void *user_data, const char *format, va_list args),
    void *user_data)
{
    midge_model *model = NULL;
    midge_error error = {0};
    const tfl_reporter to = {reporter, user_data};
    midge_model_options options = midge_model_options_default();
    options.map_file = true;
    midge_status status = midge_model_load_file(model_path, &options, &model, &error);
    return wrap(status, model, &error, &to);
}

TfLiteModel *TfLiteModelCreateFromFile(const char *model_path)
{
    return TfLiteModelCreateFromFileWithErrorReporter(model_path, NULL, NULL);
}

void TfLiteModelDelete(TfLiteModel *model)
{
    if (model == NULL) return;
    midge_model_free(model->model);
    free(model);
}
