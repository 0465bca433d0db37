/* SPDX-License-Identifier: Apache-2.0 */
/* The making of a trainer: the source's JSON is changed as the options want, becomes layers, then
 * nodes; then weights come from the file or are drawn. */
#include "train/trainer.h"
#include "train/train_fake.h"

#include "base/cpu.h"
#include "train/train_build.h"
#include "train/train_source.h"

midge_trainer_options midge_trainer_options_default(void)
{
    return (midge_trainer_options){.size = sizeof(midge_trainer_options), .threads = 1};
}

/* ---- Changes of the JSON ---- */

static json_t *layers_of(const json_t *object)
{
    json_t *config = json_object_get(object, "config");
    return json_is_array(config) ? config : json_object_get(config, "layers");
}

/* A shape that the options give begins the sequence, or fills what its input leaves open. */
static midge_status set_input(midge_trainer *trainer, const midge_trainer_options *options)
{
    json_t *layers = layers_of(trainer->object), *first = json_array_get(layers, 0);
    if (options->input_rank == 0 || first == NULL) return MIDGE_OK;
    if (strcmp(mg_json_text(trainer->object, "class_name", ""), "Sequential") != 0) return MIDGE_OK;
    json_t *list = json_pack("[n]");
    for (int32_t i = 0; i < options->input_rank; ++i)
        (void)json_array_append_new(list, json_integer(options->input_shape[i]));
    if (strcmp(mg_json_text(first, "class_name", ""), "InputLayer") == 0) {
        (void)json_object_set_new(json_object_get(first, "config"), "batch_shape", list);
        return MIDGE_OK;
    }
    json_t *input = json_pack("{s:s, s:s, s:{s:o, s:s, s:s}, s:n}", "module", "keras.layers",
                              "class_name", "InputLayer", "config", "batch_shape", list, "dtype",
                              "float32", "name", "input_layer", "registered_name");
    if (input == NULL || json_array_insert_new(layers, 0, input) != 0)
        return mg_fail_memory(trainer->keras.error, 0);
    return MIDGE_OK;
}

/* The model of a sequence that was built without an Input layer says its shape elsewhere. */
static void add_known_input(json_t *object)
{
    json_t *config = json_object_get(object, "config"), *layers = layers_of(object);
    const json_t *shape = json_object_get(config, "build_input_shape");
    json_t *first = json_array_get(layers, 0);
    const json_t *own = json_object_get(first, "config");
    if (!json_is_array(shape) || first == NULL || json_object_get(own, "batch_shape") != NULL ||
        json_object_get(own, "batch_input_shape") != NULL)
        return;
    json_t *input = json_pack("{s:s, s:s, s:{s:O, s:s, s:s}, s:n}", "module", "keras.layers",
                              "class_name", "InputLayer", "config", "batch_shape", shape, "dtype",
                              "float32", "name", "input_layer", "registered_name");
    if (input != NULL) (void)json_array_insert_new(layers, 0, input);
}

/* The last layer with weights gets another number of classes. Its place is its number. */
static midge_status replace_head(midge_trainer *trainer, int32_t classes, size_t *head)
{
    json_t *layers = layers_of(trainer->object);
    static const char *const heads[][2] = {
        {"Dense", "units"}, {"Conv2D", "filters"}, {"Conv1D", "filters"}};
    for (size_t i = json_array_size(layers); i-- > 0;) {
        json_t *layer = json_array_get(layers, i);
        const char *class_name = mg_json_text(layer, "class_name", "");
        for (size_t k = 0; k < sizeof heads / sizeof heads[0]; ++k) {
            if (strcmp(class_name, heads[k][0]) != 0) continue;
            (void)json_object_del(layer, "build_config");
            *head = i;
            if (json_object_set_new(json_object_get(layer, "config"), heads[k][1],
                                    json_integer(classes)) == 0)
                return MIDGE_OK;
            return mg_fail_memory(trainer->keras.error, 0);
        }
        const mg_keras_class *row = mg_keras_find_class(layer);
        if (row != NULL && row->weights[0] == '\0') continue;
        break;
    }
    return mg_fail(trainer->keras.error, MIDGE_UNSUPPORTED,
                   "%s: its last layer with weights is neither Dense nor a convolution, so it "
                   "cannot be made anew for %d classes",
                   trainer->keras.file, (int)classes);
}

