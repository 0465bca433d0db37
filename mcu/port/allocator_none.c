/* SPDX-License-Identifier: Apache-2.0 */
/* No heap but the one that the program hands in. */
#include "base/alloc.h"

static void *refuse(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    (void)bytes;
    (void)alignment;
    return NULL;
}

static void release_nothing(void *context, void *memory, size_t bytes)
{
    (void)context;
    (void)memory;
    (void)bytes;
}

const midge_allocator mg_library_allocator = {NULL, refuse, release_nothing};
