/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/size.h"

static void *library_allocate(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    size_t rounded;
    return mg_size_align(bytes, alignment, &rounded) ? aligned_alloc(alignment, rounded) : NULL;
}

static void library_release(void *context, void *memory, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(memory);
}

const midge_allocator mg_library_allocator = {NULL, library_allocate, library_release};
