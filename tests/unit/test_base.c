/* SPDX-License-Identifier: Apache-2.0 */
/* Errors, checked sizes, heap and region, threads, files. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/file.h"
#include "base/size.h"
#include "base/threads.h"

static void sizes_refuse_overflow(void **state)
{
    (void)state;
    size_t result = 7;
    assert_false(mg_size_add(SIZE_MAX, 1, &result));
    assert_false(mg_size_multiply(SIZE_MAX / 2, 3, &result));
    assert_false(mg_size_align(SIZE_MAX - 3, 64, &result));
    assert_int_equal(result, 7);
    assert_true(mg_size_add(SIZE_MAX - 1, 1, &result));
    assert_true(result == SIZE_MAX);
    assert_true(mg_size_multiply(0, SIZE_MAX, &result));
    assert_int_equal(result, 0);
    assert_true(mg_size_align(65, 64, &result));
    assert_int_equal(result, 128);
    int32_t narrow = 7;
    assert_false(mg_int32_add(INT32_MAX, 1, &narrow));
    assert_false(mg_int32_multiply(INT32_MIN, -1, &narrow));
    assert_int_equal(narrow, 7);
    assert_true(mg_int32_multiply(-65536, 32768, &narrow));
    assert_int_equal(narrow, INT32_MIN);
}

static void messages_escape_foreign_text(void **state)
{
    (void)state;
    char text[24];
    assert_string_equal(mg_printable("a\n\x1b[b", text, sizeof text), "a\\x0a\\x1b[b");
    assert_string_equal(mg_printable("gr\xc3\xb6\xc3\x9f"
                                     "e",
                                     text, sizeof text),
                        "gr\xc3\xb6\xc3\x9f"
                        "e");
    assert_string_equal(mg_printable("\xf0\x9f\x98\x80", text, sizeof text), "\xf0\x9f\x98\x80");
    /* A control character of Latin-1, an overlong zero, a surrogate, beyond Unicode, cut off. */
    assert_string_equal(mg_printable("\xc2\x9b", text, sizeof text), "\\xc2\\x9b");
    assert_string_equal(mg_printable("\xc0\x80", text, sizeof text), "\\xc0\\x80");
    assert_string_equal(mg_printable("\xed\xa0\x80", text, sizeof text), "\\xed\\xa0\\x80");
    assert_string_equal(mg_printable("\xf4\x90\x80\x80", text, sizeof text),
                        "\\xf4\\x90\\x80\\x80");
    assert_string_equal(mg_printable("\xe2\x82", text, sizeof text), "\\xe2\\x82");
    assert_true(strlen(mg_printable("\xff\xff\xff\xff\xff\xff\xff\xff", text, sizeof text)) < 24);
    midge_error error = {0};
    assert_int_equal(mg_fail(&error, MIDGE_IO_ERROR, "%d %s", 5, "x"), MIDGE_IO_ERROR);
    assert_string_equal(error.message, "5 x");
    assert_int_equal(mg_fail(NULL, MIDGE_IO_ERROR, "x"), MIDGE_IO_ERROR);
}

static void heap_counts_and_limits(void **state)
{
    (void)state;
    mg_heap heap;
    midge_error error = {0};
    mg_heap_init(&heap, NULL, 1000);
    void *first = mg_heap_allocate(&heap, 500);
    assert_non_null(first);
    assert_int_equal((uintptr_t)first % MG_ALIGNMENT, 0);
    assert_null(mg_heap_allocate(&heap, 500));
    void *second = NULL;
    assert_int_equal(mg_heap_get(&heap, 500, &second, &error), MIDGE_LIMIT_EXCEEDED);
    /* What the account adds to an allocation counts too. */
    assert_int_equal(mg_heap_get(&heap, 400, &second, &error), MIDGE_LIMIT_EXCEEDED);
    assert_int_equal(mg_heap_get_array(&heap, SIZE_MAX / 2, 4, &second, &error),
                     MIDGE_LIMIT_EXCEEDED);
    assert_null(second);
    mg_heap_release(&heap, first);
    assert_int_equal(heap.live, 0);
    assert_true(heap.peak >= 500);
    void *empty = mg_heap_allocate(&heap, 0);
    assert_non_null(empty);
    mg_heap_release(&heap, empty);
    mg_heap_release(&heap, NULL);
}

