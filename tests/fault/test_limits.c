/* SPDX-License-Identifier: Apache-2.0 */
/* Each member of midge_limits, cancellation, and files made to cost far more than their size:
 * refused, or stopped, before they do. */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "draft/draft.h"
#include "unit/counting_allocator.h"
#include "unit/expect.h"

/* What a refusal may take of processor time; sanitizers and emulators are slow. */
static const double REFUSAL_SECONDS = 10;

typedef struct attempt {
    midge_status load;
    midge_status create;
    midge_status invoke;
    midge_error error;
    double seconds;
    size_t memory; /* of the session */
} attempt;

static void run_attempt(midge_model *model, const midge_limits *limits, attempt *result)
{
    midge_session_options options = midge_session_options_default();
    options.limits = limits;
    midge_session *session = NULL;
    result->create = midge_session_create(model, &options, &session, &result->error);
    if (result->create != MIDGE_OK) return;
    result->invoke = midge_session_invoke(session);
    if (result->invoke != MIDGE_OK)
        (void)snprintf(result->error.message, sizeof result->error.message, "%s",
                       midge_session_message(session));
    result->memory = midge_session_memory(session, NULL);
    midge_session_free(session);
}

static attempt try_bytes(const void *bytes, size_t size, const midge_limits *limits)
{
    attempt result = {0};
    midge_model_options options = midge_model_options_default();
    options.limits = limits;
    midge_model *model = NULL;
    clock_t start = clock();
    result.load = midge_model_load_memory(bytes, size, &options, &model, &result.error);
    if (result.load == MIDGE_OK) run_attempt(model, limits, &result);
    midge_model_free(model);
    result.seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    return result;
}

static attempt try_text(const char *text, const midge_limits *limits)
{
    size_t size;
    unsigned char *bytes = draft_file(text, &size);
    attempt result = try_bytes(bytes, size, limits);
    free(bytes);
    return result;
}

static void expect_attempt(const char *name, attempt result, midge_status load, midge_status create,
                           midge_status invoke, const char *message)
{
    EXPECT(result.load == load && result.create == create && result.invoke == invoke,
           "%s: load %d, create %d, invoke %d (%s)", name, result.load, result.create,
           result.invoke, result.error.message);
    EXPECT(strstr(result.error.message, message) != NULL, "%s: message '%s', need '%s'", name,
           result.error.message, message);
    EXPECT(result.seconds < REFUSAL_SECONDS, "%s: %.1f s", name, result.seconds);
}

/* ---- The members of midge_limits */

static const char chain[] = "ABS x:f32[64] -> a:f32[64]; NEG a -> b:f32[64]; ABS b -> y:f32[64]";

static void test_counts(void)
{
    midge_limits limits = {.file_bytes = 100};
    expect_attempt("file", try_text(chain, &limits), MIDGE_LIMIT_EXCEEDED, 0, 0,
                   "bytes pass the limit of 100");
    limits = (midge_limits){.tensors = 3};
    expect_attempt("tensors", try_text(chain, &limits), MIDGE_LIMIT_EXCEEDED, 0, 0, "4 tensors");
    limits = (midge_limits){.nodes = 2};
    expect_attempt("nodes", try_text(chain, &limits), MIDGE_LIMIT_EXCEEDED, 0, 0, "3 nodes");
    limits = (midge_limits){.tensors = 4, .nodes = 3, .subgraphs = 1};
    expect_attempt("just enough", try_text(chain, &limits), 0, 0, 0, "");
    limits = (midge_limits){.subgraphs = 1};
    expect_attempt("subgraphs",
                   try_text("ABS x:f32[1] -> y:f32[1]; graph g; ABS x:f32[1] -> y:f32[1]", &limits),
                   MIDGE_LIMIT_EXCEEDED, 0, 0, "2 subgraphs pass the limit of 1");
    limits = (midge_limits){.memory_bytes = 2000};
    expect_attempt("memory of a session", try_text(chain, &limits), 0, MIDGE_LIMIT_EXCEEDED, 0,
                   "memory limit");
    limits = (midge_limits){.steps = 2};
    expect_attempt("steps", try_text(chain, &limits), 0, 0, MIDGE_LIMIT_EXCEEDED,
                   "the limit of 2 nodes is reached");
    limits = (midge_limits){.steps = 3};
    expect_attempt("steps enough", try_text(chain, &limits), 0, 0, 0, "");
}

