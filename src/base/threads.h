/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads and the one way to use it: split a range. What a range function computes for an
 * index must not depend on how the range was split, so results never depend on the thread count.
 * In the child of a fork a pool starts threads of its own with mg_pool_begin. */
#ifndef MG_THREADS_H
#define MG_THREADS_H

#include "base/alloc.h"

typedef struct mg_pool mg_pool;

/* Computes indices [begin, end). `worker` is 0 … mg_pool_threads - 1, unique among those running at
 * the same time. */
typedef void (*mg_range_function)(void *argument, size_t begin, size_t end, int worker);

/* `threads` counts the caller. Threads that the system refuses are left out, not an error. */
midge_status mg_pool_create(mg_heap *heap, int threads, mg_pool **pool, midge_error *error);
void mg_pool_destroy(mg_pool *pool);

/* 1 for NULL. */
int mg_pool_threads(const mg_pool *pool);

/* Before a run of jobs: asks the system whether this is still the process that has the threads,
 * which takes as long as a small job. NULL is one thread. */
void mg_pool_begin(mg_pool *pool);

/* Work is about to come: workers that sleep get up now, so that it need not wait for them. */
void mg_pool_wake(mg_pool *pool);

/*
 * Runs `function` over [0, count), split into runs of at least `grain` indices (0 counts as 1), and
 * returns when all are done. The caller works too. One thread, a NULL pool or count <= grain: one
 * plain call. Not re-entrant.
 */
void mg_parallel_for(mg_pool *pool, size_t count, size_t grain, mg_range_function function,
                     void *argument);

#endif