static void region_gives_zeroed_pieces(void **state)
{
    (void)state;
    mg_heap heap;
    mg_region region;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    mg_region_init(&region, &heap);
    for (size_t bytes = 1; bytes < 20000; bytes = bytes * 3 + 1) {
        void *piece = NULL;
        assert_int_equal(mg_region_get(&region, bytes, &piece, NULL), MIDGE_OK);
        assert_int_equal((uintptr_t)piece % 16, 0);
        for (size_t i = 0; i < bytes; ++i) assert_int_equal(((unsigned char *)piece)[i], 0);
        memset(piece, 0xa5, bytes);
    }
    void *piece = NULL;
    assert_int_equal(mg_region_get(&region, SIZE_MAX - 4, &piece, NULL), MIDGE_NO_MEMORY);
    mg_region_free(&region);
    assert_int_equal(heap.live, 0);
}

enum { CELLS = 10007 };

typedef struct counting {
    unsigned char touched[CELLS];
    int workers;
} counting;

static void touch(void *argument, size_t begin, size_t end, int worker)
{
    counting *cells = argument;
    if (worker < 0 || worker >= cells->workers || end > CELLS) return;
    for (size_t i = begin; i < end; ++i) ++cells->touched[i];
}

static void ranges_are_covered_once(void **state)
{
    (void)state;
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    for (int threads = 0; threads <= 5; ++threads) {
        mg_pool *pool = NULL;
        assert_int_equal(mg_pool_create(&heap, threads, &pool, NULL), MIDGE_OK);
        counting cells = {.workers = mg_pool_threads(pool)};
        for (unsigned round = 1; round <= 200; ++round) {
            size_t count = (round * 37) % CELLS;
            memset(cells.touched, 0, sizeof cells.touched);
            mg_parallel_for(pool, count, round % 7, touch, &cells);
            for (size_t i = 0; i < CELLS; ++i) assert_int_equal(cells.touched[i], i < count);
        }
        if (threads == 3) usleep(20000); /* workers fall asleep, and must wake up again */
        mg_pool_wake(pool);              /* of those that sleep and those that do not */
        memset(cells.touched, 0, sizeof cells.touched);
        mg_parallel_for(pool, CELLS, 1, touch, &cells);
        for (size_t i = 0; i < CELLS; ++i) assert_int_equal(cells.touched[i], 1);
        mg_pool_destroy(pool);
    }
    mg_pool_wake(NULL);
    mg_pool_destroy(NULL);
    assert_int_equal(heap.live, 0);
}

/* What a child of a fork is to do with the pool; 0 when all went well. Ends after 20 s at most. */
static int use_in_child(mg_pool *pool)
{
    alarm(20);
    counting cells = {.workers = mg_pool_threads(pool)};
    mg_pool_begin(pool);
    mg_pool_wake(pool);
    for (int round = 1; round <= 50; ++round) mg_parallel_for(pool, CELLS, 1, touch, &cells);
    for (size_t i = 0; i < CELLS; ++i)
        if (cells.touched[i] != 50) return 1;
    mg_pool_destroy(pool);
    return 0;
}

static void pools_work_in_children(void **state)
{
    (void)state;
#if defined(__SANITIZE_THREAD__)
    (void)printf("skip: ThreadSanitizer ends children that start threads\n");
    skip();
#endif
    if (getenv("MIDGE_EMULATOR") != NULL) {
        (void)printf("skip: emulators of processors lose the threads of a fork's child\n");
        skip();
    }
    mg_heap heap;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    mg_pool *pool = NULL, *idle = NULL;
    assert_int_equal(mg_pool_create(&heap, 4, &pool, NULL), MIDGE_OK);
    assert_int_equal(mg_pool_create(&heap, 2, &idle, NULL), MIDGE_OK);
    usleep(20000); /* threads that are just starting hold a lock of AddressSanitizer's memory */
    for (int asleep = 0; asleep < 2; ++asleep) {
        counting cells = {.workers = mg_pool_threads(pool)};
        mg_parallel_for(pool, CELLS, 1, touch, &cells);
        if (asleep) usleep(20000);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            int wrong = use_in_child(pool);
            mg_pool_destroy(idle); /* unused there */
            _exit(wrong);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        mg_parallel_for(pool, CELLS, 1, touch, &cells);
        for (size_t i = 0; i < CELLS; ++i) assert_int_equal(cells.touched[i], 2);
    }
    mg_pool_destroy(pool);
    mg_pool_destroy(idle);
}

