/* SPDX-License-Identifier: Apache-2.0 */
/* Step by step beside Keras: from equal weights and batches, or from a file in which Keras kept its
 * optimiser, too, losses and weights stay equal within the bound. tools/make_train_goldens.py wrote
 * the files and describes them. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "midge_tools.h"

/* Of a weight, relative to the largest of its tensor; of a loss, relative to itself. */
static const double bound = 1e-5;

typedef struct golden {
    char *text; /* of the file */
    char *json;
    size_t batches, count, x, y, steps, weights;
    size_t elements[64];
    char layer[64][64], weight[64][40];
    const float *xs, *ys, *losses, *before, *after;
} golden;

static char *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    (void)fclose(file);
    bytes[*size] = '\0';
    return bytes;
}

static char *next_line(char **at)
{
    char *line = *at, *end = strchr(line, '\n');
    assert_non_null(end);
    *end = '\0';
    *at = end + 1;
    return line;
}

/* The floats of a file begin anywhere, so they are copied to where floats may lie. */
static void read_golden(const char *path, golden *at)
{
    size_t size = 0, all = 0;
    at->text = read_all(path, &size);
    char *rest = at->text;
    at->json = next_line(&rest);
    assert_int_equal(sscanf(next_line(&rest),
                            "batches %zu count %zu x %zu y %zu steps %zu weights %zu", &at->batches,
                            &at->count, &at->x, &at->y, &at->steps, &at->weights),
                     6);
    assert_true(at->weights <= 64);
    for (size_t i = 0; i < at->weights; ++i) {
        assert_int_equal(sscanf(next_line(&rest), "%63s %39s %zu", at->layer[i], at->weight[i],
                                &at->elements[i]),
                         3);
        all += at->elements[i];
    }
    size_t samples = at->batches * at->count;
    size_t floats = samples * (at->x + at->y) + at->steps + 2 * all;
    assert_int_equal((size_t)(at->text + size - rest), floats * sizeof(float));
    float *values = malloc(floats * sizeof(float));
    assert_non_null(values);
    memcpy(values, rest, floats * sizeof(float));
    at->xs = values;
    at->ys = at->xs + samples * at->x;
    at->losses = at->ys + samples * at->y;
    at->before = at->losses + at->steps;
    at->after = at->before + all;
}

static void check_sizes(const midge_trainer *trainer, const golden *at)
{
    midge_trainer_info info = midge_trainer_describe(trainer);
    assert_int_equal(info.x_elements, at->x);
    assert_int_equal(info.y_elements, at->y);
    assert_int_equal(info.weight_count, at->weights);
}

static void set_weights(midge_trainer *trainer, const golden *at)
{
    const float *from = at->before;
    for (size_t i = 0; i < at->weights; from += at->elements[i++]) {
        size_t index = 0;
        midge_error error = {MIDGE_OK, ""};
        assert_true(midge_trainer_find_weight(trainer, at->layer[i], at->weight[i], &index));
        assert_int_equal(midge_trainer_set_weight(trainer, index, at->elements[i], from, &error),
                         MIDGE_OK);
    }
}

/* The largest relative difference of a weight. */
static double compare_weights(const midge_trainer *trainer, const golden *at, const char *name)
{
    const float *want = at->after;
    double worst = 0;
    for (size_t i = 0; i < at->weights; want += at->elements[i++]) {
        size_t index = 0;
        midge_trainer_weight weight;
        double most = 1e-3, difference = 0;
        assert_true(midge_trainer_find_weight(trainer, at->layer[i], at->weight[i], &index));
        assert_true(midge_trainer_weight_at(trainer, index, &weight));
        for (size_t k = 0; k < weight.elements; ++k) {
            most = fmax(most, fabs((double)want[k]));
            difference = fmax(difference, fabs((double)weight.values[k] - (double)want[k]));
        }
        if (difference > bound * most)
            print_message("%s: %s/%s differs by %g of %g\n", name, at->layer[i], at->weight[i],
                          difference, most);
        worst = fmax(worst, difference / most);
    }
    return worst;
}

static double take_steps(midge_trainer *trainer, const golden *at, const char *name)
{
    double worst = 0;
    for (size_t s = 0; s < at->steps; ++s) {
        size_t first = s % at->batches * at->count;
        double loss = 0;
        midge_error error = {MIDGE_OK, ""};
        midge_status status =
            midge_trainer_train_on_batch(trainer, at->count, at->xs + first * at->x,
                                         at->ys + first * at->y, NULL, &loss, NULL, &error);
        if (status != MIDGE_OK) print_message("%s: %s\n", name, error.message);
        assert_int_equal(status, MIDGE_OK);
        double want = (double)at->losses[s], difference = fabs(loss - want);
        worst = fmax(worst, difference / fmax(fabs(want), 1e-3));
    }
    return worst;
}

static bool compare(const char *path, const char *name, int threads)
{
    golden at;
    midge_trainer *trainer = NULL;
    midge_error error = {MIDGE_OK, ""};
    midge_trainer_options options = midge_trainer_options_default();
    options.threads = threads;
    read_golden(path, &at);
    bool goes_on = at.json[0] != '{';
    char source[400];
    (void)snprintf(source, sizeof source, "%s/%s", MIDGE_SOURCE_DIR "/tests/train", at.json);
    if (midge_trainer_create(goes_on ? source : at.json, &options, &trainer, &error) != MIDGE_OK)
        fail_msg("%s: %s", name, error.message);
    check_sizes(trainer, &at);
    if (goes_on)
        assert_true(midge_trainer_describe(trainer).steps == 20);
    else
        set_weights(trainer, &at);
    double losses = take_steps(trainer, &at, name);
    double weights = compare_weights(trainer, &at, name);
    print_message("%-34s %3zu steps: losses within %.1e, weights within %.1e\n", name, at.steps,
                  losses, weights);
    midge_trainer_free(trainer);
    free((void *)(uintptr_t)at.xs);
    free(at.text);
    return losses <= bound && weights <= bound;
}

static void test_all(void **state)
{
    (void)state;
    const char *folder = MIDGE_SOURCE_DIR "/tests/train";
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort), found = 0, good = 0;
    assert_true(count > 0);
    for (int i = 0; i < count; ++i) {
        const char *name = entries[i]->d_name;
        size_t length = strlen(name);
        char path[400];
        if (length > 7 && strcmp(name + length - 7, ".golden") == 0) {
            (void)snprintf(path, sizeof path, "%s/%s", folder, name);
            good += compare(path, name, 1 + found % 2);
            ++found;
        }
        free(entries[i]);
    }
    free(entries);
    assert_true(found >= 44);
    assert_int_equal(good, found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
