/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as layers, in both grammars, with the place where each has its weights. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "convert/keras.h"
#include "convert/keras_layer.h"
#include "convert/keras_references.h"

enum { MOST_MODELS_DEEP = 12, MOST_LAYERS = 10000 };

static const mg_keras_class classes[] = {
#define LAYER(name, weights, at, lower) {name, weights, at, mg_keras_lower_##lower},
#include "convert/keras_layers.def"
};
enum { CLASSES = sizeof classes / sizeof classes[0] };

midge_status mg_keras_refuse(const mg_keras *keras, const mg_keras_layer *layer, const char *format,
                             ...)
{
    char text[400], class_name[60];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return mg_fail(keras->error, MIDGE_UNSUPPORTED, "%s: layer '%s' (%s): %s", keras->file,
                   layer->path, mg_printable(layer->class_name, class_name, sizeof class_name),
                   text);
}

/* Functions of keras.ops in a graph have the names of layers, so they are told by their module; in
 * legacy files, which leave it out, by the members that each layer has. */
static bool is_function(const json_t *object)
{
    const char *module = mg_json_text(object, "module", NULL);
    const json_t *config = json_object_get(object, "config");
    if (module == NULL)
        return json_is_object(config) && json_object_get(object, "inbound_nodes") != NULL &&
               json_object_get(config, "trainable") == NULL &&
               json_object_get(config, "batch_shape") == NULL &&
               json_object_get(config, "batch_input_shape") == NULL &&
               json_object_get(config, "layers") == NULL;
    return strncmp(module, "keras.src.ops", 13) == 0 || strncmp(module, "keras.ops", 9) == 0;
}

static bool is_custom(const json_t *object)
{
    const char *module = mg_json_text(object, "module", NULL);
    const json_t *module_value = json_object_get(object, "module");
    if (module_value != NULL && json_is_null(module_value)) return true;
    return module != NULL && strncmp(module, "keras", 5) != 0 &&
           strncmp(module, "builtins", 8) != 0 && strncmp(module, "tf_keras", 8) != 0 &&
           strncmp(module, "tensorflow", 10) != 0;
}

static const mg_keras_class *find_row(const char *prefix, const char *class_name)
{
    char name[80];
    (void)snprintf(name, sizeof name, "%s%s", prefix, class_name);
    for (size_t i = 0; i < CLASSES; ++i)
        if (strcmp(classes[i].name, name) == 0) return &classes[i];
    return NULL;
}

const mg_keras_class *mg_keras_find_class(const json_t *object)
{
    const char *class_name = mg_json_text(object, "class_name", "");
    if (is_custom(object)) return NULL;
    const mg_keras_class *row = find_row(is_function(object) ? "ops." : "", class_name);
    /* Some layers lack those members, too. */
    if (row == NULL && json_object_get(object, "module") == NULL) row = find_row("", class_name);
    return row;
}

static bool is_model(const json_t *object)
{
    const char *name = mg_json_text(object, "class_name", "");
    return !is_custom(object) && (strcmp(name, "Sequential") == 0 ||
                                  strcmp(name, "Functional") == 0 || strcmp(name, "Model") == 0);
}

/* ---- Places of weights ---- */

/* The name that Keras gives to a class in paths: Conv2DTranspose, conv2d_transpose. A '_' comes
 * before a capital that a small letter follows, and between a small letter and a capital. */
static void snake_case(const char *name, char *snake, size_t capacity)
{
    size_t used = 0;
    for (size_t i = 0; name[i] != '\0' && used + 3 < capacity; ++i) {
        unsigned char c = (unsigned char)name[i];
        unsigned char before = i > 0 ? (unsigned char)name[i - 1] : 0;
        unsigned char after = (unsigned char)name[i + 1];
        if (!isalnum(c) && c != '_') continue;
        bool starts_word = i > 0 && isupper(c) && (islower(after) || islower(before));
        if (starts_word && used > 0 && snake[used - 1] != '_') snake[used++] = '_';
        snake[used++] = (char)tolower(c);
    }
    snake[used] = '\0';
}

static midge_status text(mg_keras *keras, const char **result, const char *format, ...)
    MG_PRINTF(3, 4);