/* ---- What learns ---- */

static bool is_frozen(const mg_keras_layer *layer)
{
    for (; layer != NULL; layer = layer->outer)
        if (!mg_json_flag(layer->config, "trainable", true)) return true;
    return false;
}

static void set_flag(const mg_keras_layer *layer, bool trained)
{
    (void)json_object_set_new((json_t *)(uintptr_t)layer->config, "trainable",
                              json_boolean(trained));
}

static bool set_by_path(const mg_keras_model *model, const char *path, bool trained)
{
    for (size_t i = 0; i < model->layer_count; ++i) {
        const mg_keras_layer *layer = &model->layers[i];
        if (strcmp(layer->path, path) == 0) {
            set_flag(layer, trained);
            return true;
        }
        if (layer->model != NULL && set_by_path(layer->model, path, trained)) return true;
    }
    return false;
}

/* Which nodes the output depends on, and which gradients are needed. */
static void link_nodes(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->tensors.count; ++i) {
        mg_train_tensor *tensor = mg_train_tensor_at(trainer, (int32_t)i);
        tensor->needed = (int32_t)i == trainer->output;
        tensor->differentiable = false;
        tensor->shown = -1;
    }
    for (size_t i = trainer->nodes.count; i-- > 0;) {
        mg_train_node *node = mg_train_node_at(trainer, i);
        node->useful = mg_train_tensor_at(trainer, node->output)->needed;
        for (size_t k = 0; node->useful && k < node->input_count; ++k)
            mg_train_tensor_at(trainer, node->inputs[k])->needed = true;
    }
    for (size_t i = 0; i < trainer->nodes.count; ++i) {
        mg_train_node *node = mg_train_node_at(trainer, i);
        mg_train_tensor *output = mg_train_tensor_at(trainer, node->output);
        node->frozen = is_frozen(node->layer);
        node->learns = false;
        for (size_t k = 0; k < node->input_count; ++k)
            node->learns |= mg_train_tensor_at(trainer, node->inputs[k])->differentiable;
        for (size_t k = 0; k < MG_TRAIN_WEIGHTS; ++k)
            node->learns |= node->weights[k] >= 0 &&
                            mg_train_weight_at(trainer, (size_t)node->weights[k])->trained;
        output->differentiable = node->learns;
        if (node->operation->view && mg_train_tensor_at(trainer, node->inputs[0])->users == 1)
            output->shown = node->inputs[0];
    }
}

void mg_train_link(midge_trainer *trainer)
{
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        weight->trained = !weight->statistic && !is_frozen(weight->layer);
    }
    for (size_t i = 0; i < trainer->layers.count; ++i)
        mg_train_layer_at(trainer, i)->frozen = is_frozen(mg_train_layer_at(trainer, i)->layer);
    link_nodes(trainer);
    bool squash = trainer->compiled.loss <= MG_LOSS_BINARY;
    for (size_t i = 0; i < trainer->nodes.count; ++i) {
        mg_train_node *node = mg_train_node_at(trainer, i);
        node->after_loss =
            squash && trainer->loss_tensor != trainer->output && node->output == trainer->output;
    }
    trainer->capacity = 0;
}

midge_status midge_trainer_set_trained(midge_trainer *trainer, const char *layer, bool trained,
                                       midge_error *error)
{
    char printable[100];
    if (trainer == NULL || layer == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "midge_trainer_set_trained: an argument is NULL");
    if (!set_by_path(trainer->model, layer, trained))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "the model has no layer '%s'",
                       mg_printable(layer, printable, sizeof printable));
    mg_train_link(trainer);
    return MIDGE_OK;
}

static midge_status freeze(midge_trainer *trainer, const midge_trainer_options *options,
                           midge_error *error)
{
    for (size_t i = 0; i < options->freeze_count; ++i)
        TRY(midge_trainer_set_trained(trainer, options->freeze[i], false, error));
    if (!options->freeze_all_but_last || trainer->weights.count == 0) return MIDGE_OK;
    const mg_keras_layer *last = mg_train_weight_at(trainer, trainer->weights.count - 1)->layer;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        const mg_keras_layer *layer = mg_train_weight_at(trainer, i)->layer;
        if (layer != last) set_flag(layer, false);
    }
    return MIDGE_OK;
}