/* Subgraph i calls i + 1; `links` calls in all. */
static attempt try_call_chain(int links, const midge_limits *limits)
{
    char text[8192] = "";
    size_t used = 0;
    for (int i = 0; i <= links; ++i) {
        used += (size_t)snprintf(text + used, sizeof text - used, i == 0 ? " " : "graph g%d;", i);
        if (i < links)
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     "STABLEHLO_COMPOSITE x:f32[2] -> y:f32[2] "
                                     "{decomposition_subgraph_index=%d};",
                                     i + 1);
        else
            used += (size_t)snprintf(text + used, sizeof text - used, "ABS x:f32[2] -> y:f32[2]");
    }
    return try_text(text, limits);
}

static void test_call_depth(void)
{
    expect_attempt("8 calls", try_call_chain(8, NULL), 0, 0, 0, "");
    expect_attempt("9 calls", try_call_chain(9, NULL), MIDGE_INVALID_MODEL, 0, 0,
                   "more than 8 calls deep");
    midge_limits limits = {.call_depth = 2};
    expect_attempt("3 of 2 calls", try_call_chain(3, &limits), MIDGE_INVALID_MODEL, 0, 0,
                   "more than 2 calls deep");
    limits.call_depth = 1000;
    expect_attempt("30 calls", try_call_chain(30, &limits), 0, 0, 0, "");
}

/* ---- Endless work */

static const char endless[] =
    "WHILE i:i32[1] -> j:i32[1] {cond_subgraph_index=1 body_subgraph_index=2};"
    "graph cond; EQUAL i:i32[1] i -> c:bool[1];"
    "graph body; ADD i:i32[1] one:i32[1]={1} -> j:i32[1]";

static void test_endless_loop(void)
{
    midge_limits limits = {.while_iterations = 1000};
    expect_attempt("iterations", try_text(endless, &limits), 0, 0, MIDGE_LIMIT_EXCEEDED,
                   "the limit of 1000 iterations is reached");
    limits = (midge_limits){.steps = 500};
    expect_attempt("steps", try_text(endless, &limits), 0, 0, MIDGE_LIMIT_EXCEEDED,
                   "the limit of 500 nodes is reached");
    limits = (midge_limits){.milliseconds = 30, .while_iterations = UINT64_MAX};
    expect_attempt("milliseconds", try_text(endless, &limits), 0, 0, MIDGE_LIMIT_EXCEEDED,
                   "the limit of 30 ms is reached");
}

/* Eight levels of subgraphs, each calling the next eight times: 8^8 nodes. */
static void test_call_bomb(void)
{
    char text[8192] = "";
    size_t used = 0;
    for (int level = 0; level < 8; ++level) {
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 level == 0 ? " " : "graph g%d; in x:f32[2];", level);
        for (int call = 0; call < 8; ++call)
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     "STABLEHLO_COMPOSITE x%s -> y%d:f32[2] "
                                     "{decomposition_subgraph_index=%d};",
                                     level == 0 && call == 0 ? ":f32[2]" : "", call, level + 1);
        used += (size_t)snprintf(text + used, sizeof text - used, "out y0;");
    }
    (void)snprintf(text + used, sizeof text - used, "graph last; ABS x:f32[2] -> y:f32[2]");
    midge_limits limits = {.milliseconds = 50};
    expect_attempt("call bomb, time", try_text(text, &limits), 0, 0, MIDGE_LIMIT_EXCEEDED,
                   "the limit of 50 ms is reached");
    limits = (midge_limits){.steps = 10000};
    expect_attempt("call bomb, steps", try_text(text, &limits), 0, 0, MIDGE_LIMIT_EXCEEDED,
                   "the limit of 10000 nodes is reached");
}

/* The same with shapes that alternate, so that each call prepares the next level anew. */
static void test_preparation_bomb(void)
{
    char text[16384] = "";
    size_t used = 0;
    for (int level = 0; level < 8; ++level) {
        used += (size_t)snprintf(text + used, sizeof text - used, level == 0 ? " " : "graph g%d;",
                                 level);
        used += (size_t)snprintf(text + used, sizeof text - used, "in p:f32[2] q:f32[3];");
        for (int call = 0; call < 10; ++call)
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     "STABLEHLO_COMPOSITE %s -> y%d:f32[2] "
                                     "{decomposition_subgraph_index=%d};",
                                     call % 2 == 0 ? "p q" : "q p", call, level + 1);
        used += (size_t)snprintf(text + used, sizeof text - used, "out y0;");
    }
    (void)snprintf(text + used, sizeof text - used,
                   "graph last; in p:f32[2] q:f32[3]; ABS p -> y:f32[2]");
    expect_attempt("preparation bomb", try_text(text, NULL), 0, MIDGE_LIMIT_EXCEEDED, 0,
                   "subgraphs call each other with changing shapes");
}

