/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/keras_place.h"

#include <stdio.h>
#include <string.h>

enum { MOST_PATH = 900 };

typedef struct placing {
    mg_region *region;
    const mg_keras_document *document;
    mg_keras_places *places;
    const char **paths; /* of the document's values */
    bool *taken;
    midge_error *error;
} placing;

static midge_status refuse(const placing *at, const mg_keras_layer *layer, const char *weight,
                           const char *what)
{
    char name[60], class_name[60];
    return mg_fail(at->error, MIDGE_INVALID_ARGUMENT, "layer '%s' (%s): weight '%s' %s",
                   layer->path, mg_printable(layer->class_name, class_name, sizeof class_name),
                   mg_printable(weight, name, sizeof name), what);
}

static bool write_path(const mg_keras_layer *layer, int index, char *path, size_t capacity)
{
    const char *at = layer->row != NULL ? layer->row->weights_at : "";
    int length = snprintf(path, capacity, "/%s%s%s/vars/%d", layer->tree, at[0] != '\0' ? "/" : "",
                          at, index);
    return length > 0 && (size_t)length < capacity;
}

static midge_status find_paths(placing *at)
{
    for (size_t i = 0; i < at->document->value_count; ++i) {
        const mg_keras_value *value = &at->document->values[i];
        char path[MOST_PATH];
        void *memory = NULL;
        int index = mg_keras_weight_index(value->layer, value->name);
        if (index < 0) return refuse(at, value->layer, value->name, "is none of this class");
        if (!write_path(value->layer, index, path, sizeof path))
            return mg_fail(at->error, MIDGE_INVALID_ARGUMENT, "a weight's path is too long");
        for (size_t k = 0; k < i; ++k)
            if (strcmp(at->paths[k], path) == 0)
                return refuse(at, value->layer, value->name, "is given twice");
        TRY(mg_region_get(at->region, strlen(path) + 1, &memory, at->error));
        memcpy(memory, path, strlen(path) + 1);
        at->paths[i] = memory;
    }
    return MIDGE_OK;
}

static void take(placing *at, size_t i, const mg_keras_layer *top)
{
    const mg_keras_value *value = &at->document->values[i];
    int index = mg_keras_weight_index(value->layer, value->name);
    at->taken[i] = true;
    at->places->all[at->places->count++] = (mg_keras_place){*value, top, at->paths[i], index};
}

/* Counts how many samples a Normalization has seen, which nothing needs; Keras wants it there. */
static midge_status add_count(placing *at, const mg_keras_layer *layer, const mg_keras_layer *top,
                              const char *path, int index)
{
    static const float none = 0;
    void *memory = NULL;
    TRY(mg_region_get(at->region, strlen(path) + 1, &memory, at->error));
    memcpy(memory, path, strlen(path) + 1);
    at->places->all[at->places->count++] =
        (mg_keras_place){{.layer = layer, .name = "count", .values = &none}, top, memory, index};
    return MIDGE_OK;
}

/* The weights of the layer itself. */
static midge_status place_own(placing *at, const mg_keras_layer *layer, const mg_keras_layer *top)
{
    char name[40], path[MOST_PATH];
    for (int index = 0; mg_keras_weight_name(layer, index, name, sizeof name); ++index) {
        size_t found = 0;
        if (!write_path(layer, index, path, sizeof path))
            return refuse(at, layer, name, "has too long a path");
        while (found < at->document->value_count && strcmp(at->paths[found], path) != 0) ++found;
        if (found < at->document->value_count)
            take(at, found, top);
        else if (strcmp(name, "count") == 0)
            TRY(add_count(at, layer, top, path, index));
        else
            return refuse(at, layer, name, "is missing");
    }
    return MIDGE_OK;
}

/* Those of its parts: what lies below it in the tree. */
static void place_parts(placing *at, const mg_keras_layer *layer, const mg_keras_layer *top)
{
    size_t length = strlen(layer->tree);
    for (size_t i = 0; length > 0 && i < at->document->value_count; ++i)
        if (!at->taken[i] && strncmp(at->paths[i] + 1, layer->tree, length) == 0 &&
            at->paths[i][1 + length] == '/')
            take(at, i, top);
}

static midge_status place_model(placing *at, const mg_keras_model *model, const mg_keras_layer *top)
{
    for (size_t i = 0; i < model->layer_count; ++i) {
        const mg_keras_layer *layer = &model->layers[i];
        const mg_keras_layer *outermost = top != NULL ? top : layer;
        if (layer->model != NULL) TRY(place_model(at, layer->model, outermost));
        TRY(place_own(at, layer, outermost));
        place_parts(at, layer, outermost);
    }
    return MIDGE_OK;
}

static size_t count_layers(const mg_keras_model *model)
{
    size_t count = model->layer_count;
    for (size_t i = 0; i < model->layer_count; ++i)
        if (model->layers[i].model != NULL) count += count_layers(model->layers[i].model);
    return count;
}

midge_status mg_keras_find_places(mg_region *region, const mg_keras_document *document,
                                  mg_keras_places *places, midge_error *error)
{
    placing at = {region, document, places, NULL, NULL, error};
    size_t count = document->value_count;
    void *memory = NULL;
    *places = (mg_keras_places){.count = 0};
    /* Each layer may add one that the document leaves out. */
    TRY(mg_region_get_array(region, count + count_layers(document->model), sizeof *places->all,
                            &memory, error));
    places->all = memory;
    TRY(mg_region_get_array(region, count, sizeof(char *), &memory, error));
    at.paths = memory;
    TRY(mg_region_get(region, count, &memory, error));
    at.taken = memory;
    TRY(find_paths(&at));
    TRY(place_model(&at, document->model, NULL));
    for (size_t i = 0; i < count; ++i)
        if (!at.taken[i])
            return refuse(&at, document->values[i].layer, document->values[i].name,
                          "belongs to no layer of the model");
    return MIDGE_OK;
}
