/* SPDX-License-Identifier: Apache-2.0 */
/* The part of file.h that needs no file system. */
#include <string.h>

#include "base/file.h"
#include "base/size.h"

enum { FIRST_CAPACITY = 65536 };

static midge_status grow(mg_heap *heap, unsigned char **bytes, size_t used, size_t *capacity,
                         midge_error *error)
{
    size_t larger;
    void *memory = NULL;
    if (!mg_size_multiply(*capacity, 2, &larger)) return mg_fail_memory(error, *capacity);
    TRY(mg_heap_get(heap, larger, &memory, error));
    memcpy(memory, *bytes, used);
    mg_heap_release(heap, *bytes);
    *bytes = memory;
    *capacity = larger;
    return MIDGE_OK;
}

midge_status mg_file_stream(mg_heap *heap, midge_read_function read_more, void *context,
                            uint64_t limit, mg_file *file, midge_error *error)
{
    size_t capacity = FIRST_CAPACITY, used = 0;
    void *memory = NULL;
    TRY(mg_heap_get(heap, capacity, &memory, error));
    unsigned char *bytes = memory;
    midge_status status = MIDGE_OK;
    while (status == MIDGE_OK) {
        if (used == capacity) status = grow(heap, &bytes, used, &capacity, error);
        if (status != MIDGE_OK) break;
        ptrdiff_t got = read_more(context, bytes + used, capacity - used);
        if (got == 0) break;
        if (got < 0 || (size_t)got > capacity - used)
            status =
                mg_fail(error, MIDGE_IO_ERROR, "the read callback failed after %zu bytes", used);
        else if ((used += (size_t)got) > limit)
            status =
                mg_fail(error, MIDGE_LIMIT_EXCEEDED, "the stream passes the limit of %llu bytes",
                        (unsigned long long)limit);
    }
    if (status == MIDGE_OK && used == 0)
        status = mg_fail(error, MIDGE_INVALID_MODEL, "the stream is empty");
    if (status != MIDGE_OK) {
        mg_heap_release(heap, bytes);
        return status;
    }
    *file = (mg_file){bytes, used, MG_FILE_HEAP};
    return MIDGE_OK;
}
