/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers watch a job number. A job is open while indices are left; whoever sees it open joins,
 * takes chunks, and leaves. The caller closes the job and waits only for those who joined, so a
 * worker that wakes up late costs nothing. Idle workers spin briefly, because the next node of a
 * network follows within microseconds, then sleep.
 *
 * Each thread has a run of chunks of its own, the same part of each job, so that the rows that it
 * reads are mostly those that it wrote in the job before and lie in its cache. It takes them from
 * the front; who has none left takes the others' from the back.
 *
 * The child of a fork has a copy of the pool but none of its workers: what they left locked or
 * waiting is made anew by mg_pool_begin.
 */
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

enum {
    MAX_THREADS = 256,
    CHUNKS_PER_THREAD = 4,     /* enough to even out unequal chunks */
    SPINS_BEFORE_SLEEP = 4000, /* some 50 microseconds */
    SPINS_BEFORE_YIELD = 1000,
    STACK_BYTES = 512 * 1024
};

typedef struct worker {
    /* Its own chunks that are left: the next one in the lower half, the end in the upper. On a
     * cache line that other workers need only at the end of a job. */
    _Alignas(64) atomic_uint chunks;
    struct mg_pool *pool;
    pthread_t thread; /* but for the caller */
    int number;       /* 0: the caller */
} worker;

struct mg_pool {
    mg_heap *heap;
    pid_t process; /* that has the workers */
    int threads;   /* at most so many work at once, the caller included */
    int started;   /* are there, the caller included */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_uint job;   /* counts jobs, so that a worker knows a new one */
    atomic_uint alarm; /* counts calls of mg_pool_wake */
    atomic_bool open;
    atomic_bool stop;
    atomic_int joined;
    atomic_int sleeping;
    mg_range_function function;
    void *argument;
    size_t count;
    size_t chunk;
    worker workers[];
};

static inline void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__ARM_ARCH) && __ARM_ARCH >= 7)
    __asm__ volatile("yield");
#endif
}

enum { END_SHIFT = 16, NEXT_MASK = 0xFFFF };

/* False when none is left. */
static bool take_chunk(worker *from, bool from_back, size_t *chunk)
{
    unsigned left = atomic_load(&from->chunks), rest;
    do {
        const unsigned next = left & NEXT_MASK, end = left >> END_SHIFT;
        if (next == end) return false;
        *chunk = from_back ? end - 1 : next;
        rest = from_back ? left - (1u << END_SHIFT) : left + 1;
    } while (!atomic_compare_exchange_weak(&from->chunks, &left, rest));
    return true;
}

static void take_chunks(mg_pool *pool, int number)
{
    for (int i = 0; i < pool->threads; i++) {
        worker *from = &pool->workers[(number + i) % pool->threads];
        size_t chunk;
        while (take_chunk(from, i > 0, &chunk)) {
            const size_t begin = chunk * pool->chunk, left = pool->count - begin;
            const size_t end = left < pool->chunk ? pool->count : begin + pool->chunk;
            pool->function(pool->argument, begin, end, number);
        }
    }
}

/* Whole chunks to threads, as evenly as they come. */
static void share_out(mg_pool *pool)
{
    const size_t chunks = (pool->count + pool->chunk - 1) / pool->chunk;
    const size_t threads = (size_t)pool->threads;
    for (size_t i = 0; i < threads; i++) {
        const unsigned next = (unsigned)(chunks * i / threads);
        const unsigned end = (unsigned)(chunks * (i + 1) / threads);
        atomic_store(&pool->workers[i].chunks, end << END_SHIFT | next);
    }
}

/* The order matters: join, then look whether the job is open. The caller closes, then looks whether
 * anybody joined. One of the two sees the other. */
static void work_if_open(mg_pool *pool, int number)
{
    atomic_fetch_add(&pool->joined, 1);
    if (atomic_load(&pool->open)) take_chunks(pool, number);
    atomic_fetch_sub(&pool->joined, 1);
}

static void sleep_until_next(mg_pool *pool, unsigned seen)
{
    pthread_mutex_lock(&pool->mutex);
    const unsigned alarm = atomic_load(&pool->alarm);
    atomic_fetch_add(&pool->sleeping, 1);
    while (atomic_load(&pool->job) == seen && atomic_load(&pool->alarm) == alarm &&
           !atomic_load(&pool->stop))
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleeping, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument)
{
    worker *self = argument;
    mg_pool *pool = self->pool;
    unsigned seen = 0;
    while (!atomic_load(&pool->stop)) {
        int spins = 0;
        while (atomic_load_explicit(&pool->job, memory_order_relaxed) == seen &&
               ++spins < SPINS_BEFORE_SLEEP)
            pause_briefly();
        if (spins >= SPINS_BEFORE_SLEEP) sleep_until_next(pool, seen);
        seen = atomic_load(&pool->job);
        work_if_open(pool, self->number);
    }
    return NULL;
}

