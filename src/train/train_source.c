/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_source.h"

#include <stdio.h>

#include "base/file.h"
#include "convert/keras_write.h"

static midge_status parse(mg_train_source *at, const char *text, size_t size, midge_error *error)
{
    json_error_t reason;
    char printable[120];
    at->object = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &reason);
    if (at->object != NULL) return MIDGE_OK;
    return mg_fail(error, MIDGE_INVALID_MODEL, "%s is no JSON: line %d: %s", at->name, reason.line,
                   mg_printable(reason.text, printable, sizeof printable));
}

static bool has_ending(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

static midge_status open_json(mg_heap *heap, mg_train_source *at, const char *path,
                              midge_error *error)
{
    const uint64_t most_bytes = UINT64_C(1) << 28;
    mg_file file = {0};
    TRY(mg_file_open(heap, path, false, most_bytes, &file, error));
    midge_status status = parse(at, (const char *)file.bytes, file.size, error);
    mg_file_close(heap, &file);
    return status;
}

/* Legacy files keep compile settings in an attribute of their own. */
static midge_status read_compile(mg_train_source *at, midge_error *error)
{
    const char *text = NULL;
    if (at->keras.tree) {
        at->compile = json_incref(json_object_get(at->file.config, "compile_config"));
        return MIDGE_OK;
    }
    TRY(mg_hdf5_text(&at->keras.weights, &at->keras.region, "/", "training_config", &text));
    if (text == NULL) return MIDGE_OK;
    json_error_t reason;
    char printable[120];
    at->compile = json_loads(text, JSON_REJECT_DUPLICATES, &reason);
    if (at->compile != NULL) return MIDGE_OK;
    return mg_fail(error, MIDGE_INVALID_MODEL, "%s: training_config is no JSON: line %d: %s",
                   at->name, reason.line, mg_printable(reason.text, printable, sizeof printable));
}

static midge_status open_model(mg_train_source *at, const char *path, midge_error *error)
{
    TRY(mg_keras_file_open(&at->keras, path, &at->file));
    at->has_weights = true;
    at->object = json_deep_copy(at->file.config);
    if (at->object == NULL) return mg_fail_memory(error, 0);
    return read_compile(at, error);
}

static midge_status open_builtin(mg_train_source *at, const char *name,
                                 const midge_trainer_options *options, bool *known,
                                 midge_error *error)
{
    int32_t classes = options->classes > 0 ? options->classes : 10;
    at->object = mg_train_builtin(name, options->input_rank, options->input_shape, classes, known);
    if (at->object != NULL || !*known) return MIDGE_OK;
    return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                   "the built-in network '%s' is not for samples of %d dimensions", name,
                   (int)options->input_rank);
}

midge_status mg_train_source_open(mg_heap *heap, const char *source,
                                  const midge_trainer_options *options, mg_train_source *at,
                                  midge_error *error)
{
    const char *slash = strrchr(source, '/');
    const char *text = source;
    bool known = false;
    while (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t') ++text;
    bool inside = *text == '{';
    const char *base = inside                              ? "the configuration"
                       : slash != NULL && slash[1] != '\0' ? slash + 1
                                                           : source;
    (void)mg_printable(base, at->name, sizeof at->name);
    at->keras = (mg_keras){.heap = heap, .error = error, .file = at->name, .version = 3};
    mg_region_init(&at->keras.region, heap);
    mg_region_init(&at->keras.call_region, heap);
    TRY(open_builtin(at, source, options, &known, error));
    if (!known && !inside && !has_ending(source, ".json")) return open_model(at, source, error);
    if (inside) TRY(parse(at, text, strlen(text), error));
    if (!known && !inside) TRY(open_json(heap, at, source, error));
    at->compile = json_incref(json_object_get(at->object, "compile_config"));
    return MIDGE_OK;
}

void mg_train_source_close(mg_train_source *at)
{
    json_decref(at->object);
    json_decref(at->compile);
    mg_keras_file_close(&at->keras, &at->file);
    mg_region_free(&at->keras.call_region);
    mg_region_free(&at->keras.region);
}

static const mg_keras_layer *find_path(const mg_keras_model *model, const char *path)
{
    for (size_t i = 0; i < model->layer_count; ++i) {
        const mg_keras_layer *layer = &model->layers[i];
        if (layer->model == NULL && strcmp(layer->path, path) == 0) return layer;
        const mg_keras_layer *inside = layer->model != NULL ? find_path(layer->model, path) : NULL;
        if (inside != NULL) return inside;
    }
    return NULL;
}

midge_status mg_train_source_weights(mg_train_source *at, midge_trainer *trainer,
                                     const mg_keras_layer *except)
{
    mg_keras_model *model = NULL;
    if (!at->has_weights) return MIDGE_OK;
    TRY(mg_keras_read_model(&at->keras, at->file.config, &model));
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        mg_keras_weight read;
        if (weight->layer == except) continue;
        const mg_keras_layer *layer = find_path(model, weight->layer->path);
        if (layer == NULL)
            return mg_keras_refuse(&at->keras, weight->layer, "the file has no weights for it");
        TRY(mg_keras_weights(&at->keras, layer, weight->name, weight->rank, weight->shape, &read));
        memcpy(weight->values, read.values, weight->elements * sizeof(float));
        mg_region_free(&at->keras.call_region);
        mg_region_init(&at->keras.call_region, at->keras.heap);
    }
    return MIDGE_OK;
}

static midge_status take_optimizer(mg_train_source *at, midge_trainer *trainer, mg_region *region)
{
    mg_keras_optimizer optimizer;
    bool found = false;
    TRY(mg_train_add_slots(trainer, at->keras.error));
    TRY(mg_train_variables(trainer, region, &optimizer, at->keras.error));
    TRY(mg_keras_get_optimizer(&at->keras, &optimizer, &found));
    if (!found) {
        mg_train_drop_slots(trainer);
        return MIDGE_OK;
    }
    trainer->steps = (uint64_t)optimizer.steps;
    if (trainer->compiled.schedule != NULL) return MIDGE_OK;
    float rate = optimizer.variables[0].values[0];
    if (rate == (float)trainer->compiled.options.learning_rate) return MIDGE_OK;
    return midge_trainer_set_learning_rate(trainer, (double)rate, at->keras.error);
}

midge_status mg_train_source_optimizer(mg_train_source *at, midge_trainer *trainer)
{
    mg_region region;
    if (!at->has_weights || !json_is_object(at->compile)) return MIDGE_OK;
    mg_region_init(&region, at->keras.heap);
    midge_status status = take_optimizer(at, trainer, &region);
    mg_region_free(&region);
    return status;
}
