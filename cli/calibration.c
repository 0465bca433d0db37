/* SPDX-License-Identifier: Apache-2.0 */
#include "calibration.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "idx.h"
#include "machine.h"
#include "model_file.h"

/* ---- Folders of pictures ---- */

bool cli_is_picture(const char *name)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".png",  ".bmp", ".ppm", ".pgm",
                                          ".pnm", ".JPG",  ".JPEG", ".PNG", ".BMP"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; ++i) {
        size_t length = strlen(endings[i]);
        if (strlen(name) > length && strcmp(name + strlen(name) - length, endings[i]) == 0)
            return true;
    }
    return false;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static midge_status add_path(cli_sample_source *source, const char *name, midge_error *error)
{
    size_t capacity = source->count == 0 ? 1 : source->count * 2;
    bool full = (source->count & (source->count - 1)) == 0; /* grows at powers of two */
    char **paths = full ? realloc(source->paths, capacity * sizeof *paths) : source->paths;
    if (paths == NULL) return cli_fail_memory(error, source->file, capacity * sizeof *paths);
    source->paths = paths;
    paths[source->count] = cli_path_join(source->file, name);
    if (paths[source->count] == NULL) return cli_fail_memory(error, source->file, strlen(name));
    ++source->count;
    return MIDGE_OK;
}

static midge_status read_folder(cli_sample_source *source, midge_error *error)
{
    DIR *folder = opendir(source->file);
    midge_status status = MIDGE_OK;
    if (folder == NULL)
        return cli_fail(error, MIDGE_IO_ERROR, "%s: the folder cannot be read", source->file);
    for (struct dirent *entry; status == MIDGE_OK && (entry = readdir(folder)) != NULL;)
        if (cli_is_picture(entry->d_name)) status = add_path(source, entry->d_name, error);
    (void)closedir(folder);
    if (status != MIDGE_OK) return status;
    if (source->count == 0)
        return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: has no pictures", source->file);
    qsort(source->paths, source->count, sizeof *source->paths, compare_paths);
    return MIDGE_OK;
}

/* ---- Arrays ---- */

/* How many samples an array holds for an input: one of the input's shape, or a stack. */
static midge_status count_samples(cli_sample_source *source, const midge_tensor *tensor,
                                  midge_error *error)
{
    cli_array *array = &source->array;
    char is[CLI_SHAPE_TEXT], wants[CLI_SHAPE_TEXT];
    int rank = midge_tensor_rank(tensor);
    const int32_t *shape = midge_tensor_shape(tensor);
    size_t elements = midge_tensor_elements(tensor);
    size_t tail = 1, wanted_tail = 1;
    for (int i = 1; i < array->rank; ++i) tail *= (size_t)array->shape[i];
    for (int i = 1; i < rank; ++i) wanted_tail *= (size_t)shape[i];
    source->pixels = source->pixels && array->rank == 3;
    if (source->pixels) {
        source->count = (size_t)array->shape[0];
        return MIDGE_OK;
    }
    if (elements > 0 && array->elements > 0 && array->elements % elements == 0 &&
        (tail == wanted_tail || tail == elements || array->elements == elements) &&
        array->type == midge_tensor_type(tensor)) {
        source->count = array->elements / elements;
        return MIDGE_OK;
    }
    return cli_fail(error, MIDGE_INVALID_ARGUMENT,
                    "%s: holds %s of %s, but input '%s' takes %s of %s or a stack of them",
                    source->file, midge_type_name(array->type),
                    cli_shape_text(array->rank, array->shape, is), midge_tensor_name(tensor),
                    midge_type_name(midge_tensor_type(tensor)), cli_shape_text(rank, shape, wants));
}

static midge_status read_source(const cli_ports *ports, cli_sample_source *source,
                                midge_error *error)
{
    struct stat status;
    if (stat(source->file, &status) == 0 && S_ISDIR(status.st_mode)) {
        if (source->input != 0)
            return cli_fail(error, MIDGE_INVALID_ARGUMENT, "%s: pictures are for the first input",
                            source->file);
        return read_folder(source, error);
    }
    TRY(cli_idx_or_npy_read(source->file, &source->array, &source->pixels, error));
    return count_samples(source, cli_input(ports, source->input), error);
}

/* ---- All of them ---- */

