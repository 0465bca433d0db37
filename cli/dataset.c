/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dataset_source.h"

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), width = strlen(end);
    return length >= width && strcmp(text + length - width, end) == 0;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

const char *cli_dataset_fashion_mnist(void)
{
    const char *given = getenv("MIDGE_FASHION_MNIST");
    return given != NULL && given[0] != '\0' ? given : "/usr/share/datasets/fashion-mnist";
}

/* ---- Which source ---- */

/* A name without its part. */
typedef struct place {
    char *path;
    bool test;   /* the part for tests is meant */
    bool stated; /* a part was named */
} place;

static midge_status find_place(const char *name, place *found, midge_error *error)
{
    size_t length = strlen(name);
    found->test = ends_with(name, ":test");
    found->stated = found->test || ends_with(name, ":train");
    if (found->stated) length -= found->test ? strlen(":test") : strlen(":train");
    const char *from = name;
    if (length == strlen("fashion-mnist") && strncmp(name, "fashion-mnist", length) == 0 &&
        !is_folder("fashion-mnist")) {
        from = cli_dataset_fashion_mnist();
        length = strlen(from);
    }
    found->path = malloc(length + 1);
    if (found->path == NULL) return cli_fail_memory(error, name, length);
    memcpy(found->path, from, length);
    found->path[length] = '\0';
    if (from == name || is_folder(from)) return MIDGE_OK;
    return cli_fail(error, MIDGE_IO_ERROR,
                    "fashion-mnist: its files are not in %s; install dataset-fashion-mnist, or "
                    "name their folder with --data",
                    from);
}

/* A folder "train" or "test" in a folder, if there is one; NULL: there is none. */
static char *find_part(const char *folder, bool test)
{
    char *path = cli_path_join(folder, test ? "test" : "train");
    if (path != NULL && is_folder(path)) return path;
    free(path);
    return NULL;
}

static midge_status open_folder(const place *at, const cli_dataset_wish *wish, cli_dataset *dataset,
                                midge_error *error)
{
    const char *prefix = at->test ? "t10k" : "train";
    if (cli_dataset_is_idx(at->path, prefix))
        return cli_dataset_idx(at->path, prefix, wish, dataset, error);
    char *part = find_part(at->path, at->test);
    if (part == NULL && at->test)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: has no part for tests", at->path);
    midge_status status =
        cli_dataset_pictures(part != NULL ? part : at->path, wish, dataset, error);
    free(part);
    return status;
}

static midge_status open_pair(const char *name, const cli_dataset_wish *wish, cli_dataset *dataset,
                              midge_error *error)
{
    const char *comma = strchr(name, ',');
    if (comma == NULL)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: gives samples without targets; name both, as in x.npy,y.npy", name);
    char *samples = malloc((size_t)(comma - name) + 1);
    if (samples == NULL) return cli_fail_memory(error, name, strlen(name));
    memcpy(samples, name, (size_t)(comma - name));
    samples[comma - name] = '\0';
    midge_status status = cli_dataset_arrays(samples, comma + 1, wish, dataset, error);
    free(samples);
    return status;
}

static midge_status open_place(const place *at, const cli_dataset_wish *wish, cli_dataset *dataset,
                               midge_error *error)
{
    if (is_folder(at->path)) return open_folder(at, wish, dataset, error);
    if (at->stated)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: is no folder, so it has no parts ':train' and ':test'", at->path);
    if (ends_with(at->path, ".csv") || ends_with(at->path, ".tsv") || ends_with(at->path, ".txt"))
        return cli_dataset_csv(at->path, wish, dataset, error);
    return open_pair(at->path, wish, dataset, error);
}

bool cli_dataset_has_parts(const char *name)
{
    place at = {0};
    midge_error ignored;
    bool found = find_place(name, &at, &ignored) == MIDGE_OK && !at.stated;
    char *part = found ? find_part(at.path, true) : NULL;
    found = found && (part != NULL || cli_dataset_is_idx(at.path, "t10k"));
    free(part);
    free(at.path);
    return found;
}

/* ---- What all sources need ---- */

const char *cli_dataset_row(const cli_dataset *dataset, size_t index, char *buffer)
{
    if (dataset->first_line > 0)
        (void)snprintf(buffer, CLI_DATASET_ROW_TEXT, "line %zu", dataset->first_line + index);
    else
        (void)snprintf(buffer, CLI_DATASET_ROW_TEXT, "sample %zu", index);
    return buffer;
}

static midge_status check_numbers(const cli_dataset *dataset, midge_error *error)
{
    char row[CLI_DATASET_ROW_TEXT];
    for (size_t i = 0; dataset->numbers != NULL && i < dataset->count * dataset->values; ++i) {
        if (isfinite(dataset->numbers[i])) continue;
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: %s holds %f in place %zu",
                        dataset->name, cli_dataset_row(dataset, i / dataset->values, row),
                        (double)dataset->numbers[i], i % dataset->values);
    }
    for (size_t i = 0; i < dataset->count * dataset->target_values; ++i) {
        if (isfinite(dataset->targets[i])) continue;
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: the target of %s is %f", dataset->name,
                        cli_dataset_row(dataset, i / dataset->target_values, row),
                        (double)dataset->targets[i]);
    }
    return MIDGE_OK;
}

