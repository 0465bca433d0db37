/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the weights of a layer are.
 *   .keras   <tree>/vars/0, /1, … in the order of the class's row
 *   legacy   <group>/<name>, the names listed in the attribute weight_names of the group; found by
 *            the last part of the name and the layers it passes, else by order
 */
#include <stdio.h>
#include <string.h>

#include "convert/keras.h"

enum { MOST_PATH = 1000 };

/* ---- The row of a class ---- */

/* Takes the next word off `*spec`: a weight's name and the flag behind '?'. */
static bool next_weight(const char **spec, char *name, char *flag, size_t capacity)
{
    while (**spec == ' ') ++*spec;
    if (**spec == '\0') return false;
    size_t length = strcspn(*spec, " ?");
    (void)snprintf(name, capacity, "%.*s", (int)length, *spec);
    *spec += length;
    flag[0] = '\0';
    if (**spec != '?') return true;
    ++*spec;
    length = strcspn(*spec, " ");
    (void)snprintf(flag, capacity, "%.*s", (int)length, *spec);
    *spec += length;
    return true;
}

/* A flag may be a member that is there and not null, as "bias_axes"; behind '!', one that is not;
 * or, behind '-', one that is false. */
static bool flag_is_set(const mg_keras_layer *layer, const char *flag)
{
    if (flag[0] == '\0') return true;
    if (flag[0] == '-') return !mg_json_flag(layer->config, flag + 1, true);
    if (flag[0] == '!') return mg_json_absent(layer->config, flag + 1);
    return !json_is_null(json_object_get(layer->config, flag)) &&
           mg_json_flag(layer->config, flag, true);
}

int mg_keras_weight_index(const mg_keras_layer *layer, const char *wanted)
{
    const char *spec = layer->row != NULL ? layer->row->weights : "";
    char name[40], flag[40];
    int index = 0;
    while (next_weight(&spec, name, flag, sizeof name)) {
        bool there = flag_is_set(layer, flag);
        if (strcmp(name, wanted) == 0) return there ? index : -1;
        index += there;
    }
    return -1;
}

bool mg_keras_weight_name(const mg_keras_layer *layer, int index, char *name, size_t capacity)
{
    const char *spec = layer->row != NULL ? layer->row->weights : "";
    char word[40], flag[40];
    while (next_weight(&spec, word, flag, sizeof word)) {
        if (!flag_is_set(layer, flag) || index-- > 0) continue;
        (void)snprintf(name, capacity, "%s", word);
        return true;
    }
    return false;
}

bool mg_keras_has_weight(const mg_keras_layer *layer, const char *name)
{
    return mg_keras_weight_index(layer, name) >= 0;
}

bool mg_keras_is_trained(const mg_keras_layer *layer, const char *name)
{
    static const char *const statistics[] = {"moving_mean", "moving_variance", "mean",
                                             "variance",    "count",           "vector_u"};
    for (size_t i = 0; i < sizeof statistics / sizeof statistics[0]; ++i)
        if (strcmp(statistics[i], name) == 0) return false;
    return mg_json_flag(layer->config, "trainable", true);
}

/* ---- Legacy names ---- */

midge_status mg_keras_read_names(mg_keras *keras, const char *layer, const mg_keras_names **names)
{
    char group[MOST_PATH];
    void *memory = NULL;
    *names = NULL;
    if (strlen(layer) + 20 > sizeof group) return MIDGE_OK;
    bool whole = mg_hdf5_has(&keras->weights, "/model_weights");
    (void)snprintf(group, sizeof group, "%s/%s", whole ? "/model_weights" : "", layer);
    if (!mg_hdf5_has(&keras->weights, group)) return MIDGE_OK;
    TRY(mg_region_get(&keras->region, sizeof **names, &memory, keras->error));
    mg_keras_names *made = memory;
    *names = made;
    TRY(mg_region_get(&keras->region, strlen(group) + 1, &memory, keras->error));
    memcpy(memory, group, strlen(group) + 1);
    made->group = memory;
    return mg_hdf5_texts(&keras->weights, &keras->region, group, "weight_names", &made->count,
                         &made->names);
}

/* Whether `part` is one of the parts of a name before its last. */
static bool passes(const char *name, const char *part)
{
    size_t length = strlen(part);
    for (const char *at = name; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, part, length) == 0 && at[length] == '/') return true;
    }
    return false;
}

