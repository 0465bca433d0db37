/* SPDX-License-Identifier: Apache-2.0 */
/* The model half of midge.h: check arguments, call down. */
#include <string.h>

#include "model/load.h"

#define MIDGE_VERSION "0.1.0"

const char *midge_version(void)
{
    return MIDGE_VERSION;
}

const char *midge_status_name(midge_status status)
{
    switch (status) {
    case MIDGE_OK: return "ok";
    case MIDGE_INVALID_ARGUMENT: return "invalid argument";
    case MIDGE_INVALID_STATE: return "invalid state";
    case MIDGE_NO_MEMORY: return "out of memory";
    case MIDGE_LIMIT_EXCEEDED: return "limit exceeded";
    case MIDGE_IO_ERROR: return "input or output error";
    case MIDGE_INVALID_MODEL: return "invalid model";
    case MIDGE_UNSUPPORTED: return "unsupported";
    case MIDGE_CANCELLED: return "cancelled";
    case MIDGE_RUN_ERROR: return "run error";
    }
    return "unknown status";
}

midge_model_options midge_model_options_default(void)
{
    return (midge_model_options){.size = sizeof(midge_model_options)};
}

static midge_status load(const mg_model_source *source, const midge_model_options *options,
                         midge_model **model, midge_error *error)
{
    midge_model_options chosen = midge_model_options_default();
    if (model == NULL) return mg_fail(error, MIDGE_INVALID_ARGUMENT, "model is NULL");
    if (options != NULL && (options->size == 0 || options->size > sizeof chosen))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "options.size is %zu; start from midge_model_options_default()",
                       options->size);
    if (options != NULL) memcpy(&chosen, options, options->size);
    return mg_model_load(source, &chosen, model, error);
}

midge_status midge_model_load_file(const char *path, const midge_model_options *options,
                                   midge_model **model, midge_error *error)
{
    if (path == NULL) return mg_fail(error, MIDGE_INVALID_ARGUMENT, "path is NULL");
    return load(&(mg_model_source){.path = path}, options, model, error);
}

midge_status midge_model_load_memory(const void *bytes, size_t size,
                                     const midge_model_options *options, midge_model **model,
                                     midge_error *error)
{
    if (bytes == NULL) return mg_fail(error, MIDGE_INVALID_ARGUMENT, "bytes is NULL");
    return load(&(mg_model_source){.bytes = bytes, .size = size}, options, model, error);
}

midge_status midge_model_load_stream(midge_read_function read, void *context,
                                     const midge_model_options *options, midge_model **model,
                                     midge_error *error)
{
    if (read == NULL) return mg_fail(error, MIDGE_INVALID_ARGUMENT, "read is NULL");
    return load(&(mg_model_source){.read = read, .context = context}, options, model, error);
}

void midge_model_free(midge_model *model)
{
    mg_model_release(model);
}

const char *midge_model_description(const midge_model *model)
{
    return model->schema->description != NULL ? model->schema->description : "";
}

size_t midge_model_metadata_count(const midge_model *model)
{
    return model->schema->metadata.count;
}

const char *midge_model_metadata_name(const midge_model *model, size_t index)
{
    if (index >= model->schema->metadata.count) return NULL;
    const char *name = model->schema->metadata.items[index].name;
    return name != NULL ? name : "";
}

const void *midge_model_metadata(const midge_model *model, const char *name, size_t *bytes)
{
    return mg_model_metadata(model, name, bytes);
}

const void *midge_model_file(const midge_model *model, size_t *bytes)
{
    if (bytes != NULL) *bytes = model->file_bytes;
    return model->file;
}

size_t midge_model_signature_count(const midge_model *model)
{
    return model->signature_count;
}

const char *midge_model_signature_key(const midge_model *model, size_t index)
{
    return index < model->signature_count ? model->signatures[index].key : NULL;
}