/* ---- Compiling ---- */

static int32_t class_count(const midge_trainer *trainer)
{
    const mg_train_tensor *output = mg_train_tensor_at(trainer, trainer->output);
    return output->rank > 0 ? output->shape[output->rank - 1] : 1;
}

/* The schedule as text, which the trainer's options show. */
static midge_status write_schedule(mg_heap *heap, mg_train_compiled *compiled, midge_error *error)
{
    void *memory = NULL;
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
    compiled->options.learning_rate_schedule = NULL;
    if (compiled->schedule == NULL) return MIDGE_OK;
    size_t size = json_dumpb(compiled->schedule, NULL, 0, flags);
    TRY(mg_heap_get(heap, size + 1, &memory, error));
    char *text = memory;
    text[json_dumpb(compiled->schedule, text, size, flags)] = '\0';
    compiled->options.learning_rate_schedule = text;
    return MIDGE_OK;
}

static void drop_schedule(midge_trainer *trainer)
{
    json_decref(trainer->compiled.schedule);
    mg_heap_release(&trainer->heap,
                    (void *)(uintptr_t)trainer->compiled.options.learning_rate_schedule);
}

static midge_status compile(midge_trainer *trainer, const midge_compile_options *options,
                            const json_t *schedule, midge_error *error)
{
    mg_train_compiled compiled;
    TRY(mg_train_check_compile(options, class_count(trainer), &compiled, error));
    if (schedule != NULL) TRY(mg_train_check_schedule(schedule, error));
    compiled.schedule = schedule != NULL ? json_deep_copy(schedule) : NULL;
    if (schedule != NULL && compiled.schedule == NULL) return mg_fail_memory(error, 0);
    midge_status status = write_schedule(&trainer->heap, &compiled, error);
    if (status != MIDGE_OK) {
        json_decref(compiled.schedule);
        return status;
    }
    drop_schedule(trainer);
    trainer->compiled = compiled;
    trainer->compiled.options.metrics = trainer->compiled.metric_names;
    trainer->steps = 0;
    trainer->run.open = false;
    mg_train_drop_slots(trainer);
    mg_train_link(trainer);
    return MIDGE_OK;
}

midge_status midge_trainer_compile(midge_trainer *trainer, const midge_compile_options *options,
                                   midge_error *error)
{
    if (trainer == NULL || options == NULL || options->size < sizeof *options)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "midge_trainer_compile: no trainer, or options of an unknown size");
    const char *text = options->learning_rate_schedule;
    json_t *schedule = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (text != NULL && schedule == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "the learning-rate schedule is no JSON");
    midge_status status = compile(trainer, options, schedule, error);
    json_decref(schedule);
    return status;
}

midge_status midge_trainer_set_learning_rate(midge_trainer *trainer, double rate,
                                             midge_error *error)
{
    if (trainer == NULL || !(rate >= 0 && rate <= 1e9))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "the learning rate is %g; it must be from 0 to 1e+09", rate);
    if (trainer->compiled.schedule != NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "a schedule decides the learning rate; compile with a number to set it");
    trainer->compiled.options.learning_rate = rate;
    return MIDGE_OK;
}

midge_compile_options midge_trainer_compiled(const midge_trainer *trainer)
{
    return trainer->compiled.options;
}

static midge_status compile_first(midge_trainer *trainer, const mg_train_source *source,
                                  midge_error *error)
{
    const char *metrics[MIDGE_MOST_METRICS];
    const json_t *schedule = NULL;
    midge_compile_options options = midge_compile_options_default(NULL);
    if (json_is_object(source->compile))
        TRY(mg_train_read_compile(source->compile, &options, metrics, &schedule, error));
    if (options.loss == NULL && trainer->loss_tensor == trainer->output) options.from_logits = true;
    return compile(trainer, &options, schedule, error);
}

/* ---- The whole ---- */

