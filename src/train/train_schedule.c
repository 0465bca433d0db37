/* SPDX-License-Identifier: Apache-2.0 */
/* Learning rates that follow from the number of steps taken: Keras' schedules, computed in float32
 * as Keras does it, straight from their configuration, which was checked when it was taken. */
#include "train/train_compile.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "convert/json_field.h"

static const float pi = 3.14159265358979324f;

static float number(const json_t *config, const char *key, double fallback)
{
    return (float)mg_json_number(config, key, fallback);
}

static float exponential(const json_t *config, float step)
{
    float share = step / number(config, "decay_steps", 1);
    if (mg_json_flag(config, "staircase", false)) share = floorf(share);
    return number(config, "initial_learning_rate", 0) *
           powf(number(config, "decay_rate", 1), share);
}

static float inverse_time(const json_t *config, float step)
{
    float share = step / number(config, "decay_steps", 1);
    if (mg_json_flag(config, "staircase", false)) share = floorf(share);
    return number(config, "initial_learning_rate", 0) /
           (1 + number(config, "decay_rate", 0) * share);
}

static float polynomial(const json_t *config, float step)
{
    float most = number(config, "decay_steps", 1), end = number(config, "end_learning_rate", 1e-4);
    if (mg_json_flag(config, "cycle", false))
        most *= step == 0 ? 1 : ceilf(step / most);
    else if (step > most)
        step = most;
    return (number(config, "initial_learning_rate", 0) - end) *
               powf(1 - step / most, number(config, "power", 1)) +
           end;
}

static float half_cosine(const json_t *config, float share, float height)
{
    float alpha = number(config, "alpha", 0);
    return (1 - alpha) * (height * 0.5f * (1 + cosf(pi * share))) + alpha;
}

static float cosine(const json_t *config, float step)
{
    float most = number(config, "decay_steps", 1),
          rate = number(config, "initial_learning_rate", 0);
    if (!mg_json_absent(config, "warmup_target")) {
        float warm = number(config, "warmup_steps", 0), first = rate;
        rate = number(config, "warmup_target", 0);
        if (step < warm) return (rate - first) * (step / warm) + first;
        step -= warm;
    }
    return rate * half_cosine(config, fminf(step, most) / most, 1);
}

static float cosine_restarts(const json_t *config, float step)
{
    float share = step / number(config, "first_decay_steps", 1), again = floorf(share);
    float longer = number(config, "t_mul", 2);
    if (longer == 1) {
        share -= again;
    } else {
        again = floorf(logf(1 - share * (1 - longer)) / logf(longer));
        float factor = powf(longer, again);
        share = (share - (1 - factor) / (1 - longer)) / factor;
    }
    return number(config, "initial_learning_rate", 0) *
           half_cosine(config, share, powf(number(config, "m_mul", 1), again));
}

/* A boundary itself is still of the range before it. */
static float piecewise(const json_t *config, float step)
{
    const json_t *boundaries = json_object_get(config, "boundaries");
    const json_t *values = json_object_get(config, "values");
    size_t i = 0;
    while (i < json_array_size(boundaries) &&
           step > (float)json_number_value(json_array_get(boundaries, i)))
        ++i;
    return (float)json_number_value(json_array_get(values, i));
}

typedef struct schedule_row {
    const char *class_name;
    const char *steps; /* the key of a number of steps; NULL: boundaries and values */
    float (*rate)(const json_t *config, float step);
} schedule_row;

static const schedule_row rows[] = {
    {"ExponentialDecay", "decay_steps", exponential},
    {"InverseTimeDecay", "decay_steps", inverse_time},
    {"PolynomialDecay", "decay_steps", polynomial},
    {"CosineDecay", "decay_steps", cosine},
    {"CosineDecayRestarts", "first_decay_steps", cosine_restarts},
    {"PiecewiseConstantDecay", NULL, piecewise},
};

static const schedule_row *find_row(const json_t *schedule)
{
    const char *name = mg_json_text(schedule, "class_name", "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i)
        if (strcmp(rows[i].class_name, name) == 0) return &rows[i];
    return NULL;
}

double mg_train_scheduled_rate(const json_t *schedule, uint64_t step)
{
    return (double)find_row(schedule)->rate(json_object_get(schedule, "config"), (float)step);
}

/* ---- Checks ---- */

static midge_status check_range(const char *class_name, const char *key, const json_t *value,
                                double least, double most, midge_error *error)
{
    double is = json_is_number(value) ? json_number_value(value) : NAN;
    if (is >= least && is <= most) return MIDGE_OK;
    return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                   "the learning-rate schedule %s: %s is to be a number from %g to %g", class_name,
                   key, least, most);
}

static midge_status check_pieces(const json_t *config, midge_error *error)
{
    const char *name = "PiecewiseConstantDecay";
    const json_t *boundaries = json_object_get(config, "boundaries");
    const json_t *values = json_object_get(config, "values");
    size_t count = json_array_size(boundaries);
    double last = 0;
    if (json_array_size(values) != count + 1)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "the learning-rate schedule %s has %zu boundaries and %zu values; it needs "
                       "one value more than boundaries",
                       name, count, json_array_size(values));
    for (size_t i = 0; i < count; ++i) {
        TRY(check_range(name, "each boundary", json_array_get(boundaries, i), last, 1e18, error));
        last = json_number_value(json_array_get(boundaries, i));
    }
    for (size_t i = 0; i <= count; ++i)
        TRY(check_range(name, "each value", json_array_get(values, i), 0, 1e9, error));
    return MIDGE_OK;
}

midge_status mg_train_check_schedule(const json_t *schedule, midge_error *error)
{
    static const struct bounds {
        const char *key;
        double least, most;
    } members[] = {{"decay_rate", 0, 1e9},    {"end_learning_rate", 0, 1e9},
                   {"power", 0, 1e3},         {"alpha", 0, 1e9},
                   {"warmup_target", 0, 1e9}, {"warmup_steps", 0, 1e18},
                   {"t_mul", 1, 1e9},         {"m_mul", 0, 1e9}};
    const char *name = mg_json_text(schedule, "class_name", "");
    const json_t *config = json_object_get(schedule, "config");
    const schedule_row *row = find_row(schedule);
    char printable[80];
    if (row == NULL || !json_is_object(config))
        return mg_fail(error, MIDGE_UNSUPPORTED,
                       "the learning-rate schedule '%s' is not one midge knows; it knows "
                       "ExponentialDecay, InverseTimeDecay, PolynomialDecay, CosineDecay, "
                       "CosineDecayRestarts and PiecewiseConstantDecay",
                       mg_printable(name, printable, sizeof printable));
    if (row->steps == NULL) return check_pieces(config, error);
    TRY(check_range(row->class_name, row->steps, json_object_get(config, row->steps), 1, 1e18,
                    error));
    TRY(check_range(row->class_name, "initial_learning_rate",
                    json_object_get(config, "initial_learning_rate"), 0, 1e9, error));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; ++i)
        if (!mg_json_absent(config, members[i].key))
            TRY(check_range(row->class_name, members[i].key,
                            json_object_get(config, members[i].key), members[i].least,
                            members[i].most, error));
    return MIDGE_OK;
}
