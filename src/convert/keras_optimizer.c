/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables of an optimiser in the files of Keras 3: first the number of steps, as int64, then
 * the learning rate where no schedule decides it, then what it keeps of the trained weights.
 *
 *   .keras   /optimizer/vars/0, /1, …, the optimiser's name as attribute of vars
 *   legacy   /optimizer_weights/<optimiser>/<name>, their order in the attribute weight_names
 */
#include <stdio.h>
#include <string.h>

#include "convert/keras_write.h"

enum { MOST_PATH = 1000 };
static const char tree_group[] = "/optimizer/vars", legacy_group[] = "/optimizer_weights";

/* ---- Writing ---- */

static midge_status put_tree(mg_hdf5_writer *writer, const mg_keras_optimizer *optimizer)
{
    char path[MOST_PATH];
    (void)snprintf(path, sizeof path, "%s/0", tree_group);
    TRY(mg_hdf5_put_integer(writer, path, optimizer->steps));
    for (size_t i = 0; i < optimizer->count; ++i) {
        const mg_keras_variable *variable = &optimizer->variables[i];
        (void)snprintf(path, sizeof path, "%s/%zu", tree_group, i + 1);
        TRY(mg_hdf5_put_floats(writer, path, variable->rank, variable->shape, variable->values));
    }
    return mg_hdf5_put_text(writer, tree_group, "name", optimizer->name);
}

static midge_status put_legacy(mg_hdf5_writer *writer, mg_heap *heap,
                               const mg_keras_optimizer *optimizer, mg_region *region)
{
    void *memory = NULL;
    char path[MOST_PATH];
    TRY(mg_region_get_array(region, optimizer->count + 1, sizeof(char *), &memory, writer->error));
    const char **names = memory;
    for (size_t i = 0; i <= optimizer->count; ++i) {
        const mg_keras_variable *variable = i > 0 ? &optimizer->variables[i - 1] : NULL;
        const char *last = variable != NULL ? variable->name : "iteration";
        size_t length = strlen(optimizer->name) + strlen(last) + 2;
        TRY(mg_region_get(region, length, &memory, writer->error));
        (void)snprintf(memory, length, "%s/%s", optimizer->name, last);
        names[i] = memory;
        if (snprintf(path, sizeof path, "%s/%s", legacy_group, names[i]) >= (int)sizeof path)
            return mg_fail(writer->error, MIDGE_INVALID_ARGUMENT, "a weight's path is too long");
        TRY(variable != NULL ? mg_hdf5_put_floats(writer, path, variable->rank, variable->shape,
                                                  variable->values)
                             : mg_hdf5_put_integer(writer, path, optimizer->steps));
    }
    return mg_hdf5_put_texts(writer, heap, legacy_group, "weight_names", optimizer->count + 1,
                             names);
}

midge_status mg_keras_put_optimizer(mg_hdf5_writer *writer, mg_heap *heap,
                                    const mg_keras_optimizer *optimizer, mg_keras_format format)
{
    mg_region region;
    if (format != MG_KERAS_LEGACY) return put_tree(writer, optimizer);
    mg_region_init(&region, heap);
    midge_status status = put_legacy(writer, heap, optimizer, &region);
    mg_region_free(&region);
    return status;
}

/* ---- Reading ---- */

/* Paths of all variables, the steps first; none where there are others than `count` of them. */
static midge_status find_tree(mg_keras *keras, size_t count, const char **paths, bool *found)
{
    char path[MOST_PATH];
    *found = true;
    for (size_t i = 0; *found && i <= count; ++i) {
        void *memory = NULL;
        (void)snprintf(path, sizeof path, "%s/%zu", tree_group, i);
        *found = mg_hdf5_has(&keras->weights, path);
        TRY(mg_region_get(&keras->call_region, strlen(path) + 1, &memory, keras->error));
        memcpy(memory, path, strlen(path) + 1);
        paths[i] = memory;
    }
    (void)snprintf(path, sizeof path, "%s/%zu", tree_group, count + 1);
    *found = *found && !mg_hdf5_has(&keras->weights, path);
    return MIDGE_OK;
}

static midge_status find_legacy(mg_keras *keras, size_t count, const char **paths, bool *found)
{
    size_t names_count = 0;
    const char **names = NULL;
    *found = false;
    if (keras->version < 3 || !mg_hdf5_has(&keras->weights, legacy_group)) return MIDGE_OK;
    TRY(mg_hdf5_texts(&keras->weights, &keras->call_region, legacy_group, "weight_names",
                      &names_count, &names));
    if (names_count != count + 1) return MIDGE_OK;
    for (size_t i = 0; i < names_count; ++i) {
        void *memory = NULL;
        size_t length = sizeof legacy_group + strlen(names[i]) + 1;
        TRY(mg_region_get(&keras->call_region, length, &memory, keras->error));
        (void)snprintf(memory, length, "%s/%s", legacy_group, names[i]);
        paths[i] = memory;
        if (!mg_hdf5_has(&keras->weights, memory)) return MIDGE_OK;
    }
    *found = true;
    return MIDGE_OK;
}

static bool fits(const mg_keras_variable *variable, const mg_hdf5_array *array)
{
    if (variable->rank != array->rank) return false;
    for (int32_t i = 0; i < array->rank; ++i)
        if (variable->shape[i] != array->shape[i]) return false;
    return true;
}

static midge_status read_all(mg_keras *keras, mg_keras_optimizer *optimizer,
                             const char *const *paths, bool *found)
{
    TRY(mg_hdf5_integer(&keras->weights, paths[0], &optimizer->steps));
    if (optimizer->steps < 0)
        return mg_fail(keras->error, MIDGE_INVALID_MODEL, "%s: the optimizer has taken %lld steps",
                       keras->file, (long long)optimizer->steps);
    for (size_t i = 0; *found && i < optimizer->count; ++i) {
        const mg_keras_variable *variable = &optimizer->variables[i];
        mg_region region;
        mg_hdf5_array array;
        mg_region_init(&region, keras->heap);
        midge_status status = mg_hdf5_floats(&keras->weights, &region, paths[i + 1], &array);
        *found = status == MIDGE_OK && fits(variable, &array);
        if (*found) memcpy(variable->values, array.values, array.count * sizeof(float));
        mg_region_free(&region);
        TRY(status);
    }
    return MIDGE_OK;
}

midge_status mg_keras_get_optimizer(mg_keras *keras, mg_keras_optimizer *optimizer, bool *found)
{
    void *memory = NULL;
    *found = false;
    TRY(mg_region_get_array(&keras->call_region, optimizer->count + 1, sizeof(char *), &memory,
                            keras->error));
    const char **paths = memory;
    TRY(keras->tree ? find_tree(keras, optimizer->count, paths, found)
                    : find_legacy(keras, optimizer->count, paths, found));
    return *found ? read_all(keras, optimizer, paths, found) : MIDGE_OK;
}
