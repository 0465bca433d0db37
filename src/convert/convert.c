/* SPDX-License-Identifier: Apache-2.0 */
/* midge_convert_file: one door for all kinds of files that become .tflite. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "midge_tools.h"
#include "network/passes.h"
#ifdef MIDGE_HAVE_KERAS
#include "convert/keras_file.h"
#include "convert/keras_ranges.h"
#endif
#ifdef MIDGE_HAVE_TENSORFLOW
#include "convert/tensorflow_convert.h"
#endif
#include "base/file.h"

#ifdef MIDGE_HAVE_KERAS
static midge_status build(mg_keras *keras, const char *path, mg_keras_file *file, void **bytes,
                          size_t *size)
{
    mg_keras_model *model = NULL;
    TRY(mg_keras_file_open(keras, path, file));
    TRY(mg_keras_read_model(keras, file->config, &model));
    TRY(mg_keras_check_classes(keras, model));
    keras->ranges = json_object_get(file->config, MG_KERAS_RANGES);
    TRY(mg_keras_run(keras, model));
    keras->network->description = "made by midge from a Keras model";
    TRY(mg_network_simplify(keras->network));
    return mg_network_write(keras->network, bytes, size);
}

static midge_status convert_keras(mg_heap *heap, const char *path, const char *name,
                                  const midge_convert_options *options, void **bytes, size_t *size,
                                  midge_error *error)
{
    mg_network network;
    mg_keras_file file;
    mg_keras keras = {.heap = heap,
                      .error = error,
                      .network = &network,
                      .file = name,
                      .batch = options != NULL ? options->batch : 0,
                      .options = options};
    mg_region_init(&keras.region, heap);
    mg_region_init(&keras.call_region, heap);
    midge_status status = mg_network_create(heap, error, &network);
    file = (mg_keras_file){.config = NULL};
    if (status == MIDGE_OK) status = build(&keras, path, &file, bytes, size);
    mg_keras_file_close(&keras, &file);
    mg_network_free(&network);
    mg_region_free(&keras.call_region);
    mg_region_free(&keras.region);
    return status;
}
#else
static midge_status convert_keras(mg_heap *heap, const char *path, const char *name,
                                  const midge_convert_options *options, void **bytes, size_t *size,
                                  midge_error *error)
{
    (void)heap;
    (void)path;
    (void)options;
    (void)bytes;
    (void)size;
    return mg_fail(error, MIDGE_UNSUPPORTED,
                   "%s: this midge was built without the readers for Keras models; install "
                   "libhdf5-dev, libzip-dev and libjansson-dev and build it again",
                   name);
}
#endif

#ifndef MIDGE_HAVE_TENSORFLOW
static bool has_saved_model(const char *path)
{
    char inside[4096];
    size_t length = strlen(path);
    mg_file file;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    int made = snprintf(inside, sizeof inside, "%s/saved_model.pb", path);
    if (length > 3 && strcmp(path + length - 3, ".pb") == 0) return true;
    if (made < 0 || (size_t)made >= sizeof inside ||
        mg_file_open(&heap, inside, true, SIZE_MAX, &file, NULL) != MIDGE_OK)
        return false;
    mg_file_close(&heap, &file);
    return true;
}
#endif

static midge_status convert(mg_heap *heap, const char *path, const midge_convert_options *options,
                            void **bytes, size_t *size, midge_error *error)
{
    char name[200];
    const char *slash = strrchr(path, '/');
    (void)mg_printable(slash != NULL && slash[1] != '\0' ? slash + 1 : path, name, sizeof name);
#ifdef MIDGE_HAVE_TENSORFLOW
    bool found = false;
    TRY(mg_tensorflow_convert(heap, path, name, options, bytes, size, error, &found));
    if (found) return MIDGE_OK;
#else
    if (has_saved_model(path))
        return mg_fail(error, MIDGE_UNSUPPORTED,
                       "%s: this midge was built without the reader for SavedModels; install "
                       "libprotobuf-c-dev and protobuf-c-compiler and build it again",
                       name);
#endif
    midge_status status = convert_keras(heap, path, name, options, bytes, size, error);
    if (status != MIDGE_IO_ERROR || !mg_file_is_folder(path)) return status;
    return mg_fail(error, MIDGE_INVALID_MODEL,
                   "%s: a folder with neither saved_model.pb, of a SavedModel, nor config.json, of "
                   "an unpacked .keras file",
                   name);
}

midge_status midge_convert_file(const char *path, const midge_convert_options *options,
                                void **bytes, size_t *size, midge_error *error)
{
    mg_heap heap;
    if (path == NULL || bytes == NULL || size == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_convert_file: an argument is NULL");
    if (options != NULL && options->size < offsetof(midge_convert_options, signature))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "midge_convert_file: options of an unknown size");
    if (options != NULL && options->batch < 0)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_convert_file: a batch of %d",
                       (int)options->batch);
    *bytes = NULL;
    *size = 0;
    mg_heap_init(&heap, options != NULL ? options->allocator : NULL, SIZE_MAX);
    return convert(&heap, path, options, bytes, size, error);
}

void midge_convert_free(const midge_allocator *allocator, void *bytes)
{
    mg_heap heap;
    mg_heap_init(&heap, allocator, SIZE_MAX);
    heap.live = SIZE_MAX; /* of this account only the release is of interest */
    mg_heap_release(&heap, bytes);
}
