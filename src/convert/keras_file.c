/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/keras_file.h"

#include <stdio.h>
#include <string.h>

#include "convert/zip_archive.h"
#include "model/read.h"

static const uint64_t most_bytes = UINT64_C(1) << 33;

static midge_status parse(mg_keras *keras, const char *what, const char *text, size_t size,
                          json_t **json)
{
    json_error_t reason;
    char printable[120];
    *json = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &reason);
    if (*json != NULL) return MIDGE_OK;
    return mg_fail(keras->error, MIDGE_INVALID_MODEL, "%s: %s is no JSON: line %d: %s", keras->file,
                   what, reason.line, mg_printable(reason.text, printable, sizeof printable));
}

static void set_version(mg_keras *keras, const char *text)
{
    keras->version = 1;
    if (text != NULL && text[0] >= '1' && text[0] <= '9') keras->version = text[0] - '0';
}

/* ---- Legacy HDF5 ---- */

static midge_status open_legacy(mg_keras *keras, mg_keras_file *file)
{
    const char *version = NULL, *config = NULL;
    TRY(mg_hdf5_open(&keras->weights, keras->file, file->file.bytes, file->file.size,
                     keras->error));
    TRY(mg_hdf5_text(&keras->weights, &keras->region, "/", "keras_version", &version));
    if (version == NULL && mg_hdf5_has(&keras->weights, "/model_weights"))
        TRY(mg_hdf5_text(&keras->weights, &keras->region, "/model_weights", "keras_version",
                         &version));
    TRY(mg_hdf5_text(&keras->weights, &keras->region, "/", "model_config", &config));
    set_version(keras, version);
    if (config == NULL)
        return mg_fail(keras->error, MIDGE_UNSUPPORTED,
                       "%s: weights without a model; save the model with model.save(), not "
                       "save_weights()",
                       keras->file);
    return parse(keras, "model_config", config, strlen(config), &file->config);
}

/* ---- .keras ---- */

static midge_status read_version(mg_keras *keras, mg_keras_file *file, const char *text,
                                 size_t size)
{
    keras->version = 3;
    keras->tree = true;
    if (text == NULL) return MIDGE_OK;
    TRY(parse(keras, "metadata.json", text, size, &file->metadata));
    set_version(keras, mg_json_text(file->metadata, "keras_version", "3"));
    return MIDGE_OK;
}

static midge_status lacks(const mg_keras *keras, const char *member)
{
    return mg_fail(keras->error, MIDGE_INVALID_MODEL,
                   "%s: has no %s, so it is no model that Keras saved", keras->file, member);
}

static midge_status open_archive(mg_keras *keras, mg_keras_file *file)
{
    const mg_file *at = &file->file;
    size_t size = 0, config_size = 0;
    TRY(mg_zip_read(at->bytes, at->size, keras->file, "metadata.json", keras->heap,
                    &file->metadata_bytes, &size, keras->error));
    TRY(read_version(keras, file, file->metadata_bytes, size));
    TRY(mg_zip_read(at->bytes, at->size, keras->file, "config.json", keras->heap,
                    &file->config_bytes, &config_size, keras->error));
    if (file->config_bytes == NULL) return lacks(keras, "config.json");
    TRY(parse(keras, "config.json", file->config_bytes, config_size, &file->config));
    TRY(mg_zip_read(at->bytes, at->size, keras->file, "model.weights.h5", keras->heap,
                    &file->weights_bytes, &size, keras->error));
    if (file->weights_bytes == NULL) return lacks(keras, "model.weights.h5");
    return mg_hdf5_open(&keras->weights, keras->file, file->weights_bytes, size, keras->error);
}

static midge_status open_member(mg_keras *keras, const char *folder, const char *member,
                                mg_file *file)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s", folder, member);
    if (length < 0 || (size_t)length >= sizeof path)
        return mg_fail(keras->error, MIDGE_IO_ERROR, "%s: the path is too long", keras->file);
    return mg_file_open(keras->heap, path, true, most_bytes, file, keras->error);
}

static midge_status open_folder(mg_keras *keras, const char *path, mg_keras_file *file)
{
    mg_file metadata = {0};
    midge_error *error = keras->error, ignored = {0};
    keras->error = &ignored;
    midge_status found = open_member(keras, path, "metadata.json", &metadata);
    keras->error = error;
    midge_status status = read_version(
        keras, file, found == MIDGE_OK ? (const char *)metadata.bytes : NULL, metadata.size);
    if (found == MIDGE_OK) mg_file_close(keras->heap, &metadata);
    TRY(status);
    TRY(parse(keras, "config.json", (const char *)file->file.bytes, file->file.size,
              &file->config));
    TRY(open_member(keras, path, "model.weights.h5", &file->weights_file));
    return mg_hdf5_open(&keras->weights, keras->file, file->weights_file.bytes,
                        file->weights_file.size, keras->error);
}

midge_status mg_keras_file_open(mg_keras *keras, const char *path, mg_keras_file *file)
{
    midge_error *error = keras->error, ignored = {0};
    *file = (mg_keras_file){.config = NULL};
    keras->error = &ignored;
    midge_status folder = open_member(keras, path, "config.json", &file->file);
    keras->error = error;
    if (folder == MIDGE_OK) return open_folder(keras, path, file);
    TRY(mg_file_open(keras->heap, path, true, most_bytes, &file->file, keras->error));
    if (mg_hdf5_is(file->file.bytes, file->file.size)) return open_legacy(keras, file);
    if (mg_zip_is(file->file.bytes, file->file.size)) return open_archive(keras, file);
    const char *foreign = mg_identify_foreign(file->file.bytes, file->file.size);
    if (foreign != NULL)
        return mg_fail(keras->error, MIDGE_INVALID_MODEL, "%s: %s", keras->file, foreign);
    if (file->file.size >= 8 && memcmp(file->file.bytes + 4, "TFL3", 4) == 0)
        return mg_fail(keras->error, MIDGE_INVALID_MODEL,
                       "%s: is a .tflite model already; give the Keras model that it was made of",
                       keras->file);
    return mg_fail(keras->error, MIDGE_INVALID_MODEL,
                   "%s: neither a .h5 nor a .keras model; save it with model.save('NAME.keras')",
                   keras->file);
}

void mg_keras_file_close(mg_keras *keras, mg_keras_file *file)
{
    mg_hdf5_close(&keras->weights);
    json_decref(file->config);
    json_decref(file->metadata);
    mg_heap_release(keras->heap, file->config_bytes);
    mg_heap_release(keras->heap, file->metadata_bytes);
    mg_heap_release(keras->heap, file->weights_bytes);
    if (file->file.bytes != NULL) mg_file_close(keras->heap, &file->file);
    if (file->weights_file.bytes != NULL) mg_file_close(keras->heap, &file->weights_file);
    *file = (mg_keras_file){.config = NULL};
}
