/* SPDX-License-Identifier: Apache-2.0 */
/* No threads: every range is computed by the caller. */
#include "base/threads.h"

midge_status mg_pool_create(mg_heap *heap, int threads, mg_pool **pool, midge_error *error)
{
    (void)heap;
    (void)threads;
    (void)error;
    *pool = NULL;
    return MIDGE_OK;
}

void mg_pool_destroy(mg_pool *pool)
{
    (void)pool;
}

int mg_pool_threads(const mg_pool *pool)
{
    (void)pool;
    return 1;
}

void mg_pool_begin(mg_pool *pool)
{
    (void)pool;
}

void mg_pool_wake(mg_pool *pool)
{
    (void)pool;
}

void mg_parallel_for(mg_pool *pool, size_t count, size_t grain, mg_range_function function,
                     void *argument)
{
    (void)pool;
    (void)grain;
    if (count > 0) function(argument, 0, count, 0);
}
