/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples in picture files: a folder with a folder for each class. Classes are numbered in the
 * order of their names. All pictures are scaled to the size of the network's input when they are
 * read.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "calibration.h"
#include "dataset_source.h"

/* More pixels in all are refused. */
#define MAX_BYTES ((size_t)2 << 30)

typedef struct paths {
    const char *folder;
    char **items;
    size_t count;
} paths;

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_paths(paths *list)
{
    for (size_t i = 0; i < list->count; ++i) free(list->items[i]);
    free(list->items);
    *list = (paths){0};
}

/* Takes over `path`. */
static midge_status add_path(paths *list, char *path, midge_error *error)
{
    bool full = (list->count & (list->count - 1)) == 0; /* grows at powers of two */
    size_t capacity = list->count == 0 ? 1 : list->count * 2;
    char **items = full ? realloc(list->items, capacity * sizeof *items) : list->items;
    if (items != NULL) list->items = items;
    if (items == NULL || path == NULL) {
        free(path);
        return cli_fail_memory(error, list->folder, capacity * sizeof *items);
    }
    items[list->count++] = path;
    return MIDGE_OK;
}

/* The folders, or else the pictures, in a folder, in the order of their names. */
static midge_status list_folder(const char *folder, bool folders, paths *list, midge_error *error)
{
    DIR *stream = opendir(folder);
    midge_status status = MIDGE_OK;
    *list = (paths){.folder = folder};
    if (stream == NULL)
        return cli_fail(error, MIDGE_IO_ERROR, "%s: the folder cannot be read", folder);
    for (struct dirent *entry; status == MIDGE_OK && (entry = readdir(stream)) != NULL;) {
        struct stat about;
        if (entry->d_name[0] == '.' || (!folders && !cli_is_picture(entry->d_name))) continue;
        char *path = cli_path_join(folder, entry->d_name);
        if (path != NULL && (stat(path, &about) != 0 || (S_ISDIR(about.st_mode) != 0) != folders))
            free(path);
        else
            status = add_path(list, path, error);
    }
    (void)closedir(stream);
    if (status == MIDGE_OK && list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare_paths);
    return status;
}

/* ---- Sizes ---- */

/* How pictures lie in a sample: [height, width] or [height, width, channels]. */
static midge_status find_shape(const char *folder, const cli_dataset_wish *wish,
                               cli_dataset *dataset, midge_error *error)
{
    char shape[CLI_SHAPE_TEXT];
    bool channels = wish->rank == 3 && (wish->shape[2] == 1 || wish->shape[2] == 3);
    dataset->rank = wish->rank;
    memcpy(dataset->shape, wish->shape, sizeof wish->shape);
    if ((wish->rank != 2 && !channels) || wish->shape[0] < 1 || wish->shape[1] < 1)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: holds pictures, but the network takes %s, which is not height, width "
                        "and 1 or 3 channels",
                        folder, cli_shape_text(wish->rank, wish->shape, shape));
    dataset->values = (size_t)wish->shape[0] * (size_t)wish->shape[1];
    if (channels) dataset->values *= (size_t)wish->shape[2];
    return MIDGE_OK;
}

/* Room for `count` samples more. */
static midge_status grow(cli_dataset *dataset, size_t count, midge_error *error)
{
    size_t samples = dataset->count + count;
    if (samples > MAX_BYTES / dataset->values)
        return cli_fail(error, MIDGE_LIMIT_EXCEEDED,
                        "%s: %zu pictures of %zu bytes each are more than the limit of %zu bytes",
                        dataset->name, samples, dataset->values, MAX_BYTES);
    unsigned char *bytes = realloc(dataset->bytes, samples * dataset->values);
    if (bytes != NULL) dataset->bytes = bytes;
    float *targets = realloc(dataset->targets, samples * sizeof *targets);
    if (targets != NULL) dataset->targets = targets;
    if (bytes != NULL && targets != NULL) return MIDGE_OK;
    return cli_fail_memory(error, dataset->name, samples * dataset->values);
}

/* ---- Pictures ---- */

static midge_status read_picture(const char *path, cli_dataset *dataset, midge_error *error)
{
    cli_image image = {0}, scaled = {0};
    TRY(cli_image_read(path, &image, error));
    if (image.damage[0] != '\0') {
        midge_status status =
            cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: is damaged: %s", path, image.damage);
        cli_image_free(&image);
        return status;
    }
    if (dataset->rank == 2 || dataset->shape[2] == 1) cli_image_to_grey(&image);
    midge_status status = cli_image_resize(path, &image, dataset->shape[1], dataset->shape[0],
                                           CLI_BILINEAR, &scaled, error);
    cli_image_free(&image);
    if (status == MIDGE_OK)
        memcpy(dataset->bytes + dataset->count * dataset->values, scaled.pixels, dataset->values);
    cli_image_free(&scaled);
    return status;
}

static midge_status read_class(const char *folder, int64_t number, cli_dataset *dataset,
                               midge_error *error)
{
    paths list;
    midge_status status = list_folder(folder, false, &list, error);
    if (status == MIDGE_OK && list.count == 0)
        status = cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: has no pictures", folder);
    if (status == MIDGE_OK) status = grow(dataset, list.count, error);
    for (size_t i = 0; status == MIDGE_OK && i < list.count; ++i) {
        status = read_picture(list.items[i], dataset, error);
        if (status == MIDGE_OK) dataset->targets[dataset->count++] = (float)number;
    }
    free_paths(&list);
    return status;
}

static midge_status name_classes(const paths *folders, cli_dataset *dataset, midge_error *error)
{
    const char **names = malloc(folders->count * sizeof *names);
    if (names == NULL) return cli_fail_memory(error, dataset->name, folders->count);
    for (size_t i = 0; i < folders->count; ++i) names[i] = strrchr(folders->items[i], '/') + 1;
    midge_status status = cli_dataset_name_classes(names, folders->count, dataset, error);
    free(names);
    return status;
}

static midge_status read_classes(const paths *folders, const cli_dataset_wish *wish,
                                 cli_dataset *dataset, midge_error *error)
{
    if (folders->count == 0 || folders->count > CLI_DATASET_MAX_CLASSES)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: has %zu folders; put the pictures of each class into a folder with "
                        "its name, or the four IDX files there",
                        folders->folder, folders->count);
    if (wish->known == NULL) TRY(name_classes(folders, dataset, error));
    const cli_labels *known = wish->known != NULL ? wish->known : &dataset->classes;
    for (size_t i = 0; i < folders->count; ++i) {
        int64_t number = cli_dataset_class(known, strrchr(folders->items[i], '/') + 1);
        if (number < 0)
            return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: is the folder of an unknown class",
                            folders->items[i]);
        TRY(read_class(folders->items[i], number, dataset, error));
    }
    return MIDGE_OK;
}

midge_status cli_dataset_pictures(const char *folder, const cli_dataset_wish *wish,
                                  cli_dataset *dataset, midge_error *error)
{
    paths folders;
    TRY(find_shape(folder, wish, dataset, error));
    midge_status status = list_folder(folder, true, &folders, error);
    if (status == MIDGE_OK) status = read_classes(&folders, wish, dataset, error);
    free_paths(&folders);
    return status;
}