static void wake_all(mg_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

static void start_workers(mg_pool *pool, int threads)
{
    pthread_attr_t attributes;
    bool small_stack = pthread_attr_init(&attributes) == 0;
    if (small_stack) (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (pool->started = 1; pool->started < threads; ++pool->started) {
        worker *next = &pool->workers[pool->started];
        next->pool = pool;
        next->number = pool->started;
        if (pthread_create(&next->thread, small_stack ? &attributes : NULL, worker_main, next) != 0)
            break;
    }
    if (small_stack) pthread_attr_destroy(&attributes);
}

static midge_status begin(mg_pool *pool, int threads, midge_error *error)
{
    if (pthread_mutex_init(&pool->mutex, NULL) != 0)
        return mg_fail(error, MIDGE_NO_MEMORY, "the system refused a mutex");
    if (pthread_cond_init(&pool->wake, NULL) != 0) {
        pthread_mutex_destroy(&pool->mutex);
        return mg_fail(error, MIDGE_NO_MEMORY, "the system refused a condition variable");
    }
    pool->process = getpid();
    start_workers(pool, threads);
    return MIDGE_OK;
}

/* Without new workers the caller does all the work; scratch memory stays laid out for `threads`. */
static void begin_in_child(mg_pool *pool)
{
    mg_heap *heap = pool->heap;
    int threads = pool->threads;
    *pool = (mg_pool){.heap = heap, .process = getpid(), .threads = threads, .started = 1};
    (void)begin(pool, threads, NULL);
}

midge_status mg_pool_create(mg_heap *heap, int threads, mg_pool **pool, midge_error *error)
{
    if (threads < 1) threads = 1;
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    void *memory = NULL;
    TRY(mg_heap_get(heap, sizeof(mg_pool) + (size_t)threads * sizeof(worker), &memory, error));
    mg_pool *made = memory;
    *made = (mg_pool){.heap = heap};
    midge_status status = begin(made, threads, error);
    if (status != MIDGE_OK) {
        mg_heap_release(heap, made);
        return status;
    }
    made->threads = made->started;
    *pool = made;
    return MIDGE_OK;
}

/* In the child of a fork there is nobody to wait for, and destroying a condition variable would
 * wait for those who wait for it. */
static void stop_workers(mg_pool *pool)
{
    if (pool->process != getpid()) return;
    atomic_store(&pool->stop, true);
    atomic_fetch_add(&pool->job, 1);
    wake_all(pool);
    for (int i = 1; i < pool->started; ++i) pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
}

void mg_pool_destroy(mg_pool *pool)
{
    if (pool == NULL) return;
    stop_workers(pool);
    mg_heap_release(pool->heap, pool);
}

int mg_pool_threads(const mg_pool *pool)
{
    return pool == NULL ? 1 : pool->threads;
}

void mg_pool_begin(mg_pool *pool)
{
    if (pool != NULL && pool->process != getpid()) begin_in_child(pool);
}

void mg_pool_wake(mg_pool *pool)
{
    if (pool == NULL || atomic_load(&pool->sleeping) == 0) return;
    atomic_fetch_add(&pool->alarm, 1);
    wake_all(pool);
}

static size_t chunk_size(size_t count, size_t grain, int threads)
{
    size_t chunks = (size_t)threads * CHUNKS_PER_THREAD;
    size_t chunk = (count + chunks - 1) / chunks;
    return chunk < grain ? grain : chunk;
}

void mg_parallel_for(mg_pool *pool, size_t count, size_t grain, mg_range_function function,
                     void *argument)
{
    if (count == 0) return;
    if (grain == 0) grain = 1;
    if (mg_pool_threads(pool) == 1 || count <= grain) {
        function(argument, 0, count, 0);
        return;
    }
    pool->function = function;
    pool->argument = argument;
    pool->count = count;
    pool->chunk = chunk_size(count, grain, pool->threads);
    share_out(pool);
    atomic_store(&pool->open, true);
    atomic_fetch_add(&pool->job, 1);
    if (atomic_load(&pool->sleeping) > 0) wake_all(pool);
    take_chunks(pool, 0);
    atomic_store(&pool->open, false);
    for (int spins = 0; atomic_load(&pool->joined) > 0; ++spins) {
        if (spins < SPINS_BEFORE_YIELD)
            pause_briefly();
        else
            sched_yield();
    }
}
