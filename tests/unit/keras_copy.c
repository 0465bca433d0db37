/* SPDX-License-Identifier: Apache-2.0 */
#include "keras_copy.h"

#include <string.h>

#include "convert/keras_file.h"

enum { MOST_VALUES = 2000 };

typedef struct collection {
    mg_keras *keras;
    size_t count;
    mg_keras_value *values;
    midge_status status;
} collection;

static bool is_known(const collection *at, const mg_keras_layer *layer, const char *name)
{
    for (size_t i = 0; i < at->count; ++i)
        if (strcmp(at->values[i].layer->tree, layer->tree) == 0 &&
            strcmp(at->values[i].name, name) == 0)
            return true;
    return false;
}

static void *keep(collection *at, const void *source, size_t bytes)
{
    void *memory = NULL;
    midge_status status = mg_region_get(&at->keras->region, bytes, &memory, at->keras->error);
    if (status != MIDGE_OK) at->status = status;
    if (memory != NULL) memcpy(memory, source, bytes);
    return memory;
}

/* A shared layer reads its weights again, and a part is made anew each time. */
static void collect(void *context, const mg_keras_layer *layer, const char *name,
                    const mg_keras_weight *weight)
{
    collection *at = context;
    if (at->status != MIDGE_OK || at->count == MOST_VALUES || is_known(at, layer, name)) return;
    mg_keras_value *value = &at->values[at->count];
    *value = (mg_keras_value){.layer = keep(at, layer, sizeof *layer),
                              .name = keep(at, name, strlen(name) + 1),
                              .rank = weight->rank,
                              .values = keep(at, weight->values, weight->count * sizeof(float))};
    memcpy(value->shape, weight->shape, sizeof value->shape);
    if (at->status == MIDGE_OK) ++at->count;
}

static midge_status copy(mg_keras *keras, const char *path, mg_keras_file *file,
                         mg_keras_format format, void **bytes, size_t *size)
{
    mg_keras_model *model = NULL;
    void *memory = NULL;
    collection at = {.keras = keras};
    TRY(mg_keras_file_open(keras, path, file));
    TRY(mg_keras_read_model(keras, file->config, &model));
    TRY(mg_region_get_array(&keras->region, MOST_VALUES, sizeof *at.values, &memory, keras->error));
    at.values = memory;
    keras->listen = collect;
    keras->listener = &at;
    TRY(mg_keras_run(keras, model));
    TRY(at.status);
    const mg_keras_document document = {file->config, model, at.count, at.values, NULL};
    return mg_keras_write(keras->heap, &document, format, bytes, size, keras->error);
}

midge_status keras_copy(mg_heap *heap, const char *path, mg_keras_format format, void **bytes,
                        size_t *size, midge_error *error)
{
    mg_network network;
    mg_keras_file file = {.config = NULL};
    mg_keras keras = {.heap = heap, .error = error, .network = &network, .file = path};
    *bytes = NULL;
    mg_region_init(&keras.region, heap);
    mg_region_init(&keras.call_region, heap);
    midge_status status = mg_network_create(heap, error, &network);
    if (status == MIDGE_OK) status = copy(&keras, path, &file, format, bytes, size);
    mg_keras_file_close(&keras, &file);
    mg_network_free(&network);
    mg_region_free(&keras.call_region);
    mg_region_free(&keras.region);
    return status;
}