/* A sample fits when it has as many numbers in as many places, whatever sizes of 1 there are. */
static midge_status check_shape(const cli_dataset *dataset, const cli_dataset_wish *wish,
                                midge_error *error)
{
    char is[CLI_SHAPE_TEXT], wants[CLI_SHAPE_TEXT];
    int at = 0, wanted = 0;
    for (;;) {
        while (at < dataset->rank && dataset->shape[at] == 1) ++at;
        while (wanted < wish->rank && wish->shape[wanted] == 1) ++wanted;
        if (at == dataset->rank || wanted == wish->rank) break;
        if (wish->shape[wanted] > 0 && dataset->shape[at] != wish->shape[wanted]) break;
        ++at;
        ++wanted;
    }
    if (wish->any_shape || (at == dataset->rank && wanted == wish->rank)) return MIDGE_OK;
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: a sample is of shape %s, but the network takes %s", dataset->name,
                    cli_shape_text(dataset->rank, dataset->shape, is),
                    cli_shape_text(wish->rank, wish->shape, wants));
}

/* Bytes of pictures are pixels; bytes in a row are numbers unless a range is asked for. */
static void set_scale(cli_dataset *dataset, const cli_dataset_wish *wish)
{
    double low = wish->has_range ? wish->range[0] : 0.0;
    double high = wish->has_range ? wish->range[1] : 1.0;
    bool pixels = wish->has_range || dataset->rank >= 2;
    for (int i = 0; i < 256; ++i)
        dataset->scale[i] = pixels ? (float)(low + (high - low) * i / 255.0) : (float)i;
}

int64_t cli_dataset_class(const cli_labels *classes, const char *name)
{
    for (size_t i = 0; i < classes->count; ++i) {
        const char *label = cli_labels_name(classes, i);
        if (label != NULL && strcmp(label, name) == 0) return (int64_t)i;
    }
    return -1;
}

midge_status cli_dataset_name_classes(const char *const *names, size_t count, cli_dataset *dataset,
                                      midge_error *error)
{
    size_t bytes = 1, used = 0;
    for (size_t i = 0; i < count; ++i) bytes += (names[i] != NULL ? strlen(names[i]) : 0) + 1;
    dataset->classes.text = malloc(bytes);
    dataset->classes.names = calloc(count + 1, sizeof(char *));
    if (dataset->classes.text == NULL || dataset->classes.names == NULL)
        return cli_fail_memory(error, dataset->name, bytes);
    for (size_t i = 0; i < count; ++i) {
        if (names[i] == NULL) continue;
        size_t length = strlen(names[i]) + 1;
        dataset->classes.names[i] = memcpy(dataset->classes.text + used, names[i], length);
        used += length;
    }
    dataset->classes.count = count;
    return MIDGE_OK;
}

/* The classes that targets of one number stand for: checks each and counts them. */
static midge_status count_classes(cli_dataset *dataset, const cli_dataset_wish *wish,
                                  midge_error *error)
{
    char row[CLI_DATASET_ROW_TEXT];
    size_t most = wish->known != NULL ? wish->known->count : 0;
    if (most == 0) most = wish->outputs;
    if (most == 0) most = CLI_DATASET_MAX_CLASSES;
    dataset->class_count = wish->known != NULL ? wish->known->count : dataset->classes.count;
    for (size_t i = 0; i < dataset->count; ++i) {
        double number = (double)dataset->targets[i];
        if (number != floor(number) || number < 0)
            return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                            "%s: %s has the target %g, which is no class; classes are 0, 1, 2, …",
                            dataset->name, cli_dataset_row(dataset, i, row), number);
        if (number >= (double)most)
            return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                            "%s: %s is of class %g, but there are %zu classes", dataset->name,
                            cli_dataset_row(dataset, i, row), number, most);
        if (number >= (double)dataset->class_count) dataset->class_count = (size_t)number + 1;
    }
    return MIDGE_OK;
}

midge_status cli_dataset_open(const char *name, const cli_dataset_wish *wish, cli_dataset *dataset,
                              midge_error *error)
{
    place at = {0};
    *dataset = (cli_dataset){.name = name, .target_values = 1};
    midge_status status = find_place(name, &at, error);
    if (status == MIDGE_OK) status = open_place(&at, wish, dataset, error);
    free(at.path);
    if (status == MIDGE_OK && dataset->count == 0)
        status = cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: has no samples", name);
    if (status == MIDGE_OK) status = check_shape(dataset, wish, error);
    if (status == MIDGE_OK) status = check_numbers(dataset, error);
    if (status == MIDGE_OK && wish->classes && dataset->target_values == 1)
        status = count_classes(dataset, wish, error);
    if (status != MIDGE_OK) return status;
    if (wish->classes && dataset->target_values > 1) dataset->class_count = dataset->target_values;
    set_scale(dataset, wish);
    return MIDGE_OK;
}

void cli_dataset_free(cli_dataset *dataset)
{
    free(dataset->bytes);
    free(dataset->numbers);
    free(dataset->targets);
    cli_labels_free(&dataset->classes);
    *dataset = (cli_dataset){0};
}

void cli_dataset_sample(const cli_dataset *dataset, size_t index, float *values)
{
    size_t count = dataset->values;
    if (dataset->bytes == NULL) {
        memcpy(values, dataset->numbers + index * count, count * sizeof *values);
        return;
    }
    const unsigned char *bytes = dataset->bytes + index * count;
    for (size_t i = 0; i < count; ++i) values[i] = dataset->scale[bytes[i]];
}

const float *cli_dataset_target(const cli_dataset *dataset, size_t index)
{
    return dataset->targets + index * dataset->target_values;
}