static midge_status text(mg_keras *keras, const char **result, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    void *memory = NULL;
    TRY(mg_region_get(&keras->region, (size_t)length + 1, &memory, keras->error));
    va_start(arguments, format);
    (void)vsnprintf(memory, (size_t)length + 1, format, arguments);
    va_end(arguments);
    *result = memory;
    return MIDGE_OK;
}

/* Layers of one class are counted; functions do not count. */
static midge_status set_tree(mg_keras *keras, mg_keras_model *model, size_t index,
                             const char *outer_tree)
{
    mg_keras_layer *layer = &model->layers[index];
    char snake[100];
    unsigned same = 0;
    if (is_function(layer->object)) return text(keras, &layer->tree, "%s", "");
    /* One class is exported under another name than its own. */
    bool renamed = strcmp(layer->class_name, "GroupQueryAttention") == 0;
    snake_case(renamed ? "GroupedQueryAttention" : layer->class_name, snake, sizeof snake);
    for (size_t i = 0; i < index; ++i)
        same += strcmp(model->layers[i].class_name, layer->class_name) == 0 &&
                !is_function(model->layers[i].object);
    if (same == 0) return text(keras, &layer->tree, "%slayers/%s", outer_tree, snake);
    return text(keras, &layer->tree, "%slayers/%s_%u", outer_tree, snake, same);
}

/* ---- Layers ---- */

static midge_status read_model(mg_keras *keras, const json_t *object, const mg_keras_layer *outer,
                               int depth, mg_keras_model **model);

static midge_status read_layer(mg_keras *keras, const json_t *object, const mg_keras_layer *outer,
                               mg_keras_layer *layer)
{
    char printable[200];
    const json_t *config = json_object_get(object, "config");
    layer->object = object;
    layer->config = config;
    layer->class_name = mg_json_text(object, "class_name", "?");
    layer->name = mg_json_text(object, "name", mg_json_text(config, "name", ""));
    layer->outer = outer;
    layer->calls = json_object_get(object, "inbound_nodes");
    (void)mg_printable(layer->name, printable, sizeof printable);
    TRY(text(keras, &layer->path, "%s%s%s", outer != NULL ? outer->path : "",
             outer != NULL ? "/" : "", printable[0] != '\0' ? printable : layer->class_name));
    layer->row = mg_keras_find_class(object);
    return MIDGE_OK;
}

static midge_status read_layers(mg_keras *keras, const json_t *list, const mg_keras_layer *outer,
                                int depth, mg_keras_model *model)
{
    void *memory = NULL;
    size_t count = json_array_size(list);
    const char *outer_tree = "";
    if (count == 0 || count > MOST_LAYERS)
        return mg_fail(keras->error, MIDGE_INVALID_MODEL, "%s: a model with %zu layers",
                       keras->file, count);
    if (outer != NULL) TRY(text(keras, &outer_tree, "%s/", outer->tree));
    TRY(mg_region_get_array(&keras->region, count, sizeof(mg_keras_layer), &memory, keras->error));
    model->layers = memory;
    model->layer_count = count;
    for (size_t i = 0; i < count; ++i) {
        mg_keras_layer *layer = &model->layers[i];
        const json_t *object = json_array_get(list, i);
        TRY(read_layer(keras, object, outer, layer));
        TRY(set_tree(keras, model, i, outer_tree));
        if (!keras->tree && outer != NULL) layer->names = outer->names;
        if (!keras->tree && outer == NULL)
            TRY(mg_keras_read_names(keras, layer->name, &layer->names));
        if (is_model(object)) TRY(read_model(keras, object, layer, depth + 1, &layer->model));
    }
    return MIDGE_OK;
}

/* ---- References between them ---- */

static bool find_layer(const mg_keras_model *model, const char *name, size_t *index)
{
    for (size_t i = 0; i < model->layer_count; ++i) {
        if (strcmp(model->layers[i].name, name) != 0) continue;
        *index = i;
        return true;
    }
    return false;
}

typedef struct shifting {
    mg_keras_model *model;
    int32_t *least; /* the smallest number of a call that is mentioned, by layer */
} shifting;

static bool note_least(void *context, const mg_keras_mention *mention)
{
    const shifting *at = context;
    size_t index;
    if (!find_layer(at->model, mention->layer, &index)) return true;
    if (mention->call < at->least[index]) at->least[index] = mention->call;
    return true;
}