static midge_status read_sources(cli_calibration *calibration, const cli_ports *ports,
                                 const cli_texts *entries, midge_error *error)
{
    calibration->input_count = cli_input_count(ports);
    calibration->sources = calloc(entries->count + 1, sizeof *calibration->sources);
    size_t *counts = calloc(calibration->input_count + 1, sizeof *counts);
    midge_status status = MIDGE_OK;
    if (calibration->sources == NULL || counts == NULL)
        status = cli_fail_memory(error, ports->model, entries->count);
    for (size_t i = 0; i < entries->count && status == MIDGE_OK; ++i) {
        cli_sample_source *source = &calibration->sources[calibration->source_count++];
        status = cli_port_argument(ports, false, entries->items[i], &source->input, &source->file,
                                   error);
        if (status == MIDGE_OK) status = read_source(ports, source, error);
        if (status != MIDGE_OK) break;
        source->first = counts[source->input];
        counts[source->input] += source->count;
    }
    for (size_t i = 0; i < calibration->input_count && status == MIDGE_OK; ++i) {
        if (counts[i] == counts[0]) continue;
        status = cli_fail(error, MIDGE_INVALID_ARGUMENT,
                          "%s: input '%s' has %zu samples, '%s' has %zu; give each as many with "
                          "NAME=FILE",
                          ports->model, cli_input_name(ports, i), counts[i],
                          cli_input_name(ports, 0), counts[0]);
    }
    if (status == MIDGE_OK) calibration->count = counts[0];
    free(counts);
    return status;
}

midge_status cli_calibration_open(cli_calibration *calibration, const char *name,
                                  midge_model *model, const cli_texts *entries, const char *pixels,
                                  midge_error *error)
{
    midge_session *session = NULL;
    cli_session_choice choice = {.threads = 1};
    cli_ports ports;
    midge_error reason = {MIDGE_OK, ""};
    *calibration = (cli_calibration){.model = name, .has_range = pixels != NULL};
    if (pixels != NULL) TRY(cli_range_read("--pixels", pixels, calibration->range, error));
    if (midge_metadata_create(model, &calibration->metadata, &reason) != MIDGE_OK)
        cli_note("%s: %s; going on without it", name, reason.message);
    TRY(cli_session_create(name, model, &choice, &session, error));
    midge_status status = cli_ports_open(name, session, NULL, &ports, error);
    if (status == MIDGE_OK) status = read_sources(calibration, &ports, entries, error);
    midge_session_free(session);
    return status;
}

void cli_calibration_free(cli_calibration *calibration)
{
    for (size_t i = 0; i < calibration->source_count; ++i) {
        cli_sample_source *source = &calibration->sources[i];
        for (size_t k = 0; source->paths != NULL && k < source->count; ++k) free(source->paths[k]);
        free(source->paths);
        cli_array_free(&source->array);
    }
    free(calibration->sources);
    midge_metadata_free(calibration->metadata);
    *calibration = (cli_calibration){0};
}

/* ---- Writing samples ---- */

static midge_status write_picture(cli_calibration *calibration, const cli_sample_source *source,
                                  size_t index, midge_session *session, midge_error *error)
{
    cli_image image = {0};
    if (calibration->picture.session != session)
        TRY(cli_picture_input_find(calibration->model, session, calibration->metadata,
                                   calibration->has_range ? calibration->range : NULL, CLI_BICUBIC,
                                   &calibration->picture, error));
    if (source->paths != NULL) {
        TRY(cli_image_read(source->paths[index], &image, error));
        midge_status status =
            cli_picture_input_write(&calibration->picture, source->paths[index], &image, error);
        cli_image_free(&image);
        return status;
    }
    size_t area = (size_t)source->array.shape[1] * (size_t)source->array.shape[2];
    image = (cli_image){.width = source->array.shape[2],
                        .height = source->array.shape[1],
                        .channels = 1,
                        .pixels = source->array.data + index * area};
    return cli_picture_input_write(&calibration->picture, source->file, &image, error);
}

static midge_status write_one(cli_calibration *calibration, const cli_sample_source *source,
                              size_t index, midge_session *session, midge_error *error)
{
    if (source->paths != NULL || source->pixels)
        return write_picture(calibration, source, index, session, error);
    size_t bytes = source->array.bytes / source->count;
    midge_status status = midge_session_write_input(session, source->input,
                                                    source->array.data + index * bytes, bytes);
    if (status == MIDGE_OK) return MIDGE_OK;
    return cli_session_failed(calibration->model, session, status, error);
}

midge_status cli_calibration_write(cli_calibration *calibration, size_t index,
                                   midge_session *session, midge_error *error)
{
    for (size_t i = 0; i < calibration->source_count; ++i) {
        const cli_sample_source *source = &calibration->sources[i];
        if (index < source->first || index - source->first >= source->count) continue;
        TRY(write_one(calibration, source, index - source->first, session, error));
    }
    return MIDGE_OK;
}
