/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a model out of one static block of memory and says how much of it was needed, as firmware
 * does.
 * usage: own_allocator MODEL */
#include <stdio.h>

#include "midge.h"

static _Alignas(64) unsigned char memory[32 << 20];

/* Hands out the block from its start. Only the newest piece is taken back: enough for a program
 * that makes its session once. */
typedef struct block {
    size_t used;
    size_t peak;
} block;

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    block *from = context;
    size_t start = (from->used + alignment - 1) / alignment * alignment;
    if (bytes > sizeof memory - start) return NULL;
    from->used = start + bytes;
    if (from->used > from->peak) from->peak = from->used;
    return memory + start;
}

static void release(void *context, void *piece, size_t bytes)
{
    block *from = context;
    size_t start = (size_t)((unsigned char *)piece - memory);
    if (start + bytes == from->used) from->used = start;
}

int main(int count, char **words)
{
    if (count != 2) return fprintf(stderr, "usage: own_allocator MODEL\n"), 2;
    block from = {0};
    const midge_allocator allocator = {&from, allocate, release};
    midge_model_options model_options = midge_model_options_default();
    midge_session_options session_options = midge_session_options_default();
    model_options.allocator = session_options.allocator = &allocator;

    midge_error error = {0};
    midge_model *model = NULL;
    midge_session *session = NULL;
    if (midge_model_load_file(words[1], &model_options, &model, &error) != MIDGE_OK ||
        midge_session_create(model, &session_options, &session, &error) != MIDGE_OK)
        return fprintf(stderr, "%s\n", error.message), midge_model_free(model), 1;
    size_t before = from.used;
    if (midge_session_invoke(session) != MIDGE_OK)
        return fprintf(stderr, "%s\n", midge_session_message(session)), 1;
    size_t file_bytes;
    (void)midge_model_file(model, &file_bytes);
    printf("%zu bytes at most, %zu of them for the file; invoke took %zu more\n", from.peak,
           file_bytes, from.used - before);
    midge_session_free(session);
    midge_model_free(model);
    return 0;
}
