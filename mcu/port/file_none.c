/* SPDX-License-Identifier: Apache-2.0 */
/* No file system: models come from memory or through a callback. */
#include "base/file.h"

midge_status mg_file_open(mg_heap *heap, const char *path, bool map, uint64_t limit, mg_file *file,
                          midge_error *error)
{
    char name[80];
    (void)heap;
    (void)map;
    (void)limit;
    (void)file;
    return mg_fail(error, MIDGE_IO_ERROR, "%s: this build opens no files",
                   mg_printable(path, name, sizeof name));
}

void mg_file_close(mg_heap *heap, mg_file *file)
{
    if (file->origin == MG_FILE_HEAP) mg_heap_release(heap, (void *)(uintptr_t)file->bytes);
    *file = (mg_file){0};
}
