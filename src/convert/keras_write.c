/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   .keras   metadata.json, config.json, model.weights.h5 with <tree>/vars/0, /1, … and the layer's
 *            name as attribute of vars
 *   legacy   attributes of the file and of /model_weights, a group for each layer with the weights
 *            of all that is inside it, first those that training changes
 */
#include "convert/keras_write.h"

#include <stdio.h>
#include <string.h>

#include "base/file_write.h"
#include "convert/keras_place.h"
#include "convert/zip_write.h"

enum { MOST_PATH = 1000 };
static const char version[] = "3.0.0", backend[] = "tensorflow";

/* ---- JSON ---- */

static midge_status dump(const json_t *object, char **text, midge_error *error)
{
    *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (*text != NULL) return MIDGE_OK;
    return mg_fail(error, MIDGE_NO_MEMORY, "the model's configuration cannot be written");
}

static void release_text(char *text)
{
    void (*release)(void *) = NULL;
    void *(*allocate)(size_t) = NULL;
    json_get_alloc_funcs(&allocate, &release);
    if (text != NULL) release(text);
}

/* What legacy files call training_config: the same, but for the optimiser. */
static json_t *training_config(const json_t *object)
{
    const json_t *compile = json_object_get(object, "compile_config");
    if (!json_is_object(compile)) return NULL;
    json_t *copy = json_copy((json_t *)(uintptr_t)compile);
    const json_t *optimizer = json_object_get(copy, "optimizer");
    if (!json_is_object(optimizer)) {
        json_decref(copy);
        return NULL;
    }
    json_t *legacy = json_pack("{s:O, s:O}", "class_name", json_object_get(optimizer, "class_name"),
                               "config", json_object_get(optimizer, "config"));
    (void)json_object_set_new(copy, "optimizer_config", legacy);
    (void)json_object_del(copy, "optimizer");
    return copy;
}

/* ---- .keras ---- */

static midge_status put_tree(mg_hdf5_writer *writer, const mg_keras_places *places)
{
    for (size_t i = 0; i < places->count; ++i) {
        const mg_keras_place *place = &places->all[i];
        char group[MOST_PATH];
        TRY(mg_hdf5_put_floats(writer, place->path, place->value.rank, place->value.shape,
                               place->value.values));
        if (place->index != 0) continue;
        const char *last = strrchr(place->path, '/');
        (void)snprintf(group, sizeof group, "%.*s", (int)(last - place->path), place->path);
        TRY(mg_hdf5_put_text(writer, group, "name", place->value.layer->name));
    }
    return MIDGE_OK;
}

static midge_status make_weights(mg_heap *heap, const mg_keras_places *places,
                                 const mg_keras_optimizer *optimizer, void **bytes, size_t *size,
                                 midge_error *error)
{
    mg_hdf5_writer writer;
    midge_status status = mg_hdf5_begin(&writer, error);
    if (status == MIDGE_OK) status = put_tree(&writer, places);
    if (status == MIDGE_OK && optimizer != NULL)
        status = mg_keras_put_optimizer(&writer, heap, optimizer, MG_KERAS_ARCHIVE);
    if (status == MIDGE_OK) return mg_hdf5_finish(&writer, heap, bytes, size);
    mg_hdf5_abandon(&writer);
    return status;
}

static midge_status write_archive(mg_heap *heap, const mg_keras_document *document,
                                  const mg_keras_places *places, bool packed, void **bytes,
                                  size_t *size, midge_error *error)
{
    char metadata[80], *config = NULL;
    void *weights = NULL;
    size_t weights_size = 0;
    (void)snprintf(metadata, sizeof metadata, "{\"keras_version\": \"%s\"}", version);
    midge_status status =
        make_weights(heap, places, document->optimizer, &weights, &weights_size, error);
    if (status == MIDGE_OK) status = dump(document->object, &config, error);
    if (status == MIDGE_OK) {
        const mg_zip_member members[] = {{"metadata.json", metadata, strlen(metadata)},
                                         {"config.json", config, strlen(config)},
                                         {"model.weights.h5", weights, weights_size}};
        status = mg_zip_write(heap, sizeof members / sizeof members[0], members, packed, bytes,
                              size, error);
    }
    release_text(config);
    mg_heap_release(heap, weights);
    return status;
}

/* ---- Legacy ---- */

/* layer/…/weight, without the outermost layer, whose group it is in. */
static midge_status legacy_name(mg_region *region, const mg_keras_place *place, const char **name,
                                midge_error *error)
{
    const mg_keras_layer *layers[32];
    size_t depth = 0, length = strlen(place->value.name) + 1, used = 0;
    for (const mg_keras_layer *at = place->value.layer; at != NULL && depth < 32; at = at->outer) {
        layers[depth++] = at;
        length += strlen(at->name) + 1;
    }
    void *memory = NULL;
    TRY(mg_region_get(region, length, &memory, error));
    char *text = memory;
    while (depth > 0)
        used += (size_t)snprintf(text + used, length - used, "%s/", layers[--depth]->name);
    (void)snprintf(text + used, length - used, "%s", place->value.name);
    *name = text;
    return MIDGE_OK;
}

/* SpectralNormalization has the kernel of the layer inside as its own, and legacy files name each
 * weight once. */
static bool is_repeated(const mg_keras_place *place)
{
    const mg_keras_layer *outer = place->value.layer->outer;
    return outer != NULL && strcmp(outer->class_name, "SpectralNormalization") == 0 &&
           mg_keras_weight_index(place->value.layer, place->value.name) == 0;
}