static void files_are_read_and_mapped(void **state)
{
    (void)state;
    char path[] = "/tmp/midge-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    mg_heap heap;
    mg_file file;
    midge_error error = {0};
    mg_heap_init(&heap, NULL, SIZE_MAX);
    assert_int_equal(mg_file_open(&heap, path, false, 100, &file, &error), MIDGE_INVALID_MODEL);
    assert_non_null(strstr(error.message, "empty"));
    assert_int_equal(write(descriptor, "0123456789", 10), 10);
    for (int map = 0; map < 2; ++map) {
        assert_int_equal(mg_file_open(&heap, path, map != 0, 10, &file, &error), MIDGE_OK);
        assert_int_equal(file.size, 10);
        assert_memory_equal(file.bytes, "0123456789", 10);
        mg_file_close(&heap, &file);
        assert_int_equal(mg_file_open(&heap, path, map != 0, 9, &file, &error),
                         MIDGE_LIMIT_EXCEEDED);
    }
    (void)close(descriptor);
    (void)unlink(path);
    assert_int_equal(mg_file_open(&heap, path, false, 10, &file, &error), MIDGE_IO_ERROR);
    assert_non_null(strstr(error.message, path));
    assert_int_equal(mg_file_open(&heap, "/tmp", false, 10, &file, &error), MIDGE_IO_ERROR);
    assert_non_null(strstr(error.message, "directory"));
    assert_int_equal(heap.live, 0);
}

typedef struct stream {
    size_t left;
    size_t step;
} stream;

static ptrdiff_t read_stream(void *context, void *buffer, size_t capacity)
{
    stream *from = context;
    size_t bytes = from->left < from->step ? from->left : from->step;
    if (bytes > capacity) bytes = capacity;
    memset(buffer, 'x', bytes);
    from->left -= bytes;
    return (ptrdiff_t)bytes;
}

static ptrdiff_t read_failure(void *context, void *buffer, size_t capacity)
{
    (void)context, (void)buffer, (void)capacity;
    return -1;
}

static void streams_are_read_to_their_end(void **state)
{
    (void)state;
    mg_heap heap;
    mg_file file;
    midge_error error = {0};
    mg_heap_init(&heap, NULL, SIZE_MAX);
    stream from = {300000, 777};
    assert_int_equal(mg_file_stream(&heap, read_stream, &from, 1 << 20, &file, &error), MIDGE_OK);
    assert_int_equal(file.size, 300000);
    mg_file_close(&heap, &file);
    from = (stream){300000, 5000};
    assert_int_equal(mg_file_stream(&heap, read_stream, &from, 200000, &file, &error),
                     MIDGE_LIMIT_EXCEEDED);
    assert_int_equal(mg_file_stream(&heap, read_failure, NULL, 1, &file, &error), MIDGE_IO_ERROR);
    from = (stream){0, 1};
    assert_int_equal(mg_file_stream(&heap, read_stream, &from, 1, &file, &error),
                     MIDGE_INVALID_MODEL);
    assert_int_equal(heap.live, 0);
}

static void tiers_have_names(void **state)
{
    (void)state;
    uint32_t tiers = 0;
    assert_true((mg_cpu_tiers() & MG_TIER_ref) != 0);
    assert_true(mg_tiers_parse("ref", &tiers));
    assert_int_equal(tiers, MG_TIER_ref);
    assert_true(mg_tiers_parse("auto", &tiers));
    assert_true((tiers & mg_cpu_tiers()) == mg_cpu_tiers());
    assert_false(mg_tiers_parse("warp", &tiers));
    assert_true(mg_tiers_parse(mg_tier_name(mg_cpu_tiers()), &tiers));
    assert_true(mg_clock_nanoseconds() <= mg_clock_nanoseconds());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_refuse_overflow),
        cmocka_unit_test(messages_escape_foreign_text),
        cmocka_unit_test(heap_counts_and_limits),
        cmocka_unit_test(region_gives_zeroed_pieces),
        cmocka_unit_test(ranges_are_covered_once),
        cmocka_unit_test(pools_work_in_children),
        cmocka_unit_test(files_are_read_and_mapped),
        cmocka_unit_test(streams_are_read_to_their_end),
        cmocka_unit_test(tiers_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
