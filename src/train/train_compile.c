/* SPDX-License-Identifier: Apache-2.0 */
/* Compile settings: defaults, checks, and the way from and to Keras' JSON. */
#include "train/train_compile.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "convert/json_field.h"

typedef struct name_row {
    const char *name; /* the first of a kind is the one to write */
    const char *class_name;
    int kind;
} name_row;

static const name_row losses[] = {
    {"sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", MG_LOSS_SPARSE},
    {"categorical_crossentropy", "CategoricalCrossentropy", MG_LOSS_CATEGORICAL},
    {"binary_crossentropy", "BinaryCrossentropy", MG_LOSS_BINARY},
    {"bce", "BinaryCrossentropy", MG_LOSS_BINARY},
    {"mean_squared_error", "MeanSquaredError", MG_LOSS_SQUARED},
    {"mse", "MSE", MG_LOSS_SQUARED},
    {"mean_absolute_error", "MeanAbsoluteError", MG_LOSS_ABSOLUTE},
    {"mae", "MAE", MG_LOSS_ABSOLUTE},
    {"huber", "Huber", MG_LOSS_HUBER},
    {"huber_loss", "Huber", MG_LOSS_HUBER},
};

static const name_row optimizers[] = {
    {"sgd", "SGD", MG_OPTIMIZER_SGD},
    {"adam", "Adam", MG_OPTIMIZER_ADAM},
    {"adamw", "AdamW", MG_OPTIMIZER_ADAMW},
    {"rmsprop", "RMSprop", MG_OPTIMIZER_RMSPROP},
};

static const name_row metrics[] = {
    {"sparse_categorical_accuracy", "SparseCategoricalAccuracy", MG_METRIC_SPARSE_ACCURACY},
    {"categorical_accuracy", "CategoricalAccuracy", MG_METRIC_CATEGORICAL_ACCURACY},
    {"binary_accuracy", "BinaryAccuracy", MG_METRIC_BINARY_ACCURACY},
    {"sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy", MG_METRIC_SPARSE_TOP_5},
    {"top_k_categorical_accuracy", "TopKCategoricalAccuracy", MG_METRIC_TOP_5},
    {"mean_squared_error", "MeanSquaredError", MG_METRIC_SQUARED_ERROR},
    {"mse", "MSE", MG_METRIC_SQUARED_ERROR},
    {"mean_absolute_error", "MeanAbsoluteError", MG_METRIC_ABSOLUTE_ERROR},
    {"mae", "MAE", MG_METRIC_ABSOLUTE_ERROR},
    {"root_mean_squared_error", "RootMeanSquaredError", MG_METRIC_ROOT_SQUARED_ERROR},
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const name_row *find(const name_row *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; ++i)
        if (strcmp(rows[i].name, name) == 0 || strcmp(rows[i].class_name, name) == 0)
            return &rows[i];
    return NULL;
}

midge_compile_options midge_compile_options_default(const char *optimizer)
{
    const name_row *row = optimizer != NULL ? find(optimizers, COUNT(optimizers), optimizer) : NULL;
    int kind = row != NULL ? row->kind : MG_OPTIMIZER_ADAM;
    return (midge_compile_options){.size = sizeof(midge_compile_options),
                                   .huber_delta = 1,
                                   .optimizer = row != NULL ? row->name : "adam",
                                   .learning_rate = kind == MG_OPTIMIZER_SGD ? 0.01 : 0.001,
                                   .beta_1 = 0.9,
                                   .beta_2 = 0.999,
                                   .rho = 0.9,
                                   .epsilon = 1e-7,
                                   .weight_decay = kind == MG_OPTIMIZER_ADAMW ? 0.004 : 0};
}

/* ---- Checks ---- */

static midge_status check_number(const char *name, double value, double least, double most,
                                 midge_error *error)
{
    if (value >= least && value <= most) return MIDGE_OK;
    return mg_fail(error, MIDGE_INVALID_ARGUMENT, "%s is %g; it must be from %g to %g", name, value,
                   least, most);
}