static bool ends_with(const char *name, const char *weight)
{
    const char *slash = strrchr(name, '/');
    const char *last = slash != NULL ? slash + 1 : name;
    /* The kernel of a depthwise layer was called depthwise_kernel once. */
    if (strncmp(last, "depthwise_", 10) == 0 && strncmp(weight, "depthwise_", 10) != 0) last += 10;
    size_t length = strcspn(last, ":");
    return length == strlen(weight) && strncmp(last, weight, length) == 0;
}

/* The only name that ends with the weight and passes the layer and `levels` of those around it. */
static const char *only_name(const mg_keras_layer *layer, const char *weight, int levels)
{
    const char *found = NULL;
    for (size_t i = 0; i < layer->names->count; ++i) {
        const char *name = layer->names->names[i];
        const mg_keras_layer *at = layer;
        bool fits = ends_with(name, weight);
        for (int level = 0; fits && level < levels && at != NULL; ++level, at = at->outer)
            fits = at->name[0] == '\0' || passes(name, at->name);
        if (!fits) continue;
        if (found != NULL) return NULL;
        found = name;
    }
    return found;
}

static midge_status legacy_path(const mg_keras *keras, const mg_keras_layer *layer,
                                const char *weight, int index, char *path)
{
    const char *name = NULL;
    if (layer->names == NULL || layer->names->count == 0)
        return mg_keras_refuse(keras, layer, "the file has no weights for it");
    for (int levels = 3; name == NULL && levels >= 0; --levels)
        name = only_name(layer, weight, levels);
    if (name == NULL && layer->outer == NULL && (size_t)index < layer->names->count)
        name = layer->names->names[index];
    if (name == NULL)
        return mg_keras_refuse(keras, layer, "its weight '%s' is not among those of the file",
                               weight);
    int length = snprintf(path, MOST_PATH, "%s/%s", layer->names->group, name);
    return length > 0 && length < MOST_PATH
               ? MIDGE_OK
               : mg_keras_refuse(keras, layer, "the path of weight '%s' is too long", weight);
}

/* ---- Reading ---- */

static midge_status find_path(const mg_keras *keras, const mg_keras_layer *layer,
                              const char *weight, int index, char *path)
{
    if (!keras->tree) return legacy_path(keras, layer, weight, index, path);
    const char *at = layer->row != NULL ? layer->row->weights_at : "";
    int length = snprintf(path, MOST_PATH, "/%s%s%s/vars/%d", layer->tree, at[0] != '\0' ? "/" : "",
                          at, index);
    if (length < 0 || length >= MOST_PATH)
        return mg_keras_refuse(keras, layer, "its path is too long");
    return MIDGE_OK;
}

static void print_shape(int32_t rank, const int32_t *shape, char *text, size_t capacity)
{
    size_t used = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < rank && used + 14 < capacity; ++i)
        used += (size_t)(shape[i] < 0 ? snprintf(text + used, capacity - used, "%s?", i ? "x" : "")
                                      : snprintf(text + used, capacity - used, "%s%d", i ? "x" : "",
                                                 (int)shape[i]));
}

midge_status mg_keras_weights(mg_keras *keras, const mg_keras_layer *layer, const char *name,
                              int32_t rank, const int32_t *shape, mg_keras_weight *weight)
{
    char path[MOST_PATH];
    int index = mg_keras_weight_index(layer, name);
    if (index < 0) return mg_keras_refuse(keras, layer, "has no weight '%s'", name);
    if (strncmp(mg_json_text(json_object_get(layer->config, "dtype"), "class_name", ""),
                "Quantized", 9) == 0)
        return mg_keras_refuse(keras, layer,
                               "its weights were quantised by Keras; convert the model as it was "
                               "before, with --optimize int8");
    TRY(find_path(keras, layer, name, index, path));
    TRY(mg_hdf5_floats(&keras->weights, &keras->call_region, path, weight));
    if (keras->listen != NULL) keras->listen(keras->listener, layer, name, weight);
    bool fits = rank < 0 || weight->rank == rank;
    for (int32_t i = 0; fits && i < rank; ++i)
        fits = shape == NULL || shape[i] < 0 || shape[i] == weight->shape[i];
    for (int32_t i = 0; fits && i < weight->rank; ++i) fits = weight->shape[i] > 0;
    if (fits) return MIDGE_OK;
    char have[120], want[120];
    print_shape(weight->rank, weight->shape, have, sizeof have);
    print_shape(shape != NULL && rank > 0 ? rank : 0, shape, want, sizeof want);
    return mg_keras_refuse(keras, layer, "weight '%s' has shape %s where %s belongs", name, have,
                           want);
}
