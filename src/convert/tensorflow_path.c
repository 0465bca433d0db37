/* SPDX-License-Identifier: Apache-2.0 */
/* Which files of a path are a model of TensorFlow. */
#include "convert/tensorflow_path.h"

#include <stdio.h>

#include "convert/tensorflow.h"

static const uint64_t most_bytes = UINT64_C(1) << 31;

/* "a/saved_model.pb" lies in "a", "saved_model.pb" in ".". */
static bool folder_of(const char *path, char *folder, size_t capacity)
{
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? snprintf(folder, capacity, ".")
                               : snprintf(folder, capacity, "%.*s", (int)(slash - path), path);
    return length >= 0 && (size_t)length < capacity;
}

/* Opens what is there and fails without a word where nothing is. */
static midge_status open_quietly(mg_heap *heap, const char *path, mg_file *file)
{
    midge_error ignored = {MIDGE_OK, ""};
    return mg_file_open(heap, path, true, most_bytes, file, &ignored);
}

midge_status mg_tensorflow_open(mg_heap *heap, const char *path, mg_tensorflow_file *file)
{
    char name[4096];
    bool fits;
    *file = (mg_tensorflow_file){.found = false};
    int length = snprintf(name, sizeof name, "%s/saved_model.pb", path);
    if (length < 0 || (size_t)length >= sizeof name) return MIDGE_OK;
    midge_status status = open_quietly(heap, name, &file->file);
    if (status == MIDGE_OK) {
        file->found = true;
        fits = snprintf(file->variables, sizeof file->variables, "%s/variables/variables", path) <
               (int)sizeof file->variables;
        return fits ? MIDGE_OK : MIDGE_IO_ERROR;
    }
    if (status == MIDGE_NO_MEMORY) return status;
    status = open_quietly(heap, path, &file->file);
    if (status != MIDGE_OK) return status == MIDGE_NO_MEMORY ? status : MIDGE_OK;
    bool saved = mg_tensorflow_is_saved_model(file->file.bytes, file->file.size);
    file->found = saved || mg_tensorflow_is_graph(file->file.bytes, file->file.size);
    if (!file->found) mg_tensorflow_close(heap, file);
    if (saved && folder_of(path, name, sizeof name) &&
        snprintf(file->variables, sizeof file->variables, "%s/variables/variables", name) >=
            (int)sizeof file->variables)
        file->variables[0] = '\0';
    return MIDGE_OK;
}

void mg_tensorflow_close(mg_heap *heap, mg_tensorflow_file *file)
{
    if (file->file.bytes != NULL) mg_file_close(heap, &file->file);
    file->file = (mg_file){.bytes = NULL};
    file->found = false;
}