static midge_status check_numbers(const midge_compile_options *options, midge_error *error)
{
    const double much = 1e9;
    TRY(check_number("the label smoothing", options->label_smoothing, 0, 1, error));
    TRY(check_number("the delta of huber", options->huber_delta, 1e-9, much, error));
    TRY(check_number("the learning rate", options->learning_rate, 0, much, error));
    TRY(check_number("the momentum", options->momentum, 0, 1, error));
    TRY(check_number("beta_1", options->beta_1, 0, 1, error));
    TRY(check_number("beta_2", options->beta_2, 0, 1, error));
    TRY(check_number("rho", options->rho, 0, 1, error));
    TRY(check_number("epsilon", options->epsilon, 0, much, error));
    TRY(check_number("the weight decay", options->weight_decay, 0, much, error));
    TRY(check_number("the norm to clip to", options->clip_norm, 0, INFINITY, error));
    TRY(check_number("the global norm to clip to", options->clip_global_norm, 0, INFINITY, error));
    return check_number("the value to clip to", options->clip_value, 0, INFINITY, error);
}

static midge_status unknown(const char *what, const char *name, const char *known,
                            midge_error *error)
{
    char printable[80];
    return mg_fail(error, MIDGE_UNSUPPORTED, "%s '%s' is not one midge knows; it knows %s", what,
                   mg_printable(name, printable, sizeof printable), known);
}

/* What Keras takes "accuracy" for. */
static mg_train_metric_kind accuracy_of(mg_train_loss_kind loss, int32_t classes)
{
    if (loss == MG_LOSS_SPARSE) return MG_METRIC_SPARSE_ACCURACY;
    return classes == 1 || loss == MG_LOSS_BINARY ? MG_METRIC_BINARY_ACCURACY
                                                  : MG_METRIC_CATEGORICAL_ACCURACY;
}

static midge_status check_metrics(const midge_compile_options *options, int32_t classes,
                                  mg_train_compiled *compiled, midge_error *error)
{
    if (options->metric_count > MIDGE_MOST_METRICS)
        return mg_fail(error, MIDGE_LIMIT_EXCEEDED, "%zu metrics; at most %d are kept",
                       options->metric_count, MIDGE_MOST_METRICS);
    for (size_t i = 0; i < options->metric_count; ++i) {
        const char *name = options->metrics[i];
        bool any = strcmp(name, "accuracy") == 0 || strcmp(name, "acc") == 0;
        const name_row *row = find(metrics, COUNT(metrics), name);
        if (!any && row == NULL)
            return unknown("metric", name,
                           "accuracy, sparse_categorical_accuracy, categorical_accuracy, "
                           "binary_accuracy, top_k_categorical_accuracy, "
                           "sparse_top_k_categorical_accuracy, mse, mae and "
                           "root_mean_squared_error",
                           error);
        compiled->metric_names[i] = any ? "accuracy" : row->name;
        compiled->metrics[i] =
            any ? accuracy_of(compiled->loss, classes) : (mg_train_metric_kind)row->kind;
        bool sparse = compiled->metrics[i] == MG_METRIC_SPARSE_ACCURACY ||
                      compiled->metrics[i] == MG_METRIC_SPARSE_TOP_5;
        if (sparse != (compiled->loss == MG_LOSS_SPARSE))
            return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                           "metric '%s' does not fit targets of the loss '%s'",
                           compiled->metric_names[i], compiled->options.loss);
    }
    return MIDGE_OK;
}

