/* SPDX-License-Identifier: Apache-2.0 */
/* Keras' initialisers, with random numbers of midge's own. */
#include "train/train_build.h"

typedef struct drawing {
    float *values;
    size_t count;
    uint64_t stream;
} drawing;

static void draw_uniform(const drawing *at, double least, double most)
{
    for (size_t i = 0; i < at->count; ++i)
        at->values[i] = (float)(least + (most - least) * mg_random_unit(at->stream, i));
}

static void draw_normal(const drawing *at, double mean, double deviation)
{
    for (size_t i = 0; i < at->count; ++i)
        at->values[i] = (float)(mean + deviation * mg_random_bell(at->stream, i));
}

/* What lies beyond two deviations is drawn again. */
static void draw_truncated(const drawing *at, double mean, double deviation)
{
    uint64_t place = 0;
    for (size_t i = 0; i < at->count; ++i) {
        double value = mg_random_bell(at->stream, place++);
        while (fabs(value) > 2) value = mg_random_bell(at->stream, place++);
        at->values[i] = (float)(mean + deviation * value);
    }
}

static void fill(const drawing *at, double value)
{
    for (size_t i = 0; i < at->count; ++i) at->values[i] = (float)value;
}

/* The fans of a kernel: all but its last two sizes are the field. */
static void find_fans(const mg_train_weight *weight, double *in, double *out)
{
    double field = 1;
    for (int32_t i = 0; i + 2 < weight->rank; ++i) field *= (double)weight->shape[i];
    *in = *out = weight->rank == 1 ? (double)weight->shape[0] : 1;
    if (weight->rank < 2) return;
    *in = field * (double)weight->shape[weight->rank - 2];
    *out = field * (double)weight->shape[weight->rank - 1];
}

static void draw_scaled(const mg_train_weight *weight, const drawing *at, double scale,
                        const char *mode, const char *distribution)
{
    double in, out;
    find_fans(weight, &in, &out);
    double fan = strcmp(mode, "fan_in") == 0    ? in
                 : strcmp(mode, "fan_out") == 0 ? out
                                                : (in + out) / 2;
    double variance = scale / (fan > 1 ? fan : 1);
    if (strcmp(distribution, "uniform") == 0)
        draw_uniform(at, -sqrt(3 * variance), sqrt(3 * variance));
    else if (strcmp(distribution, "untruncated_normal") == 0)
        draw_normal(at, 0, sqrt(variance));
    else
        draw_truncated(at, 0, sqrt(variance) / 0.87962566103423978);
}

/* Rows (or columns, where they are fewer) are made orthogonal one after the other, each twice. */
static void draw_orthogonal(const mg_train_weight *weight, const drawing *at, double gain)
{
    size_t columns = (size_t)weight->shape[weight->rank - 1], rows = at->count / columns;
    bool turned = rows < columns;
    size_t count = turned ? rows : columns, length = turned ? columns : rows;
    size_t step = turned ? 1 : columns, next = turned ? columns : 1;
    draw_normal(at, 0, 1);
    for (size_t i = 0; i < count; ++i) {
        float *own = at->values + i * next;
        double size = 0;
        for (size_t k = 0; k < 2 * i; ++k) {
            const float *other = at->values + (k % i) * next;
            double product = 0;
            for (size_t d = 0; d < length; ++d)
                product += (double)own[d * step] * (double)other[d * step];
            for (size_t d = 0; d < length; ++d)
                own[d * step] = (float)((double)own[d * step] - product * (double)other[d * step]);
        }
        for (size_t d = 0; d < length; ++d) size += (double)own[d * step] * (double)own[d * step];
        for (size_t d = 0; d < length; ++d)
            own[d * step] = (float)((double)own[d * step] / sqrt(size));
    }
    for (size_t i = 0; i < at->count; ++i) at->values[i] = (float)(gain * (double)at->values[i]);
}

