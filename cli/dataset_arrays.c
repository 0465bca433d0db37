/* SPDX-License-Identifier: Apache-2.0 */
/* Samples in arrays: .npy and IDX files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataset_source.h"
#include "element.h"
#include "embedded.h"
#include "idx.h"

/* All elements as numbers, in new memory. */
static midge_status to_numbers(const char *path, const cli_array *array, float **numbers,
                               midge_error *error)
{
    if (!cli_is_number(array->type))
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: holds %s, not numbers", path,
                        midge_type_name(array->type));
    *numbers = malloc((array->elements + 1) * sizeof **numbers);
    if (*numbers == NULL) return cli_fail_memory(error, path, array->elements * sizeof **numbers);
    for (size_t i = 0; i < array->elements; ++i)
        (*numbers)[i] = (float)cli_element(array->type, array->data, i);
    return MIDGE_OK;
}

static midge_status take_samples(const char *path, cli_array *array, cli_dataset *dataset,
                                 midge_error *error)
{
    if (array->rank < 1 || array->shape[0] < 1)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: has no samples", path);
    dataset->count = (size_t)array->shape[0];
    dataset->rank = array->rank - 1;
    memcpy(dataset->shape, array->shape + 1, (size_t)dataset->rank * sizeof *dataset->shape);
    if (dataset->rank == 0) {
        dataset->rank = 1;
        dataset->shape[0] = 1;
    }
    dataset->values = array->elements / dataset->count;
    if (dataset->values == 0)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: its samples are empty", path);
    if (array->type != MIDGE_UINT8) return to_numbers(path, array, &dataset->numbers, error);
    dataset->bytes = array->data;
    array->data = NULL;
    return MIDGE_OK;
}

static midge_status take_targets(const char *path, const cli_array *array, cli_dataset *dataset,
                                 midge_error *error)
{
    size_t count = array->rank > 0 ? (size_t)array->shape[0] : 0;
    if (count != dataset->count)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                        "%s: holds %zu targets, but there are %zu samples", path, count,
                        dataset->count);
    dataset->target_values = array->elements / count;
    if (dataset->target_values == 0)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: its targets are empty", path);
    return to_numbers(path, array, &dataset->targets, error);
}

midge_status cli_dataset_arrays(const char *samples, const char *targets,
                                const cli_dataset_wish *wish, cli_dataset *dataset,
                                midge_error *error)
{
    cli_array array = {0};
    bool ignored = false;
    (void)wish;
    TRY(cli_idx_or_npy_read(samples, &array, &ignored, error));
    midge_status status = take_samples(samples, &array, dataset, error);
    cli_array_free(&array);
    if (status != MIDGE_OK) return status;
    TRY(cli_idx_or_npy_read(targets, &array, &ignored, error));
    status = take_targets(targets, &array, dataset, error);
    cli_array_free(&array);
    return status;
}

/* ---- Folders as MNIST has them ---- */

static bool find_file(const char *folder, const char *part, const char *kind, char path[1024])
{
    static const char *const endings[] = {"", ".gz"};
    static const char joints[] = "-.";
    for (int i = 0; i < 4; ++i) {
        int length = snprintf(path, 1024, "%s/%s-%s%cidx%d-ubyte%s", folder, part, kind,
                              joints[i / 2], kind[0] == 'i' ? 3 : 1, endings[i % 2]);
        if (length < 1024 && access(path, R_OK) == 0) return true;
    }
    return false;
}

bool cli_dataset_is_idx(const char *folder, const char *part)
{
    char path[1024];
    return find_file(folder, part, "images", path);
}

/* Fashion-MNIST's files do not name its classes; the built-in model's labels do. */
static midge_status name_garments(const char *folder, cli_dataset *dataset, midge_error *error)
{
    const char *slash = strrchr(folder, '/');
    if (strcmp(slash != NULL ? slash + 1 : folder, "fashion-mnist") != 0 &&
        strcmp(folder, cli_dataset_fashion_mnist()) != 0)
        return MIDGE_OK;
    for (size_t i = 0; i < embedded_file_count; ++i) {
        const embedded_file *file = &embedded_files[i];
        if (strstr(file->name, "labels.txt") == NULL) continue;
        return cli_labels_parse(file->name, file->bytes, file->size, &dataset->classes, error);
    }
    return MIDGE_OK;
}

midge_status cli_dataset_idx(const char *folder, const char *part, const cli_dataset_wish *wish,
                             cli_dataset *dataset, midge_error *error)
{
    char images[1024], labels[1024];
    if (!find_file(folder, part, "images", images))
        return cli_fail(error, MIDGE_IO_ERROR, "%s: has no file %s-images-idx3-ubyte", folder,
                        part);
    if (!find_file(folder, part, "labels", labels))
        return cli_fail(error, MIDGE_IO_ERROR, "%s: has no file %s-labels-idx1-ubyte", folder,
                        part);
    TRY(cli_dataset_arrays(images, labels, wish, dataset, error));
    return name_garments(folder, dataset, error);
}