/* A nested model was called once when it was made. Files that count this call number the others
 * from 1. */
static midge_status find_shifts(mg_keras *keras, const json_t *config, mg_keras_model *model)
{
    void *memory = NULL;
    TRY(mg_region_get_array(&keras->region, model->layer_count, sizeof(int32_t), &memory,
                            keras->error));
    shifting at = {model, memory};
    bool nested = false;
    for (size_t i = 0; i < model->layer_count; ++i) {
        at.least[i] = INT32_MAX;
        nested = nested || model->layers[i].model != NULL;
    }
    if (!nested) return MIDGE_OK;
    for (size_t i = 0; i < model->layer_count; ++i)
        (void)mg_keras_each_mention(model->layers[i].calls, 0, note_least, &at);
    (void)mg_keras_each_mention(json_object_get(config, "output_layers"), 0, note_least, &at);
    for (size_t i = 0; i < model->layer_count; ++i)
        if (model->layers[i].model != NULL && at.least[i] == 1) model->layers[i].shift = 1;
    return MIDGE_OK;
}

typedef struct listing {
    const mg_keras_model *model;
    size_t count;
    mg_keras_reference *references; /* NULL: only count */
    const char *missing;
} listing;

static bool list_reference(void *context, const mg_keras_mention *mention)
{
    listing *at = context;
    size_t index = 0;
    if (!find_layer(at->model, mention->layer, &index)) {
        at->missing = mention->layer;
        return false;
    }
    if (at->references != NULL)
        at->references[at->count] = (mg_keras_reference){
            index, mention->call - at->model->layers[index].shift, mention->output};
    ++at->count;
    return true;
}

static midge_status read_references(mg_keras *keras, const mg_keras_model *model,
                                    const json_t *list, const char *key, size_t *count,
                                    mg_keras_reference **references)
{
    listing at = {.model = model};
    void *memory = NULL;
    bool good = mg_keras_each_mention(list, 0, list_reference, &at) && at.count > 0;
    if (good) {
        TRY(mg_region_get_array(&keras->region, at.count, sizeof **references, &memory,
                                keras->error));
        at.references = memory;
        at.count = 0;
        (void)mg_keras_each_mention(list, 0, list_reference, &at);
        *count = at.count;
        *references = memory;
        return MIDGE_OK;
    }
    char printable[100];
    return mg_fail(keras->error, MIDGE_INVALID_MODEL, "%s: %s names %s%s", keras->file, key,
                   at.missing != NULL ? "no layer of the model: " : "nothing",
                   at.missing != NULL ? mg_printable(at.missing, printable, sizeof printable) : "");
}

static midge_status read_output_names(mg_keras *keras, const json_t *outputs, mg_keras_model *model)
{
    void *memory = NULL;
    size_t at = 0;
    const char *key;
    json_t *value;
    if (!json_is_object(outputs) || json_object_size(outputs) != model->output_count)
        return MIDGE_OK;
    TRY(mg_region_get_array(&keras->region, model->output_count, sizeof(char *), &memory,
                            keras->error));
    model->output_names = memory;
    json_object_foreach((json_t *)(uintptr_t)outputs, key, value) model->output_names[at++] = key;
    return MIDGE_OK;
}

static midge_status read_model(mg_keras *keras, const json_t *object, const mg_keras_layer *outer,
                               int depth, mg_keras_model **model)
{
    const json_t *config = json_object_get(object, "config");
    void *memory = NULL;
    if (depth > MOST_MODELS_DEEP)
        return mg_fail(keras->error, MIDGE_LIMIT_EXCEEDED,
                       "%s: models inside models more than %d deep", keras->file, MOST_MODELS_DEEP);
    TRY(mg_region_get(&keras->region, sizeof **model, &memory, keras->error));
    mg_keras_model *made = memory;
    *model = made;
    made->sequence = strcmp(mg_json_text(object, "class_name", ""), "Sequential") == 0;
    const json_t *list = json_is_array(config) ? config : json_object_get(config, "layers");
    TRY(read_layers(keras, list, outer, depth, made));
    if (made->sequence) return MIDGE_OK;
    TRY(find_shifts(keras, config, made));
    const json_t *outputs = json_object_get(config, "output_layers");
    TRY(read_references(keras, made, json_object_get(config, "input_layers"), "input_layers",
                        &made->input_count, &made->inputs));
    TRY(read_references(keras, made, outputs, "output_layers", &made->output_count,
                        &made->outputs));
    return read_output_names(keras, outputs, made);
}