midge_status mg_train_check_compile(const midge_compile_options *options, int32_t classes,
                                    mg_train_compiled *compiled, midge_error *error)
{
    const char *suits = classes > 1 ? "sparse_categorical_crossentropy" : "mean_squared_error";
    const char *name = options->loss != NULL ? options->loss : suits;
    const name_row *loss = find(losses, COUNT(losses), name);
    const name_row *optimizer =
        options->optimizer != NULL ? find(optimizers, COUNT(optimizers), options->optimizer) : NULL;
    if (loss == NULL)
        return unknown("loss", name,
                       "sparse_categorical_crossentropy, categorical_crossentropy, "
                       "binary_crossentropy, mean_squared_error, mean_absolute_error and huber",
                       error);
    if (optimizer == NULL)
        return unknown("optimizer", options->optimizer != NULL ? options->optimizer : "",
                       "sgd, adam, adamw and rmsprop", error);
    TRY(check_numbers(options, error));
    if ((options->clip_norm > 0) + (options->clip_global_norm > 0) + (options->clip_value > 0) > 1)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "gradients are clipped in one way, not in several");
    *compiled = (mg_train_compiled){.options = *options,
                                    .loss = (mg_train_loss_kind)loss->kind,
                                    .optimizer = (mg_train_optimizer_kind)optimizer->kind};
    for (size_t i = 0; i < COUNT(losses); ++i)
        if (losses[i].kind == loss->kind) {
            compiled->options.loss = losses[i].name;
            break;
        }
    compiled->options.optimizer = optimizer->name;
    compiled->options.metrics = NULL;
    return check_metrics(options, classes, compiled, error);
}

/* ---- From JSON ---- */

static midge_status read_optimizer(const json_t *config, midge_compile_options *options,
                                   const json_t **schedule, midge_error *error)
{
    const json_t *optimizer = json_object_get(config, "optimizer");
    if (optimizer == NULL) optimizer = json_object_get(config, "optimizer_config");
    if (optimizer == NULL || json_is_null(optimizer)) return MIDGE_OK;
    const char *name = json_is_string(optimizer) ? json_string_value(optimizer)
                                                 : mg_json_text(optimizer, "class_name", "");
    const json_t *at = json_object_get(optimizer, "config");
    const name_row *row = find(optimizers, COUNT(optimizers), name);
    if (row == NULL)
        return unknown("the file's optimizer", name, "SGD, Adam, AdamW and RMSprop", error);
    midge_compile_options made = midge_compile_options_default(row->name);
    made.loss = options->loss;
    const json_t *rate = json_object_get(at, "learning_rate");
    *schedule = json_is_object(rate) ? rate : NULL;
    made.learning_rate = mg_json_number(at, "learning_rate", made.learning_rate);
    made.momentum = mg_json_number(at, "momentum", made.momentum);
    made.nesterov = mg_json_flag(at, "nesterov", false);
    made.beta_1 = mg_json_number(at, "beta_1", made.beta_1);
    made.beta_2 = mg_json_number(at, "beta_2", made.beta_2);
    made.rho = mg_json_number(at, "rho", made.rho);
    made.epsilon = mg_json_number(at, "epsilon", made.epsilon);
    made.centered = mg_json_flag(at, "centered", false);
    made.amsgrad = mg_json_flag(at, "amsgrad", false);
    made.weight_decay = mg_json_number(at, "weight_decay", made.weight_decay);
    made.clip_norm = mg_json_number(at, "clipnorm", 0);
    made.clip_global_norm = mg_json_number(at, "global_clipnorm", 0);
    made.clip_value = mg_json_number(at, "clipvalue", 0);
    *options = made;
    return MIDGE_OK;
}

static const char *name_of(const json_t *value)
{
    if (json_is_string(value)) return json_string_value(value);
    const char *inner = json_string_value(json_object_get(value, "config"));
    return inner != NULL ? inner : mg_json_text(value, "class_name", NULL);
}

static void add_metrics(const json_t *list, const char **names, size_t *count)
{
    if (!json_is_array(list)) return;
    for (size_t i = 0; i < json_array_size(list); ++i) {
        const json_t *item = json_array_get(list, i);
        if (json_is_array(item)) item = json_array_get(item, 0);
        const char *name = name_of(item);
        bool known = name != NULL && (find(metrics, COUNT(metrics), name) != NULL ||
                                      strcmp(name, "accuracy") == 0 || strcmp(name, "acc") == 0);
        if (known && *count < MIDGE_MOST_METRICS) names[(*count)++] = name;
    }
}

