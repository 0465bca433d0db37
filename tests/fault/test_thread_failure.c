/* SPDX-License-Identifier: Apache-2.0 */
/* A system that refuses threads, mutexes and condition variables. The functions of the thread
 * library are replaced by ones that refuse on request. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "draft/draft.h"
#include "unit/counting_allocator.h"
#include "unit/expect.h"

static int threads_left = 1000, mutexes_left = 1000, conditions_left = 1000;

/* The next function of the name after ours. */
static void *original(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument)
{
    typedef int (*creator)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    union {
        void *object;
        creator function;
    } next = {original("pthread_create")};
    return threads_left-- > 0 ? next.function(thread, attributes, start, argument) : EAGAIN;
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    typedef int (*initialiser)(pthread_mutex_t *, const pthread_mutexattr_t *);
    union {
        void *object;
        initialiser function;
    } next = {original("pthread_mutex_init")};
    return mutexes_left-- > 0 ? next.function(mutex, attributes) : ENOMEM;
}

int pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    typedef int (*initialiser)(pthread_cond_t *, const pthread_condattr_t *);
    union {
        void *object;
        initialiser function;
    } next = {original("pthread_cond_init")};
    return conditions_left-- > 0 ? next.function(condition, attributes) : ENOMEM;
}

/* Opens a session with four threads, runs it and frees it; what counts is the status of opening. */
static midge_status open_and_run(const char *what)
{
    size_t size;
    unsigned char *bytes =
        draft_file("TANH x:f32[64,1024] -> y:f32[64,1024]; ABS y -> z:f32[64,1024]", &size);
    counting_allocator counter = {.refuse_from = SIZE_MAX};
    midge_allocator allocator = {&counter, counting_allocate, counting_release};
    midge_session_options options = midge_session_options_default();
    options.allocator = &allocator;
    options.threads = 4;
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_error error = {0};
    EXPECT(midge_model_load_memory(bytes, size, NULL, &model, &error) == MIDGE_OK, "%s: %s", what,
           error.message);
    midge_status status = midge_session_create(model, &options, &session, &error);
    if (status == MIDGE_OK)
        EXPECT(midge_session_invoke(session) == MIDGE_OK, "%s: %s", what,
               midge_session_message(session));
    else
        EXPECT(strstr(error.message, "refused") != NULL, "%s: %s", what, error.message);
    midge_session_free(session);
    midge_model_free(model);
    EXPECT(counter.live == 0, "%s: %zu allocations were kept", what, counter.live);
    free(bytes);
    return status;
}

int main(void)
{
    if (original("pthread_create") == NULL) {
        expect_skip("a static program has no other pthread_create to call");
        return expect_finish();
    }
#if defined(__SANITIZE_THREAD__)
    expect_skip("the thread sanitizer replaces the same functions");
    return expect_finish();
#endif
    for (int left = 0; left <= 3; ++left) {
        threads_left = left;
        midge_status status = open_and_run("threads");
        EXPECT(status == MIDGE_OK, "%d threads: status %d", left, status);
    }
    threads_left = 1000;
    mutexes_left = 0;
    EXPECT(open_and_run("mutex") == MIDGE_NO_MEMORY, "no mutex, but a session");
    mutexes_left = 1000;
    conditions_left = 0;
    EXPECT(open_and_run("condition") == MIDGE_NO_MEMORY, "no condition variable, but a session");
    conditions_left = 1000;
    EXPECT(open_and_run("all") == MIDGE_OK, "no session though nothing is refused");
    return expect_finish();
}
