/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions that share a model, in threads of their own and with pools of their own: made, run,
 * cancelled and freed at the same time. Meant for a thread sanitizer; results count everywhere. */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "draft/draft.h"
#include "unit/expect.h"

enum { THREADS = 4, ROUNDS = 12 };

/* Wide enough that every node is split. */
static const char network[] =
    "CONV_2D x:f32[1,24,24,8] w:f32[16,3,3,8]= b:f32[16]= -> a:f32[1,24,24,16] {stride_w=1 "
    "stride_h=1 fused_activation_function=1}; DEPTHWISE_CONV_2D a v:f32[1,3,3,16]= c:f32[16]= -> "
    "d:f32[1,24,24,16] {stride_w=1 stride_h=1 depth_multiplier=1}; ADD a d -> e:f32[1,24,24,16]; "
    "TANH e -> f:f32[1,24,24,16]; AVERAGE_POOL_2D f -> g:f32[1,12,12,16] {padding=1 stride_w=2 "
    "stride_h=2 filter_width=2 filter_height=2}; MEAN g m:i32[2]={1,2} -> h:f32[1,16]; "
    "FULLY_CONNECTED h u:f32[10,16]= - -> i:f32[1,10]; SOFTMAX i -> y:f32[1,10] {beta=1}";

typedef struct worker {
    pthread_t thread;
    midge_model *model;
    int number;
    unsigned long long expected;
    size_t wrong;
    midge_status status;
} worker;

static midge_status run_once(midge_session *session, unsigned long long *hash)
{
    float *x = midge_tensor_data(midge_session_input(session, 0));
    for (size_t i = 0; i < midge_tensor_elements(midge_session_input(session, 0)); ++i)
        x[i] = (float)(i % 17) / 8 - 1;
    midge_status status = midge_session_invoke(session);
    const midge_tensor *output = midge_session_output(session, 0);
    *hash = expect_hash(midge_tensor_data(output), midge_tensor_bytes(output));
    return status;
}

static midge_status open_session(midge_model *model, int threads, midge_session **session)
{
    midge_session_options options = midge_session_options_default();
    options.threads = threads;
    return midge_session_create(model, &options, session, NULL);
}

/* Each round another number of threads, and every other a new session. */
static void *work(void *argument)
{
    worker *own = argument;
    for (int round = 0; round < ROUNDS && own->status == MIDGE_OK; ++round) {
        midge_session *session = NULL;
        unsigned long long hash = 0;
        own->status = open_session(own->model, 1 + (own->number + round) % 3, &session);
        for (int run = 0; run < 2 && own->status == MIDGE_OK; ++run) {
            own->status = run_once(session, &hash);
            own->wrong += hash != own->expected;
        }
        midge_session_free(session);
    }
    return NULL;
}

static void test_shared_model(void)
{
    size_t size;
    unsigned char *bytes = draft_file(network, &size);
    midge_model *model = NULL;
    midge_session *session = NULL;
    unsigned long long expected = 0;
    worker workers[THREADS];
    midge_status status = midge_model_load_memory(bytes, size, NULL, &model, NULL);
    if (status == MIDGE_OK) status = open_session(model, 1, &session);
    if (status == MIDGE_OK) status = run_once(session, &expected);
    EXPECT(status == MIDGE_OK, "status %d", status);
    int started = 0;
    for (; status == MIDGE_OK && started < THREADS; ++started) {
        worker *at = &workers[started];
        *at = (worker){.model = model, .number = started, .expected = expected};
        if (pthread_create(&at->thread, NULL, work, at) != 0) break;
    }
    EXPECT(started == THREADS, "%d of %d threads", started, THREADS);
    for (int i = 0; i < started; ++i) {
        (void)pthread_join(workers[i].thread, NULL);
        EXPECT(workers[i].status == MIDGE_OK && workers[i].wrong == 0,
               "thread %d: status %d, %zu wrong results", i, workers[i].status, workers[i].wrong);
    }
    midge_session_free(session);
    midge_model_free(model);
    free(bytes);
}

/* The model is dropped while sessions in other threads still run; the last one frees it. */
static void *outlive(void *argument)
{
    worker *own = argument;
    midge_session *session = NULL;
    unsigned long long hash = 0;
    own->status = open_session(own->model, 2, &session);
    midge_model_free(own->model);
    for (int run = 0; run < 5 && own->status == MIDGE_OK; ++run) {
        own->status = run_once(session, &hash);
        own->wrong += run > 0 && hash != own->expected;
        own->expected = hash;
    }
    midge_session_free(session);
    return NULL;
}

/* One hold of the model for each thread. */
static void test_last_session_frees(void)
{
    size_t size;
    unsigned char *bytes = draft_file(network, &size);
    worker workers[THREADS] = {0};
    int started = 0;
    for (; started < THREADS; ++started) {
        midge_status status =
            midge_model_load_memory(bytes, size, NULL, &workers[started].model, NULL);
        if (status != MIDGE_OK ||
            pthread_create(&workers[started].thread, NULL, outlive, &workers[started]) != 0)
            break;
    }
    EXPECT(started == THREADS, "%d of %d threads", started, THREADS);
    for (int i = 0; i < started; ++i) {
        (void)pthread_join(workers[i].thread, NULL);
        EXPECT(workers[i].status == MIDGE_OK && workers[i].wrong == 0, "thread %d: status %d", i,
               workers[i].status);
    }
    free(bytes);
}

typedef struct canceller {
    midge_session *session;
    atomic_bool stop;
} canceller;

static void *cancel_always(void *argument)
{
    canceller *own = argument;
    while (!atomic_load(&own->stop)) {
        midge_session_cancel(own->session);
        (void)sched_yield();
    }
    return NULL;
}

/* A run that is cancelled at any moment ends as cancelled or done; the next undisturbed one is
 * right. */
static void test_cancel_any_time(void)
{
    size_t size;
    unsigned char *bytes = draft_file(network, &size);
    midge_model *model = NULL;
    canceller own = {.session = NULL};
    unsigned long long expected = 0, hash = 0;
    atomic_init(&own.stop, false);
    bool opened = midge_model_load_memory(bytes, size, NULL, &model, NULL) == MIDGE_OK &&
                  open_session(model, 3, &own.session) == MIDGE_OK &&
                  run_once(own.session, &expected) == MIDGE_OK;
    EXPECT(opened, "no session");
    pthread_t thread;
    if (opened && pthread_create(&thread, NULL, cancel_always, &own) == 0) {
        size_t odd = 0;
        for (int run = 0; run < 40; ++run) {
            midge_status status = run_once(own.session, &hash);
            odd += status != MIDGE_OK && status != MIDGE_CANCELLED;
        }
        EXPECT(odd == 0, "%zu runs ended in an odd way", odd);
        atomic_store(&own.stop, true);
        (void)pthread_join(thread, NULL);
        EXPECT(run_once(own.session, &hash) == MIDGE_OK && hash == expected,
               "the run after the last cancel is wrong");
    }
    midge_session_free(own.session);
    midge_model_free(model);
    free(bytes);
}

int main(void)
{
    test_shared_model();
    test_last_session_frees();
    test_cancel_any_time();
    return expect_finish();
}