static midge_status make(midge_trainer *trainer, mg_train_source *source,
                         const midge_trainer_options *options, midge_error *error)
{
    size_t head = SIZE_MAX;
    trainer->object = json_incref(source->object);
    TRY(set_input(trainer, options));
    if (strcmp(mg_json_text(trainer->object, "class_name", ""), "Sequential") == 0)
        add_known_input(trainer->object);
    if (options->classes > 0 && source->has_weights)
        TRY(replace_head(trainer, options->classes, &head));
    TRY(mg_keras_read_model(&trainer->keras, trainer->object, &trainer->model));
    TRY(mg_pool_create(&trainer->heap, options->threads, &trainer->pool, error));
    mg_kernels_select(mg_cpu_tiers(), &trainer->kernels);
    TRY(mg_train_build(trainer));
    mg_train_read_ranges(trainer);
    TRY(mg_train_source_weights(source, trainer,
                                head != SIZE_MAX ? &trainer->model->layers[head] : NULL));
    TRY(compile_first(trainer, source, error));
    if (head == SIZE_MAX) TRY(mg_train_source_optimizer(source, trainer));
    TRY(freeze(trainer, options, error));
    mg_train_link(trainer);
    return MIDGE_OK;
}

static midge_status check_options(const char *source, const midge_trainer_options *options,
                                  midge_error *error)
{
    if (source == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "midge_trainer_create: an argument is NULL");
    if (options->size < sizeof *options)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "midge_trainer_create: options of an unknown size");
    if (options->input_rank < 0 || options->input_rank >= MIDGE_MAX_RANK || options->classes < 0 ||
        (options->input_rank > 0 && options->input_shape == NULL))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT, "samples of %d dimensions, %d classes",
                       (int)options->input_rank, (int)options->classes);
    for (int32_t i = 0; i < options->input_rank; ++i)
        if (options->input_shape[i] < 1)
            return mg_fail(error, MIDGE_INVALID_ARGUMENT, "dimension %d of a sample has size %d",
                           (int)i, (int)options->input_shape[i]);
    return MIDGE_OK;
}

midge_status midge_trainer_create(const char *source, const midge_trainer_options *options,
                                  midge_trainer **trainer, midge_error *error)
{
    midge_trainer_options defaults = midge_trainer_options_default();
    mg_heap outer;
    mg_train_source at;
    void *memory = NULL;
    if (options == NULL) options = &defaults;
    TRY(check_options(source, options, error));
    mg_heap_init(&outer, options->allocator, SIZE_MAX);
    TRY(mg_heap_get(&outer, sizeof(midge_trainer), &memory, error));
    midge_trainer *made = memory;
    *made = (midge_trainer){.seed = options->seed};
    made->heap = outer;
    mg_region_init(&made->region, &made->heap);
    mg_region_init(&made->room, &made->heap);
    memset(&at, 0, sizeof at);
    midge_status status = mg_train_source_open(&made->heap, source, options, &at, error);
    (void)mg_printable(at.name, made->name, sizeof made->name);
    made->keras = (mg_keras){
        .heap = &made->heap, .error = error, .file = made->name, .version = 3, .tree = true};
    mg_region_init(&made->keras.region, &made->heap);
    mg_region_init(&made->keras.call_region, &made->heap);
    if (status == MIDGE_OK) status = make(made, &at, options, error);
    mg_train_source_close(&at);
    made->keras.error = NULL;
    if (status != MIDGE_OK) {
        midge_trainer_free(made);
        return status;
    }
    *trainer = made;
    return MIDGE_OK;
}

void midge_trainer_free(midge_trainer *trainer)
{
    if (trainer == NULL) return;
    mg_heap *heap = &trainer->heap;
    mg_train_drop_slots(trainer);
    mg_train_drop_clusters(trainer);
    drop_schedule(trainer);
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        mg_heap_release(heap, weight->values);
        mg_heap_release(heap, weight->gradient);
        mg_heap_release(heap, weight->spare);
        mg_heap_release(heap, weight->best);
        mg_heap_release(heap, weight->rounded);
    }
    mg_heap_release(heap, trainer->tensors.items);
    mg_heap_release(heap, trainer->weights.items);
    mg_heap_release(heap, trainer->nodes.items);
    mg_heap_release(heap, trainer->layers.items);
    mg_heap_release(heap, trainer->results.items);
    mg_heap_release(heap, trainer->json);
    if (trainer->pool != NULL) mg_pool_destroy(trainer->pool);
    mg_region_free(&trainer->room);
    mg_region_free(&trainer->region);
    mg_region_free(&trainer->keras.call_region);
    mg_region_free(&trainer->keras.region);
    json_decref(trainer->object);
    mg_heap outer = *heap;
    mg_heap_release(&outer, trainer);
}