static void *cancel_later(void *session)
{
    struct timespec pause = {0, 20000000};
    for (int i = 0; i < 50; ++i) {
        (void)nanosleep(&pause, NULL);
        midge_session_cancel(session);
    }
    return NULL;
}

static void test_cancel(void)
{
    size_t size;
    unsigned char *bytes = draft_file(endless, &size);
    midge_limits limits = {.while_iterations = UINT64_MAX};
    midge_session_options options = midge_session_options_default();
    options.limits = &limits;
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_error error = {0};
    if (midge_model_load_memory(bytes, size, NULL, &model, &error) == MIDGE_OK &&
        midge_session_create(model, &options, &session, &error) == MIDGE_OK) {
        pthread_t thread;
        bool started = pthread_create(&thread, NULL, cancel_later, session) == 0;
        EXPECT(started, "no thread");
        for (int run = 0; run < 2 && started; ++run) {
            midge_status status = midge_session_invoke(session);
            EXPECT(status == MIDGE_CANCELLED, "run %d: status %d", run, status);
        }
        if (started) (void)pthread_join(thread, NULL);
        midge_session_cancel(session);
        EXPECT(midge_session_prepare(session) == MIDGE_OK, "a cancel of the past stops prepare");
    }
    EXPECT(session != NULL, "%s", error.message);
    midge_session_free(session);
    midge_model_free(model);
    free(bytes);
}

/* ---- Small files that ask for much memory */

static void test_memory_bombs(void)
{
    static const struct {
        const char *name, *text;
    } bombs[] = {
        {"FILL", "FILL d:i32[2]={30000,30000} v:f32[]={1} -> y:f32[30000,30000]"},
        {"FILL at run", "CAST x:f32[2] -> d:i32[2]; ADD d k:i32[2]={30000,30000} -> e:i32[2];"
                        "FILL e v:f32[]={1} -> y:f32[1,1]"},
        {"TILE", "TILE x:f32[1,4] m:i32[2]={20000,20000} -> y:f32[20000,80000]"},
        {"BROADCAST_TO",
         "BROADCAST_TO x:f32[1] s:i32[3]={1000,1000,1000} -> y:f32[1000,1000,1000]"},
        {"PAD", "PAD x:f32[1,1] p:i32[2,2]={0,20000,0,20000} -> y:f32[20001,20001]"},
        {"RANGE", "RANGE a:i32[]={0} b:i32[]={2000000000} c:i32[]={1} -> y:i32[1]"},
        {"RESIZE", "RESIZE_BILINEAR x:f32[1,1,1,1] s:i32[2]={30000,30000} -> "
                   "y:f32[1,30000,30000,1]"},
        {"ONE_HOT", "ONE_HOT x:i32[1000] d:i32[]={1000000} a:f32[]={1} b:f32[]={0} -> "
                    "y:f32[1000,1000000] {axis=-1}"},
        {"outer sum", "ADD x:f32[40000,1] y:f32[1,40000] -> z:f32[40000,40000]"},
        {"MATRIX_DIAG", "MATRIX_DIAG x:f32[40000] -> y:f32[40000,40000]"},
    };
    midge_limits limits = {.memory_bytes = 64u << 20};
    for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; ++i) {
        attempt result = try_text(bombs[i].text, &limits);
        midge_status last = result.create != MIDGE_OK ? result.create : result.invoke;
        EXPECT(result.load == MIDGE_OK && last == MIDGE_LIMIT_EXCEEDED,
               "%s: load %d, create %d, invoke %d (%s)", bombs[i].name, result.load, result.create,
               result.invoke, result.error.message);
        EXPECT(result.memory <= limits.memory_bytes, "%s: %zu bytes", bombs[i].name, result.memory);
        EXPECT(result.seconds < REFUSAL_SECONDS, "%s: %.1f s", bombs[i].name, result.seconds);
    }
}

int main(void)
{
    test_counts();
    test_call_depth();
    test_endless_loop();
    test_call_bomb();
    test_preparation_bomb();
    test_cancel();
    test_memory_bombs();
    return expect_finish();
}