midge_status mg_keras_read_model(mg_keras *keras, const json_t *object, mg_keras_model **model)
{
    char printable[80];
    if (!is_model(object))
        return mg_fail(
            keras->error, MIDGE_UNSUPPORTED,
            "%s: the model is of class %s, whose calls only its Python code knows; make "
            "it a functional model (keras.Model(inputs, outputs)) and save that",
            keras->file,
            mg_printable(mg_json_text(object, "class_name", "?"), printable, sizeof printable));
    return read_model(keras, object, NULL, 0, model);
}

midge_status mg_keras_read_part(mg_keras *keras, const mg_keras_layer *outer, const json_t *object,
                                const char *name, const char *at, mg_keras_layer **part)
{
    void *memory = NULL;
    TRY(mg_region_get(&keras->region, sizeof **part, &memory, keras->error));
    mg_keras_layer *made = memory;
    TRY(read_layer(keras, object, outer, made));
    if (name != NULL) TRY(text(keras, &made->name, "%s", name));
    made->names = outer->names;
    TRY(text(keras, &made->tree, "%s/%s", outer->tree, at));
    if (is_model(object)) TRY(read_model(keras, object, made, 1, &made->model));
    *part = made;
    return MIDGE_OK;
}

/* ---- What is unknown ---- */

typedef struct unknown_list {
    char text[400];
    size_t used;
    size_t count;
    const char *hint; /* what works instead, of the first that has such */
} unknown_list;

static const char *hint_of(const char *class_name)
{
    static const char lambda[] =
        "write a Lambda with layers or keras.ops; code in a file is not run";
    static const char export[] = "save it with model.export() and convert that folder, where "
                                 "StringLookup becomes a HASHTABLE";
    static const char numbers[] = "give the model numbers: look words up before it, or with "
                                  "StringLookup in a folder of model.export()";
    static const char saved[] = "save it with model.export() and convert that folder";
    static const struct {
        const char *class_name, *hint;
    } rows[] = {{"Lambda", lambda},
                {"StringLookup", export},
                {"Hashing", numbers},
                {"HashedCrossing", numbers},
                {"TextVectorization", numbers},
                {"TFSMLayer", "convert the SavedModel that it loads"},
                {"JaxLayer", saved},
                {"FlaxLayer", saved}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
        if (strcmp(rows[i].class_name, class_name) == 0) return rows[i].hint;
    return NULL;
}

static void note_unknown(unknown_list *at, const mg_keras_layer *layer)
{
    char name[60], class_name[60];
    size_t room = sizeof at->text - at->used;
    ++at->count;
    if (at->hint == NULL) at->hint = hint_of(layer->class_name);
    int length = snprintf(at->text + at->used, room, "%s'%s' (%s)", at->used > 0 ? ", " : "",
                          mg_printable(layer->path, name, sizeof name),
                          mg_printable(layer->class_name, class_name, sizeof class_name));
    if (length > 0 && (size_t)length < room)
        at->used += (size_t)length;
    else
        at->text[at->used] = '\0';
}

static void list_unknown(unknown_list *at, const mg_keras_model *model)
{
    for (size_t i = 0; i < model->layer_count; ++i) {
        const mg_keras_layer *layer = &model->layers[i];
        if (layer->model != NULL)
            list_unknown(at, layer->model);
        else if (layer->row == NULL)
            note_unknown(at, layer);
    }
}

midge_status mg_keras_check_classes(mg_keras *keras, const mg_keras_model *model)
{
    unknown_list at = {.used = 0};
    list_unknown(&at, model);
    if (at.count == 0) return MIDGE_OK;
    return mg_fail(keras->error, MIDGE_UNSUPPORTED, "%s: %zu layer%s midge cannot convert: %s; %s",
                   keras->file, at.count, at.count == 1 ? "" : "s", at.text,
                   at.hint != NULL ? at.hint
                                   : "build the same from layers that 'docs/convert.md' lists");
}