/* The places of one outermost layer, first those that training changes, then the others. */
static midge_status put_group(mg_hdf5_writer *writer, mg_heap *heap, const mg_keras_layer *top,
                              size_t count, const mg_keras_place *places, mg_region *region)
{
    char group[MOST_PATH], path[2 * MOST_PATH];
    void *memory = NULL;
    size_t used = 0;
    (void)snprintf(group, sizeof group, "/model_weights/%s", top->name);
    TRY(mg_hdf5_put_group(writer, group));
    TRY(mg_region_get_array(region, count, sizeof(char *), &memory, writer->error));
    const char **names = memory;
    bool frozen = !mg_json_flag(top->config, "trainable", true);
    for (int round = 0; round < 2; ++round)
        for (size_t i = 0; i < count; ++i) {
            bool first = frozen || mg_keras_is_trained(places[i].value.layer, places[i].value.name);
            if (first != (round == 0) || is_repeated(&places[i])) continue;
            TRY(legacy_name(region, &places[i], &names[used], writer->error));
            (void)snprintf(path, sizeof path, "%s/%s", group, names[used++]);
            TRY(mg_hdf5_put_floats(writer, path, places[i].value.rank, places[i].value.shape,
                                   places[i].value.values));
        }
    return mg_hdf5_put_texts(writer, heap, group, "weight_names", used, names);
}

static midge_status put_groups(mg_hdf5_writer *writer, mg_heap *heap, const mg_keras_model *model,
                               const mg_keras_places *places, mg_region *region)
{
    void *memory = NULL;
    size_t at = 0;
    TRY(mg_hdf5_put_group(writer, "/model_weights"));
    TRY(mg_region_get_array(region, model->layer_count, sizeof(char *), &memory, writer->error));
    const char **names = memory;
    size_t count = 0;
    for (size_t i = 0; i < model->layer_count; ++i) {
        const mg_keras_layer *layer = &model->layers[i];
        size_t end = at;
        if (layer->tree[0] == '\0') continue; /* a function */
        while (end < places->count && places->all[end].top == layer) ++end;
        TRY(put_group(writer, heap, layer, end - at, places->all + at, region));
        names[count++] = layer->name;
        at = end;
    }
    TRY(mg_hdf5_put_texts(writer, heap, "/model_weights", "layer_names", count, names));
    TRY(mg_hdf5_put_text(writer, "/model_weights", "backend", backend));
    return mg_hdf5_put_text(writer, "/model_weights", "keras_version", version);
}

static midge_status put_legacy(mg_hdf5_writer *writer, mg_heap *heap, const mg_keras_document *from,
                               const mg_keras_places *places, mg_region *region)
{
    char *text = NULL;
    TRY(mg_hdf5_put_text(writer, "/", "backend", backend));
    TRY(mg_hdf5_put_text(writer, "/", "keras_version", version));
    midge_status status = dump(from->object, &text, writer->error);
    if (status == MIDGE_OK) status = mg_hdf5_put_text(writer, "/", "model_config", text);
    release_text(text);
    TRY(status);
    json_t *training = training_config(from->object);
    if (training != NULL) {
        text = NULL;
        status = dump(training, &text, writer->error);
        if (status == MIDGE_OK) status = mg_hdf5_put_text(writer, "/", "training_config", text);
        release_text(text);
        json_decref(training);
        TRY(status);
    }
    if (from->optimizer != NULL)
        TRY(mg_keras_put_optimizer(writer, heap, from->optimizer, MG_KERAS_LEGACY));
    return put_groups(writer, heap, from->model, places, region);
}

static midge_status write_legacy(mg_heap *heap, const mg_keras_document *document,
                                 const mg_keras_places *places, mg_region *region, void **bytes,
                                 size_t *size, midge_error *error)
{
    mg_hdf5_writer writer;
    midge_status status = mg_hdf5_begin(&writer, error);
    if (status == MIDGE_OK) status = put_legacy(&writer, heap, document, places, region);
    if (status == MIDGE_OK) return mg_hdf5_finish(&writer, heap, bytes, size);
    mg_hdf5_abandon(&writer);
    return status;
}

/* ---- Both ---- */

midge_status mg_keras_write(mg_heap *heap, const mg_keras_document *document,
                            mg_keras_format format, void **bytes, size_t *size, midge_error *error)
{
    mg_region region;
    mg_keras_places places;
    *bytes = NULL;
    *size = 0;
    mg_region_init(&region, heap);
    midge_status status = mg_keras_find_places(&region, document, &places, error);
    if (status == MIDGE_OK && format == MG_KERAS_LEGACY)
        status = write_legacy(heap, document, &places, &region, bytes, size, error);
    else if (status == MIDGE_OK)
        status = write_archive(heap, document, &places, format == MG_KERAS_PACKED_ARCHIVE, bytes,
                               size, error);
    mg_region_free(&region);
    return status;
}

static bool has_ending(const char *path, const char *ending)
{
    size_t length = strlen(path), tail = strlen(ending);
    return length >= tail && strcmp(path + length - tail, ending) == 0;
}

midge_status mg_keras_write_file(mg_heap *heap, const mg_keras_document *document, const char *path,
                                 midge_error *error)
{
    void *bytes = NULL;
    size_t size = 0;
    bool legacy = has_ending(path, ".h5") || has_ending(path, ".hdf5");
    TRY(mg_keras_write(heap, document, legacy ? MG_KERAS_LEGACY : MG_KERAS_ARCHIVE, &bytes, &size,
                       error));
    midge_status status = mg_file_write(heap, path, bytes, size, error);
    mg_heap_release(heap, bytes);
    return status;
}