static void draw_identity(const mg_train_weight *weight, const drawing *at, double gain)
{
    size_t columns = (size_t)weight->shape[weight->rank - 1];
    for (size_t i = 0; i < at->count; ++i)
        at->values[i] = i / columns == i % columns ? (float)gain : 0;
}

/* ---- Names ---- */

typedef struct scaled_row {
    const char *name;
    const char *class_name;
    double scale;
    const char *mode;
    const char *distribution;
} scaled_row;

static const scaled_row scaled[] = {
    {"glorot_uniform", "GlorotUniform", 1, "fan_avg", "uniform"},
    {"glorot_normal", "GlorotNormal", 1, "fan_avg", "truncated_normal"},
    {"he_uniform", "HeUniform", 2, "fan_in", "uniform"},
    {"he_normal", "HeNormal", 2, "fan_in", "truncated_normal"},
    {"lecun_uniform", "LecunUniform", 1, "fan_in", "uniform"},
    {"lecun_normal", "LecunNormal", 1, "fan_in", "truncated_normal"},
};

static bool is(const char *name, const char *snake, const char *class_name)
{
    return strcmp(name, snake) == 0 || strcmp(name, class_name) == 0;
}

static bool draw(const mg_train_weight *weight, const drawing *at, const char *name,
                 const json_t *config)
{
    for (size_t i = 0; i < sizeof scaled / sizeof scaled[0]; ++i)
        if (is(name, scaled[i].name, scaled[i].class_name)) {
            draw_scaled(weight, at, scaled[i].scale, scaled[i].mode, scaled[i].distribution);
            return true;
        }
    if (is(name, "variance_scaling", "VarianceScaling"))
        draw_scaled(weight, at, mg_json_number(config, "scale", 1),
                    mg_json_text(config, "mode", "fan_in"),
                    mg_json_text(config, "distribution", "truncated_normal"));
    else if (is(name, "zeros", "Zeros"))
        fill(at, 0);
    else if (is(name, "ones", "Ones"))
        fill(at, 1);
    else if (is(name, "constant", "Constant"))
        fill(at, mg_json_number(config, "value", 0));
    else if (is(name, "random_uniform", "RandomUniform"))
        draw_uniform(at, mg_json_number(config, "minval", -0.05),
                     mg_json_number(config, "maxval", 0.05));
    else if (is(name, "uniform", "Uniform"))
        draw_uniform(at, -0.05, 0.05);
    else if (is(name, "random_normal", "RandomNormal"))
        draw_normal(at, mg_json_number(config, "mean", 0), mg_json_number(config, "stddev", 0.05));
    else if (is(name, "truncated_normal", "TruncatedNormal"))
        draw_truncated(at, mg_json_number(config, "mean", 0),
                       mg_json_number(config, "stddev", 0.05));
    else if (is(name, "orthogonal", "Orthogonal"))
        draw_orthogonal(weight, at, mg_json_number(config, "gain", 1));
    else if (is(name, "identity", "Identity"))
        draw_identity(weight, at, mg_json_number(config, "gain", 1));
    else
        return false;
    return true;
}

midge_status mg_train_initialize(midge_trainer *trainer, const mg_train_weight *weight,
                                 const json_t *initializer, const char *fallback, size_t index)
{
    const json_t *config = json_object_get(initializer, "config");
    const char *name = json_is_string(initializer)   ? json_string_value(initializer)
                       : json_is_object(initializer) ? mg_json_text(initializer, "class_name", "?")
                                                     : fallback;
    drawing at = {weight->values, weight->elements,
                  mg_random_stream(trainer->seed, MG_STREAM_WEIGHTS, index, 0)};
    char printable[60];
    if (draw(weight, &at, name, config)) return MIDGE_OK;
    return mg_keras_refuse(&trainer->keras, weight->layer,
                           "the initializer '%s' is not one midge knows",
                           mg_printable(name, printable, sizeof printable));
}
