/* SPDX-License-Identifier: Apache-2.0 */
/* A trainer as a file: Keras' formats by convert/keras_write.h, and .tflite by the converter. */
#include "base/file_write.h"
#include "convert/keras_ranges.h"
#include "convert/keras_write.h"
#include "network/passes.h"
#include "train/train_fake.h"

/* Compile settings into the JSON, weights for the writer. */
static midge_status make_document(midge_trainer *trainer, mg_region *region,
                                  mg_keras_document *document, midge_error *error)
{
    json_t *compile = mg_train_compile_json(&trainer->compiled);
    if (compile == NULL || json_object_set_new(trainer->object, "compile_config", compile) != 0)
        return mg_fail_memory(error, 0);
    TRY(mg_train_write_ranges(trainer, error));
    return mg_train_document(trainer, region, document, error);
}

static midge_status write(midge_trainer *trainer, mg_region *region, const char *path,
                          midge_error *error)
{
    mg_keras_document document;
    mg_keras_optimizer optimizer;
    TRY(make_document(trainer, region, &document, error));
    TRY(mg_train_add_slots(trainer, error));
    TRY(mg_train_variables(trainer, region, &optimizer, error));
    document.optimizer = &optimizer;
    return mg_keras_write_file(&trainer->heap, &document, path, error);
}

midge_status midge_trainer_save(midge_trainer *trainer, const char *path, midge_error *error)
{
    mg_region region;
    if (trainer == NULL || path == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_trainer_save: an argument is NULL");
    mg_region_init(&region, &trainer->heap);
    midge_status status = write(trainer, &region, path, error);
    mg_region_free(&region);
    return status;
}

midge_status midge_trainer_json(midge_trainer *trainer, const char **json, midge_error *error)
{
    mg_region region;
    mg_keras_document document;
    void *memory = NULL;
    if (trainer == NULL || json == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_trainer_json: an argument is NULL");
    mg_region_init(&region, &trainer->heap);
    midge_status status = make_document(trainer, &region, &document, error);
    mg_region_free(&region);
    TRY(status);
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
    size_t size = json_dumpb(trainer->object, NULL, 0, flags);
    TRY(mg_heap_get(&trainer->heap, size + 1, &memory, error));
    mg_heap_release(&trainer->heap, trainer->json);
    trainer->json = memory;
    size = json_dumpb(trainer->object, trainer->json, size, flags);
    trainer->json[size] = '\0';
    *json = trainer->json;
    return MIDGE_OK;
}

/* ---- .tflite ---- */

static midge_status convert(mg_keras *keras, const mg_keras_document *document, const void *file,
                            size_t file_size, void **bytes, size_t *size)
{
    mg_keras_model *model = NULL;
    TRY(mg_hdf5_open(&keras->weights, keras->file, file, file_size, keras->error));
    TRY(mg_keras_read_model(keras, document->object, &model));
    TRY(mg_keras_check_classes(keras, model));
    keras->ranges = json_object_get(document->object, MG_KERAS_RANGES);
    TRY(mg_keras_run(keras, model));
    keras->network->description = "made by midge from a Keras model";
    TRY(mg_network_simplify(keras->network));
    return mg_network_write(keras->network, bytes, size);
}

static midge_status convert_on(mg_heap *heap, midge_trainer *trainer,
                               const midge_convert_options *options, void **bytes, size_t *size,
                               midge_error *error)
{
    mg_region region;
    mg_network network;
    mg_keras_document document;
    void *file = NULL;
    size_t file_size = 0;
    mg_keras keras = {.heap = heap,
                      .error = error,
                      .network = &network,
                      .file = trainer->name,
                      .version = 3,
                      .batch = options != NULL ? options->batch : 0,
                      .options = options};
    mg_region_init(&region, heap);
    mg_region_init(&keras.region, heap);
    mg_region_init(&keras.call_region, heap);
    midge_status status = mg_network_create(heap, error, &network);
    if (status == MIDGE_OK) status = make_document(trainer, &region, &document, error);
    if (status == MIDGE_OK)
        status = mg_keras_write(heap, &document, MG_KERAS_LEGACY, &file, &file_size, error);
    if (status == MIDGE_OK) status = convert(&keras, &document, file, file_size, bytes, size);
    mg_hdf5_close(&keras.weights);
    mg_heap_release(heap, file);
    mg_network_free(&network);
    mg_region_free(&keras.call_region);
    mg_region_free(&keras.region);
    mg_region_free(&region);
    return status;
}

midge_status midge_trainer_convert(midge_trainer *trainer, const midge_convert_options *options,
                                   void **bytes, size_t *size, midge_error *error)
{
    mg_heap heap;
    if (trainer == NULL || bytes == NULL || size == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_trainer_convert: an argument is NULL");
    if (options != NULL && (options->size < sizeof *options || options->batch < 0))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "midge_trainer_convert: options of an unknown size, or a batch below 0");
    mg_heap_init(&heap, options != NULL ? options->allocator : NULL, SIZE_MAX);
    return convert_on(&heap, trainer, options, bytes, size, error);
}