midge_status mg_train_read_compile(const json_t *config, midge_compile_options *options,
                                   const char **names, const json_t **schedule, midge_error *error)
{
    const json_t *loss = json_object_get(config, "loss");
    const json_t *at = json_object_get(loss, "config");
    *schedule = NULL;
    TRY(read_optimizer(config, options, schedule, error));
    const char *name = name_of(loss);
    if (name != NULL) options->loss = name;
    options->from_logits = mg_json_flag(at, "from_logits", false);
    options->label_smoothing = mg_json_number(at, "label_smoothing", 0);
    options->huber_delta = mg_json_number(at, "delta", 1);
    options->metric_count = 0;
    add_metrics(json_object_get(config, "metrics"), names, &options->metric_count);
    add_metrics(json_object_get(config, "weighted_metrics"), names, &options->metric_count);
    options->metrics = names;
    return MIDGE_OK;
}

/* ---- To JSON ---- */

static const char *class_of(const name_row *rows, size_t count, const char *name)
{
    return find(rows, count, name)->class_name;
}

static json_t *number_or_null(double value)
{
    return value > 0 ? json_real(value) : json_null();
}

static json_t *optimizer_json(const mg_train_compiled *compiled)
{
    const midge_compile_options *from = &compiled->options;
    json_t *config = json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:f, s:n, s:n, s:n}", "name", from->optimizer,
        "learning_rate",
        compiled->schedule != NULL ? json_deep_copy(compiled->schedule)
                                   : json_real(from->learning_rate),
        "weight_decay", number_or_null(from->weight_decay), "clipnorm",
        number_or_null(from->clip_norm), "global_clipnorm", number_or_null(from->clip_global_norm),
        "clipvalue", number_or_null(from->clip_value), "use_ema", 0, "ema_momentum", 0.99,
        "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps");
    if (compiled->optimizer == MG_OPTIMIZER_SGD || compiled->optimizer == MG_OPTIMIZER_RMSPROP)
        (void)json_object_set_new(config, "momentum", json_real(from->momentum));
    if (compiled->optimizer == MG_OPTIMIZER_SGD) {
        (void)json_object_set_new(config, "nesterov", json_boolean(from->nesterov));
    } else {
        (void)json_object_set_new(config, "epsilon", json_real(from->epsilon));
        if (compiled->optimizer == MG_OPTIMIZER_RMSPROP) {
            (void)json_object_set_new(config, "rho", json_real(from->rho));
            (void)json_object_set_new(config, "centered", json_boolean(from->centered));
        } else {
            (void)json_object_set_new(config, "beta_1", json_real(from->beta_1));
            (void)json_object_set_new(config, "beta_2", json_real(from->beta_2));
            (void)json_object_set_new(config, "amsgrad", json_boolean(from->amsgrad));
        }
    }
    return json_pack("{s:s, s:s, s:o, s:n}", "module", "keras.optimizers", "class_name",
                     class_of(optimizers, COUNT(optimizers), from->optimizer), "config", config,
                     "registered_name");
}

static json_t *loss_json(const mg_train_compiled *compiled)
{
    const midge_compile_options *from = &compiled->options;
    json_t *config =
        json_pack("{s:s, s:s}", "name", from->loss, "reduction", "sum_over_batch_size");
    bool entropy = compiled->loss <= MG_LOSS_BINARY;
    if (entropy) (void)json_object_set_new(config, "from_logits", json_boolean(from->from_logits));
    if (entropy && compiled->loss != MG_LOSS_SPARSE)
        (void)json_object_set_new(config, "label_smoothing", json_real(from->label_smoothing));
    if (compiled->loss == MG_LOSS_HUBER)
        (void)json_object_set_new(config, "delta", json_real(from->huber_delta));
    return json_pack("{s:s, s:s, s:o, s:n}", "module", "keras.losses", "class_name",
                     class_of(losses, COUNT(losses), from->loss), "config", config,
                     "registered_name");
}

json_t *mg_train_compile_json(const mg_train_compiled *compiled)
{
    json_t *names = json_array();
    for (size_t i = 0; i < compiled->options.metric_count; ++i)
        (void)json_array_append_new(names, json_string(compiled->metric_names[i]));
    return json_pack("{s:o, s:o, s:n, s:o, s:n, s:b, s:i, s:b}", "optimizer",
                     optimizer_json(compiled), "loss", loss_json(compiled), "loss_weights",
                     "metrics", names, "weighted_metrics", "run_eagerly", 0, "steps_per_execution",
                     1, "jit_compile", 0);
}
