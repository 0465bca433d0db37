/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library's memory. What is as large as the huge pages of the system asks for them: the first
 * touch of an arena of megabytes, page by page of 4 KiB, takes longer than some inferences.
 */
#define _DEFAULT_SOURCE /* madvise */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/size.h"

enum { HUGE_PAGE = 2 << 20 };

static void ask_for_huge_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t start = ((uintptr_t)memory + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    const uintptr_t end = ((uintptr_t)memory + bytes) & ~(uintptr_t)(HUGE_PAGE - 1);
    /* The end keeps small pages, so that no more is used than was asked for. */
    if (start < end) (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

static void *library_allocate(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    size_t rounded;
    if (bytes >= HUGE_PAGE && alignment < HUGE_PAGE) alignment = HUGE_PAGE;
    if (!mg_size_align(bytes, alignment, &rounded)) return NULL;
    void *memory = aligned_alloc(alignment, rounded);
    if (memory != NULL && bytes >= HUGE_PAGE) ask_for_huge_pages(memory, bytes);
    return memory;
}

static void library_release(void *context, void *memory, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(memory);
}

const midge_allocator mg_library_allocator = {NULL, library_allocate, library_release};
